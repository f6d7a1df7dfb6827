"""The gate in Chromium, with no network: a load of sixty by a hand scanner, a label before the camera, undoing,
weighing, refusing; and what is sent afterwards, over a server that is killed."""

import io
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Playwright, ViewportSize, expect, sync_playwright

from tests.support.browser import ARGUMENTS, chromium_path
from tests.support.databases import Cluster
from tests.support.gate_server import (
    GatePage,
    GateServer,
    arranged,
    film_of,
    load_at_gate,
    people,
)
from tests.support.scales import said, scale_at
from tests.support.spoken import IN_EACH_LANGUAGE, in_language
from tests.support.world import OIL, World
from wastetrack import clock
from wastetrack.db.addresses import Address
from wastetrack.gates.packing import GOOD_FOR
from wastetrack.i18n import Locale

pytestmark = [pytest.mark.browser, pytest.mark.commits]

_PHONE = ViewportSize(width=390, height=844)
Load = Callable[..., tuple[str, list[str]]]
LONG = int(os.environ.get("WASTETRACK_GATE_SCANS", "0"))
"""How many scans are kept over a restart of the browser; the whole thousand takes minutes."""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    chromium_path()
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def server(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GateServer]:
    world, template = town
    copy = cluster.clone(template.database)
    server = GateServer(copy, tmp_path_factory.mktemp("gate"))
    arranged(copy, lambda session: people(session, world))
    server.start()
    yield server
    server.kill()
    cluster.drop(copy)


@pytest.fixture
def load(server: GateServer, town: tuple[World, Address]) -> Load:
    """A truck with so many drums: the manifest's id and the labels."""

    def arrive(count: int, code: str = OIL) -> tuple[str, list[str]]:
        found = arranged(server.database, lambda session: load_at_gate(session, town[0], count, code))
        return found[0], server.labels(found[1])

    return arrive


@pytest.fixture
def locale() -> Locale:
    """The language of a test that does not say."""
    return "zh"


@pytest.fixture
def gate(browser: Browser, server: GateServer, locale: Locale) -> Iterator[GatePage]:
    context = browser.new_context(locale=locale, timezone_id="Asia/Shanghai", viewport=_PHONE, has_touch=True)
    gate = GatePage(context, server.base_url, locale)
    gate.sign_in()
    yield gate
    context.close()
    assert gate.complaints == []


_COUNT_KEYS = """
  sessionStorage.keys ??= "0";
  addEventListener("keydown", () => { sessionStorage.keys = String(Number(sessionStorage.keys) + 1); }, true);
"""


def outcomes(server: GateServer, manifest_id: str) -> list[str | None]:
    statement = "select outcome from manifest_containers where manifest_id = %s order by position"
    return [row[0] for row in server.rows(statement, manifest_id)]


def test_a_load_of_sixty_comes_in_without_network_without_typing_and_once(
    gate: GatePage, server: GateServer, load: Load
) -> None:
    manifest_id, labels = load(60)
    page = gate.page
    page.add_init_script(_COUNT_KEYS)
    gate.enrol()
    page.evaluate("sessionStorage.keys = '0'")
    gate.context.set_offline(True)
    expect(page.locator("#online-word")).to_have_text("无网络")
    words = [gate.wedge(label) for label in labels[:30]]
    page.reload()  # nothing but the device has this page now, and nobody gives a PIN again
    expect(page.locator("#count")).to_contain_text("还剩 30 件")
    words += [gate.wedge(label) for label in labels[30:]]
    assert words == ["准予接受"] * 60
    expect(page.locator("#count")).to_contain_text("60 件已全部扫描")
    assert gate.wedge(labels[7]) == "已扫过"
    assert (gate.tally("kept"), gate.tally("sent")) == (60, 0)
    pressed = int(page.evaluate("sessionStorage.keys"))
    assert pressed == sum(len(label) + 1 for label in [*labels, labels[7]]), "every key was the scanner's"
    assert page.locator("#label").input_value() == ""

    # The network is back, and the server dies in the middle of the replay.
    gate.context.set_offline(False)
    _wait(lambda: server.rows("select count(*) from gate_scans where manifest_id = %s", manifest_id)[0][0] >= 5)
    server.kill()
    done_before = server.rows("select count(*) from gate_scans where manifest_id = %s", manifest_id)[0][0]
    assert 5 <= done_before < 60
    expect(page.locator("#sync-said")).to_contain_text("仍保存在此")
    assert gate.tally("kept") == 60 - gate.tally("sent")
    server.start()
    page.locator("#send").click()
    expect(page.locator("[data-state=sent] b")).to_have_text("60", timeout=40_000)
    assert gate.tally("kept") == 0
    assert outcomes(server, manifest_id) == ["accepted"] * 60
    rows = server.rows(
        "select state, count(*), count(distinct id) from gate_scans where manifest_id = %s group by 1", manifest_id
    )
    assert rows == [("done", 60, 60)]
    booked = server.rows(
        "select count(*), sum(p.amount_g) from postings p join gate_scans s on s.id = p.entry_id "
        "join accounts a on a.id = p.account_id where s.manifest_id = %s and a.kind = 'stored'",
        manifest_id,
    )
    assert booked == [(60, 60 * 20_000)]
    assert {scan["scan_id"] for scan in gate.kept()} == {
        str(row[0]) for row in server.rows("select id from gate_scans where manifest_id = %s", manifest_id)
    }
    # The receipt is signed where it always was, and the page leads there.
    assert page.locator("#receipts").get_attribute("href") == f"/gate/{manifest_id}"
    page.locator("#receipts").click()
    expect(page.get_by_role("link", name="签收", exact=False).first).to_be_visible()


def _wait(holds: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


@in_language("en")
def test_ten_seconds_to_undo_to_weigh_and_to_refuse(
    gate: GatePage,
    server: GateServer,
    load: Load,
    town: tuple[World, Address],
) -> None:
    manifest_id, labels = load(4)
    page, say = gate.page, gate.say
    gate.enrol("2 号门")
    gate.wedge(labels[0])
    page.locator("#undo").click()
    expect(page.locator("#answer-word")).to_have_text(say("UNDONE"))
    assert gate.wedge(labels[0]) == say("ACCEPT"), "what was undone may be scanned again"
    # Too heavy by more than the tolerance: 20 kg declared, 20 kg of drum, 45 kg on the scale.
    gate.wedge(labels[1])
    page.locator("#weigh").click()
    for key in "45":
        page.locator("#mass-keys").get_by_role("button", name=key, exact=True).click()
    figures = {"declared": "20 kg", "measured": "25 kg", "difference": "+5 kg", "tolerance": "0.5 kg"}
    expect(page.locator("#mass-delta")).to_have_text(
        say("declared {declared}, measured {measured}, {difference} (tolerance ± {tolerance})", **figures)
    )
    page.locator("#mass-keys").get_by_role("button", name=say("OK")).click()
    expect(page.locator("#answer-word")).to_have_text(say("ACCEPT, with a difference"))
    # What the scale says takes the place of what was typed.
    scale = arranged(server.database, lambda session: scale_at(session, town[0].receiver, "GATE-7", name="门口台秤"))
    now = clock.now()
    arranged(server.database, lambda session: said(session, town[0].receiver, scale, "44 kg", weighed_at=now))
    page.locator("#weigh").click()
    page.get_by_role("button", name=say("{mass} on {scale}", mass="44 kg", scale="门口台秤")).click()
    figures |= {"measured": "24 kg", "difference": "+4 kg"}
    expect(page.locator("#answer-mass")).to_contain_text(
        say("declared {declared}, measured {measured}, {difference} (tolerance ± {tolerance})", **figures)
    )
    # A drum that leaks goes back, with a reason by one touch.
    gate.wedge(labels[2])
    page.locator("#refuse").click()
    page.get_by_role("button", name=say("Damaged or leaking")).click()
    expect(page.locator("#answer-word")).to_have_text(say("REJECTED"))
    expect(page.locator("#answer-why")).to_contain_text(say("Damaged or leaking"))
    picture = qr_photo()
    page.locator("#photo").set_input_files({"name": "leak.png", "mimeType": "image/png", "buffer": picture})
    # Into a store, whose bar says how full it is.
    page.locator("#zone").click()
    store = page.locator("#zones button").nth(1)
    expect(store.locator("meter")).to_be_visible()
    store.click()
    assert gate.wedge(labels[3]) == say("ACCEPT")
    assert gate.wedge(labels[3].replace("/92/", "/92/A")[:-1]) == say("STOP")
    expect(page.locator("#answer-why")).to_contain_text(
        say("This label was not printed by this system. Do not accept the container; call the shipper.")
    )
    assert gate.wedge("HTTPS://EXAMPLE.ORG/SOMETHING") == say("STOP")
    expect(page.locator("[data-state=sent] b")).to_have_text("4", timeout=30_000)
    assert outcomes(server, manifest_id) == ["accepted", "accepted_with_difference", "rejected", "accepted"]
    measured = (
        "select measured_g, measured_uncertainty_g from manifest_containers where manifest_id = %s and position = 2"
    )
    assert server.rows(measured, manifest_id) == [(24_000, 58)]
    assert server.rows("select count(*) from scale_reading_uses") == [(1,)]
    statement = "select count(*) from attachments where subject_id = %s"
    _wait(lambda: server.rows(statement, manifest_id)[0][0] == 1)
    placed = server.rows(
        "select count(*) from containers c join manifest_containers l on l.container_id = c.id "
        "where l.manifest_id = %s and c.store_id is not null",
        manifest_id,
    )
    assert placed == [(1,)]
    states = [scan["state"] for scan in gate.kept()]
    assert sorted(states) == ["sent"] * 4 + ["undone"]


def qr_photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(made, "PNG")
    return made.getvalue()


def test_a_label_before_the_camera_is_read_and_counted_once(
    playwright: Playwright, server: GateServer, load: Load, tmp_path: Path
) -> None:
    _, labels = load(1)
    film = film_of(labels[0], tmp_path / "label.mjpeg")
    camera = playwright.chromium.launch(
        executable_path=chromium_path(),
        args=[
            *ARGUMENTS,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    context = camera.new_context(locale="zh-CN", viewport=_PHONE, permissions=["camera"])
    gate = GatePage(context, server.base_url)
    asked: set[str] = set()
    context.on("request", lambda request: asked.add(request.url))
    gate.sign_in()
    gate.enrol("3 号门")
    if not gate.page.evaluate("JSON.parse(document.getElementById('settings').content).reader ?? ''"):
        pytest.skip("the reader of codes was not fetched when the assets were built")
    gate.context.set_offline(True)
    gate.page.get_by_role("button", name="摄像头").click()
    expect(gate.page.locator("#answer-word")).to_have_text("准予接受")
    expect(gate.page.locator("#video")).to_be_visible()
    gate.page.wait_for_timeout(1500)  # many more frames show the same label
    assert gate.tally("kept") == 1
    assert gate.page.locator("#answer").get_attribute("data-told") == "1"
    assert {url for url in asked if not url.startswith((server.base_url, "data:", "blob:"))} == set()
    camera.close()
    assert gate.complaints == []


@IN_EACH_LANGUAGE
def test_a_wrong_pin_opens_nothing_and_the_fifth_takes_the_key_away(gate: GatePage) -> None:
    page = gate.page
    gate.enrol("4 号门")
    page.locator("#lock").click()
    expect(page.locator("#work")).to_be_hidden()
    page.keyboard.type("HTTPS://EXAMPLE.ORG/91/X")
    page.keyboard.press("Enter")
    assert gate.kept() == []
    pad = page.locator("#pin-keys")
    for left in (4, 3, 2, 1):
        for _ in range(6):
            pad.get_by_role("button", name="9", exact=True).click()
        pad.get_by_role("button", name=gate.say("OK")).click()
        expect(page.locator("#pin-said")).to_have_text(gate.say("Wrong PIN. {left} tries left.", left=left))
    for _ in range(6):
        pad.get_by_role("button", name="9", exact=True).click()
    pad.get_by_role("button", name=gate.say("OK")).click()
    expect(page.locator("#pin-said")).to_have_text(gate.say("Too many wrong PINs: sign in and set a new one."))
    expect(page.locator("#people-list button")).to_have_count(0)
    page.reload()
    expect(page.locator("#people-list button")).to_have_count(0)


def test_the_whole_gate_by_keyboard_alone(gate: GatePage, server: GateServer, load: Load) -> None:
    manifest_id, labels = load(3)
    page = gate.page
    gate.enrol("6 号门")

    def press(selector: str, *, back: bool = False) -> None:
        for _ in range(60):
            if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
                page.keyboard.press("Enter")
                return
            page.keyboard.press("Shift+Tab" if back else "Tab")
        pytest.fail(f"{selector} is not reached by Tab")

    gate.wedge(labels[0])
    press("#undo", back=True)
    expect(page.locator("#answer-word")).to_have_text("已撤销")
    assert gate.wedge(labels[0]) == "准予接受", "the scanner is heard wherever the focus is"
    press("#weigh")
    for key in ("4", "5"):
        press(f"#mass-keys button:nth-child({key})")
    press("#mass-keys [type=submit]")
    expect(page.locator("#answer-word")).to_have_text("接受，质量有差异")
    gate.wedge(labels[1])
    press("#refuse")
    press("#reasons button")
    expect(page.locator("#answer-word")).to_have_text("已拒收")
    press("#zone")
    press("#zones button:nth-child(2)")
    assert gate.wedge(labels[2]) == "准予接受"
    press("#send")
    expect(page.locator("[data-state=sent] b")).to_have_text("3", timeout=30_000)
    assert outcomes(server, manifest_id) == ["accepted_with_difference", "rejected", "accepted"]


def test_scans_survive_the_end_of_the_browser(
    playwright: Playwright, server: GateServer, load: Load, tmp_path: Path
) -> None:
    """Three scans; with WASTETRACK_GATE_SCANS as many as it says, in loads of a hundred."""
    wanted = LONG or 3
    # Of one waste a firm labels at most 999 containers a day.
    loads = [load(min(100, wanted - begun), (OIL, "900-214-08")[begun % 200 > 0]) for begun in range(0, wanted, 100)]

    def opened() -> GatePage:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=chromium_path(), args=ARGUMENTS, locale="zh-CN", viewport=_PHONE
        )
        return GatePage(context, server.base_url)

    gate = opened()
    gate.sign_in()
    gate.enrol("5 号门")
    gate.context.set_offline(True)
    for _, labels in loads:
        assert {gate.wedge(label) for label in labels} == {"准予接受"}
    before = gate.kept()
    gate.context.close()
    gate = opened()
    gate.context.set_offline(True)
    gate.page.goto(f"{server.base_url}/gate/live/zh")
    expect(gate.page.locator("#work")).to_be_visible()
    assert gate.tally("kept") == wanted
    assert gate.kept() == before
    gate.context.set_offline(False)
    expect(gate.page.locator("[data-state=sent] b")).to_have_text(str(wanted), timeout=600_000)
    for manifest_id, labels in loads:
        assert outcomes(server, manifest_id) == ["accepted"] * len(labels)
    gate.context.close()
    assert gate.complaints == []


def test_a_list_decides_for_three_days_without_network_and_for_no_more_than_its_week(
    gate: GatePage, server: GateServer, load: Load
) -> None:
    manifest_id, labels = load(2)
    page, began = gate.page, clock.now()
    gate.enrol()
    expect(page.locator("#list-old")).to_be_hidden()
    gate.context.set_offline(True)
    gate.begin_shift(began + timedelta(hours=71))
    assert gate.wedge(labels[0]) == gate.say("ACCEPT")
    old = "This list is {hours} hours old. It decides until {until}; bring the device into the network before."
    expect(page.locator("#list-old")).to_have_text(gate.say.like(old))
    gate.begin_shift(began + GOOD_FOR + timedelta(hours=1))
    assert gate.wedge(labels[1]) == gate.say("STOP")
    too_old = gate.say("The list on this device is too old. Bring it into the network.")
    expect(page.locator("#answer-why")).to_contain_text(too_old)
    # Its clock is wrong by the time that did not pass here: the server takes that off, and has both.
    page.clock.set_system_time(began + timedelta(hours=71))
    gate.context.set_offline(False)
    expect(page.locator("[data-state=sent] b")).to_have_text("1", timeout=40_000)
    assert sorted(map(str, outcomes(server, manifest_id))) == ["None", "accepted"]
    expect(page.locator("#list-old")).to_be_hidden()
    assert gate.wedge(labels[1]) == gate.say("ACCEPT"), "a new list is new, whatever the device's clock says"
