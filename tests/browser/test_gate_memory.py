"""The memory of a gate's device in Chromium: full, opened by two pages, days without network, a clock that is wrong, a
page that is closed in the middle of a PIN."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import test_gate_offline as offline
from tests.browser.test_gate_offline import Load, outcomes, qr_photo
from tests.support.gate_server import PIN, GatePage, GateServer
from wastetrack import clock

playwright, browser, server = offline.playwright, offline.browser, offline.server
gate, load, locale = offline.gate, offline.load, offline.locale
pytestmark = [pytest.mark.browser, pytest.mark.commits]

_FILL = """async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open("wastetrack-gate");
    request.onsuccess = () => resolve(request.result);
  });
  const put = (bytes) => new Promise((resolve) => {
    const transaction = database.transaction("things", "readwrite");
    transaction.objectStore("things").put(crypto.getRandomValues(new Uint8Array(bytes)), "filler" + Math.random());
    transaction.oncomplete = () => resolve("");
    transaction.onabort = () => resolve(transaction.error.name);
  });
  let said = "";
  while (!said) said = await put(60_000);
  database.close();
  return said;
}"""


def test_what_the_memory_does_not_keep_is_stopped_and_said_and_may_be_scanned_again(
    gate: GatePage, server: GateServer, load: Load
) -> None:
    _, labels = load(2)
    page, say = gate.page, gate.say
    limit = gate.context.new_cdp_session(page)
    limit.send("Storage.overrideQuotaForOrigin", {"origin": server.base_url, "quotaSize": 5_000_000})
    gate.enrol()
    gate.context.set_offline(True)
    assert gate.wedge(labels[0]) == say("ACCEPT")
    page.locator("#refuse").click()
    assert page.evaluate(_FILL) == "QuotaExceededError"
    full = say("The memory of this device is full. Send what is kept, or take the queue away as a file.")
    page.locator("#photo").set_input_files({"name": "leak.png", "mimeType": "image/png", "buffer": qr_photo()})
    lost = say("The picture could not be kept on the device; the scan is. Take it again after sending.")
    expect(page.locator("#photo-said")).to_have_text(f"{lost} {full}")
    page.locator("#reasons button").last.scroll_into_view_if_needed()
    expect(page.locator("#answer-word")).not_to_be_in_viewport()
    assert gate.wedge(labels[1]) == say("STOP")
    expect(page.locator("#answer-word")).to_be_in_viewport()
    expect(page.locator("#answer-code")).to_contain_text(labels[1].split("/91/")[1].split("/")[0][-3:])
    expect(page.locator("#answer-why")).to_contain_text(full)
    assert (len(gate.kept()), gate.tally("kept")) == (1, 1)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(15, 21, 19)")
    page.emulate_media(color_scheme="light")
    expect(page.locator("#undo")).to_be_hidden()
    # What filled it is gone: the same label at once.
    page.evaluate(
        """() => new Promise((resolve) => {
             const request = indexedDB.open("wastetrack-gate");
             request.onsuccess = () => {
               const transaction = request.result.transaction("things", "readwrite");
               transaction.objectStore("things").delete(IDBKeyRange.bound("filler", "fillerz"));
               transaction.oncomplete = () => { request.result.close(); resolve(); };
             };
           })"""
    )
    assert gate.wedge(labels[1]) == say("ACCEPT")
    assert len(gate.kept()) == 2


def test_of_two_pages_on_a_device_the_one_opened_last_works(gate: GatePage, server: GateServer, load: Load) -> None:
    manifest_id, labels = load(3)
    gate.enrol()
    first, say = gate.page, gate.say
    assert gate.wedge(labels[0]) == say("ACCEPT")
    second = gate.context.new_page()
    gate.watch(second)
    second.goto(first.url)
    expect(second.locator("#work")).to_be_visible()
    expect(first.locator("#elsewhere")).to_be_visible()
    expect(first.locator("#work")).to_be_hidden()
    first.keyboard.type(labels[1])
    first.keyboard.press("Enter")
    gate.page = second
    assert gate.wedge(labels[0]) == say("ALREADY IN"), "it knows what the other had kept"
    assert gate.wedge(labels[2]) == say("ACCEPT")
    assert [scan["label"] for scan in gate.kept()] == [labels[0], labels[2]], "the first hears nothing any more"
    first.locator("#here").click()
    expect(second.locator("#elsewhere")).to_be_visible()
    gate.page = first
    expect(first.locator("#count")).to_have_text(gate.say.like("{plate}: {left} of {all} containers left"))
    assert gate.wedge(labels[1]) == say("ACCEPT")
    expect(first.locator("[data-state=sent] b")).to_have_text("3", timeout=40_000)
    assert outcomes(server, manifest_id) == ["accepted"] * 3


def test_closing_the_page_in_the_middle_of_a_pin_wins_no_try(gate: GatePage) -> None:
    gate.enrol()
    page = gate.page
    page.locator("#lock").click()

    def wrong() -> None:
        for _ in PIN:
            page.locator("#pin-keys").get_by_role("button", name="9", exact=True).click()
        page.locator("#pin-keys").get_by_role("button", name=gate.say("OK")).click()

    # As on a slow telephone: the key is not derived before the page goes.
    page.evaluate(
        "() => { crypto.subtle.deriveBits = () => { document.title = 'derives'; return new Promise(() => {}); }; }"
    )
    wrong()
    expect(page).to_have_title("derives")
    page.reload()
    wrong()
    expect(page.locator("#pin-said")).to_have_text(gate.say("Wrong PIN. {left} tries left.", left=3))
    gate.unlock()


def test_a_clock_that_is_a_day_wrong_is_said_and_what_it_said_is_kept(
    gate: GatePage, server: GateServer, load: Load
) -> None:
    manifest_id, labels = load(1)
    page, say = gate.page, gate.say
    behind = clock.now() - timedelta(days=1)
    page.clock.set_system_time(behind)
    gate.enrol()
    sentence = (
        "This device's clock is wrong: it said {device} when the server said {server}. Set it. "
        "Scans keep both times, and the difference is taken off when they are sent."
    )
    expect(page.locator("#warning")).to_have_text(say.like(sentence))
    assert gate.wedge(labels[0]) == say("ACCEPT")
    expect(page.locator("[data-state=sent] b")).to_have_text("1", timeout=40_000)
    statement = "select happened_at, (said ->> 'happened_at')::timestamptz from gate_scans where manifest_id = %s"
    ((happened_at, said),) = server.rows(statement, manifest_id)
    assert abs(happened_at - clock.now()) < timedelta(minutes=2)
    assert abs(happened_at - said - timedelta(days=1)) < timedelta(seconds=5)


def test_a_drum_may_take_a_minute_to_the_scale(gate: GatePage, server: GateServer, load: Load) -> None:
    manifest_id, labels = load(1)
    gate.enrol()
    page, say = gate.page, gate.say
    gate.wedge(labels[0])
    page.locator("#weigh").click()
    expect(page.locator("#mass [type=submit]")).to_be_in_viewport()
    page.clock.set_system_time(clock.now() + timedelta(seconds=60))
    for key in "45":
        page.locator("#mass-keys").get_by_role("button", name=key, exact=True).click()
    page.locator("#mass-keys").get_by_role("button", name=say("OK")).click()
    expect(page.locator("#answer-word")).to_have_text(say("ACCEPT, with a difference"))
    page.clock.set_system_time(clock.now() + timedelta(seconds=120))
    expect(page.locator("[data-state=sent] b")).to_have_text("1", timeout=40_000)
    assert outcomes(server, manifest_id) == ["accepted_with_difference"]


def test_the_queue_leaves_as_a_file_and_comes_in_by_the_desk_once(
    gate: GatePage, server: GateServer, load: Load, tmp_path: Path
) -> None:
    manifest_id, labels = load(2)
    gate.enrol()
    page, say = gate.page, gate.say
    gate.context.set_offline(True)
    for label in labels:
        assert gate.wedge(label) == say("ACCEPT")
    with page.expect_download() as leaving:
        page.locator("#export").click()
    file = tmp_path / leaving.value.suggested_filename
    leaving.value.save_as(file)
    assert [scan["label"] for scan in json.loads(file.read_text())["scans"]] == labels
    desk = gate.context.new_page()
    gate.context.set_offline(False)
    told = "From the file: {done} recorded, {waiting} to decide, {refused} refused."
    for _ in range(2):
        desk.goto(f"{server.base_url}/gate/queue-file")
        desk.get_by_label(say("File of the queue")).set_input_files(file)
        desk.get_by_role("button", name=say("Hand it in")).click()
        expect(desk.get_by_text(say(told, done=2, waiting=0, refused=0))).to_be_visible()
    assert outcomes(server, manifest_id) == ["accepted"] * 2
    # The device itself sends them once more, and nothing comes of it.
    expect(page.locator("[data-state=sent] b")).to_have_text("2", timeout=40_000)
    assert server.rows("select count(*) from gate_scans where manifest_id = %s", manifest_id) == [(2,)]
