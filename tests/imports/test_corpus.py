"""A workbook of many rows with faults of all kinds: each is found at its cell, nothing else is, nothing is imported.

The long form, with 10,000 rows and 300 faults, and its seconds: WASTETRACK_LONG_IMPORT=1.
"""

import io
import os
import time
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import text

from tests.support.import_files import FAULTS, FIELDS, faulty, good_row, workbook
from tests.support.import_office import Office
from tests.support.trade import today
from tests.support.wire import on_the_wire
from tests.support.world import World
from wastetrack import clock
from wastetrack.db.session import writing
from wastetrack.errors import Conflict, RuleBroken
from wastetrack.imports import offering, queries
from wastetrack.imports.marking import told
from wastetrack.imports.model import Finding, Import, ImportState, Severity
from wastetrack.imports.offering import Confirm

LONG = bool(os.environ.get("WASTETRACK_LONG_IMPORT"))
ROWS, ERRORS = (10_000, 300) if LONG else (1_000, 60)


def test_the_faults_are_of_many_kinds() -> None:
    assert len({code for _, code, _ in FAULTS.values()}) >= 12
    assert len({field for field, _, _ in FAULTS.values()}) >= 10


async def test_each_fault_is_found_at_its_cell_and_nothing_is_imported(office: Office) -> None:
    rows, expected = faulty(ROWS, ERRORS)
    began = time.perf_counter()
    made = await office.offered(workbook(rows))
    print(f"check of {ROWS} rows with {ERRORS} errors: {time.perf_counter() - began:.1f} s")  # noqa: T201
    assert (made.state, made.rows, made.errors, made.warnings) == (ImportState.REFUSED, ROWS, ERRORS, 0)
    found = await office.findings(made)
    places = {(one.row, one.broken.field, one.broken.code) for one in found}
    assert places == set(expected)
    assert all(one.column == FIELDS.index(one.broken.field) + 1 for one in found)
    assert [await office.count(table) for table in ("containers", "entries", "import_made")] == [0, 0, 0]
    with pytest.raises(Conflict):
        await office.confirmed(made)
    await _marked_as_found(office, made, found)


async def _marked_as_found(office: Office, made: Import, found: list[Finding]) -> None:
    async with writing(office.engine) as session:
        await session.look_as(office.actor.viewer, office.actor.organisation_id, office.actor.person_id)
        _, content = await queries.file_of(session, made.id, "marked")
    sheet = openpyxl.load_workbook(io.BytesIO(content))["容器"]
    coloured = {
        (cell.row, cell.column)
        for row in sheet.iter_rows(max_col=len(FIELDS))
        for cell in row
        if cell.fill.fgColor.rgb == "00F6B8B4"
    }
    assert coloured == {(one.row, one.column) for one in found}
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    first = found[0]
    assert sheet.cell(first.row, len(FIELDS) + 1).value == told(first, "zh")
    assert sheet.cell(1, len(FIELDS) + 1).value == "检查结果"


async def test_what_is_confirmed_is_made_once_in_few_statements(office: Office) -> None:
    content = workbook([good_row(number) for number in range(ROWS)])
    made = await office.offered(content)
    assert (made.state, made.errors, made.warnings) == (ImportState.READY, 0, 0)
    assert await office.count("containers") == 0
    going = await office.confirmed(made)
    assert (await office.confirmed(made)).task_id == going.task_id, "said twice, queued once"
    began = time.perf_counter()
    with on_the_wire(office.engine) as statements:
        done = await office.worked(going)
    print(f"import of {ROWS} rows: {time.perf_counter() - began:.1f} s, {len(statements)} statements")  # noqa: T201
    assert done.state is ImportState.IMPORTED, (await office.task(going)).message
    assert done.summary["count"] == ROWS
    # Besides the beats of the worker's heart, what is asked does not grow with the rows but by the thousand.
    assert len(statements) < 60 + ROWS // 100, len(statements)
    assert [await office.count(table) for table in ("containers", "entries", "import_made")] == [ROWS] * 3
    assert await office.count("log_leaves") >= ROWS
    assert await office.sums_are_zero()
    assert (await office.worked(going)).state is ImportState.IMPORTED, "done twice, made once"
    assert (await office.confirmed(made)).state is ImportState.IMPORTED
    assert await office.count("containers") == ROWS
    with pytest.raises(RuleBroken) as again:
        await office.offered(content)
    assert [rule.code for rule in again.value.broken] == ["same_file_before"]
    assert (await office.offered(content, again=True)).state is ImportState.READY


async def test_what_came_in_between_leaves_nothing_half_imported(office: Office) -> None:
    rows = [good_row(number) for number in range(40)]
    made = await office.offered(workbook(rows))
    going = await office.confirmed(made)
    async with writing(office.owner) as session:  # all serials of one day are used up meanwhile
        used = text("insert into container_serials values (:unit, '900-249-08', :day, 999)")
        day = today() - timedelta(days=2)
        await session.execute(used, {"unit": office.actor.organisation_id, "day": day})
    done = await office.worked(going)
    assert done.state is ImportState.REFUSED
    assert {one.broken.code for one in await office.findings(done)} == {"serials_used_up"}
    assert await office.count("containers") == 0
    assert (await office.task(going)).result_address == f"/imports/{made.id}"


async def test_warnings_are_answered_before_anything_is_made(office: Office) -> None:
    light, heavy = good_row(0), good_row(2)
    light[FIELDS.index("gross_g")], heavy[FIELDS.index("gross_g")] = 20.3, 1_000
    made = await office.offered(workbook([light, heavy, good_row(4)]))
    assert (made.state, made.errors, made.warnings) == (ImportState.READY, 0, 2)
    found = await office.findings(made)
    assert [(one.row, one.severity, one.broken.code) for one in found] == [
        (2, Severity.WARNING, "mass_too_light"),
        (3, Severity.WARNING, "mass_doubtful"),
    ]
    async with writing(office.engine) as session:
        await session.look_as(office.actor.viewer, office.actor.organisation_id, office.actor.person_id)
        with pytest.raises(RuleBroken) as unread:
            await offering.confirm(session, office.actor, Confirm(import_id=made.id, warnings=0), at=clock.now())
    assert [rule.code for rule in unread.value.broken] == ["warnings_unread"]
    assert (await office.worked(await office.confirmed(made))).state is ImportState.IMPORTED
    assert await office.count("containers") == 3


async def test_a_store_that_fills_up_stops_the_rows_that_are_too_many(office: Office, world: World) -> None:
    async with writing(office.owner) as session:
        of_store = text("update stores set limit_g = 500000, containment_l = null where id = :id returning code")
        code = (await session.execute(of_store, {"id": world.store_id})).scalar_one()
    rows = [good_row(number) for number in range(0, 10, 2)]
    for row in rows:
        row[FIELDS.index("store_id")], row[FIELDS.index("gross_g")] = code, 200
    made = await office.offered(workbook(rows))
    found = await office.findings(made)
    assert [(one.row, one.broken.field, one.broken.code) for one in found] == [
        (row, "store_id", "store_full") for row in (4, 5, 6)
    ]
