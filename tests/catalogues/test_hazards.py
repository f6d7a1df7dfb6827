"""Comma and stroke between hazard letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.catalogues import hazards
from wastetrack.catalogues.hazards import Hazard
from wastetrack.errors import Malformed

T, C, I, R, IN = Hazard.TOXIC, Hazard.CORROSIVE, Hazard.IGNITABLE, Hazard.REACTIVE, Hazard.INFECTIOUS  # noqa: E741


@pytest.mark.parametrize(
    ("printed", "certain", "one_of_them"),
    [("T", {T}, False), ("In", {IN}, False), ("T,I", {T}, False), ("C,T", {C}, False), ("T/C/I/R/In", set(), True)],
)
def test_the_first_before_a_comma_is_certain_and_strokes_leave_it_open(
    printed: str, certain: set[Hazard], *, one_of_them: bool
) -> None:
    profile = hazards.parse(printed)

    assert (set(profile.certain), profile.one_of_them) == (certain, one_of_them)
    assert str(profile) == printed


@pytest.mark.parametrize(
    ("printed", "declared", "reasons"),
    [
        ("T,I", {T}, []),
        ("T,I", {T, I}, []),
        ("T,I", {I}, ["hazard_certain_missing"]),
        ("T,I", set(), ["hazards_missing"]),
        ("T,I", {T, C}, []),  # a hazard beyond the list is possible
        ("T/In", {IN}, []),
        ("T/In", {T, IN}, []),
        ("T/In", {C}, ["hazard_none_of_listed"]),
        ("In", {T}, ["hazard_certain_missing"]),
    ],
)
def test_declared_hazards_agree_with_the_list(printed: str, declared: set[Hazard], reasons: list[str]) -> None:
    assert [rule.code for rule in hazards.parse(printed).why_not(declared)] == reasons


@pytest.mark.parametrize("printed", ["", "X", "T,T", "T/t", "T;I", "T,I/R"])
def test_other_letters_and_repeated_ones_are_refused(printed: str) -> None:
    with pytest.raises(Malformed):
        hazards.parse(printed)


@given(st.lists(st.sampled_from(list(Hazard)), min_size=1, unique=True), st.sampled_from(",/"))
def test_what_is_printed_is_read_again_as_the_same(letters: list[Hazard], sign: str) -> None:
    profile = hazards.parse(sign.join(letters))

    assert hazards.parse(str(profile)) == profile
    assert profile.why_not(letters) == ()
