"""Distances by road and published prices: how they are read, what is refused, what a matching makes of them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.capacity.test_assembling import made
from tests.support.capacity import ASH, INCINERATOR, LANDFILL, MAKER, OTHER_ASH, SECOND_MAKER, facts, question
from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, World
from wastetrack.auth.model import Role
from wastetrack.auth.sight import look_as
from wastetrack.capacity.answering import answer
from wastetrack.capacity.facts import Facts, PriceFacts
from wastetrack.capacity.gathering import facts_of
from wastetrack.capacity.result import GatheringCaution
from wastetrack.capacity.roads import RoadLine, UploadRoads, broken_of, read
from wastetrack.capacity.uploading_roads import roads, to_fill_in, upload_roads
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.ids import new_id

BY_ROAD = {
    ("370602", LANDFILL.id): 150.0,
    (str(MAKER.id), LANDFILL.id): 120.0,
    ("370702", INCINERATOR.id): 33.0,
}


def cautions(told: Facts, **asked: Any) -> dict[GatheringCaution, int]:  # noqa: ANN401  the fields of a question
    found = answer(told, question(**asked), made_at=AT, progress=lambda _share: None)
    return {one.kind: one.count for one in found.cautions}


def test_a_site_goes_by_its_own_distance_and_the_others_of_its_county_by_the_countys() -> None:
    instance = made(facts(roads_km=BY_ROAD)).instance
    maker, landfill, second, kiln = (
        instance.places.ids.index(str(one.id)) for one in (MAKER, LANDFILL, SECOND_MAKER, INCINERATOR)
    )
    assert instance.roads == {(maker, landfill): 120.0, (second, kiln): 33.0}


def test_the_report_says_how_much_is_carried_by_the_matrix() -> None:
    assert GatheringCaution.GREAT_CIRCLE in cautions(facts())
    found = cautions(facts(roads_km=BY_ROAD))
    assert GatheringCaution.GREAT_CIRCLE not in found
    assert 0 < found[GatheringCaution.BY_ROAD] < 100
    told = answer(facts(roads_km=BY_ROAD), question(), made_at=AT, progress=lambda _share: None)
    assert {one.km for one in told.flows if one.code == ASH and one.region == "370600"} <= {120.0}


def test_a_published_price_counts_and_what_publishes_none_goes_by_the_median_of_its_class() -> None:
    prices = (
        PriceFacts(LANDFILL.id, "HW18", "", 90_000),
        PriceFacts(LANDFILL.id, ASH, "D1", 120_000),
        PriceFacts(LANDFILL.id, ASH, "D10", 10_000),
    )
    found = made(facts(prices=prices))
    by_pattern = dict(zip((one.pattern for one in found.lines), found.instance.lines.price.tolist(), strict=True))
    assert by_pattern == {ASH: 1_200.0, OTHER_ASH: 900.0, "HW49": 0.0}
    assert {found.lines[line].pattern for line in found.priced} == {ASH, OTHER_ASH}
    elsewhere = made(facts(prices=(PriceFacts(LANDFILL.id, OTHER_ASH, "", 60_000),)))
    assert elsewhere.instance.lines.price.tolist().count(600.0) == 2  # the other line of the class goes by the median
    gain = made(facts(prices=(PriceFacts(LANDFILL.id, "HW18", "", -50_000),)))
    assert set(gain.instance.lines.price.tolist()) == {0.0}


def test_the_report_says_how_much_has_a_price() -> None:
    assert GatheringCaution.NO_PRICE in cautions(facts())
    found = cautions(facts(prices=(PriceFacts(LANDFILL.id, "HW18", "", 90_000),)))
    assert GatheringCaution.NO_PRICE not in found
    assert 0 < found[GatheringCaution.PRICED] < 100


def test_a_file_is_read_line_by_line() -> None:
    end = new_id()
    text = f"from,to,km\r\n370602,{end},12.5\r\n370613,{end},\r\n370602,x,3\r\n370602,{end},viel\r\n"
    lines, broken = read(text.encode("utf-8-sig"))
    assert lines == [RoadLine("370602", end, 12.5)]
    assert [(one.code, one.facts["line"]) for one in broken] == [("road_unreadable", 4), ("road_unreadable", 5)]
    assert [one.code for one in read(b"a,b\r\n1,2\r\n")[1]] == ["roads_unreadable"]
    assert [one.code for one in read("出发,到达\r\n".encode("gb18030"))[1]] == ["roads_unreadable"]


def test_all_that_is_wrong_with_a_matrix_is_told() -> None:
    known = new_id()
    lines = [
        RoadLine("370602", known, 3.0),
        RoadLine("370602", known, 4.0),
        RoadLine("320102", known, 4.0),
        RoadLine("370613", new_id(), float("nan")),
        RoadLine(str(known), known, 5_001.0),
    ]
    told = broken_of(lines, counties=["370602", "370613", "320102"], sites=[known], own="3706")
    assert [one.code for one in told] == [
        "road_twice",
        "road_from_unknown",
        "road_to_unknown",
        "road_implausible",
        "road_implausible",
    ]
    assert len(broken_of([RoadLine("1", known, 1.0)] * 50, counties=[], sites=[], own="37")) == 20
    many = broken_of([RoadLine("1", known, 1.0)] * 50_001, counties=[], sites=[], own="37")
    assert [one.code for one in many] == ["roads_too_many"]


async def gathered(session: WriteSession) -> dict[tuple[str, UUID], float]:
    return dict((await facts_of(session, await snapshot(session), "3706", 2026, at=AT)).roads_km)


async def test_an_authority_uploads_its_matrix_and_the_newer_takes_the_place_of_the_older(
    town_session: WriteSession, world: World
) -> None:
    officer, plant = world.inspector, world.receiver.site.id
    await look_as(town_session, officer)
    command = UploadRoads(lines=(RoadLine("370602", plant, 18.5), RoadLine("370613", plant, 7.0)), reason="交通局 2026")
    await upload_roads(town_session, officer, command, at=AT)
    assert await gathered(town_session) == {("370602", plant): 18.5, ("370613", plant): 7.0}
    (event,) = [one for one in await events_about(town_session, officer.organisation_id) if "roads" in one["kind"]]
    assert (event["facts"]["lines"], "交通局" in str(event)) == (2, False)
    to_fill = await to_fill_in(town_session, officer, at=AT)
    (way,) = [one for one in to_fill if one.km == 18.5]
    assert (way.origin, way.origin_name, way.site_id, bool(way.plant)) == ("370602", "芝罘区", plant, True)
    assert {one.origin[:4] for one in to_fill} == {"3706"}
    fewer = replace(command, lines=(RoadLine("370602", plant, 20.0),))
    await upload_roads(town_session, officer, fewer, at=AT)
    assert await roads(town_session, officer) == ([RoadLine("370602", plant, 20.0)], AT)
    assert await codes_broken(upload_roads(town_session, officer, replace(command, reason=" "), at=AT)) == [
        "reason_missing"
    ]
    for somebody in (world.generator.owner, replace(officer, role=Role.REGULATOR_VIEWER)):
        with pytest.raises(Forbidden):
            await upload_roads(town_session, somebody, command, at=AT)
    with pytest.raises(Forbidden):
        await roads(town_session, world.generator.owner)
