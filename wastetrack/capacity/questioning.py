"""An authority asks whether capacity matches what arises: the question is kept, and a worker answers it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.capacity import queries
from wastetrack.capacity.expecting import years_of
from wastetrack.capacity.facts import MONTHS
from wastetrack.capacity.project_queries import awaited, newest_forecast, projects
from wastetrack.capacity.requantifying import PermitLine, meant
from wastetrack.capacity.result import FORECASTS, Question, ScenarioKind, SupplyGround
from wastetrack.capacity.tables import CapacityRunRow
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.mass import ZERO, Mass
from wastetrack.tasks import starting

KIND: Final = "capacity_run"
"""Of the long task."""
_FIRST_YEAR, _YEARS_AHEAD = 2020, 10
_SMALLEST, _LARGEST = 0.1, 20.0
_FARTHEST_KM = 5_000
_MOST: Final = Mass(10**13)
"""Of a permit item in a year: ten million tonnes."""
NEEDS_PLANTS: Final = frozenset(
    {ScenarioKind.OUTAGE, ScenarioKind.RETIREMENT, ScenarioKind.NEW_PLANT, ScenarioKind.OTHER_QUANTITY}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskMatching:
    """A region (prefix of its code), a year, on what the supply rests, and what is to be different."""

    year: int
    region: str = ""
    """Empty: one's own."""
    title: str = ""
    ground: SupplyGround = SupplyGround.LARGER
    scenario: ScenarioKind = ScenarioKind.AS_IT_IS
    plants: tuple[str, ...] = ()
    from_month: int = 1
    factor: float = 1.0
    item: str = ""
    """Of the plant's permit: a code or class, with a method behind it where several items name it."""
    quantity: Mass | None = None
    """What that item is to allow in a year."""
    reach_km: float | None = None
    free_elsewhere: bool = False

    def broken(self, this_year: int) -> list[Broken]:
        """All rules that the question breaks by itself."""
        found = []
        if not _FIRST_YEAR <= self.year <= this_year + _YEARS_AHEAD:
            step = message("Write a year from 2020 on, at most ten years ahead.")
            told = message("{value} is no year to be assessed.")
            found.append(Broken("year", "year_out_of_range", told, self.year, next_step=step))
        if self.scenario in NEEDS_PLANTS and not self.plants:
            step = message("Choose the plants that stop, retire or are new.")
            if self.scenario is ScenarioKind.OTHER_QUANTITY:
                step = message("Choose the one plant whose permit item it is.")
            found.append(Broken("plants", "missing", "This is needed.", next_step=step))
        if self.scenario is ScenarioKind.OTHER_QUANTITY:
            found += self._broken_quantity()
        if self.scenario is ScenarioKind.MORE_SUPPLY and not _SMALLEST <= self.factor <= _LARGEST:
            step = message("Write a factor from 0.1 to 20; 1.2 is a fifth more.")
            told = message("{value} is no such factor.")
            found.append(Broken("factor", "factor_out_of_range", told, f"{self.factor:g}", next_step=step))
        if not 1 <= self.from_month <= MONTHS:
            step = message("Write 1 to 12.")
            found.append(Broken("from_month", "month_unknown", "{value} is no month.", self.from_month, next_step=step))
        if self.reach_km is not None and not 1 <= self.reach_km <= _FARTHEST_KM:
            step = message("Write kilometres from 1 to 5,000, or nothing for no limit.")
            told = message("{value} is no such distance.")
            found.append(Broken("reach_km", "reach_out_of_range", told, f"{self.reach_km:g}", next_step=step))
        return found

    def _broken_quantity(self) -> list[Broken]:
        found = []
        if len(self.plants) > 1:
            step = message("Choose the one plant whose permit item it is.")
            told = message("{value} plants are chosen; an item is one plant's.")
            found.append(Broken("plants", "plant_not_one", told, len(self.plants), next_step=step))
        if self.quantity is None:
            step = message("Write the tonnes that the item is to allow in a year; 0 for none.")
            found.append(Broken("quantity", "missing", "This is needed.", next_step=step))
        elif not ZERO <= self.quantity <= _MOST:
            step = message("Write tonnes a year from 0 to 10,000,000.")
            told = message("{value} is no such quantity.")
            found.append(Broken("quantity", "quantity_out_of_range", told, self.quantity.tonne_text(), next_step=step))
        return found


async def ask(session: WriteSession, actor: Actor, command: AskMatching, *, at: datetime) -> UUID:
    """Keep the question and queue its answer. Raises Forbidden, NotFound for another's region, RuleBroken."""
    own = queries.region_of(actor)
    demand(actor, Verb.ASSESS_CAPACITY)
    region = command.region or own
    lists = await snapshot(session)
    known = lists.regions.get(region.ljust(6, "0"))
    if not region.startswith(own) or known is None:
        raise NotFound("region_not_watched", "There is no such region in your jurisdiction.")
    broken = command.broken(legal_day(at).year)
    unknown = await _unknown_plants(session, actor, command, region, at)
    line, not_meant = await _permit_line(session, command) if not (broken or unknown) else (None, [])
    refuse([*broken, *unknown, *not_meant, *await _no_forecast(session, actor, command, region)])
    title = command.title.strip() or f"{known.name} {command.year}"
    question = Question(
        title=title,
        region=region,
        year=command.year,
        ground=command.ground,
        scenario=command.scenario,
        plants=command.plants if command.scenario in NEEDS_PLANTS else (),
        from_period=command.from_month - 1,
        factor=command.factor if command.scenario is ScenarioKind.MORE_SUPPLY else 1.0,
        item=line.pattern if line else "",
        item_methods=line.methods if line else (),
        quantity_g=command.quantity.grams if line and command.quantity is not None else None,
        reach_km=command.reach_km,
        free_elsewhere=command.free_elsewhere,
    )
    row = CapacityRunRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        region=region,
        year=command.year,
        scenario=command.scenario.value,
        title=title,
        question=question.model_dump(mode="json"),
        asked_at=at,
    )
    session.add(row)
    await session.flush()
    row.task_id = await starting.start(
        session,
        actor,
        kind=KIND,
        title=message("Matching of capacity: {title}"),
        facts={"title": title},
        arguments={"run_id": str(row.id)},
        at=at,
    )
    await session.flush()
    return row.id


async def _permit_line(session: WriteSession, command: AskMatching) -> tuple[PermitLine | None, list[Broken]]:
    """The permit item that the scenario is about, where it is about one."""
    if command.scenario is not ScenarioKind.OTHER_QUANTITY:
        return None, []
    return meant(await queries.permit_lines_of(session, UUID(command.plants[0]), command.year), command.item)


async def _no_forecast(session: WriteSession, actor: Actor, command: AskMatching, region: str) -> list[Broken]:
    """Why the supply cannot rest on a forecast, where it shall."""
    if command.ground not in FORECASTS:
        return []
    found = await newest_forecast(session, actor, region)
    if found is None:
        step = message("Have what arises forecast first, or choose another ground of the supply.")
        return [Broken("ground", "forecast_missing", "Of {value} no forecast was made.", region, next_step=step)]
    if command.year not in (years := years_of(found[0])):
        step = message("Choose one of the years in which the next twelve months lie, or have a newer forecast made.")
        told = message("The forecast of this region stands for {years}, not for {value}.")
        facts: dict[str, object] = {"years": "–".join(str(year) for year in dict.fromkeys((years[0], years[-1])))}
        return [Broken("year", "forecast_of_other_year", told, command.year, next_step=step, facts=facts)]
    return []


async def _unknown_plants(
    session: WriteSession, actor: Actor, command: AskMatching, region: str, at: datetime
) -> list[Broken]:
    """Plants that are none of the region's, or projects on which nobody can count in that year."""
    if command.scenario not in NEEDS_PLANTS or not command.plants:
        return []
    if command.scenario is ScenarioKind.NEW_PLANT:
        found = await projects(session, actor, region=region)
        known = {one.plant for one, _ in awaited(found, command.year)}
        step = message("Choose projects that are approved, being built or on trial, and expected by that year.")
    else:
        known = {str(one.id) for one in await queries.plants_of(session, region, at=at)}
        step = message("Choose plants of the region from the list.")
    return [
        Broken("plants", "plant_unknown", "{value} is no plant of this region.", one, next_step=step)
        for one in command.plants
        if one not in known
    ]
