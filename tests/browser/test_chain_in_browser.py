"""The chain in Chromium: graph and flow are drawn, a proof is verified, a tampered one found out, nothing overflows."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.support.axe import violations_now
from tests.support.browsing import serving
from tests.support.chains import Split, split_and_received, treated
from tests.support.databases import Cluster
from tests.support.desks import Desk
from tests.support.served import Served, for_application
from tests.support.trade import Trade
from tests.support.world import World
from wastetrack.app import make_app
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.commits]


@pytest.fixture(scope="module")
def place(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Split]]:
    """Where a split, received and burnt drum is looked at, and what it was."""
    world, template = town
    copy, folder = cluster.clone(template.database), tmp_path_factory.mktemp("chain")
    with serving(copy.url, world, folder) as address, ThreadPoolExecutor(1) as apart:
        # The browser's own loop runs in this thread.
        yield address, apart.submit(lambda: asyncio.run(_happened(copy.url, world, folder, address))).result()
    cluster.drop(copy)


async def _happened(url: str, world: World, folder: Path, address: str) -> Split:
    """What happens there, by a second process of the same deployment."""
    chosen = Settings(data_dir=folder, pool_size=8, worker_in_server=False, rate_limits=False, base_url=address)
    app, owner = make_app(chosen, database_url=for_application(url)), make_engine(url, pool_size=2)
    async with app.router.lifespan_context(app):
        served = Served(app, owner, world, {})
        split = await split_and_received(Trade(served))
        await treated(Trade(served), *split.halves)
        await served.close()
    await owner.dispose()
    return split


@pytest.fixture
def desk(chromium: Browser, place: tuple[str, Split]) -> Iterator[Desk]:
    """The inspector's."""
    found = Desk(chromium, place[0], "inspector")
    yield found
    found.close()


def fits(desk: Desk) -> None:
    """Nothing stands beyond the edge."""
    assert desk.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def keep(desk: Desk, folder: Path, name: str) -> None:
    desk.page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_graph_and_flow_are_drawn_with_their_numbers_beside(
    desk: Desk, place: tuple[str, Split], tmp_path: Path
) -> None:
    here = f"/audit/manifests/{place[1].manifest_id}"
    desk.page.goto(f"{here}?view=graph")
    expect(desk.page.locator("[data-chart] svg")).to_be_visible()
    expect(desk.page.locator("[data-chart] svg")).to_contain_text("倒装")
    expect(desk.page.locator(".numbers tbody tr").first).to_be_visible()
    keep(desk, tmp_path, "graph")
    desk.page.get_by_role("link", name="流向图").click()
    expect(desk.page.locator("[data-chart] svg")).to_contain_text("900-249-08")
    assert desk.page.locator("[data-chart] svg path").count() > 8
    keep(desk, tmp_path, "flow")
    fits(desk)


def test_a_proof_is_verified_in_the_browser(desk: Desk, place: tuple[str, Split]) -> None:
    page = desk.page
    page.goto(f"/audit/manifests/{place[1].manifest_id}")
    first = page.locator(".proofs li").first
    first.locator("[data-verify]").click()
    expect(first.locator(".verdict.good")).to_contain_text("已证明")
    key = page.request.get("/api/v1/log/key").text().strip()
    page.locator("#trusted-key").fill(key)
    first.locator("[data-verify]").click()
    expect(first.locator(".verdict.good")).to_contain_text("所用公钥由您输入")
    page.locator("#trusted-key").fill("else.example/log+" + key.partition("+")[2])
    first.locator("[data-verify]").click()
    expect(first.locator(".verdict.wrong")).to_contain_text("公钥")


def _leaf(told: dict[str, Any]) -> None:
    told["leaf"] = told["leaf"].replace("1", "2", 1)


def _proof(told: dict[str, Any]) -> None:
    told["proof"] = [*told["proof"][1:], told["proof"][0]] if len(set(told["proof"])) > 1 else told["proof"][1:]


def _index(told: dict[str, Any]) -> None:
    told["log_index"] += 1


def _root(told: dict[str, Any]) -> None:
    lines = told["note"].split("\n")
    lines[2] = "A" + lines[2][1:] if lines[2][0] != "A" else "B" + lines[2][1:]
    told["note"] = "\n".join(lines)


def _size(told: dict[str, Any]) -> None:
    """The text that is signed says something else; the proof still leads to its root."""
    told["note"] = told["note"].replace("\n\n", "\nmore\n\n", 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_leaf, "推算不到已签名的树根"),
        (_proof, "推算不到已签名的树根"),
        (_index, "推算不到已签名的树根"),
        (_root, "推算不到已签名的树根"),
        (_size, "检查点的签名与其内容不符"),
    ],
)
def test_a_tampered_proof_is_found_out(desk: Desk, place: tuple[str, Split], change: Any, sentence: str) -> None:  # noqa: ANN401
    def tamper(route: Route) -> None:
        told = route.fetch().json()
        change(told)
        route.fulfill(body=json.dumps(told), content_type="application/json")

    desk.page.route("**/proof.json", tamper)
    desk.page.goto(f"/audit/manifests/{place[1].manifest_id}")
    first = desk.page.locator(".proofs li").first
    first.locator("[data-verify]").click()
    expect(first.locator(".verdict.wrong")).to_contain_text(sentence)


def test_without_ed25519_the_browser_says_that_half_is_proved(desk: Desk, place: tuple[str, Split]) -> None:
    desk.page.add_init_script(
        "const old = crypto.subtle.importKey.bind(crypto.subtle);"
        "crypto.subtle.importKey = (...a) => a[2].name === 'Ed25519'"
        " ? Promise.reject(new DOMException('no', 'NotSupportedError')) : old(...a);"
    )
    desk.page.goto(f"/audit/manifests/{place[1].manifest_id}")
    first = desk.page.locator(".proofs li").first
    first.locator("[data-verify]").click()
    expect(first.locator(".verdict.half")).to_contain_text("仅证明了一半")


@pytest.mark.parametrize("view", ["columns", "graph", "flow", "table"])
def test_each_view_fits_and_is_accessible(
    chromium: Browser, place: tuple[str, Split], view: str, tmp_path: Path
) -> None:
    desk = Desk(chromium, place[0], "inspector")
    for width in (320, 1280):
        for scheme in ("light", "dark"):
            desk.page.set_viewport_size({"width": width, "height": 900})
            desk.page.emulate_media(color_scheme=scheme)
            for language in ("zh", "en"):
                desk.page.goto(f"/audit/containers/{place[1].drum['id']}?view={view}&lang={language}")
                if view in {"graph", "flow"}:
                    expect(desk.page.locator("[data-chart] svg")).to_be_visible()
                fits(desk)
                assert violations_now(desk.page) == [], (width, scheme, language)
            keep(desk, tmp_path, f"{view}-{width}-{scheme}")
    desk.close()


def test_the_columns_stand_below_each_other_on_a_telephone(chromium: Browser, place: tuple[str, Split]) -> None:
    desk = Desk(chromium, place[0], "inspector", phone=True)
    desk.page.goto(f"/audit/containers/{place[1].drum['id']}")
    boxes = [column.bounding_box() for column in desk.page.locator(".custody-column").all()]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(set(tops))
    assert len(tops) >= 5
    desk.close()
