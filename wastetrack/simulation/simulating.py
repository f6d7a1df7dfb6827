"""One world, month by month: made, shipped, driven, weighed, written, treated."""

import dataclasses
from pathlib import Path

import numpy as np

from wastetrack.extracts.schema import transfers
from wastetrack.simulation.calendars import Month, months
from wastetrack.simulation.cast import Cast, cast
from wastetrack.simulation.chances import Chances
from wastetrack.simulation.driving import Fleet, drive, rested
from wastetrack.simulation.party_tables import write_parties
from wastetrack.simulation.pieces import containers, loads, pack, remaining, scans, signatures
from wastetrack.simulation.recording import Recorded, cancellations, manifests, mistakes, record, weighings
from wastetrack.simulation.shipping import Stores, activity_of, made_in, open_stores, ship
from wastetrack.simulation.sizes import COUNTS, UNTIDINESS, Counts, Hardness, Size, Untidiness
from wastetrack.simulation.tables import Names
from wastetrack.simulation.trips import Trips
from wastetrack.simulation.weighing import dry
from wastetrack.simulation.writing import Format, Writer, Written

YEAR = 2025


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which world is wanted."""

    counts: Counts
    untidy: Untidiness
    seed: int
    schemes: str = "none"
    form: Format = Format.PARQUET
    positions: bool = False


def wish(
    size: Size,
    hardness: Hardness,
    seed: int,
    *,
    schemes: str = "none",
    form: Format = Format.PARQUET,
    positions: bool = False,
) -> Wish:
    """A world of a named size and hardness."""
    return Wish(
        counts=COUNTS[size], untidy=UNTIDINESS[hardness], seed=seed, schemes=schemes, form=form, positions=positions
    )


def simulate(wanted: Wish, folder: Path) -> list[Written]:
    """Write a world; the same wish gives the same bytes."""
    world_seed, _scheme_seed = np.random.SeedSequence(wanted.seed).spawn(2)
    world = World(wanted, Chances(world_seed), folder)
    for month in world.months:
        world.live(month)
    return world.close()


class World:
    """A world between two months."""

    def __init__(self, wanted: Wish, chances: Chances, folder: Path) -> None:
        self.untidy, self.chances = wanted.untidy, chances
        self.months = months(YEAR)
        self.ends_s = self.months[-1].ends_s
        self.cast: Cast = cast(wanted.counts, chances)
        vehicles = wanted.counts.carriers * wanted.counts.trucks
        self.names = Names(chances, len(self.cast.sites), wanted.counts.carriers, vehicles)
        self.writer = Writer(folder, wanted.form, self.months)
        self.stores: Stores = open_stores(self.cast, chances)
        self.fleet: Fleet = rested(self.cast)
        self.passed_g = np.zeros(len(self.cast.streams), np.int64)
        write_parties(self.cast, self.names, chances, self.writer, self.months)

    def live(self, month: Month) -> None:
        """One month."""
        trips = self._drive(month)
        self._write(record(self.cast, trips, month.number, self.ends_s, self.untidy, self.chances))
        self.writer.close_month(month)

    def _drive(self, month: Month) -> Trips:
        activity = activity_of(self.cast, month, self.untidy, self.chances)
        made = made_in(self.cast, month, activity, self.untidy, self.chances)
        trips = ship(self.cast, self.stores, made, self.passed_g, month, self.chances)
        drive(self.cast, self.fleet, trips, self.untidy, self.chances)
        trips.delivered_g = trips.loaded_g - dry(trips, self.untidy, self.chances)
        return trips.some(trips.filed_s < self.ends_s)

    def _write(self, recorded: Recorded) -> None:
        add, names, untidy, chances = self.writer.add, self.names, self.untidy, self.chances
        add(transfers.AMENDMENTS, mistakes(recorded, names, untidy, chances))
        add(transfers.AMENDMENTS, cancellations(recorded.trips, names, untidy, chances))
        add(transfers.MANIFESTS, manifests(self.cast, recorded, names, untidy, chances))
        add(transfers.WEIGHINGS, weighings(recorded, names))
        packed = pack(self.cast, recorded, self.months[0].starts_s, untidy, chances)
        add(transfers.CONTAINERS, containers(recorded, packed, names))
        add(transfers.LOADS, loads(recorded, packed, names, chances))
        add(transfers.SCANS, scans(self.cast, recorded, packed, names, untidy, chances))
        add(transfers.SIGNATURES, signatures(self.cast, recorded, names, untidy, chances))

    def close(self) -> list[Written]:
        """Write what is left."""
        rest = remaining(self.cast, self.stores, self.names, self.chances, self.ends_s)
        self.writer.add(transfers.CONTAINERS, rest)
        return self.writer.close()
