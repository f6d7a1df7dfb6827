"""Every kind of transfer is in the region, and whoever has a printed account finds its clocks on the first page."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.demo.conftest import Region
from wastetrack.auth.queries import actors_of_login
from wastetrack.auth.sight import look_as
from wastetrack.cli.demonstration.kinds import KINDS, count_kinds
from wastetrack.db.addresses import APPLICATION
from wastetrack.db.session import reading
from wastetrack.reports.duties import duties_of

AT_LEAST = {
    "cross_province_waiting": 4,
    "cross_province_manifest": 3,
    "medical_month": 2,
    "pipeline_reading": 28,
    "ward": 3,
    "trip_card": 6,
    "small_institution": 4,
    "reserved_number": 2,
    "scan_of_paper": 2,
    "zone": 2,
    "report_handed_in": 4,
    "emergency_facility": 3,
    "emergency_supply": 5,
}
"""Where one is not the whole story."""


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_is_there(region: Region, kind: str) -> None:
    async with reading(region.engine) as session:
        assert (await count_kinds(session))[kind] >= AT_LEAST.get(kind, 1)


async def titles(region: Region, login: str) -> list[str]:
    """What stands on the first page of somebody, as PostgreSQL shows it to the application."""
    at = region.until + timedelta(minutes=1)
    async with reading(region.engine) as session:
        (actor,) = await actors_of_login(session, login, at=at)
        await session.execute(sa.text(f"set local role {APPLICATION}"))
        await look_as(session, actor)
        return [duty.title for duty in await duties_of(session, actor, at=at)]


SHOWN = {
    "owner": {
        "A contract waits for your word",
        "Hand in the report {period} of {site}",
        "The carrier tells you of an incident on the way",
        "The receiver tells you of a mismatch",
        "File the manifest for what is set aside: {mass} of {waste_code}",
    },
    "gate": {"Meter readings of {count} days to enter"},
    "receiver": {
        "A load does not come to you any more",
        "Decide the mismatch that the gate has found",
        "Receipt of a paper to sign",
        "Be ready for {mass} of {waste_code} that is set aside with you, or decline it in time",
    },
    "driver": {"Close the incident when it is over"},
    "approver": {
        "Accept the application, or say all that is missing",
        "Decide",
        "Acknowledge the report of a mismatch",
        "An incident on the way is open",
        "Fetch medical waste from a small institution",
        "Ask why a small institution hands nothing over",
        "Name enough facilities that take medical waste in an emergency",
        "Renew the agreement with a facility for emergencies",
        "Fill up the reserve for emergencies",
        "Replace what expires in the reserve",
    },
    "inspector": {
        "An incident on the way is open",
        "Fetch medical waste from a small institution",
        "Ask why a small institution hands nothing over",
    },
    "neighbour": {"Reply to the other province"},
}


@pytest.mark.parametrize("login", SHOWN)
async def test_printed_accounts_find_their_clocks(region: Region, login: str) -> None:
    assert SHOWN[login] <= set(await titles(region, login))


@pytest.mark.parametrize("login", ["nurse", "collector"])
async def test_people_of_the_hospital_find_the_bags_that_must_leave(region: Region, login: str) -> None:
    shown = await titles(region, login)
    assert "{containers} containers of medical waste ({mass}) to be collected" in shown


async def test_nothing_of_the_region_lies_in_the_future(region: Region) -> None:
    async with region.engine.connect() as connection:
        newest = (await connection.execute(sa.text("select max(recorded_at) from log_leaves"))).scalar_one()
    assert newest <= region.until
