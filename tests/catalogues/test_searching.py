"""Finding a waste as people look for it."""

from datetime import date

import pytest

from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.queries import search, search_general
from wastetrack.catalogues.reading import initials
from wastetrack.db.session import WriteSession

IN_2026 = date(2026, 3, 2)

pytestmark = pytest.mark.usefixtures("official_lists")


async def found(session: WriteSession, text: str, limit: int = 20) -> list[str]:
    return [str(waste.code) for waste in await search(session, text, on=IN_2026, limit=limit)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("900-041-49", "900-041-49"),
        ("90004149", "900-041-49"),
        ("900-24", "900-249-08"),
        ("９００－２４９", "900-249-08"),
        ("感染性废物", "841-001-01"),
        ("废铅蓄电池", "900-052-31"),
        ("grxfw", "841-001-01"),
        ("fqxdc", "900-052-31"),
        ("HW49 废弃的包装物", "900-041-49"),
        ("hw08 fkwy", "900-213-08"),
    ],
)
async def test_the_best_match_stands_first(session: WriteSession, text: str, first: str) -> None:
    assert (await found(session, text))[0] == first


@pytest.mark.parametrize("text", ["废矿物油", "fkwy"])
async def test_chinese_and_its_initials_find_the_same_kind(session: WriteSession, text: str) -> None:
    codes = await found(session, text, limit=100)

    assert {code[-2:] for code in codes[:10]} <= {"08", "11"}
    assert "900-249-08" in codes


async def test_a_category_lists_all_its_codes_in_order(session: WriteSession) -> None:
    assert await found(session, "HW01") == [f"841-00{number}-01" for number in range(1, 6)]


async def test_all_words_must_be_found(session: WriteSession) -> None:
    assert await found(session, "废矿物油 感染性") == []
    assert await found(session, "没有这样的废物") == []


async def test_empty_text_shows_the_beginning_of_the_list(session: WriteSession) -> None:
    assert await found(session, "  ", limit=3) == ["841-001-01", "841-002-01", "841-003-01"]


async def test_before_the_first_list_nothing_is_found(session: WriteSession) -> None:
    assert await search(session, "废矿物油", on=date(2020, 1, 1)) == ()


def test_initials_keep_clauses_apart_and_latin_text_as_it_is(official_lists: Catalogue) -> None:
    assert initials("废矿物油、PCBs和重金属") == "fkwy pcbshzjs"
    assert official_lists.regions["370602"].initials == "zfq"


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("SW17", ["SW17"]),
        ("s17", ["SW17"]),
        ("900-001-S17", ["SW17"]),
        ("900001s17", ["SW17"]),
        ("ＳＷ１７", ["SW17"]),
        ("粉煤灰", ["SW02"]),
        ("fly ash", ["SW02"]),
        ("SW44", []),
        ("900-249-08", []),
        ("HW08", []),
        ("as", []),
        ("", []),
    ],
)
async def test_classes_of_general_waste_are_found(session: WriteSession, text: str, classes: list[str]) -> None:
    assert [one.code for one in await search_general(session, text, on=IN_2026)] == classes


async def test_the_beginning_of_a_class_finds_all_that_begin_so(session: WriteSession) -> None:
    found_classes = [one.code for one in await search_general(session, "SW1", on=IN_2026)]
    assert len(found_classes) > 3
    assert all(code.startswith("SW1") for code in found_classes)
    assert await search_general(session, "SW17", on=date(2019, 1, 1)) == ()
