"""The living page of components: complete, only in development, without script, and accessible in every dress."""

import re
from collections.abc import AsyncIterator
from itertools import product

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from tests.support.axe import violations
from tests.support.browser import chromium_path
from tests.support.databases import Cluster
from tests.support.served import Served, on_the_network, served_on
from tests.support.visible import words
from tests.support.world import World
from wastetrack import resources
from wastetrack.db.addresses import Address
from wastetrack.serving.assets import VENDOR

DRESSES = tuple(product(("zh", "en"), ("light", "dark"), (320, 1280)))


def source_of(name: str) -> str:
    return (resources.templates_dir() / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
async def developing(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """The application in development mode, with tiles below its maps and an outline of the deployer's own."""
    world, template = town
    copy = cluster.clone(template.database)
    folder = tmp_path_factory.mktemp("outlines")
    (folder / "china.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    given = {
        "development": True,
        "outline_dir": folder,
        "map_tiles": "https://{s}.tiles.example.org:8443/{z}/{x}/{y}.png",
        "map_attribution": "GS(2026)1",
    }
    async with served_on(copy.url, world, tmp_path_factory.mktemp("developing"), **given) as served:
        yield served
    cluster.drop(copy)


def test_each_macro_of_the_components_is_shown() -> None:
    macros = re.findall(r"{% macro (\w+)\(", source_of("components/shown.html"))
    samples = re.findall(r"call sample\(\"(\w+)\"", source_of("design/design.html"))
    assert len(macros) > 25
    assert sorted(samples) == sorted(macros)
    for name in macros:
        assert re.search(rf"shown\.{name}\(", source_of("design/design.html")), name


async def test_outside_of_development_there_is_no_such_page(served: Served) -> None:
    assert (await served.visitor().get("/design")).status_code == 404


async def test_without_script_each_picture_is_a_table_and_no_row_needs_hovering(developing: Served) -> None:
    shown = await developing.visitor().get("/design?lang=en")
    assert shown.status_code == 200
    assert "script-src 'self';" in shown.headers["content-security-policy"]
    said = words(shown.text)
    for figure in ("2026-10 31.06 28.2", "一号库 焚烧 28.2", "芝罘区 1.254 t 37.46 121.45", "1.25 t = 1,250 kg"):
        assert figure in said
    assert '<div class="canvas' not in re.sub(r'<div class="canvas[^>]* hidden>', "", shown.text)
    assert 'aria-sort="descending"' in shown.text
    assert "?sort=net" in shown.text


async def test_tiles_and_outlines_are_the_deployment_s_and_only_then_does_the_policy_name_a_host(
    developing: Served, served: Served
) -> None:
    shown = await developing.visitor().get("/design")
    policy = shown.headers["content-security-policy"]
    assert "img-src 'self' data: https://*.tiles.example.org:8443;" in policy
    assert "GS(2026)1" in shown.text
    usual = (await served.visitor().get("/sign-in")).headers["content-security-policy"]
    assert "example" not in usual
    own = developing.app.state.assets
    assert own.has(f"{VENDOR}/outlines/china.geojson")
    answered = await developing.visitor().get(own.address(f"{VENDOR}/outlines/china.geojson"))
    assert answered.json()["features"] == []


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser
        await browser.close()


def note(message: ConsoleMessage, said: list[str]) -> None:
    if message.type == "error":
        said.append(message.text)


def listen(page: Page, said: list[str]) -> None:
    page.on("console", lambda message: note(message, said))
    page.on("pageerror", lambda error: said.append(str(error)))


@pytest.mark.browser
async def test_every_component_is_accessible_in_each_dress_and_draws_within_its_policy(
    browser: Browser, developing: Served
) -> None:
    pictures = developing.app.state.assets.has(f"{VENDOR}/echarts.min.js")
    async with on_the_network(developing.app) as address:
        for language, theme, width in DRESSES:
            context = await browser.new_context(viewport={"width": width, "height": 900})
            page = await context.new_page()
            said: list[str] = []
            listen(page, said)
            await page.goto(f"{address}/design?lang={language}&theme={theme}")
            if pictures:
                for place, drawn in (("#bars", "svg"), ("#flow", "svg"), ("#places", ".leaflet-interactive")):
                    await page.locator(f"{place} .canvas").scroll_into_view_if_needed()
                    await page.locator(f"{place} {drawn}").first.wait_for(state="attached")
            dress = f"{language} {theme} {width}"
            assert await violations(page) == [], dress
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, dress
            # There is no such host for tiles; nothing else is said, and of the policy nothing is refused.
            assert [line for line in said if "net::ERR_" not in line] == [], dress
            await context.close()
