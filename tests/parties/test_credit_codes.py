"""The check character of GB 32100-2015 and the registering departments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.errors import Malformed
from wastetrack.parties import credit_codes

prefixes = st.builds(
    lambda department, kind, region, body: department + kind + region + body,
    st.sampled_from(sorted(credit_codes.DEPARTMENTS)),
    st.sampled_from(credit_codes.ALPHABET),
    st.from_regex(r"[1-9][0-9]{5}", fullmatch=True).filter(str.isascii),
    st.text(credit_codes.ALPHABET, min_size=9, max_size=9),
)


def test_the_code_printed_in_the_standard_for_facility_codes_is_right() -> None:
    assert credit_codes.check("91130200699229617X") == "91130200699229617X"


@pytest.mark.parametrize("department", sorted(credit_codes.DEPARTMENTS))
def test_every_registering_department_may_begin_a_code(department: str) -> None:
    code = credit_codes.make(f"{department}1370602MA3ABCDE7")

    assert credit_codes.check(code) == code


@pytest.mark.parametrize(
    "written",
    ["91130200699229617x", "９１１３０２００６９９２２９６１７Ｘ", " 9113 0200 6992 29617X ", "911302-00699229617-X"],
)
def test_case_width_and_separators_do_not_matter(written: str) -> None:
    assert credit_codes.check(written) == "91130200699229617X"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("911302006992296170", "credit_code_check_character"),
        ("91130200699229671X", "credit_code_check_character"),  # two neighbours swapped
        ("91130200699229617", "credit_code_length"),
        ("370602100012345", "credit_code_length"),  # the old business registration number
        ("", "credit_code_length"),
        ("9113O200699229617X", "credit_code_character"),
        ("9113020069922961７鲁", "credit_code_character"),
        ("B1130200699229617X", "credit_code_department"),
        ("9113A200699229617X", "credit_code_region"),
    ],
)
def test_a_wrong_code_is_refused_and_says_what_is_wrong(written: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        credit_codes.check(written)

    assert refusal.value.code == code


@given(prefixes)
def test_a_made_code_passes_its_own_check(prefix: str) -> None:
    assert credit_codes.check(credit_codes.make(prefix)) == prefix + credit_codes.check_character(prefix)


@given(prefixes, st.integers(8, 17), st.sampled_from(credit_codes.ALPHABET))
def test_any_single_mistyped_character_is_noticed(prefix: str, place: int, typed: str) -> None:
    code = credit_codes.make(prefix)
    wrong = code[:place] + typed + code[place + 1 :]
    if wrong == code:
        return

    with pytest.raises(Malformed):
        credit_codes.check(wrong)


def test_a_code_is_made_only_from_seventeen_characters() -> None:
    with pytest.raises(Malformed) as refusal:
        credit_codes.make("9137060")

    assert refusal.value.code == "credit_code_prefix_length"
