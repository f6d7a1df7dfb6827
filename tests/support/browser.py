"""The browser of the browser tests: the Chromium of the system. A conftest that imports all of this has the fixture,
and a picture of each open page of a test that fails."""

import os
import shutil
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.pictures import keep_what_was_seen

_NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"),
    # No other host is found; asking each request here instead would also forbid the browser to keep what it has.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


def chromium_path() -> str:
    """Where Chromium is. Skips the test where there is none, but fails it where WASTETRACK_REQUIRE_BROWSER is set."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is not None:
        return found
    reason = "no Chromium on this machine: `apt-get install chromium` to run the browser tests"
    if os.environ.get("WASTETRACK_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; skipped where there is none, unless it is required."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell, with what failed, where its pictures are."""
    report = yield
    if report.when == "call" and report.failed and isinstance(item, pytest.Function):
        for picture in keep_what_was_seen(item.nodeid.rpartition("tests/")[2], item.funcargs):
            report.sections.append(("What the browser showed", str(picture)))
    return report
