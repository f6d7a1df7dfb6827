"""Waste that goes by pipe or belt (令23 art. 19): each end enters what its meter counted on a day, and when both have,
the day's mass has moved.

What the shipper's meter counts is generated on that day (HJ 1259-2022 6.2) and stands at the shipper as the day's lot,
a container without walls, so that containers and books agree at every moment; with the receiver's figure the lot goes
over to the receiver's site, and what the two meters differ by is a discrepancy of the manifest. A reading that was
wrong is entered again: the day's entry is reversed and restated.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ledger.model import Measurement, WeighingMethod
from wastetrack.manifests import lots
from wastetrack.manifests.lots import Day
from wastetrack.manifests.meter_tables import MeterRow, PipeDayRow
from wastetrack.manifests.meters import DeclareMissing, EnterReading, check_value, grams_of
from wastetrack.manifests.meters import MeterUnit as Unit
from wastetrack.manifests.model import ManifestKind, PartyRole
from wastetrack.manifests.running import LEFT_OPEN, Running, locked_running
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended

EVENT = "pipe_reading_entered"


async def enter_reading(
    session: WriteSession, actor: Actor, command: EnterReading, *, at: datetime
) -> tuple[PipeDayRow, Appended]:
    """One end enters what it counted on a day, or corrects it with a reason; with both figures the day is closed.

    Raises ManifestUnknown, OutOfOrder, Forbidden, RuleBroken. What exceeds the permit or disagrees has flowed already:
    the event tells it, and it is not refused.
    """
    found = await locked_running(session, actor, command.manifest_id)
    sends = command.side is PartyRole.SHIPPER
    if sends:
        demand_own(actor, Verb.LABEL, found.row.shipper_id)
    else:
        demand_own(actor, Verb.SCAN, found.row.receiver_id)
    kept = await _day_row(session, found, command.waste_code, command.day)
    before = kept.sent_g if sends else kept.received_g
    broken = _check_day(found, command.waste_code, command.day, legal_day(at))
    broken += _check_reason(command, corrects=before is not None)
    meter, of_meter = await _meter(session, found, command)
    refuse([*broken, *of_meter])
    grams, measured = _counted(command, kept, meter)
    refuse(_check_grams(grams, before, kept, sends=sends))
    day = Day(found, kept, moment_of(None, at), actor)
    leaf = await record(
        session,
        actor,
        EVENT,
        subjects=(found.row.id, found.row.shipper_site_id if sends else found.row.receiver_site_id),
        moment=day.moment,
        facts={
            "manifest": str(found.row.id),
            "waste_code": command.waste_code,
            "day": command.day.isoformat(),
            "side": command.side.value,
            "meter": None if meter is None else meter.code,
            "value": None if command.value is None else str(command.value),
            "unit": None if meter is None else meter.unit,
            "grams": grams,
            "was_grams": before,
            "method": measured.method.value,
            "verified": None if meter is None else meter.verified_on <= command.day <= meter.verified_until,
            "reason": command.reason.strip() or None,
        },
    )
    meter_id = None if meter is None else meter.id
    if sends:
        await lots.state_sent(session, day, grams, measured, meter_id)
    else:
        await lots.state_received(session, day, grams, measured, meter_id)
    return kept, leaf


async def declare_missing(
    session: WriteSession, actor: Actor, command: DeclareMissing, *, at: datetime
) -> tuple[PipeDayRow, Appended]:
    """After the term the shipper closes a day without the receiver's figure: its own stands for both, as declared.

    The receiver may still enter its reading, which corrects the day. Raises as `enter_reading`.
    """
    found = await locked_running(session, actor, command.manifest_id)
    demand_own(actor, Verb.SIGN, found.row.shipper_id)
    kept = await _day_row(session, found, command.waste_code, command.day)
    broken = _check_day(found, command.waste_code, command.day, legal_day(at))
    due = reading_due(command.day)
    if legal_day(at) <= due:
        message = "The receiver has until {value} to enter its reading."
        broken.append(Broken("day", "reading_not_overdue", message, due.isoformat(), article="令23 art. 19"))
    if kept.sent_g is None or kept.received_g is not None:
        message = "Only a day with your reading and without the receiver's is closed like this."
        broken.append(Broken("day", "nothing_missing", message, next_step="Enter your own reading first."))
    if not command.reason.strip():
        broken.append(Broken("reason", "reason_missing", "Say what the receiver answered when you asked."))
    refuse(broken)
    assert kept.sent_g is not None  # noqa: S101  refused above
    day = Day(found, kept, moment_of(None, at), actor)
    leaf = await record(
        session,
        actor,
        "pipe_reading_missing",
        subjects=(found.row.id, found.row.receiver_site_id),
        moment=day.moment,
        facts={
            "manifest": str(found.row.id),
            "waste_code": command.waste_code,
            "day": command.day.isoformat(),
            "grams": kept.sent_g,
            "reason": command.reason.strip(),
        },
    )
    await lots.state_received(session, day, kept.sent_g, Measurement(WeighingMethod.DECLARED), None)
    return kept, leaf


def reading_due(day: date) -> date:
    """The last day on which a day's reading is in time."""
    return day + timedelta(days=jurisdiction().meter_reading_days.value)


async def _day_row(session: WriteSession, found: Running, waste_code: str, day: date) -> PipeDayRow:
    """What stands for a day so far; the manifest's lock is the day's too. A new one is written with its figure."""
    kept = await session.get(PipeDayRow, (found.row.id, waste_code, day), populate_existing=True)
    return kept or PipeDayRow(manifest_id=found.row.id, waste_code=waste_code, day=day)


def _check_day(found: Running, waste_code: str, day: date, today: date) -> list[Broken]:
    broken: list[Broken] = []
    if found.row.kind != ManifestKind.CONTINUOUS.value:
        message = "This manifest is not one of a pipe or belt."
        broken.append(Broken("manifest_id", "not_continuous", message))
    if day not in found.period or day > today:
        message = "{value} is not a day of this manifest ({first} to {last}) that has come."
        facts: dict[str, object] = {
            "first": found.period.begins_on.isoformat(),
            "last": found.period.ends_on.isoformat(),
        }
        step = "Choose a day of the period, today at the latest."
        broken.append(Broken("day", "day_outside_period", message, day.isoformat(), facts=facts, next_step=step))
    if found.total(waste_code) is None:
        message = "{value} is not among the wastes of this manifest."
        broken.append(Broken("waste_code", "waste_not_listed", message, waste_code, next_step="Choose one of them."))
    return broken


def _check_reason(command: EnterReading, *, corrects: bool) -> list[Broken]:
    if (corrects or command.takes_over) and not command.reason.strip():
        message = "Say why: it is kept beside the figure."
        return [Broken("reason", "reason_missing", message, article="令23 art. 19")]
    return []


async def _meter(session: WriteSession, found: Running, command: EnterReading) -> tuple[MeterRow | None, list[Broken]]:
    if command.takes_over:
        return None, []
    site_id = found.row.shipper_site_id if command.side is PartyRole.SHIPPER else found.row.receiver_site_id
    meter = None if command.meter_id is None else await session.get(MeterRow, command.meter_id)
    if meter is None or meter.site_id != site_id:
        message = "Choose a meter of your site at this end."
        step = "Register it first if it is not in the list."
        return None, [Broken("meter_id", "meter_unknown", message, article="令23 art. 19", next_step=step)]
    if command.value is None:
        return meter, [Broken("value", "missing", "This is needed.")]
    return meter, check_value(command.value, Unit(meter.unit), meter.density_g_per_l)


def _counted(command: EnterReading, kept: PipeDayRow, meter: MeterRow | None) -> tuple[int, Measurement]:
    """Grams of a reading and how they were come by. Raises RuleBroken where the other end has none to take over."""
    if meter is not None and command.value is not None:
        grams = grams_of(command.value, Unit(meter.unit), meter.density_g_per_l).grams
        uncertainty = grams * meter.uncertainty_per_mille // 1_000
        return grams, Measurement(WeighingMethod.METER, meter.code, uncertainty)
    other = kept.received_g if command.side is PartyRole.SHIPPER else kept.sent_g
    if other is None:
        message = "The other end has not entered a figure for this day that could be taken over."
        refuse([Broken("takes_over", "nothing_to_take_over", message, next_step="Ask for its reading first.")])
    assert other is not None  # noqa: S101  refused above
    return other, Measurement(WeighingMethod.DECLARED)


def _check_grams(grams: int, before: int | None, kept: PipeDayRow, *, sends: bool) -> list[Broken]:
    if sends and grams == 0 and before:
        message = "What was generated on this day stands in the books; it is not corrected to nothing."
        step = "Enter the smallest figure that your meter shows; the rest is told as a difference."
        return [Broken("value", "reading_to_nothing", message, 0, next_step=step)]
    sent, received = (grams, kept.received_g) if sends else (kept.sent_g, grams)
    if sent == 0 and received:
        message = "One end counted nothing and the other {received}; one of the two meters has failed."
        step = "Check both; the end whose meter failed takes over the other's figure, with the reason."
        facts: dict[str, object] = {"received": Mass(received).kg_text()}
        return [Broken("value", "one_end_counted_nothing", message, grams, facts=facts, next_step=step)]
    return []


async def _left_open(session: WriteSession, found: Running) -> list[Broken]:
    """Each day of each waste has both figures before the sum is signed; days without flow are entered as nothing."""
    closed = select(col(PipeDayRow.waste_code), col(PipeDayRow.day)).where(
        col(PipeDayRow.manifest_id) == found.row.id, col(PipeDayRow.closed_at).is_not(None)
    )
    done = {(code, day) for code, day in await session.execute(closed)}
    broken: list[Broken] = []
    for total in found.totals:
        open_days = [day for day in found.period.days() if (total.waste_code, day) not in done]
        if open_days:
            message = "{count} days of {value} have no closed reading, the first being {first}."
            facts: dict[str, object] = {"count": len(open_days), "first": open_days[0].isoformat()}
            step = "Enter them, days without flow as 0; ask the receiver for its own."
            broken.append(Broken("wastes", "days_open", message, total.waste_code, "令23 art. 19", step, facts))
    return broken


LEFT_OPEN[ManifestKind.CONTINUOUS] = _left_open
