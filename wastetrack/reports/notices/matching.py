"""Whether what arises finds plants, as a section of a notice. Pure."""

from wastetrack.capacity.reading import Shortage, need_g, shortages
from wastetrack.capacity.result import RegionFigures, Result
from wastetrack.i18n import message
from wastetrack.reports.capacity_words import WHY, headline
from wastetrack.reports.figures import Words
from wastetrack.reports.notices.model import Bars, Block, Paragraph, Section, Weight
from wastetrack.reports.notices.words import Named, both, in_tonnes, joined, share_text, tonnes
from wastetrack.reports.tabular import Cell, Column, MassUnit, Sheet, said

CHARTED, SHORT, REGIONS = 10, 12, 20
_T = MassUnit.TONNE


def section(result: Result, names: Named) -> Section:
    """The result in one sentence; in total and by class; what is short and why; by region."""
    totals = result.totals
    need = totals.supply_g + totals.opening_g + totals.residue_g
    told = said(
        "In total, {need} t want treatment and plants can treat {able} t: {share}. A total says nothing of a single "
        "code, which only the plants that may take it can treat.",
        need=tonnes(need),
        able=tonnes(totals.effective_g),
        share=share_text(totals.effective_g, need),
    )
    blocks: list[Block] = [Paragraph(headline(result), Weight.STRONG), Paragraph(told), _classes(result, names)]
    short = shortages(result)
    if short:
        blocks.append(_short(short[:SHORT], names))
    blocks += [Paragraph(_in_and_out(result)), _regions(result.regions[:REGIONS], names)]
    return Section(said("Whether capacity matches what arises"), tuple(blocks))


def _classes(result: Result, names: Named) -> Bars:
    # What is short first: it is what the reader looks for.
    shown = sorted(result.classes, key=lambda one: (-one.unmatched_g, -need_g(one), one.code))[:CHARTED]
    rows = tuple(
        (
            names.of_class(one.code),
            (
                in_tonnes(need_g(one)),
                in_tonnes(one.effective_g),
                in_tonnes(one.unmatched_g) if one.unmatched_g else None,
            ),
        )
        for one in shown
    )
    bars = (said("Wants treatment"), said("Can be treated"), said("Finds no plant"))
    return Bars(said("Need and capacity by class"), "t", bars, rows, alarm=2)


def _short(short: list[Shortage], names: Named) -> Sheet:
    columns = (
        Column(said("Waste code"), 1.2),
        Column(said("Class"), 1.9),
        Column(said("Wants treatment"), 1.3, "right", _T),
        Column(said("Finds no plant"), 1.3, "right", _T),
        Column(said("Plants of its class can treat"), 1.4, "right", _T),
        Column(said("Why"), 2.6),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.category.code,
            names.of_class(one.of_class.code),
            tonnes(need_g(one.category)),
            tonnes(one.category.unmatched_g),
            tonnes(one.of_class.effective_g),
            said(WHY[one.why.why]),
        )
        for one in short
    )
    note = said(
        "Where plants of the class can treat more than the class needs, the total looks ample and the code is short."
    )
    return Sheet(said("Codes that are short"), columns, rows, (note,))


def _in_and_out(result: Result) -> Words:
    inside, out = (sum(getattr(one, name) for one in result.regions) for name in ("inside_g", "out_g"))
    short = sorted((one for one in result.regions if one.unmatched_g), key=lambda one: -one.unmatched_g)[:3]
    return both(
        message("{inside} t find a plant in their own region and {out} t in another. {more}"),
        more=both(
            message("Most is left over in {list}."),
            list=joined(Words(zh=one.name, en=one.name) for one in short),
        )
        if short
        else said("No region has anything left over."),
        inside=tonnes(inside),
        out=tonnes(out),
    )


def _regions(regions: tuple[RegionFigures, ...], names: Named) -> Sheet:
    columns = (
        Column(said("Region"), 1.6),
        Column(said("Arises"), 1.3, "right", _T),
        Column(said("Matched within"), 1.3, "right", _T),
        Column(said("Goes out"), 1.2, "right", _T),
        Column(said("Comes in"), 1.2, "right", _T),
        Column(said("Finds no plant"), 1.2, "right", _T),
        Column(said("Can be treated"), 1.3, "right", _T),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name or names.of_region(one.region),
            *(
                tonnes(grams)
                for grams in (
                    one.supply_g + one.opening_g + one.residue_g,
                    one.inside_g,
                    one.out_g,
                    one.in_g,
                    one.unmatched_g,
                    one.effective_g,
                )
            ),
        )
        for one in regions
    )
    return Sheet(said("Regions: what arises, stays, goes and comes"), columns, rows)
