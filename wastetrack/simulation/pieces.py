"""Containers of the trips, what was scanned of them and who signed."""

import dataclasses

import numpy as np
import pyarrow as pa

from wastetrack.extracts.schema import transfers
from wastetrack.simulation import tables
from wastetrack.simulation.calendars import DAY_S
from wastetrack.simulation.cast import DISPOSER, TONNE, Cast
from wastetrack.simulation.chances import Chances, Real, Whole, Yes
from wastetrack.simulation.recording import CODES, Recorded, closing
from wastetrack.simulation.shipping import Stores
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.tables import GATES, SIGNERS, Names, instants, rows, some, words
from wastetrack.simulation.trips import NEVER
from wastetrack.simulation.wastes import MEDICAL
from wastetrack.simulation.writing import HELD_DAYS

MOST = 16
"""Containers of a manifest; a key times this, and the place in it, is a container's key."""
STOCK = 1 << 50
TELEPHONES = 1 << 33
"""Added to the number of a vehicle: its driver's device."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """One row a container; `trip` is its place among the recorded trips."""

    key: Whole
    trip: Whole
    place: Whole
    net_g: Whole
    made_s: Whole
    ended_s: Whole
    """When it was emptied or destroyed; NEVER where it was lost."""
    found: Yes
    """The gate found it."""


def pack(cast: Cast, recorded: Recorded, starts_s: int, untidy: Untidiness, chances: Chances) -> Pieces:
    """A large load is one piece, a small one some drums, bags or bins."""
    trips = recorded.trips
    count = np.where(trips.loaded_g >= 2 * TONNE, 1, 1 + chances.one_of("pieces", 3, trips.key))
    count = np.where(trips.code == MEDICAL, np.minimum(count + trips.loaded_g // 100_000, MOST - 4), count)
    trip = np.repeat(np.arange(len(trips)), count)
    place = np.arange(len(trip)) - np.repeat(np.cumsum(count) - count, count)
    key = trips.key[trip] * MOST + place
    even = trips.loaded_g // count
    net = even[trip] + np.where(place == 0, (trips.loaded_g - even * count)[trip], 0)
    longest = np.where(trips.code == MEDICAL, 1.6, HELD_DAYS - 5.0)[trip]
    before = chances.uniform("made", key) ** 2 * longest * DAY_S + 1800
    made = np.maximum(
        trips.filed_s[trip] - before.astype(np.int64),
        starts_s + (3600 * chances.uniform("first", key)).astype(np.int64),
    )
    made = np.minimum(made, trips.filed_s[trip] - 600)
    mean = np.where(cast.sites.kind[trips.receiver] == DISPOSER, 4.0, 12.0)
    mean = np.where(trips.code == MEDICAL, 0.5, mean)[trip]
    kept = 0.1 - mean * np.log(chances.uniform("kept", key))
    kept = np.minimum(kept, np.where(trips.code == MEDICAL, 1.8, 200.0)[trip])
    found = ~chances.happens("not found", untidy.pieces_wrong, key)
    came = recorded.received[trip] & found
    return Pieces(
        key=key, trip=trip, place=place, net_g=net, made_s=made, found=found,
        ended_s=np.where(came, trips.received_s[trip] + (kept * DAY_S).astype(np.int64), NEVER),
    )  # fmt: skip


def containers(recorded: Recorded, pieces: Pieces, names: Names) -> pa.Table:
    """Where each piece stands when the records end."""
    trips, trip, ends = recorded.trips, pieces.trip, recorded.ends_s
    ended = pieces.ended_s < ends
    left = trips.departed_s[trip] < ends
    came = recorded.received[trip] & pieces.found
    held = np.where(ended | (left & ~came), -1, np.where(left, trips.receiver[trip], trips.shipper[trip]))
    since = np.where(left, trips.received_s[trip], pieces.made_s)
    cloned = (trips.cloned_from[trip] >= 0) & (pieces.place == 0)
    serial = np.where(cloned, trips.cloned_from[trip] * MOST, pieces.key)
    columns = {
        "container_id": names.of(tables.CONTAINER, pieces.key),
        "serial": names.of(tables.SERIAL, serial),
        "site_id": names.site(trips.shipper[trip]),
        "waste_code": words(CODES, trips.code[trip]),
        "net_g": pieces.net_g,
        "made_at": instants(pieces.made_s),
        "held_site_id": names.site(held),
        "held_since_at": instants(since, held >= 0),
        "ended_at": instants(pieces.ended_s, ended),
    }
    return rows(transfers.CONTAINERS, columns, len(trip))


def remaining(cast: Cast, stores: Stores, names: Names, chances: Chances, ends_s: int) -> pa.Table:
    """What generators have in store when the records end, as one piece a code."""
    stream = np.flatnonzero(cast.generator_streams & (stores.stock_g > 0))
    code = cast.streams.code[stream]
    longest = np.where(code == MEDICAL, 1.2, 40.0)
    made = ends_s - 3600 - (chances.uniform("remaining", stream) * longest * DAY_S).astype(np.int64)
    key = STOCK + stream
    columns = {
        "container_id": names.of(tables.CONTAINER, key),
        "serial": names.of(tables.SERIAL, key),
        "site_id": names.site(cast.streams.site[stream]),
        "waste_code": words(CODES, code),
        "net_g": stores.stock_g[stream],
        "made_at": instants(made),
        "held_site_id": names.site(cast.streams.site[stream]),
        "held_since_at": instants(made),
    }
    return rows(transfers.CONTAINERS, columns, len(stream))


def loads(recorded: Recorded, pieces: Pieces, names: Names, chances: Chances) -> pa.Table:
    """Which manifest names which piece, and what the gate said."""
    trips, trip = recorded.trips, pieces.trip
    decided = recorded.arrived[trip]
    scanned = _gate_s(recorded, pieces, chances)
    seen = decided & pieces.found & ~trips.no_gate[trip] & (scanned < recorded.ends_s)
    columns = {
        "manifest_id": names.of(tables.MANIFEST, trips.key[trip]),
        "container_id": names.of(tables.CONTAINER, pieces.key),
        "named": True,
        "outcome": words(("accepted", "missing"), np.where(decided, (~pieces.found).astype(np.int64), -1)),
        "scanned_at": instants(np.where(seen, scanned, 0), seen),
    }
    return rows(transfers.LOADS, columns, len(trip))


def _gate_s(recorded: Recorded, pieces: Pieces, chances: Chances) -> Whole:
    arrived = recorded.trips.arrived_s[pieces.trip]
    wait = 120 + 300 * chances.uniform("at the gate", recorded.trips.key[pieces.trip]) + 11 * pieces.place
    return np.minimum(arrived + wait.astype(np.int64), np.maximum(recorded.trips.received_s[pieces.trip] - 30, arrived))


def scans(
    cast: Cast, recorded: Recorded, pieces: Pieces, names: Names, untidy: Untidiness, chances: Chances
) -> pa.Table:
    """Loaded, at the gate, destroyed; a clone is scanned once more where it was loaded, by its old name."""
    trips, trip = recorded.trips, pieces.trip
    nobody = np.zeros(len(trip), bool)
    loaded = trips.filed_s[trip] - 400 + 11 * pieces.place
    gate = _gate_s(recorded, pieces, chances)
    at_gate = recorded.arrived[trip] & pieces.found & ~trips.no_gate[trip]
    forged = (trips.cloned_from[trip] >= 0) & (pieces.place == 0) & chances.happens("forged", 0.5, trips.key[trip])
    acts = [
        (0, "loaded", loaded, ~nobody, trips.shipper[trip], SIGNERS, ~forged),
        (1, "gate", gate, at_gate, trips.receiver[trip], GATES, ~forged),
        (
            2,
            "destroyed",
            pieces.ended_s,
            cast.sites.kind[trips.receiver[trip]] == DISPOSER,
            trips.receiver[trip],
            GATES,
            ~nobody,
        ),
    ]
    return pa.concat_tables(
        [
            _scans_of(
                cast,
                act,
                name,
                seconds,
                there & (seconds < recorded.ends_s),
                site,
                who,
                authentic,
                pieces,
                recorded,
                names,
                untidy,
                chances,
            )
            for act, name, seconds, there, site, who, authentic in acts
        ]
    )


def _scans_of(
    cast: Cast, act: int, name: str, seconds: Whole, there: Yes, site: Whole, who: int, authentic: Yes, pieces: Pieces,
    recorded: Recorded, names: Names, untidy: Untidiness, chances: Chances,
) -> pa.Table:  # fmt: skip
    piece, seconds, site = pieces.key[there], seconds[there], site[there]
    key = piece * 4 + act
    offline, sent = _sent(key, seconds, untidy, chances)
    latitude, longitude, accuracy = _near(cast, site, key, chances)
    columns = {
        "scan_id": names.of(tables.SCAN, key),
        "container_id": names.of(tables.CONTAINER, piece),
        "act": name,
        "scanned_at": instants(seconds),
        "recorded_at": instants(sent, sent < recorded.ends_s),
        "device_id": names.of(tables.DEVICE, who + site),
        "person_id": names.of(tables.PERSON, who + site),
        "site_id": names.site(site),
        "manifest_id": names.of_some(
            tables.MANIFEST,
            recorded.trips.key[pieces.trip[there]],
            np.full(len(piece), act != 2),
        ),
        "latitude": latitude,
        "longitude": longitude,
        "accuracy_m": accuracy,
        "authentic": authentic[there],
        "counter": (seconds - 1_700_000_000) // 5,
        "offline": offline,
    }
    return rows(transfers.SCANS, columns, len(piece))


def _sent(key: Whole, seconds: Whole, untidy: Untidiness, chances: Chances) -> tuple[Yes, Whole]:
    """Whether it was done without network, and when the server had it."""
    offline = chances.happens("offline", untidy.offline, key)
    wait = np.where(
        offline, chances.uniform("sent later", key, low=600, high=50_000), chances.uniform("sent", key, low=1, high=25)
    )
    return offline, seconds + wait.astype(np.int64)


def _near(cast: Cast, site: Whole, key: Whole, chances: Chances) -> tuple[Real, Real, Real]:
    """A position as a telephone tells it, some ten metres wrong."""
    accuracy = 5 + 45 * chances.uniform("accuracy", key) ** 2
    north = accuracy * chances.normal("north", key) / 111_000
    east = accuracy * chances.normal("east", key) / 90_000
    return (
        (cast.sites.latitude[site] + north).round(6),
        (cast.sites.longitude[site] + east).round(6),
        accuracy.round(0),
    )


def signatures(cast: Cast, recorded: Recorded, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    """File, pick up, receive, confirm; where gate and driver are one, one telephone signs for both."""
    trips = recorded.trips
    every = np.ones(len(trips), bool)
    on_phone = chances.happens("shared device", untidy.shared_devices, trips.key)
    closed = closing(recorded, chances)
    phone = TELEPHONES + trips.vehicle
    shipper, receiver = SIGNERS + trips.shipper, GATES + trips.receiver
    clerk = SIGNERS + trips.receiver
    received = np.where(trips.no_gate, phone, receiver)
    taker = np.where(trips.no_gate, trips.vehicle, receiver)
    filing = np.where(on_phone, phone, shipper)
    acts = (
        (0, "shipper", "file", trips.filed_s, trips.filed_s, shipper, filing, trips.shipper),
        (1, "carrier", "pick_up", trips.departed_s - 240, trips.departed_s - 240, trips.vehicle, phone, trips.shipper),
        (2, "receiver", "receive", trips.received_s, recorded.written_s, taker, received, trips.receiver),
        (3, "receiver", "confirm", closed, closed, clerk, clerk, trips.receiver),
    )  # fmt: skip
    return pa.concat_tables(
        [
            _signed(
                cast,
                act,
                side,
                name,
                done,
                written,
                person,
                device,
                site,
                on_phone if act < 2 else ~every,
                recorded,
                names,
                untidy,
                chances,
            )
            for act, side, name, done, written, person, device, site in acts
        ]
    )


def _signed(
    cast: Cast, act: int, side: str, name: str, done: Whole, written: Whole, person: Whole, device: Whole, site: Whole,
    shared: Yes, recorded: Recorded, names: Names, untidy: Untidiness, chances: Chances,
) -> pa.Table:  # fmt: skip
    trips = recorded.trips
    there = done < recorded.ends_s
    key = trips.key[there] * 4 + act
    done, written, person, device, site = (one[there] for one in (done, written, person, device, site))
    late = written - done > 3600
    offline, sent = _sent(key, written, untidy, chances)
    honest = late & (trips.written_late_s[there] == 0)
    stood = np.where(trips.no_gate[there] & (act == 2), trips.shipper[there], site)
    latitude, longitude, _ = _near(cast, stood, key, chances)
    sites_firm = names.organisation(site)
    columns = {
        "signature_id": names.of(tables.SIGNATURE, key),
        "manifest_id": names.of(tables.MANIFEST, trips.key[there]),
        "side": side,
        "act": name,
        "person_id": names.of(tables.PERSON, person),
        "organisation_id": names.carrier(trips.carrier[there]) if side == "carrier" else sites_firm,
        "device_id": names.of(tables.DEVICE, device),
        "shared_device": shared[there],
        "network": names.of(42, np.where(device >= TELEPHONES, device, site)),
        "signed_at": instants(done),
        "recorded_at": instants(np.minimum(np.maximum(sent, done), recorded.ends_s - 1)),
        "offline": offline & ~late,
        "on_paper": honest,
        "latitude": some(latitude, ~honest),
        "longitude": some(longitude, ~honest),
    }
    return rows(transfers.SIGNATURES, columns, len(key))
