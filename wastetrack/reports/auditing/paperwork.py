"""Manifests against the log: state, number, signatures and lines are those of their events."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.manifests import states
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import Act, ManifestKind, ManifestState
from wastetrack.manifests.signing import EVENT
from wastetrack.reports.auditing.entries import count_rest, leaf_in
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report
from wastetrack.transparency.errors import EvidenceRefused
from wastetrack.transparency.evidence import examine
from wastetrack.transparency.leaf import SIGNED, Leaf, statement_of

if TYPE_CHECKING:
    import asyncpg

    Rows = list[asyncpg.Record]

_ACT = {event: act for act, event in EVENT.items()}
_MANIFESTS = """
select id, number, kind, state, origin_region, purged_at
from manifests where $1::uuid is null or id > $1 order by id limit $2
"""
_EVENTS = """
select subject.subject_id, leaf.bytes
from log_subjects subject join log_leaves leaf on leaf.arrival = subject.arrival
where subject.subject_id = any($1::uuid[]) and leaf.kind = any($2::text[])
order by subject.subject_id, leaf.arrival
"""
_SIGNATURES = """
select signature.*, personal.body ->> 'person' as person
from manifest_signatures signature left join log_personal personal on personal.leaf_id = signature.event_id
where signature.manifest_id = any($1::uuid[]) order by signature.manifest_id, signature.position
"""
_LINES = """
select line.manifest_id, line.position, line.waste_code, line.declared_g, line.outcome, line.measured_g,
  container.digital_code, leaf.bytes
from manifest_containers line
  left join containers container on container.id = line.container_id
  left join log_leaves leaf on leaf.id = line.entry_id
where line.manifest_id = any($1::uuid[]) order by line.manifest_id, line.position
"""
_STRAY_SIGNATURES = """
select count(*) over () as faults, signature.manifest_id, signature.position, signature.event_id
from manifest_signatures signature
  left join log_leaves leaf on leaf.id = signature.event_id
  left join manifests manifest on manifest.id = signature.manifest_id
where leaf.id is null or manifest.id is null order by signature.manifest_id, signature.position limit $1
"""


async def check_manifests(session: ReadSession, report: Report, *, page: int, progress: Callable[[int], None]) -> None:
    """Compare every manifest with its events."""
    driver = await session.driver()
    after: UUID | None = None
    while rows := await driver.fetch(_MANIFESTS, after, page):
        after = rows[-1]["id"]
        ids = [row["id"] for row in rows]
        events: dict[UUID, list[Leaf]] = defaultdict(list)
        for event in await driver.fetch(_EVENTS, ids, list(_ACT)):
            leaf = leaf_in(event["bytes"])
            # An event whose kind was altered is the log's finding.
            if leaf is None or leaf.kind not in _ACT:
                continue
            # An event that sends goods back also names the manifest that they came on.
            if leaf.facts.get("manifest") == str(event["subject_id"]):
                events[event["subject_id"]].append(leaf)
        signatures = _grouped(await driver.fetch(_SIGNATURES, ids))
        lines = _grouped(await driver.fetch(_LINES, ids))
        for row in rows:
            leaves = events.get(row["id"], [])
            signed = signatures.get(row["id"], [])
            report.signatures += len(signed)
            for finding in (
                *_compare_course(row, leaves),
                *_compare_details(row, leaves, signed, lines.get(row["id"], [])),
                *_examine(row, leaves),
            ):
                report.add(finding)
        report.manifests += len(rows)
        progress(len(rows))
    strays = await driver.fetch(_STRAY_SIGNATURES, MOST_KEPT)
    for stray in strays:
        message = "{row} has no event {expected} in the log, or no manifest."
        name = f"manifest {stray['manifest_id']}, signature {stray['position']}"
        report.add(Finding(Fault.SIGNATURE_DIFFERS, name, message, str(stray["event_id"])))
    count_rest(report, Fault.SIGNATURE_DIFFERS, strays)


def _compare_details(row: "asyncpg.Record", leaves: list[Leaf], signed: "Rows", lines: "Rows") -> Iterator[Finding]:
    """Signatures and lines, unless they have served their time; then none is left."""
    if row["purged_at"] is None:
        yield from _compare_signatures(row, leaves, signed)
        yield from _compare_lines(row, leaves, lines)
    elif signed or lines:
        message = "{row} was purged, yet {found} signatures and lines of it are left."
        yield Finding(Fault.MANIFEST_DIFFERS, _name(row), message, 0, len(signed) + len(lines))


def _grouped(rows: "Rows") -> dict[UUID, "Rows"]:
    groups: dict[UUID, Rows] = defaultdict(list)
    for row in rows:
        groups[row["manifest_id"]].append(row)
    return groups


def _name(row: "asyncpg.Record") -> str:
    return f"manifest {row['number'] or '—'} ({row['id']})"


def _compare_course(row: "asyncpg.Record", leaves: list[Leaf]) -> Iterator[Finding]:
    """The events are a path through the table of states, and the row is where it ends."""
    name, state, number = _name(row), ManifestState.DRAFT, None
    for leaf in leaves:
        act = _ACT[leaf.kind]
        facts: dict[str, object] = {"event_id": leaf.id, "kind": leaf.kind, "state": state.value}
        try:
            state = states.BORN.get(act) or states.advance(state, act, ManifestKind(row["kind"]))
        except OutOfOrder:
            message = "{row}: event {event_id} ({kind}) cannot follow the state {state}."
            yield Finding(Fault.MANIFEST_OUT_OF_ORDER, name, message, None, leaf.kind, facts)
            return
        if leaf.facts.get("state") != state.value:
            message = "{row}: after event {event_id} ({kind}) the state is {expected}; the event says {found}."
            found = leaf.facts.get("state")
            yield Finding(Fault.MANIFEST_OUT_OF_ORDER, name, message, state.value, found, facts)
        number = leaf.told.get("number")
    last = leaves[-1].id if leaves else None
    for column, expected in (("state", state.value), ("number", number)):
        if row[column] != expected:
            message = "{row}: {column} is {found}; its events, the last being {event_id}, make it {expected}."
            told: dict[str, object] = {"column": column, "event_id": last}
            yield Finding(Fault.MANIFEST_DIFFERS, name, message, expected, row[column], told)
    if row["number"] is not None and row["number"][4:8] != row["origin_region"][:4]:
        message = "{row} has a number of prefecture {found}, but starts in {expected}."
        yield Finding(Fault.MANIFEST_DIFFERS, name, message, row["origin_region"][:4], row["number"][4:8])


def _compare_signatures(row: "asyncpg.Record", leaves: list[Leaf], signed: "Rows") -> Iterator[Finding]:
    """One signature for each event, in the same order, saying the same."""
    by_event = {signature["event_id"]: signature for signature in signed}
    for leaf in leaves:
        signature = by_event.pop(leaf.id, None)
        name = f"{_name(row)}, signature for {leaf.kind}"
        if signature is None:
            message = "{row}: event {expected} is in the log, but nobody's signature stands for it."
            yield Finding(Fault.SIGNATURE_DIFFERS, name, message, str(leaf.id))
            continue
        for column, expected, found in (
            ("act", _ACT[leaf.kind].value, signature["act"]),
            ("happened_at", leaf.happened_at, signature["happened_at"]),
            ("recorded_at", leaf.recorded_at, signature["recorded_at"]),
            ("organisation_id", leaf.facts.get("organisation"), str(signature["organisation_id"])),
            (
                "delegate_of_organisation_id",
                leaf.facts.get("delegate_of"),
                None if (firm := signature["delegate_of_organisation_id"]) is None else str(firm),
            ),
            # The personal part may have been erased; then the salted digest alone remembers.
            ("person_id", signature["person"] or str(signature["person_id"]), str(signature["person_id"])),
        ):
            if expected != found:
                message = "{row}: {column} is {found}; event {event_id} says {expected}."
                facts: dict[str, object] = {"column": column, "event_id": leaf.id}
                yield Finding(Fault.SIGNATURE_DIFFERS, name, message, expected, found, facts)
    for event_id, signature in by_event.items():
        message = "{row}: no event {expected} of this manifest stands behind the signature."
        name = f"{_name(row)}, signature {signature['position']} ({signature['act']})"
        yield Finding(Fault.SIGNATURE_DIFFERS, name, message, str(event_id))


def _examine(row: "asyncpg.Record", leaves: list[Leaf]) -> Iterator[Finding]:
    """The evidence of each signed event holds for its statement."""
    for leaf in leaves:
        if leaf.v != SIGNED:
            continue
        try:
            examine(leaf.evidence or {}, statement_of(leaf))
        except EvidenceRefused as refused:
            name = f"{_name(row)}, evidence of {leaf.kind}"
            message = "{row}: event {event_id} is not signed as it says: {why}"
            facts: dict[str, object] = {"event_id": leaf.id, "why": refused.message.format(**refused.facts)}
            yield Finding(Fault.EVIDENCE_WRONG, name, message, None, None, facts)


def _compare_lines(row: "asyncpg.Record", leaves: list[Leaf], lines: "Rows") -> Iterator[Finding]:
    """The declared masses are those that the shipper signed, the measured ones those of the gate's events."""
    filed = next((leaf for leaf in leaves if _ACT[leaf.kind] in {Act.FILE, Act.BACK_ENTER}), None)
    declared = filed.facts.get("containers") if filed is not None else None
    if isinstance(declared, list):
        expected = [_declared(one) for one in declared]
        found = [(line["digital_code"], line["waste_code"], line["declared_g"]) for line in lines]
        if expected != found:
            wrong = next(
                (number for number, (a, b) in enumerate(zip(expected, found, strict=False), 1) if a != b),
                min(len(expected), len(found)) + 1,
            )
            message = "{row}: {found} stands there; the shipper signed {expected}."
            yield Finding(
                Fault.LINE_DIFFERS,
                f"{_name(row)}, line {wrong}",
                message,
                str(expected[wrong - 1]) if wrong <= len(expected) else "nothing",
                str(found[wrong - 1]) if wrong <= len(found) else "nothing",
            )
    for line in lines:
        scan = leaf_in(line["bytes"]) if line["bytes"] is not None else None
        stated = scan.facts.get("measured_g") if scan is not None else None
        if stated != line["measured_g"]:
            message = "{row}: measured_g is {found}; its event says {expected}."
            name = f"{_name(row)}, line {line['position']}"
            yield Finding(Fault.LINE_DIFFERS, name, message, stated, line["measured_g"])


def _declared(one: object) -> tuple[object, object, object]:
    tree = one if isinstance(one, dict) else {}
    return tree.get("digital_code"), tree.get("waste_code"), tree.get("declared_g")
