"""What the official lists say on a day."""

from datetime import date

import pytest

from wastetrack.catalogues import waste_codes
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.hazards import Hazard
from wastetrack.catalogues.model import ListName
from wastetrack.errors import NotFound, RuleBroken

IN_2024, IN_2026 = date(2024, 6, 1), date(2026, 3, 2)


@pytest.mark.parametrize(
    ("on", "edition", "count"),
    [
        (date(2021, 1, 1), "2021", 467),
        (date(2024, 12, 31), "2021", 467),
        (date(2025, 1, 1), "2025", 470),
        (date(2031, 5, 1), "2025", 470),
    ],
)
def test_one_edition_is_in_force_on_a_day(official_lists: Catalogue, on: date, edition: str, count: int) -> None:
    found = official_lists.edition_on(ListName.WASTE_CODES, on)

    assert found is not None
    assert (found.name, found.entries, len(official_lists.wastes_on(on))) == (edition, count, count)


def test_every_code_of_both_editions_is_found_on_its_days(official_lists: Catalogue) -> None:
    for on in (IN_2024, IN_2026):
        for waste in official_lists.wastes_on(on):
            assert official_lists.waste(waste.code, on) is waste


def test_an_entry_says_what_the_list_says(official_lists: Catalogue) -> None:
    oil = official_lists.waste("ＨＷ０８ ９００－２４９－０８", IN_2026)

    assert (oil.category, oil.category_name, oil.industry_name) == ("HW08", "废矿物油与含矿物油废物", "非特定行业")
    assert str(oil.hazards) == "T,I"
    assert "废矿物油" in oil.description


def test_a_hazard_changed_with_the_edition(official_lists: Catalogue) -> None:
    assert str(official_lists.waste("772-003-18", IN_2024).hazards) == "T"
    assert str(official_lists.waste("772-003-18", IN_2026).hazards) == "T/In"


@pytest.mark.parametrize(
    ("code", "on", "reason", "next_step"),
    [
        ("336-100-21", IN_2026, "waste_code_retired", "Use 336-100-17 instead."),
        ("261-100-11", IN_2026, "waste_code_retired", "It has no successor"),
        ("900-054-29", IN_2024, "waste_code_not_yet_listed", "Use the code that covered"),
        ("900-249-80", IN_2026, "waste_code_category", "Correct the code"),
        ("900-294-08", IN_2026, "waste_code_unknown", "900-249-08"),
        ("111-111-02", IN_2026, "waste_code_unknown", "900-000-02"),
        ("900-249-08", date(2020, 12, 31), "waste_list_not_in_force", "Check the date"),
        ("nonsense", IN_2026, "waste_code_unreadable", "Correct the code"),
    ],
)
def test_a_code_that_cannot_be_used_says_why_and_what_to_do(
    official_lists: Catalogue, code: str, on: date, reason: str, next_step: str
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        official_lists.waste(code, on)

    (found,) = refusal.value.broken
    assert found.code == reason
    assert next_step in found.next_step.format(**found.facts)
    assert "{" not in found.sentence()
    assert found.article


@pytest.mark.parametrize("code", ["336-100-21", "261-100-11"])
def test_a_code_retired_later_is_good_in_its_own_time(official_lists: Catalogue, code: str) -> None:
    assert official_lists.why_not_waste(code, IN_2024) == ()


def test_identified_waste_may_have_any_hazard(official_lists: Catalogue) -> None:
    sludge = official_lists.waste("900-000-49", IN_2026)

    assert (sludge.category_name, sludge.edition) == ("其他废物", "2025")
    assert sludge.hazards.why_not({Hazard.REACTIVE}) == ()


def test_exemptions_are_found_by_code_and_by_category(official_lists: Catalogue) -> None:
    rags = official_lists.exemptions("900-041-49", IN_2026)
    clinic = official_lists.exemptions("841-004-01", IN_2026)
    tar = official_lists.exemptions("252-017-11", IN_2024)

    assert {exemption.stage for exemption in rags} == {"全部环节"}
    assert {exemption.item for exemption in clinic} == {2}
    assert len(tar) == 4
    assert official_lists.exemptions("900-249-08", date(2020, 1, 1)) == ()


def test_the_methods_of_the_list_and_no_others_are_known(official_lists: Catalogue) -> None:
    oil = waste_codes.parse("900-249-08")

    assert len(official_lists.treatments_on(IN_2026)) == 27
    assert official_lists.treatment("d10", IN_2026).name_zh == "焚烧"
    assert [rule.code for rule in official_lists.why_not_treatment("R14", IN_2026)] == ["method_unknown"]
    assert [rule.code for rule in official_lists.why_not_treatment("?", IN_2026)] == ["method_unreadable"]
    assert [rule.code for rule in official_lists.why_not_treatment("Y10", IN_2026, code=oil)] == [
        "method_of_other_waste"
    ]
    assert official_lists.why_not_treatment("R9", IN_2026, code=oil) == ()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("370602", "山东省烟台市芝罘区"),
        ("370600", "山东省烟台市"),
        ("370000", "山东省"),
        ("110101", "北京市东城区"),
        ("429004", "湖北省仙桃市"),
        ("500229", "重庆市城口县"),
        ("441900", "广东省东莞市"),
    ],
)
def test_a_region_is_named_from_the_province_down_without_repetition(
    official_lists: Catalogue, code: str, name: str
) -> None:
    assert official_lists.region_name(code) == name


@pytest.mark.parametrize(
    ("code", "reasons"),
    [
        ("370602", []),
        ("370613", []),
        ("441900", []),  # a prefecture without counties
        ("370600", ["region_too_large"]),
        ("370000", ["region_too_large"]),
        ("370699", ["region_unknown"]),
        ("", ["region_unknown"]),
    ],
)
def test_a_place_lies_in_a_county(official_lists: Catalogue, code: str, reasons: list[str]) -> None:
    assert [rule.code for rule in official_lists.why_not_region(code)] == reasons


def test_regions_are_walked_from_the_provinces_down(official_lists: Catalogue) -> None:
    assert len(official_lists.regions_in(None)) == 34
    assert "370600" in {region.code for region in official_lists.regions_in("370000")}
    assert official_lists.region("370600").prefix == "3706"
    assert official_lists.region("370602").prefix == "370602"
    with pytest.raises(NotFound):
        official_lists.region("999999")


def test_un_numbers_are_read_with_and_without_letters(official_lists: Catalogue) -> None:
    assert official_lists.un_number("un 3082").danger_class == "9"
    assert official_lists.un_number("3077") == official_lists.un_number("UN3077")


@pytest.mark.parametrize(("number", "reason"), [("0000", "un_number_unknown"), ("1271", "un_number_withdrawn")])
def test_unknown_and_withdrawn_un_numbers_are_refused(official_lists: Catalogue, number: str, reason: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        official_lists.un_number(number)

    assert refusal.value.code == reason
