"""Lists of plans and contracts cost the same number of statements for one as for many; a filing costs two more."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import parties as made
from tests.support.parties import member
from tests.support.plans import contract_for, plan_for
from tests.support.statements import counted
from tests.support.world import AT, OIL, World, a_drum
from tests.support.world import plan_for as transfer_of
from wastetrack.db.session import WriteSession
from wastetrack.manifests import checking as transfers
from wastetrack.manifests import filing, queries
from wastetrack.manifests.plan_checking import check_plan
from wastetrack.mass import Mass
from wastetrack.plans import checking, contract_queries
from wastetrack.plans.queries import plans_seen


async def test_plans_come_in_one_statement_and_contracts_in_two(
    town_session: WriteSession, town_engine: AsyncEngine, world: World
) -> None:
    for _ in range(3):
        await contract_for(town_session, world.generator.id, world.receiver.id, (OIL,))
    owner = world.generator.owner
    with counted(town_engine) as sent:
        assert len(await plans_seen(town_session, owner)) >= 3
    assert len(sent) == 1, sent
    with counted(town_engine) as sent:
        assert len(await contract_queries.contracts(town_session, owner)) >= 4
    assert len(sent) == 2, sent


async def test_filing_a_plan_of_many_lines_costs_what_one_of_few_costs(
    town_session: WriteSession, town_engine: AsyncEngine, world: World
) -> None:
    counts = []
    for codes in ((OIL,), (OIL, "900-214-08", "900-218-08", "900-217-08")):
        firm = await made.registered(town_session)
        site = await made.site_added(town_session, firm)
        with counted(town_engine) as sent:
            await plan_for(town_session, site, world.receiver.id, codes, actor=member(firm.id))
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_a_manifest_of_several_codes_looks_once_and_takes_once(
    town_session: WriteSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drums = [await a_drum(town_session, world, code=code) for code in (OIL, "900-214-08")]
    row = await filing.draft_manifest(town_session, world.generator.owner, transfer_of(world, drums), at=AT)
    held = await queries.locked(town_session, world.generator.owner, row.id)
    driver = await town_session.driver()
    asked: list[str] = []

    class Counting:
        """The driver's connection, with what it was asked."""

        async def fetch(self, statement: str, *given: Any) -> Any:  # noqa: ANN401  the driver's own
            asked.append(statement)
            return await driver.fetch(statement, *given)

        async def execute(self, statement: str, *given: Any) -> Any:  # noqa: ANN401
            asked.append(statement)
            return await driver.execute(statement, *given)

    async def counting() -> Counting:
        return Counting()

    monkeypatch.setattr(town_session, "driver", counting)
    transfer = transfers.Transfer(
        receiver_id=held.receiver_id,
        receiver_site_id=held.receiver_site_id,
        method=held.method,
        on=held.planned_on,
        grams_by_code={drum.waste_code: drum.net_g for drum in drums},
        load=Mass(1),
        legs=[],
    )
    checked = await check_plan(town_session, held, transfer)
    await checking.take(town_session, held.id, checked.uses)
    assert (checked.broken, len(checked.uses), len(asked)) == ((), 2, 2)
