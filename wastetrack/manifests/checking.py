"""What the law asks before a truck moves: the waste, the receiver's permit, the carrier, the regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.manifests.tables import LegRow
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties import vehicles as vehicle_rules

HANDOVER_ARTICLE = "令23 art. 17"


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is to move on a day: to which site, by which method, so many grams of each code, carried by whom.

    `load` is what the vehicle bears: the waste and its containers.
    """

    receiver_id: UUID
    receiver_site_id: UUID
    method: str
    on: date
    grams_by_code: dict[str, int]
    load: Mass
    legs: list[LegRow]


def cross_province_missing(origin: str, destination: str) -> Broken:
    """What is said of a transfer that leaves the province where its site has no approval for that at all
    (固废法 art. 82; 令23 art. 21)."""
    message = "The transfer leaves province {origin} for {destination} and has no cross-province approval."
    facts: dict[str, object] = {"origin": origin[:2], "destination": destination[:2]}
    return Broken(
        "receiver_site_id",
        "cross_province_approval_missing",
        message,
        destination,
        article="固废法 art. 82; 令23 art. 21–28",
        facts=facts,
        next_step="Choose a receiver in the same province, or apply for an approval first.",
    )


def check_handovers(legs: Sequence[LegRow], planned_on: date) -> list[Broken]:
    """Where and when each further carrier takes over is agreed, in the order of the journey (令23 art. 17)."""
    broken: list[Broken] = []
    after: datetime | None = None
    for leg in legs[1:]:
        facts: dict[str, object] = {"leg": leg.position}
        field = f"legs.{leg.position - 1}"
        if not leg.handover_place:
            message = "It is not said where carrier {leg} takes the load over."
            step = "Both carriers agree on place and time before the load leaves."
            broken.append(
                Broken(
                    f"{field}.handover_place",
                    "handover_place_missing",
                    message,
                    article=HANDOVER_ARTICLE,
                    facts=facts,
                    next_step=step,
                )
            )
        if leg.handover_at is None:
            message = "It is not said when carrier {leg} takes the load over."
            broken.append(
                Broken(f"{field}.handover_at", "handover_time_missing", message, article=HANDOVER_ARTICLE, facts=facts)
            )
        elif legal_day(leg.handover_at) < planned_on or (after is not None and leg.handover_at <= after):
            message = "Carrier {leg} cannot take over at {value}: the load is not there yet."
            broken.append(
                Broken(
                    f"{field}.handover_at",
                    "handover_too_early",
                    message,
                    leg.handover_at.isoformat(),
                    article=HANDOVER_ARTICLE,
                    facts=facts,
                )
            )
        after = leg.handover_at or after
    return broken


async def check_fleet(session: ReadSession, transfer: Transfer, *, licensed: bool = True) -> list[Broken]:
    """Each leg's vehicle, licence and driver, for the whole load, on the day (令23 art. 13). `licensed` False: the load
    does not travel as dangerous goods."""
    broken: list[Broken] = []
    for leg in transfer.legs:
        vehicle, driver, licences = await parties.carriage_for_use(session, leg.vehicle_id, leg.driver_id)
        licence = vehicle_rules.licence_for(licences, transfer.on)
        broken += vehicle_rules.fit(vehicle, licence, driver, transfer.load, transfer.on, licensed=licensed)
    return broken
