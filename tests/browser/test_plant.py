"""A plant's day in Chromium: a scale fills the field of an open form, a zone is counted by the hand scanner, containers
are moved and chosen by their labels, a batch leaves a residue that is labelled at once."""

import json
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.desks import Desk
from tests.support.pictures import Album
from tests.support.served import PASSWORD
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.trade import today
from tests.support.world import World
from wastetrack.i18n import Locale
from wastetrack.ids import new_id

pytestmark = [pytest.mark.browser, pytest.mark.commits]


class Program:
    """A system client beside the scale, and whatever else is set up over HTTP."""

    def __init__(self, address: str, login: str) -> None:
        self.address = f"{address}/api/v1"
        self.token = ""
        self.token = self.send("/sign-in", {"login": login, "password": PASSWORD})["token"]

    def send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post; the answer as JSON."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(new_id())}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(), headers, method="POST")  # noqa: S310  our own
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            told: dict[str, Any] = json.load(answer)
        return told


class Works:
    """The workshop with a scale, a store of two zones and a facility of its own, and the owner's browser there."""

    def __init__(self, chromium: Browser, address: str, world: World, locale: Locale) -> None:
        self.address, self.site = address, str(world.generator.site.id)
        self.owner = Program(address, "owner")
        place = f"/sites/{self.site}"
        scale = {"site_id": self.site, "serial": "PS-7", "name": "一号台秤", "division_g": 200}
        self.scale = self.owner.send("/scales", {**scale, "verified_on": "2025-06-01", "verified_until": "2099-05-31"})
        store = {"code": "TS801", "name": "危废库", "limit_g": 20_000_000}
        self.store = self.owner.send(f"{place}/stores", store)
        room = {"kind": "zone", "parent_id": self.store["id"]}
        self.zones = [
            self.owner.send(f"{place}/stores", {"code": code, "name": "分区", "limit_g": 5_000_000, "room": room})
            for code in ("A1", "B2")
        ]
        use = {"kind": "use", "code": "MF0801", "name": "蒸馏釜", "process_unit": "利用", "process": "蒸馏"}
        use |= {"parameters": "1 t/d", "capacity": "300", "capacity_unit": "t/a", "since": "2026-01-01"}
        self.facility = self.owner.send(f"{place}/facilities", use)
        self.desk, self.album = Desk(chromium, address, "owner", locale=locale), Album("plant", locale)
        self.say = self.desk.say

    def drum(self, gross_g: int) -> str:
        """A labelled drum of oil; gives its digital code."""
        oil = {"waste_code": "900-249-08", "waste_name": "废矿物油", "form": "liquid", "hazards": ["T", "I"]}
        drum = {"packaging": "drum", "volume_l": 200, "gross_g": gross_g, "tare_g": 20_000, "method": "platform_scale"}
        made = self.owner.send("/containers", {**oil, **drum, "site_id": self.site, "generated_on": str(today())})
        return str(made["container"]["digital_code"])

    def says(self, gross_g: int, *, stable: bool = True) -> None:
        """The scale pushes what stands on it."""
        self.owner.send(f"/scales/{self.scale['id']}/readings", {"gross_g": gross_g, "stable": stable})


@IN_EACH_LANGUAGE
def test_a_plants_day(chromium: Browser, address: str, world: World, locale: Locale) -> None:
    works = Works(chromium, address, world, locale)
    labels = [works.drum(gross_g) for gross_g in (200_000, 195_500)]
    move(works, labels)
    count(works, labels)
    treat(works, labels)
    works.desk.close()


def move(works: Works, labels: list[str]) -> None:
    """Two labels, then the code of the zone."""
    page, say, answer = works.desk.page, works.say, "#moving .scan-answer"
    page.goto(f"/stores/moving?site={works.site}")
    expect(page.locator(answer)).to_have_text(say("Ready: scan a container"))
    works.desk.wedge(labels[0])
    expect(page.locator(f"{answer}.good")).to_contain_text(say("Picked"))
    works.desk.wedge(labels[1])
    expect(page.locator("#moving li")).to_have_count(2)
    works.desk.wedge(labels[0])
    expect(page.locator(f"{answer}.warn")).to_contain_text(say("Already picked up"))
    works.desk.wedge(f"{works.address}/stores/{works.zones[0]['id']}")
    expect(page.locator(".flash")).to_contain_text(say("{count} containers stand where you said.", count=2))
    page.goto(f"/stores/map?site={works.site}")
    expect(page.locator(".zone-block", has_text="A1")).to_contain_text(say("Containers: {count}", count=2))
    works.album.keep(page, "map")


def count(works: Works, labels: list[str]) -> None:
    """One found, found again, a code that nobody bears; then one weighed while the form is open."""
    desk, say, answer = works.desk, works.say, "#counting .scan-answer"
    page = desk.page
    page.goto(f"/sites/{works.site}/stock-takes")
    desk.field("What is counted").select_option(works.store["id"])
    desk.button("Begin to count").click()
    expect(page.locator(answer)).to_have_text(say("Ready: scan a container, or the code of a zone"))
    works.desk.wedge(f"{works.address}/stores/{works.zones[0]['id']}")
    expect(page.locator(answer)).to_contain_text("A1")
    works.desk.wedge(labels[0])
    expect(page.locator(f"{answer}.good")).to_contain_text(say("Here"))
    expect(page.locator(".zone-counts li.here b")).to_have_text("1 / 2")
    works.desk.wedge("99999999999999999999999999")
    expect(page.locator(f"{answer}.bad")).to_be_visible()
    works.desk.wedge(labels[0])
    expect(page.locator(f"{answer}.warn")).to_contain_text(say("Counted already"))
    weigh_by_scale(works, page)
    page.locator("#f-label").fill(labels[1])
    works.album.keep(page, "count")
    desk.button("Note it").click()
    expect(page.locator(".flash")).to_be_visible()
    expect(page.locator(".zone-counts b").first).to_have_text("2 / 2")
    desk.button("Finish and book").click()
    expect(page.locator("#lines")).to_contain_text("175.2 kg")
    works.album.keep(page, "counted")


def weigh_by_scale(works: Works, page: Page) -> None:
    """The field shows what the scale says by itself, and takes it when it has come to rest."""
    page.locator("[data-scale-choice]").select_option(works.scale["id"])
    state = page.locator("[data-scale-state]")
    expect(state).to_have_text(works.say("Waiting for the scale"))
    works.says(195_000, stable=False)
    expect(state).to_have_text(works.say("Settling"))
    expect(page.locator("[data-scale-mass]")).to_have_text("195")
    expect(page.locator("[data-scale-take]")).to_be_disabled()
    works.says(195_200)
    expect(state).to_have_text(works.say("At rest"))
    works.desk.button("Take the reading").click()
    expect(page.locator("#f-gross")).to_have_value("195.2")
    expect(page.locator("[data-scale-id]")).not_to_have_value("")


def treat(works: Works, labels: list[str]) -> None:
    """Chosen by its label, the residue weighed by the scale alone, its label printed from the batch."""
    desk, say = works.desk, works.say
    page = desk.page
    page.goto(f"/treatment/new?site_id={works.site}")
    works.desk.wedge(labels[0])
    expect(page.locator("#choosing .scan-answer.good")).to_contain_text(say("Chosen"))
    expect(page.locator("[data-chosen]")).to_have_text(say.like("Chosen: {count}, {mass} kg"))
    desk.field("Method of use or disposal").select_option("R9")
    page.locator("details.more summary").click()
    page.locator("#f-basis").select_option("own")
    page.locator("#f-facility_id").select_option(works.facility["id"])
    for field, value in (("waste_code", "772-003-18"), ("volume_l", "1000"), ("tare", "2")):
        page.locator(f"#f-{field}").fill(value)
    page.locator("#f-form").select_option("solid")
    page.locator("#f-packaging").select_option("big_bag")
    page.get_by_text(say("Take it by itself when at rest")).click()
    works.says(24_400)
    expect(page.locator("#f-gross")).to_have_value("24.4")
    works.album.keep(page, "batch-form")
    desk.button("Book the batch").click()
    desk.told("The batch is booked.")
    expect(page.locator(".residue-labels")).to_contain_text("22.4 kg")
    expect(desk.button("Print the labels now")).to_be_visible()
    works.album.keep(page, "batch")
