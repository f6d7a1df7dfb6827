"""A drum's way through everybody's pages, in Chinese and in English: weighed, labelled, filed, printed, picked up on a
telephone, received at the gate, confirmed, burnt, followed by the authority, proved in the browser and offline."""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pypdf import PdfReader

from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.desks import Desk, describe_oil, fill_the_way
from tests.support.gate_server import GatePage
from tests.support.pictures import Album
from tests.support.served import PASSWORD
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.i18n import Locale
from wastetrack.looks.model import Why

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@dataclass(frozen=True)
class Town:
    """Where the small world is served, what its database is, who lives there."""

    address: str
    database: Address
    world: World


@pytest.fixture
def here(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[Town]:
    """A copy for this walk, with long work done beside."""
    world, template = town
    copy = cluster.clone(template.database)
    with serving(copy.url, world, tmp_path, jobs=True) as address:
        yield Town(address, copy, world)
    cluster.drop(copy)


@IN_EACH_LANGUAGE
def test_a_drum_goes_to_the_furnace(chromium: Browser, here: Town, tmp_path: Path, locale: Locale) -> None:
    album = Album("furnace", locale, always=True)
    labels, number = at_the_workshop(Desk(chromium, here.address, "signer", locale=locale), album, here.world)
    on_the_road(Desk(chromium, here.address, "driver", locale=locale, phone=True), album, labels)
    at_the_gate(chromium, here, album, labels, number)
    at_the_plant(Desk(chromium, here.address, "receiver", locale=locale), album, number)
    pack, key = at_the_authority(Desk(chromium, here.address, "inspector", locale=locale), album, number, tmp_path)
    verified_offline(pack, key, number)
    every_gram_is_in_one_account(here.database)


def at_the_workshop(desk: Desk, album: Album, world: World) -> tuple[list[str], str]:
    """Two drums weighed, labelled, filed; gives what a scanner reads on each label, and the manifest's number."""
    page = desk.page
    album.keep(page, "home")
    desk.link("Weigh and label").first.click()
    describe_oil(desk)
    desk.field("Gross mass").fill("200")
    expect(page.locator("#told")).to_contain_text("180 kg")
    desk.field("Store").select_option(index=1)
    album.keep(page, "weigh")
    desk.button("Save, print, and on to the next").click()
    expect(page.locator(".done-panel iframe")).to_be_visible()
    labels = [what_a_scanner_reads(page)]
    album.keep(page, "labelled")
    desk.field("Gross mass").fill("195.5")
    desk.button("Save and print").click()
    desk.told("The container is in the ledger, and its label is printed. Stick it on.")
    labels.append(what_a_scanner_reads(page))
    album.keep(page, "container")

    page.goto("/containers?state=at_site")
    for box in page.locator('tbody input[name="chosen"]').all():
        box.check()
    album.keep(page, "containers")
    desk.button("File a manifest from these").click()
    expect(page.locator("input.pick:checked")).to_have_count(2)
    fill_the_way(desk, world.plate)
    expect(page.locator("aside.checks")).to_contain_text(desk.say("could be filed"))
    album.keep(page, "filing")
    desk.button("Check the draft").click()
    desk.reads("Check and sign")
    album.keep(page, "check")
    desk.button("Sign and file").click()
    desk.reads("Read, then sign")
    album.keep(page, "sign")
    desk.sign()
    desk.told("Signed and filed under number {number}. The carrier sees it now.")
    number = page.locator("h1.manifest-number").inner_text()
    assert re.fullmatch(r"\d{14}", number)
    album.keep(page, "filed")
    printed = page.request.get(page.get_by_role("link", name=desk.say("Printed form")).get_attribute("href") or "")
    words = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(printed.body())).pages)
    assert number in words
    assert world.plate in words
    for label in labels:
        code = re.search(r"\d[0-9A-Z]{36}", label)
        assert code, label
        assert code[0] in "".join(words.split()), "each drum is on the printed form"
    desk.close()
    return labels, number


def what_a_scanner_reads(page: Page) -> str:
    """Off the label that is laid ready to print."""
    return scanned(page, page.locator("[data-open-label]").get_attribute("href") or "")


def scanned(page: Page, label: str) -> str:
    """Print a label, and hold the paper before a scanner."""
    paper = page.request.get(label).body()
    sheet = pypdfium2.PdfDocument(paper)[0].render(scale=4).to_pil()
    (found,) = zxingcpp.read_barcodes(sheet.convert("L"))
    return str(found.text)


def on_the_road(desk: Desk, album: Album, labels: list[str]) -> None:
    """By touch, on a telephone: each label is read, the load signed for, its arrival reported."""
    page = desk.page
    desk.fits()
    album.keep(page, "run")
    page.get_by_role("link", name=desk.say("Pick up")).first.tap()
    expect(page.locator("#load[data-listening]")).to_be_visible()
    for place, label in enumerate(labels, 1):
        page.locator("#f-label").tap()
        expect(page.locator("#f-label")).to_be_focused()
        page.keyboard.type(label)
        page.keyboard.press("Enter")
        expect(page.locator("#count")).to_contain_text(desk.say("{loaded} of {all}", loaded=place, all=2))
    desk.fits()
    album.keep(page, "loaded")
    desk.button("Sign: loaded and picked up").tap()
    desk.reads("Read, then sign")
    desk.fits()
    album.keep(page, "sign-pick-up")
    desk.sign()
    desk.told("Signed: the load is yours and on its way.")
    album.keep(page, "picked-up")
    page.get_by_role("link", name=desk.say("Deliver")).first.tap()
    expect(desk.button("Report the arrival")).to_be_visible()
    desk.fits()
    album.keep(page, "deliver")
    desk.button("Report the arrival").tap()
    desk.sign()
    desk.told("Signed: the load is at the gate.")
    album.keep(page, "arrived")
    desk.close()


def at_the_gate(chromium: Browser, here: Town, album: Album, labels: list[str], number: str) -> None:
    """On a device of the gate: both labels are scanned, the second drum weighed, and the receipt signed."""
    context = chromium.new_context(
        locale=album.locale, timezone_id="Asia/Shanghai", viewport=ViewportSize(width=390, height=844), has_touch=True
    )
    gate = GatePage(context, here.address, album.locale)
    page, say = gate.page, gate.say
    gate.sign_in()
    page.goto(f"{here.address}/gate")
    album.keep(page, "trucks")
    gate.enrol(say("Gate") + " 1")
    album.keep(page, "gate-ready")
    assert gate.wedge(labels[0]) == say("ACCEPT")
    album.keep(page, "gate-accept")
    assert gate.wedge(labels[1]) == say("ACCEPT")
    page.locator("#weigh").tap()
    for key in "150":
        page.locator("#mass-keys").get_by_role("button", name=key, exact=True).tap()
    album.keep(page, "gate-weigh")
    page.locator("#mass-keys").get_by_role("button", name=say("OK")).tap()
    expect(page.locator("#answer-word")).to_have_text(say("ACCEPT, with a difference"))
    assert gate.wedge("HTTPS://EXAMPLE.ORG/SOMETHING") == say("STOP")
    album.keep(page, "gate-stop")
    expect(page.locator("[data-state=sent] b")).to_have_text("2", timeout=30_000)
    page.locator("#receipts").tap()
    expect(page.get_by_role("link", name=say("Sign the receipt"))).to_be_visible()
    album.keep(page, "gate-all-decided")
    page.get_by_role("link", name=say("Sign the receipt")).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("Sign the receipt"))
    album.keep(page, "receipt")
    page.get_by_role("button", name=say("Sign the receipt")).tap()
    expect(page.locator(".plain-words").first).to_contain_text(number)
    album.keep(page, "sign-receipt")
    page.get_by_label(say("Your password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=say("Sign"), exact=True).tap()
    expect(page.get_by_role("status").first).to_have_text(say("Signed: the receipt stands."))
    album.keep(page, "received")
    gate.context.close()
    assert gate.complaints == []


def at_the_plant(desk: Desk, album: Album, number: str) -> None:
    """The manifest is confirmed from what is owed; both drums are burnt, and the slag is weighed and labelled."""
    page = desk.page
    album.keep(page, "plant-home")
    desk.link("Confirm the receipt").click()
    expect(desk.title).to_have_text(number)
    desk.button("Confirm and close").click()
    desk.reads("Read, then sign")
    album.keep(page, "sign-confirmation")
    desk.sign()
    desk.told("Signed: the manifest is closed.")
    album.keep(page, "closed")
    page.goto("/treatment/new")
    desk.reads("Treatment")
    for box in page.locator("input.pick").all():
        box.check()
    desk.field("Method of use or disposal").select_option("D10")
    for field, value in (("waste_code", "772-003-18"), ("volume_l", "200"), ("gross", "42.5"), ("tare", "20")):
        page.locator(f"#f-{field}").fill(value)
    page.locator("#f-form").select_option("solid")
    page.locator("#f-packaging").select_option("drum")
    album.keep(page, "batch-form")
    desk.button("Book the batch").click()
    expect(page.locator(".residue-labels")).to_contain_text("22.5 kg")
    album.keep(page, "batch")
    desk.button("Print the labels now").click()
    expect(page).to_have_url(re.compile("/label-prints/.*/document$"))
    assert "77200318" in scanned(page, page.url)
    desk.close()


def at_the_authority(desk: Desk, album: Album, number: str, folder: Path) -> tuple[Path, str]:
    """Found by its number, followed, proved in the browser, taken away with a reason; gives the pack and the key."""
    page, say = desk.page, desk.say
    album.keep(page, "findings")
    page.get_by_role("searchbox", name=say("Search everything")).fill(number)
    page.keyboard.press("Enter")
    page.locator("#found-manifest .hits a").first.click()
    expect(desk.title).to_have_text(number)
    album.keep(page, "manifest-of-authority")
    desk.link("Chain").click()
    expect(page.locator(".custody-column").first).to_be_visible()
    titles = page.locator(".timeline .title").all_inner_texts()
    assert len(titles) >= 10
    assert titles[0] == say("Weighed and labelled")
    album.keep(page, "chain")
    page.goto("/log")
    key = page.locator("pre.note code", has_text=re.compile(r"^\S+\+\w+\+\S+$")).inner_text()
    album.keep(page, "log")
    page.go_back()
    desk.field("Key of the log that you trust").fill(key)
    proof = page.locator(".proofs li").first
    proof.get_by_role("link", name=say("Verify in this browser")).click()
    expect(proof.locator(".verdict.good")).to_contain_text(say("The key is the one you entered."))
    album.keep(page, "proved")
    desk.link("Case pack").click()
    desk.reads("Case pack")
    page.get_by_label(say.label(Why.ROUTINE_INSPECTION)).check()
    album.keep(page, "case")
    desk.button("Make the case pack").click()
    download = page.get_by_role("link", name=say.like("Download {name}"))
    expect(download).to_be_visible(timeout=60_000)
    album.keep(page, "case-made")
    with page.expect_download() as taken:
        download.click()
    pack = folder / "pack.zip"
    taken.value.save_as(pack)
    desk.close()
    return pack, key


def verified_offline(pack: Path, key: str, number: str) -> None:
    """By the command of the product, in a process that knows nothing of the server; and not with a figure changed."""
    true = verify(pack, key)
    assert true.returncode == 0, true.stdout + true.stderr
    assert "Everything in the bundle is proved." in true.stdout
    other = pack.with_name("other.zip")
    with zipfile.ZipFile(pack) as kept, zipfile.ZipFile(other, "w") as changed:
        assert number in kept.read("bundle.json").decode()
        for name in kept.namelist():
            content = kept.read(name)
            changed.writestr(name, content.replace(b"180000", b"180001") if name == "bundle.json" else content)
    false = verify(other, key)
    assert false.returncode == 1, false.stdout


def verify(pack: Path, key: str) -> "subprocess.CompletedProcess[str]":
    """`wastetrack audit verify`."""
    command = [sys.executable, "-m", "wastetrack.cli.main", "audit", "verify", str(pack), "--key", key]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def every_gram_is_in_one_account(database: Address) -> None:
    """355.5 kg were made; the gate missed 45.5 kg, 310 kg were burnt, and 22.5 kg of slag stand at the plant."""
    with psycopg.connect(database.dsn) as connection:
        told = connection.execute("select kind, sum(balance_g)::bigint from accounts group by kind").fetchall()
        uneven = connection.execute(
            "select entry_id from postings group by entry_id having sum(amount_g) <> 0"
        ).fetchall()
        summed = connection.execute(
            "select a.id from accounts a left join postings p on p.account_id = a.id "
            "group by a.id having a.balance_g <> coalesce(sum(p.amount_g), 0)"
        ).fetchall()
    assert (uneven, summed) == ([], [])
    assert dict(told) == {
        "generated": -355_500,
        "in_transit": 0,
        "discrepancy": 45_500,
        "treated": 310_000,
        "residue_source": -22_500,
        "stored": 22_500,
    }
