"""A person decides about a scan that waits: it is recorded now after all, or set aside with a reason."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.containers.labels import read_label_text
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, WastetrackError, refuse, refuse_one
from wastetrack.gates import queries
from wastetrack.gates.documents import scan_of
from wastetrack.gates.model import DECIDED, ScanState, Settle, Settlement, agrees
from wastetrack.gates.replaying import command_of, rule_document, rules_of, subject_of
from wastetrack.gates.tables import GateScanRow
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.gate import scan_at_gate
from wastetrack.manifests.model import TAKEN_IN, Outcome

LONGEST_NOTE = 500


async def settle(
    session: WriteSession, actor: Actor, command: Settle, labels: tuple[str, bytes], *, at: datetime
) -> GateScanRow:
    """Decide about one scan. Raises NotFound, Forbidden, Conflict where it is decided, and RuleBroken where the books
    still refuse it."""
    demand(actor, Verb.SCAN)
    row = await queries.scan_row(session, actor, command.scan_id)
    if row.state != ScanState.TO_DECIDE.value:
        raise Conflict("gate_scan_decided", "This scan is decided already.")
    note = command.note.strip()
    if command.settlement is Settlement.SET_ASIDE:
        if not 0 < len(note) <= LONGEST_NOTE:
            refuse_one("note", "note_missing", "Say where the container is now, or why nothing is to be booked.")
    else:
        row.outcome = (await _record_after_all(session, actor, row, labels, at=at)).value
    row.state, row.settlement, row.note = ScanState.SETTLED.value, command.settlement.value, note
    row.settled_at, row.settled_by = at, actor.membership_id
    await session.flush()
    await record(
        session,
        actor,
        DECIDED,
        subjects=(await subject_of(session, actor, row.manifest_id, row.site_id),),
        moment=moment_of(None, at),
        facts={
            "scan": str(row.id),
            "device": str(row.device_id),
            "site": str(row.site_id),
            "digital_code": row.digital_code,
            "settlement": row.settlement,
            "outcome": row.outcome,
            "reason": note or None,
        },
    )
    return row


async def settle_all(
    session: WriteSession, actor: Actor, manifest_id: UUID, labels: tuple[str, bytes], *, at: datetime
) -> tuple[int, int]:
    """Record all that waits at one manifest, as far as the books now let it: how many, and how many still wait."""
    demand(actor, Verb.SCAN)
    waiting = await queries.waiting_of(session, actor, manifest_id)
    done = 0
    for scan_id in waiting:
        try:
            async with session.begin_nested():
                command = Settle(scan_id=scan_id, settlement=Settlement.TAKEN_IN)
                await settle(session, actor, command, labels, at=at)
        except WastetrackError as refusal:
            await _say_why(session, actor, scan_id, refusal)
            continue
        done += 1
    return done, len(waiting) - done


async def _say_why(session: WriteSession, actor: Actor, scan_id: UUID, refusal: WastetrackError) -> None:
    """The reason that counts now takes the place of the earlier one."""
    row = await queries.scan_row(session, actor, scan_id)
    row.rules = [rule_document(rule) for rule in rules_of(refusal)]
    await session.flush()


async def _record_after_all(
    session: WriteSession, actor: Actor, row: GateScanRow, labels: tuple[str, bytes], *, at: datetime
) -> Outcome:
    """The scan as it was kept. Where the truck was reported as arrived only after it, it counts from the arrival."""
    scan = scan_of(row.said)
    if row.manifest_id is None:
        step = "Set it aside, and scan the container at the manifest on which it stands."
        refuse_one("manifest_id", "scan_without_manifest", "This scan names no manifest.", next_step=step)
    manifest = await manifests.manifest_row(session, actor, row.manifest_id)
    since = manifest.arrived_at or manifest.picked_up_at
    happened_at = row.happened_at if since is None else min(max(row.happened_at, since), at)
    code = read_label_text(scan.label, *labels)
    found = await scan_at_gate(session, actor, command_of(scan, code, happened_at), at=at)
    standing = Outcome(found.reason) if found.outcome is Outcome.ALREADY_HERE else None
    wanted = agrees(scan.told, found.outcome, standing) or found.outcome in TAKEN_IN
    if not wanted:
        step = "Decide what is to become of the container, then set the scan aside with a note."
        message = "The books say of it: {outcome}."
        facts: dict[str, object] = {"outcome": found.outcome}
        more = Broken("scan_id", "scan_still_differs", message, str(row.id), facts=facts, next_step=step)
        refuse((*found.broken, more))
    return found.outcome
