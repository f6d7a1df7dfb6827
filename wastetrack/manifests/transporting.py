"""Pick up, hand over, arrive: the carriers' part."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import SCOPE_OF, Verb, demand_scope, may
from wastetrack.auth.sight import show_many, viewer_of_organisation
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Forbidden, refuse
from wastetrack.ledger import rules
from wastetrack.manifests import checking, grounds, handing_over, journey_queries, queries, states
from wastetrack.manifests.journey_model import HandOver, HandOverCheck
from wastetrack.manifests.model import Act, ManifestKind, ManifestState, SignAct
from wastetrack.manifests.signing import check_version, sign
from wastetrack.manifests.tables import LegRow, LineRow, ManifestRow, SignatureRow
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended


async def pick_up(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The first carrier signs that it loaded all containers: their mass leaves the site and is on the road.

    Permits, licences and suspensions are looked at again for this very day (令23 art. 11, 13). Raises
    ManifestUnknown, OutOfOrder, Stale, Forbidden, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    legs = await queries.legs(session, row.id)
    if legs:  # what runs for a period travels in no vehicle, and is not picked up
        demand_own(actor, Verb.CARRY, legs[0].carrier_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.PICK_UP, ManifestKind(row.kind))
    moment = moment_of(command.dated, at, after=row.last_act_at)
    lines = await queries.line_rows(session, row.id)
    ids = tuple(line.container_id for line in lines)
    # The carrier does not see the containers yet: the manifest it sees names them.
    loads = await containers.locked_on_paper(session, ids)
    transfer = await loaded_transfer(session, row, lines, loads, legs, moment=moment)
    broken = await grounds.why_not_today(session, row, transfer)
    broken += why_not_loads(row, loads)
    broken += await _why_not_checked(session, row)
    refuse(broken)
    for load in loads:
        load.state, load.site_id, load.store_id = ContainerState.IN_TRANSIT.value, None, None
        load.manifest_id, load.held_for = row.id, None
    row.picked_up_at = moment.happened_at
    await queries.take_over(session, legs[0], moment.happened_at)
    await show_many(session, containers.KIND, ids, (viewer_of_organisation(legs[0].carrier_id),))
    declared = tuple((line.waste_code, Mass(line.declared_g)) for line in lines)
    leaf = await sign(
        session,
        actor,
        row,
        Act.PICK_UP,
        moment=moment,
        container_ids=ids,
        facts={"leg": 1, "vehicle": str(legs[0].vehicle_id), "containers": len(ids)},
        entry=rules.picked_up(row.shipper_site_id, row.id, declared),
        signing=command.signing,
    )
    return row, leaf


async def loaded_transfer(
    session: ReadSession,
    row: ManifestRow,
    lines: Sequence[LineRow],
    loads: Sequence[Container],
    legs: Sequence[LegRow],
    *,
    moment: Moment,
) -> checking.Transfer:
    """What goes onto the first vehicle, as the law judges it on the day of the loading."""
    return checking.Transfer(
        receiver_id=row.receiver_id,
        receiver_site_id=row.receiver_site_id,
        method=row.method,
        on=legal_day(moment.happened_at),
        grams_by_code={line.waste_code: 0 for line in lines},
        # What the vehicle has fetched from others on the same trip is aboard too (令23 art. 16).
        load=Mass(sum(load.gross_g for load in loads) + await journey_queries.aboard_besides(session, row.id)),
        legs=list(legs[:1]),
    )


async def loading_checked(session: ReadSession, manifest_id: UUID) -> bool:
    """Whether the shipper has signed its look at carrier, vehicle, crew and labels."""
    of = SignatureRow
    found = sa.exists().where(col(of.manifest_id) == manifest_id, col(of.act) == Act.CHECK_LOADING.value)
    return bool(await session.scalar(sa.select(found)))


async def _why_not_checked(session: ReadSession, row: ManifestRow) -> list[Broken]:
    if jurisdiction().loading_check_rule.value != "refuse" or await loading_checked(session, row.id):
        return []
    message = "The shipper has not signed that it checked carrier, vehicle, crew and labels."
    step = "Let the shipper's signer do so first, on its own device or on this one."
    return [Broken("loading", "loading_unchecked", message, None, "令23 art. 13", step)]


def why_not_loads(row: ManifestRow, loads: Sequence[Container]) -> list[Broken]:
    """Each container stands where it was filed from."""
    broken: list[Broken] = []
    for load in loads:
        if load.state != ContainerState.AT_SITE.value or load.site_id != row.shipper_site_id:
            message = "Container {value} does not stand at the shipper's site any more."
            step = "The shipper cancels this manifest and files it anew without that container."
            broken.append(Broken("container_ids", "container_elsewhere", message, load.digital_code, next_step=step))
    return broken


async def hand_over(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The next carrier signs that it took the load over (令23 art. 17). The mass stays on the road.

    Raises ManifestUnknown, OutOfOrder, Stale, Forbidden, RuleBroken.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    legs = await queries.legs(session, row.id)
    states.advance(ManifestState(row.state), Act.HAND_OVER, ManifestKind(row.kind))
    waiting = [leg for leg in legs if leg.taken_over_at is None]
    if not waiting:
        message = "No further carrier is named on this manifest."
        refuse([Broken("legs", "no_further_leg", message, len(legs), next_step="Deliver to the receiver.")])
    leg = waiting[0]
    demand_own(actor, Verb.CARRY, leg.carrier_id)
    check_version(row, command.version)
    moment = moment_of(command.dated, at, after=row.last_act_at)
    lines = await queries.line_rows(session, row.id)
    ids = tuple(line.container_id for line in lines)
    faces = await containers.faces(session, ids)
    tare_g = sum(face.tare_g for face in faces.values())
    transfer = checking.Transfer(
        receiver_id=row.receiver_id,
        receiver_site_id=row.receiver_site_id,
        method=row.method,
        on=legal_day(moment.happened_at),
        grams_by_code={},
        load=Mass(sum(line.carried_g for line in lines) + tare_g),
        legs=[leg],
    )
    check = command.check if isinstance(command, HandOver) else HandOverCheck()
    codes = {line.container_id: faces[line.container_id].digital_code for line in lines}
    licensed = await grounds.is_licensed(session, row, [line.waste_code for line in lines])
    unfit = await checking.check_fleet(session, transfer, licensed=licensed)
    refuse([*unfit, *handing_over.why_not_checked(check, codes)])
    checked = handing_over.written(check, codes)
    await journey_queries.keep_check(session, leg, checked)
    await queries.take_over(session, leg, moment.happened_at)
    await show_many(session, containers.KIND, ids, (viewer_of_organisation(leg.carrier_id),))
    leaf = await sign(
        session,
        actor,
        row,
        Act.HAND_OVER,
        moment=moment,
        container_ids=ids,
        facts={
            "leg": leg.position,
            "carrier": str(leg.carrier_id),
            "vehicle": str(leg.vehicle_id),
            "place": leg.handover_place or None,
            **handing_over.facts_of(checked),
        },
        signing=command.signing,
    )
    return row, leaf


async def arrive(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The load is at the receiver's gate; its present carrier or the gate says so.

    Raises ManifestUnknown, OutOfOrder, Stale, Forbidden.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    legs = await queries.legs(session, row.id)
    _demand_present(actor, row.receiver_id, legs)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.ARRIVE, ManifestKind(row.kind))
    moment = moment_of(command.dated, at, after=row.last_act_at)
    row.arrived_at = moment.happened_at
    ids = await queries.container_ids(session, row.id)
    leaf = await sign(
        session, actor, row, Act.ARRIVE, moment=moment, container_ids=ids, facts={}, signing=command.signing
    )
    return row, leaf


def _demand_present(actor: Actor, receiver_id: UUID, legs: list[LegRow]) -> None:
    carriers = [leg.carrier_id for leg in legs if leg.taken_over_at is not None]
    verbs = [Verb.SCAN] if actor.organisation_id == receiver_id else []
    if carriers and actor.organisation_id == carriers[-1]:
        verbs.append(Verb.CARRY)
    if any(may(actor, verb) for verb in verbs):
        return
    for verb in verbs:
        demand_scope(actor, SCOPE_OF[verb])
    raise Forbidden(
        "not_at_the_gate", "Only the carrier that has the load, or the receiver's gate, reports its arrival."
    )
