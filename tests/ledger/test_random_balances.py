"""The mass balance of random honest journeys: each column of each site, code and period is what the events say."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.test_random_journeys import Journeys
from tests.support import world as people
from tests.support.balance_oracle import STOCK, balance_oracle_of
from tests.support.databases import Cluster
from wastetrack.auth.sight import look_as
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.addresses import Address
from wastetrack.reports.mass_balance import Balance, BalanceColumn, balance_of

_DAY = timedelta(days=1)


class Balances(Journeys):
    """The same journeys over some days; at the end the books of each period are compared."""

    def later(self) -> Any:  # noqa: ANN401  as it is inherited
        """Some hours have passed."""
        self.clock += timedelta(hours=5)
        return self.clock

    def today(self) -> date:
        """As the law counts it."""
        return legal_day(self.clock)

    def planned(self) -> date:
        """Tomorrow, for midnight may pass before it is filed."""
        return self.today() + _DAY

    def teardown(self) -> None:
        """Compare, then undo everything."""
        try:
            self.run(self.compare())
        finally:
            super().teardown()

    async def compare(self) -> None:
        """All days together, each day alone, and the days before and after each: by region, and site by site."""
        await look_as(self.session, self.world.inspector)
        oracle = await balance_oracle_of(self.session)
        days = oracle.days
        event(f"{min(len(days), 4)} days or more")
        if not days:
            return
        first, last = days[0], days[-1]
        middle = days[len(days) // 2]
        periods = {(first, last), (middle, middle), (first, middle), (middle + _DAY, last + _DAY), (last, last)}
        for since, until in sorted(periods):
            found = await self.asked(since, until)
            expected = oracle.balance(since, until)
            told = {(str(line.site_id), line.waste_code): line.grams for line in found.lines}
            assert told.keys() == expected.keys(), (since, until)
            for key, grams in told.items():
                for column in BalanceColumn:
                    assert grams[column] == expected[key].get(column, 0), (since, until, key, column)
                assert grams["opening"] + sum(grams[column] for column in STOCK) == grams["closing"]
            for column in BalanceColumn:
                assert found.total.grams[column] == sum(grams[column] for grams in told.values()), column
            for site in (self.workshop, self.plant):
                alone = await self.asked(since, until, site_id=site)
                assert {line.waste_code: line.grams for line in alone.lines} == {
                    code: grams for (of, code), grams in told.items() if of == str(site)
                }
        # Where one period ends, the next begins.
        before, after = await self.asked(first, middle), await self.asked(middle + _DAY, last + _DAY)
        assert before.total.grams["closing"] == after.total.grams["opening"]
        assert (await self.asked(first, last + _DAY)).agrees is not False

    async def asked(self, since: date, until: date, **more: Any) -> Balance:  # noqa: ANN401
        """As the authority asks."""
        return await balance_of(self.session, since=since, until=until, region="3706", at=self.clock, **more)


@pytest.fixture(scope="module")
def copy_of_town(cluster: Cluster, town: tuple[people.World, Address]) -> Address:
    """A database of the machine's own: its loop is not the tests'."""
    return cluster.clone(town[1].database)


def test_each_balance_is_what_the_events_say(copy_of_town: Address, world: people.World) -> None:
    Balances.world, Balances.address = world, copy_of_town
    run_state_machine_as_test(
        Balances,
        settings=settings(
            max_examples=10, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
