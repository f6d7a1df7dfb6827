"""What is kept of a matching: figures that add up to the gram, the sentence, scenarios, the workbook."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from tests.support.capacity import (
    ASH,
    DRUMS,
    INCINERATOR,
    LANDFILL,
    MAKER,
    OTHER_ASH,
    SECOND_MAKER,
    TONNE,
    a_permit,
    facts,
    question,
    result,
)
from wastetrack.capacity import reading
from wastetrack.capacity.answering import answer
from wastetrack.capacity.assembling import assemble
from wastetrack.capacity.facts import Facts
from wastetrack.capacity.model import Matching
from wastetrack.capacity.result import (
    CategoryFigures,
    Cell,
    GatheringCaution,
    RegionFigures,
    Result,
    ScenarioKind,
    Totals,
    UnmatchedReason,
    Verdict,
)
from wastetrack.capacity.solving import solve
from wastetrack.capacity.telling import result_of
from wastetrack.reports.capacity_tables import document_of
from wastetrack.reports.capacity_words import headline, tonnes
from wastetrack.reports.tabular import said
from wastetrack.reports.workbooks import workbook

AT = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def told() -> Result:
    return result(AT)


def answered(known: Facts, **changed: Any) -> Result:  # noqa: ANN401  the fields of a dataclass
    return answer(known, question(**changed), made_at=AT, progress=lambda _share: None)


def balances(one: CategoryFigures | RegionFigures | Totals) -> bool:
    """What is there, arises and is left is matched, kept or unmatched."""
    return one.opening_g + one.supply_g + one.residue_g == one.matched_g + one.kept_g + one.unmatched_g


def test_the_figures_are_those_of_a_hand(told: Result) -> None:
    by_code = {one.code: one for one in told.categories}
    assert by_code[ASH].unmatched_g == 15_000 * TONNE
    assert by_code[ASH].reasons[0].why is UnmatchedReason.NO_QUANTITY
    assert (by_code[ASH].permitted_g, by_code[ASH].effective_g) == (6_000 * TONNE, 6_000 * TONNE)
    assert by_code[DRUMS].matched_g == 500 * TONNE
    assert by_code[OTHER_ASH].residue_g == by_code[OTHER_ASH].matched_g == 105 * TONNE
    (of_class,) = [one for one in told.classes if one.code == "HW18"]
    assert (of_class.effective_g, of_class.supply_g) == (26_000 * TONNE, 21_000 * TONNE)
    assert (told.totals.effective_g, told.totals.unmatched_g) == (36_000 * TONNE, 15_000 * TONNE)


def test_every_table_adds_up_to_the_gram(told: Result) -> None:
    known: tuple[CategoryFigures | RegionFigures | Totals, ...]
    known = (told.totals, *told.categories, *told.classes, *told.regions)
    assert all(map(balances, known))
    totals = told.totals
    tables: tuple[tuple[CategoryFigures | RegionFigures | Cell, ...], ...]
    tables = (told.categories, told.classes, told.regions, told.cells)
    for parts in tables:
        assert sum(one.matched_g for one in parts) == totals.matched_g
        assert sum(one.unmatched_g for one in parts) == totals.unmatched_g
    assert sum(one.mass_g for one in told.flows) == totals.matched_g
    assert sum(one.used_g for one in told.lines) == totals.matched_g
    assert sum(one.received_g for one in told.plants) == totals.matched_g
    assert sum(one.treated_g for one in told.methods) == totals.treated_g
    assert sum(one.unmatched_g for one in told.months) == totals.unmatched_g
    assert sum(one.residue_g for one in told.months) == totals.residue_g
    assert sum(one.inside_g + one.out_g for one in told.regions) == totals.matched_g
    assert sum(one.out_g for one in told.regions) == sum(one.in_g for one in told.regions)


def test_it_is_kept_as_json_and_read_back(told: Result) -> None:
    assert Result.model_validate_json(told.model_dump_json()) == told


def test_one_sentence_says_that_the_total_looks_ample(told: Result) -> None:
    assert reading.verdict(told) is Verdict.SHORT_BY_CODE
    assert headline(told).en == (
        "Capacity looks ample in total: plants can treat 36,000 t, 21,605 t want treatment. "
        "Yet 15,000 t find no plant: 772-002-18 15,000 t, though the plants for HW18 could treat all of HW18: "
        "the permit items that name it are used up."
    )
    assert headline(told).zh == (
        "能力总量看似充足：有效能力 36,000 吨，待利用处置 21,605 吨；但仍有 15,000 吨无处可去："
        "772-002-18 15,000 吨（HW18 类设施总能力足以处置全部 HW18），列明该废物的许可数量已用尽。"
    )


def test_what_matches_and_what_is_short_in_total_is_said_too() -> None:
    enough = facts(permits=(a_permit(LANDFILL, ("HW18", "D1", 30_000)), a_permit(INCINERATOR, ("HW49", "D10", 10_000))))
    matches = answered(enough)
    assert reading.verdict(matches) is Verdict.MATCHES
    assert headline(matches).en.startswith("Everything that arises finds a plant: 21,605 t")
    assert [one.code for one in reading.surplus(matches)] == ["HW49"]
    short = answered(facts(permits=(a_permit(LANDFILL, ("HW18", "D1", 5_000)),)))
    assert reading.verdict(short) is Verdict.SHORT_IN_TOTAL
    reasons = {one.category.code: one.why.why for one in reading.shortages(short)}
    assert reasons[DRUMS] is UnmatchedReason.NO_PERMIT
    assert "no plant may take it" in headline(short).en


def test_a_plant_that_stops_is_missed_by_what_it_treats(told: Result) -> None:
    without = {one.plant: one for one in told.removals}
    assert without[str(INCINERATOR.id)].unmatched_more_g == 500 * TONNE  # its ash, which found a plant, is not there
    assert without[str(LANDFILL.id)].unmatched_more_g == 6_105 * TONNE
    assert told.removals[0].plant == str(LANDFILL.id)


def test_scenarios_change_what_they_name_and_nothing_else(told: Result) -> None:
    outage = result(AT, scenario=ScenarioKind.OUTAGE, plants=(str(INCINERATOR.id),), from_period=6)
    drums = next(one for one in outage.categories if one.code == DRUMS)
    assert 0 < drums.unmatched_g < 260 * TONNE
    retired = result(AT, scenario=ScenarioKind.RETIREMENT, plants=(str(INCINERATOR.id),))
    assert next(one for one in retired.categories if one.code == DRUMS).unmatched_g == 500 * TONNE
    more = result(AT, scenario=ScenarioKind.MORE_SUPPLY, factor=2.0)
    assert more.totals.supply_g == 2 * told.totals.supply_g
    table = {one.code: [grams // TONNE for grams in one.unmatched_g] for one in reading.differences([told, retired])}
    assert table == {DRUMS: [0, 500]}


def test_without_anything_there_is_an_empty_result() -> None:
    empty = answered(replace(facts(), planned_g={}, residue_g={}, permits=(), sites={}))
    assert reading.verdict(empty) is Verdict.MATCHES
    assert empty.totals.supply_g == 0
    workbook(document_of(empty, zone="Asia/Shanghai"), "zh")


def test_the_reach_keeps_waste_at_home() -> None:
    near = result(AT, reach_km=100.0)
    lost = {one.code: one for one in near.categories}
    assert lost[DRUMS].unmatched_g == 500 * TONNE
    assert lost[DRUMS].reasons[0].why is UnmatchedReason.TOO_FAR


def test_the_workbook_has_every_table(told: Result) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook(document_of(told, zone="Asia/Shanghai"), "zh")))
    assert book.sheet_names == [
        *("概览", "按废物代码汇总", "按类别", "按地区", "代码与地区", "按月"),
        *("设施", "许可项", "流向", "越过更近单位", "单个设施停运的影响"),
    ]
    rows = book.get_sheet_by_name("按废物代码汇总").to_python()
    (ash,) = [row for row in rows if row and row[0] == ASH]
    assert 15_000.0 in ash
    (text,) = [row[0] for row in book.get_sheet_by_name("概览").to_python() if "看似充足" in str(row[0])]
    assert text == headline(told).zh


def test_tonnes_are_told_as_people_tell_them() -> None:
    assert [tonnes(grams) for grams in (15_000 * TONNE, 12_400_000, 1_234_567)] == ["15,000", "12", "1.234"]


def test_by_region_the_counties_of_a_prefecture() -> None:
    yantai = facts(region="3706", planned_g={(MAKER.id, ASH): 12_000 * TONNE, (SECOND_MAKER.id, ASH): TONNE})
    found = answered(replace(yantai, sites={MAKER.id: MAKER, SECOND_MAKER.id: SECOND_MAKER}), region="3706")
    assert [(one.region, one.name) for one in found.regions] == [("370602", "芝罘区")]


def test_a_plan_with_a_bound_says_how_far_it_may_be_from_the_best() -> None:
    known, asked = facts(), question()
    assembled = assemble(known, title="x", ground=asked.ground, sharing=False, reach_km=None)
    matching = solve(assembled.instance)

    def cautions(found: Matching) -> dict[GatheringCaution, int]:
        told = result_of(asked, assembled, found, removals=(), names={}, made_at=AT, seconds=1.0)
        assert (told.proven, told.least_unmatched_g is None) == (found.proven, found.proven or found.least is None)
        return {one.kind: one.count for one in told.cautions}

    assert GatheringCaution.WITHIN_BOUNDS not in cautions(matching)
    bound = replace(matching, proven=False, least=(matching.unmatched_g - 2_500_000, 0.0, 0.0))
    assert cautions(bound)[GatheringCaution.WITHIN_BOUNDS] == 3
    cut = cautions(replace(bound, is_cut=True))
    assert GatheringCaution.CUT_SHORT in cut
    assert GatheringCaution.WITHIN_BOUNDS not in cut


def test_what_goes_past_a_nearer_plant_is_named_with_the_reason() -> None:
    """Both plants may take ash and drums; whichever takes something is made dearer by far, so all goes past it."""
    both = (("HW18", "D1", 30_000), ("HW49", "D10", 10_000))
    known, asked = facts(permits=(a_permit(LANDFILL, *both), a_permit(INCINERATOR, *both))), question()
    assembled = assemble(known, title="x", ground=asked.ground, sharing=False, reach_km=None)
    nearest = solve(assembled.instance)
    used = np.unique(nearest.flows.line)
    price = np.zeros(len(assembled.instance.lines))
    price[used] = 1e6
    dear = replace(assembled.instance, lines=replace(assembled.instance.lines, price=price))

    def told(matching: Matching) -> Result:
        return result_of(asked, assembled, matching, removals=(), names={}, made_at=AT, seconds=1.0)

    assert told(nearest).passed == ()
    found = told(solve(dear))
    passed = {assembled.instance.plants.ids[assembled.instance.lines.plant[line]] for line in used.tolist()}
    assert {one.nearer for one in found.passed} <= passed
    # The ash would leave ash again at the incinerator; drums leave nothing at the landfill, which is only dearer.
    why = {one.code: (one.is_dearer, one.leaves_residues) for one in found.passed}
    assert why == {ASH: (False, True), DRUMS: (True, False), OTHER_ASH: (False, True)}
    assert all(one.nearer_km < one.km and one.plant != one.nearer for one in found.passed)
    (caution,) = [one for one in found.cautions if one.kind is GatheringCaution.PASSED_NEARER]
    assert caution.count >= len(found.passed)
    (sheet,) = [one for one in document_of(found, zone="Asia/Shanghai").sheets if one.title.en == "Past a nearer plant"]
    assert [row[1] for row in sheet.rows] == [one.code for one in found.passed]
    assert [row[-1] == said("costs more") for row in sheet.rows] == [one.is_dearer for one in found.passed]
