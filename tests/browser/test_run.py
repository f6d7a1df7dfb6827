"""A driver's day in Chromium on a telephone: 12 containers counted by a hand scanner, signed for, handed over on this
same telephone; a milk run fetched stop by stop and closed in one act."""

import asyncio
import io
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.pictures import Album
from tests.support.served import PASSWORD as PASSWORD_OF_DRIVER
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.world import PASSWORD, World, a_drum, filed
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.auth.sight import look_as
from wastetrack.containers.labels import DigitalCode
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import writing
from wastetrack.i18n import Locale
from wastetrack.ids import new_id
from wastetrack.manifests.gate import scan_at_gate
from wastetrack.manifests.model import ScanAtGate
from wastetrack.mass import Mass

pytestmark = [pytest.mark.browser, pytest.mark.commits]
Made = TypeVar("Made")
LOOKED = (
    "At the loading of manifest {number} I have seen that carrier, vehicle and crew hold valid permits for it, that "
    "the labels say what the manifest says, and that the packages are sound; the crew has what an emergency needs."
)
NO_NETWORK = (
    "No network: nothing was sent, nothing is signed. Stay on this page and touch “Sign” again when there is a network."
)
_DRAWN = io.BytesIO()
Image.new("RGB", (40, 30), "orange").save(_DRAWN, "PNG")
PICTURE = _DRAWN.getvalue()


@dataclass(frozen=True)
class Day:
    """Where the application is served, and what there is to do."""

    address: str
    database: str
    world: World
    load: UUID
    codes: list[str]
    other: str
    small: list[UUID]
    small_codes: list[str]


def done(work: Coroutine[Any, Any, Made]) -> Made:
    """Playwright holds this thread's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _arrange(url: str, world: World) -> dict[str, Any]:
    engine = make_engine(url, pool_size=1)
    try:
        async with writing(engine) as session:
            drums = [await a_drum(session, world) for _ in range(12)]
            load = await filed(session, world, drums, legs=2)
            other = await a_drum(session, world)
            singles = [await a_drum(session, world) for _ in range(2)]
            small = [await filed(session, world, [one]) for one in singles]
            return {
                "load": load,
                "codes": [one.digital_code for one in drums],
                "other": other.digital_code,
                "small": small,
                "small_codes": [one.digital_code for one in singles],
            }
    finally:
        await engine.dispose()


async def _weigh_in(day: Day) -> None:
    engine = make_engine(day.database, pool_size=1)
    operator = day.world.receiver.people[Role.GATE_OPERATOR]
    try:
        for manifest_id, code in zip(day.small, day.small_codes, strict=True):
            async with writing(engine) as session:
                await look_as(session, operator)
                scan = ScanAtGate(
                    manifest_id=manifest_id, scan_id=new_id(), code=DigitalCode.parse(code), gross=Mass.parse("200 kg")
                )
                await scan_at_gate(session, operator, scan, at=clock.now())
    finally:
        await engine.dispose()


@pytest.fixture
def day(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[Day]:
    """A copy of the small world with a load of 12 drums for two carriers and two small loads."""
    world, template = town
    copy = cluster.clone(template.database)
    arranged = done(_arrange(copy.url, world))
    with serving(copy.url, world, tmp_path) as address:
        yield Day(address=address, database=copy.url, world=world, **arranged)
    cluster.drop(copy)


def scan(desk: Desk, code: str, colour: str) -> None:
    """As a hand scanner does, wherever the focus is: quick keys, Enter; then the answer in colour and word."""
    page = desk.page
    expect(page.locator("#load[data-listening]")).to_be_visible()
    desk.wedge(code)
    expect(page.locator(f"#answer.{colour}")).to_contain_text(code[-3:])


def height_of(button: Locator) -> float:
    """In pixels, as it is laid out."""
    box = button.bounding_box()
    assert box is not None
    return box["height"]


def order_the_day(desk: Desk, day: Day) -> None:
    """By buttons: the large load goes to the top. Everything fits and is large enough for gloves."""
    page = desk.page
    desk.reads("Today's run")
    stops = page.locator(".run > li")
    expect(stops).to_have_count(3)
    desk.fits()
    large = page.locator(f'[id="load.{day.load}"]')
    for _ in range(2):
        if large.get_by_role("button", name=desk.say("Earlier")).is_enabled():
            large.get_by_role("button", name=desk.say("Earlier")).click()
    expect(stops.first).to_have_attribute("id", f"load.{day.load}")
    page.set_viewport_size({"width": 320, "height": 640})
    desk.fits()
    for act in page.locator(".run .button.great").all():
        assert height_of(act) >= 64
    for act in page.locator(".run .button").all():
        assert height_of(act) >= 48
    page.set_viewport_size({"width": 390, "height": 844})


def count_and_sign(desk: Desk, day: Day) -> None:
    """Nothing is signed before the count matches."""
    page = desk.page
    page.locator(f'[id="load.{day.load}"]').get_by_role("link", name=desk.say("Pick up")).click()
    desk.button("Sign: loaded and picked up").click()
    expect(page.locator("#answer.bad")).to_contain_text(
        desk.say("{value} of {containers} containers are not counted yet.", value=12, containers=12)
    )
    scan(desk, day.other, "bad")
    expect(page.locator("#answer")).to_contain_text(desk.say("STOP: not on this manifest"))
    for position, code in enumerate(day.codes, 1):
        scan(desk, code, "good")
        expect(page.locator("#count strong")).to_have_text(desk.say("{loaded} of {all}", loaded=position, all=12))
    page.set_viewport_size({"width": 320, "height": 640})
    desk.fits()
    page.set_viewport_size({"width": 390, "height": 844})
    shipper_looks(desk, day)
    desk.button("Sign: loaded and picked up").click()
    sign_where_the_network_comes_and_goes(desk)
    desk.told("Signed: the load is yours and on its way.")
    desk.reads("Today's run")


def shipper_looks(desk: Desk, day: Day) -> None:
    """The shipper's signer looks at crew, labels and packages, and signs on this telephone before the driver does."""
    for box in desk.page.locator("[name=seen]").all():
        box.check()
    desk.field("Login of the shipper's signer").fill(day.world.generator.logins[Role.SIGNER])
    desk.button("On to what the shipper signs").click()
    expect(desk.page.locator(".plain-words").first).to_contain_text(desk.say.like(LOOKED))
    desk.page.locator("input[type=password]").fill(PASSWORD)
    desk.button("Sign").click()
    expect(desk.page.locator("#sign")).to_contain_text(desk.say("Shipper checked vehicle, crew and labels"))


def sign_where_the_network_comes_and_goes(desk: Desk) -> None:
    """Without a network the page stays and says so, with the password still there; touched twice, it is signed once."""
    password = desk.page.locator("input[type=password]")
    password.fill(PASSWORD_OF_DRIVER)
    desk.context.set_offline(True)
    desk.button("Sign").click()
    expect(desk.page.locator("#no-network")).to_contain_text(desk.say(NO_NETWORK))
    expect(password).to_have_value(PASSWORD_OF_DRIVER)
    desk.context.set_offline(False)
    desk.button("Sign").dblclick()
    desk.complaints[:] = [one for one in desk.complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def break_down(desk: Desk, day: Day) -> None:
    """Two touches, with the place of the telephone and a photo."""
    page = desk.page
    page.goto(f"/run/stops/{day.load}")
    desk.link("Breakdown").click()
    expect(page.locator("#f-place")).to_have_value(desk.say.like("Near {latitude}, {longitude} (± {metres} m)"))
    desk.fits()
    page.get_by_label(desk.say("Photo")).set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PICTURE})
    desk.button("Report the incident").click()
    desk.told("Reported. The shipper and the authorities see it.")
    page.goto(f"/manifests/{day.load}")
    expect(page.locator("#files .file-name")).to_have_text("a.png")


def hand_over_here(desk: Desk, day: Day) -> None:
    """The next carrier's driver counts, and signs on the same telephone with a factor of his own."""
    page = desk.page
    page.goto("/run")
    page.locator(f'[id="delivery.{day.load}"]').get_by_role("link", name=desk.say("Deliver")).click()
    desk.field("Login of the next driver").fill(day.world.second_carrier.logins[Role.DRIVER])
    desk.field("Containers that you have counted").fill("12")
    desk.button("On to what the next carrier signs").click()
    expect(page.locator(".plain-words").first).to_contain_text("12")
    page.locator("input[type=password]").fill(PASSWORD)
    desk.button("Sign").click()
    desk.reads("Today's run")
    expect(page.locator(".run > li")).to_have_count(2)


def drive_the_milk_run(desk: Desk, day: Day) -> str:
    """Planned, fetched stop by stop, arrived in one act; gives the address of the trip."""
    page = desk.page
    desk.link("Plan a trip").click()
    expect(page.locator("input[name=stops]")).to_have_count(2)
    for position, stop in enumerate(page.locator("input[name=stops]").all(), 1):
        stop.fill(str(position))
    desk.fits()
    desk.button("Plan the trip").click()
    desk.told("The trip is planned. Pick up at each stop.")
    trip = page.url
    desk.fits()
    codes = dict(zip(map(str, day.small), day.small_codes, strict=True))
    for manifest_id, code in codes.items():
        page.goto(f"/run/stops/{manifest_id}")
        scan(desk, code, "good")
        desk.button("Sign: loaded and picked up").click()
        desk.sign()
        desk.reads("Today's run")
    page.get_by_role("link", name=desk.say("Deliver")).click()
    expect(page).to_have_url(trip)
    desk.button("Report the arrival of all").click()
    desk.sign()
    desk.told("Signed: all loads of the trip are at the gate.")
    page.goto("/run")
    expect(page.locator(".run > li")).to_have_count(0)
    return trip


@IN_EACH_LANGUAGE
def test_the_day_of_a_driver(chromium: Browser, day: Day, locale: Locale) -> None:
    desk, album = Desk(chromium, day.address, "driver", locale=locale, phone=True), Album("driver", locale)
    desk.context.grant_permissions(["geolocation"])
    desk.context.set_geolocation({"latitude": 37.53, "longitude": 121.39, "accuracy": 8})
    order_the_day(desk, day)
    album.keep(desk.page, "run")
    count_and_sign(desk, day)
    break_down(desk, day)
    album.keep(desk.page, "broken-down")
    hand_over_here(desk, day)
    album.keep(desk.page, "handed-over")
    trip = drive_the_milk_run(desk, day)
    album.keep(desk.page, "day-over")
    desk.close()

    done(_weigh_in(day))
    gate = Desk(chromium, day.address, "gate", locale=locale, phone=True)
    gate.page.goto(trip)
    gate.fits()
    gate.button("Receive and confirm all").click()
    gate.sign()
    gate.told("Signed: all manifests of the trip are received and closed.")
    album.keep(gate.page, "trip-closed")
    gate.close()


def test_scans_wait_on_the_telephone_until_there_is_a_network(chromium: Browser, day: Day) -> None:
    desk = Desk(chromium, day.address, "driver", phone=True)
    page = desk.page
    page.goto(f"/run/stops/{day.small[0]}")
    expect(page.locator("#load[data-listening]")).to_be_visible()
    desk.context.set_offline(True)
    expect(page.locator("#load[data-listening]")).to_be_visible()
    desk.wedge(day.small_codes[0])
    expect(page.locator("#load .waiting")).to_have_text(desk.say("{count} scans wait for the network", count=1))
    desk.context.set_offline(False)
    expect(page.locator("#count strong")).to_have_text("1/1")
    expect(page.locator("#load .waiting")).to_be_hidden()
    desk.complaints[:] = [one for one in desk.complaints if "ERR_INTERNET_DISCONNECTED" not in one]
    desk.close()
