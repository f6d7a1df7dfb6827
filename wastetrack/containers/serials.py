"""Serials of digital codes for many containers at once; one alone takes its own in queries.py."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from wastetrack.db.session import ReadSession, WriteSession

_TAKE_SERIALS = """
insert into container_serials (organisation_id, waste_code, generated_on, last)
select $1, given.waste_code, given.generated_on, given.count
from unnest($2::text[], $3::date[], $4::integer[]) as given (waste_code, generated_on, count)
order by given.waste_code, given.generated_on
on conflict (organisation_id, waste_code, generated_on) do update set last = container_serials.last + excluded.last
returning waste_code, generated_on, last
"""
_SERIALS_GIVEN = """
select serial.waste_code, serial.generated_on, serial.last
from unnest($2::text[], $3::date[]) as given (waste_code, generated_on)
join container_serials serial on serial.organisation_id = $1 and serial.waste_code = given.waste_code
  and serial.generated_on = given.generated_on
"""
Serials = Mapping[tuple[str, date], int]
"""A unit's waste code and day → how many."""


async def take_serials(session: WriteSession, organisation_id: UUID, wanted: Serials) -> dict[tuple[str, date], int]:
    """Take so many serials of each waste and day, in one statement and one order; gives the last of each."""
    driver, days = await session.driver(), sorted(wanted)
    codes, dates, counts = [code for code, _ in days], [day for _, day in days], [wanted[day] for day in days]
    rows = await driver.fetch(_TAKE_SERIALS, organisation_id, codes, dates, counts)
    return {(row[0], row[1]): row[2] for row in rows}


async def serials_given(
    session: ReadSession, organisation_id: UUID, days: Collection[tuple[str, date]]
) -> dict[tuple[str, date], int]:
    """The last serial of each waste and day of which one was given."""
    codes, dates = [code for code, _ in days], [day for _, day in days]
    rows = await (await session.driver()).fetch(_SERIALS_GIVEN, organisation_id, codes, dates)
    return {(row[0], row[1]): row[2] for row in rows}
