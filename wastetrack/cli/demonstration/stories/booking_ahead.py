"""Two plants publish terms, prices and free days; the works sets quantity aside: used, lapsed without use, and held. A
garage sets iron drums aside with a steelworks that uses them under the exemption list, without a permit."""

from datetime import timedelta

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.firms import Trade
from wastetrack.cli.demonstration.guests import IRON_DRUMS, SLUDGE
from wastetrack.cli.demonstration.members import Firm
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.manifests import publishing_intake, setting_aside
from wastetrack.manifests.reservations import FreeDay, Price, PublishDays, PublishTerms, ReserveQuantity
from wastetrack.mass import Mass

_METHOD = "D9"
_PRICES = {
    "physico": (("HW17", 168_000), ("HW34", 95_000), ("HW09", 120_000)),
    "incinerator": (("HW49", 310_000), ("HW06", 260_000), ("HW12", 285_000)),
}
"""Fen a tonne."""
_NOTE = "周一至周五 8:30—16:00 卸车，提前一天电话确认"
_DAYS_AHEAD, _FREE = 10, Mass.parse("40 t")


async def terms(teller: Teller) -> None:
    """Both say what they take and for how much; the first says it of the days to come as well."""
    step = await teller.at(60, 9.3)
    for name, prices in _PRICES.items():
        plant = teller.year.cast.plants[name]
        said = PublishTerms(
            site_id=plant.site.id,
            is_open=True,
            hold_days=7,
            most=Mass.parse("30 t"),
            note=_NOTE,
            prices=tuple(Price(pattern=pattern, fen_per_t=fen) for pattern, fen in prices),
        )
        await publishing_intake.publish_terms(step.session, plant.by(Role.OWNER), said, at=step.at)
    step = await teller.at(3, 9.3)
    plant, today = teller.year.cast.plants["physico"], local_day(step.at)
    days = tuple(FreeDay(day=today + timedelta(days=number), free=_FREE) for number in range(_DAYS_AHEAD))
    await publishing_intake.publish_days(
        step.session, plant.by(Role.OWNER), PublishDays(site_id=plant.site.id, days=days), at=step.at
    )


async def used(teller: Teller) -> None:
    """What was set aside for a load is taken by its manifest."""
    works, plant = teller.guests.works, teller.year.cast.plants["physico"]
    step = await teller.at(34, 8.6)
    loads = await label(teller, step, works, SLUDGE, 620, 580)
    await _reserve(step, works, plant, Mass.parse("1.2 t"), days=1)
    haul = Haul(teller=teller, sender=works, receiver=plant, carriers=[teller.carrier()], method=_METHOD, loads=loads)
    await haul.go(await teller.later(step, 2))


async def lapsed(teller: Teller) -> None:
    """Nobody files the manifest; after its time the quantity is everybody's again."""
    works, plant = teller.guests.works, teller.year.cast.plants["physico"]
    step = await teller.at(27, 10.2)
    await _reserve(step, works, plant, Mass.parse("5 t"), days=4)
    step = await teller.at(19, 3.0)
    await setting_aside.let_lapse(step.session, at=step.at)


async def held(teller: Teller) -> None:
    """For a load of the next days."""
    step = await teller.at(1, 14.1)
    plants = teller.year.cast.plants
    await _reserve(step, teller.guests.works, plants["physico"], Mass.parse("3.5 t"), days=2)


async def with_exempt_user(teller: Teller) -> None:
    """The steelworks says that it keeps quantity; a garage has it kept for drums of the next days."""
    steelworks, garage = teller.guests.steelworks, teller.year.cast.shipper(Trade.GARAGE, places.ZHIFU)
    step = await teller.at(5, 10.4)
    said = PublishTerms(site_id=steelworks.site.id, is_open=True, hold_days=5, note="铁桶须倒净、压扁")
    await publishing_intake.publish_terms(step.session, steelworks.by(Role.OWNER), said, at=step.at)
    step = await teller.at(1, 10.2)
    drums = (IRON_DRUMS, "R4", "废机油空桶")
    await _reserve(step, garage, steelworks, Mass.parse("0.4 t"), days=3, waste=drums)


async def _reserve(
    step: Step,
    works: Firm,
    plant: Firm,
    mass: Mass,
    *,
    days: int,
    waste: tuple[str, str, str] = (SLUDGE, _METHOD, "镀槽清理"),
) -> None:
    code, method, remarks = waste
    command = ReserveQuantity(
        site_id=works.site.id,
        receiver_site_id=plant.site.id,
        waste_code=code,
        method=method,
        mass=mass,
        planned_on=local_day(step.at) + timedelta(days=days),
        remarks=remarks,
    )
    await setting_aside.reserve(step.session, works.by(Role.FILER), command, at=step.at)
