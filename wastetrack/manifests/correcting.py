"""Correct what is sealed: a request, the other signer's consent, a reversal and a restatement. One refusal ends it."""

from datetime import datetime, timedelta
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers import queries as containers
from wastetrack.containers.model import Weighing, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.statements import Signing
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, RuleBroken, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.ledger.model import WeighingMethod
from wastetrack.ledger.posting import reverse
from wastetrack.manifests import booking, correcting_fields, grounds, queries
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import (
    TAKEN_IN,
    AnswerCorrection,
    CorrectionAct,
    CorrectionState,
    Outcome,
    RequestCorrection,
    prepared_moment,
)
from wastetrack.manifests.signing import event_id_of, sign_correction
from wastetrack.manifests.tables import CorrectionRow, LineRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended


async def request_correction(
    session: WriteSession, actor: Actor, command: RequestCorrection, *, at: datetime
) -> tuple[CorrectionRow, Appended]:
    """The receiver says that a mass which it took in was wrong. Nothing changes before the shipper consents.

    Raises ManifestUnknown, Forbidden, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.RECEIVE, row.receiver_id)
    line = _line(await queries.line_rows(session, row.id), command.container_id)
    (container,) = await containers.locked_on_paper(session, (command.container_id,))
    refuse(_check(row, line, container, command))
    moment = moment_of(prepared_moment(command.signing), at)
    await _let_lapse(session, actor, row, container, moment)
    correction = CorrectionRow(
        # The event that asks for it has the same name, so that a prepared statement comes out the same.
        id=event_id_of(command.signing),
        manifest_id=row.id,
        container_id=container.id,
        answerer_id=row.shipper_id,
        state=CorrectionState.REQUESTED.value,
        old_measured_g=line.measured_g or 0,
        measured_g=command.measured.grams,
        reason=command.reason.strip(),
        requested_by=actor.person_id,
        requested_at=at,
        answer_due_at=at + timedelta(days=jurisdiction().correction_answer_days.value),
    )
    session.add(correction)
    await session.flush()
    leaf = await sign_correction(
        session,
        actor,
        CorrectionAct.REQUEST,
        row,
        container.digital_code,
        facts=_facts(row, correction),
        moment=moment,
        signing=command.signing,
        container_id=container.id,
        event_id=correction.id,
    )
    return correction, leaf


async def _let_lapse(
    session: WriteSession, actor: Actor, row: ManifestRow, container: Container, moment: Moment
) -> None:
    """An unanswered request makes room for a new one once its day has passed; before that it stands in the way."""
    waiting = await queries.correction_waiting(session, row.id, container.id)
    if waiting is None:
        return
    if moment.recorded_at <= waiting.answer_due_at:
        message = "A correction of container {value} already waits for an answer."
        step = "Wait for the answer; if none comes, it lapses."
        refuse_one("container_id", "correction_waits", message, value=container.digital_code, next_step=step)
    waiting.state = CorrectionState.LAPSED.value
    await session.flush()
    await _record(session, actor, "correction_lapsed", row, waiting, moment=moment)


def _line(lines: list[LineRow], container_id: UUID) -> LineRow:
    line = next((line for line in lines if line.container_id == container_id), None)
    if line is None:
        raise NotFound("container_unknown", "This container is not on the manifest.", container_id=container_id)
    return line


def _still_as_received(row: ManifestRow, line: LineRow, container: Container) -> bool:
    """Whether the container stands where it was taken in, with the mass that was booked then.

    It may have been weighed again, or sent away and brought back with another mass: then the entry of this manifest is
    no longer what the container and the account hold, and restating it would make the two differ.
    """
    return container.site_id == row.receiver_site_id and container.net_g == line.measured_g


def _mass_gone_on(container: Container) -> Broken:
    message = (
        "Container {value} does not stand at the receiver's site any more as it was received; its mass has gone on."
    )
    step = "Book the difference by a stock-take of the site."
    return Broken("container_id", "mass_gone_on", message, container.digital_code, next_step=step)


def _check(row: ManifestRow, line: LineRow, container: Container, command: RequestCorrection) -> list[Broken]:
    broken: list[Broken] = []
    if row.received_at is None or line.outcome is None or Outcome(line.outcome) not in TAKEN_IN:
        message = "Container {value} has not been taken in under a signed receipt; there is nothing to correct."
        broken.append(Broken("container_id", "not_received", message, container.digital_code))
    elif not _still_as_received(row, line, container):
        broken.append(_mass_gone_on(container))
    if command.measured.grams == line.measured_g:
        message = "The corrected mass is the one that stands ({value})."
        broken.append(Broken("measured_g", "nothing_to_correct", message, command.measured.kg_text()))
    if not command.reason.strip():
        broken.append(Broken("reason", "reason_missing", "Say why; the others on this manifest will read it."))
    weighing = Weighing(
        gross=command.measured + Mass(container.tare_g),
        tare=Mass(container.tare_g),
        method=WeighingMethod(container.method),
        confirmed=True,
    )
    broken += check_weighing(weighing, container.volume_l, field="measured_g")
    return broken


async def answer_correction(
    session: WriteSession, actor: Actor, command: AnswerCorrection, *, at: datetime
) -> tuple[CorrectionRow, Appended]:
    """The shipper consents, and the entry is reversed and restated; or refuses, and that ends it. After the day it was
    due, the request has lapsed.

    Raises NotFound, Forbidden, OutOfOrder when it is answered already or lapsed, RuleBroken.
    """
    found = await queries.correction(session, actor, command.correction_id)
    if found is None:
        raise NotFound("correction_unknown", "There is no such correction.", correction_id=command.correction_id)
    row = await queries.locked(session, actor, found.manifest_id)
    correction = await queries.correction_locked(session, command.correction_id)
    correcting_fields.demand_answerer(actor, row, correction)
    if correction.state != CorrectionState.REQUESTED.value or at > correction.answer_due_at:
        state = CorrectionState.LAPSED if at > correction.answer_due_at else CorrectionState(correction.state)
        message = "This correction cannot be answered any more: it is {state}."
        raise OutOfOrder("correction_closed", message, state=state)
    if not command.consent and not command.reason.strip():
        refuse_one("reason", "reason_missing", "Say why you refuse.")
    moment = moment_of(prepared_moment(command.signing), at)
    correction.state = (CorrectionState.CONSENTED if command.consent else CorrectionState.REFUSED).value
    correction.answered_by, correction.answered_at = actor.person_id, at
    correction.answer_reason = command.reason.strip()
    await session.flush()
    if correction.container_id is None:
        leaf = await correcting_fields.answer_field(
            session, actor, row, correction, consent=command.consent, moment=moment, signing=command.signing
        )
        return correction, leaf
    if not command.consent:
        (container,) = await containers.locked_on_paper(session, (correction.container_id,))
        leaf = await sign_correction(
            session,
            actor,
            CorrectionAct.REFUSE,
            row,
            container.digital_code,
            facts=_facts(row, correction),
            moment=moment,
            signing=command.signing,
            container_id=container.id,
        )
        return correction, leaf
    return correction, await _restate(session, actor, row, correction, moment=moment, signing=command.signing)


async def _restate(
    session: WriteSession,
    actor: Actor,
    row: ManifestRow,
    correction: CorrectionRow,
    *,
    moment: Moment,
    signing: Signing | None,
) -> Appended:
    lines = await queries.line_rows(session, row.id)
    assert correction.container_id is not None  # noqa: S101  a mass is of a container
    assert correction.measured_g is not None  # noqa: S101
    line = _line(lines, correction.container_id)
    (container,) = await containers.locked_on_paper(session, (correction.container_id,))
    wrong_id = line.entry_id
    if wrong_id is None or not _still_as_received(row, line, container):
        raise RuleBroken((_mass_gone_on(container),))
    measured = Mass(correction.measured_g)
    weighing = Weighing(
        gross=measured + Mass(container.tare_g),
        tare=Mass(container.tare_g),
        method=WeighingMethod(container.method),
        scale_id=container.scale_id,
        uncertainty=None if container.uncertainty_g is None else Mass(container.uncertainty_g),
    )
    restated = rules.received(
        row.id,
        row.receiver_site_id,
        line.waste_code,
        declared=Mass(line.carried_g),
        measured=measured,
        measurement=weighing.measurement(),
    )
    restated_id = event_id_of(signing)
    line.measured_g, line.entry_id = measured.grams, restated_id
    container.gross_g, container.net_g = weighing.gross.grams, measured.grams
    await session.flush()
    # What the permit has used up follows the corrected mass (a return has booked nothing); lines before accounts.
    await grounds.restate(session, row.id, booking.taken_in(lines))
    # The wrong entry is mirrored first, under an event of its own that names it; then the right one is stated.
    await _reverse(session, actor, row, correction, wrong_id=wrong_id, moment=moment)
    return await sign_correction(
        session,
        actor,
        CorrectionAct.CONSENT,
        row,
        container.digital_code,
        facts=_facts(row, correction),
        moment=moment,
        signing=signing,
        container_id=container.id,
        entry=restated,
        event_id=restated_id,
    )


async def _reverse(
    session: WriteSession, actor: Actor, row: ManifestRow, correction: CorrectionRow, *, wrong_id: UUID, moment: Moment
) -> None:
    reversal_id = new_id()
    mirror = await reverse(
        session, wrong_id, reversal_id=reversal_id, happened_at=moment.happened_at, at=moment.recorded_at
    )
    await record(
        session,
        actor,
        "entry_reversed",
        subjects=_subjects(row, correction),
        moment=moment,
        facts={**_facts(row, correction), "reverses": str(wrong_id)},
        posted=mirror,
        event_id=reversal_id,
    )


def _subjects(row: ManifestRow, correction: CorrectionRow) -> tuple[UUID, ...]:
    return (row.id,) if correction.container_id is None else (row.id, correction.container_id)


def _facts(row: ManifestRow, correction: CorrectionRow) -> dict[str, object]:
    return {
        "manifest": str(row.id),
        "number": row.number,
        "correction": str(correction.id),
        "container": str(correction.container_id),
        "old_measured_g": correction.old_measured_g,
        "measured_g": correction.measured_g,
        "reason": correction.reason,
        "answer": correction.answer_reason or None,
    }


async def _record(
    session: WriteSession, actor: Actor, kind: str, row: ManifestRow, correction: CorrectionRow, *, moment: Moment
) -> Appended:
    return await record(
        session,
        actor,
        kind,
        subjects=_subjects(row, correction),
        moment=moment,
        facts=_facts(row, correction),
    )
