"""The browser, and the application that it comes to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import chromium, pytest_runtest_makereport
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.world import World
from wastetrack.db.addresses import Address

__all__ = ["chromium", "pytest_runtest_makereport"]


@pytest.fixture
def address(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """Where the application is served on a copy of the small world: by name, for a passkey belongs to a name."""
    world, template = town
    copy = cluster.clone(template.database)
    with serving(copy.url, world, tmp_path) as address:
        yield address
    cluster.drop(copy)
