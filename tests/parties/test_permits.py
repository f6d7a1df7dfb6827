"""What a permit covers, in tables: each kind of bad delivery, and all reasons together."""

from datetime import date

import pytest

from wastetrack.catalogues import waste_codes
from wastetrack.ids import new_id
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.permits import Permit, PermitItem, PermitKind, Suspension, covering

A_DAY = date(2026, 3, 2)


def line(pattern: str, methods: str = "R9", yearly: str = "1000 t") -> PermitItem:
    return PermitItem(new_id(), pattern, frozenset(methods.split()), Mass.parse(yearly))


def permit(
    *items: PermitItem,
    valid_from: date = date(2025, 1, 1),
    valid_to: date = date(2029, 12, 31),
    suspensions: tuple[Suspension, ...] = (),
) -> Permit:
    return Permit(
        id=new_id(),
        organisation_id=new_id(),
        site_id=None,
        number="烟台危证008号",
        kind=PermitKind.COMPREHENSIVE,
        valid_from=valid_from,
        valid_to=valid_to,
        items=items or (line("HW08"),),
        suspensions=suspensions,
    )


def suspended(from_on: date, to_on: date | None = None) -> Suspension:
    return Suspension(new_id(), from_on, to_on, "超量贮存")


def broken(
    held: Permit,
    *,
    code: str = "900-249-08",
    method: str = "R9",
    on: date = A_DAY,
    requested: str = "1 t",
    used: str = "0 t",
) -> list[str]:
    found = held.covers(waste_codes.parse(code), method, on, Mass.parse(requested), Mass.parse(used))
    return [reason.code for reason in found]


@pytest.mark.parametrize("pattern", ["900-249-08", "HW08"])
def test_a_code_is_covered_by_itself_or_by_its_category(pattern: str) -> None:
    assert broken(permit(line(pattern))) == []


def test_identified_waste_is_covered_by_its_category() -> None:
    assert broken(permit(line("HW49", "D10")), code="900-000-49", method="D10") == []


@pytest.mark.parametrize(
    ("code", "method", "reason"),
    [
        ("900-041-49", "R9", "permit_without_code"),
        ("900-214-08", "D10", "permit_without_method"),
    ],
)
def test_a_code_or_method_that_is_not_on_the_permit_is_refused(code: str, method: str, reason: str) -> None:
    assert broken(permit(line("HW08", "R9")), code=code, method=method) == [reason]


@pytest.mark.parametrize(
    ("on", "reasons"),
    [
        (date(2024, 12, 31), ["permit_not_yet_valid"]),
        (date(2025, 1, 1), []),
        (date(2029, 12, 31), []),
        (date(2030, 1, 1), ["permit_expired"]),
    ],
)
def test_the_first_and_the_last_day_belong_to_the_validity(on: date, reasons: list[str]) -> None:
    assert broken(permit(), on=on) == reasons


@pytest.mark.parametrize(
    ("on", "reasons"),
    [
        (date(2026, 2, 28), []),
        (date(2026, 3, 1), ["permit_suspended"]),
        (date(2026, 3, 10), ["permit_suspended"]),
        (date(2026, 3, 11), []),
    ],
)
def test_a_suspended_day_is_refused_and_the_day_after_is_not(on: date, reasons: list[str]) -> None:
    assert broken(permit(suspensions=(suspended(date(2026, 3, 1), date(2026, 3, 10)),)), on=on) == reasons


def test_a_suspension_without_end_holds_until_it_is_lifted() -> None:
    assert broken(permit(suspensions=(suspended(date(2026, 3, 1)),)), on=date(2028, 1, 1)) == ["permit_suspended"]


@pytest.mark.parametrize(
    ("used", "requested", "reasons"),
    [
        ("0 t", "1000 t", []),
        ("990 t", "10 t", []),
        ("990 t", "10000.001 kg", ["permit_quantity_exceeded"]),
        ("1000 t", "1 g", ["permit_quantity_exceeded"]),
    ],
)
def test_the_yearly_quantity_may_be_used_up_to_the_gram(used: str, requested: str, reasons: list[str]) -> None:
    assert broken(permit(line("HW08", yearly="1000 t")), requested=requested, used=used) == reasons


def test_the_quantity_left_is_told() -> None:
    found = permit().covers(
        waste_codes.parse("900-249-08"), "R9", A_DAY, Mass.parse("12 t"), used=Mass.parse("995.5 t")
    )

    assert "4.5 t are left, 12 t are asked for" in found[0].sentence()
    assert found[0].article is not None
    assert "第十二条" in found[0].article


def test_all_reasons_are_told_at_once() -> None:
    held = permit(line("HW08", "R9", "1 t"), valid_to=date(2026, 1, 31), suspensions=(suspended(date(2026, 1, 1)),))

    assert broken(held, requested="2 t") == ["permit_expired", "permit_suspended", "permit_quantity_exceeded"]
    assert broken(held, method="D10") == ["permit_expired", "permit_suspended", "permit_without_method"]


def test_each_reason_names_its_article_and_the_next_step() -> None:
    held = permit(line("HW08"), valid_to=date(2026, 1, 31), suspensions=(suspended(date(2026, 1, 1)),))

    for reason in held.covers(waste_codes.parse("900-041-49"), "R9", A_DAY, Mass(1), ZERO):
        assert "第八十条" in (reason.article or "")
        assert reason.next_step
        assert "{" not in reason.sentence()


def test_a_line_of_the_code_itself_counts_before_that_of_its_category() -> None:
    own, category = line("900-249-08", "R9", "10 t"), line("HW08", "R9 D10", "1000 t")
    held = permit(category, own)

    assert held.item_for(waste_codes.parse("900-249-08"), "R9") == own
    assert held.item_for(waste_codes.parse("900-249-08"), "D10") == category
    assert held.item_for(waste_codes.parse("900-249-08"), "R1") is None


def test_among_several_permits_the_first_that_covers_is_found() -> None:
    lapsed, held = permit(valid_to=date(2025, 6, 30)), permit()

    found, reasons = covering(
        (lapsed, held),
        waste_codes.parse("900-249-08"),
        "R9",
        A_DAY,
        requested=Mass(1),
        used=lambda _permit, _item: ZERO,
    )

    assert (found, reasons) == (held, ())


def test_when_none_covers_the_reasons_of_the_nearest_are_told() -> None:
    of_acid, lapsed = permit(line("HW34")), permit(valid_to=date(2025, 6, 30))

    found, reasons = covering(
        (of_acid, lapsed),
        waste_codes.parse("900-249-08"),
        "R9",
        A_DAY,
        requested=Mass(1),
        used=lambda _permit, _item: ZERO,
    )

    assert found is None
    assert [reason.code for reason in reasons] == ["permit_expired"]


def test_a_receiver_without_a_permit_is_refused() -> None:
    _, reasons = covering(
        (), waste_codes.parse("900-249-08"), "R9", A_DAY, requested=Mass(1), used=lambda _permit, _item: ZERO
    )

    assert [reason.code for reason in reasons] == ["permit_missing"]
