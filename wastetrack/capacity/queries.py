"""Reading assessments: the newest, one with its result, and what can be asked about. None of it needs the solver."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import demand_authority
from wastetrack.capacity.requantifying import PermitLine
from wastetrack.capacity.result import Question, Result, ScenarioKind
from wastetrack.capacity.tables import CapacityRunRow
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound

NEWEST: Final = 50
_HEAD = (
    col(CapacityRunRow.id),
    col(CapacityRunRow.organisation_id),
    col(CapacityRunRow.task_id),
    col(CapacityRunRow.region),
    col(CapacityRunRow.year),
    col(CapacityRunRow.scenario),
    col(CapacityRunRow.title),
    col(CapacityRunRow.asked_at),
    col(CapacityRunRow.made_at),
    col(CapacityRunRow.seconds),
    col(CapacityRunRow.supply_g),
    col(CapacityRunRow.unmatched_g),
)
_PLANTS: Final = """
select distinct site.id, firm.name as organisation, site.name, site.region_code
from permits permit join sites site on site.organisation_id = permit.organisation_id
  and (permit.site_id is null or permit.site_id = site.id)
join organisations firm on firm.id = site.organisation_id
where site.kind = 'treatment' and permit.kind <> 'collection' and site.region_code like $1 || '%'
  and permit.valid_to >= $2::date
order by firm.name, site.name, site.id
"""
_LINES: Final = """
select item.pattern, item.methods from sites site join permits permit on permit.organisation_id = site.organisation_id
  and (permit.site_id is null or permit.site_id = site.id)
join permit_items item on item.permit_id = permit.id
where site.id = $1 and permit.kind <> 'collection' and permit.valid_from <= $3 and permit.valid_to >= $2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """An assessment without its result."""

    id: UUID
    organisation_id: UUID
    task_id: UUID | None
    region: str
    year: int
    scenario: ScenarioKind
    title: str
    asked_at: datetime
    made_at: datetime | None
    seconds: float | None
    supply_g: int | None
    unmatched_g: int | None

    @property
    def is_made(self) -> bool:
        """Whether its result is there."""
        return self.made_at is not None


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant that a scenario can be about."""

    id: UUID
    organisation: str
    name: str
    region_code: str

    @property
    def title(self) -> str:
        """To choose it by."""
        return self.name if self.name.startswith(self.organisation) else f"{self.organisation} {self.name}"


def region_of(actor: Actor) -> str:
    """The prefix of the region that an authority watches. Raises Forbidden for others."""
    demand_authority(actor)
    return actor.viewer.removeprefix("r:")


async def runs(session: ReadSession, actor: Actor, *, limit: int = NEWEST) -> list[Run]:
    """The newest assessments of one's region and of those within it. Raises Forbidden."""
    wanted = (
        sa.select(*_HEAD)
        .where(col(CapacityRunRow.region).startswith(region_of(actor)))
        .order_by(col(CapacityRunRow.asked_at).desc(), col(CapacityRunRow.id).desc())
        .limit(limit)
    )
    return [_run(row) for row in (await session.execute(wanted)).mappings()]


def _run(row: Mapping[Any, Any]) -> Run:
    told = {name: value for name, value in row.items() if name not in {"question", "result"}}
    return Run(**{**told, "scenario": ScenarioKind(told["scenario"])})


async def run_of(session: ReadSession, actor: Actor, run_id: UUID) -> tuple[Run, Question, Result | None]:
    """One of them whole; without a result as long as it is being made. Raises NotFound, Forbidden."""
    found = (await runs_whole(session, actor, (run_id,))).get(run_id)
    if found is None:
        raise NotFound("capacity_run_unknown", "There is no such assessment of capacity.", run_id=run_id)
    return found


async def runs_whole(
    session: ReadSession, actor: Actor, run_ids: Sequence[UUID]
) -> dict[UUID, tuple[Run, Question, Result | None]]:
    """Those of them that there are, in one statement. Raises Forbidden."""
    wanted = sa.select(*_HEAD, col(CapacityRunRow.question), col(CapacityRunRow.result)).where(
        col(CapacityRunRow.region).startswith(region_of(actor)), col(CapacityRunRow.id).in_(run_ids)
    )
    found = {}
    for row in (await session.execute(wanted)).mappings():
        result = None if row["result"] is None else Result.model_validate(row["result"])
        found[row["id"]] = (_run(row), Question.model_validate(row["question"]), result)
    return found


async def permit_lines_of(session: ReadSession, site_id: UUID, year: int) -> list[PermitLine]:
    """The items of the permits of a plant that hold on some day of a year, by code."""
    rows = await (await session.driver()).fetch(_LINES, site_id, date(year, 1, 1), date(year, 12, 31))
    found = {PermitLine(row["pattern"], tuple(sorted(row["methods"]))) for row in rows}
    return sorted(found, key=lambda one: (one.pattern, one.methods))


async def plants_of(session: ReadSession, region: str, *, at: datetime) -> list[Plant]:
    """The plants of a region whose permits have not run out, by name."""
    rows = await (await session.driver()).fetch(_PLANTS, region, at.date())
    return [Plant(row["id"], row["organisation"], row["name"], row["region_code"]) for row in rows]
