"""Method codes and the waste they belong to."""

import pytest

from wastetrack.catalogues import treatments, waste_codes
from wastetrack.catalogues.treatments import MethodGroup
from wastetrack.errors import Malformed


@pytest.mark.parametrize(("written", "method"), [("D10", "D10"), (" d10", "D10"), ("Ｒ９", "R9"), ("Y-10", "Y10")])
def test_a_method_is_read_in_any_writing(written: str, method: str) -> None:
    assert treatments.parse(written) == method


@pytest.mark.parametrize("written", ["", "10", "D0", "D100", "S1", "D10,R9"])
def test_what_is_no_method_is_refused(written: str) -> None:
    with pytest.raises(Malformed):
        treatments.parse(written)


@pytest.mark.parametrize(
    ("method", "code", "allowed"),
    [
        ("Y10", "841-001-01", True),
        ("Y10", "900-249-08", False),
        ("G21", "261-041-21", True),
        ("G21", "900-249-08", False),
        ("D10", "841-004-01", True),
        ("R9", "900-249-08", True),
    ],
)
def test_medical_methods_are_for_medical_waste_and_those_of_chromium_slag_for_it(
    method: str, code: str, *, allowed: bool
) -> None:
    assert (treatments.why_not(method, waste_codes.parse(code)) == ()) is allowed


def test_the_letter_tells_the_group() -> None:
    assert treatments.group_of("C1") is MethodGroup.OTHER
