"""Urgent rules also run on the live database: each is one statement, and PostgreSQL finds with it what DuckDB finds."""

from collections.abc import Iterator

import ibis
import psycopg
import pytest
from psycopg import sql

from tests.support.databases import Cluster
from tests.support.records import LATER, records
from wastetrack.checks.every import PEERS, QUALITY, RULES, TRANSIT
from wastetrack.checks.model import Rule
from wastetrack.checks.running import run
from wastetrack.extracts.columns import Kind
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records

Row = dict[str, object]

URGENT = [rule for rule in RULES if rule.urgent]
_TYPES = {
    Kind.ID: "text",
    Kind.TEXT: "text",
    Kind.GRAMS: "bigint",
    Kind.COUNT: "bigint",
    Kind.NUMBER: "double precision",
    Kind.INSTANT: "timestamptz",
    Kind.DAY: "date",
    Kind.FLAG: "boolean",
}


def _load(name: str, departed: str, arrived: str | None, **more: object) -> Row:
    times = {"filed_at": departed, "departed_at": departed, "arrived_at": arrived, "received_at": arrived}
    who = {"carrier_id": "carrier", "vehicle_id": "truck", "driver_id": "driver", "method": "R9"}
    return {"manifest_id": name, "distance_km": 110} | times | who | more


def _scan(name: str, clock: str, site: str, **more: object) -> Row:
    return {"scan_id": name, "container_id": "drum", "scanned_at": f"2026-03-02 {clock}", "site_id": site} | more


@pytest.fixture(scope="module")
def busy() -> Records:
    """A few days in which everything goes wrong that an urgent rule knows."""
    return records(
        sites=[
            {"site_id": "shipper", "latitude": 36.0, "longitude": 117.0},
            {"site_id": "receiver", "latitude": 36.0, "longitude": 118.0, "kind": "disposer"},
        ],
        vehicles=[
            {
                "vehicle_id": "truck",
                "rated_load_g": 500_000,
                "licence_valid_to": "2026-03-01",
                "insured_to": "2026-03-01",
            }
        ],
        people=[{"person_id": "driver", "certificate_valid_from": "2026-04-01", "certificate_valid_to": "2027-04-01"}],
        scales=[{"scale_id": "scale", "verified_until": "2026-03-01"}],
        weighings=[{"scale_id": "scale", "weighed_at": "2026-03-02"}],
        permits=[{"permit_id": "p", "site_id": "receiver", "kind": "collection"}],
        permit_items=[{"permit_id": "p", "method": "*"}],
        manifests=[
            _load("ghost", "2026-03-02 08:00", "2026-03-02 08:30"),
            _load("lost", "2026-03-02 08:10", None, declared_g=50_000_000),
            _load("old", "2024-12-30 08:00", "2024-12-30 12:00"),
            _load("long", "2026-02-20 08:00", "2026-02-20 14:00"),
            _load("twin", "2026-02-20 09:00", "2026-02-20 15:30"),
        ],
        containers=[
            {
                "container_id": "drum",
                "serial": "S",
                "made_at": "2024-12-20",
                "ended_at": "2026-03-02 08:00",
                "waste_code": "900-214-08",
            },
            {
                "container_id": "copy",
                "serial": "S",
                "made_at": "2024-12-21",
                "held_site_id": "receiver",
                "waste_code": "900-214-08",
            },
            {"container_id": "box", "site_id": "shipper"},
            {"container_id": "bag", "site_id": "shipper", "held_site_id": "shipper", "waste_code": "841-001-01"},
        ],
        loads=[
            {"manifest_id": "ghost", "container_id": "drum", "named": True, "outcome": "missing"},
            {"manifest_id": "ghost", "container_id": "box", "named": True, "outcome": "missing"},
            {"manifest_id": "lost", "container_id": "drum", "named": True},
            {"manifest_id": "old", "container_id": "copy", "named": True, "outcome": "accepted"},
        ],
        scans=[
            _scan("a", "08:00", "shipper", device_id="d", counter=7, authentic=True, person_id="driver"),
            _scan("b", "08:30", "receiver", device_id="d", counter=6, authentic=False),
            _scan("c", "10:00", "receiver", device_id="d", counter=8),
        ],
        signatures=[{"person_id": "driver", "signed_at": "2026-03-02 08:10", "latitude": 30.0, "longitude": 118.0}],
    )


@pytest.fixture(scope="module")
def live(cluster: Cluster, busy: Records) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The same rows in PostgreSQL."""
    with psycopg.connect(cluster.empty().dsn) as connection:
        connection.execute("set time zone 'UTC'")
        for table in TABLES.values():
            columns = sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(_TYPES[column.kind]))
                for column in table.columns
            )
            connection.execute(sql.SQL("create temp table {} ({})").format(sql.Identifier(table.name), columns))
            values = sql.SQL(", ").join([sql.Placeholder()] * len(table.columns))
            into = sql.SQL("insert into {} values ({})").format(sql.Identifier(table.name), values)
            for row in busy[table.name].to_pyarrow().to_pylist():
                connection.execute(into, tuple(row.values()))
        yield connection


def test_the_rules_that_are_to_be_urgent_are() -> None:
    known = {rule.id[:3] for rule in URGENT}

    assert known >= {"R01", "R02", "R05", "R06", "R07", "R13", "R14", "R15", "R16", "R25"}


@pytest.mark.parametrize("rule", URGENT, ids=lambda rule: rule.id)
def test_postgresql_finds_what_duckdb_finds(
    rule: Rule, busy: Records, live: psycopg.Connection[tuple[object, ...]]
) -> None:
    columns = ("severity", "subject_kind", "subject_id", "party_id", "since_at", "found_at", "at_risk_g", "threshold")
    # As the live database is read, where no table of ours is kept.
    given = Records(None, {name: busy[name] for name in TABLES}, busy.present)
    expression = rule.find(given, rule.settings({}), LATER).select(*columns, statistic=lambda t: t.statistic.round(6))

    there = live.execute(ibis.to_sql(expression, dialect="postgres").encode()).fetchall()

    here = [tuple(row.values()) for row in expression.to_pyarrow().to_pylist()]
    assert here, f"{rule.id} has nothing to find in the busy days"
    assert sorted(there, key=str) == sorted(here, key=str)


@pytest.fixture(scope="module")
def scarce() -> tuple[Records, Records]:
    """Records without a row, and with one row a table in which all is absent that may be."""
    return records(), records(**{name: [{}] for name in TABLES})


@pytest.mark.parametrize("rule", [*TRANSIT, *PEERS, *QUALITY], ids=lambda rule: rule.id)
def test_a_rule_runs_on_records_that_say_hardly_anything(rule: Rule, scarce: tuple[Records, Records]) -> None:
    for extract in scarce:
        (outcome,) = run(extract, [rule], as_of=LATER)

        assert outcome.findings["found_at"].null_count == 0
        # Also where it has no data and would not be asked
        assert rule.find(extract, rule.settings({}), LATER).to_pyarrow()["subject_id"].null_count == 0


def test_every_rule_has_an_id_of_its_own_and_says_all_it_should() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.innocent, rule.id
        assert all(parameter.source for parameter in rule.parameters), rule.id
