"""The five ledgers of a scripted year against golden files, and against a second computation from the bare log."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.enterprise_year import Lived, clock
from tests.support.ledger_oracle import oracle_of
from tests.support.refused import books_and_containers_agree
from wastetrack.reports.ledgers.gathering import balances, lines_of
from wastetrack.reports.ledgers.model import LedgerKind, LedgerLine, Period

GOLDEN = Path(__file__).parent / "golden"
WHOLE_YEAR = Period(since=date(2026, 1, 1), until=date(2026, 12, 31))


def plainly(lived: Lived, line: LedgerLine) -> dict[str, Any]:
    """A line in words that are the same in every run: containers by letter, places by what they are."""
    letters = {drum.digital_code: letter for letter, drum in lived.year.drums.items()}
    store = "" if not line.store_code else "the store"
    target = "the store" if line.destination.startswith("TS") else line.destination
    return {
        "batch": line.batch,
        "day": line.day.isoformat(),
        "time": line.happened_at.isoformat() if line.is_of_its_moment else None,
        "container": letters[line.digital_code],
        "packaging": line.packaging,
        "own_name": line.own_name,
        "category": line.category,
        "waste_code": line.waste_code,
        "grams": line.mass.grams,
        "corrects": line.corrects,
        "store": store,
        "facility": line.facility_code,
        "handler": line.handler,
        "carrier": line.carrier_handler,
        "destination": target if "化工" not in target else "the receiver",
        "whereto": line.whereto,
        "method": line.method if line.kind in {LedgerKind.TREATED, LedgerKind.CONTRACTED_OUT} else "",
        "finished": None if line.finished_at is None else line.finished_at.isoformat(),
        "receiver": bool(line.receiver),
        "receiver_type": line.receiver_type,
        "permitted": bool(line.permit_number),
        "links": list(line.links),
    }


@pytest.mark.parametrize("kind", list(LedgerKind))
async def test_each_ledger_of_the_year_is_the_one_that_was_looked_at(lived: Lived, kind: LedgerKind) -> None:
    lines = await lines_of(lived.session, lived.site, kind, WHOLE_YEAR)
    golden = json.loads((GOLDEN / f"{kind.value}.json").read_text(encoding="utf-8"))
    assert [plainly(lived, line) for line in lines] == golden


@pytest.mark.parametrize("kind", list(LedgerKind))
async def test_each_figure_comes_out_of_the_bare_log_as_well(lived: Lived, kind: LedgerKind) -> None:
    oracle = await oracle_of(lived.session, lived.site)
    lines = await lines_of(lived.session, lived.site, kind, WHOLE_YEAR)
    told = [
        {
            "batch": line.batch,
            "day": line.day.isoformat(),
            "container": line.digital_code,
            "waste_code": line.waste_code,
            "grams": line.mass.grams,
            "links": sorted(line.links),
        }
        for line in lines
    ]
    computed = [{name: row[name] for name in told[0]} for row in oracle.rows[kind.value]]
    assert told
    assert sorted(told, key=str) == sorted(computed, key=str)


@pytest.mark.parametrize("since_month", [1, 2, 3, 4, 5, 7])
async def test_the_totals_are_those_of_the_mass_ledger_in_every_month(lived: Lived, since_month: int) -> None:
    since = date(2026, since_month, 1)
    period = Period(since=since, until=date(2026, since_month, 30 if since_month != 2 else 28))
    oracle = await oracle_of(lived.session, lived.site)
    found, _ = await balances(lived.session, lived.site, period)
    first = date(2000, 1, 1)
    assert {one.waste_code for one in found} <= {"900-249-08", "336-064-17", "772-003-18"}
    for one in found:
        code = one.waste_code
        assert one.agrees, one
        made = oracle.booked("generated", code, since, period.until) + oracle.booked(
            "residue_source", code, since, period.until
        )
        assert one.told.generated.grams == -made
        assert one.told.treated.grams == oracle.booked("treated", code, since, period.until)
        assert one.told.differences.grams == -oracle.booked("discrepancy", code, since, period.until)
        assert one.told.end.grams == oracle.booked("stored", code, first, period.until)


async def test_a_receiver_s_totals_agree_too_and_what_it_received_is_not_its_own(lived: Lived) -> None:
    site = lived.world.receiver.site.id
    found, counts = await balances(lived.session, site, WHOLE_YEAR)
    assert {one.waste_code: one.told.received.grams for one in found} == {"900-249-08": 268_500, "336-064-17": 49_500}
    assert all(one.agrees for one in found)
    assert counts == {}
    for kind in LedgerKind:
        assert await lines_of(lived.session, site, kind, WHOLE_YEAR) == []


async def test_the_year_leaves_books_and_containers_alike(lived: Lived) -> None:
    sites = (lived.site, lived.world.receiver.site.id)
    assert await books_and_containers_agree(lived.session, *sites)


async def test_a_batch_keeps_its_code_when_something_is_dated_back(lived: Lived) -> None:
    """Drum j was labelled two days after i, and dated to the same day: it comes second, for good."""
    day = Period(since=date(2026, 5, 30), until=date(2026, 5, 30))
    first, second = await lines_of(lived.session, lived.site, LedgerKind.GENERATED, day)
    assert (first.batch, second.batch) == ("HWCS20260530001", "HWCS20260530002")
    assert (first.digital_code, second.digital_code) == tuple(lived.year.drums[letter].digital_code for letter in "ij")


async def test_what_the_log_has_not_placed_yet_has_no_code_and_takes_none(lived: Lived) -> None:
    session = lived.session
    async with session.begin_nested() as mark:
        await lived.year.label("x", "900-249-08", "10 kg", clock(5, 30, 23))
        day = Period(since=date(2026, 5, 30), until=date(2026, 5, 30))
        lines = await lines_of(session, lived.site, LedgerKind.GENERATED, day)
        assert [line.batch for line in lines] == ["HWCS20260530001", "HWCS20260530002", None]
        await mark.rollback()
    del lived.year.drums["x"]


async def test_lines_come_in_pages_and_by_code(lived: Lived) -> None:
    whole = await lines_of(lived.session, lived.site, LedgerKind.STORED, WHOLE_YEAR)
    paged = [
        line
        for offset in range(0, len(whole) + 3, 3)
        for line in await lines_of(lived.session, lived.site, LedgerKind.STORED, WHOLE_YEAR, offset=offset, limit=3)
    ]
    assert paged == whole
    ash = await lines_of(lived.session, lived.site, LedgerKind.STORED, WHOLE_YEAR, waste_code="772-003-18")
    assert [line.waste_code for line in ash] == ["772-003-18"]
