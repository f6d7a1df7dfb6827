"""What the law asks before a truck moves: the waste, the receiver's permit, the carrier, the regions."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.manifests.tables import LegRow
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties import vehicles as vehicle_rules


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


async def check_fleet(session: ReadSession, transfer: Transfer, *, licensed: bool = True) -> list[Broken]:
    """Each leg's vehicle, licence and driver, for the whole load, on the day (令23 art. 13). `licensed` False: the load
    does not travel as dangerous goods."""
    broken: list[Broken] = []
    for leg in transfer.legs:
        vehicle, driver, licences = await parties.carriage_for_use(session, leg.vehicle_id, leg.driver_id)
        licence = vehicle_rules.licence_for(licences, transfer.on)
        broken += vehicle_rules.fit(vehicle, licence, driver, transfer.load, transfer.on, licensed=licensed)
    return broken
