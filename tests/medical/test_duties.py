"""The clocks of medical waste on the home page of whoever owes the act."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.medical.test_institutions import a_visit, covered
from tests.support.medical import Hospital, in_store, packed, taken_in
from tests.support.statements import counted
from tests.support.world import AT, World
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession
from wastetrack.medical.cleaning import record_cleaning
from wastetrack.medical.model import Cleaned, RecordCleaning
from wastetrack.medical.visiting import take_from_institution
from wastetrack.reports.duties_medical import medical_duties
from wastetrack.reports.duty import Duty

MONTH_OVER = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)


def told(duties: list[Duty]) -> list[tuple[str, str]]:
    """What is owed, and of what."""
    return sorted((one.title, one.what) for one in duties)


async def test_an_unvisited_institution_is_owed_by_its_carrier_and_shown_to_the_authority(
    ward_session: WriteSession, hospital_engine: AsyncEngine, hospital: Hospital, world: World
) -> None:
    (clinic,) = await covered(ward_session, hospital, world, "东村卫生室")
    await take_from_institution(ward_session, hospital.collector, a_visit(clinic, "1.05 kg"), at=AT)
    driver = world.carrier.people[Role.DRIVER]
    assert await medical_duties(ward_session, driver, AT + timedelta(hours=48)) == []
    with counted(hospital_engine) as statements:
        owed = await medical_duties(ward_session, driver, AT + timedelta(hours=49))
    assert len(statements) == 1
    assert told(owed) == [("Fetch medical waste from a small institution", "东村卫生室")]
    assert owed[0].due_at == AT + timedelta(hours=48)
    assert owed[0].overdue(AT + timedelta(hours=49))
    assert told(await medical_duties(ward_session, world.inspector, AT + timedelta(hours=49))) == told(owed)
    assert await medical_duties(ward_session, world.stranger.owner, AT + timedelta(days=90)) == []
    quiet = ("Ask why a small institution hands nothing over", "东村卫生室")
    assert told(await medical_duties(ward_session, hospital.office, AT + timedelta(days=29))) == []
    assert told(await medical_duties(ward_session, hospital.office, AT + timedelta(days=31))) == [quiet]


async def test_the_month_is_to_be_summed_up_and_the_vehicle_to_be_cleaned(
    ward_session: WriteSession, hospital: Hospital, world: World
) -> None:
    bag = await packed(ward_session, hospital)
    await in_store(ward_session, hospital, [bag])
    card_id = await taken_in(ward_session, hospital, world, [bag], "3.2 kg")
    gate = world.receiver.people[Role.GATE_OPERATOR]
    (clean,) = await medical_duties(ward_session, gate, AT + timedelta(hours=6))
    assert (clean.title, clean.what) == ("Wash and disinfect vehicle and boxes", world.plate)
    assert clean.due_at == AT + timedelta(hours=5 + 24)
    wash = RecordCleaning(card_id=card_id, what=(Cleaned.VEHICLE,), agent="含氯消毒剂")
    await record_cleaning(ward_session, gate, wash, at=AT + timedelta(hours=7))
    assert await medical_duties(ward_session, gate, AT + timedelta(hours=8)) == []
    assert await medical_duties(ward_session, hospital.office, AT + timedelta(days=1)) == []
    (month,) = await medical_duties(ward_session, hospital.office, MONTH_OVER)
    assert (month.title, month.due_on) == ("Sum up the month's trip cards", date(2026, 4, 5))
    assert await medical_duties(ward_session, hospital.nurse, MONTH_OVER) == []
