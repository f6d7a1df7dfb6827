"""The five ledgers and the reports computed a second time, from nothing but the leaves of the log, one event after the
other: what the statements of the product must come to as well.

It shares no code with them. Places are told by the account names in the leaves' postings (`stored@<site>`), masses by
the postings and by the weighings in the facts.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from wastetrack.db.session import ReadSession

Leaf = Mapping[str, Any]
Row = dict[str, Any]


@dataclass
class _Drum:
    """What the log has said of a container so far."""

    code: str
    grams: int
    mine: bool
    store: str | None = None
    parents: list[str] = field(default_factory=list)
    born: str | None = None
    entered: str | None = None
    left: list[str] = field(default_factory=list)
    sent_as: str | None = None
    sent_to: str = ""
    method: str = ""


def _day(leaf: Leaf) -> date:
    facts = leaf["facts"]
    flowed = ("day",) if leaf["kind"] in {"container_weighed", "pipe_day_moved", "entry_reversed"} else ()
    for name in ("generated_on", "treated_on", *flowed):
        if name in facts:
            return date.fromisoformat(facts[name])
    happened = datetime.strptime(leaf["happened_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return (happened + timedelta(hours=8)).date()


@dataclass
class Oracle:
    """One site's ledgers, grown leaf by leaf in the order of the log."""

    site: str
    papers: Mapping[str, Mapping[str, str]]
    """Manifests by id: kind, method, shipper's and receiver's site. The leaves name them by id alone."""
    digital_of: Mapping[str, str]
    """Containers by id: the code on the label."""
    drums: dict[str, _Drum] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    account: dict[tuple[str, str, date], int] = field(default_factory=lambda: defaultdict(int))
    _parents: dict[str, list[str]] = field(default_factory=dict)
    _batches: dict[tuple[str, date, str], str] = field(default_factory=dict)
    _serials: dict[tuple[str, date], int] = field(default_factory=lambda: defaultdict(int))

    def read(self, leaves: Iterable[bytes]) -> "Oracle":
        """All the leaves."""
        told = [json.loads(content) for content in leaves]
        for leaf in told:  # a label of what is filled from others comes before the event that says from which
            if leaf["kind"] in {"containers_repacked", "container_recoded"}:
                parents = [one["digital_code"] for one in leaf["facts"]["from"]]
                self._parents |= {one["digital_code"]: parents for one in leaf["facts"]["into"]}
        for leaf in told:
            self._book(leaf)
            act = getattr(self, f"_{leaf['kind']}", None)
            if act is not None:
                act(leaf)
        return self

    def _book(self, leaf: Leaf) -> None:
        for posting in leaf["postings"]:
            account, _, holder = posting["account"].partition("@")
            if holder.partition(":")[0] == self.site:
                self.account[account, posting["code"], _day(leaf)] += posting["g"]

    def _batch(self, prefix: str, leaf: Leaf) -> str:
        key = (prefix, _day(leaf), leaf["id"])
        if key not in self._batches:
            self._serials[prefix, _day(leaf)] += 1
            self._batches[key] = f"{prefix}{_day(leaf):%Y%m%d}{self._serials[prefix, _day(leaf)]:03}"
        return self._batches[key]

    def _row(self, ledger: str, batch: str, leaf: Leaf, digital: str, *, grams: int, links: Iterable[str] = ()) -> Row:
        drum = self.drums[digital]
        row: Row = {
            "batch": batch,
            "day": _day(leaf).isoformat(),
            "container": digital,
            "waste_code": drum.code,
            "grams": grams,
            "links": sorted(set(links)),
        }
        if drum.mine:
            self.rows[ledger].append(row)
        return row

    def _births(self, digital: str) -> list[str]:
        drum = self.drums[digital]
        if not drum.parents:
            return [drum.born] if drum.born else []
        return [batch for parent in drum.parents for batch in self._births(parent)]

    def _before(self, digital: str) -> list[str]:
        """The batches of taking out that lead to a drum; of generation, for what was never in store."""
        drum = self.drums[digital]
        if drum.left:
            return drum.left
        outs = [batch for parent in drum.parents for batch in self.drums[parent].left]
        if outs:
            return outs
        further = [batch for parent in drum.parents for batch in self._before(parent)]
        return further or self._births(digital)

    def _enter(self, leaf: Leaf, digital: str, store: str | None) -> None:
        drum = self.drums[digital]
        if store == drum.store:
            return
        if drum.store is not None:
            batch = self._batch("HWCK", leaf)
            self._row("taken_out", batch, leaf, digital, grams=drum.grams, links=[drum.entered or ""])
            drum.left = [batch]
        if store is not None:
            batch = self._batch("HWRK", leaf)
            self._row("stored", batch, leaf, digital, grams=drum.grams, links=self._births(digital))
            drum.entered, drum.left = batch, []
        drum.store = store

    def _container_labelled(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if facts["site"] != self.site:
            return
        digital = facts["digital_code"]
        parents = self._parents.get(digital, [])
        mine = all(self.drums[parent].mine for parent in parents)
        drum = self.drums[digital] = _Drum(facts["waste_code"], facts["net_g"], mine=mine, parents=parents)
        accounts = {posting["account"].partition("@")[0] for posting in leaf["postings"]}
        if accounts and "opening" not in accounts:  # what repacking fills is no new waste and moves no mass
            drum.born = self._batch("HWCS", leaf)
            self._row("generated", drum.born, leaf, digital, grams=drum.grams)
        if facts["store"]:
            self._enter(leaf, digital, facts["store"])

    def _container_weighed(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        drum = self.drums.get(facts["digital_code"])
        if drum is None:
            return
        found = facts["net_g"] - drum.grams
        drum.grams = facts["net_g"]
        if found:
            born = self._births(facts["digital_code"]) or [self._batch("HWCS", leaf)]  # none: it was there before
            self._row("generated", born[0], leaf, facts["digital_code"], grams=found)

    def _containers_stored(self, leaf: Leaf) -> None:
        if leaf["facts"]["site"] == self.site:
            for digital in leaf["facts"]["digital_codes"]:
                self._enter(leaf, digital, leaf["facts"]["store"])

    _containers_picked = _containers_stored

    def _containers_repacked(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if facts["site"] != self.site:
            return
        for one in facts["from"]:
            self._enter(leaf, one["digital_code"], None)

    _container_recoded = _containers_repacked

    def _container_counted(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if facts["site"] == self.site:
            self._found(leaf, facts["digital_code"], facts["outcome"], facts["net_g"])

    def _ward_round_ended(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        for one in facts["differing"] if facts["site"] == self.site else ():
            self._found(leaf, self.digital_of[one["container"]], one["found"], one["net_g"])

    def _found(self, leaf: Leaf, digital: str, outcome: str, grams: int) -> None:
        if outcome == "missing":
            self._enter(leaf, digital, None)
        else:
            self.drums[digital].grams = grams

    def _batch_treated(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if facts["site"] != self.site:
            return
        use = facts["method"][0] == "R" or facts["method"] in {"C2", "C3", "G23", "G24"}
        batch = None
        for one in facts["containers"]:
            if "heel_g" in one:
                self._part_taken_out(leaf, one["digital_code"], one["net_g"], one["heel_g"])
            else:
                self._enter(leaf, one["digital_code"], None)
            if self.drums[one["digital_code"]].mine:
                batch = self._batch("HWZXLY" if use else "HWZXCZ", leaf)
            before = self._before(one["digital_code"])
            row = self._row("treated", batch or "", leaf, one["digital_code"], grams=one["net_g"], links=before)
            row["method"] = facts["method"]

    def _part_taken_out(self, leaf: Leaf, digital: str, grams: int, heel: int) -> None:
        drum = self.drums[digital]
        drum.grams = heel
        if drum.store is not None:
            drum.left = [self._batch("HWCK", leaf)]
            self._row("taken_out", drum.left[0], leaf, digital, grams=grams, links=[drum.entered or ""])

    def _manifest_picked_up(self, leaf: Leaf) -> None:
        paper = self.papers[leaf["facts"]["manifest"]]
        if paper["shipper_site"] == self.site:
            self._send(leaf, paper)

    _manifest_back_entered = _trip_card_picked_up = _manifest_picked_up

    def _send(self, leaf: Leaf, paper: Mapping[str, str]) -> None:
        prefix = "HWWWLY" if paper["method"].startswith("R") else "HWWWCZ"
        for digital in self._named(leaf):
            self._enter(leaf, digital, None)
            drum = self.drums[digital]
            drum.sent_as = self._batch(prefix, leaf) if drum.mine else None
            drum.sent_to, drum.method = paper["receiver_site"], paper["method"]
            self._sent(leaf, digital, drum.grams)

    def _sent(self, leaf: Leaf, digital: str, grams: int) -> None:
        drum = self.drums[digital]
        row = self._row("contracted_out", drum.sent_as or "", leaf, digital, grams=grams, links=self._before(digital))
        row["method"], row["receiver"] = drum.method, drum.sent_to

    def _named(self, leaf: Leaf) -> list[str]:
        """The containers among an event's subjects."""
        return [self.digital_of[subject] for subject in leaf["subjects"] if subject in self.digital_of]

    def _pipe_day_moved(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        paper = self.papers[facts["manifest"]]
        if paper["shipper_site"] == self.site:
            self._send(leaf, paper)
        elif paper["receiver_site"] == self.site:
            self._take(leaf, facts["digital_code"], facts["waste_code"], facts["measured_g"], None)

    def _entry_reversed(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if "day" not in facts:  # a correction, which states its difference itself
            return
        paper, digital = self.papers[facts["manifest"]], self.digital_of[facts["container"]]
        if paper["shipper_site"] == self.site:
            self._sent(leaf, digital, -self.drums[digital].grams)
        elif paper["receiver_site"] == self.site:
            grams = -self.drums[digital].grams
            self.rows["received"].append(self._row("received", "", leaf, digital, grams=grams))

    def _trip_card_received(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        for one in facts["found"] if facts["site"] == self.site else ():
            if one["found"] != "missing":
                self._take(leaf, one["digital_code"], one["waste_code"], one["net_g"], None)

    def _institution_visited(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if facts["from_site"] == self.site and facts["containers"]:
            self._send(leaf, {"method": "", "receiver_site": facts["site"]})
        elif facts["site"] == self.site:
            for one in facts["containers"]:
                self._take(leaf, one["digital_code"], one["waste_code"], one["net_g"], facts["store"])

    def _take(self, leaf: Leaf, digital: str, code: str, grams: int, store: str | None) -> None:
        """What others made comes here."""
        self.drums[digital] = _Drum(code, grams, mine=False)
        self.rows["received"].append(self._row("received", "", leaf, digital, grams=grams))
        self._enter(leaf, digital, store)

    def _container_scanned(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if facts["site"] != self.site or not facts["outcome"].startswith("accepted"):
            return
        digital, measured = facts["digital_code"], facts["measured_g"]
        if self.papers[facts["manifest"]]["kind"] == "return":
            self._sent(leaf, digital, -measured)
            self.drums[digital].grams, self.drums[digital].left = measured, []
        else:
            self.drums[digital] = _Drum(facts["waste_code"], measured, mine=False)
            self.rows["received"].append(self._row("received", "", leaf, digital, grams=measured))
        self._enter(leaf, digital, facts["store"])

    def _correction_consented(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        paper = self.papers[facts["manifest"]]
        if paper["receiver_site"] != self.site or paper["kind"] == "return" or facts.get("measured_g") is None:
            return
        digital = self._named(leaf)[0]
        found = facts["measured_g"] - facts["old_measured_g"]
        self.drums[digital].grams = facts["measured_g"]
        self.rows["received"].append(self._row("received", "", leaf, digital, grams=found))

    def booked(self, account: str, code: str, since: date, until: date) -> int:
        """What the leaves post to an account of the site in these days."""
        posted = self.account.items()
        return sum(g for (of, what, day), g in posted if (of, what) == (account, code) and since <= day <= until)


async def oracle_of(session: ReadSession, site_id: object) -> Oracle:
    """The second computation, from the leaves in the order of the log."""
    leaves = await session.execute(
        text("select bytes from log_leaves join log_sequence using (arrival) order by log_index")
    )
    papers = await session.execute(text("select id, kind, method, shipper_site_id, receiver_site_id from manifests"))
    drums = await session.execute(text("select id, digital_code from containers"))
    return Oracle(
        site=str(site_id),
        papers={
            str(row.id): {
                "kind": row.kind,
                "method": row.method,
                "shipper_site": str(row.shipper_site_id),
                "receiver_site": str(row.receiver_site_id),
            }
            for row in papers
        },
        digital_of={str(row.id): row.digital_code for row in drums},
    ).read(row[0] for row in leaves)
