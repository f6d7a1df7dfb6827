"""Which line of plan and contract a transfer counts against, and the reasons when none."""

from datetime import date
from typing import Any

import pytest

from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.plans.line_rules import Asked, ContractLine, PlanLine, contract_line, plan_line
from wastetrack.plans.model import ContractState

DAY = date(2026, 3, 2)
ASKED = Asked(waste_code="900-249-08", method="D10", on=DAY, mass=Mass(5_000))


def planned(planned_g: int, booked_g: int = 0, method: str = "D10") -> PlanLine:
    return PlanLine(id=new_id(), method=method, planned=Mass(planned_g), booked=Mass(booked_g))


def contracted(quantity_g: int = 10_000, **changes: Any) -> ContractLine:  # noqa: ANN401  any field
    values: dict[str, Any] = {
        "id": new_id(),
        "number": "HT-1",
        "state": ContractState.CONFIRMED,
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 12, 31),
        "method": "D10",
        "quantity": Mass(quantity_g),
        "booked": Mass(0),
    }
    return ContractLine(**values | changes)


@pytest.mark.parametrize(
    ("lines", "filed", "rule"),
    [
        ([planned(5_000)], True, None),
        ([planned(9_000, 4_000)], True, None),
        ([planned(9_000, 4_001)], True, "plan_exceeded"),
        ([planned(4_999)], True, "plan_exceeded"),
        ([planned(9_000, method="R9")], True, "plan_without_method"),
        ([planned(0)], True, "plan_without_line"),
        ([], True, "plan_without_line"),
        ([], False, "plan_missing"),
    ],
)
def test_a_plan_is_looked_at_to_the_gram(lines: list[PlanLine], rule: str | None, *, filed: bool) -> None:
    line, broken = plan_line(ASKED, lines, filed=filed)
    assert (broken.code if broken else None) == rule
    assert (line is not None) == (rule in {None, "plan_exceeded"})


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ([contracted()], None),
        ([contracted(method=None)], None),
        ([contracted(5_000)], None),
        ([contracted(booked=Mass(5_001))], "contract_exceeded"),
        ([contracted(valid_to=date(2026, 3, 1))], "contract_not_in_force"),
        ([contracted(valid_from=date(2026, 3, 3))], "contract_not_in_force"),
        ([contracted(valid_from=DAY, valid_to=DAY)], None),
        ([contracted(state=ContractState.DRAFT)], "contract_unconfirmed"),
        ([contracted(state=ContractState.ENDED)], "contract_missing"),
        ([contracted(method="R9")], "contract_missing"),
        ([], "contract_missing"),
    ],
)
def test_a_contract_must_be_in_force_with_enough_left(lines: list[ContractLine], rule: str | None) -> None:
    _, broken = contract_line(ASKED, lines)
    assert (broken.code if broken else None) == rule


def test_the_contract_that_ends_first_and_has_enough_is_used_up_first() -> None:
    late, soon = contracted(number="A"), contracted(number="B", valid_to=date(2026, 6, 30))
    empty = contracted(number="C", valid_to=date(2026, 4, 30), booked=Mass(9_000))
    line, broken = contract_line(ASKED, [late, soon, empty])
    assert (line, broken) == (soon, None)
