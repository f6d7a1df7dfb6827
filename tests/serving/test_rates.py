"""How often somebody may ask: told in headers, refused with a time to wait, apart for each caller and class."""

import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from tests.support.databases import Cluster
from tests.support.served import Served, served_on
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.ids import new_id
from wastetrack.serving.rates import Limit, Rates, RequestClass, class_of, limits_of
from wastetrack.settings import Settings


@pytest.fixture(scope="module")
async def limited(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """The application with limits that a test can reach."""
    world, template = town
    address = cluster.clone(template.database)
    more = {"rate_limits": True, "rate_reads_per_minute": 20, "rate_writes_per_minute": 30, "rate_writes_burst": 60,
            "rate_sign_in_per_minute": 10, "rate_heavy_per_minute": 2}  # fmt: skip
    async with served_on(address.url, world, tmp_path_factory.mktemp("limited"), **more) as served:
        yield served
    cluster.drop(address)


async def test_answers_tell_the_limit_and_the_one_too_many_is_told_when_to_come_back(limited: Served) -> None:
    program = await limited.api_visitor("owner")
    first = await program.get("/api/v1/me")
    assert first.headers["ratelimit-policy"] == '"reads";q=20;w=60'
    assert first.headers["ratelimit"] == '"reads";r=39;t=3'
    answers = [await program.get("/api/v1/me") for _ in range(45)]
    assert [answer.status_code for answer in answers[:39]] == [200] * 39
    last = answers[-1]
    assert (last.status_code, last.json()["code"]) == (429, "too_often")
    assert 1 <= int(last.headers["retry-after"]) <= 3
    assert last.headers["ratelimit"].startswith('"reads";r=0;t=')
    # Others, and other kinds of requests, are not held up.
    assert (await (await limited.api_visitor("driver")).get("/api/v1/me")).status_code == 200
    assert (await program.send_json("/api/v1/tokens", {"name": "a", "days": 1})).status_code == 201
    assert (await limited.visitor().get("/health")).headers.get("ratelimit") is None


async def test_a_gate_s_scans_of_a_day_come_through_at_once(limited: Served) -> None:
    gate = await limited.api_visitor("gate")
    path = f"/api/v1/manifests/{new_id()}/scans"
    statuses = {(await gate.send_json(path, {})).status_code for _ in range(60)}
    assert statuses == {422}
    assert (await gate.send_json(path, {})).status_code == 429


async def test_guessing_is_slowed_down_by_address_whoever_is_named(limited: Served) -> None:
    guesser = limited.visitor_from("203.0.113.7")
    body = {"login": "nobody", "password": "x"}
    statuses = [(await guesser.post("/api/v1/sign-in", json={**body, "login": f"n{n}"})).status_code for n in range(25)]
    assert 429 in statuses
    assert statuses[-1] == 429


async def test_changing_the_credential_does_not_help(limited: Served) -> None:
    visitor = limited.visitor_from("203.0.113.8")
    statuses = [
        (await visitor.get("/api/v1/me", headers={"Authorization": f"Bearer made-up-{n}"})).status_code
        for n in range(420)
    ]
    assert statuses[:400] == [401] * 400
    assert statuses[-1] == 429


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/static/abc/frame.css", None),
        ("GET", "/ready", None),
        ("GET", "/manifests", RequestClass.READS),
        ("GET", "/sign-in", RequestClass.READS),
        ("POST", "/sign-in", RequestClass.SIGN_IN),
        ("POST", "/api/v1/sign-in", RequestClass.SIGN_IN),
        ("GET", "/manifests/x/manifest.pdf", RequestClass.HEAVY),
        ("POST", "/api/v1/containers/labels.pdf", RequestClass.HEAVY),
        ("GET", "/api/v1/manifests/x/bundle", RequestClass.HEAVY),
        ("POST", "/api/v1/manifests/x/attachments", RequestClass.HEAVY),
        ("POST", "/api/v1/manifests/x/scans", RequestClass.WRITES),
        ("PUT", "/api/v1/manifests/x", RequestClass.WRITES),
    ],
)
def test_the_class_of_a_request(method: str, path: str, kind: RequestClass | None) -> None:
    assert class_of({"method": method, "path": path}) is kind


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 600), st.integers(1, 50))
def test_in_any_time_no_more_pass_than_the_burst_and_what_came_in_meanwhile(
    pauses: list[float], per_minute: int, burst: int
) -> None:
    now = 0.0
    rates = Rates({RequestClass.READS: Limit(per_minute, burst)}, lambda: now)
    passed = 0
    for pause in pauses:
        now += pause
        standing = rates.take(RequestClass.READS, {"client": ("a", 1)}, Headers({}))
        passed += standing.wait == 0
        assert standing.wait >= 0
        assert 0 <= standing.left <= burst
        if standing.wait:
            # Whoever waits as told is let in.
            now += standing.wait + 1e-6
            assert rates.take(RequestClass.READS, {"client": ("a", 1)}, Headers({})).wait == 0
            passed += 1
    assert passed <= burst + now * per_minute / 60 + 1


def test_counting_costs_next_to_nothing() -> None:
    limits = limits_of(Settings())
    assert limits is not None
    rates = Rates(limits, time.monotonic)
    headers = Headers({"authorization": "Bearer " + "x" * 40})
    began = time.perf_counter()
    for _ in range(2000):
        rates.take(RequestClass.READS, {"client": ("a", 1)}, headers).headers()
    assert (time.perf_counter() - began) / 2000 < 200e-6


def test_many_callers_do_not_fill_the_memory() -> None:
    now = 0.0
    rates = Rates({RequestClass.READS: Limit(60, 60)}, lambda: now)
    for number in range(120_000):
        now += 0.001
        rates.take(RequestClass.READS, {"client": (str(number), 1)}, Headers({}))
    assert len(rates._buckets) <= 50_000
