"""What the database itself shows to a firm that has no business with anybody: the register, and nothing else.

The matrix asks the application; here the application's own role asks each table, over the same things of all kinds.
"""

from collections.abc import Iterable

import pytest

from tests.access.calling import Caller
from tests.support import parties as made
from wastetrack import clock
from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.auth.sight import look_as
from wastetrack.db.session import ReadSession, reading, writing
from wastetrack.parties.registering import register_organisation

REGISTER = frozenset(
    {
        *("intake_days", "intake_prices", "intake_terms"),
        *("emergency_calls", "emergency_helpers", "medical_emergencies"),
        "organisations",
        "permit_items",
        "permit_suspensions",
        "permit_uses",
        "permits",
        "sites",
        "search_entries",
        "stated_keys",
        "transport_licences",
        "vehicles",
        *("zone_edges", "zones"),
    }
)
"""Whose rows whoever is signed in may read."""
UNTRIED = frozenset(
    {
        "approval_uses",
        "batch_products",
        "batch_readings",
        "container_lineage",
        "drivers",
        "erasure_requests",
        "institution_visits",
        "looks",
        "manifest_exemptions",
        "periodic_reports",
        "scale_reading_uses",
        "set_classes",
        "site_openings",
        "storage_extensions",
        "trip_cleanings",
    }
)
"""Tables of which the things of the matrix have no row; four of them are tried in tests/db/test_roles.py."""
_SECURED = """
select relname from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity order by relname
"""


@pytest.fixture
async def newcomer(caller: Caller) -> Actor:
    """The owner of a firm that was registered a moment ago."""
    async with writing(caller.served.owner) as session:
        firm = await register_organisation(session, made.platform_operator(), made.firm_command(), at=clock.now())
    return made.actor(Role.OWNER, viewer_of_organisation(firm.id), firm.id)


async def test_a_newcomer_reads_the_register_and_nothing_else(caller: Caller, newcomer: Actor) -> None:
    async with reading(caller.served.owner) as session:
        tables = [row["relname"] for row in await (await session.driver()).fetch(_SECURED)]
        filled = await _with_rows(session, tables)
    assert set(tables) - filled == UNTRIED
    async with reading(caller.served.app.state.engine) as session:
        await look_as(session, newcomer)
        seen = await _with_rows(session, tables)
        kinds = await (await session.driver()).fetch("select distinct kind from log_leaves")
    assert seen - {"log_leaves"} == REGISTER
    assert {row["kind"] for row in kinds} == {"signing_key_enrolled"}


async def _with_rows(session: ReadSession, tables: Iterable[str]) -> set[str]:
    """Those of which the session sees a row."""
    driver = await session.driver()
    return {table for table in tables if await driver.fetchval(f"select exists (select from {table})")}  # noqa: S608
