"""The mass balance computed a second time, from the facts of the log's events alone: no posting and no account is read.

It shares no code with the product. What a column gets is told by what an event says of containers: labelled, weighed
again, poured over, fetched, scanned at a gate, corrected, burnt.
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
Key = tuple[str, str]
"""A site and a waste code."""

STOCK = ("generated", "received", "residue", "shipped", "treated", "discrepancy")


@dataclass
class BalanceOracle:
    """What moved, where and on which day."""

    ends: Mapping[str, tuple[str, str]]
    """Manifests: the sites from which and to which they go. The leaves name them by id alone."""
    digital_of: Mapping[str, str]
    code: dict[str, str] = field(default_factory=dict)
    grams: dict[str, int] = field(default_factory=dict)
    moved: list[tuple[date, Key, str, int]] = field(default_factory=list)
    _poured: set[str] = field(default_factory=set)
    _left_over: set[str] = field(default_factory=set)
    _day: date = date.min

    def read(self, leaves: Iterable[bytes]) -> "BalanceOracle":
        """All of them, in the order of the log."""
        told = [json.loads(content) for content in leaves]
        for leaf in told:  # the label of what is filled from others, or left over, comes before the event that says so
            if leaf["kind"] == "containers_repacked":
                self._poured |= {one["digital_code"] for one in leaf["facts"]["into"]}
            if leaf["kind"] == "batch_treated":
                self._left_over |= set(leaf["facts"].get("residues", ()))
        for leaf in told:
            happened = datetime.fromisoformat(leaf["happened_at"]).astimezone(UTC)
            self._day = (happened + timedelta(hours=8)).date()
            act = getattr(self, f"_{leaf['kind']}", None)
            if act is not None:
                act(leaf)
        return self

    def _move(self, site: str, digital: str, column: str, grams: int) -> None:
        self.moved.append((self._day, (site, self.code[digital]), column, grams))

    def _container_labelled(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        digital = facts["digital_code"]
        self.code[digital], self.grams[digital] = facts["waste_code"], facts["net_g"]
        if digital not in self._poured:
            self._move(facts["site"], digital, "residue" if digital in self._left_over else "generated", facts["net_g"])

    def _container_weighed(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        digital = facts["digital_code"]
        self._move(leaf["subjects"][-1], digital, "generated", facts["net_g"] - self.grams[digital])
        self.grams[digital] = facts["net_g"]

    def _containers_repacked(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        whole, parts = (sum(one["net_g"] for one in facts[side]) for side in ("from", "into"))
        self._move(facts["site"], facts["from"][0]["digital_code"], "discrepancy", parts - whole)

    def _manifest_picked_up(self, leaf: Leaf) -> None:
        sender, _ = self.ends[leaf["facts"]["manifest"]]
        for digital in self._named(leaf):
            self._move(sender, digital, "shipped", -self.grams[digital])

    def _container_scanned(self, leaf: Leaf) -> None:
        facts = leaf["facts"]
        if not facts["outcome"].startswith("accepted"):
            return
        digital, measured = facts["digital_code"], facts["measured_g"]
        self._move(facts["site"], digital, "received", measured)
        self._move(facts["site"], digital, "less_on_arrival", self.grams[digital] - measured)
        self.grams[digital] = measured

    def _containers_missing(self, leaf: Leaf) -> None:
        _, expected_at = self.ends[leaf["facts"]["manifest"]]
        for digital in self._named(leaf):
            self._move(expected_at, digital, "less_on_arrival", self.grams[digital])

    def _correction_consented(self, leaf: Leaf) -> None:
        facts, (digital,) = leaf["facts"], self._named(leaf)
        _, site = self.ends[facts["manifest"]]
        found = facts["measured_g"] - facts["old_measured_g"]
        self._move(site, digital, "received", found)
        self._move(site, digital, "less_on_arrival", -found)
        self.grams[digital] = facts["measured_g"]

    def _batch_treated(self, leaf: Leaf) -> None:
        for one in leaf["facts"]["containers"]:
            self._move(leaf["facts"]["site"], one["digital_code"], "treated", -one["net_g"])
            self.grams[one["digital_code"]] = one.get("heel_g", 0)

    def _named(self, leaf: Leaf) -> list[str]:
        return [self.digital_of[subject] for subject in leaf["subjects"] if subject in self.digital_of]

    @property
    def days(self) -> list[date]:
        """On which something moved."""
        return sorted({day for day, *_ in self.moved})

    def balance(self, since: date, until: date) -> dict[Key, dict[str, int]]:
        """Every column of a period, by site and code; lines in which nothing stands are left out."""
        found: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for day, key, column, grams in self.moved:
            if day < since:
                found[key]["opening"] += grams * (column in STOCK)
            elif day <= until:
                found[key][column] += grams
        for line in found.values():
            line["closing"] = line["opening"] + sum(line[column] for column in STOCK)
        return {key: dict(line) for key, line in found.items() if any(line.values())}


async def balance_oracle_of(session: ReadSession) -> BalanceOracle:
    """The second computation."""
    leaves = await session.execute(text("select bytes from log_leaves order by arrival"))
    papers = await session.execute(text("select id, shipper_site_id, receiver_site_id from manifests"))
    drums = await session.execute(text("select id, digital_code from containers"))
    return BalanceOracle(
        ends={str(row.id): (str(row.shipper_site_id), str(row.receiver_site_id)) for row in papers},
        digital_of={str(row.id): row.digital_code for row in drums},
    ).read(row[0] for row in leaves)
