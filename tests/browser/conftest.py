"""The browser, and the application that it comes to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import chromium_path
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.world import World
from wastetrack.db.addresses import Address

_ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"),
    # No other host is found; asking each request here instead would also forbid the browser to keep what it has.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; skipped where there is none, unless it is required."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def address(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """Where the application is served on a copy of the small world: by name, for a passkey belongs to a name."""
    world, template = town
    copy = cluster.clone(template.database)
    with serving(copy.url, world, tmp_path) as address:
        yield address
    cluster.drop(copy)
