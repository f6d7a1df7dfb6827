"""A load that is not as its manifest says: told to the shipper, decided, reported to the authority (令23 art. 18)."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.sight import show
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, NotFound, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.manifests import journey_queries, queries
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.journey_model import DecideMismatch, MismatchKind, MismatchState, ReportMismatch
from wastetrack.manifests.journey_tables import MismatchRow
from wastetrack.manifests.model import ManifestState, Outcome
from wastetrack.manifests.tables import LineRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended

ARTICLE = "令23 art. 18"


async def report_mismatch(
    session: WriteSession, actor: Actor, command: ReportMismatch, *, at: datetime
) -> tuple[MismatchRow, Appended]:
    """The gate says in what a load differs. From now on the shipper and the authority of the place know it, and the
    receipt waits for a decision.

    Raises ManifestUnknown, Forbidden, OutOfOrder when the truck does not stand at the gate, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SCAN, row.receiver_id)
    _demand_at_gate(row)
    lines = await queries.line_rows(session, row.id)
    broken = _check(command, lines)
    if await journey_queries.undecided(session, row.id, command.container_id):
        message = "A mismatch of this load waits for its decision already."
        step = "Decide it first, or name the container that differs."
        broken.append(Broken("container_id", "mismatch_waits", message, article=ARTICLE, next_step=step))
    refuse(broken)
    moment = moment_of(command.happened_at, at, after=row.arrived_at)
    mismatch = MismatchRow(
        id=command.mismatch_id,
        manifest_id=row.id,
        container_id=command.container_id,
        shipper_id=row.shipper_id,
        receiver_id=row.receiver_id,
        destination_region=row.destination_region,
        kinds=[kind.value for kind in MismatchKind if kind in command.kinds],
        found=command.found.strip(),
        state=MismatchState.REPORTED.value,
        reported_by=actor.person_id,
        happened_at=moment.happened_at,
        reported_at=at,
    )
    return mismatch, await _keep(session, actor, mismatch, number=row.number, moment=moment)


async def report_difference(
    session: WriteSession,
    actor: Actor,
    manifest_id: UUID,
    container_id: UUID,
    *,
    declared: Mass,
    measured: Mass,
    moment: Moment,
) -> MismatchRow:
    """A container was taken in though its mass is beyond the tolerance: whoever took it in has decided so, and shipper
    and authority are told at once. The gate has locked the manifest.
    """
    row = await queries.manifest_row(session, actor, manifest_id)
    mismatch = MismatchRow(
        id=new_id(),
        manifest_id=row.id,
        container_id=container_id,
        shipper_id=row.shipper_id,
        receiver_id=row.receiver_id,
        destination_region=row.destination_region,
        kinds=[MismatchKind.QUANTITY.value],
        found=f"{declared.kg_text()} → {measured.kg_text()}",
        state=MismatchState.ACCEPTED.value,
        reported_by=actor.person_id,
        happened_at=moment.happened_at,
        reported_at=moment.recorded_at,
        decided_by=actor.person_id,
        decided_at=moment.recorded_at,
    )
    masses: dict[str, object] = {"declared_g": declared.grams, "measured_g": measured.grams}
    await _keep(session, actor, mismatch, number=row.number, moment=moment, more=masses)
    return mismatch


async def _keep(
    session: WriteSession,
    actor: Actor,
    mismatch: MismatchRow,
    *,
    number: str | None,
    moment: Moment,
    more: dict[str, object] | None = None,
) -> Appended:
    session.add(mismatch)
    await session.flush()
    viewers = {viewer_of_organisation(mismatch.shipper_id), viewer_of_organisation(mismatch.receiver_id)}
    viewers |= {*viewers_of_region(mismatch.destination_region)}
    await show(session, journey_queries.MISMATCH, mismatch.id, viewers)
    facts = {**_facts(mismatch, number), **(more or {}), "reason": mismatch.found}
    return await record(
        session,
        actor,
        "mismatch_reported",
        subjects=_subjects(mismatch),
        moment=moment,
        facts=facts,
        event_id=mismatch.id,
    )


def _demand_at_gate(row: ManifestRow) -> None:
    if row.state != ManifestState.ARRIVED.value:
        message = "Manifest {number} is {state}: what differs is found between arrival and the receipt."
        raise OutOfOrder("not_at_the_gate", message, number=row.number, state=ManifestState(row.state))


def _check(command: ReportMismatch, lines: list[LineRow]) -> list[Broken]:
    broken: list[Broken] = []
    if not command.kinds:
        message = "Say in what it differs: name, quantity, property, form or packaging."
        broken.append(Broken("kinds", "mismatch_kind_missing", message, article=ARTICLE))
    if not command.found.strip():
        message = "Say what was found; the shipper and the authority will read it."
        broken.append(Broken("found", "reason_missing", message, article=ARTICLE))
    if command.container_id is None:
        return broken
    line = next((line for line in lines if line.container_id == command.container_id), None)
    if line is None:
        raise NotFound("container_unknown", "This container is not on the manifest.", container_id=command.container_id)
    if line.outcome in {Outcome.REJECTED.value, Outcome.MISSING.value}:
        message = "This container is {outcome} already."
        facts: dict[str, object] = {"outcome": Outcome(line.outcome)}
        broken.append(Broken("container_id", "container_decided", message, facts=facts))
    return broken


async def decide_mismatch(
    session: WriteSession, actor: Actor, command: DecideMismatch, *, at: datetime
) -> tuple[MismatchRow, Appended]:
    """The receiver takes the load in all the same, or rejects what differs: the container, or all that nobody has
    taken in yet.

    Raises NotFound, Forbidden, OutOfOrder once it is decided, RuleBroken.
    """
    seen = await journey_queries.mismatch(session, actor, command.mismatch_id)
    row = await queries.locked(session, actor, seen.manifest_id)
    demand_own(actor, Verb.RECEIVE, row.receiver_id)
    mismatch = await journey_queries.mismatch_locked(session, actor, command.mismatch_id)
    if mismatch.state != MismatchState.REPORTED.value:
        message = "This mismatch is decided already: {state}."
        raise OutOfOrder("mismatch_decided", message, state=MismatchState(mismatch.state))
    _demand_at_gate(row)
    if not command.reason.strip():
        refuse_one("reason", "reason_missing", "Say why; the shipper and the authority will read it.", article=ARTICLE)
    rejected = [] if command.accept else await _reject(session, row.id, mismatch, command.reason.strip(), at)
    mismatch.state = (MismatchState.ACCEPTED if command.accept else MismatchState.REJECTED).value
    mismatch.decided_by, mismatch.decided_at = actor.person_id, at
    mismatch.decision_reason = command.reason.strip()
    await session.flush()
    facts: dict[str, object] = {
        **_facts(mismatch, row.number),
        "rejected_containers": [str(one) for one in rejected],
        "reason": mismatch.decision_reason,
    }
    subjects = (*_subjects(mismatch), *(one for one in rejected if one != mismatch.container_id))
    leaf = await record(session, actor, "mismatch_decided", subjects=subjects, moment=_now(at), facts=facts)
    return mismatch, leaf


async def _reject(
    session: WriteSession, manifest_id: UUID, mismatch: MismatchRow, reason: str, at: datetime
) -> list[UUID]:
    lines = [
        line
        for line in await queries.line_rows(session, manifest_id)
        if line.outcome is None and mismatch.container_id in {None, line.container_id}
    ]
    if not lines:
        message = "What differs was taken in already; it cannot be rejected any more."
        step = "Accept it, and agree with the shipper on what becomes of it."
        refuse_one("accept", "taken_in_already", message, article=ARTICLE, next_step=step)
    for line in lines:
        line.outcome, line.reason, line.scanned_at = Outcome.REJECTED.value, reason, at
    await session.flush()
    return [line.container_id for line in lines]


async def note_mismatch(
    session: WriteSession, actor: Actor, mismatch_id: UUID, *, at: datetime
) -> tuple[MismatchRow, Appended]:
    """The shipper says that it knows. Raises NotFound, Forbidden, OutOfOrder where it has said so."""
    mismatch = await journey_queries.mismatch_locked(session, actor, mismatch_id)
    demand_own(actor, Verb.FILE, mismatch.shipper_id)
    if mismatch.noted_at is not None:
        raise OutOfOrder("noted_already", "This was taken note of already.")
    mismatch.noted_at = at
    await session.flush()
    facts = _facts(mismatch, None)
    leaf = await record(session, actor, "mismatch_noted", subjects=_subjects(mismatch), moment=_now(at), facts=facts)
    return mismatch, leaf


async def acknowledge_mismatch(
    session: WriteSession, actor: Actor, mismatch_id: UUID, *, at: datetime
) -> tuple[MismatchRow, Appended]:
    """The authority of the receiving place says that the report has reached it.

    Raises NotFound, Forbidden, OutOfOrder where one has said so.
    """
    mismatch = await journey_queries.mismatch_locked(session, actor, mismatch_id)
    demand(actor, Verb.ACKNOWLEDGE)
    if actor.viewer not in viewers_of_region(mismatch.destination_region):
        raise Forbidden("not_your_region", "This is for the authority of the place to say.")
    if mismatch.acknowledged_at is not None:
        raise OutOfOrder("acknowledged_already", "This report is acknowledged already.")
    mismatch.acknowledged_at, mismatch.acknowledged_by = at, actor.person_id
    await session.flush()
    facts = _facts(mismatch, None)
    leaf = await record(
        session, actor, "mismatch_acknowledged", subjects=_subjects(mismatch), moment=_now(at), facts=facts
    )
    return mismatch, leaf


async def refuse_undecided(session: WriteSession, manifest_id: UUID) -> list[Broken]:
    """A receipt is not signed over what nobody has decided."""
    waiting = await journey_queries.undecided(session, manifest_id)
    if not waiting:
        return []
    message = "{value} mismatches of this load wait for a decision."
    step = "Decide each: accept the load all the same, or reject what differs."
    return [Broken("manifest_id", "mismatch_undecided", message, waiting, article=ARTICLE, next_step=step)]


def _now(at: datetime) -> Moment:
    return Moment(happened_at=at, recorded_at=at)


def _subjects(mismatch: MismatchRow) -> tuple[UUID, ...]:
    named = (mismatch.id, mismatch.manifest_id)
    return named if mismatch.container_id is None else (*named, mismatch.container_id)


def _facts(mismatch: MismatchRow, number: str | None) -> dict[str, object]:
    return {
        "mismatch": str(mismatch.id),
        "manifest": str(mismatch.manifest_id),
        "number": number,
        "container": None if mismatch.container_id is None else str(mismatch.container_id),
        "kinds": list(mismatch.kinds),
        "state": mismatch.state,
    }
