"""What must not stand beside what: the table is whole, symmetric, and names its sources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.catalogues.compatibility import (
    CompatibilityClass,
    Content,
    Danger,
    classes_of,
    incompatible,
    pairs,
)

CODES = st.sampled_from(
    ["900-300-34", "900-352-35", "336-104-33", "841-001-01", "900-249-08", "900-006-09", "267-001-15", "336-064-17"]
)
HAZARDS = st.lists(st.sampled_from(["T", "C", "I", "R", "In"]), unique=True).map(tuple)
STATED = st.none() | st.sampled_from([each.value for each in CompatibilityClass])
CONTENTS = st.builds(Content, CODES, HAZARDS, STATED)


@given(CONTENTS, CONTENTS)
def test_who_may_not_stand_beside_another_may_not_be_stood_beside(one: Content, other: Content) -> None:
    there, back = incompatible(one, other), incompatible(other, one)
    assert (there is None) == (back is None)


@given(CONTENTS)
def test_every_content_has_a_class_and_may_stand_beside_its_like(content: Content) -> None:
    assert classes_of(content)
    assert incompatible(content, content) is None


@given(CODES, HAZARDS, st.sampled_from(CompatibilityClass))
def test_what_a_container_states_goes_before_its_code(
    code: str, hazards: tuple[str, ...], stated: CompatibilityClass
) -> None:
    assert classes_of(Content(code, hazards, stated.value)) == {stated}


@pytest.mark.parametrize(
    ("one", "other", "danger"),
    [
        (("900-300-34", ("C", "T")), ("900-352-35", ("C",)), Danger.HEAT),
        (("900-300-34", ("C", "T")), ("336-104-33", ("R", "T")), Danger.TOXIC_GAS),
        (("841-001-01", ("In",)), ("900-006-09", ("T",)), Danger.INFECTION),
        (("267-001-15", ("R", "T")), ("900-249-08", ("T", "I")), Danger.EXPLOSION),
        (("900-300-34", ("C", "T")), ("900-249-08", ("T", "I")), Danger.FIRE),
    ],
)
def test_the_known_dangers(
    one: tuple[str, tuple[str, ...]], other: tuple[str, tuple[str, ...]], danger: Danger
) -> None:
    found = incompatible(Content(*one), Content(*other))
    assert found is not None
    assert found.danger is danger


def test_toxic_waste_may_stand_beside_oil_and_oil_beside_oil_of_another_code() -> None:
    oil = Content("900-249-08", ("T", "I"))
    assert incompatible(oil, Content("900-006-09", ("T",))) is None
    assert incompatible(oil, Content("900-214-08", ("T", "I"))) is None


def test_each_pair_names_two_classes_and_a_source_and_medical_waste_and_explosives_stand_alone() -> None:
    table = pairs()
    assert all(len(classes) == 2 and pair.source for classes, pair in table.items())
    for alone in (CompatibilityClass.EXPLOSIVE, CompatibilityClass.INFECTIOUS):
        assert all(frozenset({alone, other}) in table for other in CompatibilityClass if other is not alone)


def test_a_corrosive_of_unknown_kind_is_shown_as_such_and_kept_from_cyanide_only() -> None:
    sludge = Content("336-064-17", ("C", "T"))
    assert CompatibilityClass.CORROSIVE in classes_of(sludge)
    assert incompatible(sludge, Content("900-300-34", ("C", "T"))) is None
    found = incompatible(sludge, Content("336-104-33", ("R", "T")))
    assert found is not None
    assert found.danger is Danger.TOXIC_GAS
