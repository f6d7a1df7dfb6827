"""What plants do with what they took: stock by code, a batch a day, residues, and the energy and hours it took."""

import dataclasses

import numpy as np

from wastetrack.simulation.calendars import DAY_S, Month
from wastetrack.simulation.cast import DISPOSER, TONNE, Cast
from wastetrack.simulation.chances import Chances, Real, Whole
from wastetrack.simulation.party_tables import rated_t_per_h, takes
from wastetrack.simulation.recording import Recorded
from wastetrack.simulation.schemes.inserting import LOOP
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.wastes import KIND_NUMBER, PLANTS, WASTES

CODES = len(WASTES)


@dataclasses.dataclass(slots=True)
class Receipts:
    """What came to a site, and has not yet been put into its stock."""

    site: Whole
    code: Whole
    at_s: Whole
    booked_g: Whole
    real_g: Whole

    def some(self, which: np.typing.NDArray[np.bool_]) -> "Receipts":
        """These of them."""
        return Receipts(*(getattr(self, field.name)[which] for field in dataclasses.fields(self)))


def receipts_of(several: list[Recorded], ends_s: int) -> Receipts:
    """Of all that was received before the records end."""
    nothing = np.zeros(0, np.int64)
    parts = [(nothing, nothing, nothing, nothing, nothing)]
    for recorded in several:
        trips = recorded.trips
        came = trips.received_s < ends_s
        parts.append(
            (
                trips.receiver[came],
                trips.code[came],
                trips.received_s[came],
                recorded.taken.net_g[came],
                np.where(trips.key & LOOP, 0, trips.delivered_g)[came],  # these have left again
            )
        )
    return Receipts(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


@dataclasses.dataclass(slots=True)
class Stocks:
    """Grams by plant and code: what the books say, and what is there."""

    booked: Whole
    real: Whole


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """A month of all plants; arrays have a row a day, a column a plant, and a layer a code where there are codes."""

    month: Month
    input_g: Whole
    """As the plant wrote it down."""
    residue_g: Whole
    product_g: Whole
    working_g: Real
    """By plant: grams that truly went through the line, by which energy goes."""
    outage_days: Whole
    vanished_g: Whole
    """By plant."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fraud:
    """What schemes do to plants in a month, by site, as parts: nothing is 0."""

    dumped: Real
    """Of what is written as treated: it is not."""
    black: Real
    """Treated beyond what came in with manifests."""
    vanished: Real
    """Of the stock, at the end of the month."""


def plants(cast: Cast) -> Whole:
    """The sites that treat: the last ones. Stocks and what is treated have a row, or column, for each."""
    return np.arange(cast.first_disposer, len(cast.sites))


def open_stocks(cast: Cast, chances: Chances) -> Stocks:
    """Each plant begins with the waste of some days."""
    stock = np.zeros((len(plants(cast)), CODES), np.int64)
    site, code = takes(cast)
    treats = cast.sites.kind[site] == DISPOSER
    site, code = site[treats], code[treats]
    each = np.bincount(site, minlength=len(cast.sites))[site]
    days = chances.uniform("opening days", site, code, low=2, high=9)
    landfill = cast.sites.plant[site] == KIND_NUMBER["landfill"]
    grams = np.where(landfill, 0, cast.expected_g[site] / 365 / each * days)
    stock[site - cast.first_disposer, code] = grams.astype(np.int64)
    return Stocks(stock.copy(), stock)


def daily(cast: Cast, received: Receipts, month: Month, grams: Whole) -> Whole:
    """Grams of the plants' receipts by day, plant and code."""
    count = len(plants(cast))
    there = received.site >= cast.first_disposer
    day = np.maximum((received.at_s[there] - month.starts_s) // DAY_S, 0)
    place = (day * count + received.site[there] - cast.first_disposer) * CODES + received.code[there]
    total = np.zeros(month.days * count * CODES, np.int64)
    np.add.at(total, place, grams[there])
    return total.reshape(month.days, count, CODES)


def treat(
    cast: Cast, stocks: Stocks, received: Receipts, month: Month, fraud: Fraud, untidy: Untidiness, chances: Chances
) -> Treated:
    """Run all plants through a month; a day's batch is of what was there when the day began. The stocks are changed."""
    site = plants(cast)
    kind = cast.sites.plant[site]
    booked_in = daily(cast, received, month, received.booked_g)
    real_in = daily(cast, received, month, received.real_g)
    hourly = rated_t_per_h(cast, chances)[site] * TONNE
    pace = np.where(kind == KIND_NUMBER["landfill"], 1.0, chances.uniform("pace", site, low=0.12, high=0.4))
    feed = 1 + untidy.feed_error * chances.normal("feed scale", site)
    out_from, outage = _outages(site, month, chances)
    inputs, real_inputs = np.zeros_like(booked_in), np.zeros_like(booked_in)
    for day in range(month.days):
        total = stocks.booked.sum(axis=1)
        stands = (day >= out_from) & (day < out_from + outage)
        part = np.where(stands, 0.0, np.minimum(pace, hourly * 24 / np.maximum(total, 1)))
        planned = (stocks.booked * part[:, None]).astype(np.int64)
        used = np.minimum(np.round(planned / feed[:, None]).astype(np.int64), stocks.real)
        stocks.booked += booked_in[day] - planned
        stocks.real += real_in[day] - used
        inputs[day], real_inputs[day] = planned, used
    lost = (stocks.real * fraud.vanished[site, None]).astype(np.int64)
    stocks.real -= lost
    written = inputs + np.round(inputs * fraud.black[None, site, None]).astype(np.int64)
    worked = real_inputs.sum(axis=2) * (1 - fraud.dumped[site] + fraud.black[site])
    monthly = np.exp(untidy.plant_noise * chances.normal("residues", site, month.number))
    batch = np.exp(0.04 * chances.normal("batch", np.arange(month.days)[:, None], site[None, :], month.number))
    residue = worked * cast.residue_rate[site] * monthly * batch
    gain = np.array([plant.product for plant in PLANTS])[kind]
    product = worked * gain * np.exp(0.03 * chances.normal("product", site, month.number)) * batch
    return Treated(
        month=month, input_g=written, residue_g=residue.astype(np.int64), product_g=product.astype(np.int64),
        working_g=worked.sum(axis=0), outage_days=outage, vanished_g=lost.sum(axis=1),
    )  # fmt: skip


def _outages(sites: Whole, month: Month, chances: Chances) -> tuple[Whole, Whole]:
    """First day and length of a month's outage of each plant; most have none, all one long a year."""
    yearly = chances.one_of("yearly outage", 12, sites) == month.number
    short = chances.happens("short outage", 0.08, sites, month.number)
    length = np.where(
        yearly, 6 + chances.one_of("length", 9, sites), np.where(short, 1 + chances.one_of("short", 3, sites), 0)
    )
    return chances.one_of("outage from", 15, sites, month.number), length


def count_stock(stocks: Stocks, month: int, untidy: Untidiness, chances: Chances) -> Whole:
    """What is found when everything is measured; the books are set to it."""
    plant, code = np.arange(len(stocks.real))[:, None], np.arange(CODES)[None, :]
    error = untidy.stock_error * chances.normal("stock-take", plant, code, month)
    found = np.maximum(np.round(stocks.real * (1 + error)), 0).astype(np.int64)
    stocks.booked = found.copy()
    return found
