"""The life of a plant: batch after batch, what treatment leaves, and what it moves about in its stores."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from wastetrack.auth.model import Role
from wastetrack.catalogues.waste_codes import parse
from wastetrack.cli.demonstration.filling import load_of
from wastetrack.cli.demonstration.members import Plant, Waiting
from wastetrack.cli.demonstration.scales import Filled, fill
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.wastes import WASTES
from wastetrack.cli.demonstration.working_hours import after, local_day, some_time
from wastetrack.cli.demonstration.year import Year
from wastetrack.containers.batch_rules import BatchOutcome, BatchPlan, Product, Reading, ReadingKind
from wastetrack.containers.model import Residue, StoreContainers, Treat
from wastetrack.containers.storing import store_containers
from wastetrack.containers.treating import treat
from wastetrack.mass import Mass

_MOST_IN_A_BATCH = 16
_MOVES = 0.3
# Acids and alkalis stay where the gate put them.
_APART = frozenset({"HW34", "HW35"})


_RECIPES = {"R9": "减压蒸馏 2号方", "D10": "回转窑配伍"}
_WON = {"R9": ("再生基础油", 0.62), "R4": ("再生铅锭", 0.55)}
_KWH_PER_TONNE = 85


def _outcome(method: str, input_g: int) -> BatchOutcome:
    """What the plant's log says of a batch: the power it took, and what was won of the waste."""
    power = Decimal(input_g * _KWH_PER_TONNE // 1_000_000 + 1)
    readings = (Reading(kind=ReadingKind.ENERGY, name="电", quantity=power, unit="kWh"),)
    if method not in _WON:
        return BatchOutcome(readings=readings)
    name, share = _WON[method]
    return BatchOutcome(readings=readings, products=(Product(name=name, mass=Mass(round(input_g * share))),))


@dataclass(slots=True)
class PlantLife:
    """One plant's days."""

    year: Year
    plant: Plant
    dice: Random
    owed_g: float = 0.0
    """Residue that is still in the furnace or the tank: too little to fill a container."""

    async def live(self, since: datetime) -> None:
        """Treat what waits, every so many days."""
        facts = self.plant.facts
        day = local_day(since)
        while True:
            day += timedelta(days=facts.every_days)
            step = await self.year.clock.until(some_time(day, self.dice))
            if self.plant.is_suspended(local_day(step.at)):
                continue
            due = [one for one in self.plant.waiting if one.since + timedelta(days=facts.every_days) <= step.at]
            for method in sorted({one.method for one in due}):
                batch = [one for one in due if one.method == method][:_MOST_IN_A_BATCH]
                step = await self._treat(step, method, batch)
            if due and len(self.plant.stores) > 1 and self.dice.random() < _MOVES:
                await self._move(step)

    async def _treat(self, step: Step, method: str, batch: list[Waiting]) -> Step:
        self.plant.waiting[:] = [one for one in self.plant.waiting if one not in batch]
        left = self._residues(sum(one.load.net_g for one in batch))
        residues = []
        for code, filled in left:
            waste = WASTES[code]
            residues.append(
                Residue(
                    description=self.year.description(code, local_day(step.at)),
                    packaging=waste.vessel.packaging,
                    volume_l=waste.vessel.volume_l,
                    weighing=filled.weighing,
                )
            )
        command = Treat(
            site_id=self.plant.site.id,
            container_ids=tuple(one.load.id for one in batch),
            method=method,
            treated_on=local_day(step.at),
            residues=tuple(residues),
            plan=BatchPlan(recipe=_RECIPES.get(method, "")),
            outcome=_outcome(method, sum(one.load.net_g for one in batch)),
        )
        _, rows, _ = await treat(step.session, self.plant.by(Role.GATE_OPERATOR), command, at=step.at)
        if not rows:
            return step
        made = [load_of(row, filled.true_g) for row, (_, filled) in zip(rows, left, strict=True)]
        step = await self.year.clock.until(after(step.at, self.dice, minutes=(30, 70)))
        store = StoreContainers(container_ids=tuple(load.id for load in made), store_id=self.plant.stores[-1].id)
        await store_containers(step.session, self.plant.by(Role.GATE_OPERATOR), store, at=step.at)
        self.plant.outgoing.extend(made)
        return step

    def _residues(self, input_g: int) -> list[tuple[str, Filled]]:
        """Full containers of residue; the rest is owed to the next batch."""
        found: list[tuple[str, Filled]] = []
        owner = self.plant.organisation.credit_code[-5:]
        for code, per_mille in self.plant.facts.residues:
            waste = WASTES[code]
            self.owed_g += input_g * per_mille / 1_000 * self.dice.gauss(1, 0.06)
            while self.owed_g >= waste.lightest_g:
                true_g = round(min(self.owed_g, self.dice.uniform(waste.lightest_g, waste.heaviest_g)))
                self.owed_g -= true_g
                found.append((code, fill(waste.vessel, true_g, owner, self.dice)))
        return found

    async def _move(self, step: Step) -> None:
        """Make room: some of what waits goes to another store."""
        moved = [one.load for one in self.plant.waiting if parse(one.load.code).category not in _APART][:3]
        if not moved:
            return
        step = await self.year.clock.until(after(step.at, self.dice, minutes=(20, 60)))
        standing = {one.load.id for one in self.plant.waiting}
        still = tuple(load.id for load in moved if load.id in standing)
        command = StoreContainers(container_ids=still, store_id=self.dice.choice(self.plant.stores).id)
        if still:
            await store_containers(step.session, self.plant.by(Role.GATE_OPERATOR), command, at=step.at)
