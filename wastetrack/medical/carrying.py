"""A trip card moves: the institution hands over, the carrier loads, the load arrives at the plant's gate."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.auth.sight import show, show_many, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment, Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.manifests import checking, grounds
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.model import ManifestState, SignAct, SignedStep
from wastetrack.manifests.monthly import expect_more
from wastetrack.manifests.queries import planned_leg
from wastetrack.manifests.running import Moved, Running, add_moved, locked_running, open_period
from wastetrack.manifests.signing import brought_about
from wastetrack.mass import Mass
from wastetrack.medical import card_queries
from wastetrack.medical.card_signing import check_version, sign_card
from wastetrack.medical.card_tables import CardRow
from wastetrack.medical.cards import expected_of
from wastetrack.medical.model import CardState, SignCard
from wastetrack.parties import queries as parties


async def hand_over(
    session: WriteSession, actor: Actor, command: SignCard, *, at: datetime
) -> tuple[CardRow, Recorded]:
    """The institution's person signs what it gives. The month's manifest runs from its first card on: its opening is
    brought about by this signature.

    Raises NotFound, Conflict, Stale, Forbidden, RuleBroken.
    """
    card = await card_queries.card_locked(session, actor, command.card_id)
    demand_own(actor, Verb.SIGN, card.organisation_id)
    check_version(card, command.version)
    demand_state(card, CardState.DRAFT)
    moment = moment_of(command.dated, at, after=card.last_act_at)
    bags = await card_queries.bags_of(session, card.id)
    rows = await containers.locked(session, actor, [bag.container_id for bag in bags])
    declared = {bag.container_id: bag.declared_g for bag in bags}
    refuse(_check_standing(card, rows, declared))
    card.state, card.handed_over_by = CardState.HANDED_OVER.value, actor.person_id
    card.handed_over_at = moment.happened_at
    await _show(session, card, rows)
    manifest = await manifests.locked(session, actor, card.manifest_id)
    opens = new_id() if manifest.state == ManifestState.DRAFT.value else None
    leaf = await sign_card(
        session,
        actor,
        card,
        SignedStep.CARD_HAND_OVER,
        moment=moment,
        facts=_handed_over(card, rows),
        signing=command.signing,
        given={} if opens is None else {"followed_by": [str(opens)]},
    )
    if opens is not None:
        opening = SignAct(manifest_id=manifest.id, signing=brought_about(leaf.id, opens))
        await open_period(session, actor, opening, at=at)
    running = await locked_running(session, actor, card.manifest_id)
    await expect_more(session, running, expected_of(rows), at=at)
    return card, leaf


def demand_state(card: CardRow, *wanted: CardState) -> None:
    """Raise Conflict unless the card is where this step supposes it."""
    state = CardState(card.state)
    if state not in wanted:
        message = "Trip card {number} is {state}; this step comes at another moment."
        raise Conflict("card_out_of_order", message, number=card_queries.card_number(card), state=state)


def _check_standing(card: CardRow, rows: list[Container], declared: dict[UUID, int]) -> list[Broken]:
    broken: list[Broken] = []
    for row in rows:
        if row.state != ContainerState.AT_SITE.value or row.site_id != card.site_id or row.held_for != card.manifest_id:
            message = "Bag {value} does not stand ready for this card any more."
            step = "Withdraw the card and make it anew."
            broken.append(Broken("container_ids", "container_elsewhere", message, row.digital_code, next_step=step))
        elif row.net_g != declared[row.id]:
            message = "Bag {value} was weighed again after the card was made."
            step = "Withdraw the card and make it anew."
            broken.append(Broken("container_ids", "weighed_again", message, row.digital_code, next_step=step))
    return broken


def _handed_over(card: CardRow, rows: list[Container]) -> dict[str, object]:
    return {
        "from_site": str(card.site_id),
        "to_site": str(card.receiver_site_id),
        "carrier": str(card.carrier_id),
        "vehicle": str(card.vehicle_id),
        "boxes": card.boxes,
        "highly_infectious": card.highly_infectious,
        "emergency": None if card.emergency_id is None else str(card.emergency_id),
        "containers": [
            {"digital_code": row.digital_code, "waste_code": row.waste_code, "declared_g": row.net_g} for row in rows
        ],
    }


async def _show(session: WriteSession, card: CardRow, rows: list[Container]) -> None:
    """From here on carrier, plant and the authorities of both places see the card and its bags."""
    ends = await parties.sites_by_id(session, (card.site_id, card.receiver_site_id))
    firms = {viewer_of_organisation(one) for one in (card.carrier_id, card.receiver_id)}
    regions = {viewer for site in ends.values() for viewer in viewers_of_region(site.region_code)}
    await show(session, card_queries.KIND, card.id, firms | regions)
    await show_many(session, containers.KIND, [row.id for row in rows], firms | regions)
    await show(session, manifests.KIND, card.manifest_id, firms)


async def pick_up(session: WriteSession, actor: Actor, command: SignCard, *, at: datetime) -> tuple[CardRow, Recorded]:
    """The carrier signs that it loaded everything: the mass is on the road under the month's manifest.

    Raises NotFound, OutOfOrder, Conflict, Stale, Forbidden, RuleBroken (licences of vehicle and driver, permit).
    """
    card = await card_queries.card_locked(session, actor, command.card_id)
    demand_own(actor, Verb.CARRY, card.carrier_id)
    check_version(card, command.version)
    demand_state(card, CardState.HANDED_OVER)
    running = await locked_running(session, actor, card.manifest_id)
    moment = moment_of(command.dated, at, after=card.last_act_at)
    bags = await card_queries.bags_of(session, card.id)
    rows = await containers.locked_on_paper(session, [bag.container_id for bag in bags])
    refuse(await _check_trip(session, card, running, rows, moment))
    for row in rows:
        row.state, row.site_id, row.store_id = ContainerState.IN_TRANSIT.value, None, None
        row.manifest_id, row.held_for = running.row.id, None
    card.state, card.picked_up_by = CardState.ON_THE_ROAD.value, actor.person_id
    card.picked_up_at = moment.happened_at
    await session.flush()
    loads = tuple((bag.waste_code, Mass(bag.declared_g)) for bag in bags)
    leaf = await sign_card(
        session,
        actor,
        card,
        SignedStep.CARD_PICK_UP,
        moment=moment,
        facts={"vehicle": str(card.vehicle_id), "containers": len(bags)},
        signing=command.signing,
        entry=rules.picked_up(card.site_id, running.row.id, loads),
    )
    codes = sorted({code for code, _ in loads})
    sent = {code: sum(mass.grams for of, mass in loads if of == code) for code in codes}
    await add_moved(session, running.row.id, [Moved(code, sent[code], 0) for code in codes])
    return card, leaf


async def _check_trip(
    session: WriteSession, card: CardRow, running: Running, rows: list[Container], moment: Moment
) -> list[Broken]:
    day = legal_day(moment.happened_at)
    transfer = checking.Transfer(
        receiver_id=card.receiver_id,
        receiver_site_id=card.receiver_site_id,
        method=card.method,
        on=day,
        grams_by_code={row.waste_code: 0 for row in rows},
        load=Mass(sum(row.gross_g for row in rows)),
        legs=[planned_leg(card.manifest_id, card.carrier_id, card.vehicle_id, card.driver_id)],
    )
    broken = await grounds.why_not_today(session, running.row, transfer)
    declared = {bag.container_id: bag.declared_g for bag in await card_queries.bags_of(session, card.id)}
    return [*broken, *_check_standing(card, rows, declared)]


async def arrive(
    session: WriteSession, actor: Actor, card_id: UUID, *, happened_at: datetime | None = None, at: datetime
) -> tuple[CardRow, Recorded]:
    """The load is at the plant's gate, as its carrier or the gate says. Raises NotFound, Conflict, Forbidden."""
    card = await card_queries.card_locked(session, actor, card_id)
    at_gate = actor.organisation_id == card.receiver_id and may(actor, Verb.SCAN)
    if not at_gate and not (actor.organisation_id == card.carrier_id and may(actor, Verb.CARRY)):
        message = "Only the carrier that has the load, or the receiver's gate, reports its arrival."
        raise Forbidden("not_at_the_gate", message)
    demand_state(card, CardState.ON_THE_ROAD)
    moment = moment_of(happened_at, at, after=card.last_act_at)
    card.state, card.arrived_at = CardState.ARRIVED.value, moment.happened_at
    card.version, card.last_act_at = card.version + 1, moment.happened_at
    await session.flush()
    leaf = await record(
        session,
        actor,
        "trip_card_arrived",
        subjects=(card.id, card.manifest_id),
        moment=moment,
        facts={"card": str(card.id), "card_number": card_queries.card_number(card), "manifest": str(card.manifest_id)},
    )
    return card, leaf
