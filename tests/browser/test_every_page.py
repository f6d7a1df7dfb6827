"""Every page, in both languages, light and dark, narrow and wide: usable by everybody, nothing sticks out, no word is
left in the other language.

In a quick run each page is looked at in each language, each theme and each width, in two of the eight combinations;
with WASTETRACK_EVERY_LOOK=1 in all eight.
"""

import itertools
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from tests.access.things import make_objects
from tests.support.axe import violations_now
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.every_page import VISITORS, Visit, stored_words, untranslated, visits
from tests.support.served import Served
from tests.support.trade import Trade
from tests.support.world import World
from wastetrack.db.addresses import Address

pytestmark = [pytest.mark.browser, pytest.mark.commits]

Look = tuple[str, str, int]
LOOKS: list[Look] = list(itertools.product(("zh", "en"), ("light", "dark"), (320, 1280)))
PAIRS: list[tuple[Look, Look]] = [
    (("zh", "light", 320), ("en", "dark", 1280)),
    (("en", "light", 320), ("zh", "dark", 1280)),
    (("zh", "dark", 320), ("en", "light", 1280)),
    (("en", "dark", 320), ("zh", "light", 1280)),
]
PIECES = """() => {
  const seen = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) {
      const over = node.parentElement;
      if (over.closest("script, style, template, code, [lang]:not(html)") === null) seen.push(node.data);
    } else {
      for (const name of ["aria-label", "title", "placeholder", "alt"]) {
        if (node.hasAttribute(name)) seen.push(node.getAttribute(name));
      }
      if (node.tagName === "INPUT" && ["submit", "button"].includes(node.type)) seen.push(node.value);
    }
  }
  return seen.filter((piece) => piece.trim());
}"""


class Town:
    """The application with every thing in it, and the sessions of those who look."""

    def __init__(self) -> None:
        self.address = ""
        self.visits: list[Visit] = []
        self.cookies: dict[str, str] = {}
        self.data = ""

    async def prepare(self, served: Served) -> None:
        """Everything that the access matrix has, and a session of each visitor."""
        objects = await make_objects(Trade(served))
        self.visits = visits(served.app, objects.own)
        for login in VISITORS:
            if login != "nobody":
                jar = (await served.page_visitor(login)).http.cookies.jar
                self.cookies[login] = next(str(one.value) for one in jar if one.name == "wastetrack")
        self.data = await stored_words(served.owner)


@pytest.fixture(scope="module")
def everything(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """Served with one of each thing."""
    world, template = town
    copy = cluster.clone(template.database)
    found = Town()
    with serving(copy.url, world, tmp_path_factory.mktemp("every-page"), found.prepare) as found.address:
        yield found
    cluster.drop(copy)


def looked_at(town: Town, chromium: Browser, login: str) -> Iterator[tuple[Visit, Look, Page]]:
    """Each page of a visitor, in each of its looks."""
    every = bool(os.environ.get("WASTETRACK_EVERY_LOOK"))
    context = chromium.new_context(base_url=town.address, viewport={"width": 1280, "height": 900}, bypass_csp=True)
    if login in town.cookies:
        context.add_cookies([{"name": "wastetrack", "value": town.cookies[login], "url": town.address}])
    page = context.new_page()
    for at, visit in enumerate(town.visits):
        if visit.login != login:
            continue
        for look in LOOKS if every else PAIRS[at % len(PAIRS)]:
            locale, theme, width = look
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            mark = "&" if "?" in visit.address else "?"
            try:
                # The gate's own page has its language in the address: a device keeps both.
                address = visit.address.replace("/gate/live/zh", f"/gate/live/{locale}")
                answer = page.goto(f"{address}{mark}lang={locale}", wait_until="load")
            except BrowserError as failed:
                if "Download is starting" in str(failed):
                    break
                raise
            assert answer is not None
            assert answer.status == 200, f"{visit}: {answer.status}"
            if not answer.headers.get("content-type", "").startswith("text/html"):
                break
            if page.evaluate("document.doctype === null"):
                break  # a part of a page, which stands in others
            yield visit, look, page
    context.close()


@pytest.mark.parametrize("login", VISITORS)
def test_pages_of_everybody_are_usable_fit_and_speak_one_language(
    everything: Town, chromium: Browser, login: str
) -> None:
    wrong: list[str] = []
    seen = 0
    for visit, look, page in looked_at(everything, chromium, login):
        seen += 1
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong.append(f"{visit.route} {look}: {wide} px wider than the screen")
        wrong += [f"{visit.route} {look}: {line}" for line in violations_now(page)]
        pieces = page.evaluate(PIECES)
        wrong += [
            f"{visit.route} {look}: {line}" for line in untranslated(pieces, look[0], everything.data + visit.address)
        ]
    print(f"\n{login}: {seen} looks, {len(wrong)} faults")  # noqa: T201
    assert seen
    assert not wrong, "\n".join(wrong)
