"""An office imports a file in a real browser, with the worker beside: faults, the mended file, two steps, labels."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.support.browser import chromium_path
from tests.support.import_files import FIELDS, faulty, good_row, workbook
from tests.support.served import PASSWORD, Served, on_the_network
from wastetrack.db import addresses
from wastetrack.ids import new_id
from wastetrack.jobs.worker import working
from wastetrack.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
async def address(served: Served, tmp_path: Path) -> AsyncIterator[str]:
    """The application at a port, and its worker."""
    engine = served.app.state.engine
    dsn = addresses.over("", engine.url.render_as_string(hide_password=False))
    async with on_the_network(served.app) as address, working(Settings(data_dir=tmp_path), dsn=dsn, engine=engine):
        yield address


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        await browser.close()


async def send(page: Page, address: str, file: Path) -> None:
    await page.goto(f"{address}/imports/new")
    await page.get_by_label("容器（已称重待贴标签）").check()
    await page.get_by_label("文件", exact=True).set_input_files(file)
    await page.get_by_role("button", name="检查文件").click()


async def test_an_office_mends_its_file_and_imports_it(browser: Browser, address: str, tmp_path: Path) -> None:
    wrong, right = tmp_path / "七月.xlsx", tmp_path / "七月-改.xlsx"
    wrong.write_bytes(workbook(faulty(60, 12, seed=3)[0]))
    rows = [good_row(number) for number in range(60)]
    rows[0][FIELDS.index("remarks")], rows[2][FIELDS.index("gross_g")] = str(new_id()), 1_000
    right.write_bytes(workbook(rows))
    context = await browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(f"{address}/sign-in?lang=zh")
    await page.get_by_label("登录名").fill("owner")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name="登录").click()
    await expect(page).to_have_url(f"{address}/")

    await send(page, address, wrong)
    # The page changes by itself once the worker has read the file.
    await expect(page.get_by_role("heading", name="按列")).to_be_visible(timeout=30_000)
    assert await page.locator("#findings tbody tr").count() == 12
    async with page.expect_download() as marked:
        await page.get_by_role("link", name="下载已标记的表格").click()
    assert (await marked.value).suggested_filename == "七月-已标记.xlsx"
    assert await page.get_by_role("link", name="下一步：确认").count() == 0

    await send(page, address, right)
    await expect(page.get_by_role("link", name="下一步：确认")).to_be_visible(timeout=30_000)
    await page.get_by_role("link", name="下一步：确认").click()
    await page.get_by_role("button", name="立即全部导入").click()
    await expect(page.get_by_role("alert")).to_contain_text("有 1 条提醒尚未确认")
    await page.get_by_label("我已查看，数据无误").check()
    await page.get_by_role("button", name="立即全部导入").click()
    await expect(page.get_by_role("heading", name="打印标签")).to_be_visible(timeout=30_000)
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert await page.locator("#made tbody").last.locator("tr").count() == 50
    await page.goto(f"{address}/tasks")
    await expect(page.get_by_text("导入 七月-改.xlsx")).to_be_visible()
    assert said == []
    await context.close()
