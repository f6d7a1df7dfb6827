"""What every life of the demonstration shares: the clock, the cast, the lists, and who carries what where."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import TypeVar
from uuid import UUID

from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.waste_codes import parse
from wastetrack.cli.demonstration import firms
from wastetrack.cli.demonstration.members import Carrier, Cast, Firm, Load, Plant
from wastetrack.cli.demonstration.places import FANGZI
from wastetrack.cli.demonstration.simulating import SimulatedClock
from wastetrack.cli.demonstration.wastes import WASTES
from wastetrack.containers.model import Description
from wastetrack.manifests.model import LegPlan
from wastetrack.parties.model import Driver, Vehicle

TRANSFER_YARD, YARD_PLACE = "潍坊东换装场", FANGZI
_Each = TypeVar("_Each", Vehicle, Driver)


@dataclass(slots=True)
class Year:
    """The running year."""

    clock: SimulatedClock
    cast: Cast
    lists: Catalogue
    filed: int = 0
    """Road manifests drafted so far, for whoever watches."""
    left_over: dict[UUID, list[Load]] = field(default_factory=dict)
    """What came back or never left, by its owner's site; goes along with the owner's next manifest."""
    away: dict[UUID, set[date]] = field(default_factory=dict)
    """On which days a vehicle or a driver is under way or on the way home."""

    def description(self, code: str, day: date) -> Description:
        """The label's words for a waste, its hazards as the list of the day has them."""
        waste = WASTES[code]
        listed = self.lists.waste(code, day).hazards.listed
        return Description(
            waste_code=code,
            waste_name=waste.name,
            form=waste.form,
            hazards=waste.hazards or tuple(hazard.value for hazard in listed),
            main_components=waste.components,
            harmful_components=waste.harmful,
            precautions=waste.precautions,
        )

    def receiver(self, sender: Firm, code: str, day: date, dice: Random) -> Plant | None:
        """A plant that may take the code on that day; None while the only ones are suspended."""
        if isinstance(sender, Plant) and (key := firms.ONWARD.get((sender.facts.key, code))):
            choice = [(key, 100)]
        else:
            choice = list(firms.ROUTES[parse(code).category])
        known = [(self.cast.plants[key], chance) for key, chance in choice]
        fit = [
            (plant, chance)
            for plant, chance in known
            if plant is not sender and plant.method_for(code) and not plant.is_suspended(day)
        ]
        if not fit:
            return None
        return dice.choices([plant for plant, _ in fit], [chance for _, chance in fit])[0]

    def legs(
        self,
        sender: Firm,
        receiver: Plant,
        load_g: int,
        dice: Random,
        *,
        days: frozenset[date],
        medical: bool,
        handover_at: datetime | None = None,
    ) -> tuple[tuple[LegPlan, ...], tuple[Carrier, ...]]:
        """Carriers with a vehicle that is large enough, and as long as there are such with one and a driver who are
        not away on these days; those from the sender's prefecture come first. With a time for the hand-over there are
        two, who meet in the transfer yard."""
        several = handover_at is not None
        able = [
            carrier
            for carrier in self.cast.carriers
            if carrier.facts.medical == medical and carrier.large_enough(load_g)
        ]
        ready = [
            carrier
            for carrier in able
            if self.home(carrier.drivers, days)
            if self.home(carrier.large_enough(load_g), days)
        ]
        able = ready if len(ready) > several else able
        near = [carrier for carrier in able if carrier.place.region_code[:4] == sender.place.region_code[:4]]
        first = dice.choice(near) if near and dice.random() < 0.7 else dice.choice(able)  # noqa: PLR2004  a chance
        carriers = [first]
        if several:
            carriers.append(dice.choice([carrier for carrier in able if carrier is not first]))
        stops = [sender.site.address, *([TRANSFER_YARD] if several else []), receiver.site.address]
        legs = []
        for position, (carrier, start, end) in enumerate(zip(carriers, stops, stops[1:], strict=False)):
            large = carrier.large_enough(load_g)
            vehicle = dice.choice(self.home(large, days) or large)
            driver = dice.choice(self.home(carrier.drivers, days) or carrier.drivers)
            self.leave(days, vehicle, driver)
            legs.append(
                LegPlan(
                    carrier_id=carrier.organisation.id,
                    plate=vehicle.plate,
                    driver_id=driver.id,
                    start=start,
                    end=end,
                    handover_place=TRANSFER_YARD if position else "",
                    handover_at=handover_at if position else None,
                )
            )
        return tuple(legs), tuple(carriers)

    def home(self, of: Sequence[_Each], days: frozenset[date]) -> list[_Each]:
        """Those who are not away on any of these days."""
        return [one for one in of if days.isdisjoint(self.away.get(one.id, ()))]

    def leave(self, days: frozenset[date], *who: Vehicle | Driver) -> None:
        """From now on they are away on these days."""
        for one in who:
            self.away.setdefault(one.id, set()).update(days)
