"""The two provinces in the session of a test."""

import pytest

from tests.support.approvals import Neighbours, build_neighbours
from wastetrack.db.session import WriteSession


@pytest.fixture
async def neighbours(town_session: WriteSession) -> Neighbours:
    """Made anew for each test, and undone with it."""
    return await build_neighbours(town_session)
