"""A driver's record becomes unrecognisable."""

from collections.abc import Iterable
from uuid import UUID

from wastetrack.db.session import WriteSession

_FORGET = """
update drivers set name = $2, certificate_number = $2 || '-' || id::text, phone = '' where id = any($1) returning id
"""


async def forget_drivers(session: WriteSession, driver_ids: Iterable[UUID], pseudonym: str) -> set[UUID]:
    """Put the pseudonym in place of name and certificate, and take the telephone number away; gives those found."""
    driver = await session.driver()
    return {row["id"] for row in await driver.fetch(_FORGET, list(driver_ids), pseudonym)}
