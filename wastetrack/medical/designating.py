"""The list of facilities that help in an emergency: put on it, taken off; called under an emergency, and let go."""

from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor, viewers_of_region
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.sight import show
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.mass import ZERO
from wastetrack.medical.emergencies import demand_region, emergency_locked
from wastetrack.medical.region_tables import EmergencyRow
from wastetrack.medical.reserve_model import CallHelper, Designate
from wastetrack.medical.reserve_tables import CallRow, HelperRow
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site

KIND = "emergency_helper"
_PREFECTURE, _COUNTY = 4, 6
_LONGEST_LEAD = 24 * 90
_POLE, _DATE_LINE = 90, 180
_LONGEST_NOTICE = timedelta(days=365)


def _article() -> str:
    return jurisdiction().emergency_helpers_per_prefecture.article


async def designate(
    session: WriteSession, actor: Actor, command: Designate, *, at: datetime
) -> tuple[HelperRow, Recorded]:
    """Put a facility on the list. Raises Forbidden outside one's region, NotFound, RuleBroken."""
    demand(actor, Verb.DECLARE_EMERGENCY)
    region = command.region_code.strip()
    demand_region(actor, region)
    site = None if command.site_id is None else await parties.site(session, command.site_id)
    refuse([*await _check_region(session, region), *_check_place(command, site), *_check(command)])
    identity = new_id()
    row = HelperRow(
        id=identity,
        region_code=region,
        kind=command.kind.value,
        name=command.name.strip() or (site.name if site else ""),
        address=command.address.strip() or (site.address if site else ""),
        longitude=float(site.longitude) if site and command.longitude is None else command.longitude or 0.0,
        latitude=float(site.latitude) if site and command.latitude is None else command.latitude or 0.0,
        site_id=command.site_id,
        daily_g=command.daily,
        lead_hours=command.lead_hours,
        agreement_number=command.agreement_number.strip(),
        agreement_from=command.agreement_from,
        agreement_to=command.agreement_to,
        contact_name=command.contact_name.strip(),
        contact_phone=command.contact_phone.strip(),
        rules=command.rules.strip(),
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    await show(session, KIND, row.id, {actor.viewer, *viewers_of_region(region)})
    facts = {
        "helper": str(row.id),
        "region": region,
        "helper_kind": row.kind,
        "site": None if row.site_id is None else str(row.site_id),
        "agreement": row.agreement_number,
        "agreement_from": row.agreement_from.isoformat(),
        "agreement_to": row.agreement_to.isoformat(),
        "daily_g": row.daily_g.grams,
        "lead_hours": row.lead_hours,
    }
    subjects, moment = (row.id,), moment_of(None, at)
    leaf = await record(
        session, actor, "medical_helper_listed", subjects=subjects, moment=moment, facts=facts, event_id=identity
    )
    return row, leaf


async def _check_region(session: ReadSession, region: str) -> list[Broken]:
    if len(region) == _COUNTY:
        return list((await snapshot(session)).why_not_region(region))
    if len(region) != _PREFECTURE or f"{region}00" not in (await snapshot(session)).regions:
        message = "A facility stands ready for a prefecture or a county (4 or 6 digits, GB/T 2260), not “{value}”."
        return [Broken("region_code", "region_unreadable", message, region)]
    return []


def _check_place(command: Designate, site: Site | None) -> list[Broken]:
    if site is not None:
        return []
    broken: list[Broken] = []
    if not command.name.strip():
        step = "Name it, or choose a site of the platform."
        broken.append(Broken("name", "name_missing", "The facility has no name.", next_step=step))
    for field, value, limit in (
        ("longitude", command.longitude, _DATE_LINE),
        ("latitude", command.latitude, _POLE),
    ):
        if value is None or not -limit <= value <= limit:
            message = "Say where it stands, in degrees between -{limit} and {limit}."
            step = "Without it nobody can say who is near; or choose a site of the platform."
            broken.append(Broken(field, "position_missing", message, value, None, step, {"limit": limit}))
    return broken


def _check(command: Designate) -> list[Broken]:
    broken: list[Broken] = []
    if command.daily <= ZERO:
        message = "Say how much it can take in a day in an emergency."
        broken.append(Broken("daily_g", "daily_missing", message, article=_article()))
    if not 0 <= command.lead_hours <= _LONGEST_LEAD:
        message = "From the call to the first load it takes 0 to {limit} hours, not {value}."
        facts: dict[str, object] = {"limit": _LONGEST_LEAD}
        broken.append(Broken("lead_hours", "lead_unreadable", message, command.lead_hours, facts=facts))
    if not command.agreement_number.strip():
        message = "Give the number of the agreement or of the document that names it."
        broken.append(Broken("agreement_number", "agreement_missing", message, article=_article()))
    if command.agreement_to < command.agreement_from:
        message = "It cannot end on {value}, before it begins."
        broken.append(Broken("agreement_to", "ends_early", message, command.agreement_to.isoformat()))
    if not command.contact_name.strip() or not command.contact_phone.strip():
        message = "Say who answers there at any hour, and by which number."
        broken.append(Broken("contact_phone", "contact_missing", message))
    return broken


async def _helper_locked(session: WriteSession, helper_id: UUID) -> HelperRow:
    """A facility of the list, locked, so that it is not called while it is taken off. Raises NotFound."""
    statement = sa.select(HelperRow).where(col(HelperRow.id) == helper_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("helper_unknown", "There is no such facility on the list.", helper_id=helper_id)
    return row


async def strike_off(
    session: WriteSession, actor: Actor, helper_id: UUID, *, at: datetime
) -> tuple[HelperRow, Recorded]:
    """Take a facility off the list. Raises NotFound, Forbidden, Conflict when it is off already, or called."""
    demand(actor, Verb.DECLARE_EMERGENCY)
    row = await _helper_locked(session, helper_id)
    demand_region(actor, row.region_code)
    if row.ended_at is not None:
        raise Conflict("helper_ended", "This facility is off the list already.")
    called = sa.select(col(CallRow.id)).where(col(CallRow.helper_id) == row.id, col(CallRow.ended_at).is_(None))
    if (await session.execute(called)).first() is not None:
        raise Conflict("helper_called", "This facility is called under an emergency. Let it go first.")
    row.ended_at = at
    await session.flush()
    facts = {"helper": str(row.id), "region": row.region_code}
    leaf = await record(
        session, actor, "medical_helper_struck_off", subjects=(row.id,), moment=moment_of(None, at), facts=facts
    )
    return row, leaf


async def call_helper(
    session: WriteSession, actor: Actor, command: CallHelper, *, at: datetime
) -> tuple[CallRow, Recorded]:
    """Call a facility under an emergency; a call goes on until it is let go or the emergency is over.

    Raises NotFound, Forbidden, Conflict when the emergency is over or the facility is called, RuleBroken.
    """
    demand(actor, Verb.DECLARE_EMERGENCY)
    emergency = await emergency_locked(session, command.emergency_id)
    demand_region(actor, emergency.region_code)
    if emergency.is_over(at):
        raise Conflict("emergency_over", "This emergency is over already.")
    helper = await _helper_locked(session, command.helper_id)
    await _let_go_of_ended(session, helper, at=at)
    refuse(_check_call(emergency, helper, command, at))
    open_call = sa.select(col(CallRow.id)).where(col(CallRow.helper_id) == helper.id, col(CallRow.ended_at).is_(None))
    if (await session.execute(open_call)).first() is not None:
        raise Conflict("helper_called", "This facility is called under an emergency. Let it go first.")
    identity = new_id()
    row = CallRow(
        id=identity,
        emergency_id=emergency.id,
        helper_id=helper.id,
        region_code=emergency.region_code,
        daily_g=command.daily,
        from_at=command.from_at,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    facts = {
        "emergency": str(emergency.id),
        "order": emergency.order_number,
        "drill": emergency.is_drill,
        "helper": str(helper.id),
        "daily_g": row.daily_g.grams,
        "from": row.from_at.isoformat(),
    }
    leaf = await record(
        session,
        actor,
        "medical_helper_called",
        subjects=(emergency.id, helper.id),
        moment=moment_of(None, at),
        facts=facts,
        event_id=identity,
    )
    return row, leaf


async def _let_go_of_ended(session: WriteSession, helper: HelperRow, *, at: datetime) -> None:
    """A call whose emergency ran out by itself ended with it; the next call needs it out of the way."""
    ended = (
        sa.select(CallRow, col(EmergencyRow.until_at))
        .join(EmergencyRow, col(EmergencyRow.id) == col(CallRow.emergency_id))
        .where(col(CallRow.helper_id) == helper.id, col(CallRow.ended_at).is_(None), col(EmergencyRow.until_at) <= at)
    )
    for call, until_at in (await session.execute(ended)).all():
        call.ended_at = until_at
    await session.flush()


def _check_call(emergency: EmergencyRow, helper: HelperRow, command: CallHelper, at: datetime) -> list[Broken]:
    broken: list[Broken] = []
    if not (
        helper.region_code.startswith(emergency.region_code) or emergency.region_code.startswith(helper.region_code)
    ):
        message = "{value} stands ready for another region."
        broken.append(Broken("helper_id", "helper_of_another_region", message, helper.name))
    if not abs(command.from_at - at) <= _LONGEST_NOTICE:
        message = "A facility is called from a day within {days} days of today on, not from {value}."
        facts: dict[str, object] = {"days": _LONGEST_NOTICE.days}
        broken.append(Broken("from_at", "call_far", message, command.from_at.isoformat(), facts=facts))
    elif helper.ended_at is not None or not _in_force(helper, legal_day(command.from_at)):
        message = "The agreement with {value} is not in force on that day."
        step = "Renew it and put the facility on the list again."
        broken.append(Broken("helper_id", "agreement_over", message, helper.name, _article(), step))
    if not ZERO < command.daily <= helper.daily_g:
        message = "{helper} can take up to {limit} a day, not {value}."
        facts = {"helper": helper.name, "limit": helper.daily_g}
        broken.append(Broken("daily_g", "daily_too_much", message, command.daily, facts=facts))
    return broken


def _in_force(helper: HelperRow, day: date) -> bool:
    return helper.agreement_from <= day <= helper.agreement_to


async def let_go(session: WriteSession, actor: Actor, call_id: UUID, *, at: datetime) -> tuple[CallRow, Recorded]:
    """A facility is needed no more. Raises NotFound, Forbidden, Conflict when it was let go already."""
    demand(actor, Verb.DECLARE_EMERGENCY)
    statement = sa.select(CallRow).where(col(CallRow.id) == call_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("call_unknown", "There is no such call.", call_id=call_id)
    demand_region(actor, row.region_code)
    if row.ended_at is not None:
        raise Conflict("call_over", "This facility was let go already.")
    row.ended_at = at
    await session.flush()
    facts = {"emergency": str(row.emergency_id), "helper": str(row.helper_id), "call": str(row.id)}
    subjects = (row.emergency_id, row.helper_id)
    leaf = await record(
        session, actor, "medical_helper_let_go", subjects=subjects, moment=moment_of(None, at), facts=facts
    )
    return row, leaf
