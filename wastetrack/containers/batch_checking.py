"""What a treatment batch may not be: of another site, without permit or own facility, heavier than what went in."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.waste_codes import parse
from wastetrack.containers.batch_rules import (
    PERMIT_ARTICLE,
    BatchBasis,
    BatchOutcome,
    BatchPlan,
    Heel,
    balance,
    check_plan,
    check_products,
    check_readings,
)
from wastetrack.containers.labelling import check_description, check_packed
from wastetrack.containers.ledger_facts import Operation
from wastetrack.containers.model import UNREMARKABLE, Residue, check_volume, check_weighing
from wastetrack.containers.moments import CLOCK_TOLERANCE, check_day
from wastetrack.containers.permission import grounds_of, why_not_permitted
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties.facilities import OWN_TREATMENT, Facility
from wastetrack.parties.facility_queries import facilities_by_id
from wastetrack.parties.model import Site


class Ended(Protocol):
    """What the commands that end a batch have in common."""

    @property
    def treated_on(self) -> date:
        """The day on which it was finished."""

    @property
    def residues(self) -> tuple[Residue, ...]:
        """What is left."""

    @property
    def outcome(self) -> BatchOutcome:
        """The rest."""

    @property
    def operation(self) -> Operation:
        """What the ledger asks beside it."""


async def check_start(
    session: ReadSession,
    actor: Actor,
    site: Site,
    rows: Sequence[ContainerRow],
    *,
    method: str,
    plan: BatchPlan,
    day: date,
    at: datetime,
) -> list[Broken]:
    """Why these containers may not be treated at this site by this method on this day."""
    broken = check_day("treated_on", day, at, made_on=[row.generated_on for row in rows])
    broken += check_plan(plan)
    broken += _check_instant("started_at", plan.started_at, at)
    for row in rows:
        if row.site_id != site.id:
            message = "Container {value} does not stand at this site."
            step = "Treat it at the site where it stands."
            broken.append(Broken("container_ids", "other_site", message, row.digital_code, next_step=step))
    facility = None
    if plan.facility_id is not None:
        facility = (await facilities_by_id(session, actor, (plan.facility_id,))).get(plan.facility_id)
        broken += _check_facility(plan.facility_id, facility, site, day)
    return broken + await check_ground(session, site, rows, method=method, basis=plan.basis, facility=facility, day=day)


async def check_ground(
    session: ReadSession,
    site: Site,
    rows: Sequence[ContainerRow],
    *,
    method: str,
    basis: BatchBasis,
    facility: Facility | None,
    day: date,
) -> list[Broken]:
    """Whether the permit, or being one's own waste in one's own facility, is ground enough on this day."""
    codes = [row.waste_code for row in rows]
    lists = await catalogues.snapshot(session)
    if basis is BatchBasis.PERMIT:
        held, by_permit = grounds_of(rows, method)
        return [
            *lists.why_not_treatment(method, day),
            *held,
            *await why_not_permitted(session, site.organisation_id, site.id, by_permit, method=method, on=day),
        ]
    broken = _check_method(lists, codes, method, day)
    if facility is not None and facility.kind not in OWN_TREATMENT:
        message = "Facility {value} neither uses nor disposes of waste."
        step = "Choose the facility in which the waste is used or disposed of."
        broken.append(Broken("facility_id", "facility_of_other_kind", message, facility.code, PERMIT_ARTICLE, step))
    for row in rows:
        if row.organisation_id != site.organisation_id:
            message = "Container {value} holds waste of somebody else; without a permit only one's own is treated."
            step = "Treat it on the ground of the site's permit, or send it to somebody who has one."
            broken.append(Broken("container_ids", "not_own_waste", message, row.digital_code, PERMIT_ARTICLE, step))
    return broken


def _check_method(lists: Catalogue, codes: Sequence[str], method: str, day: date) -> list[Broken]:
    hazardous = sorted({code for code in codes if not is_general(code)})
    return [one for code in hazardous for one in lists.why_not_treatment(method, day, code=parse(code))]


def _check_facility(facility_id: UUID, facility: Facility | None, site: Site, day: date) -> list[Broken]:
    if facility is None or facility.site_id != site.id:
        message = "This site has no such facility."
        step = "Choose one of the facilities that are entered at the site."
        return [Broken("facility_id", "facility_elsewhere", message, str(facility_id), next_step=step)]
    if facility.stands_on(day):
        return []
    message = "Facility {value} was not in use on {day}."
    step = "Choose the facility that was in use that day."
    facts: dict[str, object] = {"day": day.isoformat()}
    return [Broken("facility_id", "facility_closed", message, facility.code, facts=facts, next_step=step)]


async def check_outcome(
    session: ReadSession,
    rows: Sequence[ContainerRow],
    command: Ended,
    method: str,
    *,
    started_at: datetime | None,
    at: datetime,
) -> list[Broken]:
    """What an end may not say: residues that cannot be, heels that are none, products heavier than what went in."""
    outcome, day = command.outcome, command.treated_on
    broken = _check_residues(await catalogues.snapshot(session), command.residues, day)
    broken += _check_instant("finished_at", outcome.finished_at, at)
    broken += _check_times(started_at, outcome.finished_at, day)
    broken += check_readings(outcome.readings)
    wrong_heels = _check_heels(rows, outcome.heels)
    return broken + (wrong_heels or _check_yield(rows, method, command))


def _check_yield(rows: Sequence[ContainerRow], method: str, command: Ended) -> list[Broken]:
    outcome = command.outcome
    heels = Mass(sum(heel.gross.grams - row.tare_g for row, heel in heels_of(rows, outcome.heels) if heel))
    treated = Mass(sum(row.net_g for row in rows)) - heels
    whole = balance(treated, outcome.readings, outcome.products, [one.weighing.net for one in command.residues])
    return check_products(outcome.products, method, whole)


def heels_of(rows: Sequence[ContainerRow], heels: Sequence[Heel]) -> Iterator[tuple[ContainerRow, Heel | None]]:
    """Each container with what stayed in it."""
    left: Mapping[UUID, Heel] = {heel.container_id: heel for heel in heels}
    return ((row, left.get(row.id)) for row in rows)


def _check_residues(lists: Catalogue, residues: Sequence[Residue], day: date) -> list[Broken]:
    broken: list[Broken] = []
    for index, residue in enumerate(residues):
        at = f"residues.{index}."
        broken += check_description(lists, residue.description, on=day, field=at)
        broken += check_packed(residue.description, residue.packaging, UNREMARKABLE, field=at)
        broken += check_volume(residue.volume_l, residue.packaging)
        broken += check_weighing(residue.weighing, residue.volume_l, field=f"{at}gross_g")
    return broken


def _check_heels(rows: Sequence[ContainerRow], heels: Sequence[Heel]) -> list[Broken]:
    broken: list[Broken] = []
    known = {row.id: row for row in rows}
    for index, heel in enumerate(heels):
        field, row = f"heels.{index}.gross_g", known.get(heel.container_id)
        if row is None:
            message = "Something is left in a container that is not of this batch."
            broken.append(Broken(field, "heel_elsewhere", message, str(heel.container_id)))
        elif not row.tare_g < heel.gross.grams < row.gross_g:
            message = (
                "Container {value} cannot weigh {gross} with what is left in it: it weighs {tare} empty, {full} full."
            )
            step = "Weigh it with what is left in it; emptied containers are left out here."
            facts: dict[str, object] = {
                "gross": heel.gross.kg_text(),
                "tare": Mass(row.tare_g).kg_text(),
                "full": Mass(row.gross_g).kg_text(),
            }
            broken.append(Broken(field, "heel_absurd", message, row.digital_code, facts=facts, next_step=step))
    if len({heel.container_id for heel in heels}) != len(heels):
        broken.append(Broken("heels", "heel_twice", "What is left in a container is told once."))
    return broken


def _check_instant(field: str, instant: datetime | None, at: datetime) -> list[Broken]:
    if instant is None or instant <= at + CLOCK_TOLERANCE:
        return []
    message = "This is dated {value}, which has not come yet (it is {now})."
    step = "Give the time at which it really happened."
    facts: dict[str, object] = {"now": at.isoformat()}
    return [Broken(field, "dated_in_future", message, instant.isoformat(), facts=facts, next_step=step)]


def _check_times(started_at: datetime | None, finished_at: datetime | None, day: date) -> list[Broken]:
    broken: list[Broken] = []
    if started_at is not None and finished_at is not None and finished_at < started_at:
        message = "A batch is finished after its beginning at {started}, not at {value}."
        facts: dict[str, object] = {"started": started_at.isoformat()}
        told = finished_at.isoformat()
        step = "Give the times of the facility's log."
        broken.append(Broken("finished_at", "finished_before_begun", message, told, facts=facts, next_step=step))
    if started_at is not None and legal_day(started_at) > day:
        message = "The batch began on {started}, after the day {value} on which it was finished."
        facts = {"started": legal_day(started_at).isoformat()}
        step = "Give the day on which it was finished."
        broken.append(Broken("treated_on", "finished_before_begun", message, day.isoformat(), None, step, facts))
    if finished_at is not None and legal_day(finished_at) != day:
        message = "The batch was finished on {finished}; the day given is {value}."
        facts = {"finished": legal_day(finished_at).isoformat()}
        step = "Give the day of the finish."
        broken.append(Broken("treated_on", "finished_on_other_day", message, day.isoformat(), None, step, facts))
    return broken
