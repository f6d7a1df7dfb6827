"""Scans that a device had kept come in: each is recorded as if it came from the gate now, under its own id.

The rim gives each scan a unit of work of its own, so that none stands in the way of another. Where the books refuse it,
or say another thing than the device had told the operator, the unit of work is undone and `keep` writes the scan down
for a person to decide; so it does with all that comes in (by its file) after a device was ended, for a device that is
lost may be in hands that know how to read its keys. Nothing that is signed by somebody of the site is ever lost or
refused.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from wastetrack.auth.model import Actor
from wastetrack.auth.queries import actor_of_membership
from wastetrack.auth.sight import look_as
from wastetrack.containers.labels import DigitalCode, read_label_text
from wastetrack.containers.moments import CLOCK_TOLERANCE
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, RuleBroken, WastetrackError
from wastetrack.gates.documents import document_of
from wastetrack.gates.model import (
    DEVICE_ENDED,
    NOBODY_DECIDED,
    NOT_ON_ANY,
    Answered,
    Device,
    KeptScan,
    ScanState,
    Worker,
    agrees,
    worker_as_actor,
)
from wastetrack.gates.signatures import fits
from wastetrack.gates.tables import GateScanRow
from wastetrack.ids import new_id
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.errors import ManifestUnknown
from wastetrack.manifests.gate import Scanned, scan_at_gate
from wastetrack.manifests.model import Outcome, ScanAtGate
from wastetrack.mass import Mass

_TAKE = """
insert into gate_scans (id, device_id, membership_id, organisation_id, site_id, manifest_id, digital_code, said, told,
  state, rules, happened_at, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, $10, '[]', $11, $12)
on conflict (id) do nothing returning true
"""


class Differs(Exception):  # noqa: N818  an outcome, for the rim to undo and keep
    """The books say another thing than the operator was told."""

    def __init__(self, outcome: Outcome, broken: tuple[Broken, ...]) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.broken = broken


def signer_of(scan: KeptScan, device: Device, workers: list[Worker]) -> Worker | None:
    """Who signed a scan on this device; None where nobody of it did, or it was changed."""
    if scan.device_id != device.id:
        return None
    statement = scan.statement()
    known = (worker for worker in workers if worker.membership_id == scan.membership_id)
    return next((worker for worker in known if fits(worker.public_key, statement, scan.signature)), None)


async def take(
    session: WriteSession, device: Device, scan: KeptScan, labels: tuple[str, bytes], *, skew: timedelta, at: datetime
) -> Answered:
    """Record a signed scan under its id, for whoever made it; one that is here already gets its first answer.

    `labels`: address and key of the deployment's labels. `skew`: by how much the device's clock is behind. Raises
    Differs, and whatever forbids it: the caller undoes this and keeps the scan.
    """
    actor = await actor_of_membership(session, scan.membership_id, at=at)
    await look_as(session, actor)
    code = read_label_text(scan.label, *labels)
    moment = _when(scan, skew, at)
    row = await _taken(session, device, scan, str(code), state=ScanState.DONE, happened_at=moment, at=at)
    if row is not None:
        return row
    if device.ended_at is not None:
        raise Conflict("gate_device_ended", DEVICE_ENDED)
    written = await _row(session, scan.scan_id)
    if scan.manifest_id is None:
        written.outcome = Outcome.UNEXPECTED.value
        await session.flush()
        if not agrees(scan.told, Outcome.UNEXPECTED, None):
            raise Differs(Outcome.UNEXPECTED, (Broken("manifest_id", "unexpected", NOT_ON_ANY),))
        return Answered(scan_id=scan.scan_id, state=ScanState.DONE, outcome=Outcome.UNEXPECTED)
    found = await scan_at_gate(session, actor, command_of(scan, code, moment), at=at)
    standing = Outcome(found.reason) if found.outcome is Outcome.ALREADY_HERE else None
    if not agrees(scan.told, found.outcome, standing):
        raise Differs(found.outcome, _why(found))
    written.outcome = found.outcome.value
    await session.flush()
    return Answered(scan_id=scan.scan_id, state=ScanState.DONE, outcome=found.outcome)


def command_of(scan: KeptScan, code: DigitalCode, happened_at: datetime | None) -> ScanAtGate:
    """The scan as the gate's use case takes it."""
    assert scan.manifest_id is not None  # noqa: S101  asked before
    return ScanAtGate(
        manifest_id=scan.manifest_id,
        scan_id=scan.scan_id,
        code=code,
        gross=None if scan.gross_g is None else Mass(scan.gross_g),
        method=scan.method,
        scale_id=scan.scale_id or None,
        uncertainty=None if scan.uncertainty_g is None else Mass(scan.uncertainty_g),
        reading_id=scan.reading_id,
        reject_reason=scan.reject_reason,
        store_id=scan.store_id,
        happened_at=happened_at,
        device_id=scan.device_id,
    )


async def keep(
    session: WriteSession,
    device: Device,
    worker: Worker,
    scan: KeptScan,
    refusal: WastetrackError | Differs,
    *,
    skew: timedelta,
    at: datetime,
) -> Answered:
    """Write a scan down for a person of the site to decide, with why, and say so in the log."""
    actor = worker_as_actor(worker, device.organisation_id)
    await look_as(session, actor)
    moment = min(_when(scan, skew, at), at)
    shown = scan.label.rpartition("/91/")[2].partition("/")[0]
    repeated = await _taken(session, device, scan, shown, state=ScanState.TO_DECIDE, happened_at=moment, at=at)
    if repeated is not None:
        return repeated
    broken = rules_of(refusal)
    row = await _row(session, scan.scan_id)
    row.rules = [rule_document(one) for one in broken]
    row.outcome = refusal.outcome.value if isinstance(refusal, Differs) else None
    await session.flush()
    await record(
        session,
        actor,
        NOBODY_DECIDED,
        subjects=(await subject_of(session, actor, scan.manifest_id, device.site_id),),
        moment=Moment(happened_at=moment, recorded_at=at),
        facts={
            "scan": str(scan.scan_id),
            "device": str(device.id),
            "site": str(device.site_id),
            "digital_code": shown,
            "told": scan.told,
            "outcome": row.outcome,
            "rules": row.rules,
        },
        event_id=new_id(),
    )
    outcome = None if row.outcome is None else Outcome(row.outcome)
    return Answered(scan_id=scan.scan_id, state=ScanState.TO_DECIDE, outcome=outcome, broken=broken)


async def subject_of(session: WriteSession, actor: Actor, manifest_id: UUID | None, site_id: UUID) -> UUID:
    """Whose history tells of a kept scan: the paper's where there is one, else the site's."""
    if manifest_id is None:
        return site_id
    try:
        return (await manifests.manifest_row(session, actor, manifest_id)).id
    except ManifestUnknown:
        return site_id


def rules_of(refusal: WastetrackError | Differs) -> tuple[Broken, ...]:
    """Why, as rules."""
    if isinstance(refusal, Differs):
        return refusal.broken
    if isinstance(refusal, RuleBroken):
        return refusal.broken
    facts: dict[str, object] = {name: str(fact) for name, fact in refusal.facts.items() if name != "value"}
    return (Broken("label", refusal.code, refusal.message, refusal.facts.get("value"), facts=facts),)


def rule_document(rule: Broken) -> dict[str, Any]:
    """A rule by message and facts, so that everybody reads it in his own language."""
    facts = {name: str(fact) for name, fact in {"value": rule.value, **rule.facts}.items()}
    return {"code": rule.code, "message": rule.message, "facts": facts}


def _when(scan: KeptScan, skew: timedelta, at: datetime) -> datetime:
    """When it happened by our clock: a device that was without network for days may be wrong by more than a little."""
    return min(scan.happened_at + skew, at) if abs(skew) > CLOCK_TOLERANCE else scan.happened_at


def _why(found: Scanned) -> tuple[Broken, ...]:
    if found.broken:
        return found.broken
    return (Broken("label", found.outcome.value, "The books say: {value}.", found.reason or found.outcome.value),)


async def _row(session: WriteSession, scan_id: UUID) -> GateScanRow:
    row = await session.get(GateScanRow, scan_id)
    assert row is not None  # noqa: S101  written a statement ago
    return row


async def _taken(
    session: WriteSession,
    device: Device,
    scan: KeptScan,
    digital_code: str,
    *,
    state: ScanState,
    happened_at: datetime,
    at: datetime,
) -> Answered | None:
    """Take the scan's id, or give the answer that it has. A second one waits here until the first has committed."""
    said = document_of(scan)
    driver = await session.driver()
    taken = await driver.fetchval(
        _TAKE,
        scan.scan_id,
        device.id,
        scan.membership_id,
        device.organisation_id,
        device.site_id,
        scan.manifest_id,
        digital_code,
        orjson.dumps(said).decode(),
        scan.told,
        state.value,
        happened_at,
        at,
    )
    if taken:
        return None
    row = await session.get(GateScanRow, scan.scan_id)
    if row is None or {**row.said, "signature": ""} != {**said, "signature": ""}:
        raise Conflict("key_reused", "This key was already used for another request.")
    outcome = None if row.outcome is None else Outcome(row.outcome)
    return Answered(scan_id=row.id, state=ScanState(row.state), outcome=outcome, repeated=True)


async def forget(session: WriteSession, *, before: datetime) -> int:
    """Forget scans whose manifest has served its time, and those of no manifest that came in before; how many there
    were. What waits for a person, or is held by an authority, stays; what was recorded stands in the log anyway."""
    return int(await (await session.driver()).fetchval("select gate_scans_forget($1)", before))
