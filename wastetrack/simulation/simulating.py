"""One world, month by month: made, shipped, driven, weighed, written, treated."""

import dataclasses
from pathlib import Path

import numpy as np

from wastetrack.errors import Conflict
from wastetrack.extracts.schema import plants, transfers, zones
from wastetrack.simulation import pieces, plant_tables, recording
from wastetrack.simulation.calendars import Month, months
from wastetrack.simulation.cast import DISPOSER, INTERMEDIATE, Cast, cast
from wastetrack.simulation.chances import Chances, Real, Whole
from wastetrack.simulation.driving import Fleet, drive, rested
from wastetrack.simulation.moving import positions
from wastetrack.simulation.party_tables import takes, write_parties, young
from wastetrack.simulation.protecting import protect, zone_rows
from wastetrack.simulation.schemes.acting import Schemes
from wastetrack.simulation.schemes.naming import Scheme, rates
from wastetrack.simulation.schemes.planning import plan
from wastetrack.simulation.shipping import Stores, activity_of, made_in, open_stores, ship
from wastetrack.simulation.sizes import COUNTS, UNTIDINESS, Counts, Hardness, Size, Untidiness
from wastetrack.simulation.tables import Names
from wastetrack.simulation.treating import Receipts, Stocks, Treated, count_stock, open_stocks, receipts_of, treat
from wastetrack.simulation.trips import Trips
from wastetrack.simulation.wastes import PLANTS
from wastetrack.simulation.weighing import dry
from wastetrack.simulation.writing import Format, Writer, Written

YEAR = 2025
_TAKE_OF_STORES = 64
"""Added to the number of a stock-take of what stands ready to leave."""


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
    """Write a world; the same wish gives the same bytes. Raises Conflict when the folder holds something."""
    played = rates(wanted.schemes)
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(
            "folder_not_empty", "{folder} is not empty; a world needs a folder of its own.", folder=str(folder)
        )
    world_seed, scheme_seed = np.random.SeedSequence(wanted.seed).spawn(2)
    world = World(wanted, Chances(world_seed), folder)
    world.corrupt(played, Chances(scheme_seed))
    for month in world.months:
        world.live(month)
    return world.close()


class World:
    """A world between two months."""

    def __init__(self, wanted: Wish, chances: Chances, folder: Path) -> None:
        self.untidy, self.chances, self.folder, self.form = wanted.untidy, chances, folder, wanted.form
        self.positions = wanted.positions
        self.months = months(YEAR)
        self.starts_s, self.ends_s = self.months[0].starts_s, self.months[-1].ends_s
        self.cast: Cast = cast(wanted.counts, chances)
        vehicles = wanted.counts.carriers * wanted.counts.trucks
        self.names = Names(chances, len(self.cast.sites), wanted.counts.carriers, vehicles)
        self.writer = Writer(folder, wanted.form, self.months)
        self.protected = protect(wanted.counts.generators, chances)
        self.stores: Stores = open_stores(self.cast, chances)
        self.stocks: Stocks = open_stocks(self.cast, chances)
        self.fleet: Fleet = rested(self.cast)
        self.passed_g = np.zeros(len(self.cast.streams), np.int64)
        self.coming: Receipts = receipts_of([], self.ends_s)

    def corrupt(self, played: dict[Scheme, float], chances: Chances) -> None:
        """Choose who cheats; then the parties are written and the year may begin."""
        chosen = plan(self.cast, played, young(self.cast, self.chances), self.starts_s, chances)
        self.schemes = Schemes(self.cast, chosen, self.names, chances, self.ends_s)
        write_parties(self.cast, self.names, self.chances, self.writer, self.months)
        if self.positions:
            self.writer.add(zones.ZONES, zone_rows(self.protected, self.names))
        nothing = np.zeros(len(self.cast.streams), np.int64)
        self._count(plant_tables.OPENING, self.starts_s, nothing, generators=True)

    def live(self, month: Month) -> None:
        """One month."""
        activity = activity_of(self.cast, month, self.untidy, self.chances)
        made = made_in(self.cast, month, activity, self.untidy, self.chances)
        told = self.schemes.tell_less(made, month)
        trips, waiting = self._move(told, month)
        recorded = recording.record(self.cast, trips, month.number, self.ends_s, self.untidy, self.chances)
        # Before the clerks err: the books of the plants are those of the scales.
        self._receive(receipts_of([recorded], self.ends_s))
        self._write(recorded)
        if self.positions:
            seen = positions(self.cast, trips, self.names, self.untidy, self.chances, self.protected, self.ends_s)
            self.writer.add(transfers.POSITIONS, seen)
        self.writer.add(plants.GENERATION, plant_tables.generation(self.cast, told, month, self.names, self.chances))
        self.writer.add(
            plants.ACTIVITY, plant_tables.activity(self.cast, activity, month, self.names, self.untidy, self.chances)
        )
        self._treat(month)
        self._count(month.number, month.ends_s - 1, waiting, generators=month is self.months[-1])
        self.writer.close_month(month)

    def _move(self, made: Whole, month: Month) -> tuple[Trips, Whole]:
        """The trips of a month, and what of them had not left by its end."""
        wishes = ship(self.cast, self.stores, made, self.schemes.recode(self.passed_g, month), month, self.chances)
        trips = self.schemes.before(wishes, month)
        drive(self.cast, self.fleet, trips, self.untidy, self.chances)
        trips.delivered_g = trips.loaded_g - dry(trips, self.untidy, self.chances)
        streams = len(self.cast.streams)
        own = trips.stream < streams
        waits = own & (trips.departed_s >= month.ends_s)
        waiting = np.bincount(trips.stream[waits], trips.loaded_g[waits], streams).astype(np.int64)
        trips = trips.some(trips.departed_s < self.ends_s)
        self.schemes.after(trips)
        return trips, waiting

    def _receive(self, receipts: Receipts) -> None:
        self.coming = Receipts(
            *(
                np.concatenate([getattr(self.coming, field.name), getattr(receipts, field.name)])
                for field in dataclasses.fields(Receipts)
            )
        )

    def _write(self, recorded: recording.Recorded) -> None:
        add, names, untidy, chances = self.writer.add, self.names, self.untidy, self.chances
        add(transfers.AMENDMENTS, recording.mistakes(recorded, names, untidy, chances))
        add(transfers.AMENDMENTS, recording.cancellations(recorded.trips, names, untidy, chances))
        add(transfers.MANIFESTS, recording.manifests(self.cast, recorded, names, untidy, chances))
        add(transfers.WEIGHINGS, recording.weighings(recorded, names))
        packed = pieces.pack(self.cast, recorded, self.starts_s, untidy, chances)
        add(transfers.CONTAINERS, pieces.containers(recorded, packed, names))
        add(transfers.LOADS, pieces.loads(recorded, packed, names, chances))
        add(transfers.SCANS, pieces.scans(self.cast, recorded, packed, names, untidy, chances))
        add(transfers.SIGNATURES, pieces.signatures(self.cast, recorded, names, untidy, chances))

    def _treat(self, month: Month) -> None:
        now = self.coming.at_s < month.ends_s
        received = self.coming.some(now)
        self.coming = self.coming.some(~now)
        fraud = self.schemes.fraud(month)
        treated = treat(self.cast, self.stocks, received, month, fraud, self.untidy, self.chances)
        self.schemes.tell_of_plants(treated, fraud)
        plant_tables.write_batches(self.cast, treated, self.names, self.writer)
        self.writer.add(
            plants.READINGS, plant_tables.readings(self.cast, treated, self.names, self.untidy, self.chances)
        )
        self.passed_g = self._passed_on(received, treated)

    def _passed_on(self, received: Receipts, treated: Treated) -> Whole:
        """What intermediates took in and plants had left over: it may leave next month."""
        streams, sites = self.cast.streams, self.cast.sites
        at_middle = sites.kind[received.site] == INTERMEDIATE
        took = np.zeros((len(sites), recording.CODE_COUNT), np.int64)
        np.add.at(took, (received.site[at_middle], received.code[at_middle]), received.real_g[at_middle])
        passed = took[streams.site, streams.code]
        leaves = np.array([bool(plant.residue) for plant in PLANTS])[sites.plant[streams.site]]
        residue = treated.residue_g.sum(axis=0)[np.maximum(streams.site - self.cast.first_disposer, 0)]
        passed = np.where((sites.kind[streams.site] == DISPOSER) & leaves, residue, passed)
        return np.where(self.cast.generator_streams, 0, passed)

    def _count(self, number: int, at_s: int, waiting_g: Whole, *, generators: bool) -> None:
        """Stock-takes: plants and intermediates each month, generators at both ends of the year."""
        cast_, untidy, chances = self.cast, self.untidy, self.chances
        found = count_stock(self.stocks, number, untidy, chances)
        site, code = takes(cast_)
        treats = site >= cast_.first_disposer
        expected = found > 0
        expected[site[treats] - cast_.first_disposer, code[treats]] = True
        plant, code = np.nonzero(expected)
        self._stock_take(plant + cast_.first_disposer, code, found[plant, code], untidy.stock_error, at_s, number)
        for who in (False, True) if generators else (False,):
            site, code, grams = plant_tables.in_stores(cast_, self.stores, self.passed_g + waiting_g, generators=who)
            error = untidy.stock_error / 4
            seen: Real = grams * (1 + error * chances.normal("stores counted", site, code, number))
            self._stock_take(site, code, np.round(seen).astype(np.int64), error, at_s, number + _TAKE_OF_STORES)

    def _stock_take(self, site: Whole, code: Whole, grams: Whole, uncertainty: float, at_s: int, number: int) -> None:
        taken = plant_tables.stock_takes(site, code, grams, uncertainty, at_s, number, self.names)
        self.writer.add(plants.STOCK_TAKES, taken)

    def close(self) -> list[Written]:
        """Write what is left, and the truth."""
        rest = pieces.remaining(self.cast, self.stores, self.names, self.chances, self.ends_s)
        self.writer.add(transfers.CONTAINERS, rest)
        return [*self.writer.close(), *self.schemes.truth.write(self.folder / "truth", self.form)]
