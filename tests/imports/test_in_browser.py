"""An office imports a file in a real browser, with the worker beside: faults, the mended file, two steps, labels."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browsing import serving
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.import_files import FIELDS, faulty, good_row, workbook
from tests.support.pictures import Album
from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.i18n import Locale
from wastetrack.ids import new_id
from wastetrack.imports.model import ImportKind

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@pytest.fixture
def address(cluster: Cluster, town: tuple[World, Address], tmp_path: Path) -> Iterator[str]:
    """Where the application is served, and its worker works."""
    world, template = town
    copy = cluster.clone(template.database)
    with serving(copy.url, world, tmp_path, jobs=True) as address:
        yield address
    cluster.drop(copy)


def send(desk: Desk, file: Path) -> None:
    """Hand a file in."""
    desk.page.goto("/imports/new")
    desk.page.get_by_label(desk.say.label(ImportKind.CONTAINERS)).check()
    desk.field("The file").set_input_files(file)
    desk.button("Check the file").click()


@IN_EACH_LANGUAGE
def test_an_office_mends_its_file_and_imports_it(
    chromium: Browser, address: str, tmp_path: Path, locale: Locale
) -> None:
    wrong, right = tmp_path / "七月.xlsx", tmp_path / "七月-改.xlsx"
    wrong.write_bytes(workbook(faulty(60, 12, seed=3)[0]))
    rows = [good_row(number) for number in range(60)]
    rows[0][FIELDS.index("remarks")], rows[2][FIELDS.index("gross_g")] = str(new_id()), 1_000
    right.write_bytes(workbook(rows))
    desk, album = Desk(chromium, address, "owner", locale=locale, phone=True), Album("import", locale)
    page, say = desk.page, desk.say

    send(desk, wrong)
    # The page changes by itself once the worker has read the file.
    expect(page.get_by_role("heading", name=say("By column"))).to_be_visible(timeout=30_000)
    assert page.locator("#findings tbody tr").count() == 12
    album.keep(page, "faults")
    with page.expect_download() as marked:
        page.get_by_role("link", name=say("Your workbook with the marked cells")).click()
    assert marked.value.suggested_filename == {"zh": "七月-已标记.xlsx", "en": "七月-marked.xlsx"}[locale]
    assert page.get_by_role("link", name=say("Go on to confirm")).count() == 0

    send(desk, right)
    expect(page.get_by_role("link", name=say("Go on to confirm"))).to_be_visible(timeout=30_000)
    page.get_by_role("link", name=say("Go on to confirm")).click()
    desk.button("Import everything now").click()
    expect(page.get_by_role("alert")).to_contain_text(
        say("Nobody has said yet that what is warned of is right ({count}).", count=1)
    )
    page.get_by_label(say("I have looked at them; the figures are right")).check()
    album.keep(page, "confirm")
    desk.button("Import everything now").click()
    expect(page.get_by_role("heading", name=say("Print the labels"))).to_be_visible(timeout=30_000)
    desk.fits()
    album.keep(page, "imported")
    assert page.locator("#made tbody").last.locator("tr").count() == 50
    page.goto("/tasks")
    expect(page.get_by_text(say("Import of {name}", name="七月-改.xlsx"))).to_be_visible()
    desk.close()
