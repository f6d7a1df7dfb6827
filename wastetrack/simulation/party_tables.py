"""The parties of a world as rows: who there is, with what, allowed to do what."""

import numpy as np
import pyarrow as pa

from wastetrack.extracts.schema import parties
from wastetrack.simulation import tables
from wastetrack.simulation.calendars import Month
from wastetrack.simulation.cast import DISPOSER, ESTIMATE, INTERMEDIATE, PLATFORM, TONNE, TRUCK, Cast
from wastetrack.simulation.chances import Chances, Whole, digits, texts
from wastetrack.simulation.tables import CARRIERS, GATES, SIGNERS, Names, rows, words
from wastetrack.simulation.wastes import COLLECTED, GENERAL, HOSPITAL, INDUSTRIES, PLANTS, WASTES
from wastetrack.simulation.weighing import DIVISION_G
from wastetrack.simulation.writing import Writer, days_of

KINDS = ("generator", "intermediate", "disposer")
PERMIT_ROOM = (1.25, 2.0)
"""A permit allows so many times what is expected."""


def write_parties(cast: Cast, names: Names, chances: Chances, writer: Writer, months: list[Month]) -> None:
    """All tables of parties."""
    first = days_of(months[0])
    for table, found in (
        (parties.ORGANISATIONS, _organisations(cast, names, chances, first)),
        (parties.SITES, _sites(cast, names, chances, first)),
        (parties.VEHICLES, _vehicles(cast, names, first)),
        (parties.PEOPLE, _people(cast, names, first)),
        (parties.SCALES, _scales(cast, names, chances, first)),
        (parties.PERMITS, _permits(cast, names, chances, first)),
        (parties.PERMIT_ITEMS, permit_items(cast, names, chances)),
        (parties.APPROVALS, _approvals(cast, names, first)),
        (parties.PLANS, _plans(cast, names, chances, months[0].first.year)),
        (parties.PROCESSES, _processes(cast, names)),
        (parties.FACILITIES, _facilities(cast, names, chances)),
    ):
        writer.add(table, found)


def young(cast: Cast, chances: Chances) -> np.typing.NDArray[np.bool_]:
    """Sites that began within the last year: one in twelve, and one in six of the plants."""
    share = np.where(cast.sites.kind == DISPOSER, 1 / 6, 1 / 12)
    return chances.happens("young", share, np.arange(len(cast.sites)))


def _age_days(cast: Cast, chances: Chances) -> Whole:
    sites = np.arange(len(cast.sites))
    old = 380 + chances.one_of("opened", 6000, sites)
    return np.where(young(cast, chances), 30 + chances.one_of("opened lately", 200, sites), old)


def _organisations(cast: Cast, names: Names, chances: Chances, first: int) -> pa.Table:
    sites, carriers = np.arange(len(cast.sites)), np.arange(cast.counts.carriers)
    number = np.concatenate([sites, CARRIERS + carriers])
    return rows(
        parties.ORGANISATIONS,
        {
            "organisation_id": pa.concat_arrays([names.organisation(sites), names.carrier(carriers)]),
            "name": names.of(40, number),
            "founded_on": tables.days(first - 60 - np.concatenate([_age_days(cast, chances), 400 + carriers % 7000])),
        },
        len(number),
    )


def _sites(cast: Cast, names: Names, chances: Chances, first: int) -> pa.Table:
    sites, number = cast.sites, np.arange(len(cast.sites))
    industry = (*(one.name for one in INDUSTRIES), "N7724")
    year = np.where(sites.kind == 0, sites.annual_g, 0)
    address = chances.one_of("address", 900, number)
    return rows(
        parties.SITES,
        {
            "site_id": names.site(number),
            "organisation_id": names.organisation(number),
            "kind": words(KINDS, sites.kind),
            "region_code": texts(digits(sites.region, 6)),
            "industry": words(industry, np.where(sites.industry < 0, len(INDUSTRIES), sites.industry)),
            "address": texts(digits(sites.region * 10_000_000 + address * 10_000 + number % 10_000, 13)),
            "medical": sites.industry == HOSPITAL,
            "latitude": sites.latitude,
            "longitude": sites.longitude,
            "opened_on": tables.days(first - _age_days(cast, chances)),
            "management_class": words(
                ("key", "simplified", "registered"),
                np.where(year >= 100 * TONNE, 0, np.where(year >= 10 * TONNE, 1, 2)),
            ),
        },
        len(number),
    )


def _vehicles(cast: Cast, names: Names, first: int) -> pa.Table:
    number = np.arange(len(cast.rated_load_g))
    return rows(
        parties.VEHICLES,
        {
            "vehicle_id": names.vehicle(number),
            "organisation_id": names.carrier(number // cast.counts.trucks),
            "plate": names.of(41, number),
            "rated_load_g": cast.rated_load_g,
            "licence_valid_from": tables.days(first - 200 - number % 300),
            "licence_valid_to": tables.days(first + 400 + number % 500),
            "insured_to": tables.days(first + 366 + number % 60),
        },
        len(number),
    )


def _people(cast: Cast, names: Names, first: int) -> pa.Table:
    vehicles, sites = np.arange(len(cast.rated_load_g)), np.arange(len(cast.sites))
    gates = np.flatnonzero(cast.sites.kind > 0)
    number = np.concatenate([vehicles, SIGNERS + sites, GATES + gates])
    role = np.repeat([0, 1, 2], [len(vehicles), len(sites), len(gates)])
    drives = role == 0
    return rows(
        parties.PEOPLE,
        {
            "person_id": names.of(tables.PERSON, number),
            "organisation_id": pa.concat_arrays(
                [names.carrier(vehicles // cast.counts.trucks), names.organisation(sites), names.organisation(gates)]
            ),
            "role": words(("driver", "signer", "gate"), role),
            "certificate_valid_from": tables.days(first - 300 - number % 400, drives),
            "certificate_valid_to": tables.days(first + 380 + number % 700, drives),
        },
        len(number),
    )


def _scales(cast: Cast, names: Names, chances: Chances, first: int) -> pa.Table:
    """A platform scale at each site that weighs, and one for trucks where trucks are weighed."""
    sites = np.arange(len(cast.sites))
    weighs, trucks = sites[cast.sites.scale != ESTIMATE], sites[cast.sites.scale == TRUCK]
    site = np.concatenate([weighs, trucks])
    kind = np.repeat([PLATFORM, TRUCK], [len(weighs), len(trucks)])
    number = site * 3 + kind
    verified = first - 1 - chances.one_of("verified", 150, number)
    return rows(
        parties.SCALES,
        {
            "scale_id": names.of(tables.SCALE, number),
            "site_id": names.site(site),
            "kind": words(("truck", "platform"), kind),
            "division_g": np.where(kind == TRUCK, DIVISION_G[TRUCK], DIVISION_G[PLATFORM]),
            "verified_on": tables.days(verified),
            "verified_until": tables.days(verified + 730),
        },
        len(number),
    )


def _holders(cast: Cast) -> Whole:
    return np.flatnonzero(cast.sites.kind > 0)


def _permits(cast: Cast, names: Names, chances: Chances, first: int) -> pa.Table:
    site = _holders(cast)
    began = first - 30 - chances.one_of("permit from", 600, site)
    collects = cast.sites.kind[site] == INTERMEDIATE
    return rows(
        parties.PERMITS,
        {
            "permit_id": names.of(tables.PERMIT, site),
            "organisation_id": names.organisation(site),
            "site_id": names.site(site),
            "kind": words(("comprehensive", "collection"), collects.astype(np.int64)),
            "valid_from": tables.days(began),
            "valid_to": tables.days(began + np.where(collects, 1095, 1826)),
        },
        len(site),
    )


def takes(cast: Cast) -> tuple[Whole, Whole]:
    """Pairs of site and code: what each holder of a permit may take."""
    pairs = []
    for number, plant in enumerate(PLANTS):
        codes = [code for code, waste in enumerate(WASTES) if waste.plant == plant.kind and code != GENERAL]
        pairs.append((np.flatnonzero(cast.sites.plant == number), np.array(codes)))
    pairs.append((np.flatnonzero(cast.sites.kind == INTERMEDIATE), np.array(COLLECTED)))
    site = np.concatenate([np.repeat(sites, len(codes)) for sites, codes in pairs])
    code = np.concatenate([np.tile(codes, len(sites)) for sites, codes in pairs])
    return site, code


def method_of(cast: Cast, site: Whole) -> Whole:
    """Number of each site's method in METHODS."""
    return np.where(cast.sites.kind[site] == INTERMEDIATE, len(PLANTS), cast.sites.plant[site])


METHODS = (*(plant.method for plant in PLANTS), "S")


def permit_items(cast: Cast, names: Names, chances: Chances) -> pa.Table:
    """Each code of a holder by its own, with room for more than is expected of the whole site."""
    site, code = takes(cast)
    room = chances.uniform("permit room", site, low=PERMIT_ROOM[0], high=PERMIT_ROOM[1])
    return rows(
        parties.PERMIT_ITEMS,
        {
            "permit_id": names.of(tables.PERMIT, site),
            "pattern": words(tuple(waste.code for waste in WASTES), code),
            "method": words(METHODS, method_of(cast, site)),
            "yearly_g": (np.ceil(cast.expected_g[site] * room / TONNE + 20) * TONNE).astype(np.int64),
        },
        len(site),
    )


def crossing(cast: Cast, shipper: Whole, receiver: Whole) -> np.typing.NDArray[np.bool_]:
    """Whether a transfer leaves its province."""
    return np.asarray(cast.sites.region[shipper] // 10_000 != cast.sites.region[receiver] // 10_000)


def _approvals(cast: Cast, names: Names, first: int) -> pa.Table:
    """One for each stream and receiver across the border, of more than its year."""
    streams = cast.streams
    number = np.arange(len(streams))
    number, site, code = (np.concatenate([one, one]) for one in (number, streams.site, streams.code))
    to = np.concatenate([streams.main, streams.other])
    quantity = np.concatenate([streams.annual_g, streams.annual_g])
    way = np.repeat([0, 1], len(streams))
    used = crossing(cast, site, to) & ~((way == 1) & (to == streams.main[number]))
    number, site, code, to, quantity, way = (one[used] for one in (number, site, code, to, quantity, way))
    return rows(
        parties.APPROVALS,
        {
            "approval_id": names.of(tables.APPROVAL, number * 2 + way),
            "shipper_site_id": names.site(site),
            "receiver_site_id": names.site(to),
            "waste_code": words(tuple(waste.code for waste in WASTES), code),
            "quantity_g": (np.ceil(quantity * 1.6 / TONNE + 5) * TONNE).astype(np.int64),
            "valid_from": tables.days(np.full(len(number), first - 20)),
            "valid_to": tables.days(np.full(len(number), first + 380)),
        },
        len(number),
    )


def _plans(cast: Cast, names: Names, chances: Chances, year: int) -> pa.Table:
    stream = np.flatnonzero(cast.generator_streams)
    planned = cast.streams.annual_g[stream] * np.exp(0.12 * chances.normal("plan", stream))
    return rows(
        parties.PLANS,
        {
            "site_id": names.site(cast.streams.site[stream]),
            "year": year,
            "waste_code": words(tuple(waste.code for waste in WASTES), cast.streams.code[stream]),
            "planned_g": np.maximum(planned, 1000).astype(np.int64),
        },
        len(stream),
    )


def _processes(cast: Cast, names: Names) -> pa.Table:
    found = [
        (site, code, plant.residue)
        for number, plant in enumerate(PLANTS)
        if plant.residue
        for code in sorted(
            {waste.code for waste in WASTES if waste.plant == plant.kind and waste.code != WASTES[GENERAL].code}
        )
        for site in np.flatnonzero(cast.sites.plant == number)
    ]
    site = np.array([one[0] for one in found], np.int64)
    return rows(
        parties.PROCESSES,
        {
            "site_id": names.site(site),
            "input_code": pa.array([one[1] for one in found], pa.string()),
            "output_code": pa.array([one[2] for one in found], pa.string()),
        },
        len(found),
    )


def rated_t_per_h(cast: Cast, chances: Chances) -> np.typing.NDArray[np.float64]:
    """What each site's line can do in an hour: a fifth to three fifths more than its year asks."""
    room = chances.uniform("rated", np.arange(len(cast.sites)), low=1.3, high=1.8)
    return np.maximum(cast.expected_g / TONNE / 7200 * room, 0.02).round(3)


def _facilities(cast: Cast, names: Names, chances: Chances) -> pa.Table:
    holders = _holders(cast)
    treats = holders[cast.sites.kind[holders] == DISPOSER]
    site = np.concatenate([treats, holders])
    stores = np.repeat([0, 1], [len(treats), len(holders)])
    room = chances.uniform("store room", site, low=0.25, high=0.5)
    return rows(
        parties.FACILITIES,
        {
            "facility_id": names.of(tables.FACILITY, site * 2 + stores),
            "site_id": names.site(site),
            "kind": words(("treatment", "storage"), stores),
            "rated_t_per_h": tables.some(rated_t_per_h(cast, chances)[site], stores == 0),
            "limit_g": tables.some(
                (np.ceil(cast.expected_g[site] * room / TONNE + 60) * TONNE).astype(np.int64), stores == 1
            ),
        },
        len(site),
    )
