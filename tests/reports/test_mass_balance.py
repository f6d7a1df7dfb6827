"""The mass balance, against the same sums computed from nothing but the events of the log."""

import json
from collections import defaultdict
from datetime import timedelta

from sqlalchemy import text

from tests.support import parties as made
from tests.support.world import AT, SLUDGE, World, a_drum, received
from wastetrack.auth.sight import look_as
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import WriteSession
from wastetrack.reports.mass_balance import BalanceColumn, balance_of, document_of

YEAR = (legal_day(AT).replace(month=1, day=1), legal_day(AT).replace(month=12, day=31))


async def from_the_log(session: WriteSession) -> dict[tuple[str, str], dict[str, int]]:
    """Grams by site and code, from the postings that stand in the leaves: what a posting to a stock is, is told by the
    account on the other side and by its sign."""
    rows = await session.execute(text("select bytes from log_leaves order by arrival"))
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (raw,) in rows:
        postings = json.loads(bytes(raw)).get("postings", ())
        others = {posting["account"].partition("@")[0] for posting in postings} - {"stored", "discrepancy"}
        for posting in postings:
            kind, _, holder = posting["account"].partition("@")
            if kind == "stored":
                way = "generated" if others == {"generated"} else "received" if posting["g"] > 0 else "shipped"
                found[holder.partition(":")[0], posting["code"]][way] += posting["g"]
    return found


async def test_the_balance_is_what_the_events_add_up_to(town_session: WriteSession, world: World) -> None:
    oil, more = await a_drum(town_session, world, "180 kg"), await a_drum(town_session, world, "90 kg")
    await a_drum(town_session, world, "50 kg", code=SLUDGE)
    await received(town_session, world, [oil], "203 kg")
    await look_as(town_session, world.inspector)
    balance = await balance_of(town_session, since=YEAR[0], until=YEAR[1], region="3706", at=AT)
    events = await from_the_log(town_session)
    told = {(str(line.site_id), line.waste_code): line for line in balance.lines}
    assert set(told) == set(events)
    assert len(told) == 3
    for key, line in told.items():
        for column in ("generated", "received", "shipped"):
            assert line.grams[column] == events[key].get(column, 0), (key, column)
        assert line.grams["closing"] == sum(events[key].values()) == line.balance_g
    assert balance.agrees is True
    assert balance.total.grams["closing"] == 90_000 + 50_000 + 183_000
    assert balance.total.grams["less_on_arrival"] == -3_000
    document = document_of(balance, printed_at=AT, zone="Asia/Shanghai")
    assert len(document.sheets[0].rows) == len(balance.lines) + 1
    assert more.net_g == 90_000


async def test_what_was_before_the_period_is_its_opening(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world, "180 kg")
    await look_as(town_session, world.inspector)
    after = legal_day(AT) + timedelta(days=1)
    later = await balance_of(town_session, since=after, until=after, region="3706", at=AT)
    assert (later.total.grams["opening"], later.total.grams["generated"], later.total.grams["closing"]) == (
        180_000,
        0,
        180_000,
    )
    before = legal_day(AT) - timedelta(days=1)
    past = await balance_of(town_session, since=before, until=before, region="3706", at=AT)
    assert past.lines == ()
    assert past.agrees is None


async def test_sites_of_another_region_and_of_other_firms_are_not_in_it(
    town_session: WriteSession, world: World
) -> None:
    await a_drum(town_session, world, "180 kg")
    for eyes, seen in ((made.approver("3201"), 0), (world.stranger.owner, 0), (world.generator.owner, 180_000)):
        await look_as(town_session, eyes)
        found = await balance_of(town_session, since=YEAR[0], until=YEAR[1], at=AT)
        assert found.total.grams[BalanceColumn.CLOSING] == seen
