"""Draft the management plan of a site for a year, file it, change it with its history."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785

from wastetrack.auth import sight
from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.facilities import Facility
from wastetrack.parties.facility_queries import facilities_of
from wastetrack.parties.model import Site
from wastetrack.parties.verifying import demand_verified
from wastetrack.plans import queries
from wastetrack.plans.actuals import Actuals
from wastetrack.plans.classing import class_of
from wastetrack.plans.content import Content, FacilityLine, GenerationLine, Quantity
from wastetrack.plans.judging import actuals_of, judge, particulars_of
from wastetrack.plans.model import PlanState, PlanTable
from wastetrack.plans.policy import FULL_YEARS, Classification
from wastetrack.plans.tables import PlanItemRow, PlanRow, PlanVersionRow


async def start_plan(session: WriteSession, actor: Actor, site_id: UUID, year: int, *, at: datetime) -> PlanRow:
    """Begin the plan of a year: as the year before, or from the register and the ledger. Conflict when there is one.

    Raises NotFound, Forbidden, RuleBroken for a year that nobody plans.
    """
    site = await parties.site(session, site_id)
    demand_own(actor, Verb.FILE, site.organisation_id)
    today = legal_day(at)
    if not today.year - FULL_YEARS <= year <= today.year + 1:
        message = "A plan is made for this year or the next, or supplied for one of the last {years}; not for {value}."
        step = "Choose another year."
        facts: dict[str, object] = {"years": FULL_YEARS}
        refuse([Broken("year", "plan_year_absurd", message, year, "HJ 1259-2022, 5.2.1", step, facts)])
    if await queries.plan_of(session, actor, site_id, year) is not None:
        message = "The site has a plan for {year} already."
        raise Conflict("plan_there_already", message, year=year)
    facilities = await facilities_of(session, actor, site_id)
    known = await actuals_of(session, site_id, year)
    content = await _begun(session, actor, site, year, known=known, facilities=facilities)
    found = await class_of(session, site, content.unit, year=year, on=today, actuals=known, facilities=facilities)
    row = PlanRow(
        id=new_id(),
        organisation_id=site.organisation_id,
        site_id=site_id,
        region_code=site.region_code,
        year=year,
        state=PlanState.DRAFT.value,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    session.add(_version(row, 1, content, found, at))
    await session.flush()
    await sight.show(session, queries.KIND, row.id, (viewer_of_organisation(site.organisation_id),))
    return row


async def _begun(
    session: ReadSession, actor: Actor, site: Site, year: int, *, known: Actuals, facilities: tuple[Facility, ...]
) -> Content:
    """What a new plan says at first: as last year's, or else what the ledger knows of that year."""
    last = await queries.plan_of(session, actor, site.id, year - 1)
    if last is not None and last.version:
        rows = await queries.versions(session, last.id)
        return queries.content_of(next(one for one in rows if one.version == last.version))
    standing = [one for one in facilities if one.stands_on(date(year, 1, 1)) or one.since.year == year]
    lines = [
        GenerationLine(waste_code=code, planned=Quantity.of(mass))
        for (of_year, code), mass in sorted(known.generated.items())
        if of_year == year - 1 and mass > Mass(0)
    ]
    return Content(facilities=tuple(FacilityLine(facility_code=one.code) for one in standing), generation=tuple(lines))


def _version(row: PlanRow, version: int, content: Content, found: Classification, at: datetime) -> PlanVersionRow:
    return PlanVersionRow(
        plan_id=row.id,
        version=version,
        organisation_id=row.organisation_id,
        management_class=found.management_class.value,
        class_ground=found.ground.value,
        amount_g=found.amount.grams,
        amount_ground=found.amount_ground.value,
        content=content.model_dump(mode="json"),
        created_at=at,
        changed_at=at,
    )


async def save_tables(
    session: WriteSession, actor: Actor, plan_id: UUID, told: dict[PlanTable, Any], *, at: datetime
) -> PlanVersionRow:
    """Put some tables in the place of what the version in the making says there. Nothing is refused but what cannot be
    read: a plan is filled in over days. Raises NotFound, Forbidden, Conflict when nothing is in the making."""
    row = await queries.locked(session, actor, plan_id)
    demand_own(actor, Verb.FILE, row.organisation_id)
    version = await _open(session, row)
    content = queries.content_of(version).model_copy(update={table.value: part for table, part in told.items()})
    judged = await judge(session, actor, row, content, used={}, at=at)
    _say(version, content, judged.classification, at)
    await session.flush()
    return version


def _say(version: PlanVersionRow, content: Content, found: Classification, at: datetime) -> None:
    version.content = content.model_dump(mode="json")
    version.management_class, version.class_ground = found.management_class.value, found.ground.value
    version.amount_g, version.amount_ground = found.amount.grams, found.amount_ground.value
    version.changed_at = at


async def _open(session: WriteSession, row: PlanRow) -> PlanVersionRow:
    """The version in the making. Raises Conflict when the filed one is the newest."""
    version = await session.get(PlanVersionRow, (row.id, row.version + 1), populate_existing=True)
    if version is None:
        message = "The plan is filed as it stands. Begin a change first; the filed version stays in force meanwhile."
        raise Conflict("plan_filed_already", message)
    return version


async def start_change(session: WriteSession, actor: Actor, plan_id: UUID, *, at: datetime) -> PlanVersionRow:
    """Begin a new version of a filed plan (5.2.3). Raises NotFound, Forbidden, Conflict when one is in the making."""
    row = await queries.locked(session, actor, plan_id)
    demand_own(actor, Verb.FILE, row.organisation_id)
    if row.state != PlanState.FILED.value:
        raise Conflict("plan_changing_already", "A version of this plan is in the making already.")
    filed = await session.get_one(PlanVersionRow, (row.id, row.version))
    fresh = PlanVersionRow(
        **filed.model_dump(exclude={"version", "filed_at", "event_id", "particulars", "created_at", "changed_at"}),
        version=row.version + 1,
        created_at=at,
        changed_at=at,
    )
    session.add(fresh)
    row.state = PlanState.CHANGING.value
    await session.flush()
    return fresh


async def file_plan(session: WriteSession, actor: Actor, plan_id: UUID, *, at: datetime) -> tuple[PlanRow, Recorded]:
    """File the version in the making: checked, numbered, in force from now on; who filed stands in the event.

    Raises NotFound, Forbidden, Conflict, RuleBroken with everything that is missing or wrong.
    """
    row = await queries.locked(session, actor, plan_id)
    demand_own(actor, Verb.SIGN, row.organisation_id)
    version = await _open(session, row)
    firm = await parties.organisation(session, row.organisation_id)
    content, items = queries.content_of(version), {_key(one): one for one in await _items_locked(session, row.id)}
    used = {key: Mass(one.booked_g) for key, one in items.items() if one.booked_g}
    judged = await judge(session, actor, row, content, used=used, at=at)
    refuse(judged.broken)
    await demand_verified(session, row.organisation_id)
    _say(version, content, judged.classification, at)
    version.particulars = particulars_of(firm, judged.site, judged.known)
    first = row.version == 0
    if first:
        row.filing_number = await _number(session, row.region_code, row.year)
    row.version, row.state, row.filed_at, version.filed_at = version.version, PlanState.FILED.value, at, at
    event_id = new_id()
    version.event_id = event_id
    planned = _take_over(session, row, content, items)
    await session.flush()
    if first:
        await sight.show(session, queries.KIND, row.id, viewers_of_region(row.region_code))
    leaf = await record(
        session,
        actor,
        "plan_filed" if first else "plan_changed",
        subjects=(row.id,),
        moment=Moment(happened_at=at, recorded_at=at),
        facts=_facts(row, version, planned),
        event_id=event_id,
    )
    return row, leaf


def _facts(row: PlanRow, version: PlanVersionRow, planned: list[PlanItemRow]) -> dict[str, Any]:
    return {
        "plan": str(row.id),
        "site": str(row.site_id),
        "year": row.year,
        "version": version.version,
        "filing_number": row.filing_number,
        "class": version.management_class,
        "content_sha256": sha256(rfc8785.dumps(version.content)).hexdigest(),
        "items": [
            {"waste_code": one.waste_code, "method": one.method, "receiver": str(one.receiver_id), "g": one.planned_g}
            for one in planned
        ],
    }


def _take_over(
    session: WriteSession, row: PlanRow, content: Content, items: dict[tuple[str, str, UUID], PlanItemRow]
) -> list[PlanItemRow]:
    """Let the lines against which manifests count be those of the content; a line that went is planned with nothing."""
    planned: list[PlanItemRow] = []
    left = dict(items)
    for line in content.transfer:
        if line.receiver_id is None:
            continue
        item = left.pop((line.waste_code, line.method, line.receiver_id), None) or PlanItemRow(
            id=new_id(),
            plan_id=row.id,
            organisation_id=row.organisation_id,
            site_id=row.site_id,
            year=row.year,
            waste_code=line.waste_code,
            method=line.method,
            receiver_id=line.receiver_id,
            planned_g=0,
        )
        item.planned_g = line.planned.mass().grams
        planned.append(item)
    for gone in left.values():
        gone.planned_g = 0
    session.add_all(planned)
    return planned


def _key(item: PlanItemRow) -> tuple[str, str, UUID]:
    return item.waste_code, item.method, item.receiver_id


async def _items_locked(session: WriteSession, plan_id: UUID) -> list[PlanItemRow]:
    statement = queries.items_of(plan_id).with_for_update().execution_options(populate_existing=True)
    return list((await session.scalars(statement)).all())


async def _number(session: WriteSession, region_code: str, year: int) -> str:
    serial = await (await session.driver()).fetchval("select plan_number($1, $2)", region_code, year)
    return f"{region_code}{year}{serial:05}"


async def version_of(session: ReadSession, actor: Actor, plan_id: UUID, version: int) -> PlanVersionRow:
    """One version of a plan that the actor sees. Raises NotFound."""
    row = await queries.plan(session, actor, plan_id)
    for one in await queries.versions(session, row.id):
        if one.version == version:
            return one
    raise NotFound("plan_version_unknown", "There is no such version of this plan.", version=version)
