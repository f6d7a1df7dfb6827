"""A shipper fills, labels, weighs, stores and sometimes repacks the containers of one manifest."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.fates import Fate
from wastetrack.cli.demonstration.members import Load, Shipper
from wastetrack.cli.demonstration.scales import Filled, fill
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.wastes import WASTES, Vessel, Waste
from wastetrack.cli.demonstration.working_hours import after, local_day, some_time
from wastetrack.cli.demonstration.year import Year
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import Filling, LabelContainer, Repack, StoreContainers, WeighContainer
from wastetrack.containers.queries import Container
from wastetrack.containers.repacking import repack
from wastetrack.containers.storing import store_containers, weigh_container

_STORED_AT_ONCE = 0.7
_PART_FILLED = 0.42


def choose_code(shipper: Shipper, dice: Random) -> str:
    """One of the trade's wastes, the first the most often."""
    codes = shipper.facts.codes
    return dice.choices(codes, [len(codes) - place for place in range(len(codes))])[0]


def how_many(waste: Waste, dice: Random) -> int:
    """How many containers a manifest takes: few of the large ones."""
    most = 3 if waste.heaviest_g > 500_000 else 5  # noqa: PLR2004  half a tonne
    return dice.randint(1, most)


def days_before(day: date, count: int, dice: Random, *, longest: int) -> list[date]:
    """On which days before a day the containers were filled."""
    return sorted(day - timedelta(days=dice.randint(1, longest)) for _ in range(count))


class Filler:
    """One shipper's workshop or ward, for one manifest."""

    def __init__(self, year: Year, shipper: Shipper, code: str, dice: Random) -> None:
        self._year, self._shipper, self._dice = year, shipper, dice
        self._waste = WASTES[code]

    async def fill(self, days: list[date], fate: Fate) -> list[Load]:
        """Fill a container on each of these days; then what the fate asks for. Gives what stands in store."""
        loads: list[Load] = []
        to_store: list[UUID] = []
        step: Step | None = None
        moments = sorted(some_time(day, self._dice) for day in days)
        for moment in moments:
            step = await self._year.clock.until(moment)
            share = _PART_FILLED if fate is Fate.MERGED else 1.0
            at_once = self._dice.random() < _STORED_AT_ONCE
            loads.append(await self._label(step, share, at_once=at_once))
            if not at_once:
                to_store.append(loads[-1].id)
        if step is None:
            return loads
        if to_store:
            step = await self._year.clock.until(after(step.at, self._dice, minutes=(20, 90)))
            await self._store(step, to_store)
        return await self._changed(step, loads, fate)

    async def _label(self, step: Step, share: float, *, at_once: bool) -> Load:
        waste = self._waste
        true_g = round(share * self._dice.uniform(waste.lightest_g, waste.heaviest_g))
        filled = self._fill(waste.vessel, true_g)
        day = local_day(step.at)
        command = LabelContainer(
            site_id=self._shipper.site.id,
            description=self._year.description(waste.code, day),
            packaging=waste.vessel.packaging,
            volume_l=waste.vessel.volume_l,
            weighing=filled.weighing,
            generated_on=day,
            store_id=self._shipper.store_for(waste.code).id if at_once else None,
            packed=waste.packed,
        )
        row, _ = await label_container(step.session, self._shipper.by(Role.FILER), command, at=step.at)
        return load_of(row, filled.true_g)

    def _fill(self, vessel: Vessel, true_g: int) -> Filled:
        return fill(vessel, true_g, self._shipper.organisation.credit_code[-5:], self._dice)

    async def _store(self, step: Step, container_ids: list[UUID]) -> None:
        command = StoreContainers(
            container_ids=tuple(container_ids), store_id=self._shipper.store_for(self._waste.code).id
        )
        await store_containers(step.session, self._shipper.by(Role.FILER), command, at=step.at)

    async def _changed(self, step: Step, loads: list[Load], fate: Fate) -> list[Load]:
        if fate is Fate.REWEIGHED:
            step = await self._later(step.at)
            return [await self._weigh_again(step, loads[0]), *loads[1:]]
        if fate is Fate.REPACKED:
            return [*await self._repack(step.at, loads[:1], 1, "外包装锈蚀，倒换时沾壁损失"), *loads[1:]]
        if fate is Fate.SPLIT:
            return [*await self._repack(step.at, loads[:1], 2, "分装称量差"), *loads[1:]]
        if fate is Fate.MERGED:
            return [*await self._repack(step.at, loads[:2], 1, "并桶称量差"), *loads[2:]]
        return loads

    async def _later(self, moment: datetime) -> Step:
        return await self._year.clock.until(after(moment, self._dice, minutes=(30, 120)))

    async def _weigh_again(self, step: Step, load: Load) -> Load:
        again = self._fill(self._waste.vessel, load.true_g)
        command = WeighContainer(container_id=load.id, weighing=again.weighing)
        await weigh_container(step.session, self._shipper.by(Role.FILER), command, at=step.at)
        return replace(load, net_g=again.weighing.net.grams)

    async def _repack(self, moment: datetime, parents: list[Load], into: int, reason: str) -> list[Load]:
        step = await self._later(moment)
        vessel = self._waste.vessel
        true_g = sum(load.true_g for load in parents) // into
        filled = [self._fill(vessel, true_g) for _ in range(into)]
        command = Repack(
            from_ids=tuple(load.id for load in parents),
            into=tuple(
                Filling(packaging=vessel.packaging, volume_l=vessel.volume_l, weighing=one.weighing) for one in filled
            ),
            repacked_on=local_day(step.at),
            loss_reason=reason,
        )
        children, _ = await repack(step.session, self._shipper.by(Role.FILER), command, at=step.at)
        made = [load_of(row, one.true_g) for row, one in zip(children, filled, strict=True)]
        step = await self._later(step.at)
        await self._store(step, [load.id for load in made])
        return made


def load_of(row: Container, true_g: int) -> Load:
    """What the demonstration remembers of a container."""
    return Load(row.id, row.digital_code, row.waste_code, row.tare_g, row.net_g, true_g)
