"""An inspector's findings in Chromium, with and without script: the morning page, a queue, a finding that is answered;
axe over each of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.axe import violations_now
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.findings import NIGHT, fact, rule, run
from tests.support.served import Served
from tests.support.world import World
from wastetrack import clock
from wastetrack.db.addresses import Address
from wastetrack.db.session import writing
from wastetrack.findings.model import FindingQueue, RuleAnswer
from wastetrack.findings.publishing import publish
from wastetrack.i18n import Locale
from wastetrack.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.commits]

RULES = (rule(), rule(NIGHT, FindingQueue.TRANSIT), rule("R12", answer=RuleAnswer.NO_DATA, lacking=("positions",)))


@pytest.fixture
def checked(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """The application after a run of the checks that found something."""
    world, template = town
    copy = cluster.clone(template.database)

    async def found(served: Served) -> None:
        now, party = clock.now(), world.carrier.id
        soft = fact(new_id(), name=NIGHT, kind="carrier", party=party, since=now, severity=2, grams=40_000)
        hard = fact(party, kind="carrier", party=party, since=now, distance_km=88.0)
        async with writing(served.owner) as session:
            await publish(session, run(soft, hard, as_of=now, rules=RULES), at=now)

    with serving(copy.url, world, tmp_path, prepare=found) as address:
        yield address
    cluster.drop(copy)


@pytest.mark.parametrize(("locale", "phone", "script"), [("zh", True, True), ("en", False, False)])
def test_a_finding_is_answered(chromium: Browser, checked: str, locale: Locale, *, phone: bool, script: bool) -> None:
    desk = Desk(chromium, checked, "inspector", locale=locale, phone=phone, script=script)
    say, page = desk.say, desk.page
    page.goto("/findings")
    expect(page.locator("h1")).to_contain_text(say("Findings of the checks"))
    expect(page.locator("#blind")).to_contain_text("positions")
    for path in ("/findings", "/findings/queues/integrity", "/findings/rules", "/findings/runs"):
        page.goto(path)
        desk.fits()
        if script:
            assert violations_now(page) == [], path
    page.goto("/findings")
    page.locator(".finding a").first.click()
    expect(page.locator("main")).to_contain_text(say("This is sure and grave: it cannot be put off, only answered."))
    desk.fits()
    if script:
        assert violations_now(page) == []
    desk.field("What you have seen, and how").fill("车辆未到厂")
    page.locator("input[name=outcome][value=confirmed]").check()
    desk.button("Close with this outcome").click()
    expect(page.locator("main")).to_contain_text(say("Take the closing back"))
    page.goto("/findings/rules")
    expect(page.locator("#R02")).to_contain_text("100 %")
    desk.close()
