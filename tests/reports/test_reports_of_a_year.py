"""The three reports of the scripted year against golden files and the bare log, and how they are handed in."""

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from tests.support import parties as made
from tests.support.enterprise_year import Lived, clock
from tests.support.ledger_oracle import Oracle, oracle_of
from tests.support.refused import codes_broken, events_about
from wastetrack.auth.model import Role
from wastetrack.errors import Forbidden, NotFound
from wastetrack.filings.model import ReportKind, ReportPeriod
from wastetrack.mass import Mass
from wastetrack.plans.classing import set_class
from wastetrack.plans.model import ManagementClass, SetClass
from wastetrack.reports.duties_filings import filings_duties
from wastetrack.reports.ledgers.periodic import ReportFigures, thawed
from wastetrack.reports.ledgers.reporting import document_of, end_of, frozen_document, report_of, submit
from wastetrack.reports.ledgers.standing import standing_of
from wastetrack.reports.table_pdf import table_pdf
from wastetrack.reports.tabular import MassUnit, mass_text
from wastetrack.reports.workbooks import workbook

GOLDEN = Path(__file__).parent / "golden"
NOW = clock(12, 31)
FEBRUARY = ReportPeriod(ReportKind.MONTHLY, 2026, 2)
SPRING = ReportPeriod(ReportKind.QUARTERLY, 2026, 2)
LAST = ReportPeriod(ReportKind.YEARLY, 2026)
AFTERWARDS = clock(12, 31).replace(year=2027, month=1, day=10)
THE_THREE = pytest.mark.parametrize("period", [FEBRUARY, SPRING, LAST], ids=["monthly", "quarterly", "yearly"])


async def figures_of(lived: Lived, period: ReportPeriod) -> ReportFigures:
    found = await report_of(lived.session, lived.world.generator.owner, lived.site, period, at=AFTERWARDS)
    return found.figures


def plainly(figures: ReportFigures) -> dict[str, Any]:
    """The figures without the names that each run makes anew."""
    frozen = figures.frozen()
    for name in ("firm", "credit_code", "site"):
        assert frozen.pop(name)
    for waste in frozen["wastes"]:
        for one in waste["contracted"]:
            assert one.pop("permit_number").startswith("烟台危证")
            one["receiver"] = "the receiver" if one["receiver"] else ""
    return frozen


@THE_THREE
async def test_each_report_is_the_one_that_was_looked_at(lived: Lived, period: ReportPeriod) -> None:
    golden = json.loads((GOLDEN / f"{period.kind.value}.json").read_text(encoding="utf-8"))
    assert plainly(await figures_of(lived, period)) == golden


def computed(oracle: Oracle, period: ReportPeriod, code: str) -> dict[str, Any]:
    """One waste of a report from the rows of the second computation."""
    first, last = period.since.isoformat(), period.until.isoformat()

    def rows(ledger: str) -> list[dict[str, Any]]:
        return [row for row in oracle.rows[ledger] if row["waste_code"] == code and first <= row["day"] <= last]

    ways: dict[str, dict[str, int]] = {"treated": {}, "contracted_out": {}}
    for ledger, sums in ways.items():
        for row in rows(ledger):
            sums[row["method"]] = sums.get(row["method"], 0) + row["grams"]
    began = period.since.replace(year=2000)
    return {
        "generated_g": sum(row["grams"] for row in rows("generated")),
        "treated": ways["treated"],
        "contracted": ways["contracted_out"],
        "differences_g": -oracle.booked("discrepancy", code, period.since, period.until),
        "end_g": oracle.booked("stored", code, began, period.until),
        "start_g": oracle.booked("stored", code, began, period.until)
        - oracle.booked("stored", code, period.since, period.until),
    }


@pytest.mark.parametrize(
    "period",
    [LAST, *(ReportPeriod(ReportKind.MONTHLY, 2026, month) for month in range(1, 13)), SPRING],
    ids=lambda period: period.name,
)
async def test_each_figure_comes_out_of_the_bare_log_as_well(lived: Lived, period: ReportPeriod) -> None:
    figures, oracle = await figures_of(lived, period), await oracle_of(lived.session, lived.site)
    told = {
        one.waste_code: {
            "generated_g": one.generated_g,
            "treated": {way.method: way.grams for way in one.treated},
            "contracted": {way.method: way.grams for way in one.contracted},
            "differences_g": one.differences_g,
            "end_g": one.end_g,
            "start_g": one.start_g,
        }
        for one in figures.wastes
    }
    every = {code: computed(oracle, period, code) for code in ("900-249-08", "336-064-17", "772-003-18")}
    assert told == {code: one for code, one in every.items() if any(one.values())}
    assert figures.agrees
    assert all(one.balanced for one in figures.wastes)


@THE_THREE
async def test_workbook_and_pdf_hold_the_figures(lived: Lived, period: ReportPeriod) -> None:
    figures = await figures_of(lived, period)
    document = document_of(figures, period, at=AFTERWARDS)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook(document, "zh"))).get_sheet_by_index(0).to_python()
    head = next(index for index, row in enumerate(rows) if row[0] == "序号")
    sums = [0.0] * len(rows[head])
    for row in rows[head + 1 :]:
        for index, cell in enumerate(row[1:], 1):
            sums[index] += cell if isinstance(cell, float) else 0.0
    made = sum(one.generated_g for one in figures.wastes)
    left = sum(one.end_g for one in figures.wastes)
    assert (round(sums[8] * 1_000_000), round(sums[17] * 1_000_000)) == (made, left)
    found = "".join(
        "".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(table_pdf(document, "zh"))).pages
    )
    for one in figures.wastes:
        assert one.waste_code in found
        assert mass_text(Mass(one.end_g), MassUnit.TONNE) in found
    assert period.name in found


async def test_a_report_is_handed_in_once_frozen_and_corrected_by_a_new_version(lived: Lived) -> None:
    owner, session, may = lived.world.generator.owner, lived.session, ReportPeriod(ReportKind.MONTHLY, 2026, 5)
    async with session.begin_nested() as mark:
        found = await report_of(session, owner, lived.site, may, at=NOW)
        row, _ = await submit(session, owner, lived.site, may, seen=found.digest, reason="", at=NOW)
        assert (row.version, row.digest) == (1, found.digest)
        assert thawed(row.figures) == found.figures
        (event,) = await events_about(session, row.id)
        assert (event["kind"], event["facts"]["figures_sha256"]) == ("report_submitted", found.digest)
        again = submit(session, owner, lived.site, may, seen=None, reason="重报", at=NOW)
        assert await codes_broken(again) == ["nothing_to_correct"]
        # A drum of that month was forgotten, and is labelled now.
        await lived.year.label("y", "900-249-08", "12 kg", clock(12, 1), on=may.until)
        silently = submit(session, owner, lived.site, may, seen=found.digest, reason="", at=NOW)
        assert await codes_broken(silently) == ["figures_changed", "reason_missing"]
        newer, _ = await submit(session, owner, lived.site, may, seen=None, reason="补记一桶", at=NOW)
        assert newer.version == 2
        first, second = (sum(one.generated_g for one in thawed(of.figures).wastes) for of in (row, newer))
        assert second - first == 12_000
        late = await report_of(session, owner, lived.site, may, at=NOW)
        assert [one.version for one in late.versions] == [2, 1]
        assert late.stands
        assert may.name in frozen_document(newer, at=NOW).title.zh
        await mark.rollback()
    del lived.year.drums["y"]


async def test_only_what_is_over_is_reported_and_only_by_its_own_firm(lived: Lived) -> None:
    world, session = lived.world, lived.session
    this_year = ReportPeriod(ReportKind.YEARLY, 2026)
    early = report_of(session, world.generator.owner, lived.site, this_year, at=NOW)
    assert await codes_broken(early) == ["period_not_over"]
    never = report_of(session, world.generator.owner, lived.site, ReportPeriod(ReportKind.MONTHLY, 2026, 13), at=NOW)
    assert await codes_broken(never) == ["period_unknown"]
    with pytest.raises(NotFound):
        await submit(session, world.stranger.owner, lived.site, FEBRUARY, seen=None, reason="", at=NOW)
    with pytest.raises(Forbidden):
        await submit(session, world.generator.people[Role.VIEWER], lived.site, FEBRUARY, seen=None, reason="", at=NOW)
    seen = await report_of(session, world.inspector, lived.site, FEBRUARY, at=NOW)
    assert seen.figures.agrees
    with pytest.raises(Forbidden):
        await submit(session, world.inspector, lived.site, FEBRUARY, seen=None, reason="", at=NOW)


async def test_a_permit_holder_hands_in_on_behalf_and_stands_there_as_such(lived: Lived) -> None:
    """The plant's person acts for the workshop as its delegate (HJ 1259-2022, 7.1.3)."""
    world, session = lived.world, lived.session
    delegate = replace(world.generator.people[Role.FILER], delegate_of=world.receiver.id)
    async with session.begin_nested() as mark:
        row, _ = await submit(session, delegate, lived.site, FEBRUARY, seen=None, reason="", at=NOW)
        assert row.delegate_of_organisation_id == world.receiver.id
        (event,) = await events_about(session, row.id)
        assert event["facts"]["delegate_of"] == str(world.receiver.id)
        assert event["facts"]["organisation"] == str(world.generator.id)
        await mark.rollback()


async def under_key_supervision(lived: Lived) -> None:
    """The authority puts the workshop into the class that reports by month (4.2.2)."""
    word = SetClass(site_id=lived.site, management_class=ManagementClass.KEY, reason="环境风险较大")
    authority = lived.world.inspector
    approver = replace(made.approver("3706"), organisation_id=authority.organisation_id, person_id=authority.person_id)
    await set_class(lived.session, approver, word, at=clock(5, 20))


async def test_duties_stand_until_the_report_is_handed_in(lived: Lived) -> None:
    world, session = lived.world, lived.session
    owner, at = world.generator.owner, clock(6, 3)
    async with session.begin_nested() as mark:
        assert "2026-05" not in {one.facts["period"] for one in await filings_duties(session, owner, at)}
        await under_key_supervision(lived)
        before = await filings_duties(session, owner, at)
        (duty,) = [one for one in before if one.facts["period"] == "2026-05"]
        assert (duty.due_on, duty.address) == (date(2026, 6, 15), f"/ledgers/{lived.site}/reports/2026-05")
        assert not duty.overdue(clock(6, 15, 23))
        assert duty.overdue(clock(6, 16))
        may = ReportPeriod(ReportKind.MONTHLY, 2026, 5)
        await submit(session, owner, lived.site, may, seen=None, reason="", at=NOW)
        after = await filings_duties(session, owner, at)
        assert "2026-05" not in {one.facts["period"] for one in after}
        await mark.rollback()
    assert await filings_duties(session, world.inspector, at) == []
    assert await filings_duties(session, world.generator.people[Role.VIEWER], at) == []


async def test_an_authority_sees_all_of_its_region_and_nobody_else_does(lived: Lived) -> None:
    world, session = lived.world, lived.session
    may = ReportPeriod(ReportKind.MONTHLY, 2026, 5)
    ends = [end_of(may)]
    async with session.begin_nested() as mark:
        assert lived.site not in {one.site_id for one in await standing_of(session, world.inspector, [may], ends=ends)}
        await under_key_supervision(lived)
        (seen,) = await standing_of(session, world.inspector, [may], ends=ends)
        assert (seen.site_id, seen.management_class, seen.report_id) == (lived.site, "key_supervision", None)
        row, _ = await submit(session, world.generator.owner, lived.site, may, seen=None, reason="", at=NOW)
        (seen,) = await standing_of(session, world.inspector, [may], ends=ends)
        assert (seen.report_id, seen.version) == (row.id, 1)
        await mark.rollback()
    assert await standing_of(session, world.stranger.owner, [may], ends=ends) == []
    early = ReportPeriod(ReportKind.MONTHLY, 2026, 1)  # before the site was registered
    assert await standing_of(session, world.inspector, [early], ends=[end_of(early)]) == []
