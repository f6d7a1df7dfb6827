"""How plants run, as a section of a notice. Pure."""

from wastetrack.capacity.evaluating import Operation, percent
from wastetrack.i18n import message
from wastetrack.mass import ZERO
from wastetrack.reports.figures import Words
from wastetrack.reports.notices.model import Bars, Block, Paragraph, Section
from wastetrack.reports.notices.words import Named, both, joined, tonnes
from wastetrack.reports.plant_operation import percent_of, tenth
from wastetrack.reports.tabular import Cell, Column, MassUnit, Sheet, named, said

CHARTED, TABLED, CODES = 10, 20, 6


def section(operation: Operation, names: Named) -> Section:
    """Load, refusals, residues, outages, and what plants cannot get rid of."""
    title = said("How plants run")
    if not operation.plants:
        return Section(title, (Paragraph(said("No plant of the region is in the register.")),))
    treated = sum((one.treated for one in operation.plants), ZERO)
    classes = [
        both(message("{count} {load}"), count=count, load=_lower(named(load))) for load, count in operation.by_class
    ]
    told = both(
        message(
            "From {since} to {until} the plants treated {treated} t, a load of {load} of what their permits allow in "
            "those days. By load: {classes}."
        ),
        classes=joined(classes),
        since=operation.since,
        until=operation.until,
        treated=tonnes(treated.grams),
        load=percent(operation.load),
    )
    blocks: list[Block] = [Paragraph(told)]
    if operation.by_method:
        by_method = joined(
            both(message("{name} {mass} t"), name=names.of_method(method), mass=tonnes(mass.grams))
            for method, mass in operation.by_method
        )
        blocks.append(Paragraph(both(message("Treated by method: {list}."), list=by_method)))
    blocks += [Paragraph(_hard(operation)), _bars(operation), _table(operation)]
    return Section(title, tuple(blocks))


def _lower(words: Words) -> Words:
    return Words(zh=words.zh, en=words.en.lower())


def _hard(operation: Operation) -> Words:
    hard = operation.hard_to_treat
    if not hard:
        return said("No plant has waste that it took in and has not treated for half a year.")
    codes = joined(both(message("{name} {mass} t"), name=code, mass=tonnes(mass.grams)) for code, mass in hard[:CODES])
    return both(
        message("Hard to treat: {mass} t have stood at plants for more than half a year, most of all {list}."),
        list=codes,
        mass=tonnes(sum(mass.grams for _, mass in hard)),
    )


def _bars(operation: Operation) -> Bars:
    shown = [one for one in operation.plants if one.load is not None][:CHARTED]
    rows = tuple(
        (
            Words(zh=one.firm, en=one.firm),
            (float(one.load or 0) * 100, float(one.availability) * 100),
        )
        for one in shown
    )
    return Bars(said("Load and availability of plants"), "%", (said("Load factor"), said("Availability")), rows)


def _table(operation: Operation) -> Sheet:
    columns = (
        Column(said("Firm"), 2.6),
        Column(said("Load class"), 1.0),
        Column(said("Load (%)"), 0.9, "right"),
        Column(said("Treated"), 1.4, "right", MassUnit.TONNE),
        Column(said("Days lost"), 0.9, "right"),
        Column(said("Refused (%)"), 0.9, "right"),
        Column(said("Residue of treated (%)"), 1.1, "right"),
        Column(said("Hard to treat"), 1.3, "right", MassUnit.TONNE),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.firm,
            named(one.load_class),
            percent_of(one.load),
            tonnes(one.treated.grams),
            tenth(one.days_lost),
            percent_of(one.refusal),
            percent_of(one.residue_ratio),
            tonnes(one.hard.grams),
        )
        for one in operation.plants[:TABLED]
    )
    return Sheet(said("Plants, the heaviest load first"), columns, rows)
