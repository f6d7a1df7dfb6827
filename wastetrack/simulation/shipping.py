"""What is made in a month and what leaves: a load goes when the store holds one, never more than is there."""

import dataclasses

import numpy as np

from wastetrack.simulation.calendars import DAY_S, Month, season, spread, work
from wastetrack.simulation.cast import LARGEST_LOAD_G, Cast
from wastetrack.simulation.chances import Chances, Real, Whole
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.trips import Trips, fresh
from wastetrack.simulation.wastes import HOSPITAL, MEDICAL

KEY_SHIFT = 16
"""A stream has fewer manifests a year than 2 to this power."""


@dataclasses.dataclass(slots=True)
class Stores:
    """What stands ready to leave, by stream, and how many loads have left."""

    stock_g: Whole
    left: Whole


def open_stores(cast: Cast, chances: Chances) -> Stores:
    """Some part of a load at each generator; nothing at those who pass on."""
    streams = np.arange(len(cast.streams))
    part = np.where(cast.generator_streams, chances.uniform("opening stock", streams), 0.0)
    return Stores((part * cast.streams.load_g).astype(np.int64), np.zeros(len(streams), np.int64))


def activity_of(cast: Cast, month: Month, untidy: Untidiness, chances: Chances) -> Real:
    """How much each site works in a month, as a part of its usual month."""
    sites = np.arange(len(cast.sites))
    days = month.days / 30.4
    usual = season(month, untidy.season) * np.exp(0.06 * chances.normal("activity", sites, month.number))
    usual *= 0.5 + 0.5 * work(month).sum() / 20.3 if month.days else 1.0
    stands = chances.happens("shutdown", untidy.shutdowns, sites, month.number)
    beds = (1 + 0.04 * chances.normal("beds", sites, month.number)) * days
    ill = cast.sites.industry == HOSPITAL
    surge = 1 + untidy.surge if month.number in (3, 4) else 1.0
    return np.where(ill, beds * surge, np.where(stands, 0.03, usual))


def made_in(cast: Cast, month: Month, activity: Real, untidy: Untidiness, chances: Chances) -> Whole:
    """Grams that each generator's stream truly grows by in a month."""
    streams = np.flatnonzero(cast.generator_streams)
    ill = cast.streams.code[streams] == MEDICAL
    noise = np.exp(np.where(ill, 0.5, 1.0) * untidy.monthly_noise * chances.normal("intensity", streams, month.number))
    grams = cast.streams.annual_g[streams] / 12 * activity[cast.streams.site[streams]] * noise
    made = np.zeros(len(cast.streams), np.int64)
    made[streams] = grams.astype(np.int64)
    return made


def ship(cast: Cast, stores: Stores, made_g: Whole, passed_g: Whole, month: Month, chances: Chances) -> Trips:
    """Loads of a month as wishes; `passed_g` is what those who pass on took in before. The stores are changed."""
    streams = cast.streams
    ready = stores.stock_g + passed_g
    there = ready + made_g
    most = (there / (0.65 * streams.load_g)).astype(np.int64) + 1
    most[there < 1000] = 0
    stream = np.repeat(np.arange(len(streams)), most)
    place = np.arange(len(stream)) - np.repeat(np.cumsum(most) - most, most)
    key = (stream << KEY_SHIFT) + stores.left[stream] + place
    load = streams.load_g[stream] * np.clip(1 + 0.12 * chances.normal("load", key), 0.65, 1.3)
    grams = np.maximum(np.minimum(load, LARGEST_LOAD_G), 500).astype(np.int64)
    total = np.cumsum(grams)
    before = np.concatenate([[0], total])[np.cumsum(most) - most][stream] if len(stream) else total
    gone = total - before
    goes = gone <= there[stream]
    stream, place, key, grams, gone = stream[goes], place[goes], key[goes], grams[goes], gone[goes]
    loads = np.bincount(stream, minlength=len(streams))
    stores.stock_g = there - np.bincount(stream, grams, len(streams)).astype(np.int64)
    stores.left = stores.left + loads
    grown = (gone - ready[stream]) / np.maximum(made_g[stream], 1)
    even = (place + chances.uniform("when", key)) / np.maximum(loads[stream], 1)
    fraction = np.where(cast.generator_streams[stream], np.clip(grown, 0, 1), even)
    return _wishes(cast, month, chances, key=key, stream=stream, grams=grams, fraction=fraction)


def _wishes(
    cast: Cast, month: Month, chances: Chances, *, key: Whole, stream: Whole, grams: Whole, fraction: Real
) -> Trips:
    streams, counts = cast.streams, cast.counts
    code = streams.code[stream]
    daily = np.where(code == MEDICAL, spread(fraction, np.ones(month.days)), spread(fraction, work(month)))
    hour = 7.0 + 10.5 * chances.uniform("hour", key)
    where = streams.carrier_from[stream] + streams.carrier_width[stream] * chances.uniform("carrier", key)
    carrier = np.clip((where * counts.carriers).astype(np.int64), 0, counts.carriers - 1)
    receiver = np.where(
        chances.happens("goes elsewhere", streams.other_share[stream], key), streams.other[stream], streams.main[stream]
    )
    return fresh(
        key=key,
        stream=stream,
        shipper=streams.site[stream],
        receiver=receiver,
        code=code,
        carrier=carrier,
        loaded_g=grams,
        filed_s=month.starts_s + daily * DAY_S + (hour * 3600).astype(np.int64),
    )
