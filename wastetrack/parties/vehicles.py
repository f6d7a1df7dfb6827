"""Whether a vehicle, its licence and its driver may carry a load on a day. Pure; all reasons at once.

令23 art. 13: before loading, the shipper checks that carrier, vehicle and crew hold valid dangerous goods permits of
the right scope, and does not load if not.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties.model import Driver, TransportLicence, Vehicle

ARTICLE: Final = "危险废物转移管理办法（部令第23号）第十三条"
LOAD_ARTICLE: Final = "固体废物污染环境防治法 第八十三条；道路交通安全法 第四十八条"


def fit(
    vehicle: Vehicle,
    licence: TransportLicence | None,
    driver: Driver | None,
    load: Mass,
    on: date,
    *,
    danger_classes: frozenset[str] = frozenset(),
    licensed: bool = True,
) -> tuple[Broken, ...]:
    """Every reason why this vehicle may not leave with this load; none when it may.

    `licence` None means that the carrier has none; `driver` None that none is named yet, which is no reason.
    `danger_classes` are the classes of the dangerous goods aboard; an empty set asks for none.
    `licensed` False: the load does not travel as dangerous goods, so no licence for them is asked for.
    """
    reasons = [*_why_not_vehicle(vehicle, load, on)]
    if licensed:
        reasons.extend(_why_not_licence(vehicle, licence, on, danger_classes))
    if driver is not None:
        reasons.extend(_why_not_driver(vehicle, driver, on))
    return tuple(reasons)


def licence_for(licences: Iterable[TransportLicence], on: date) -> TransportLicence | None:
    """The licence to judge by: one in force that day, else the one that ended last, so that the reason is told."""
    ordered = sorted(licences, key=lambda licence: (licence.holds_on(on), licence.valid_to), reverse=True)
    return ordered[0] if ordered else None


def _why_not_vehicle(vehicle: Vehicle, load: Mass, on: date) -> Iterable[Broken]:
    if vehicle.licence_valid_to < on:
        yield Broken(
            "vehicle",
            "vehicle_licence_expired",
            "The road transport certificate of {value} expired on {valid_to}.",
            value=vehicle.plate,
            article=ARTICLE,
            next_step="Choose another vehicle, or record the renewed certificate.",
            facts={"valid_to": vehicle.licence_valid_to.isoformat(), "on": on.isoformat()},
        )
    if load > vehicle.rated_load:
        yield Broken(
            "vehicle",
            "vehicle_overloaded",
            "{value} may carry {rated}, but the load is {load}.",
            value=vehicle.plate,
            article=LOAD_ARTICLE,
            next_step="Take containers off, or choose a larger vehicle.",
            facts={"rated": vehicle.rated_load.kg_text(), "load": load.kg_text()},
        )


def _why_not_licence(
    vehicle: Vehicle, licence: TransportLicence | None, on: date, danger_classes: frozenset[str]
) -> Iterable[Broken]:
    if licence is None or licence.organisation_id != vehicle.organisation_id:
        yield Broken(
            "carrier",
            "transport_licence_missing",
            "The carrier of {value} has no licence for dangerous goods.",
            value=vehicle.plate,
            article=ARTICLE,
            next_step="Choose a licensed carrier, or record its licence.",
        )
        return
    if not licence.holds_on(on):
        yield Broken(
            "carrier",
            "transport_licence_not_in_force",
            "Transport licence {value} holds from {valid_from} to {valid_to}, not on {on}.",
            value=licence.number,
            article=ARTICLE,
            next_step="Choose another carrier, or record the renewed licence.",
            facts={
                "valid_from": licence.valid_from.isoformat(),
                "valid_to": licence.valid_to.isoformat(),
                "on": on.isoformat(),
            },
        )
    outside = danger_classes - licence.classes
    if outside:
        yield Broken(
            "carrier",
            "transport_licence_without_class",
            "Transport licence {value} does not name class {classes}.",
            value=licence.number,
            article=ARTICLE,
            next_step="Choose a carrier licensed for this class.",
            facts={"classes": ", ".join(sorted(outside))},
        )


def _why_not_driver(vehicle: Vehicle, driver: Driver, on: date) -> Iterable[Broken]:
    if driver.organisation_id != vehicle.organisation_id:
        yield Broken(
            "driver",
            "driver_of_other_carrier",
            "The driver does not work for the carrier of {value}.",
            value=vehicle.plate,
            article=ARTICLE,
            next_step="Choose a driver of this carrier.",
        )
    if driver.certificate_valid_to < on:
        yield Broken(
            "driver",
            "driver_certificate_expired",
            "The driver's certificate {value} expired on {valid_to}.",
            value=driver.certificate_number,
            article=ARTICLE,
            next_step="Choose another driver, or record the renewed certificate.",
            facts={"valid_to": driver.certificate_valid_to.isoformat(), "on": on.isoformat()},
        )
