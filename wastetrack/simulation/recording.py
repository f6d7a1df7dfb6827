"""What stands in the records of the trips of a month: manifests and weighings, with the mistakes of clerks."""

import dataclasses

import numpy as np
import pyarrow as pa

from wastetrack.extracts.schema import transfers
from wastetrack.simulation import tables
from wastetrack.simulation.calendars import DAY_S
from wastetrack.simulation.cast import ESTIMATE, Cast
from wastetrack.simulation.chances import Chances, Real, Whole, Yes, digits, texts
from wastetrack.simulation.party_tables import METHODS, crossing, method_of
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.tables import Names, instants, rows, some, words
from wastetrack.simulation.trips import Trips
from wastetrack.simulation.wastes import MEDICAL, WASTES
from wastetrack.simulation.weighing import Weighing, weigh

CODES = tuple(waste.code for waste in WASTES)
CODE_COUNT = len(CODES)
SIDES = ("shipper", "carrier", "receiver")
WEIGHED_BY = ("truck_scale", "platform_scale", "estimate")
CANCELLED = 1 << 44
"""Added to a key: the manifest that was made in error just before the right one."""
_NUMBERS, _ODD = 10**10, 636_413_621


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was written of each trip."""

    trips: Trips
    shipped: Weighing
    taken: Weighing
    declared_g: Whole
    received_g: Whole
    arrived: Yes
    """It stood at the gate before the records end."""
    received: Yes
    written_s: Whole
    """When the receipt was written down."""
    ends_s: int

    @property
    def final(self) -> Whole:
        """Grams in the receiver's books; 0 of what was not received."""
        return np.where(self.received, self.received_g, 0)


def record(cast: Cast, trips: Trips, month: int, ends_s: int, untidy: Untidiness, chances: Chances) -> Recorded:
    """Weigh on both sides and write, before anybody makes mistakes."""
    key, vehicle = trips.key, trips.vehicle
    shipped = weigh(cast, "shipper", trips.shipper, trips.loaded_g, key, vehicle, month, untidy, chances)
    taken = weigh(cast, "receiver", trips.receiver, trips.delivered_g, key, vehicle, month, untidy, chances)
    net = np.where(trips.copied, shipped.net_g, np.where(trips.told_g >= 0, trips.told_g, taken.net_g))
    taken = dataclasses.replace(taken, net_g=net, gross_g=net + taken.tare_g)
    slow = np.where(
        chances.happens("late writing", untidy.late_writing, key),
        chances.uniform("how late", key, low=0.3, high=6) * DAY_S,
        0,
    )
    written = trips.received_s + (600 * chances.uniform("writing", key)).astype(np.int64) + slow.astype(np.int64)
    written = written + trips.written_late_s
    return Recorded(
        trips=trips, shipped=shipped, taken=taken, declared_g=shipped.net_g.copy(), received_g=net.copy(),
        arrived=trips.arrived_s < ends_s, received=trips.received_s < ends_s, written_s=written, ends_s=ends_s,
    )  # fmt: skip


def mistakes(recorded: Recorded, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    """Let clerks err in what they write, and put most of it right: the amendments. `recorded` is changed."""
    trips = recorded.trips
    rows_ = np.flatnonzero(chances.happens("mistake", untidy.clerical, trips.key) & recorded.received)
    key = trips.key[rows_]
    at_shipper = chances.happens("shipper errs", 0.5, key)
    right = np.where(at_shipper, recorded.declared_g[rows_], recorded.received_g[rows_])
    tare = np.where(at_shipper, recorded.shipped.tare_g[rows_], recorded.taken.tare_g[rows_])
    wrong = _mistaken(right, tare, key, chances)
    gross = np.abs(wrong - right) > right // 2  # nobody overlooks these for long
    stays = chances.happens("not corrected", np.where(gross, untidy.uncorrected / 5, untidy.uncorrected), key)
    recorded.declared_g[rows_[stays & at_shipper]] = wrong[stays & at_shipper]
    recorded.received_g[rows_[stays & ~at_shipper]] = wrong[stays & ~at_shipper]
    seen = trips.received_s[rows_] + (chances.uniform("corrected", key, low=0.05, high=9) * DAY_S).astype(np.int64)
    told = ~stays & (seen < recorded.ends_s) & (wrong != right)
    late = ~stays & (seen >= recorded.ends_s)
    recorded.declared_g[rows_[late & at_shipper]] = wrong[late & at_shipper]
    recorded.received_g[rows_[late & ~at_shipper]] = wrong[late & ~at_shipper]
    key, chosen = key[told], rows_[told]
    by = np.where(at_shipper[told], trips.shipper[chosen], trips.receiver[chosen])
    return rows(
        transfers.AMENDMENTS,
        {
            "amendment_id": names.of(tables.AMENDMENT, key),
            "manifest_id": names.of(tables.MANIFEST, key),
            "kind": "correction",
            "field": words(("declared_g", "received_g"), (~at_shipper[told]).astype(np.int64)),
            "old_g": wrong[told],
            "new_g": right[told],
            "organisation_id": names.organisation(by),
            "amended_at": instants(seen[told]),
            "reason": "clerical error",
        },
        len(key),
    )


def _mistaken(right: Whole, tare: Whole, key: Whole, chances: Chances) -> Whole:
    """A factor of ten, gross for net, or two figures changed for each other."""
    draw = chances.uniform("which mistake", key)
    swapped = right + 9 * (chances.one_of("figure", 9, key) - 4) * 10 ** np.floor(
        np.log10(np.maximum(right, 100)) - 1
    ).astype(np.int64)
    tenth = np.where(chances.happens("ten times", 0.5, key), right * 10, right // 10)
    return np.select([draw < 0.1, (draw < 0.25) & (tare > 0)], [tenth, right + tare], np.maximum(swapped, 0))


def manifests(cast: Cast, recorded: Recorded, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    """One row a trip, and those that were cancelled."""
    every = _manifest_rows(cast, recorded, names, untidy, chances)
    return pa.concat_tables([every, _cancelled(every, recorded.trips, names, untidy, chances)])


def _manifest_rows(cast: Cast, recorded: Recorded, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    trips, key, ends = recorded.trips, recorded.trips.key, recorded.ends_s
    streams = cast.streams
    inside = trips.stream < len(streams)
    stream = np.where(inside, trips.stream, 0)
    regular = inside & ((trips.receiver == streams.main[stream]) | (trips.receiver == streams.other[stream]))
    way = ((trips.receiver == streams.other[stream]) & (trips.receiver != streams.main[stream])).astype(np.int64)
    crosses = regular & crossing(cast, trips.shipper, trips.receiver)
    closed = recorded.written_s + (chances.uniform("closing", key, low=0.02, high=3.0) ** 2 / 3 * DAY_S).astype(
        np.int64
    )
    price = np.array([waste.price for waste in WASTES])[trips.code] * _price(trips, chances) * trips.price_part
    by_receiver = np.isin(trips.code, [0, 1]) & chances.happens("paid by", 0.7, trips.stream)
    known = chances.happens("distance known", untidy.distance_known, trips.shipper, trips.receiver)
    method = words(METHODS, method_of(cast, trips.receiver))
    columns = {
        "manifest_id": names.of(tables.MANIFEST, key),
        "waste_code": words(CODES, trips.code),
        "number": _number(key, trips, cast),
        "kind": words(("road", "medical"), (trips.code == MEDICAL).astype(np.int64)),
        "shipper_site_id": names.site(trips.shipper),
        "receiver_site_id": names.site(trips.receiver),
        "carrier_id": names.carrier(trips.carrier),
        "vehicle_id": names.vehicle(trips.vehicle),
        "driver_id": names.driver(trips.vehicle),
        "method": method,
        "form": words(("solid", "semi_solid", "liquid"), _forms()[trips.code]),
        "declared_g": recorded.declared_g,
        "received_g": some(recorded.received_g, recorded.received),
        "filed_at": instants(trips.filed_s),
        "departed_at": instants(trips.departed_s, trips.departed_s < ends),
        "arrived_at": instants(trips.arrived_s, recorded.arrived),
        "received_at": instants(trips.received_s, recorded.received),
        "received_recorded_at": instants(recorded.written_s, recorded.received & (recorded.written_s < ends)),
        "closed_at": instants(closed, recorded.received & (closed < ends)),
        "approval_id": names.of_some(tables.APPROVAL, stream * 2 + way, crosses),
        "distance_km": some(trips.km.round(1), known),
        "price_per_t": price.round(0),
        "paid_by": words(("shipper", "receiver"), by_receiver.astype(np.int64)),
    }
    return rows(transfers.MANIFESTS, columns, len(key))


def closing(recorded: Recorded, chances: Chances) -> Whole:
    """When the receiver confirmed: mostly within a day, at most three after it wrote down the receipt."""
    days = chances.uniform("closing", recorded.trips.key, low=0.02, high=3.0) ** 2 / 3
    return np.asarray(recorded.written_s + (days * DAY_S).astype(np.int64))


def _forms() -> Whole:
    return np.array([("solid", "semi_solid", "liquid").index(waste.form) for waste in WASTES])


def _price(trips: Trips, chances: Chances) -> Real:
    """Agreed once for a stream, and a little from load to load."""
    return np.asarray(
        np.exp(
            0.14 * chances.normal("price", trips.shipper, trips.code)
            + 0.02 * chances.normal("price of a load", trips.key)
        )
    )


def _number(key: Whole, trips: Trips, cast: Cast) -> pa.Array:
    """Year, province and ten figures, different for different keys below ten thousand million."""
    year = (trips.filed_s + 8 * 3600).astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    province = cast.sites.region[trips.shipper] // 10_000
    place = ((key & (2**36 - 1)) >> 16) * 20_000 + (key & 0xFFFF) + (key >> 40) * 6_100_000_000
    running = place % _NUMBERS * _ODD % _NUMBERS
    return texts(digits((year % 100) * 10**12 + province * 10**10 + running, 14))


def _cancelled(every: pa.Table, trips: Trips, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    """Made with the wrong vehicle or day and cancelled before the right one was made."""
    chosen = np.flatnonzero(chances.happens("cancelled", untidy.cancelled, trips.key))
    made = every.take(pa.array(chosen))
    key = trips.key[chosen] + CANCELLED
    filed = trips.filed_s[chosen] - (chances.uniform("made before", key, low=0.6, high=3) * 3600).astype(np.int64)
    gone = filed + (chances.uniform("cancelled after", key, low=0.1, high=0.5) * 3600).astype(np.int64)
    changed = {
        "manifest_id": names.of(tables.MANIFEST, key),
        "number": None,
        "filed_at": instants(filed),
        "cancelled_at": instants(gone),
        "cancel_reason": words(("wrong vehicle", "wrong day", "wrong mass"), chances.one_of("why cancelled", 3, key)),
        **dict.fromkeys(
            ("received_g", "departed_at", "arrived_at", "received_at", "received_recorded_at", "closed_at")
        ),
    }
    kept = {name: changed.get(name, made[name].combine_chunks()) for name in made.column_names}
    return rows(transfers.MANIFESTS, kept, len(chosen))


def cancellations(trips: Trips, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    """The amendments that belong to the cancelled manifests."""
    chosen = np.flatnonzero(chances.happens("cancelled", untidy.cancelled, trips.key))
    key = trips.key[chosen] + CANCELLED
    filed = trips.filed_s[chosen] - (chances.uniform("made before", key, low=0.6, high=3) * 3600).astype(np.int64)
    gone = filed + (chances.uniform("cancelled after", key, low=0.1, high=0.5) * 3600).astype(np.int64)
    columns = {
        "amendment_id": names.of(tables.AMENDMENT, key),
        "manifest_id": names.of(tables.MANIFEST, key),
        "kind": "cancellation",
        "organisation_id": names.organisation(trips.shipper[chosen]),
        "amended_at": instants(gone),
        "reason": words(("wrong vehicle", "wrong day", "wrong mass"), chances.one_of("why cancelled", 3, key)),
    }
    return rows(transfers.AMENDMENTS, columns, len(chosen))


def weighings(recorded: Recorded, names: Names) -> pa.Table:
    """What each side's scale said, or what its clerk wrote where nobody put it right."""
    trips = recorded.trips
    sides = []
    for side, one, site, net, there, weighed, written in (
        (
            0,
            recorded.shipped,
            trips.shipper,
            recorded.declared_g,
            trips.filed_s < recorded.ends_s,
            trips.filed_s - 420,
            trips.filed_s,
        ),
        (
            2,
            recorded.taken,
            trips.receiver,
            recorded.received_g,
            recorded.received,
            trips.received_s - 180,
            recorded.written_s,
        ),
    ):
        key, kind = trips.key[there], one.kind[there]
        tare = one.tare_g[there]
        columns = {
            "weighing_id": names.of(tables.WEIGHING, key * 4 + side),
            "manifest_id": names.of(tables.MANIFEST, key),
            "waste_code": words(CODES, trips.code[there]),
            "side": SIDES[side],
            "method": words(WEIGHED_BY, kind),
            "scale_id": names.of_some(tables.SCALE, site[there] * 3 + kind, kind != ESTIMATE),
            "net_g": net[there],
            "gross_g": some(net[there] + tare, tare > 0),
            "tare_g": some(tare, tare > 0),
            "weighed_at": instants(weighed[there]),
            "recorded_at": instants(written[there], written[there] < recorded.ends_s),
        }
        sides.append(rows(transfers.WEIGHINGS, columns, len(key)))
    return pa.concat_tables(sides)
