"""A bag's whole way in Chromium: ward, round, trip card, plant, the month's manifest confirmed; then the books."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from tests.support.browser import chromium_path
from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.medical import Hospital
from tests.support.served import PASSWORD as PASSWORD_OF_PEOPLE
from tests.support.trade import today
from tests.support.world import PASSWORD, World
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.db.addresses import Address
from wastetrack.manifests.monthly import month_of
from wastetrack.settings import Settings
from wastetrack.transparency import signing_key

pytestmark = [pytest.mark.browser, pytest.mark.commits]
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def place(
    cluster: Cluster, town: tuple[World, Address], hospital_town: tuple[Hospital, Address], tmp_path: Path
) -> Iterator[tuple[str, Address, Path]]:
    """Where the application is served with the hospital, its database, its folder."""
    copy = cluster.clone(hospital_town[1].database)
    with serving(copy.url, town[0], tmp_path) as address:
        yield address, copy, tmp_path
    cluster.drop(copy)


class Person:
    """Somebody of the hospital, or of PEOPLE, with a browser; whatever goes wrong in it fails the test."""

    def __init__(self, browser: Browser, address: str, login: str, *, password: str, phone: bool = False) -> None:
        self.password = password
        size = ViewportSize(width=390, height=844) if phone else ViewportSize(width=1280, height=900)
        self.context = browser.new_context(base_url=address, locale="zh-CN", viewport=size)
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto("/sign-in")
        self.page.get_by_label("登录名").fill(login)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        expect(self.page).to_have_url(address + "/")

    def close(self) -> None:
        """Nothing may have been complained about."""
        self.context.close()
        assert self.complaints == []

    def sign_what_is_read(self) -> None:
        """The words are there; the person's password, and the signature."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("阅读后签署")
        self.page.get_by_label("您的密码").fill(self.password)
        self.page.get_by_role("button", name="签字", exact=True).click()

    def picture(self, name: str) -> None:
        """For whoever wants to look at the pages: into the folder that the environment names."""
        folder = os.environ.get("WASTETRACK_TEST_PICTURES")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_one_bag_from_the_ward_to_the_confirmed_month(
    chromium: Browser,
    place: tuple[str, Address, Path],
    hospital: Hospital,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, database, folder = place
    logins = hospital.firm.logins
    code = pack(Person(chromium, address, logins[Role.FILER], password=PASSWORD, phone=True), hospital)
    collect(Person(chromium, address, hospital.collector_login, password=PASSWORD, phone=True), code)
    office = Person(chromium, address, logins[Role.SIGNER], password=PASSWORD)
    card = hand_over(office, world)
    driver = Person(chromium, address, "driver", password=PASSWORD_OF_PEOPLE, phone=True)
    driver.page.goto(card)
    driver.page.get_by_role("button", name="签字：已装车启运").click()
    driver.sign_what_is_read()
    expect(driver.page.get_by_role("status")).to_contain_text("已签字")
    driver.page.get_by_role("button", name="报告到达").click()
    driver.picture("driver")
    driver.close()
    receive(Person(chromium, address, "receiver", password=PASSWORD_OF_PEOPLE), card, code)
    office.page.goto(card)
    office.page.get_by_role("link", name="当月联单").click()
    month = office.page.url
    office.close()
    real, later = clock.now, datetime.combine(month_of(today())[1], time(20), LEGAL_ZONE) - clock.now()
    monkeypatch.setattr(clock, "now", lambda: real() + later)
    for login, password, button in (
        (logins[Role.SIGNER], PASSWORD, "签字汇总本月"),
        ("receiver", PASSWORD_OF_PEOPLE, "确认并办结"),
    ):
        person = Person(chromium, address, login, password=password)
        person.page.goto(month)
        person.picture(f"month-{button}")
        person.page.get_by_role("button", name=button).click()
        person.sign_what_is_read()
        # Else the browser may be closed before the signature has left it, and the next page has nothing to confirm.
        expect(person.page.get_by_role("status")).to_contain_text("已签字")
        person.picture(f"month-{button}-done")
        person.close()
    recompute(database, folder)


def pack(nurse: Person, hospital: Hospital) -> str:
    """The nurse opens the page of her ward, as its door label says, and closes a bag."""
    page = nurse.page
    page.goto(f"/medical/wards/{hospital.ward.id}")
    page.get_by_label("毛重").fill("3.25")
    page.get_by_label("皮重").fill("0.05")
    page.get_by_label("感染性废物").check()
    page.get_by_label("包装类型").select_option("bag")
    page.get_by_label("填充至").fill("75")
    nurse.picture("ward")
    page.get_by_role("button", name="封装并生成标签").click()
    expect(page.get_by_role("heading", name="已封装：3.2 kg")).to_be_visible()
    nurse.picture("ward-packed")
    code = page.locator(".box.now .digital").inner_text().replace(" ", "")
    nurse.close()
    return f"{hospital.firm.credit_code}{code}"


def collect(collector: Person, code: str) -> None:
    """The collector walks, scans, and ends at the store."""
    page = collector.page
    page.goto("/medical")
    collector.picture("overview-phone")
    page.get_by_role("button", name="开始收集").click()
    page.get_by_label("包装标签").fill(code)
    page.get_by_label("共同清点件数").fill("1")
    page.get_by_label("合计净重").fill("3.2")
    page.get_by_label("护士姓名").fill("李护士")
    collector.picture("round")
    page.get_by_role("button", name="接收", exact=True).click()
    page.get_by_label("实到件数").fill("1")
    page.get_by_label("实际净重").fill("3.2")
    page.get_by_role("button", name="结束收集并入库").click()
    expect(page.get_by_role("status")).to_contain_text("已入暂存间")
    collector.picture("round-ended")
    collector.close()


def hand_over(office: Person, world: World) -> str:
    """The waste office makes the card and signs."""
    page = office.page
    page.goto("/medical/cards/new")
    page.get_by_label("处置单位", exact=True).select_option(str(world.receiver.site.id))
    page.get_by_label("利用处置方式").select_option("Y11")
    page.get_by_label("承运人", exact=True).select_option(str(world.carrier.id))
    page.get_by_label("车牌号").fill(world.plate)
    page.get_by_label("驾驶员").fill("陈杰")
    office.picture("new-card")
    page.get_by_role("button", name="生成登记卡").click()
    expect(page.get_by_role("button", name="签字：已移交")).to_be_visible()
    card = page.url
    page.get_by_role("button", name="签字：已移交").click()
    office.sign_what_is_read()
    expect(page.get_by_role("status")).to_contain_text("已移交")
    office.picture("card")
    return card


def receive(plant: Person, card: str, code: str) -> None:
    """The plant weighs the bag, receives, cleans."""
    page = plant.page
    page.goto(card)
    page.get_by_label("标签").fill(code)
    page.get_by_label("毛重").fill("3.2")
    plant.picture("plant")
    page.get_by_role("button", name="记下重量").click()
    page.get_by_role("button", name="进入接收签字").click()
    plant.sign_what_is_read()
    expect(page.get_by_role("status")).to_contain_text("处置单位已接收")
    plant.picture("card-received")
    plant.close()


def origin_of(database: Address) -> str:
    """The name of the log that signed this database's checkpoints."""
    with psycopg.connect(database.dsn) as connection:
        found = connection.execute("select note from log_checkpoints limit 1").fetchone()
    assert found is not None
    return str(found[0]).partition("\n")[0]


def recompute(database: Address, folder: Path) -> None:
    """`wastetrack audit fsck` over the whole database, in a process of its own."""
    origin = origin_of(database)
    key = str(signing_key.load(Settings(data_dir=folder).log_key_path, origin=origin).verifier)
    command = [sys.executable, "-m", "wastetrack.cli.main", "audit", "fsck", "--json", "--key", key]
    settings = {"WASTETRACK_DATABASE_URL": database.url}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **settings})
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["findings"] == []
