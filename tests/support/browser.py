"""The browser of the browser tests: the Chromium of the system."""

import os
import shutil

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str:
    """Where Chromium is. Skips the test where there is none, but fails it where WASTETRACK_REQUIRE_BROWSER is set."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is not None:
        return found
    reason = "no Chromium on this machine: `apt-get install chromium` to run the browser tests"
    if os.environ.get("WASTETRACK_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)
