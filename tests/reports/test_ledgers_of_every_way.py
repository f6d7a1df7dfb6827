"""The ledgers where mass moves by every other way than a truck's manifest: against the mass ledger and the bare log."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from tests.reports.conftest import SIGNER
from tests.support.databases import Cluster
from tests.support.enterprise_year import clock
from tests.support.ledger_oracle import oracle_of
from tests.support.other_ways import Spring, spring
from tests.support.refused import books_and_containers_agree
from tests.support.sessions import undone
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.reports.ledgers.gathering import balances, lines_of
from wastetrack.reports.ledgers.model import LedgerKind, Period
from wastetrack.transparency.publishing import publish

PERIODS = {
    "the year": Period(since=date(2026, 1, 1), until=date(2026, 12, 31)),
    "before": Period(since=date(2026, 2, 1), until=date(2026, 2, 28)),
    "the first day": Period(since=date(2026, 3, 2), until=date(2026, 3, 2)),
    "the second day": Period(since=date(2026, 3, 3), until=date(2026, 3, 3)),
    "the rest": Period(since=date(2026, 3, 4), until=date(2026, 3, 31)),
}


@pytest.fixture(scope="module")
async def lived(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[Spring]:
    """The spring, lived once for the tests of this file."""
    world, address = town
    copy = cluster.clone(address.database)
    engine = make_engine(copy.url, pool_size=2)
    async with undone(engine) as session:
        told = await spring(session, world)
        await publish(session, SIGNER, at=clock(12, 31))
        yield told
    await engine.dispose()
    cluster.drop(copy)


@pytest.mark.parametrize("when", PERIODS)
async def test_at_every_site_the_ledgers_say_what_the_mass_ledger_says(lived: Spring, when: str) -> None:
    for site in lived.sites:
        found, _ = await balances(lived.session, site, PERIODS[when])
        assert [one for one in found if not one.agrees] == []
    assert await books_and_containers_agree(lived.session, *lived.sites)


@pytest.mark.parametrize("kind", list(LedgerKind))
async def test_each_line_comes_out_of_the_bare_log_as_well(lived: Spring, kind: LedgerKind) -> None:
    compared = 0
    for site in lived.sites:
        oracle = await oracle_of(lived.session, site)
        told: list[dict[str, Any]] = [
            {
                "batch": line.batch,
                "day": line.day.isoformat(),
                "container": line.digital_code,
                "waste_code": line.waste_code,
                "grams": line.mass.grams,
                "links": sorted(line.links),
            }
            for line in await lines_of(
                lived.session, site, kind, Period(since=date(2020, 1, 1), until=date(2026, 12, 31))
            )
        ]
        names = ("batch", "day", "container", "waste_code", "grams", "links")
        computed = [{name: row[name] for name in names} for row in oracle.rows[kind.value]]
        assert sorted(told, key=str) == sorted(computed, key=str)
        compared += len(told)
    assert compared
