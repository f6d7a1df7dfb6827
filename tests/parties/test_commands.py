"""What a command tells about itself: every broken rule of the form at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.support.parties import (
    driver_command,
    firm_command,
    item,
    licence_command,
    permit_command,
    site_command,
    store_command,
    vehicle_command,
)
from wastetrack.ids import new_id
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.model import OrganisationKind
from wastetrack.parties.permits import PermitKind

OWN = new_id()


@pytest.mark.parametrize(
    ("make", "changes", "field", "code"),
    [
        (firm_command, {"credit_code": "911302006992296170"}, "credit_code", "credit_code_check_character"),
        (firm_command, {"name": "  "}, "name", "field_empty"),
        (firm_command, {"name": "厂" * 201}, "name", "field_too_long"),
        (firm_command, {"name": "化工\n厂"}, "name", "field_control_character"),
        (firm_command, {"kinds": frozenset()}, "kinds", "organisation_without_kind"),
        (firm_command, {"jurisdiction": "37"}, "jurisdiction", "jurisdiction_only_of_regulators"),
        (
            firm_command,
            {"kinds": frozenset({OrganisationKind.REGULATOR})},
            "jurisdiction",
            "jurisdiction_only_of_regulators",
        ),
        (firm_command, {"contact_phone": "none"}, "contact_phone", "phone_unreadable"),
        (
            site_command,
            {"latitude": Decimal("121.39"), "longitude": Decimal("37.54")},
            "latitude",
            "coordinates_swapped",
        ),
        (site_command, {"latitude": Decimal("51.5"), "longitude": Decimal("-0.12")}, "latitude", "coordinates_outside"),
        (site_command, {"latitude": Decimal("NaN")}, "latitude", "coordinates_outside"),
        (store_command, {"limit": ZERO}, "limit", "mass_not_positive"),
        (store_command, {"limit": Mass.parse("2000000 t")}, "limit", "mass_absurd"),
        (vehicle_command, {"plate": "鲁FI2345"}, "plate", "plate_letter"),
        (vehicle_command, {"rated_load": Mass.parse("10000 t")}, "rated_load", "mass_absurd"),
        (vehicle_command, {"rated_load": Mass(-1)}, "rated_load", "mass_not_positive"),
        (driver_command, {"certificate_number": ""}, "certificate_number", "field_empty"),
        (licence_command, {"valid_to": date(2023, 1, 1)}, "valid_to", "days_reversed"),
        (licence_command, {"classes": frozenset({"10"})}, "classes", "danger_class_unknown"),
        (permit_command, {"valid_to": date(2024, 1, 1)}, "valid_to", "days_reversed"),
        (permit_command, {"valid_to": date(2030, 1, 1)}, "valid_to", "permit_too_long"),
        (permit_command, {"kind": PermitKind.COLLECTION, "valid_to": date(2028, 1, 1)}, "valid_to", "permit_too_long"),
        (permit_command, {"items": ()}, "items", "permit_without_items"),
        (permit_command, {"items": (item("HW41"),)}, "items.0.pattern", "waste_category_unknown"),
        (permit_command, {"items": (item(methods=""),)}, "items.0.methods", "permit_item_without_method"),
        (permit_command, {"items": (item(yearly="0 t"),)}, "items.0.yearly", "mass_not_positive"),
        (permit_command, {"items": (item("HW08"), item("hw08"))}, "items.1.pattern", "permit_item_twice"),
    ],
)
def test_a_broken_field_is_named_with_its_rule(
    make: Callable[..., Any], changes: dict[str, Any], field: str, code: str
) -> None:
    owner = () if make is firm_command else (OWN,)

    found = make(*owner, **changes).broken()

    assert [(rule.field, rule.code) for rule in found] == [(field, code)]
    assert found[0].next_step
    assert "{" not in found[0].sentence()


@pytest.mark.parametrize(
    "make", [site_command, store_command, vehicle_command, driver_command, licence_command, permit_command]
)
def test_a_well_filled_form_breaks_nothing(make: Callable[..., Any]) -> None:
    assert make(OWN).broken() == ()


def test_all_broken_fields_of_a_form_are_told_at_once() -> None:
    command = firm_command(credit_code="12", name="", contact_phone="?", kinds=frozenset())

    assert [rule.field for rule in command.broken()] == ["credit_code", "name", "kinds", "contact_phone"]


def test_a_permit_of_five_years_ends_on_the_eve_of_its_anniversary() -> None:
    leap_day = permit_command(OWN, valid_from=date(2024, 2, 29), valid_to=date(2029, 2, 28))

    assert permit_command(OWN, valid_from=date(2025, 1, 1), valid_to=date(2029, 12, 31)).broken() == ()
    assert leap_day.broken() == ()


def test_a_permit_for_collection_holds_three_years() -> None:
    three = permit_command(OWN, kind=PermitKind.COLLECTION, valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31))
    (rule,) = replace(three, valid_to=date(2028, 1, 1)).broken()
    assert three.broken() == ()
    assert (rule.code, rule.article) == ("permit_too_long", "危险废物经营许可证管理办法 第十三条")


def test_a_suspension_ends_not_before_it_begins() -> None:
    command = SuspendPermit(permit_id=OWN, from_on=date(2026, 3, 2), to_on=date(2026, 3, 1), reason="超量贮存")

    assert [rule.code for rule in command.broken()] == ["days_reversed"]
