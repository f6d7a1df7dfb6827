"""A hospital with wards: bags on a ward's scale, rounds, trip cards; a month summed up and confirmed, one that runs."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.rounds import Cards
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Packaging, Weighing
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.containers.queries import Container
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.medical.collecting import hand_over_ward, start_round
from wastetrack.medical.ending_rounds import end_round
from wastetrack.medical.model import (
    AddWard,
    EndRound,
    HandOverWard,
    Nurse,
    NurseConfirmed,
    PackBag,
    WardKind,
)
from wastetrack.medical.packing import pack_bag
from wastetrack.medical.registering import add_ward
from wastetrack.scales.model import AccuracyClass, AddScale, PushReading, ScaleUnit
from wastetrack.scales.pushing import push_reading
from wastetrack.scales.registering import add_scale

_WARDS = (
    ("W01", "内科一病区", WardKind.INPATIENT, "3号楼2层"),
    ("W02", "手术室", WardKind.OPERATING, "1号楼5层"),
    ("W03", "隔离病区", WardKind.ISOLATION, "6号楼1层"),
)
_SERIAL = "BY-SC-001"
_BAG_G, _BOX_G = 120, 350
_DAYS_OF_LAST_MONTH = (4, 11, 18, 25)


@dataclass(slots=True)
class Hospital:
    """The hospital at work."""

    teller: Teller
    wards: list[UUID] = field(default_factory=list)
    """In the order of the table above."""

    async def open(self) -> None:
        """Wards and the scale of the first one."""
        step = await self.teller.on(self.teller.month_before, 7.0)
        house = self.teller.guests.hospital
        owner = house.by(Role.OWNER)
        for code, name, kind, location in _WARDS:
            command = AddWard(site_id=house.site.id, code=code, name=name, kind=kind, location=location)
            self.wards.append((await add_ward(step.session, owner, command, at=step.at)).id)
        scale = AddScale(
            site_id=house.site.id,
            ward_id=self.wards[0],
            name="内科一病区电子秤",
            serial=_SERIAL,
            unit=ScaleUnit.KILOGRAM,
            accuracy=AccuracyClass.MEDIUM,
            verified_on=local_day(step.at) - timedelta(days=60),
            verified_until=local_day(step.at) + timedelta(days=305),
            uncertainty=Mass(5),
        )
        await add_scale(step.session, owner, scale, at=step.at)

    async def pack(self, step: Step, place: int) -> list[Container]:
        """A bag and a sharps box of a ward; the first ward's bag by its own scale, the last one's in two layers."""
        nurse, ward_id = self.teller.guests.nurse, self.wards[place]
        infected = _WARDS[place][2] is WardKind.ISOLATION
        bag = PackBag(
            ward_id=ward_id,
            kind=MedicalClass.INFECTIOUS,
            packaging=Packaging.BAG,
            volume_l=60,
            filled_percent=70,
            layers=2 if infected else 1,
            highly_infectious=infected,
        )
        box = PackBag(
            ward_id=ward_id,
            kind=MedicalClass.SHARP,
            packaging=Packaging.SHARPS_BOX,
            volume_l=12,
            filled_percent=70,
            layers=2 if infected else 1,
            highly_infectious=infected,
            weighing=_typed(Mass(2_100 + 90 * place), _BOX_G),
        )
        weighed = await self._weighed(step, bag, Mass(3_400 + 310 * place), by_scale=place == 0)
        return [(await pack_bag(step.session, nurse, one, at=step.at))[0] for one in (weighed, box)]

    async def _weighed(self, step: Step, bag: PackBag, gross: Mass, *, by_scale: bool) -> PackBag:
        if not by_scale:
            return replace(bag, weighing=_typed(gross, _BAG_G))
        reading = PushReading(reading_id=new_id(), serial=_SERIAL, gross=gross)
        row = await push_reading(step.session, self.teller.guests.nurse, reading, at=step.at)
        return replace(bag, reading_id=row.id, tare=Mass(_BAG_G))

    async def collect(self, step: Step, bags: list[list[Container]]) -> Step:
        """A round through the wards, ended at the temporary store."""
        house, collector, nurse = self.teller.guests.hospital, self.teller.guests.collector, self.teller.guests.nurse
        walk = await start_round(step.session, collector, house.site.id, at=step.at)
        for ward_id, given in zip(self.wards, bags, strict=True):
            step = await self.teller.later(step, 0.15)
            handed = HandOverWard(
                round_id=walk.id,
                ward_id=ward_id,
                codes=tuple(DigitalCode.parse(bag.digital_code) for bag in given),
                bags=len(given),
                mass=Mass(sum(bag.net_g for bag in given)),
                nurse=Nurse(name=nurse.person_name, confirmed=NurseConfirmed.NAMED),
            )
            await hand_over_ward(step.session, collector, handed, at=step.at)
        step = await self.teller.later(step, 0.3)
        all_bags = [bag for given in bags for bag in given]
        stored = EndRound(
            round_id=walk.id,
            store_id=house.stores[0].id,
            bags=len(all_bags),
            mass=Mass(sum(bag.net_g for bag in all_bags)),
        )
        await end_round(step.session, collector, stored, at=step.at)
        return step

    async def day(self, step: Step) -> tuple[Step, list[Container]]:
        """All wards pack, the collector walks."""
        bags = [await self.pack(step, place) for place in range(len(self.wards))]
        step = await self.collect(await self.teller.later(step, 1), bags)
        return step, [bag for given in bags for bag in given]


def _typed(gross: Mass, tare_g: int) -> Weighing:
    """Read off the round's hand scale."""
    return Weighing(
        gross=gross, tare=Mass(tare_g), method=WeighingMethod.PLATFORM_SCALE, scale_id="SC-H2", confirmed=True
    )


async def wards(teller: Teller) -> None:
    """The month before with its cards, summed up and confirmed; this month with some, and bags in wards and store."""
    hospital, cards = Hospital(teller), Cards(teller, teller.guests.hospital)
    await hospital.open()
    for number in _DAYS_OF_LAST_MONTH:
        step, bags = await hospital.day(await teller.on(teller.month_before.replace(day=number), 7.5))
        await cards.send(await teller.later(step, 3), bags)
    await cards.sum_up_before(teller.month)
    for day in sorted({teller.month, teller.day(3)}):
        step, bags = await hospital.day(await teller.on(day, 7.5))
        await cards.send(await teller.later(step, 3), bags, cleaned=day != teller.day(3))
    await hospital.day(await teller.at(1, 7.5))
    step = await teller.at(1, 15.5)
    for place in range(len(hospital.wards)):
        await hospital.pack(step, place)
