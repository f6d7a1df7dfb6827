"""What a firm brings on its first day: each fault is found at its cell, and all of a file comes in or nothing."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support import first_day_files as files
from tests.support.first_day_files import Fault, heading_of, row_of, spoilt
from tests.support.import_files import Cells, workbook
from tests.support.import_office import Office
from tests.support.trade import today
from tests.support.world import World
from wastetrack import clock
from wastetrack.containers.opening_stock import close_opening
from wastetrack.db.session import writing
from wastetrack.imports.model import ImportKind, ImportState, Severity

VEHICLES, DRIVERS, CONTRACTS, STOCK = (
    ImportKind.VEHICLES,
    ImportKind.DRIVERS,
    ImportKind.CONTRACTS,
    ImportKind.STOCK,
)
ROWS = 60
Rows = list[Cells]


def book(kind: ImportKind, rows: Rows) -> bytes:
    """The rows under the template's headings."""
    return workbook(rows, heads=heading_of(kind))


def good(kind: ImportKind, world: World) -> Callable[[int], dict[str, Any]]:
    """Rows with nothing wrong."""
    of_kind: Mapping[ImportKind, Callable[[int], dict[str, Any]]] = {
        VEHICLES: files.vehicle,
        DRIVERS: files.driver,
        CONTRACTS: lambda number: files.contract(number, world.receiver.credit_code),
        STOCK: files.stock,
    }
    return of_kind[kind]


FAULTS: Mapping[ImportKind, Mapping[str, Fault]] = {
    VEHICLES: files.VEHICLE_FAULTS,
    DRIVERS: files.DRIVER_FAULTS,
    CONTRACTS: files.CONTRACT_FAULTS,
    STOCK: files.STOCK_FAULTS,
}
TABLES = {VEHICLES: "vehicles", DRIVERS: "drivers", CONTRACTS: "contracts", STOCK: "containers"}


@pytest.mark.parametrize("kind", FAULTS)
async def test_each_fault_is_found_at_its_cell_and_nothing_is_kept(
    office: Office, depot: Office, world: World, kind: ImportKind
) -> None:
    whose = depot if kind in {VEHICLES, DRIVERS} else office
    before = await whose.count(TABLES[kind])
    rows, expected = spoilt(kind, good(kind, world), FAULTS[kind], ROWS)
    made = await whose.offered(book(kind, rows), kind)
    found = await whose.findings(made)
    assert {(one.row, one.broken.field, one.broken.code) for one in found} == expected
    assert all(one.column == files.fields_of(kind).index(one.broken.field) + 1 for one in found)
    assert (made.state, made.rows, made.errors) == (ImportState.REFUSED, ROWS, len(expected))
    assert [await whose.count(TABLES[kind]), await whose.count("import_made")] == [before, 0]


@pytest.mark.parametrize("kind", FAULTS)
async def test_what_is_confirmed_is_made_whole_and_once(
    office: Office, depot: Office, world: World, kind: ImportKind
) -> None:
    whose = depot if kind in {VEHICLES, DRIVERS} else office
    before = await whose.count(TABLES[kind])
    rows = [row_of(kind, good(kind, world)(number)) for number in range(ROWS)]
    made = await whose.offered(book(kind, rows), kind)
    assert (made.state, made.errors, made.warnings) == (ImportState.READY, 0, 0), await whose.findings(made)
    assert (made.site_id is None) == (kind is not STOCK)
    assert await whose.count(TABLES[kind]) == before, "the trial left nothing behind"
    going = await whose.confirmed(made)
    done = await whose.worked(going)
    assert done.state is ImportState.IMPORTED, (await whose.task(going)).message
    assert done.summary["count"] == ROWS
    assert await whose.count(TABLES[kind]) == before + ROWS
    assert (await whose.worked(going)).state is ImportState.IMPORTED
    assert [await whose.count(TABLES[kind]), await whose.count("import_made")] == [before + ROWS, ROWS]
    assert await whose.sums_are_zero()


async def test_what_is_there_already_or_stands_twice_is_told_at_its_cell(depot: Office, world: World) -> None:
    mine, others, twice = files.vehicle(0), files.vehicle(1), files.vehicle(2)
    mine["plate"], others["plate"] = world.plate, world.second_plate
    made = await depot.offered(
        book(VEHICLES, [row_of(VEHICLES, one) for one in (mine, others, twice, twice)]), VEHICLES
    )
    found = await depot.findings(made)
    assert [(one.row, one.column, one.broken.code) for one in found] == [
        (2, 1, "plate_registered_already"),
        (3, 1, "plate_registered_already"),
        (5, 1, "plate_registered_already"),
    ]
    assert found[1].broken.next_step


async def test_a_certificate_that_is_over_is_a_warning(depot: Office) -> None:
    over, good_one = files.driver(0), files.driver(1)
    over["certificate_valid_to"] = today() - timedelta(days=1)
    made = await depot.offered(book(DRIVERS, [row_of(DRIVERS, one) for one in (over, good_one)]), DRIVERS)
    assert (made.state, made.errors, made.warnings) == (ImportState.READY, 0, 1)
    (one,) = await depot.findings(made)
    assert (one.row, one.column, one.severity, one.broken.code) == (2, 3, Severity.WARNING, "certificate_over")
    assert one.broken.article == "令23 art. 13"


async def test_rows_with_one_number_become_one_contract(office: Office, world: World) -> None:
    oil, sludge, differs = (files.contract(1, world.receiver.credit_code) for _ in range(3))
    sludge |= {"waste_code": "336-064-17", "method": None, "quantity": "800 kg"}
    differs |= {"waste_code": "900-214-08", "valid_to": files.later() + timedelta(days=1)}
    rows = [row_of(CONTRACTS, one) for one in (oil, sludge)]
    refused = await office.offered(book(CONTRACTS, [*rows, row_of(CONTRACTS, differs)]), CONTRACTS)
    assert [(one.row, one.broken.field, one.broken.code) for one in await office.findings(refused)] == [
        (4, "valid_to", "contract_differs")
    ]
    again = await office.offered(book(CONTRACTS, [*rows, rows[0]]), CONTRACTS)
    assert [(one.row, one.broken.field, one.broken.code) for one in await office.findings(again)] == [
        (4, "waste_code", "contract_line_twice")
    ]
    done = await office.worked(await office.confirmed(await office.offered(book(CONTRACTS, rows), CONTRACTS)))
    assert (done.state, done.summary["count"]) == (ImportState.IMPORTED, 1)
    async with writing(office.owner) as session:
        query = (
            "select waste_code, method, quantity_g, state from contract_items join contracts c on c.id = contract_id"
        )
        lines = (await session.execute(text(f"{query} where number = 'HT-001' order by position"))).all()
    assert [tuple(line) for line in lines] == [
        ("900-249-08", "D10", 12_500_000, "draft"),
        ("336-064-17", None, 800_000, "draft"),
    ]


async def test_old_stock_comes_in_since_its_day_and_only_while_the_opening_lasts(office: Office) -> None:
    first = book(STOCK, [row_of(STOCK, files.stock(0))])
    done = await office.worked(await office.confirmed(await office.offered(first, STOCK)))
    assert done.state is ImportState.IMPORTED
    async with writing(office.owner) as session:
        query = "select generated_on = (stands_since at time zone 'Asia/Shanghai')::date, net_g from containers"
        (since_its_day, net_g), *others = (await session.execute(text(query))).all()
        query = "select kind from entries join postings on entry_id = entries.id where amount_g = :net"
        kinds = (await session.execute(text(query), {"net": net_g})).scalars().all()
    assert (since_its_day, others, kinds) == (True, [], ["opened"])
    async with writing(office.engine) as session:
        await session.look_as(office.actor.viewer, office.actor.organisation_id, office.actor.person_id)
        await close_opening(session, office.actor, office.site_id, at=clock.now())
    late, told = files.stock(2), files.stock(4) | {"reason": "盘点时漏登"}
    made = await office.offered(book(STOCK, [row_of(STOCK, one) for one in (late, told)]), STOCK)
    assert [(one.row, one.broken.field, one.broken.code) for one in await office.findings(made)] == [
        (2, "reason", "opening_closed")
    ]
