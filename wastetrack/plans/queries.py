"""Reading plans as the actor may see them: one's own, drafts too; those filed in the region that one watches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.plans.content import Content
from wastetrack.plans.model import ManagementClass, PlanState
from wastetrack.plans.tables import PlanItemRow, PlanRow, PlanVersionRow, SetClassRow

KIND: Final = "plan"
Plan = PlanRow
PlanVersion = PlanVersionRow
PlanItem = PlanItemRow
"""As other rooms read them."""
PLAN_ORDERS: Final[Mapping[str, Any]] = {
    "year": col(PlanRow.year),
    "state": col(PlanRow.state),
    "filing_number": col(PlanRow.filing_number),
    "filed_at": col(PlanRow.filed_at),
}
FILING_ORDERS: Final[Mapping[str, str]] = {
    "organisation": "firm.name",
    "site": "site.name",
    "region": "site.region_code",
    "filed": "plan.filed_at",
    "management_class": "version.management_class",
}
_MANY = Window(limit=200)
_USUAL = Window()


@dataclass(frozen=True, slots=True)
class ClassWord:
    """What an authority last said of a site's class."""

    management_class: ManagementClass | None
    reason: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class SiteFiling:
    """A site and what the register calls it, whose plan of a year is or is not filed."""

    site_id: UUID
    site: str
    organisation_id: UUID
    organisation: str
    region_code: str
    plan_id: UUID | None
    filing_number: str | None
    management_class: ManagementClass | None
    filed_at: datetime | None
    version: int


def _seen(actor: Actor) -> sa.Select[PlanRow]:
    return sa.select(PlanRow).where(
        sa.or_(col(PlanRow.organisation_id) == actor.organisation_id, visible(actor, KIND, col(PlanRow.id)))
    )


async def plan(session: ReadSession, actor: Actor, plan_id: UUID) -> PlanRow:
    """One plan. Raises NotFound."""
    return _found((await session.scalars(_seen(actor).where(col(PlanRow.id) == plan_id))).one_or_none(), plan_id)


async def locked(session: WriteSession, actor: Actor, plan_id: UUID) -> PlanRow:
    """The same, locked until the unit of work ends. Raises NotFound."""
    statement = _seen(actor).where(col(PlanRow.id) == plan_id).with_for_update()
    found = (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()
    return _found(found, plan_id)


def _found(row: PlanRow | None, plan_id: UUID) -> PlanRow:
    if row is None:
        raise NotFound("plan_unknown", "There is no such management plan.", plan_id=plan_id)
    return row


async def plan_of(session: ReadSession, actor: Actor, site_id: UUID, year: int) -> PlanRow | None:
    """The plan of a site for a year, if the actor sees one."""
    statement = _seen(actor).where(col(PlanRow.site_id) == site_id, col(PlanRow.year) == year)
    return (await session.scalars(statement)).one_or_none()


async def plans_seen(
    session: ReadSession,
    actor: Actor,
    window: Window = _MANY,
    *,
    year: int | None = None,
    state: PlanState | None = None,
    site_id: UUID | None = None,
) -> list[tuple[PlanRow, PlanVersionRow]]:
    """The plans that the actor sees with their newest version, in an order of PLAN_ORDERS or the newest year first, in
    one statement."""
    newest = (
        sa.select(sa.func.max(col(PlanVersionRow.version)))
        .where(col(PlanVersionRow.plan_id) == col(PlanRow.id))
        .correlate(PlanRow)
        .scalar_subquery()
    )
    statement = (
        sa.select(PlanRow, PlanVersionRow)
        .join(PlanVersionRow, col(PlanVersionRow.plan_id) == col(PlanRow.id))
        .where(
            sa.or_(col(PlanRow.organisation_id) == actor.organisation_id, visible(actor, KIND, col(PlanRow.id))),
            col(PlanVersionRow.version) == newest,
        )
    )
    if year is not None:
        statement = statement.where(col(PlanRow.year) == year)
    if state is not None:
        statement = statement.where(col(PlanRow.state) == state.value)
    if site_id is not None:
        statement = statement.where(col(PlanRow.site_id) == site_id)
    statement = window.over(statement, PLAN_ORDERS, col(PlanRow.year).desc(), col(PlanRow.id).desc())
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def own_in_force(
    session: ReadSession, organisation_id: UUID, year: int
) -> dict[UUID, tuple[PlanRow, PlanVersionRow | None]]:
    """A firm's plans of a year by site, each with the version that was filed last, in one statement. None is a plan
    that was never filed."""
    statement = (
        sa.select(PlanRow, PlanVersionRow)
        .outerjoin(
            PlanVersionRow,
            sa.and_(
                col(PlanVersionRow.plan_id) == col(PlanRow.id), col(PlanVersionRow.version) == col(PlanRow.version)
            ),
        )
        .where(col(PlanRow.organisation_id) == organisation_id, col(PlanRow.year) == year)
    )
    return {row[0].site_id: (row[0], row[1]) for row in await session.execute(statement)}


async def versions(session: ReadSession, plan_id: UUID) -> list[PlanVersionRow]:
    """Every version of a plan that the actor sees, the newest first. Who sees the plan is asked before."""
    statement = (
        sa.select(PlanVersionRow)
        .where(col(PlanVersionRow.plan_id) == plan_id)
        .order_by(col(PlanVersionRow.version).desc())
    )
    return list((await session.scalars(statement)).all())


def items_of(*plan_ids: UUID) -> sa.Select[PlanItemRow]:
    """The statement of the next reader, in the order in which lines are locked."""
    return sa.select(PlanItemRow).where(col(PlanItemRow.plan_id).in_(plan_ids)).order_by(col(PlanItemRow.id))


async def items(session: ReadSession, plan_ids: Iterable[UUID]) -> list[PlanItemRow]:
    """The transfer lines in force of some plans, by code, with what manifests have taken of them."""
    found = (await session.scalars(items_of(*plan_ids))).all()
    return sorted(found, key=lambda item: (item.waste_code, item.method, item.id))


async def set_class_of(session: ReadSession, site_id: UUID) -> ClassWord | None:
    """What the authority last said of a site's class; None when it never did, or took it back."""
    statement = (
        sa.select(SetClassRow)
        .where(col(SetClassRow.site_id) == site_id)
        .order_by(col(SetClassRow.set_at).desc(), col(SetClassRow.id).desc())
        .limit(1)
    )
    row = (await session.scalars(statement)).one_or_none()
    if row is None or row.management_class is None:
        return None
    return ClassWord(ManagementClass(row.management_class), row.reason, row.set_at)


def content_of(row: PlanVersionRow) -> Content:
    """What a version says."""
    return Content.model_validate(row.content)


# Whoever makes or disposes of waste plans it at each place where it does (5.1); vehicles' depots do not.
_WHO_FILED = """
select site.id as site_id, site.name as site, firm.id as organisation_id, firm.name as organisation, site.region_code,
  plan.id as plan_id, plan.filing_number, version.management_class, plan.filed_at, coalesce(plan.version, 0) as version
from sites site join organisations firm on firm.id = site.organisation_id
left join management_plans plan on plan.site_id = site.id and plan.year = $2 and plan.filed_at is not null
left join plan_versions version on version.plan_id = plan.id and version.version = plan.version
where site.region_code like $1 || '%' and site.kind <> 'depot' and firm.kinds && array['generator', 'disposer']
  and ($3::boolean is null or (plan.id is not null) = $3)
"""
_NOT_FILED_FIRST = "(plan.id is not null), site.region_code, firm.name, site.name"


async def who_filed(
    session: ReadSession, region_prefix: str, year: int, window: Window = _USUAL, *, filed: bool | None = None
) -> list[SiteFiling]:
    """The sites of a region whose plan of a year is due, in an order of FILING_ORDERS or those that have not filed
    first, in one statement. Plans that the actor does not see count as not filed: for authorities over their own
    region."""
    driver = await session.driver()
    statement = _WHO_FILED + window.clause(FILING_ORDERS, _NOT_FILED_FIRST)
    return [_site(row) for row in await driver.fetch(statement, region_prefix, year, filed)]


def _site(row: Any) -> SiteFiling:  # noqa: ANN401  a record
    told = dict(row)
    found = told.pop("management_class")
    return SiteFiling(**told, management_class=None if found is None else ManagementClass(found))
