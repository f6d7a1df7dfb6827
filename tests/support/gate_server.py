"""A real server process on a copy of the small world, which tests kill and start again at the same port; and a gate's
page in Chromium that comes to it."""

import asyncio
import io
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.owners import CHECKOUT, environment
from tests.support.served import PASSWORD, enrol_people, for_application
from tests.support.spoken import Spoken
from tests.support.world import OIL, World, a_drum, arrived
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, writing
from wastetrack.i18n import Locale
from wastetrack.reports.qr_symbols import qr_png

LABEL_KEY = "a-label-key-of-tests-only"
PIN = "274951"
_SECONDS_TO_READY = 150


class GateServer:
    """`wastetrack serve` on a database of its own."""

    def __init__(self, address: Address, data_dir: Path) -> None:
        self.database, self.data_dir = address, data_dir
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Where it answers: by name, for the browser's secure context."""
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.data_dir / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "wastetrack.cli.main", "serve", "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                env=environment(
                    WASTETRACK_DATA_DIR=str(self.data_dir),
                    WASTETRACK_DATABASE_URL=for_application(self.database.url),
                    WASTETRACK_BASE_URL=self.base_url,
                    WASTETRACK_LABEL_KEY=LABEL_KEY,
                    WASTETRACK_RATE_LIMITS="false",
                    WASTETRACK_WORKER_IN_SERVER="false",
                ),
            )
        until = time.monotonic() + _SECONDS_TO_READY
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if httpx2.get(f"{self.base_url}/ready", timeout=2).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass  # not there yet
            time.sleep(0.1)
        self.kill()
        raise AssertionError((self.data_dir / "server.log").read_text()[-4000:])

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says to its owner."""
        with psycopg.connect(self.database.dsn, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def labels(self, codes: list[str]) -> list[str]:
        """What the labels of these containers say."""
        return [make_label_text(self.base_url, DigitalCode.parse(code), LABEL_KEY.encode()) for code in codes]


def arranged(address: Address, work: Callable[[WriteSession], Coroutine[Any, Any, Any]]) -> Any:  # noqa: ANN401
    """Run a unit of work as the owner: in a thread, for a browser's loop runs in this one."""

    async def run() -> Any:  # noqa: ANN401
        engine = make_engine(address.url, pool_size=1)
        try:
            async with writing(engine) as session:
                return await work(session)
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


async def load_at_gate(session: WriteSession, world: World, count: int, code: str = OIL) -> tuple[str, list[str]]:
    """A truck with so many drums at the incinerator's gate: the manifest's id and the digital codes."""
    drums = [await a_drum(session, world, "20 kg", code=code) for _ in range(count)]
    manifest_id = await arrived(session, world, drums)
    return str(manifest_id), [drum.digital_code for drum in drums]


async def people(session: WriteSession, world: World) -> None:
    """Everybody who signs in by a short login."""
    await enrol_people(session, world)


class GatePage:
    """The gate's page as its operator has it."""

    def __init__(self, context: BrowserContext, base_url: str, locale: Locale = "zh") -> None:
        context.set_default_timeout(15_000)
        self.context, self.base_url, self.say = context, base_url, Spoken(locale)
        self.page: Page = context.pages[0] if context.pages else context.new_page()
        self.complaints: list[str] = []
        self.watch(self.page)

    def watch(self, page: Page) -> None:
        """Keep what the page complains of, but for the network being away."""
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "net::ERR_" not in text:
            self.complaints.append(text)

    def sign_in(self) -> None:
        """At the desk, once."""
        self.page.goto(f"{self.base_url}/sign-in?lang={self.say.locale}")
        self.page.get_by_label(self.say("Login")).fill("gate")
        self.page.get_by_label(self.say("Password")).fill(PASSWORD)
        self.page.get_by_role("button", name=self.say("Sign in"), exact=True).click()
        expect(self.page).to_have_url(f"{self.base_url}/")

    def enrol(self, name: str = "1 号门手机") -> None:
        """Enrol the device and open the page, unlocked, with its list and its worker."""
        page = self.page
        page.goto(f"{self.base_url}/gate/devices")
        page.get_by_label(self.say("Name of this device")).fill(name)
        page.get_by_label(self.say("Your PIN on this device")).fill(PIN)
        page.get_by_label(self.say("The same PIN again")).fill(PIN)
        page.get_by_role("button", name=self.say("Go on")).click()
        expect(page).to_have_url(f"{self.base_url}/gate/live/{self.say.locale}")
        self.unlock()
        expect(page.locator("#list-age")).to_have_text(self.say.like("List of {when}: {count} containers expected"))
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    def unlock(self) -> None:
        """The PIN, by the keypad."""
        pad = self.page.locator("#pin-keys")
        for figure in PIN:
            pad.get_by_role("button", name=figure, exact=True).click()
        pad.get_by_role("button", name=self.say("OK")).click()
        expect(self.page.locator("#work")).to_be_visible()

    def begin_shift(self, when: datetime) -> None:
        """At another time by the device's clock, when the shift before is over."""
        self.page.clock.set_system_time(when)
        self.page.reload()
        self.page.locator("#people-list button").first.click()
        self.unlock()

    def wedge(self, text: str) -> str:
        """A hand scanner reads a label; gives the word of the answer."""
        told = self.page.locator("#answer").get_attribute("data-told") or "0"
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#answer")).to_have_attribute("data-told", str(int(told) + 1))
        return self.word

    @property
    def word(self) -> str:
        """What stands there in large letters."""
        return self.page.locator("#answer-word").inner_text()

    def tally(self, state: str) -> int:
        """How many scans are kept, sent, to decide, refused."""
        return int(self.page.locator(f"[data-state={state}] b").inner_text())

    def kept(self) -> list[dict[str, Any]]:
        """What stands in the device's memory."""
        found: list[dict[str, Any]] = self.page.evaluate(
            """() => new Promise((resolve, reject) => {
                 const request = indexedDB.open("wastetrack-gate");
                 request.onerror = reject;
                 request.onsuccess = () => {
                   const database = request.result;
                   const all = database.transaction("scans").objectStore("scans").index("seq").getAll();
                   all.onsuccess = () => { database.close(); resolve(all.result); };
                 };
               })"""
        )
        return found


def film_of(label: str, file: Path, frames: int = 12) -> Path:
    """A film for the fake camera: a label that is held a little askew before it, as MJPEG."""
    symbol = Image.open(io.BytesIO(qr_png(label, 5))).convert("L")
    with file.open("wb") as film:
        for number in range(frames):
            frame = Image.new("L", (640, 480), 210)
            turned = symbol.rotate(number % 5 - 2, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
            frame.paste(turned, ((640 - turned.width) // 2, (480 - turned.height) // 2))
            frame.convert("RGB").save(film, "JPEG", quality=80)
    return file
