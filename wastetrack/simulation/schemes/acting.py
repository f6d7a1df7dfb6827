"""The schemes at work in a month: on what is made, on wishes before they are driven, on trips after, on plants."""

from typing import TYPE_CHECKING

import numpy as np

from wastetrack.simulation.calendars import DAY_S, Month
from wastetrack.simulation.cast import DISPOSER, INTERMEDIATE, TONNE, Cast
from wastetrack.simulation.chances import Chances, Real, Whole, Yes
from wastetrack.simulation.recording import CODES
from wastetrack.simulation.schemes.inserting import giro, hops
from wastetrack.simulation.schemes.naming import Scheme
from wastetrack.simulation.schemes.planning import Plan, general_stream, in_month
from wastetrack.simulation.schemes.truth import Case, Truth
from wastetrack.simulation.tables import Names, words
from wastetrack.simulation.treating import Fraud, Treated
from wastetrack.simulation.trips import NEVER, Trips, joined
from wastetrack.simulation.wastes import GENERAL, KIND_NUMBER, WASTES

if TYPE_CHECKING:
    import pyarrow as pa

_WORTH_G = TONNE
"""Lighter loads are left alone by those who steal mass."""


class Schemes:
    """Everything that is false in a world."""

    def __init__(self, cast: Cast, plan: Plan, names: Names, chances: Chances, ends_s: int) -> None:
        self.cast, self.plan, self.names, self.chances = cast, plan, names, chances
        self.truth = Truth(ends_s)
        self.moved_g = np.zeros((len(cast.sites), len(WASTES)), np.int64)
        """Of what intermediates took in this month: gone out again under another code."""
        self._open_cases()

    def _number(self, scheme: Scheme, place: int) -> str:
        return f"{scheme.value}-{place + 1}"

    def _open_cases(self) -> None:
        names, streams = self.names, self.cast.streams
        for scheme, culprits in self.plan.culprits.items():
            for place, (who, share, begins) in enumerate(
                zip(culprits.who, culprits.share, culprits.from_s, strict=True)
            ):
                one = np.array([who])
                site = self.plan.loops[who][:1] if scheme is Scheme.LOOP else one
                if scheme is Scheme.GHOST_CHAIN:
                    site = streams.main[one]
                if scheme is Scheme.SKIM:
                    kind, subject, entity = "carrier", names.carrier(one), names.carrier(one)
                else:
                    kind, subject, entity = "site", names.site(site), names.organisation(site)
                case = Case(scheme, kind, subject, entity, int(begins), {"share": float(share)})
                if scheme is Scheme.GHOST_CHAIN:
                    case.parameters["stream"] = float(who)
                self.truth.open_case(self._number(scheme, place), case)

    # What is made

    def tell_less(self, made_g: Whole, month: Month) -> Whole:
        """Generators that hide a part of what they make."""
        culprits = self.plan.of(Scheme.UNDER_DECLARATION)
        place = culprits.place(self.cast.streams.site)
        begun = in_month(culprits.from_s, month.starts_s, month.ends_s) > 0.5
        rows = np.flatnonzero((place >= 0) & self.cast.generator_streams)
        rows = rows[begun[place[rows]]] if len(rows) else rows
        hidden = np.zeros(len(made_g), np.int64)
        hidden[rows] = (made_g[rows] * culprits.share[place[rows]]).astype(np.int64)
        for row in rows:
            self.truth.add(self._number(Scheme.UNDER_DECLARATION, int(place[row])), int(hidden[row]), int(made_g[row]))
        return made_g - hidden

    def recode(self, passed_g: Whole, month: Month) -> Whole:
        """Intermediates that make a general waste of a part of what they took."""
        culprits = self.plan.of(Scheme.CODE_LAUNDERING)
        streams = self.cast.streams
        passed_g = np.maximum(passed_g - self.moved_g[streams.site, streams.code] * ~self.cast.generator_streams, 0)
        for place, (site, share) in enumerate(zip(culprits.who, culprits.share, strict=True)):
            if culprits.from_s[place] > month.starts_s:
                continue
            mine = np.flatnonzero((streams.site == site) & (streams.code != GENERAL))
            moved = (passed_g[mine] * share).astype(np.int64)
            passed_g[mine] -= moved
            passed_g[general_stream(self.cast, np.array([site]))] += moved.sum()
        self.moved_g[:] = 0
        return passed_g

    # Before the road

    def before(self, trips: Trips, month: Month) -> Trips:
        """Other receivers, and manifests that nobody needs."""
        self._to_shells(trips)
        self._out_of_permit(trips)
        return joined([trips, *self._inserted(trips, month)])

    def _to_shells(self, trips: Trips) -> None:
        culprits, cast = self.plan.of(Scheme.SHELL), self.cast
        plant_of = np.array([KIND_NUMBER[waste.plant] for waste in WASTES])
        for place, site in enumerate(culprits.who):
            kind = cast.sites.plant[site]
            supply = cast.expected_g[cast.sites.plant == kind].sum()
            wanted = min(max(3 * cast.expected_g[site], 2_000 * TONNE), 15_000 * TONNE) / max(supply, 1)
            fits = (
                (plant_of[trips.code] == kind)
                & (trips.receiver != site)
                & (cast.sites.kind[trips.receiver] == DISPOSER)
            )
            fits &= (
                (trips.filed_s >= culprits.from_s[place])
                & (trips.loaded_g > _WORTH_G)
                & (trips.shipper < cast.first_intermediate)
            )
            rows = np.flatnonzero(fits & self.chances.happens("to a shell", min(wanted, 0.5), trips.key))
            trips.set_at(rows, receiver=site, price_part=0.35)
            self._touch(Scheme.SHELL, np.full(len(rows), place), trips, rows, np.zeros(len(rows), np.int64))

    def _out_of_permit(self, trips: Trips) -> None:
        cast = self.cast
        eligible = (cast.sites.kind[trips.receiver] == DISPOSER) & (trips.code != GENERAL) & (trips.price_part == 1)
        rows = np.flatnonzero(
            eligible & self.chances.happens("no permit", self.plan.rate(Scheme.OUT_OF_PERMIT), trips.key)
        )
        plants = np.flatnonzero(cast.sites.kind == DISPOSER)
        plant_of = np.array([KIND_NUMBER[waste.plant] for waste in WASTES])
        to = plants[self.chances.one_of("to whom", len(plants), trips.key[rows])]
        other = cast.sites.plant[to] != plant_of[trips.code[rows]]
        rows, to = rows[other], to[other]
        trips.set_at(rows, receiver=to, price_part=0.8)
        self._single(
            Scheme.OUT_OF_PERMIT, trips, rows, np.zeros(len(rows), np.int64), trips.filed_s[rows], by_receiver=True
        )

    def _inserted(self, trips: Trips, month: Month) -> list[Trips]:
        plan, cast = self.plan, self.cast
        found = []
        launderers = plan.of(Scheme.CODE_LAUNDERING)
        added, source = giro(cast, trips, launderers, self.chances)
        if len(added):
            np.add.at(self.moved_g, (added.shipper, source), added.loaded_g)
            found.append(added)
        circles = plan.of(Scheme.LOOP)
        if len(circles):
            round_, which = hops(cast, plan.loops, circles, month, self.chances)
            self._touch(Scheme.LOOP, which, round_, np.arange(len(round_)), np.zeros(len(round_), np.int64))
            found.append(round_)
        every = joined([trips, added])
        mine = launderers.place(every.shipper)
        out = np.flatnonzero((mine >= 0) & (every.code == GENERAL))
        self._touch(Scheme.CODE_LAUNDERING, mine[out], every, out, every.loaded_g[out])
        return found

    # After the road

    def after(self, trips: Trips) -> None:
        """What is taken from loads, and what is written of those that did not come."""
        free = trips.price_part == 1
        free &= ~np.isin(self.cast.sites.kind[trips.shipper], [INTERMEDIATE]) | (trips.code != GENERAL)
        free &= trips.stream < len(self.cast.streams)
        for step in (self._ghosts, self._never, self._dump, self._clone, self._back_date):
            free[step(trips, free)] = False
        self._skim(trips, free)
        self._copy(trips, free)

    def _ghosts(self, trips: Trips, free: Yes) -> Whole:
        culprits = self.plan.of(Scheme.GHOST_CHAIN)
        place = culprits.place(trips.stream)
        rows = np.flatnonzero(
            (place >= 0)
            & free
            & (trips.receiver == self.cast.streams.main[np.minimum(trips.stream, len(self.cast.streams) - 1)])
        )
        rows = rows[trips.filed_s[rows] >= culprits.from_s[place[rows]]]
        rows = rows[self.chances.uniform("ghost", trips.key[rows]) < culprits.share[place[rows]]]
        key = trips.key[rows]
        fast = self.chances.happens("too fast", 0.6, key)
        took = np.where(fast, 900 + trips.km[rows] / 140 * 3600, trips.arrived_s[rows] - trips.departed_s[rows]).astype(
            np.int64
        )
        arrived = trips.departed_s[rows] + took
        trips.set_at(
            rows, delivered_g=0, copied=True, no_gate=True, arrived_s=arrived, received_s=arrived + 420, stop_s=0,
        )  # fmt: skip
        self._touch(Scheme.GHOST_CHAIN, place[rows], trips, rows, trips.loaded_g[rows])
        return rows

    def _never(self, trips: Trips, free: Yes) -> Whole:
        rows = self._drawn(Scheme.NEVER_ARRIVED, trips, free)
        trips.set_at(rows, delivered_g=0, arrived_s=NEVER, received_s=NEVER)
        self._turn_off(
            trips, rows, self.chances.uniform("stood", trips.key[rows], low=2400, high=9000).astype(np.int64)
        )
        self._single(Scheme.NEVER_ARRIVED, trips, rows, trips.loaded_g[rows], trips.departed_s[rows])
        return rows

    def _dump(self, trips: Trips, free: Yes) -> Whole:
        rate = self.plan.rate(Scheme.PARTIAL_DUMP)
        heavy = free & (trips.loaded_g >= _WORTH_G)
        worse = np.isin(trips.carrier, self.plan.repeaters)
        # Half of it is done by a tenth of the carriers; the share of heavy loads brings the rate back to that of all.
        each = rate * np.where(worse, 5.5, 0.5) * len(trips) / max(heavy.sum(), 1)
        rows = np.flatnonzero(heavy & (self.chances.uniform("dump", trips.key) < each))
        key = trips.key[rows]
        part = self.chances.uniform("dumped part", key, low=0.15, high=0.6)
        taken = (trips.loaded_g[rows] * part).astype(np.int64)
        colludes = self.chances.happens("clerk takes part", 0.5, key)
        said = trips.loaded_g[rows] * (1 - 0.004 * self.chances.uniform("said", key))
        stood = (self.chances.uniform("stood", key, low=1200, high=6000)).astype(np.int64)
        trips.set_at(
            rows,
            delivered_g=trips.delivered_g[rows] - taken,
            told_g=np.where(colludes, (said // 20_000 * 20_000).astype(np.int64), -1),
            stop_s=trips.stop_s[rows] + stood,
            arrived_s=trips.arrived_s[rows] + stood,
            received_s=trips.received_s[rows] + stood,
        )
        self._turn_off(trips, rows, stood)
        self._single(
            Scheme.PARTIAL_DUMP,
            trips,
            rows,
            taken,
            trips.departed_s[rows],
            part=part,
            clerk=colludes.astype(np.float64),
        )
        return rows

    def _turn_off(self, trips: Trips, rows: Whole, stood: Whole) -> None:
        """Where it is left: some kilometres off the road, as far as there is time for."""
        key = trips.key[rows]
        side = np.where(self.chances.happens("side", 0.5, key), 1.0, -1.0)
        part = self.chances.uniform("off the road", key, low=0.4, high=1.0)
        trips.set_at(
            rows,
            aside_s=stood,
            aside_at=self.chances.uniform("turned off at", key, low=0.15, high=0.85),
            aside_km=side * np.clip(part * stood / 3600 * 0.3 * 50, 0.8, 15.0),
            lured=self.chances.happens("to a lake", 0.3, key),
            dark=self.chances.happens("unplugged", 0.25, key),
        )

    def _clone(self, trips: Trips, free: Yes) -> Whole:
        rows = self._drawn(Scheme.CLONE, trips, free & ((trips.key & 0xFFFF) >= 3))
        back = 1 + self.chances.one_of("clone of", np.minimum(trips.key[rows] & 0xFFFF, 12) - 1, trips.key[rows])
        trips.set_at(rows, cloned_from=trips.key[rows] - back - 1)
        self._single(Scheme.CLONE, trips, rows, np.zeros(len(rows), np.int64), trips.filed_s[rows])
        return rows

    def _back_date(self, trips: Trips, free: Yes) -> Whole:
        rows = self._drawn(Scheme.BACK_DATING, trips, free)
        late = self.chances.uniform("dated back", trips.key[rows], low=0.4, high=6.0)
        claimed = np.where(
            self.chances.happens("before it came", 0.3, trips.key[rows]),
            trips.departed_s[rows] - 1800,
            trips.received_s[rows],
        )
        trips.set_at(
            rows,
            written_late_s=trips.received_s[rows] - claimed + (late * DAY_S).astype(np.int64),
            received_s=claimed,
            arrived_s=np.minimum(trips.arrived_s[rows], claimed - 300),
        )
        self._single(
            Scheme.BACK_DATING, trips, rows, np.zeros(len(rows), np.int64), claimed, by_receiver=True, days=late
        )
        return rows

    def _skim(self, trips: Trips, free: Yes) -> None:
        culprits = self.plan.of(Scheme.SKIM)
        place = culprits.place(trips.carrier)
        rows = np.flatnonzero((place >= 0) & free & (trips.loaded_g >= _WORTH_G))
        rows = rows[trips.filed_s[rows] >= culprits.from_s[place[rows]]]
        part = culprits.share[place[rows]] * self.chances.uniform("skimmed", trips.key[rows], low=0.6, high=1.4)
        taken = (trips.loaded_g[rows] * part).astype(np.int64)
        trips.set_at(rows, delivered_g=trips.delivered_g[rows] - taken)
        self._touch(Scheme.SKIM, place[rows], trips, rows, taken)

    def _copy(self, trips: Trips, free: Yes) -> None:
        culprits = self.plan.of(Scheme.COPIED_WEIGHTS)
        place = culprits.place(trips.receiver)
        rows = np.flatnonzero((place >= 0) & free)
        rows = rows[trips.filed_s[rows] >= culprits.from_s[place[rows]]]
        rows = rows[self.chances.uniform("copied", trips.key[rows]) < culprits.share[place[rows]]]
        trips.set_at(rows, copied=True)
        self._touch(Scheme.COPIED_WEIGHTS, place[rows], trips, rows, np.zeros(len(rows), np.int64))

    def _drawn(self, scheme: Scheme, trips: Trips, free: Yes) -> Whole:
        return np.flatnonzero(free & self.chances.happens(scheme, self.plan.rate(scheme), trips.key))

    # At the plants

    def fraud(self, month: Month) -> Fraud:
        """What plants do with their books in a month."""
        parts = {name: np.zeros(len(self.cast.sites)) for name in ("dumped", "black", "vanished")}
        for scheme, name in (
            (Scheme.FICTITIOUS_TREATMENT, "dumped"),
            (Scheme.BLACK_INTAKE, "black"),
            (Scheme.SHELL, "dumped"),
            (Scheme.SHELL, "vanished"),
        ):
            culprits = self.plan.of(scheme)
            parts[name][culprits.who] = culprits.share * in_month(culprits.from_s, month.starts_s, month.ends_s)
        return Fraud(**parts)

    def tell_of_plants(self, treated: Treated, fraud: Fraud) -> None:
        """The grams of the plants' schemes in a month."""
        written, first = treated.input_g.sum(axis=(0, 2)), self.cast.first_disposer
        for scheme in (Scheme.FICTITIOUS_TREATMENT, Scheme.BLACK_INTAKE, Scheme.SHELL):
            for place, site in enumerate(self.plan.of(scheme).who):
                part = (
                    fraud.black[site] / (1 + fraud.black[site]) if scheme is Scheme.BLACK_INTAKE else fraud.dumped[site]
                )
                gone = int(written[site - first] * part) + int(treated.vanished_g[site - first])
                self.truth.add(self._number(scheme, place), gone, int(written[site - first]) if part else 0)

    # The truth

    def _touch(self, scheme: Scheme, place: Whole, trips: Trips, rows: Whole, stolen: Whole) -> None:
        if len(rows):
            numbers = [self._number(scheme, int(one)) for one in place]
            codes = words(CODES, trips.code[rows])
            self.truth.touch(
                scheme, numbers, trips.key[rows], codes, trips.filed_s[rows], stolen, trips.loaded_g[rows], self.names
            )

    def _single(
        self,
        scheme: Scheme,
        trips: Trips,
        rows: Whole,
        stolen: Whole,
        at_s: Whole,
        *,
        by_receiver: bool = False,
        **parameters: Real,
    ) -> None:
        if len(rows):
            entity: pa.Array = (
                self.names.organisation(trips.receiver[rows])
                if by_receiver
                else self.names.carrier(trips.carrier[rows])
            )
            codes = words(CODES, trips.code[rows])
            self.truth.single(
                scheme, trips.key[rows], codes, entity, at_s, stolen, trips.loaded_g[rows], parameters, self.names
            )
