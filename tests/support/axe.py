"""axe-core over a page in Chromium. The build hook puts it beside the lock file; without it the test is skipped, but
fails where WASTETRACK_REQUIRE_BROWSER is set.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_AXE = Path(__file__).resolve().parents[2] / ".build" / "dev" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found => found.violations)"


@cache
def axe_source() -> str:
    """The text of axe-core."""
    if _AXE.is_file():
        return _AXE.read_text(encoding="utf-8")
    reason = "axe-core was not fetched: `python .build/browser_assets.py` or `pip install -e .` where npm's registry is"
    if os.environ.get("WASTETRACK_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


def told(violations: list[dict[str, Any]]) -> list[str]:
    """Each violation with the first element that shows it: what an assertion prints."""
    return [f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:200]}" for one in violations]


async def violations(page: Any) -> list[str]:  # noqa: ANN401  a page of Playwright's async interface
    """What axe finds on the page as it stands; WCAG 2.2 A and AA and its own best practice. Empty is right."""
    await page.evaluate(axe_source())
    return told(await page.evaluate(_RUN, _RULES))


def violations_now(page: Any) -> list[str]:  # noqa: ANN401  a page of Playwright's sync interface
    """The same for tests that are not async."""
    page.evaluate(axe_source())
    return told(page.evaluate(_RUN, _RULES))
