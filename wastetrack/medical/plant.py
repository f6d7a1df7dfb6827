"""The plant's gate: bags of a trip card are weighed one by one or as a whole, the receipt is signed."""

from dataclasses import dataclass
from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState, Weighing, check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Recorded
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.ledger import rules
from wastetrack.ledger.model import Measurement, WeighingMethod
from wastetrack.manifests.model import SignedStep
from wastetrack.manifests.running import Moved, add_moved, locked_running
from wastetrack.manifests.tolerance import agrees
from wastetrack.mass import Mass
from wastetrack.medical import card_queries
from wastetrack.medical.card_signing import check_version, sign_card
from wastetrack.medical.card_tables import CardBagRow, CardRow
from wastetrack.medical.carrying import demand_state
from wastetrack.medical.collecting import margin
from wastetrack.medical.model import CardState, Found, SignCard, WeighAtPlant
from wastetrack.medical.sharing import shares

_SHARE = "share of the whole load that was weighed"


async def weigh_at_plant(
    session: WriteSession, actor: Actor, command: WeighAtPlant, *, at: datetime
) -> tuple[CardRow, CardBagRow]:
    """One bag at the gate: weighed, or not there. It is booked with the receipt, which signs for all.

    Raises NotFound, Conflict, Forbidden, RuleBroken.
    """
    card = await card_queries.card_locked(session, actor, command.card_id)
    demand_own(actor, Verb.SCAN, card.receiver_id)
    demand_state(card, CardState.ARRIVED)
    bag = _named(await card_queries.bags_of(session, card.id), command)
    (row,) = await containers.locked_on_paper(session, [bag.container_id])
    if command.missing:
        if not command.reason.strip():
            message = "Say what is known of the missing bag {value}."
            refuse([Broken("reason", "reason_missing", message, bag.digital_code, article="医疗废物管理条例 art. 13")])
        bag.found, bag.measured_g, bag.reason = Found.MISSING.value, None, command.reason.strip()
    else:
        weighing = _weighing(command, row)
        refuse(check_weighing(weighing, row.volume_l))
        declared = Mass(bag.declared_g)
        same = agrees(declared, weighing.net, margin(declared))
        bag.found = (Found.AS_DECLARED if same else Found.DIFFERENT).value
        bag.measured_g, bag.reason = weighing.net.grams, command.reason.strip()
    card.version += 1
    card.last_act_at = max(card.last_act_at, at)
    await session.flush()
    return card, bag


def _named(bags: list[CardBagRow], command: WeighAtPlant) -> CardBagRow:
    for bag in bags:
        if bag.container_id == command.container_id or bag.digital_code == str(command.code):
            return bag
    message = "This bag is not on the trip card. Take it off the vehicle and ask its institution."
    raise NotFound("bag_not_on_card", message)


def _weighing(command: WeighAtPlant, row: Container) -> Weighing:
    if command.gross is None:
        message = "Weigh the bag, or say that it is missing."
        refuse([Broken("gross_g", "mass_missing", message, article="GB 39707-2020, 5.3.1")])
    assert command.gross is not None  # noqa: S101  refused above
    return Weighing(
        gross=command.gross,
        tare=Mass(row.tare_g),
        method=WeighingMethod.PLATFORM_SCALE,
        scale_id=command.scale_id,
        confirmed=True,
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the receipt says of one bag."""

    bag: CardBagRow
    measured: Mass
    method: WeighingMethod


async def receive_card(
    session: WriteSession, actor: Actor, command: SignCard, *, total: Mass | None = None, at: datetime
) -> tuple[CardRow, Recorded]:
    """The plant signs what it took in. Bags that were not weighed one by one share the `total` net mass of the load.

    Raises NotFound, OutOfOrder, Conflict, Stale, Forbidden, RuleBroken when nothing was weighed (GB 39707, 5.3.1).
    """
    card = await card_queries.card_locked(session, actor, command.card_id)
    demand_own(actor, Verb.RECEIVE, card.receiver_id)
    check_version(card, command.version)
    demand_state(card, CardState.ARRIVED)
    running = await locked_running(session, actor, card.manifest_id)
    moment = moment_of(command.dated, at, after=card.last_act_at)
    bags = await card_queries.bags_of(session, card.id)
    refuse(_check_total(bags, total))
    taken, missing = _decide(bags, total)
    rows = {row.id: row for row in await containers.locked_on_paper(session, [bag.container_id for bag in bags])}
    for one in taken:
        _take_in(rows[one.bag.container_id], one, card)
    for bag in missing:
        rows[bag.container_id].state = ContainerState.LOST.value
        rows[bag.container_id].manifest_id = None
    for bag in bags:
        bag.open = False
    card.state, card.received_by = CardState.RECEIVED.value, actor.person_id
    card.received_at = moment.happened_at
    await session.flush()
    method = WeighingMethod.PLATFORM_SCALE if total is None else WeighingMethod.TRUCK_SCALE
    leaf = await sign_card(
        session,
        actor,
        card,
        SignedStep.CARD_RECEIPT,
        moment=moment,
        facts=_received(card, taken, missing, total),
        signing=command.signing,
        entry=rules.received_load(
            running.row.id,
            card.receiver_site_id,
            tuple((one.bag.waste_code, Mass(one.bag.declared_g), one.measured) for one in taken),
            tuple((bag.waste_code, Mass(bag.declared_g)) for bag in missing),
            Measurement(method, None, None),
        ),
    )
    codes = sorted({one.bag.waste_code for one in taken})
    brought = {code: sum(one.measured.grams for one in taken if one.bag.waste_code == code) for code in codes}
    await add_moved(session, running.row.id, [Moved(code, 0, brought[code], 0) for code in codes])
    return card, leaf


def _check_total(bags: list[CardBagRow], total: Mass | None) -> list[Broken]:
    unweighed = [bag for bag in bags if bag.found is None]
    weighed = sum(bag.measured_g or 0 for bag in bags)
    if total is None:
        if not unweighed:
            return []
        message = "{value} bags were neither weighed nor named missing, and the whole load was not weighed."
        step = "Weigh them, or give the net mass of the whole load."
        return [
            Broken("total", "nothing_weighed", message, len(unweighed), article="GB 39707-2020, 5.3.1", next_step=step)
        ]
    if unweighed and total.grams - weighed < len(unweighed):
        message = "The whole load is said to weigh {value}; the bags weighed one by one weigh that much already."
        return [Broken("total", "total_too_small", message, total.kg_text(), next_step="Weigh the load again.")]
    if not unweighed and total.grams != weighed:
        message = "All bags were weighed one by one; the load cannot weigh {value} besides."
        return [Broken("total", "total_besides", message, total.kg_text(), next_step="Leave the total empty.")]
    return []


def _decide(bags: list[CardBagRow], total: Mass | None) -> tuple[list[_Taken], list[CardBagRow]]:
    missing = [bag for bag in bags if bag.found == Found.MISSING.value]
    weighed = [bag for bag in bags if bag.measured_g is not None]
    unweighed = [bag for bag in bags if bag.found is None]
    taken = [_Taken(bag, Mass(bag.measured_g or 0), WeighingMethod.PLATFORM_SCALE) for bag in weighed]
    if unweighed and total is not None:
        left = total.grams - sum(one.measured.grams for one in taken)
        declared = Mass(sum(bag.declared_g for bag in unweighed))
        same = agrees(declared, Mass(left), margin(declared))
        for bag, grams in zip(unweighed, shares(left, [bag.declared_g for bag in unweighed]), strict=True):
            bag.measured_g, bag.reason = grams, _SHARE
            bag.found = (Found.AS_DECLARED if same else Found.DIFFERENT).value
            taken.append(_Taken(bag, Mass(grams), WeighingMethod.TRUCK_SCALE))
    return taken, missing


def _take_in(row: Container, one: _Taken, card: CardRow) -> None:
    row.state, row.site_id, row.store_id = ContainerState.AT_SITE.value, card.receiver_site_id, None
    row.manifest_id = None
    row.net_g, row.gross_g = one.measured.grams, one.measured.grams + row.tare_g
    row.method, row.scale_id, row.uncertainty_g = one.method.value, None, None


def _received(card: CardRow, taken: list[_Taken], missing: list[CardBagRow], total: Mass | None) -> dict[str, object]:
    found = [
        {
            "container": str(one.bag.container_id),
            "digital_code": one.bag.digital_code,
            "waste_code": one.bag.waste_code,
            "declared_g": one.bag.declared_g,
            "net_g": one.measured.grams,
            "found": one.bag.found,
            "method": one.method.value,
        }
        for one in taken
    ]
    lost = [
        {
            "container": str(bag.container_id),
            "digital_code": bag.digital_code,
            "waste_code": bag.waste_code,
            "declared_g": bag.declared_g,
            "found": bag.found,
        }
        for bag in missing
    ]
    return {
        "site": str(card.receiver_site_id),
        "found": [*found, *lost],
        "declared_g": card.declared_g,
        "measured_g": sum(one.measured.grams for one in taken),
        "total_g": None if total is None else total.grams,
        "missing": len(missing),
        "reasons": [bag.reason for bag in missing],
    }
