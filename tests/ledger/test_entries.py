"""Entries: what cannot be built unbalanced in Python, and cannot be committed unbalanced in SQL."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.ledger import chart, queries, rules
from wastetrack.ledger.errors import AlreadyReversed, UnbalancedEntry, WouldBeNegative
from wastetrack.ledger.model import AccountKind, Entry, EntryKind, Measurement, Posting, WeighingMethod
from wastetrack.ledger.posting import post, reverse
from wastetrack.mass import Mass

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OIL, SLUDGE = "900-249-08", "336-064-17"
SITE, PLANT, MANIFEST, RETURN = (new_id() for _ in range(4))
WEIGHED = Measurement(WeighingMethod.PLATFORM_SCALE, "PS-1", 100)
masses = st.integers(1, 49_000_000).map(Mass)


def moves(entry: Entry) -> list[str]:
    """The postings as one would write them on paper."""
    names = {SITE: "workshop", PLANT: "plant", MANIFEST: "manifest", RETURN: "return"}
    return [
        f"{line.account.kind.value}{':' + line.account.detail if line.account.detail else ''}"
        f"@{names[line.account.holder_id]} {line.waste_code} {Mass(line.amount_g).kg_text()}"
        for line in entry.postings
    ]


def test_a_drum_received_lighter_leaves_its_difference_on_the_manifest() -> None:
    entry = rules.received(
        MANIFEST, PLANT, OIL, declared=Mass.parse("180 kg"), measured=Mass.parse("179.4 kg"), measurement=WEIGHED
    )
    assert moves(entry) == [
        "stored@plant 900-249-08 179.4 kg",
        "discrepancy:weighing@manifest 900-249-08 0.6 kg",
        "in_transit@manifest 900-249-08 -180 kg",
    ]


def test_recoding_goes_over_the_bridge_so_that_each_code_adds_to_zero() -> None:
    entry = rules.reclassified(SITE, OIL, SLUDGE, Mass.parse("5 kg"))
    assert sorted(moves(entry)) == [
        "reclassified@workshop 336-064-17 -5 kg",
        "reclassified@workshop 900-249-08 5 kg",
        "stored@workshop 336-064-17 5 kg",
        "stored@workshop 900-249-08 -5 kg",
    ]


@given(declared=masses, measured=masses)
def test_every_fact_is_balanced_whatever_the_masses(declared: Mass, measured: Mass) -> None:
    facts = [
        rules.generated(SITE, OIL, declared, WEIGHED),
        rules.opened(SITE, OIL, declared, WEIGHED),
        rules.picked_up(SITE, MANIFEST, ((OIL, declared), (OIL, measured), (SLUDGE, measured))),
        rules.received(MANIFEST, PLANT, OIL, declared=declared, measured=measured, measurement=WEIGHED),
        rules.missing(MANIFEST, ((OIL, declared),)),
        rules.sent_back(MANIFEST, RETURN, ((OIL, declared), (SLUDGE, measured))),
        rules.treated(PLANT, "D10", ((OIL, measured),)),
        rules.residue(PLANT, SLUDGE, measured, WEIGHED),
        rules.reclassified(SITE, OIL, SLUDGE, measured),
    ]
    for entry in [*facts, *(rules.reversal(new_id(), fact) for fact in facts)]:
        sums = {code: 0 for _, code, _ in entry.lines()}
        for _, code, grams in entry.lines():
            sums[code] += grams
        assert set(sums.values()) == {0}


@given(grams=st.integers(-1_000, 1_000), other=st.integers(-1_000, 1_000))
def test_an_unbalanced_entry_cannot_be_built(grams: int, other: int) -> None:
    postings = (Posting(chart.stored(SITE), OIL, grams), Posting(chart.generated(SITE), OIL, other))
    if grams and grams + other == 0:
        assert Entry(EntryKind.GENERATED, postings).postings == postings
    else:
        with pytest.raises(UnbalancedEntry):
            Entry(EntryKind.GENERATED, postings)


def test_unlike_codes_never_balance_each_other() -> None:
    with pytest.raises(UnbalancedEntry, match="900-249-08 is off by 5 g"):
        Entry(
            EntryKind.GENERATED,
            (Posting(chart.stored(SITE), OIL, 5), Posting(chart.generated(SITE), SLUDGE, -5)),
        )


async def generated(session: WriteSession, grams: int) -> Entry:
    """Posts that the workshop made so much oil."""
    entry = rules.generated(SITE, OIL, Mass(grams), WEIGHED)
    await post(session, entry, entry_id=new_id(), happened_at=AT, at=AT)
    return entry


async def held(session: WriteSession) -> dict[AccountKind, int]:
    """The workshop's balances."""
    return {line.account.kind: line.balance_g for line in await queries.balances_of(session, SITE)}


async def test_balances_follow_the_postings(session: WriteSession) -> None:
    await generated(session, 700)
    await generated(session, 300)
    assert await held(session) == {AccountKind.STORED: 1_000, AccountKind.GENERATED: -1_000}


async def test_a_balance_can_be_asked_for_as_it_was_known_at_a_moment(session: WriteSession) -> None:
    await generated(session, 700)
    later = AT + timedelta(hours=1)
    entry = rules.picked_up(SITE, MANIFEST, ((OIL, Mass(300)),))
    await post(session, entry, entry_id=new_id(), happened_at=AT, at=later)
    store = chart.stored(SITE)
    assert await queries.balance_at(session, store, OIL, as_known_at=AT - timedelta(seconds=1)) == 0
    assert await queries.balance_at(session, store, OIL, as_known_at=AT) == 700
    assert await queries.balance_at(session, store, OIL, as_known_at=later) == 400


async def test_nobody_takes_out_what_is_not_there(session: WriteSession) -> None:
    await generated(session, 700)
    too_much = rules.picked_up(SITE, MANIFEST, ((OIL, Mass(701)),))
    with pytest.raises(WouldBeNegative):
        await post(session, too_much, entry_id=new_id(), happened_at=AT, at=AT)


async def test_a_reversal_is_the_mirror_and_happens_once(session: WriteSession) -> None:
    entry = rules.generated(SITE, OIL, Mass(500), WEIGHED)
    entry_id = new_id()
    await post(session, entry, entry_id=entry_id, happened_at=AT, at=AT)
    mirror = await reverse(session, entry_id, reversal_id=new_id(), happened_at=AT, at=AT)
    assert mirror.reverses_id == entry_id
    assert await held(session) == {}
    with pytest.raises(AlreadyReversed):
        await reverse(session, entry_id, reversal_id=new_id(), happened_at=AT, at=AT)


async def test_an_entry_reads_back_as_it_was_posted(session: WriteSession) -> None:
    entry_id = new_id()
    entry = rules.generated(SITE, OIL, Mass(500), WEIGHED)
    await post(session, entry, entry_id=entry_id, happened_at=AT, at=AT)
    assert await queries.entry(session, entry_id) == entry


async def test_sql_refuses_an_entry_that_does_not_add_to_zero(session: WriteSession) -> None:
    await generated(session, 500)
    driver = await session.driver()
    entry_id = new_id()
    await driver.execute("insert into entries values ($1, 'generated', now(), now(), null)", entry_id)
    with pytest.raises(asyncpg.CheckViolationError, match="unbalanced: 900-249-08 is off by 7 g"):
        await driver.execute(
            "insert into postings values ($1, 1, $2, $3, 7)", entry_id, chart.stored(SITE).id_for(OIL), OIL
        )


async def test_sql_refuses_a_posting_of_another_code_than_its_account(session: WriteSession) -> None:
    await generated(session, 500)
    driver = await session.driver()
    entry_id = new_id()
    await driver.execute("insert into entries values ($1, 'generated', now(), now(), null)", entry_id)
    with pytest.raises(asyncpg.CheckViolationError, match="disagree on the waste code"):
        await driver.execute(
            "insert into postings values ($1, 1, $2, $4, 7), ($1, 2, $3, $4, -7)",
            entry_id,
            chart.stored(SITE).id_for(OIL),
            chart.generated(SITE).id_for(OIL),
            SLUDGE,
        )


@pytest.mark.parametrize(
    "change",
    [
        "update postings set amount_g = amount_g * 2",
        "delete from postings",
        "truncate postings",
        "update entries set kind = 'treated'",
        "delete from entries",
    ],
)
async def test_history_is_append_only(session: WriteSession, change: str) -> None:
    await generated(session, 500)
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await (await session.driver()).execute(change)
