"""The ledger against the log: every event that states postings has exactly that entry, and there are no others.

Pages through the leaves in the order of arrival; memory does not grow with the log. Leaves whose bytes cannot be read
are the log's own findings and are passed over here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from wastetrack.db.session import ReadSession
from wastetrack.ledger.model import EntryKind
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report
from wastetrack.transparency.errors import LeafRefused
from wastetrack.transparency.leaf import Leaf, Posting, read

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    Rows = list[asyncpg.Record]

_LEAVES = "select arrival, bytes from log_leaves where arrival > $1 order by arrival limit $2"
# From the postings outwards, so that a posting is seen even where its entry or its account was taken away.
_STORED = """
select wanted.id, entry.kind, entry.happened_at, entry.recorded_at, entry.reverses_id,
  posting.line, posting.account_id, posting.waste_code, posting.amount_g,
  posting.method, posting.scale_id, posting.uncertainty_g,
  account.kind as account_kind, account.holder_id, account.detail
from unnest($1::uuid[]) as wanted (id)
  left join entries entry on entry.id = wanted.id
  left join postings posting on posting.entry_id = wanted.id
  left join accounts account on account.id = posting.account_id
where entry.id is not null or posting.line is not null
order by wanted.id, posting.line
"""
_STRAY = """
select count(*) over () as faults, stray.id, stray.lines from (
  select coalesce(entry.id, posting.entry_id) as id, count(posting.line) as lines
  from entries entry full join postings posting on posting.entry_id = entry.id
  group by 1
) stray left join log_leaves leaf on leaf.id = stray.id
where leaf.id is null order by stray.id limit $1
"""
_UNBALANCED = """
select count(*) over () as faults, entry_id, waste_code, sum(amount_g) as grams
from postings group by entry_id, waste_code having sum(amount_g) <> 0 order by entry_id, waste_code limit $1
"""
_NO_MIRROR = """
select count(*) over () as faults, reversal.id, reversal.reverses_id, posting.account_id, sum(posting.amount_g) as grams
from entries reversal join postings posting on posting.entry_id in (reversal.id, reversal.reverses_id)
where reversal.reverses_id is not null
group by reversal.id, reversal.reverses_id, posting.account_id having sum(posting.amount_g) <> 0
order by reversal.id limit $1
"""
# Which entry an event of a kind states. Events that are not here may state any.
_ENTRY_OF: dict[str, frozenset[EntryKind]] = {
    "container_labelled": frozenset({EntryKind.GENERATED, EntryKind.RESIDUE, EntryKind.OPENED}),
    "container_weighed": frozenset({EntryKind.REWEIGHED}),
    "containers_repacked": frozenset({EntryKind.REPACKED}),
    "batch_treated": frozenset({EntryKind.TREATED}),
    "manifest_picked_up": frozenset({EntryKind.PICKED_UP}),
    "container_scanned": frozenset({EntryKind.RECEIVED}),
    "containers_missing": frozenset({EntryKind.MISSING}),
    "manifest_sent_back": frozenset({EntryKind.SENT_BACK}),
    "entry_reversed": frozenset({EntryKind.REVERSED}),
    "correction_consented": frozenset({EntryKind.RECEIVED}),
    "container_recoded": frozenset({EntryKind.RECLASSIFIED}),
    "container_counted": frozenset({EntryKind.STOCK_TAKEN}),
    "ward_round_ended": frozenset({EntryKind.STOCK_TAKEN}),
    "institution_visited": frozenset({EntryKind.GATHERED}),
    "trip_card_picked_up": frozenset({EntryKind.PICKED_UP}),
    "trip_card_received": frozenset({EntryKind.RECEIVED}),
    "pipe_day_moved": frozenset({EntryKind.MOVED}),
    "manifest_back_entered": frozenset({EntryKind.PICKED_UP}),
    "container_found": frozenset({EntryKind.FOUND}),
    "general_waste_sent_out": frozenset({EntryKind.SENT_OUT}),
}
_STATES_MEASUREMENT = frozenset({"container_labelled", "container_weighed", "container_scanned"})


async def check_entries(session: ReadSession, report: Report, *, page: int, progress: Callable[[int], None]) -> None:
    """Compare every leaf's postings with the stored ones, and look for entries that no leaf states."""
    driver = await session.driver()
    after = 0
    while rows := await driver.fetch(_LEAVES, after, page):
        after = rows[-1]["arrival"]
        leaves = [leaf for row in rows if (leaf := leaf_in(row["bytes"])) is not None]
        stored: dict[UUID, Rows] = defaultdict(list)
        for row in await driver.fetch(_STORED, [leaf.id for leaf in leaves]):
            stored[row["id"]].append(row)
        for leaf in leaves:
            lines = stored.get(leaf.id, [])
            report.entries += bool(lines) and lines[0]["kind"] is not None
            report.postings += sum(line["line"] is not None for line in lines)
            for finding in compare(leaf, lines):
                report.add(finding)
        progress(len(rows))
    await _check_strays(driver, report)
    await _check_sums(driver, report)


def leaf_in(content: bytes) -> Leaf | None:
    """The leaf that these bytes are, or None where the log's own audit has to tell why they are none."""
    try:
        return read(content)
    except LeafRefused:
        return None


def compare(leaf: Leaf, stored: "Rows") -> Iterator[Finding]:
    """What the stored entry of an event says otherwise than the event."""
    if not leaf.postings and not stored:
        return
    row = f"entry {leaf.id}"
    facts: dict[str, object] = {"kind": leaf.kind}
    if not stored or stored[0]["kind"] is None:
        message = "Event {row} ({kind}) states {expected} postings; the ledger has no such entry."
        yield Finding(Fault.LEAF_WITHOUT_ENTRY, row, message, len(leaf.postings), 0, facts)
    else:
        yield from _compare_heads(leaf, stored[0])
    lines = {line["line"]: line for line in stored if line["line"] is not None}
    for number, told in enumerate(leaf.postings, 1):
        yield from _compare_line(leaf, number, told, lines.pop(number, None))
    for number, line in lines.items():
        message = "The ledger has {row}: {found}; its event does not state it."
        yield Finding(Fault.POSTING_ADDED, f"{row}, line {number}", message, None, _text(line), facts)


def _compare_heads(leaf: Leaf, entry: "asyncpg.Record") -> Iterator[Finding]:
    allowed = _ENTRY_OF.get(leaf.kind)
    reverses = leaf.facts.get("reverses") if leaf.kind == "entry_reversed" else None
    stored_reverses = None if entry["reverses_id"] is None else str(entry["reverses_id"])
    message = "{row}: {column} is {found}; its event ({kind}) says {expected}."
    for column, expected, found in (
        ("happened_at", leaf.happened_at, entry["happened_at"]),
        ("recorded_at", leaf.recorded_at, entry["recorded_at"]),
        ("reverses_id", reverses, stored_reverses),
    ):
        if expected != found:
            facts: dict[str, object] = {"column": column, "kind": leaf.kind}
            yield Finding(Fault.ENTRY_DIFFERS, f"entry {leaf.id}", message, expected, found, facts)
    if allowed is not None and entry["kind"] not in allowed:
        facts = {"column": "kind", "kind": leaf.kind}
        yield Finding(
            Fault.ENTRY_DIFFERS, f"entry {leaf.id}", message, " or ".join(sorted(allowed)), entry["kind"], facts
        )


def _compare_line(leaf: Leaf, number: int, told: Posting, line: "asyncpg.Record | None") -> Iterator[Finding]:
    row = f"entry {leaf.id}, line {number}"
    facts: dict[str, object] = {"kind": leaf.kind, "account": told.account}
    expected = f"{told.amount_g} g of {told.waste_code} on {told.account}"
    if line is None:
        message = "{row} is gone; its event ({kind}) states {expected}."
        yield Finding(Fault.POSTING_MISSING, row, message, expected, None, facts)
        return
    found = _text(line)
    if found != expected:
        message = "{row} says {found}; its event ({kind}) states {expected}."
        yield Finding(Fault.POSTING_DIFFERS, row, message, expected, found, facts)
    if leaf.kind in _STATES_MEASUREMENT:
        facts_told = (leaf.facts.get("method"), leaf.facts.get("scale"), leaf.facts.get("uncertainty_g"))
        stored = (line["method"], line["scale_id"], line["uncertainty_g"])
        if facts_told != stored:
            message = "{row} was weighed by {found}; its event ({kind}) says {expected}."
            yield Finding(Fault.MEASUREMENT_DIFFERS, row, message, _words(facts_told), _words(stored), facts)


def _text(line: "asyncpg.Record") -> str:
    if line["account_kind"] is None:
        return f"{line['amount_g']} g of {line['waste_code']} on no account ({line['account_id']})"
    return f"{line['amount_g']} g of {line['waste_code']} on {key_of(line, line['account_kind'])}"


def key_of(row: "asyncpg.Record", kind: str) -> str:
    """The account's name as leaves write it, also of a kind that does not exist."""
    name = f"{kind}@{row['holder_id']}"
    return f"{name}:{row['detail']}" if row["detail"] else name


def _words(values: tuple[Any, ...]) -> str:
    return ", ".join("—" if value is None else str(value) for value in values)


async def _check_strays(driver: "asyncpg.Connection[asyncpg.Record]", report: Report) -> None:
    rows = await driver.fetch(_STRAY, MOST_KEPT)
    for row in rows:
        message = "{row} with {found} postings stands in the ledger, but no event of the log states it."
        report.add(Finding(Fault.ENTRY_WITHOUT_LEAF, f"entry {row['id']}", message, None, row["lines"]))
    count_rest(report, Fault.ENTRY_WITHOUT_LEAF, rows)


async def _check_sums(driver: "asyncpg.Connection[asyncpg.Record]", report: Report) -> None:
    rows = await driver.fetch(_UNBALANCED, MOST_KEPT)
    for row in rows:
        facts = {"waste_code": row["waste_code"]}
        message = "The postings of {row} for {waste_code} add to {found} g."
        report.add(
            Finding(Fault.ENTRY_UNBALANCED, f"entry {row['entry_id']}", message, 0, int(row["grams"]), dict(facts))
        )
    count_rest(report, Fault.ENTRY_UNBALANCED, rows)
    rows = await driver.fetch(_NO_MIRROR, MOST_KEPT)
    for row in rows:
        reversal: dict[str, object] = {"reverses": row["reverses_id"], "account": row["account_id"]}
        message = "{row} reverses {reverses}, but together they leave {found} g on account {account}."
        report.add(Finding(Fault.REVERSAL_NO_MIRROR, f"entry {row['id']}", message, 0, int(row["grams"]), reversal))
    count_rest(report, Fault.REVERSAL_NO_MIRROR, rows)


def count_rest(report: Report, fault: Fault, rows: "Rows") -> None:
    """Count what a bounded query (column `faults`: how many there are) did not give."""
    if rows:
        report.count_unkept(fault, rows[0]["faults"] - len(rows))
