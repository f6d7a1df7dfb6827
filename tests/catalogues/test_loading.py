"""Loading editions: once, whole, and never with other content under the same name."""

import dataclasses
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.statements import counted
from wastetrack.catalogues.loading import EditionFiles, load_edition, load_packaged, packaged_editions
from wastetrack.catalogues.model import ListName
from wastetrack.catalogues.queries import editions, read_catalogue, snapshot
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Malformed

AT = datetime(2026, 3, 2, tzinfo=UTC)
HEADER = "category,category_name,industry,code,description,hazard\n"


def waste_list(name: str, valid_from: date, *rows: str) -> EditionFiles:
    return EditionFiles(
        ListName.WASTE_CODES,
        name,
        f"国家危险废物名录（{name}年版）",
        valid_from,
        None,
        "部令",
        ((HEADER + "\n".join(rows)).encode(),),
    )


OIL = 'HW08,废矿物油与含矿物油废物,非特定行业,900-249-08,其他废矿物油,"T,I"'


async def test_loading_twice_is_the_same_as_loading_once(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        first = await load_packaged(session, at=AT)
    async with reading(fresh_engine) as session:
        before = await read_catalogue(session)
    async with writing(fresh_engine) as session:
        second = await load_packaged(session, at=AT)
    async with reading(fresh_engine) as session:
        after = await read_catalogue(session)

    assert (len(first), second) == (8, ())
    assert after == before
    assert {edition.list_name: edition.entries for edition in after.editions} == {
        ListName.WASTE_CODES: 470,
        ListName.WASTE_EXEMPTIONS: 56,
        ListName.TREATMENT_METHODS: 27,
        ListName.REGIONS: 3225,
        ListName.UN_NUMBERS: 2437,
        ListName.GENERAL_WASTE_CLASSES: 17,
    }


async def test_the_same_edition_with_other_content_is_refused(fresh_engine: AsyncEngine) -> None:
    (first, *_) = packaged_editions()
    async with writing(fresh_engine) as session:
        await load_edition(session, first, at=AT)
        changed = dataclasses.replace(first, files=(first.files[0].replace(b"In", b"T"), first.files[1]))

        with pytest.raises(Conflict) as refusal:
            await load_edition(session, changed, at=AT)

    assert refusal.value.code == "catalogue_edition_differs"


async def test_a_new_edition_ends_the_open_one_the_day_before(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        await load_packaged(session, at=AT)
        await load_edition(session, waste_list("2027", date(2027, 1, 1), OIL), at=AT)

        held = {edition.name: edition for edition in await editions(session) if edition.list_name == "waste_codes"}
        catalogue = await snapshot(session)

    assert held["2025"].valid_to == date(2026, 12, 31)
    assert [str(waste.code) for waste in catalogue.wastes_on(date(2027, 1, 1))] == ["900-249-08"]
    assert len(catalogue.wastes_on(date(2026, 12, 31))) == 470


async def test_editions_that_hold_on_the_same_day_are_refused(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        await load_packaged(session, at=AT)

        with pytest.raises(Conflict) as refusal:
            await load_edition(session, waste_list("2020", date(2020, 1, 1), OIL), at=AT)

    assert refusal.value.code == "catalogue_editions_overlap"


async def test_the_database_refuses_overlapping_editions_by_itself(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        await load_packaged(session, at=AT)
    with pytest.raises(sa.exc.IntegrityError, match="no_overlap"):
        async with writing(fresh_engine) as session:
            await session.execute(sa.text("update catalogue_editions set valid_to = null where name = '2021'"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (OIL.replace("HW08", "HW09"), "catalogue_row_contradicts"),
        (OIL.replace("900-249-08", "900-249"), "waste_code_unreadable"),
        (OIL.replace("T,I", "T;I"), "hazard_unreadable"),
    ],
)
async def test_a_list_with_a_bad_row_is_not_loaded(session: WriteSession, row: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        await load_edition(session, waste_list("2030", date(2030, 1, 1), row), at=AT)

    assert refusal.value.code == code


async def test_a_process_reads_the_lists_once(fresh_engine: AsyncEngine) -> None:
    async with writing(fresh_engine) as session:
        await load_packaged(session, at=AT)

    async with reading(fresh_engine) as session:
        with counted(fresh_engine) as at_first:
            first = await snapshot(session)
    async with writing(fresh_engine) as session:
        with counted(fresh_engine) as again:
            second = await snapshot(session)

    assert len(at_first) == 7
    assert again == []
    assert second is first


async def test_lists_that_were_not_committed_are_seen_by_nobody_else(fresh_engine: AsyncEngine) -> None:
    async with WriteSession(fresh_engine) as session:
        await load_packaged(session, at=AT)
        assert (await snapshot(session)).editions
        await session.rollback()

    async with reading(fresh_engine) as session:
        assert (await snapshot(session)).editions == ()
