"""Receive and confirm: the receiver's signatures, and what becomes of what it did not take in."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewers_of
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.statements import Signing
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.manifests import booking, grounds, mismatching, queries, states, taking_papers
from wastetrack.manifests.model import TAKEN_IN, Act, ManifestKind, ManifestState, Outcome, Receive, SignAct
from wastetrack.manifests.numbers import ManifestNumber
from wastetrack.manifests.signing import brought_about, check_version, sign
from wastetrack.manifests.tables import LegRow, LineRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended


async def receive(
    session: WriteSession, actor: Actor, command: Receive, *, at: datetime
) -> tuple[ManifestRow, ManifestRow | None, Appended]:
    """The receiver signs what the gate decided; rejected containers go back on a linked manifest, missing ones into
    the discrepancy account. Gives the manifest, its return if there is one, and the event.

    Raises ManifestUnknown, OutOfOrder, Stale, Forbidden, RuleBroken while a container is neither scanned nor named
    missing.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.RECEIVE, row.receiver_id)
    check_version(row, command.version)
    is_return = row.kind == ManifestKind.RETURN.value
    act = Act.TAKE_BACK if is_return else Act.RECEIVE
    states.advance(ManifestState(row.state), act, ManifestKind(row.kind))
    lines = await queries.line_rows(session, row.id)
    dated, missing_ids = command.dated, command.missing_ids
    if row.on_paper and not is_return:
        dated, missing_ids = await taking_papers.take_in(session, actor, row, lines, command, at=at)
    scans = [line.scanned_at for line in lines if line.scanned_at is not None]
    moment = moment_of(dated, at, after=max((row.last_act_at, *scans)))
    refuse([*_check_decided(lines, missing_ids), *await mismatching.refuse_undecided(session, row.id)])
    if not is_return:  # before the accounts: permit lines are locked first everywhere
        await grounds.restate(session, row.id, booking.taken_in(lines))
    missing = [line for line in lines if line.outcome is None]
    await _write_off(session, actor, row, missing, moment)
    absent = [line for line in lines if line.outcome == Outcome.MISSING.value]  # lost on the way, or just now
    rejected = [line for line in lines if line.outcome == Outcome.REJECTED.value]
    taken = [line for line in lines if line.outcome and Outcome(line.outcome) in TAKEN_IN]
    act = Act.TAKE_BACK if is_return else _act(taken=len(taken), of=len(lines))
    row.received_at = moment.happened_at
    row.opinion = command.opinion
    if is_return:
        row.closed_at = moment.happened_at
    # What goes back is an event of its own, brought about by this one, which therefore names it.
    back_event = new_id() if rejected else None
    leaf = await sign(
        session,
        actor,
        row,
        act,
        moment=moment,
        container_ids=tuple(line.container_id for line in lines),
        facts={
            "accepted": len(taken),
            "rejected": len(rejected),
            "missing": len(absent),
            "declared_g": sum(line.declared_g for line in lines),
            "measured_g": sum(line.measured_g or 0 for line in taken),
            "opinion": command.opinion or None,
            "rejected_containers": [str(line.container_id) for line in rejected],
            "missing_containers": [str(line.container_id) for line in absent],
        },
        given={} if back_event is None else {"followed_by": [str(back_event)]},
        signing=command.signing,
    )
    back = None
    if back_event is not None:
        back = await _send_back(session, actor, row, rejected, moment, signing=brought_about(leaf.id, back_event))
    return row, back, leaf


def _act(*, taken: int, of: int) -> Act:
    if taken == of:
        return Act.RECEIVE
    return Act.RECEIVE_PARTLY if taken else Act.REJECT


def _check_decided(lines: list[LineRow], missing_ids: tuple[UUID, ...]) -> list[Broken]:
    undecided = {line.container_id for line in lines if line.outcome is None}
    broken: list[Broken] = []
    left = undecided - set(missing_ids)
    if left:
        message = "{value} containers of this manifest are neither scanned nor named missing."
        step = "Scan them, or name them missing; their mass then goes to the discrepancy account."
        broken.append(
            Broken("missing_ids", "containers_undecided", message, len(left), article="令23 art. 12", next_step=step)
        )
    strange = set(missing_ids) - undecided
    if strange:
        message = "{value} containers named missing were scanned, or are not on this manifest."
        broken.append(Broken("missing_ids", "not_missing", message, len(strange), next_step="Take them off the list."))
    return broken


async def _write_off(
    session: WriteSession, actor: Actor, row: ManifestRow, missing: list[LineRow], moment: Moment
) -> None:
    if not missing:
        return
    ids = tuple(line.container_id for line in missing)
    for container in await containers.locked_on_paper(session, ids):
        container.state, container.manifest_id = ContainerState.LOST.value, None
    for line in missing:
        line.outcome, line.open, line.scanned_at = Outcome.MISSING.value, False, moment.happened_at
    await session.flush()
    loads = tuple((line.waste_code, Mass(line.carried_g)) for line in missing)
    await record(
        session,
        actor,
        "containers_missing",
        subjects=(row.id, *ids),
        moment=moment,
        facts={
            "manifest": str(row.id),
            "number": row.number,
            "containers": [str(line.container_id) for line in missing],
        },
        entry=rules.missing(row.id, loads),
    )


async def _send_back(
    session: WriteSession,
    actor: Actor,
    row: ManifestRow,
    rejected: list[LineRow],
    moment: Moment,
    *,
    signing: Signing,
) -> ManifestRow:
    """The linked manifest on which the present carrier brings rejected containers back to their shipper."""
    back = _return_of(row, moment)
    ids = tuple(line.container_id for line in rejected)
    for container in await containers.locked_on_paper(session, ids):
        container.manifest_id = back.id
    for line in rejected:
        line.open = False
    await session.flush()
    year = back.planned_on.year
    serial = await queries.next_serial(session, year, back.origin_region[:4])
    back.number = str(ManifestNumber.make(year, back.origin_region, serial))
    session.add(back)
    await session.flush()
    session.expunge(back)  # from here on it is written as any manifest that is signed
    session.add(_way_back(back, await queries.legs(session, row.id), moment))
    session.add_all(
        LineRow(
            manifest_id=back.id,
            position=position,
            container_id=line.container_id,
            open=True,
            waste_code=line.waste_code,
            declared_g=line.carried_g,
            declared_uncertainty_g=line.declared_uncertainty_g,
        )
        for position, line in enumerate(rejected, 1)
    )
    await session.flush()
    await show(session, queries.KIND, back.id, await viewers_of(session, queries.KIND, row.id))
    loads = tuple((line.waste_code, Mass(line.carried_g)) for line in rejected)
    await sign(
        session,
        actor,
        back,
        Act.SEND_BACK,
        moment=moment,
        container_ids=(row.id, *ids),
        facts={"returns": row.number, "reasons": sorted({line.reason for line in rejected})},
        entry=rules.sent_back(row.id, back.id, loads),
        signing=signing,
    )
    return back


def _return_of(row: ManifestRow, moment: Moment) -> ManifestRow:
    return ManifestRow(
        id=new_id(),
        kind=ManifestKind.RETURN.value,
        state=ManifestState.RETURNING.value,
        version=1,
        shipper_id=row.receiver_id,
        shipper_site_id=row.receiver_site_id,
        receiver_id=row.shipper_id,
        receiver_site_id=row.shipper_site_id,
        origin_region=row.destination_region,
        destination_region=row.origin_region,
        method=row.method,
        planned_on=legal_day(moment.happened_at),
        list_edition=row.list_edition,
        remarks="",
        returns_id=row.id,
        created_at=moment.recorded_at,
        last_act_at=moment.happened_at,
        filed_at=moment.happened_at,
        picked_up_at=moment.happened_at,
    )


def _way_back(back: ManifestRow, legs: list[LegRow], moment: Moment) -> LegRow:
    # Who stands at the gate; a further carrier that was planned but never took over does not.
    present = [leg for leg in legs if leg.taken_over_at is not None][-1]
    return LegRow(
        manifest_id=back.id,
        position=1,
        carrier_id=present.carrier_id,
        vehicle_id=present.vehicle_id,
        driver_id=present.driver_id,
        start=legs[-1].end,
        end=legs[0].start,
        taken_over_at=moment.happened_at,
    )


async def confirm(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The receiver's confirmation in the system, within 5 working days of acceptance (令23 art. 18): nothing is left
    on the road, and the manifest closes.

    Raises ManifestUnknown, OutOfOrder, Stale, Forbidden, RuleBroken while goods of it are on their way back.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.RECEIVE, row.receiver_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.CONFIRM, ManifestKind(row.kind))
    moment = moment_of(command.dated, at, after=row.last_act_at)
    broken: list[Broken] = []
    for back in await queries.returns_of(session, row.id):
        if back.state != ManifestState.RETURNED.value:
            message = "Return manifest {value} has not been taken in by the shipper yet."
            step = "Wait until the rejected containers are home."
            broken.append(Broken("manifest_id", "return_under_way", message, back.number, next_step=step))
    refuse(broken)
    row.closed_at = moment.happened_at
    leaf = await sign(
        session,
        actor,
        row,
        Act.CONFIRM,
        moment=moment,
        container_ids=await queries.container_ids(session, row.id),
        facts={"method": row.method},
        signing=command.signing,
    )
    return row, leaf
