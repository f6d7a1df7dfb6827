"""The running application, a browser, and somebody who imports, for the tests of this folder."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.browser import chromium, pytest_runtest_makereport
from tests.support.import_office import Office
from tests.support.served import for_application, served
from tests.support.trade import trade
from tests.support.world import World
from wastetrack.db.engine import make_engine

__all__ = ["chromium", "pytest_runtest_makereport", "served", "trade"]


@pytest.fixture
async def office(fresh_town: AsyncEngine, world: World) -> AsyncIterator[Office]:
    """The workshop's owner in a copy of the small world, by the application's role."""
    engine = make_engine(for_application(fresh_town.url.render_as_string(hide_password=False)), pool_size=6)
    yield Office(engine, fresh_town, world.generator.owner, world.generator.site.id)
    await engine.dispose()


@pytest.fixture
def depot(office: Office, world: World) -> Office:
    """The carrier's owner beside it."""
    return Office(office.engine, office.owner, world.carrier.owner, world.carrier.site.id)
