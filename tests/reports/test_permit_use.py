"""How a permit is used by code and month: what the gate measured, what is on its way, what is left of the year."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.statements import counted
from tests.support.world import AT, OIL, World, a_drum, filed, received
from wastetrack.db.session import WriteSession
from wastetrack.errors import NotFound
from wastetrack.mass import Mass
from wastetrack.reports.permit_use import MONTHS, permits_of_rows, sheet_of, use_in_region, use_of_holder

PERMIT, ITEM, HOLDER = UUID(int=1), UUID(int=2), UUID(int=3)


def row(code: str | None, month: int | None, grams: int | None, *, item: UUID = ITEM) -> dict[str, Any]:
    return {
        "permit_id": PERMIT,
        "number": "鲁危证1号",
        "kind": "comprehensive",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2030, 12, 31),
        "organisation_id": HOLDER,
        "holder": "处置厂",
        "region_code": "370602",
        "site_id": None,
        "site": None,
        "item_id": item,
        "position": 1,
        "pattern": "HW08",
        "methods": ["D10"],
        "yearly_g": 10_000_000,
        "held_g": 250_000,
        "waste_code": code,
        "month": month,
        "grams": grams,
    }


def test_rows_become_lines_with_months_and_what_is_left() -> None:
    unused = UUID(int=4)
    rows = [
        row(OIL, 3, 2_000_000),
        row(OIL, 4, 1_000_000),
        row(OIL, None, 500_000),
        row("900-214-08", 3, 5_000_000),
        row(None, None, None, item=unused),
    ]
    (permit,) = permits_of_rows(rows, 2026)
    assert permit.lines[0].held == Mass(250_000)
    line, other = permit.lines
    assert (line.received, line.coming, line.left, line.percent, line.kind) == (
        Mass(8_000_000),
        Mass(500_000),
        Mass(1_500_000),
        85,
        "warn",
    )
    assert line.months[2:4] == (Mass(7_000_000), Mass(1_000_000))
    assert (other.codes, other.left, other.kind) == ((), Mass(10_000_000), "good")
    sheet = sheet_of([permit])
    assert (len(sheet.columns), len(sheet.rows), len(MONTHS)) == (20, 3, 12)


def test_a_line_beyond_its_quantity_has_less_than_nothing_left() -> None:
    (permit,) = permits_of_rows([row(OIL, 12, 10_000_001)], 2026)
    assert (permit.lines[0].left, permit.lines[0].kind, permit.lines[0].percent) == (Mass(-1), "bad", 100)


async def test_the_plant_and_its_authority_see_what_came_in_and_what_comes(
    town_session: WriteSession, town_engine: AsyncEngine, world: World
) -> None:
    drums = [await a_drum(town_session, world) for _ in range(3)]
    await received(town_session, world, drums[:2], "200 kg", "199 kg")
    await filed(town_session, world, drums[2:])
    plant = world.receiver
    for actor in (plant.owner, world.inspector):
        with counted(town_engine) as statements:
            (permit,) = await use_of_holder(town_session, actor, plant.id, year=AT.year)
        assert len(statements) <= 1, "beside the one on the bare driver"
        line = next(one for one in permit.lines if one.codes)
        (code,) = line.codes
        assert (code.waste_code, code.received, code.coming) == (OIL, Mass(359_000), Mass(180_000))
        assert code.months[AT.month - 1] == code.received
    everywhere = await use_in_region(town_session, "3706", year=AT.year)
    assert plant.id in {one.holder_id for one in everywhere}
    assert await use_of_holder(town_session, plant.owner, plant.id, year=2010) == []
    with pytest.raises(NotFound):
        await use_of_holder(town_session, world.generator.owner, plant.id, year=AT.year)
