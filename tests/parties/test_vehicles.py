"""Whether a vehicle may leave with a load."""

from datetime import date
from uuid import UUID

import pytest

from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties.model import Driver, TransportLicence, Vehicle
from wastetrack.parties.plates import PlateKind
from wastetrack.parties.vehicles import fit, licence_for

CARRIER = new_id()
A_DAY = date(2026, 3, 2)


def lorry(valid_to: date = date(2027, 12, 31)) -> Vehicle:
    return Vehicle(new_id(), CARRIER, "鲁F12345", PlateKind.ORDINARY, Mass.parse("10 t"), "370600012345", valid_to)


def licence(
    valid_from: date = date(2024, 1, 1), valid_to: date = date(2027, 12, 31), holder: UUID = CARRIER
) -> TransportLicence:
    return TransportLicence(new_id(), holder, "鲁交370600000001", valid_from, valid_to, frozenset({"3", "6.1", "9"}))


def driver(valid_to: date = date(2027, 12, 31), employer: UUID = CARRIER) -> Driver:
    return Driver(new_id(), employer, "王强", "370602198500000001", valid_to, "13800000000")


def test_a_licensed_vehicle_with_a_certified_driver_may_carry_its_rated_load() -> None:
    assert fit(lorry(), licence(), driver(), Mass.parse("10 t"), A_DAY) == ()


@pytest.mark.parametrize(
    ("vehicle", "held", "named", "load", "reason"),
    [
        (lorry(date(2026, 3, 1)), licence(), driver(), "1 t", "vehicle_licence_expired"),
        (lorry(), licence(), driver(), "10.001 t", "vehicle_overloaded"),
        (lorry(), None, driver(), "1 t", "transport_licence_missing"),
        (lorry(), licence(holder=new_id()), driver(), "1 t", "transport_licence_missing"),
        (lorry(), licence(valid_to=date(2026, 3, 1)), driver(), "1 t", "transport_licence_not_in_force"),
        (lorry(), licence(valid_from=date(2026, 3, 3)), driver(), "1 t", "transport_licence_not_in_force"),
        (lorry(), licence(), driver(date(2026, 3, 1)), "1 t", "driver_certificate_expired"),
        (lorry(), licence(), driver(employer=new_id()), "1 t", "driver_of_other_carrier"),
    ],
)
def test_each_lack_is_a_reason(
    vehicle: Vehicle, held: TransportLicence | None, named: Driver | None, load: str, reason: str
) -> None:
    assert [found.code for found in fit(vehicle, held, named, Mass.parse(load), A_DAY)] == [reason]


def test_a_class_outside_the_licence_is_a_reason() -> None:
    found = fit(lorry(), licence(), None, Mass(1), A_DAY, danger_classes=frozenset({"3", "8"}))

    assert [reason.sentence() for reason in found] == ["Transport licence 鲁交370600000001 does not name class 8."]


def test_all_reasons_are_told_at_once() -> None:
    found = fit(lorry(date(2026, 1, 1)), None, driver(date(2026, 1, 1)), Mass.parse("200 t"), A_DAY)

    assert {reason.code for reason in found} == {
        "vehicle_licence_expired",
        "vehicle_overloaded",
        "transport_licence_missing",
        "driver_certificate_expired",
    }


def test_the_licence_in_force_is_judged_by_and_else_the_one_that_ended_last() -> None:
    old, present, coming = (
        licence(date(2020, 1, 1), date(2023, 12, 31)),
        licence(date(2024, 1, 1), date(2026, 12, 31)),
        licence(date(2027, 1, 1), date(2030, 12, 31)),
    )

    assert licence_for((old, coming, present), A_DAY) == present
    assert licence_for((old, present), date(2028, 1, 1)) == present
    assert licence_for((), A_DAY) is None
