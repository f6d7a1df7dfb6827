"""The case pack from the chain's page to a verdict offline: asked for, left, found again, taken away, verified."""

import asyncio
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_chain_in_browser import _happened
from tests.support.browsing import serving
from tests.support.chains import Split
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.pictures import Album
from tests.support.served import for_application
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.i18n import Locale
from wastetrack.looks.model import Why
from wastetrack.transparency.note import Signer

pytestmark = [pytest.mark.browser, pytest.mark.commits]

_PROGRAM = (sys.executable, "-m", "wastetrack.cli.main")


@dataclass(frozen=True)
class Place:
    """A served application in whose log a split and burnt drum stands; nobody works there yet."""

    address: str
    split: Split
    database_url: str
    folder: Path

    @contextmanager
    def worker(self) -> Iterator[None]:
        """`wastetrack worker` beside the server."""
        environment = {
            **os.environ,
            "WASTETRACK_DATABASE_URL": for_application(self.database_url),
            "WASTETRACK_OWNER_DATABASE_URL": self.database_url,
            "WASTETRACK_DATA_DIR": str(self.folder),
            "WASTETRACK_BASE_URL": self.address,
        }
        process = subprocess.Popen([*_PROGRAM, "worker"], env=environment, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def place(cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Where it is looked at."""
    world, template = town
    copy, folder = cluster.clone(template.database), tmp_path_factory.mktemp("pack")
    with serving(copy.url, world, folder) as address, ThreadPoolExecutor(1) as apart:
        split = apart.submit(lambda: asyncio.run(_happened(copy.url, world, folder, address))).result()
        yield Place(address, split, copy.url, folder)
    cluster.drop(copy)


def verified(pack: Path, key: str) -> tuple[int, str]:
    """What `wastetrack audit verify` says of a file: in a process that knows no server, no database and no settings."""
    environment = {"PATH": "", "HOME": str(pack.parent), "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "200"}
    command = [*_PROGRAM, "audit", "verify", str(pack), "--key", key]
    ended = subprocess.run(
        command, env=environment, cwd=pack.parent, capture_output=True, text=True, encoding="utf-8", check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


@IN_EACH_LANGUAGE
def test_a_pack_is_asked_for_left_found_again_taken_away_and_verified(
    chromium: Browser, place: Place, locale: Locale, tmp_path: Path
) -> None:
    desk, album = Desk(chromium, place.address, "inspector", locale=locale, phone=locale == "en"), Album("pack", locale)
    page = desk.page
    page.goto(f"/audit/manifests/{place.split.manifest_id}")
    desk.link("Case pack").click()
    desk.reads("Case pack")
    desk.fits()
    album.keep(page, "asked")
    page.get_by_label(desk.say.label(Why.CASE), exact=True).check()
    desk.button("Make the case pack").click()
    expect(page).to_have_url(re.compile("/tasks/[0-9a-f-]{36}$"))
    desk.told("The case pack is being made; you may leave this page.")
    expect(desk.title).to_have_text(desk.say.like("Case pack of {thing}"))
    desk.fits()
    album.keep(page, "waiting")
    waiting = page.url

    page.goto("/manifests")
    with place.worker():
        page.goto("/tasks")
        desk.reads("Long work")
        page.get_by_role("link", name=desk.say.like("Case pack of {thing}")).first.click()
        expect(page).to_have_url(waiting)
        # The page changes by itself once the worker is done.
        done = desk.say("The case pack is made. Verify it offline before you rely on it.")
        expect(page.locator("#long-task .outcome")).to_have_text(done, timeout=60_000)
    desk.fits()
    album.keep(page, "done")
    with page.expect_download() as taking:
        page.get_by_role("link", name=re.compile(r"\.zip")).click()
    pack = tmp_path / taking.value.suggested_filename
    taking.value.save_as(pack)
    key = page.request.get("/api/v1/log/key").text().strip()
    desk.close()

    code, said = verified(pack, key)
    assert code == 0, said
    assert "case.pdf says what follows" in said
    assert "Everything in the bundle is proved." in said
    data = pack.read_bytes()
    with zipfile.ZipFile(pack) as opened:
        where = opened.getinfo("chain.csv").header_offset + 200
    changed = tmp_path / "changed.zip"
    changed.write_bytes(data[:where] + bytes([data[where] ^ 1]) + data[where + 1 :])
    code, said = verified(changed, key)
    assert code == 1, said
    assert "chain.csv" in said, "the file that was touched is named"
    assert verified(pack, str(Signer("else.example/log", bytes(32)).verifier))[0] == 1
