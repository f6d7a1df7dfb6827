"""Pictures of what people see in the browser: of each station of a walk, and of each page when a test fails.

They stand in the folder that WASTETRACK_PICTURES names. Without it the walk of a drum to the furnace keeps its own in
`.pictures`, as every failure does; the other walks take none.
"""

import os
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from playwright.sync_api import Error as BrowserError

from wastetrack.i18n import Locale

_NAMED = os.environ.get("WASTETRACK_PICTURES")
_FOLDER = Path(_NAMED) if _NAMED else Path(__file__).resolve().parents[2] / ".pictures"
_DRAWN = "[...document.querySelectorAll('[data-chart]')].every((one) => one.querySelector('svg, canvas'))"
_WIDTHS, _HEIGHT = (1280, 390), 844


class Album:
    """The pictures of one walk in one language, in the order of its stations."""

    def __init__(self, walk: str, locale: Locale, *, always: bool = False) -> None:
        self.locale = locale
        self._name = f"{walk}-{locale}"
        self._keeps = always or _NAMED is not None
        self._stations = 0

    def keep(self, page: Page, station: str) -> None:
        """What the page looks like, on a desk and on a telephone."""
        if not self._keeps:
            return
        self._stations += 1
        _FOLDER.mkdir(parents=True, exist_ok=True)
        before = page.viewport_size
        for width in _WIDTHS:
            # As tall as the page, so that what stands still on the screen covers nothing of it.
            page.set_viewport_size(ViewportSize(width=width, height=_HEIGHT))
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size(ViewportSize(width=width, height=max(tall, _HEIGHT)))
            page.wait_for_function(_DRAWN)
            file = _FOLDER / f"{self._name}-{self._stations:02}-{station}-{width}.png"
            page.screenshot(path=file, animations="disabled")
        if before is not None:
            page.set_viewport_size(before)


def keep_what_was_seen(test: str, held: dict[str, Any]) -> list[Path]:
    """After a failure: the pages that are still open in the browsers that the test held. They are closed then."""
    contexts: list[BrowserContext] = []
    for thing in held.values():
        if isinstance(thing, Browser):
            contexts += thing.contexts
        elif isinstance(thing, BrowserContext):
            contexts.append(thing)
    name = re.sub(r"[^\w-]+", "-", test)
    kept: list[Path] = []
    for context in contexts:
        for page in context.pages:
            file = _FOLDER / "failed" / f"{name}-{len(kept) + 1}.png"
            try:
                page.screenshot(path=file, timeout=5_000)
            except BrowserError:
                continue  # a page that hangs has no picture, and its test has failed already
            kept.append(file)
        context.close()
    return kept
