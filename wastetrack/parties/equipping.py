"""Enter the facilities of a site, change what is said of them, close them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from wastetrack.auth import sight
from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.parties import facility_queries, policy, queries
from wastetrack.parties.facilities import (
    ChangeFacility,
    CloseFacility,
    Described,
    Facility,
    RegisterFacility,
    read_code,
)
from wastetrack.parties.tables import FacilityRow


async def register_facility(
    session: WriteSession, actor: Actor, command: RegisterFacility, *, at: datetime
) -> Facility:
    """Enter a facility. Conflict when the site has one of this code. Seen by the firm and its authorities."""
    site = await queries.site(session, command.site_id)
    policy.demand(
        policy.may_manage(actor, site.organisation_id, Verb.MANAGE_ORGANISATION), "may_not_manage_organisation"
    )
    refuse(command.broken())
    values = {
        "id": new_id(),
        "site_id": site.id,
        "kind": command.kind.value,
        "code": read_code(command.code),
        **_described(command.described),
        "since": command.since,
        "until": command.until,
        "created_at": at,
    }
    statement = insert(FacilityRow).values(values).on_conflict_do_nothing().returning(FacilityRow)
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        message = "The site has a facility with the code {facility_code} already."
        raise Conflict("facility_code_taken", message, facility_code=values["code"])
    viewers = (viewer_of_organisation(site.organisation_id), *viewers_of_region(site.region_code))
    await sight.show(session, facility_queries.FACILITY, row.id, viewers)
    return facility_queries.facility_of(row)


async def change_facility(session: WriteSession, actor: Actor, command: ChangeFacility) -> Facility:
    """Say something else of a facility; what papers named before stays in them. Raises NotFound, RuleBroken."""
    row = await _managed(session, actor, command.facility_id)
    refuse(command.described.broken())
    for name, value in _described(command.described).items():
        setattr(row, name, value)
    await session.flush()
    return facility_queries.facility_of(row)


async def close_facility(session: WriteSession, actor: Actor, command: CloseFacility) -> Facility:
    """Say on which day it stood for the last time. Raises NotFound, Conflict when it is closed, RuleBroken."""
    row = await _managed(session, actor, command.facility_id)
    if row.until is not None:
        message = "The facility {facility_code} is closed already."
        raise Conflict("facility_closed_already", message, facility_code=row.code)
    if command.until < row.since:
        message = "The facility began on {since}; it cannot have ended on {value}."
        facts: dict[str, object] = {"since": row.since.isoformat()}
        step = "Choose its first day or a later one."
        refuse([Broken("until", "facility_ends_before_begin", message, command.until.isoformat(), None, step, facts)])
    row.until = command.until
    await session.flush()
    return facility_queries.facility_of(row)


async def _managed(session: WriteSession, actor: Actor, facility_id: UUID) -> FacilityRow:
    """A facility that the actor sees and may change, locked."""
    row = await session.get(FacilityRow, facility_id, with_for_update={"key_share": True}, populate_existing=True)
    site = None if row is None else await queries.site(session, row.site_id)
    if row is None or site is None or not await facility_queries.is_seen(session, actor, facility_id):
        raise NotFound("facility_unknown", "There is no such facility.", facility_id=facility_id)
    policy.demand(
        policy.may_manage(actor, site.organisation_id, Verb.MANAGE_ORGANISATION), "may_not_manage_organisation"
    )
    return row


def _described(said: Described) -> dict[str, object]:
    return {
        "name": said.name.strip(),
        "process_unit": said.process_unit.strip(),
        "process": said.process.strip(),
        "parameters": said.parameters.strip(),
        "capacity": said.capacity,
        "capacity_unit": said.capacity_unit.strip() if said.capacity is not None and said.capacity_unit else None,
    }
