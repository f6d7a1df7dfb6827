"""Positions and zones over HTTP and on pages: sent, kept once, refused whole, seen by whom they concern."""

import csv
import io
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.positions.test_reading import report, reports
from tests.positions.test_reading_zones import SQUARE, feature
from tests.support.parties import vehicle_command
from tests.support.served import Visitor
from tests.support.trade import Trade
from tests.support.world import AT
from wastetrack import clock
from wastetrack.db.session import reading, writing
from wastetrack.ids import new_id
from wastetrack.parties.registering import add_vehicle
from wastetrack.positions import queries
from wastetrack.positions.coordinates import to_wgs84
from wastetrack.positions.model import LARGEST_FILE

API = "/api/v1"
BEGIN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


@pytest.fixture
async def vehicle(trade: Trade) -> tuple[UUID, str]:
    """The carrier's lorry: its id and plate."""
    async with reading(trade.served.owner) as session:
        statement = sa.text("select id, plate from vehicles where organisation_id = :firm order by plate limit 1")
        row = (await session.execute(statement, {"firm": trade.world.carrier.id})).one()
    return row.id, row.plate


def table(plate: str, *rows: tuple[datetime, float, float], frame: str = "wgs84") -> bytes:
    """A CSV of fixes."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(["plate", "seen_at", "latitude", "longitude", "frame"])
    lines.writerows([plate, at.isoformat(), north, east, frame] for at, north, east in rows)
    return text.getvalue().encode()


async def sent(visitor: Visitor, path: str, content: bytes, **fields: str) -> Any:  # noqa: ANN401
    return await visitor.post(
        f"{API}{path}",
        data=fields,
        files={"file": ("positions.csv", content)},
        headers={"Idempotency-Key": str(new_id())},
    )


async def carrier(trade: Trade) -> Visitor:
    return await trade.served.api_visitor("carrier")


async def test_a_file_is_kept_once_and_converted(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    program = await carrier(trade)
    begin = BEGIN + timedelta(days=1)
    content = table(vehicle[1], (begin, 37.46, 121.44), (begin + timedelta(minutes=1), 37.461, 121.44), frame="gcj02")

    first = await sent(program, "/positions", content)
    again = await sent(program, "/positions", content)

    assert (first.status_code, first.json()["rows"], first.json()["added"], first.json()["frame"]) == (
        201,
        2,
        2,
        "gcj02",
    )
    assert (again.json()["added"], [(one["code"], one["count"]) for one in again.json()["findings"]]) == (
        0,
        [("known", 2)],
    )
    asked = {"since": begin.isoformat(), "until": (begin + timedelta(hours=1)).isoformat()}
    seen = (await program.get(f"{API}/vehicles/{vehicle[0]}/positions", params=asked)).json()
    assert [(one["latitude"], one["longitude"]) for one in seen["items"]] == [
        to_wgs84(37.46, 121.44),
        to_wgs84(37.461, 121.44),
    ]


async def test_everything_wrong_is_said_by_file_row_and_column_and_nothing_kept(
    trade: Trade, vehicle: tuple[UUID, str]
) -> None:
    begin = BEGIN + timedelta(days=2)
    content = table(vehicle[1], (begin, 37.46, 121.44), (begin, 137.0, 121.44)) + b"XX,then,1,1,wgs84\n"

    answered = await sent(await carrier(trade), "/positions", content)

    assert answered.status_code == 422
    assert [(one["field"], one["code"]) for one in answered.json()["errors"]] == [
        ("positions.csv, 3, latitude", "number_out_of_range"),
        ("positions.csv, 4, seen_at", "instant_unreadable"),
    ]
    strange = table("鲁A00000", (begin, 37.0, 121.0), (begin, 37.0, 121.0))
    (one,) = (await sent(await carrier(trade), "/positions", strange)).json()["errors"]
    assert (one["field"], one["code"]) == ("positions.csv, 2, plate", "vehicle_of_nobody")
    asked = {"since": begin.isoformat(), "until": (begin + timedelta(hours=1)).isoformat()}
    seen = await (await carrier(trade)).get(f"{API}/vehicles/{vehicle[0]}/positions", params=asked)
    assert seen.json()["items"] == []


async def test_a_file_that_is_too_large_is_refused_and_not_cut(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    begin = BEGIN + timedelta(days=3)
    rows = table(vehicle[1], *((begin + timedelta(seconds=one), 37.46, 121.44) for one in range(4)))
    large = rows + b" " * (LARGEST_FILE - len(rows)) + b"\n" + rows.splitlines()[1].replace(b"37.46", b"37.99")
    zones = json.dumps({"type": "FeatureCollection", "features": [feature(SQUARE)]}).encode()
    asked = ((await carrier(trade), "/positions", large), (await trade.inspector(), "/zones", zones))

    for program, path, content in asked:
        answered = await sent(program, path, content + b" " * (LARGEST_FILE + 1 - len(content)))
        assert answered.status_code == 422, answered.text
        assert [(one["field"], one["code"]) for one in answered.json()["errors"]] == [("file", "file_too_large")]


async def test_a_receiver_is_in_one_vehicle_and_speaks_for_it(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    program = await carrier(trade)
    number = str(new_id().int)[:12]
    body = {"vehicle_id": str(vehicle[0]), "number": f"00{number}"}

    before = await sent(program, "/positions", reports(report(phone=number)))
    made = await program.send_json(f"{API}/vehicle-receivers", body)
    twice = await program.send_json(f"{API}/vehicle-receivers", body)
    kept = await sent(program, "/positions", reports(report(phone=f"0000{number}", time="260106100000")))
    ended = await program.send_json(f"{API}/vehicle-receivers/{made.json()['id']}/ending", {})
    after = await sent(program, "/positions", reports(report(phone=number)))

    assert [one.status_code for one in (before, made, twice, kept, ended, after)] == [422, 201, 409, 201, 200, 422]
    assert (kept.json()["source"], kept.json()["added"]) == ("jt808", 1)


async def test_what_a_receiver_told_before_it_was_moved_stays_with_the_vehicle_that_had_it(
    trade: Trade, vehicle: tuple[UUID, str]
) -> None:
    """A platform delivers late: the road of last week is not that of the lorry in which the receiver is now."""
    program, number, one = await carrier(trade), str(new_id().int)[:12], vehicle[0]
    async with writing(trade.served.owner) as session:
        other = (
            await add_vehicle(session, trade.world.carrier.owner, vehicle_command(trade.world.carrier.id), at=AT)
        ).id
    first = await program.send_json(f"{API}/vehicle-receivers", {"vehicle_id": str(one), "number": number})
    await program.send_json(f"{API}/vehicle-receivers/{first.json()['id']}/ending", {})
    second = await program.send_json(f"{API}/vehicle-receivers", {"vehicle_id": str(other), "number": number})
    days = [datetime(2026, 2, day, tzinfo=UTC) for day in (1, 8, 10)]
    async with writing(trade.served.owner) as session:
        moved = sa.text("update vehicle_receivers set created_at = :since, ended_at = :until where id = :id")
        for made, since, until in ((first, days[0], days[1]), (second, days[2], None)):
            await session.execute(moved, {"id": UUID(made.json()["id"]), "since": since, "until": until})

    late = reports(report(phone=number, time="260205100000"), report(phone=number, time="260212100000"))
    kept = await sent(program, "/positions", late)
    between = await sent(program, "/positions", reports(report(phone=number, time="260209100000")))
    older = await sent(program, "/positions", reports(report(phone=number, time="260105100000")))

    assert [answer.status_code for answer in (kept, between, older)] == [201, 422, 422]
    asked = {"since": days[0].isoformat(), "until": "2026-02-20T00:00:00+00:00"}
    roads = [(await program.get(f"{API}/vehicles/{lorry}/positions", params=asked)).json() for lorry in (one, other)]
    assert [[fix["seen_at"][:10] for fix in road["items"]] for road in roads] == [["2026-02-05"], ["2026-02-12"]]


async def test_odd_data_is_told_and_not_dropped_in_silence(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    begin = BEGIN + timedelta(days=3)
    content = table(
        vehicle[1],
        (begin + timedelta(minutes=5), 37.46, 121.44),
        (begin, 37.46, 121.44),
        (clock.now() + timedelta(days=1), 37.46, 121.44),
    )

    told = (await sent(await carrier(trade), "/positions", content)).json()

    assert (told["rows"], told["added"]) == (3, 2)
    assert {(one["code"], one["row"]) for one in told["findings"]} == {("time_backwards", 3), ("from_the_future", 4)}


async def test_who_may_send_and_see(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    begin = BEGIN + timedelta(days=4)
    served = trade.served
    content = table(vehicle[1], (begin, 37.46, 121.44))
    asked = {"since": begin.isoformat(), "until": (begin + timedelta(hours=1)).isoformat()}
    path = f"{API}/vehicles/{vehicle[0]}/positions"

    stranger = await served.api_visitor("stranger")
    assert (await sent(stranger, "/positions", content)).status_code == 422
    driver = await served.api_visitor("driver")
    assert (await sent(driver, "/positions", content)).status_code == 403
    inspector = await served.api_visitor("inspector")
    assert (await sent(inspector, "/positions", content)).json()["added"] == 1  # an authority's platform of the region

    assert len((await inspector.get(path, params=asked)).json()["items"]) == 1
    assert len((await (await carrier(trade)).get(path, params=asked)).json()["items"]) == 1
    assert (await stranger.get(path, params=asked)).json()["items"] == []


async def test_a_key_of_a_platform_sends_positions_and_nothing_else(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    owner = await carrier(trade)
    made = await owner.send_json(f"{API}/tokens", {"name": f"GPS {new_id()}", "days": 1, "scopes": ["track"]})
    program = trade.served.visitor()
    program.bearer = made.json()["secret"]

    sent_ = await sent(program, "/positions", table(vehicle[1], (BEGIN + timedelta(days=5), 37.46, 121.44)))

    assert sent_.status_code == 201
    assert (await program.get(f"{API}/positions")).status_code == 403


async def test_a_hundred_thousand_rows_take_seconds(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    begin = BEGIN - timedelta(days=200)
    rows = [(begin + timedelta(minutes=place), 37.0 + place * 1e-6, 121.0) for place in range(100_000)]
    content = table(vehicle[1], *rows)
    began = time.perf_counter()

    answered = await sent(await carrier(trade), "/positions", content)

    assert (answered.status_code, answered.json()["added"]) == (201, 100_000), answered.text
    assert time.perf_counter() - began < 30


async def test_zones_are_drawn_by_an_authority_once_and_read_by_the_extract(trade: Trade) -> None:
    inspector = await trade.served.api_visitor("inspector")
    name = f"水库 {new_id()}"
    content = json.dumps({"type": "FeatureCollection", "features": [feature(SQUARE, name=name)]}).encode()

    drawn = await sent(inspector, "/zones", content)
    again = await sent(inspector, "/zones", content)

    (zone,) = drawn.json()["items"]
    assert (drawn.status_code, zone["name"], zone["kind"]) == (201, name, "protection_zone_1")
    assert again.json()["items"] == []
    assert (await sent(await carrier(trade), "/zones", content)).status_code == 403
    assert name in {one["name"] for one in (await (await carrier(trade)).get(f"{API}/zones")).json()["items"]}
    async with reading(trade.served.owner) as session:
        statement = sa.text("select edge, latitude, longitude_2 from extract.zones where zone_id = :zone order by edge")
        rows = (await session.execute(statement, {"zone": zone["id"]})).all()
    assert [tuple(row) for row in rows] == [(1, 37.0, 121.1), (2, 37.0, 121.1), (3, 37.1, 121.0), (4, 37.1, 121.0)]
    ended = await inspector.send_json(f"{API}/zones/{zone['id']}/ending", {})
    assert ended.json()["ended_at"] is not None
    assert (await inspector.send_json(f"{API}/zones/{zone['id']}/ending", {})).status_code == 409


async def test_faults_of_zones_are_told_by_feature_and_ring(trade: Trade) -> None:
    features = [feature(SQUARE[:-1]), feature(SQUARE, kind="park")]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()

    answered = await sent(await trade.served.api_visitor("inspector"), "/zones", content)

    assert [(one["field"], one["code"]) for one in answered.json()["errors"]] == [
        ("zones, 1, ring 1", "ring_not_closed"),
        ("zones, 2, kind", "zone_kind_unknown"),
    ]


async def test_positions_are_forgotten_after_their_time_but_not_under_a_hold(
    trade: Trade, vehicle: tuple[UUID, str]
) -> None:
    old = datetime(2025, 3, 1, tzinfo=UTC)
    await sent(await carrier(trade), "/positions", table(vehicle[1], (old, 37.46, 121.44)))
    count = sa.text("select count(*) from vehicle_positions where seen_at < :before")
    before = {"before": old + timedelta(days=1)}
    hold = sa.text(
        "insert into legal_holds (id, thing, subject_id, organisation_id, person_id, reason, told, begun_at) "
        "values (:id, 'organisation', :firm, :authority, :person, 'inquiry', false, now())"
    )
    let_go = sa.text("update legal_holds set ended_at = now(), end_reason = 'over' where id = :id")
    inspector, held = trade.world.inspector, new_id()
    async with writing(trade.served.owner) as session:
        given = {"firm": trade.world.carrier.id, "authority": inspector.organisation_id, "person": inspector.person_id}
        await session.execute(hold, {"id": held, **given})
        assert await queries.forget(session, before=old + timedelta(days=1)) == 0
        assert (await session.execute(count, before)).scalar_one() == 1
        await session.execute(let_go, {"id": held})
        assert await queries.forget(session, before=old + timedelta(days=1)) == 1
        assert (await session.execute(count, before)).scalar_one() == 0


async def test_the_pages_send_show_and_refuse(trade: Trade, vehicle: tuple[UUID, str]) -> None:
    browser = await trade.served.page_visitor("carrier")
    token = await browser.token_on("/positions")
    fields = {"csrf_token": token, "request_id": str(new_id())}
    good = table(vehicle[1], (BEGIN + timedelta(days=6), 37.46, 121.44))
    answered = await browser.post("/positions", data=fields, files={"file": ("一月.csv", good)})
    assert answered.status_code == 303
    page = await browser.get(answered.headers["location"])
    assert "一月.csv" in page.text
    assert vehicle[1] in (await browser.get("/positions")).text

    fields["request_id"] = str(new_id())
    refused = await browser.post("/positions", data=fields, files={"file": ("二月.csv", good + b"x,y,1,1,z\n")})
    assert refused.status_code == 422
    assert "<b>二月.csv, 3, seen_at</b>" in refused.text

    authority = await trade.served.page_visitor("inspector")
    assert (await authority.get("/zones")).status_code == 200
    assert "GeoJSON" in (await authority.get("/zones")).text
    assert "GeoJSON" not in (await browser.get("/zones")).text
