"""Quantities in tonnes, and what differs between two versions."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.plans import transfer_line
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.plans.comparing import Difference, differences
from wastetrack.plans.content import Content, GenerationLine, Quantity, Reduction, Unit
from wastetrack.plans.model import PlanTable


@pytest.mark.parametrize(
    ("told", "grams"),
    [
        ({"value": "12.5", "unit": "t"}, 12_500_000),
        ({"value": "12.5", "unit": "kg"}, 12_500),
        ({"value": "200", "unit": "l", "factor": "0.9"}, 180_000),
        ({"value": "3", "unit": "m3", "factor": "1.2"}, 3_600_000),
        ({"value": "40", "unit": "piece", "factor": "18.25"}, 730_000),
        ({"value": "0.0000005", "unit": "t"}, 1),
        ({"value": "40", "unit": "piece"}, 0),
    ],
)
def test_volumes_and_pieces_are_converted_into_tonnes(told: dict[str, Any], grams: int) -> None:
    assert Quantity.model_validate(told).mass() == Mass(grams)


def test_a_mass_comes_back_as_it_was() -> None:
    assert Quantity.of(Mass(1_234_567)).mass() == Mass(1_234_567)


@pytest.mark.parametrize("value", ["-1", "NaN", "1e12", "Infinity"])
def test_a_quantity_that_cannot_be_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        Quantity.model_validate({"value": value})


def test_differences_follow_a_line_wherever_it_stands() -> None:
    receiver = new_id()
    oil, sludge = transfer_line("900-249-08", receiver), transfer_line("336-064-17", receiver)
    more = oil.model_copy(update={"planned": Quantity(value=Decimal(7))})
    before = Content(unit=Unit(legal_person="赵敏"), transfer=(oil, sludge), generation=())
    after = Content(
        unit=Unit(legal_person="钱进"), transfer=(sludge, more), generation=(GenerationLine(waste_code="900-041-49"),)
    )
    found = differences(before, after)
    assert Difference(PlanTable.UNIT, "", "legal_person", "赵敏", "钱进") in found
    of_transfer = [one for one in found if one.table is PlanTable.TRANSFER]
    assert [(one.name, one.after) for one in of_transfer] == [("planned", "7 t")]
    assert {one.before for one in found if one.table is PlanTable.GENERATION} == {None}
    assert differences(after, after) == ()


def test_which_tables_say_something() -> None:
    content = Content(reduction=Reduction(measures="回收"))
    assert [table for table in PlanTable if content.is_filled(table)] == [PlanTable.REDUCTION]


def test_a_unit_says_nothing_by_itself() -> None:
    assert Unit().operating_since is None
