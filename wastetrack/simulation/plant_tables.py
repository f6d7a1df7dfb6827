"""What plants and generators record by month: batches, residues, readings, stock-takes, what was made and worked."""

import numpy as np
import pyarrow as pa

from wastetrack.extracts.schema import plants
from wastetrack.simulation import tables
from wastetrack.simulation.calendars import DAY_S, Month
from wastetrack.simulation.cast import TONNE, Cast
from wastetrack.simulation.chances import Chances, Real, Whole
from wastetrack.simulation.party_tables import METHODS
from wastetrack.simulation.recording import CODES
from wastetrack.simulation.shipping import Stores
from wastetrack.simulation.sizes import Untidiness
from wastetrack.simulation.tables import Names, instants, rows, words
from wastetrack.simulation.treating import Treated
from wastetrack.simulation.treating import plants as plants_of
from wastetrack.simulation.wastes import GENERAL, HOSPITAL, INDUSTRIES, NUMBER, PLANTS
from wastetrack.simulation.writing import Writer, days_of

_BATCH = 1 << 24
"""More than there are sites."""
OPENING = 99


def write_batches(cast: Cast, treated: Treated, names: Names, writer: Writer) -> None:
    """Batches, what went in by code, and what was left."""
    day, plant = np.nonzero(treated.input_g.sum(axis=2))
    site = plant + cast.first_disposer
    key = (treated.month.number * 31 + day) * _BATCH + site
    ended = treated.month.starts_s + day * DAY_S + 20 * 3600 + site % 3600
    columns = {
        "batch_id": names.of(tables.BATCH, key),
        "site_id": names.site(site),
        "facility_id": names.of(tables.FACILITY, site * 2),
        "method": words(METHODS, cast.sites.plant[site]),
        "treated_at": instants(ended),
        "input_g": treated.input_g.sum(axis=2)[day, plant],
    }
    writer.add(plants.BATCHES, rows(plants.BATCHES, columns, len(key)))
    one, where, code = np.nonzero(treated.input_g)
    columns = {
        "batch_id": names.of(tables.BATCH, (treated.month.number * 31 + one) * _BATCH + where + cast.first_disposer),
        "waste_code": words(CODES, code),
        "input_g": treated.input_g[one, where, code],
    }
    writer.add(plants.BATCH_INPUTS, rows(plants.BATCH_INPUTS, columns, len(one)))
    residue = np.array([NUMBER[plant.residue] if plant.residue else -1 for plant in PLANTS])[cast.sites.plant[site]]
    for product, grams, code in ((0, treated.residue_g, residue), (1, treated.product_g, np.full(len(site), -1))):
        output = grams[day, plant]
        left = output > 0
        columns = {
            "residue_id": names.of(tables.RESIDUE, key[left] * 2 + product),
            "batch_id": names.of(tables.BATCH, key[left]),
            "waste_code": words(CODES, code[left]),
            "output_g": output[left],
            "made_at": instants(ended[left] + 1800),
        }
        writer.add(plants.RESIDUES, rows(plants.RESIDUES, columns, int(left.sum())))


def readings(cast: Cast, treated: Treated, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    """Energy, additives and hours of each plant: some goes always, most with the tonnes."""
    site = plants_of(cast)
    kind = cast.sites.plant[site]
    worked = treated.working_g / TONNE
    usual = cast.expected_g[site] / 12 / TONNE
    hours = 24.0 * (treated.month.days - treated.outage_days)
    full = treated.input_g.sum(axis=(0, 2)) / TONNE
    idle = np.where(full > 0, np.minimum(worked / np.maximum(full, 1e-9), 1.0), 0.5)
    parts: list[tuple[Whole, str, str, Real]] = []
    for number, (name, unit, per_tonne) in enumerate(
        (
            ("power", "kWh", [plant.power_kwh_t for plant in PLANTS]),
            ("fuel", "GJ", [plant.fuel_gj_t for plant in PLANTS]),
            ("lime", "t", [plant.lime_kg_t / 1000 for plant in PLANTS]),
            ("carbon", "t", [plant.carbon_kg_t / 1000 for plant in PLANTS]),
            ("water", "m3", [plant.water_m3_t for plant in PLANTS]),
        )
    ):
        rate = np.array(per_tonne)[kind] * np.exp(0.2 * chances.normal("plant's rate", site, number))
        noise = np.exp(untidy.plant_noise * chances.normal("reading", site, treated.month.number, number))
        used = np.asarray(rate * (0.06 * usual + worked) * noise, np.float64)
        parts.append((site[rate > 0], name, unit, used[rate > 0]))
    run = hours * chances.uniform("hours", site, treated.month.number, low=0.9, high=0.99) * idle
    parts.append((site, "hours_on", "h", np.asarray(run, np.float64)))
    parts.append((site, "outage_hours", "h", np.asarray(24.0 * treated.outage_days, np.float64)))
    first = tables.days(np.array([days_of(treated.month)]))[0]
    return pa.concat_tables(
        [
            rows(
                plants.READINGS,
                {
                    "site_id": names.site(where),
                    "month_on": first,
                    "kind": name,
                    "quantity": quantity.round(2),
                    "unit": unit,
                },
                len(where),
            )
            for where, name, unit, quantity in parts
        ]
    )


def stock_takes(
    site: Whole, code: Whole, grams: Whole, uncertainty: float, at_s: int, number: int, names: Names
) -> pa.Table:
    """What was found of each code; one stock-take a site."""
    columns = {
        "stock_take_id": names.of(tables.STOCK_TAKE, site * 128 + number),
        "site_id": names.site(site),
        "waste_code": words(CODES, code),
        "taken_at": instants(np.full(len(site), at_s)),
        "measured_g": grams,
        "relative_uncertainty": uncertainty,
    }
    return rows(plants.STOCK_TAKES, columns, len(site))


def in_stores(cast: Cast, stores: Stores, waiting_g: Whole, *, generators: bool) -> tuple[Whole, Whole, Whole]:
    """Site, code and grams of what stands ready to leave, of generators or of all others."""
    stream = np.flatnonzero(cast.generator_streams == generators)
    grams = stores.stock_g[stream] + waiting_g[stream]
    there = (cast.streams.code[stream] != GENERAL) | (grams > 0)
    return cast.streams.site[stream][there], cast.streams.code[stream][there], grams[there]


def generation(cast: Cast, made_g: Whole, month: Month, names: Names, chances: Chances) -> pa.Table:
    """What generators entered as made."""
    stream = np.flatnonzero(cast.generator_streams)
    stream = stream[made_g[stream] > 0]
    columns = {
        "site_id": names.site(cast.streams.site[stream]),
        "waste_code": words(CODES, cast.streams.code[stream]),
        "month_on": tables.days(np.full(len(stream), days_of(month))),
        "generated_g": made_g[stream],
        "entries": 1 + chances.one_of("entries", 20, stream, month.number),
    }
    return rows(plants.GENERATION, columns, len(stream))


def activity(cast: Cast, worked: Real, month: Month, names: Names, untidy: Untidiness, chances: Chances) -> pa.Table:
    """How much generators worked, from meters, sales and beds: not from their waste records."""
    parts = []
    first = tables.days(np.array([days_of(month)]))[0]
    noise = 0.03 + untidy.monthly_noise / 4
    main = np.zeros(len(cast.sites), np.int64)
    stream = np.flatnonzero(cast.generator_streams)[::-1]
    main[cast.streams.site[stream]] = stream  # the first stream of each site stays
    for sector, industry in enumerate(INDUSTRIES):
        site = np.flatnonzero(cast.sites.industry == sector)
        year = cast.sites.annual_g[site]
        for number, (kind, unit) in enumerate(industry.activity):
            base = year / 12 / 1000 * _per_kg(kind) * np.exp(0.35 * chances.normal("intensity of use", site, number))
            if sector == HOSPITAL:
                base = (
                    year
                    / 12
                    / 1000
                    / (0.58 if kind == "bed_days" else 0.29)
                    * np.exp(0.2 * chances.normal("beds a kg", site))
                )
            code = None
            factor: float | None = None
            if kind == "input":
                base = cast.streams.annual_g[main[site]] / 12 / TONNE / 0.8
                code, factor = words(CODES, cast.streams.code[main[site]]), 0.8
            drawn = base * worked[site] * np.exp(noise * chances.normal("use", site, month.number, number))
            columns = {
                "site_id": names.site(site), "month_on": first, "kind": kind, "quantity": drawn.round(2), "unit": unit,
                "waste_code": code, "return_factor": factor,
            }  # fmt: skip
            parts.append(rows(plants.ACTIVITY, columns, len(site)))
    return pa.concat_tables(parts)


def _per_kg(kind: str) -> float:
    """Of a kilogram of waste, in the mean of a sector."""
    return {"output": 0.02, "power": 8.0, "water": 0.05, "waste_water": 0.04, "turnover": 250.0}.get(kind, 1.0)
