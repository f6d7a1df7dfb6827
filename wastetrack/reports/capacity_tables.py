"""A result of matching as tables: what the workbook holds, sheet by sheet."""

from collections.abc import Iterable
from decimal import Decimal

from wastetrack.capacity.reading import percent, uses
from wastetrack.capacity.result import CategoryFigures, PassedFigures, Reason, RegionFigures, Result
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.capacity_words import (
    GROUNDS,
    METHOD,
    WHY,
    caution_told,
    grounds_told,
    headline,
    names_of,
    scenario_told,
    tonnes,
)
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, said

_T = MassUnit.TONNE
Rows = tuple[tuple[Cell, ...], ...]


def document_of(result: Result, *, zone: str) -> Document:
    """The whole result as a workbook."""
    question = result.question
    lines = (
        (said("Region"), result.region_name),
        (said("Year"), str(question.year)),
        (said("Supply by"), said(GROUNDS[question.ground]).zh),
        (said("Scenario"), scenario_told(question, names_of(result)).zh),
    )
    sheets = (
        _overview(result),
        _categories(said("By waste code"), result.categories),
        _categories(said("By class"), result.classes),
        _regions(result),
        _cells(result),
        _months(result),
        _plants(result),
        _lines(result),
        _flows(result),
        _passed(result),
        _removals(result),
    )
    return Document(said("Matching of capacity: {title}", title=question.title), lines, sheets, result.made_at, zone)


def _mass(title: str) -> Column:
    return Column(said(title), 1.2, "right", _T)


def _text(title: str, weight: float = 1.0) -> Column:
    return Column(said(title), weight)


def _number(title: str) -> Column:
    return Column(said(title), 1.0, "right")


def reasons_told(reasons: Iterable[Reason]) -> Words:
    """Why, with how much for each, as sentences tell a mass."""
    parts = [(said(WHY[one.why]), f"{tonnes(one.mass_g)} t") for one in reasons]
    return Words(
        zh="；".join(f"{why.zh} {mass}" for why, mass in parts), en="; ".join(f"{why.en} {mass}" for why, mass in parts)
    )


def _decimal(value: float, digits: int = 3) -> Decimal:
    return Decimal(str(round(value, digits)))


def _overview(result: Result) -> Sheet:
    totals = result.totals
    masses = (
        (message("Arises"), totals.supply_g),
        (message("In store at the start"), totals.opening_g),
        (message("Residues of treatment"), totals.residue_g),
        (message("Matched"), totals.matched_g),
        (message("In store at the end"), totals.kept_g),
        (message("Unmatched"), totals.unmatched_g),
        (message("Permitted"), totals.permitted_g),
        (message("Can be treated"), totals.effective_g),
        (message("Treated"), totals.treated_g),
    )
    rows: Rows = tuple((said(name), Mass(grams)) for name, grams in masses)
    notes = (
        headline(result),
        *(said(one) for one in METHOD),
        *grounds_told(result),
        *(caution_told(one) for one in result.cautions),
    )
    return Sheet(said("Overview"), (_text(message("What"), 2), _mass(message("Mass"))), rows, notes)


_BALANCE = (
    (message("Arises"), "supply_g"),
    (message("In store at the start"), "opening_g"),
    (message("Residues of treatment"), "residue_g"),
    (message("Matched"), "matched_g"),
    (message("In store at the end"), "kept_g"),
    (message("Unmatched"), "unmatched_g"),
)


def _balance(one: CategoryFigures | RegionFigures) -> tuple[Mass, ...]:
    return tuple(Mass(getattr(one, name)) for _, name in _BALANCE)


def _categories(title: Words, found: Iterable[CategoryFigures]) -> Sheet:
    columns = (
        _text(message("Waste code")),
        _mass(message("By plans")),
        _mass(message("By the ledger")),
        *(_mass(name) for name, _ in _BALANCE),
        _mass(message("Permitted")),
        _mass(message("Can be treated")),
        _text(message("Why unmatched"), 3),
    )
    rows: Rows = tuple(
        (
            one.code,
            Mass(one.planned_g),
            Mass(one.recorded_g),
            *_balance(one),
            Mass(one.permitted_g),
            Mass(one.effective_g),
            reasons_told(one.reasons),
        )
        for one in found
    )
    return Sheet(title, columns, rows)


def _regions(result: Result) -> Sheet:
    columns = (
        _text(message("Region")),
        _text(message("Name"), 1.5),
        *(_mass(name) for name, _ in _BALANCE),
        _mass(message("To plants here")),
        _mass(message("To plants elsewhere")),
        _mass(message("From elsewhere")),
        _mass(message("Can be treated")),
        _text(message("Why unmatched"), 3),
    )
    rows: Rows = tuple(
        (
            one.region,
            one.name,
            *_balance(one),
            Mass(one.inside_g),
            Mass(one.out_g),
            Mass(one.in_g),
            Mass(one.effective_g),
            reasons_told(one.reasons),
        )
        for one in result.regions
    )
    return Sheet(said("By region"), columns, rows)


def _cells(result: Result) -> Sheet:
    regions = {one.region: one.name for one in result.regions}
    columns = (
        _text(message("Region")),
        _text(message("Name"), 1.5),
        _text(message("Waste code")),
        _mass(message("Wants treatment")),
        _mass(message("Matched")),
        _mass(message("In store at the end")),
        _mass(message("Unmatched")),
        _number(message("Matched, percent")),
        _text(message("Why unmatched"), 3),
    )
    rows: Rows = tuple(
        (
            one.region,
            regions[one.region],
            one.code,
            Mass(one.supply_g),
            Mass(one.matched_g),
            Mass(one.kept_g),
            Mass(one.unmatched_g),
            percent(one.matched_g, one.supply_g),
            reasons_told(one.reasons),
        )
        for one in result.cells
    )
    return Sheet(said("Code by region"), columns, rows)


_MONTHLY = (
    (message("Arises"), "supply_g"),
    (message("Residues of treatment"), "residue_g"),
    (message("Matched"), "matched_g"),
    (message("In store at the end"), "kept_g"),
    (message("Unmatched"), "unmatched_g"),
    (message("Treated"), "treated_g"),
    (message("Can be treated"), "effective_g"),
)


def _months(result: Result) -> Sheet:
    columns = (_text(message("Month")), *(_mass(name) for name, _ in _MONTHLY))
    rows: Rows = tuple((one.period, *(Mass(getattr(one, name)) for _, name in _MONTHLY)) for one in result.months)
    return Sheet(said("By month"), columns, rows)


def _plants(result: Result) -> Sheet:
    columns = (
        _text(message("Plant"), 2),
        _text(message("Region")),
        _text(message("Methods")),
        _mass(message("Permitted")),
        _mass(message("Can be treated")),
        _mass(message("Received")),
        _mass(message("Treated")),
        _number(message("Of the permit, percent")),
        _number(message("Of its capacity, percent")),
        _number(message("Worth of a tonne, tonnes")),
        _number(message("Worth of a tonne, yuan")),
    )
    rows: Rows = tuple(
        (
            use.plant.name,
            use.plant.region,
            ", ".join(use.plant.methods),
            Mass(use.plant.permitted_g),
            Mass(use.plant.effective_g),
            Mass(use.plant.received_g),
            Mass(use.plant.treated_g),
            use.of_permit,
            use.of_capacity,
            _decimal(use.plant.worth_t),
            _decimal(use.plant.worth_yuan, 2),
        )
        for use in uses(result)
    )
    return Sheet(said("Plants"), columns, rows)


def _lines(result: Result) -> Sheet:
    names = names_of(result)
    columns = (
        _text(message("Plant"), 2),
        _text(message("Code or class")),
        _text(message("Methods")),
        _mass(message("Permitted")),
        _mass(message("Used")),
        _number(message("Worth of a tonne, tonnes")),
        _number(message("Worth of a tonne, yuan")),
    )
    rows: Rows = tuple(
        (
            names[one.plant],
            one.pattern,
            ", ".join(one.methods),
            Mass(one.limit_g),
            Mass(one.used_g),
            _decimal(one.worth_t),
            _decimal(one.worth_yuan, 2),
        )
        for one in result.lines
    )
    return Sheet(said("Permit items"), columns, rows)


def _flows(result: Result) -> Sheet:
    names, regions = names_of(result), {one.region: one.name for one in result.regions}
    columns = (
        _text(message("From")),
        _text(message("To plant"), 2),
        _text(message("Waste code")),
        _text(message("Method")),
        _mass(message("Mass")),
        _number(message("Kilometres")),
    )
    rows: Rows = tuple(
        (regions[one.region], names[one.plant], one.code, one.method, Mass(one.mass_g), _decimal(one.km, 1))
        for one in result.flows
    )
    return Sheet(said("Flows"), columns, rows)


def _passed(result: Result) -> Sheet:
    names, regions = names_of(result), {one.region: one.name for one in result.regions}
    columns = (
        _text(message("From")),
        _text(message("Waste code")),
        _text(message("To plant"), 2),
        _number(message("Kilometres")),
        _text(message("Past the nearer plant"), 2),
        _number(message("Kilometres to it")),
        _mass(message("Could have gone there")),
        _text(message("Why it was passed")),
    )
    rows: Rows = tuple(
        (
            regions[one.region],
            one.code,
            names[one.plant],
            _decimal(one.km, 1),
            names[one.nearer],
            _decimal(one.nearer_km, 1),
            Mass(one.mass_g),
            _why_passed(one),
        )
        for one in result.passed
    )
    return Sheet(said("Past a nearer plant"), columns, rows)


def _why_passed(one: PassedFigures) -> Words:
    if one.leaves_residues:
        return said("leaves residues")
    return said("costs more") if one.is_dearer else said("not the best matching there is")


def _removals(result: Result) -> Sheet:
    names = names_of(result)
    columns = (
        _text(message("Without the plant"), 2),
        _mass(message("Treats")),
        _mass(message("Unmatched more")),
        _number(message("Across provinces more, t·km")),
        _number(message("Costs more, yuan")),
    )
    rows: Rows = tuple(
        (
            names[one.plant],
            Mass(one.treated_g),
            Mass(one.unmatched_more_g),
            _decimal(one.border_more_tkm),
            _decimal(one.cost_more, 2),
        )
        for one in result.removals
    )
    return Sheet(said("Without one plant"), columns, rows)
