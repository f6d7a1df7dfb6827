"""The day's lot of a pipe: what was generated stands at the shipper until the receiver's figure takes it over.

Each change of a figure keeps three things equal: the accounts, the lot's mass and place, and the period's totals.
"""

from dataclasses import dataclass
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.containers import queries as containers
from wastetrack.containers.labelling import add_container, record_label
from wastetrack.containers.model import ContainerState, Description, Form, Packaging, Weighing
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.ledger.model import DiscrepancyKind, Measurement, WeighingMethod
from wastetrack.ledger.posting import reverse
from wastetrack.manifests import running
from wastetrack.manifests.meter_tables import MeterRow, PipeDayRow
from wastetrack.manifests.running import Moved, Running
from wastetrack.manifests.tolerance import agrees, tolerance
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties

MOVED = "pipe_day_moved"


@dataclass(frozen=True, slots=True)
class Day:
    """A day under work: its manifest, what stands for it, and who changes it when."""

    found: Running
    row: PipeDayRow
    moment: Moment
    actor: Actor

    @property
    def code(self) -> str:
        """The waste."""
        return self.row.waste_code


async def state_sent(session: WriteSession, day: Day, grams: int, measured: Measurement, meter_id: UUID | None) -> None:
    """The shipper's figure: the lot is made, or weighs otherwise than it did."""
    row, before = day.row, day.row.sent_g
    lot = await _lot(session, day)
    was_closed = row.closed_at is not None
    if was_closed:
        await _take_back(session, day, lot)
    if grams and lot is None:
        lot = await _make(session, day, grams, measured)
        row.container_id = lot.id
    row.sent_g, row.sent_method, row.sent_meter_id = grams, measured.method.value, meter_id
    if lot is not None and before is not None and grams != before:
        await _reweigh(session, day, lot, Mass(before), measured)
    await _close_if_whole(session, day, lot)


async def state_received(
    session: WriteSession, day: Day, grams: int, measured: Measurement, meter_id: UUID | None
) -> None:
    """The receiver's figure: with the shipper's, the lot goes over."""
    row = day.row
    lot = await _lot(session, day)
    if row.closed_at is not None:
        await _take_back(session, day, lot)
    row.received_g, row.received_method, row.received_meter_id = grams, measured.method.value, meter_id
    await _close_if_whole(session, day, lot)


async def _lot(session: WriteSession, day: Day) -> Container | None:
    if day.row.container_id is None:
        return None
    (lot,) = await containers.locked_on_paper(session, (day.row.container_id,))
    return lot


async def _make(session: WriteSession, day: Day, grams: int, measured: Measurement) -> Container:
    found = day.found
    total = found.total(day.code)
    assert total is not None  # noqa: S101  the day's waste is one of the manifest's
    site = await parties.site(session, found.row.shipper_site_id)
    described = Description(
        waste_code=total.waste_code,
        waste_name=total.waste_name,
        form=Form(total.form),
        hazards=tuple(total.hazards),
    )
    lot = await add_container(
        session,
        site,
        described,
        packaging=Packaging.TANK,
        volume_l=_litres(grams),
        weighing=_weighing(Mass(grams), measured),
        moment=day.moment,
        generated_on=day.row.day,
    )
    eyes = (viewer_of_organisation(found.row.receiver_id), *viewers_of_region(found.row.destination_region))
    await show(session, containers.KIND, lot.id, eyes)
    made = rules.generated(site.id, lot.waste_code, Mass(grams), lot_measurement(lot))
    await record_label(session, day.actor, lot, moment=day.moment, entry=made)
    lot.held_for = found.row.id
    return lot


def _litres(grams: int) -> int:
    """A lot has no walls; its volume is told as if it were water."""
    return max(1, -(-grams // 1_000))


def _weighing(net: Mass, measured: Measurement) -> Weighing:
    uncertainty = None if measured.uncertainty_g is None else Mass(measured.uncertainty_g)
    return Weighing(gross=net, tare=ZERO, method=measured.method, scale_id=measured.scale_id, uncertainty=uncertainty)


def lot_measurement(lot: Container) -> Measurement:
    """How a lot's mass was come by, as the ledger keeps it."""
    return Measurement(WeighingMethod(lot.method), lot.scale_id, lot.uncertainty_g)


async def _reweigh(session: WriteSession, day: Day, lot: Container, before: Mass, measured: Measurement) -> None:
    now = Mass(day.row.sent_g or 0)
    _put(lot, day.found.row.shipper_site_id, now, measured)
    lot.held_for = day.found.row.id
    await session.flush()
    await record(
        session,
        day.actor,
        "container_weighed",
        subjects=(lot.id, day.found.row.shipper_site_id),
        moment=day.moment,
        facts={
            "container": str(lot.id),
            "digital_code": lot.digital_code,
            "waste_code": lot.waste_code,
            "day": day.row.day.isoformat(),
            "old_net_g": before.grams,
            "net_g": lot.net_g,
            "gross_g": lot.gross_g,
            "tare_g": lot.tare_g,
            "method": lot.method,
            "scale": lot.scale_id,
            "uncertainty_g": lot.uncertainty_g,
        },
        entry=rules.reweighed(day.found.row.shipper_site_id, lot.waste_code, now - before, measured),
    )


def _put(lot: Container, site_id: UUID, net: Mass, measured: Measurement) -> None:
    lot.state, lot.site_id, lot.store_id, lot.held_for = ContainerState.AT_SITE.value, site_id, None, None
    lot.gross_g = lot.net_g = net.grams
    lot.tare_g = 0
    lot.method, lot.scale_id, lot.uncertainty_g = measured.method.value, measured.scale_id, measured.uncertainty_g


async def _close_if_whole(session: WriteSession, day: Day, lot: Container | None) -> None:
    row = day.row
    session.add(row)
    if row.sent_g is None or row.received_g is None:
        await session.flush()
        return
    row.closed_at = day.moment.recorded_at
    if lot is None:  # nothing flowed
        await session.flush()
        await running.add_moved(session, day.found.row.id, [Moved(day.code, 0, 0)])
        return
    await _move(session, day, lot, Mass(row.sent_g), Mass(row.received_g))


async def _move(session: WriteSession, day: Day, lot: Container, sent: Mass, received: Mass) -> None:
    row, of = day.row, day.found.row
    measured = await _measurement(session, day)
    if received:
        _put(lot, of.receiver_site_id, received, measured)
    else:
        lot.state, lot.site_id, lot.held_for = ContainerState.LOST.value, None, None
    row.moved_entry_id = new_id()
    await session.flush()
    # Permit lines are locked before accounts everywhere.
    over = await running.add_moved(session, of.id, [Moved(day.code, sent.grams, received.grams)])
    moved = rules.moved(
        of.id,
        of.shipper_site_id,
        of.receiver_site_id,
        ((lot.waste_code, sent, received),),
        measurement=measured,
        kind=DiscrepancyKind.METERING,
    )
    figures = jurisdiction()
    within = tolerance(
        sent,
        per_mille=figures.weight_tolerance.value,
        floor_g=figures.weight_tolerance_floor.value,
        declared_u=None,
        measured_u=None if measured.uncertainty_g is None else Mass(measured.uncertainty_g),
    )
    await record(
        session,
        day.actor,
        MOVED,
        subjects=(of.id, lot.id, of.shipper_site_id, of.receiver_site_id),
        moment=day.moment,
        facts={
            "manifest": str(of.id),
            "container": str(lot.id),
            "digital_code": lot.digital_code,
            "waste_code": lot.waste_code,
            "day": row.day.isoformat(),
            "site": str(of.receiver_site_id),
            "sent_g": sent.grams,
            "measured_g": received.grams,
            "method": measured.method.value,
            "agrees": agrees(sent, received, within),
            "over_permit": lot.waste_code in over,
        },
        entry=moved,
        event_id=row.moved_entry_id,
    )


async def _measurement(session: WriteSession, day: Day) -> Measurement:
    row = day.row
    method = WeighingMethod(row.received_method or WeighingMethod.DECLARED.value)
    meter = None if row.received_meter_id is None else await session.get(MeterRow, row.received_meter_id)
    if meter is None:
        return Measurement(method)
    return Measurement(method, meter.code, (row.received_g or 0) * meter.uncertainty_per_mille // 1_000)


async def _take_back(session: WriteSession, day: Day, lot: Container | None) -> None:
    """Reverse a day that was closed, before it is stated anew. Raises RuleBroken when its lot has gone on."""
    row, of = day.row, day.found.row
    sent, received = row.sent_g or 0, row.received_g or 0
    row.closed_at = None
    await running.add_moved(session, of.id, [Moved(day.code, -sent, -received, -1)])
    if lot is None or row.moved_entry_id is None:
        return
    if not _as_received(lot, of.receiver_site_id, received):
        message = "The lot of {value} was treated or repacked at the receiver; its figures stand."
        step = "What is found now is told by stock-taking there."
        refuse([Broken("day", "lot_gone_on", message, row.day.isoformat(), next_step=step)])
    wrong, reversal_id = row.moved_entry_id, new_id()
    mirror = await reverse(
        session, wrong, reversal_id=reversal_id, happened_at=day.moment.happened_at, at=day.moment.recorded_at
    )
    await record(
        session,
        day.actor,
        "entry_reversed",
        subjects=(of.id, lot.id),
        moment=day.moment,
        facts={
            "manifest": str(of.id),
            "container": str(lot.id),
            "waste_code": lot.waste_code,
            "day": row.day.isoformat(),
            "reverses": str(wrong),
        },
        posted=mirror,
        event_id=reversal_id,
    )
    row.moved_entry_id = None
    _put(lot, of.shipper_site_id, Mass(sent), lot_measurement(lot))
    lot.held_for = of.id


def _as_received(lot: Container, site_id: UUID, received: int) -> bool:
    if not received:
        return lot.state == ContainerState.LOST.value
    return lot.state == ContainerState.AT_SITE.value and lot.site_id == site_id and lot.net_g == received
