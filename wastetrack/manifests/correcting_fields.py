"""Correct other sealed fields than a mass: plates and places of legs, remarks, the receiver's opinion.

Which signature sealed the field says who must consent (sealing.py); until then nothing changes, and one refusal ends
it. The old value is kept beside the new one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.statements import Signing
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, NotFound, refuse, refuse_one
from wastetrack.manifests import queries, sealing
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import (
    CorrectionAct,
    CorrectionField,
    CorrectionState,
    ManifestState,
    PartyRole,
    RequestFieldCorrection,
    prepared_moment,
)
from wastetrack.manifests.signing import event_id_of, keep, record_correction
from wastetrack.manifests.tables import CorrectionRow, LegRow, ManifestRow
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended

LONGEST = 2_000
_VERBS = {PartyRole.SHIPPER: Verb.CORRECT, PartyRole.RECEIVER: Verb.RECEIVE, PartyRole.CARRIER: Verb.CARRY}
_NEVER_SEALED = frozenset({ManifestState.DRAFT, ManifestState.CANCELLED, ManifestState.VOID})


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a manifest as it stands: its value, and the organisation on each side of it."""

    value: str
    sides: dict[PartyRole, UUID]
    leg: LegRow | None


async def request_field(
    session: WriteSession, actor: Actor, command: RequestFieldCorrection, *, at: datetime
) -> tuple[CorrectionRow, Appended]:
    """Somebody whose signature covers a field says that it is wrong. Nothing changes before the other one consents.

    Raises ManifestUnknown, Forbidden, OutOfOrder where nothing is sealed yet, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    if ManifestState(row.state) in _NEVER_SEALED:
        message = "Manifest {number} is {state}: nothing of it is corrected by consent."
        raise OutOfOrder("nothing_sealed", message, number=row.number or "—", state=ManifestState(row.state))
    field = await _field(session, row, command)
    side = _side_of(actor, field, command.field)
    demand_own(actor, _VERBS[side], field.sides[side])
    refuse(await _check(session, row, field, command))
    moment = moment_of(prepared_moment(command.signing), at)
    await _let_lapse(session, actor, row, command, moment)
    correction = CorrectionRow(
        id=event_id_of(command.signing),
        manifest_id=row.id,
        field=command.field.value,
        leg_position=command.leg_position,
        answerer_id=field.sides[sealing.who_consents(command.field, side)],
        state=CorrectionState.REQUESTED.value,
        old_text=field.value,
        new_text=command.new.strip(),
        reason=command.reason.strip(),
        requested_by=actor.person_id,
        requested_at=at,
        answer_due_at=at + timedelta(days=jurisdiction().correction_answer_days.value),
    )
    session.add(correction)
    await session.flush()
    leaf = await _sign(session, actor, CorrectionAct.REQUEST, row, correction, moment=moment, signing=command.signing)
    return correction, leaf


async def _field(session: WriteSession, row: ManifestRow, command: RequestFieldCorrection) -> _Field:
    if not command.field.of_leg:
        value = row.remarks if command.field is CorrectionField.REMARKS else row.opinion
        return _Field(value, {PartyRole.SHIPPER: row.shipper_id, PartyRole.RECEIVER: row.receiver_id}, None)
    legs = await queries.legs(session, row.id)
    leg = next((leg for leg in legs if leg.position == command.leg_position), None)
    if leg is None:
        raise NotFound("leg_unknown", "There is no such leg on this manifest.", leg=command.leg_position)
    vehicle, _, _ = await parties.carriage_for_use(session, leg.vehicle_id)
    value = {
        CorrectionField.LEG_PLATE: vehicle.plate,
        CorrectionField.LEG_START: leg.start,
        CorrectionField.LEG_END: leg.end,
    }[command.field]
    return _Field(value, {PartyRole.SHIPPER: row.shipper_id, PartyRole.CARRIER: leg.carrier_id}, leg)


def _side_of(actor: Actor, field: _Field, which: CorrectionField) -> PartyRole:
    """On which side the asker stands, among those who may ask for this field."""
    for side in sealing.MAY_ASK[which]:
        if field.sides.get(side) == actor.organisation_id:
            return side
    raise Forbidden("not_your_field", "Only whoever has signed this field asks for its correction.")


async def _check(
    session: WriteSession, row: ManifestRow, field: _Field, command: RequestFieldCorrection
) -> list[Broken]:
    broken: list[Broken] = []
    new = command.new.strip()
    if not command.reason.strip():
        broken.append(Broken("reason", "reason_missing", "Say why; the others on this manifest will read it."))
    if not new or len(new) > LONGEST:
        broken.append(Broken("new", "text_missing", "Write what it should say."))
    elif new == field.value:
        broken.append(Broken("new", "nothing_to_correct", "That is what it says already ({value}).", new))
    elif command.field is CorrectionField.LEG_PLATE and field.leg is not None:
        vehicle = await parties.vehicle_of_carrier(session, field.leg.carrier_id, new)
        if vehicle is None:
            message = "This carrier has no vehicle {value}."
            broken.append(Broken("new", "vehicle_unknown", message, new, article="令23 art. 11"))
    if command.field is CorrectionField.OPINION and row.received_at is None:
        message = "The receiver has not signed an opinion yet; there is nothing to correct."
        broken.append(Broken("field", "not_sealed", message))
    return broken


async def _let_lapse(
    session: WriteSession, actor: Actor, row: ManifestRow, command: RequestFieldCorrection, moment: Moment
) -> None:
    statement = (
        sa.select(CorrectionRow)
        .where(
            col(CorrectionRow.manifest_id) == row.id,
            col(CorrectionRow.field) == command.field.value,
            col(CorrectionRow.leg_position) == command.leg_position,
            col(CorrectionRow.state) == CorrectionState.REQUESTED.value,
        )
        .with_for_update()
    )
    waiting = await session.scalar(statement)
    if waiting is None:
        return
    if moment.recorded_at <= waiting.answer_due_at:
        message = "A correction of this field already waits for an answer."
        refuse_one("field", "correction_waits", message, next_step="Wait for the answer; if none comes, it lapses.")
    waiting.state = CorrectionState.LAPSED.value
    await session.flush()
    facts = facts_of(row, waiting)
    await record(session, actor, "correction_lapsed", subjects=(row.id,), moment=moment, facts=facts)


async def answer_field(
    session: WriteSession,
    actor: Actor,
    row: ManifestRow,
    correction: CorrectionRow,
    *,
    consent: bool,
    moment: Moment,
    signing: Signing | None,
) -> Appended:
    """The other signer's answer; with consent the new value takes the old one's place. Its caller has locked both."""
    if not consent:
        return await _sign(session, actor, CorrectionAct.REFUSE, row, correction, moment=moment, signing=signing)
    await _restate(session, row, correction)
    return await _sign(session, actor, CorrectionAct.CONSENT, row, correction, moment=moment, signing=signing)


def demand_answerer(actor: Actor, row: ManifestRow, correction: CorrectionRow) -> None:
    """Raise Forbidden unless the actor answers for whoever must consent."""
    side = PartyRole.CARRIER
    if correction.answerer_id == row.shipper_id:
        side = PartyRole.SHIPPER
    elif correction.answerer_id == row.receiver_id:
        side = PartyRole.RECEIVER
    demand_own(actor, _VERBS[side], correction.answerer_id)


async def _restate(session: WriteSession, row: ManifestRow, correction: CorrectionRow) -> None:
    field = CorrectionField(correction.field)
    if not field.of_leg:
        if field is CorrectionField.REMARKS:
            row.remarks = correction.new_text
        else:
            row.opinion = correction.new_text
        row.version += 1
        await keep(session, row)
        return
    leg = next(leg for leg in await queries.legs(session, row.id) if leg.position == correction.leg_position)
    values: dict[str, object] = {field.value.removeprefix("leg_"): correction.new_text}
    if field is CorrectionField.LEG_PLATE:
        vehicle = await parties.vehicle_of_carrier(session, leg.carrier_id, correction.new_text)
        if vehicle is None:
            refuse_one("new", "vehicle_unknown", "This carrier has no vehicle {value}.", value=correction.new_text)
        values = {"vehicle_id": vehicle.id}
    statement = sa.update(LegRow).where(
        col(LegRow.manifest_id) == row.id, col(LegRow.position) == correction.leg_position
    )
    await session.execute(statement.values(**values))


async def _sign(
    session: WriteSession,
    actor: Actor,
    act: CorrectionAct,
    row: ManifestRow,
    correction: CorrectionRow,
    *,
    moment: Moment,
    signing: Signing | None,
) -> Appended:
    return await record_correction(
        session,
        actor,
        act,
        row,
        field=CorrectionField(correction.field),
        leg=correction.leg_position,
        old=correction.old_text,
        new=correction.new_text,
        facts=facts_of(row, correction),
        moment=moment,
        signing=signing,
        event_id=correction.id if act is CorrectionAct.REQUEST else None,
    )


def facts_of(row: ManifestRow, correction: CorrectionRow) -> dict[str, object]:
    """For the log: what was written, old and new, stands where it can be erased."""
    return {
        "manifest": str(row.id),
        "number": row.number,
        "correction": str(correction.id),
        "field": correction.field,
        "leg": correction.leg_position or None,
        "reasons": [correction.old_text, correction.new_text],
        "reason": correction.reason,
        "answer": correction.answer_reason or None,
    }
