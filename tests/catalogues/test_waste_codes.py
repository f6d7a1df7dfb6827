"""Codes as printed and as people type them."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.catalogues import waste_codes
from wastetrack.catalogues.loading import DATA
from wastetrack.catalogues.waste_codes import CATEGORIES, WasteCode
from wastetrack.errors import Malformed

three_digits = st.text("0123456789", min_size=3, max_size=3)
codes = st.builds(WasteCode, three_digits, three_digits, st.sampled_from(sorted(CATEGORIES)))
FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


def listed(year: int) -> list[str]:
    with (DATA / f"nchw_{year}.csv").open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


@pytest.mark.parametrize(("year", "count"), [(2021, 467), (2025, 470)])
def test_every_code_of_the_official_lists_is_read(year: int, count: int) -> None:
    read = [str(waste_codes.parse(code)) for code in listed(year)]

    assert read == listed(year)
    assert len(set(read)) == count


@pytest.mark.parametrize(
    "written",
    [
        "900-041-49",
        "90004149",
        " 900 - 041 - 49 ",
        "９００－０４１－４９",
        "900—041—49",
        "HW49 900-041-49",
        "hw49900-041-49",
    ],
)
def test_width_spaces_hyphens_and_a_category_before_it_do_not_matter(written: str) -> None:
    code = waste_codes.parse(written)

    assert (str(code), code.digits, code.category) == ("900-041-49", "90004149", "HW49")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "waste_code_unreadable"),
        ("900-041", "waste_code_unreadable"),
        ("900-041-490", "waste_code_unreadable"),
        ("900-O41-49", "waste_code_unreadable"),
        ("900-041-41", "waste_code_category"),
        ("900-041-00", "waste_code_category"),
        ("900-041-51", "waste_code_category"),
        ("HW08 900-041-49", "waste_code_contradicts_category"),
        ("900-001-S17", "waste_code_is_general_waste"),
        ("HW49", "waste_code_is_category"),
        ("HW44", "waste_category_unknown"),
    ],
)
def test_what_is_no_code_is_refused_and_says_why(written: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        waste_codes.parse(written)

    assert refusal.value.code == code
    assert "{" not in str(refusal.value)


def test_waste_identified_as_hazardous_has_a_code_in_every_category() -> None:
    assert len(CATEGORIES) == 46
    for number in CATEGORIES:
        assert waste_codes.parse(f"900-000-{number}").is_identified
    assert not waste_codes.parse("900-041-49").is_identified
    assert not waste_codes.parse("841-000-01").is_identified


@given(codes)
def test_what_is_printed_is_read_again_as_the_same(code: WasteCode) -> None:
    assert waste_codes.parse(str(code)) == code
    assert waste_codes.parse(code.digits) == code
    assert waste_codes.parse(str(code).translate(FULL_WIDTH)) == code
    assert waste_codes.parse(f"{code.category} {code}") == code


@pytest.mark.parametrize(("written", "pattern"), [("hw08", "HW08"), ("ＨＷ０８", "HW08"), ("90024908", "900-249-08")])
def test_a_line_of_a_permit_names_a_category_or_a_code(written: str, pattern: str) -> None:
    assert waste_codes.parse_pattern(written) == pattern


def test_a_category_is_not_read_from_a_code() -> None:
    with pytest.raises(Malformed):
        waste_codes.parse_category("900-249-08")
