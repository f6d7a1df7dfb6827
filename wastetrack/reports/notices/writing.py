"""Writes a notice: from a stored matching, the operation of plants, planned projects and a forecast to sentences in
both languages, tables and pictures, in the form of the notices that provinces publish. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wastetrack.capacity.evaluating import Operation
from wastetrack.capacity.forecast import RegionForecast
from wastetrack.capacity.projects import PlannedProject
from wastetrack.capacity.reading import need_g
from wastetrack.capacity.result import Result
from wastetrack.i18n import message
from wastetrack.reports.capacity_words import GROUNDS, METHOD, caution_told, grounds_told, names_of, scenario_told
from wastetrack.reports.figures import Words
from wastetrack.reports.notices import advising, matching, running
from wastetrack.reports.notices.model import Bars, Block, Curve, Notice, Paragraph, Section, Weight
from wastetrack.reports.notices.words import Named, both, in_tonnes, joined, share_text, tonnes
from wastetrack.reports.plant_operation import notes
from wastetrack.reports.tabular import Cell, Column, MassUnit, Sheet, named, said

TOP, CHARTED, METHODS, FORECAST_CODES = 5, 10, 10, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a notice is written from."""

    result: Result
    operation: Operation
    projects: tuple[PlannedProject, ...]
    forecast: RegionForecast | None
    authority: str
    category_names: Mapping[str, str]
    """HW18 → 焚烧处置残渣."""
    method_names: Mapping[str, Words]
    region_names: Mapping[str, str] = field(default_factory=dict)
    printed_at: datetime
    zone: str

    @property
    def names(self) -> Named:
        """What codes are called."""
        return Named(self.category_names, self.method_names, self.region_names)


def notice_of(material: Material) -> Notice:
    """The whole notice."""
    result = material.result
    question = result.question
    sections = (
        _generation(material),
        _capacity(material),
        running.section(material.operation, material.names),
        matching.section(result, material.names),
        _projects(material),
        *([] if material.forecast is None else [_forecast(material.forecast)]),
        advising.section(result, material.projects, material.names),
        _method(material),
    )
    facts = {"region": result.region_name, "year": question.year}
    return Notice(
        title=said("{region}: notice to guide investment into use and disposal of hazardous waste, {year}", **facts),
        below=both(
            message("{authority} · {scenario} · figures of {day}"),
            scenario=scenario_told(question, names_of(result)),
            authority=material.authority,
            day=f"{result.made_at:%Y-%m-%d}",
        ),
        sections=sections,
        printed_at=material.printed_at,
        zone=material.zone,
    )


def _generation(material: Material) -> Section:
    result = material.result
    totals = result.totals
    whole = totals.supply_g
    arising = [one for one in sorted(result.classes, key=lambda one: (-one.supply_g, one.code)) if one.supply_g]
    top = arising[:TOP]
    told = both(
        message(
            "In {year}, {supply} t of hazardous waste arise in {region}, by {ground}. {opening} t lie in store at the "
            "start of the year; treatment leaves {residue} t more."
        ),
        ground=said(GROUNDS[result.question.ground]),
        year=result.question.year,
        supply=tonnes(whole),
        region=result.region_name,
        opening=tonnes(totals.opening_g),
        residue=tonnes(totals.residue_g),
    )
    blocks: list[Block] = [Paragraph(told)]
    if top:
        parts = [
            both(
                message("{name} {mass} t ({share})"),
                name=material.names.of_class(one.code),
                mass=tonnes(one.supply_g),
                share=share_text(one.supply_g, whole),
            )
            for one in top
        ]
        together = sum(one.supply_g for one in top)
        blocks.append(
            Paragraph(
                both(
                    message("The largest {count} classes are {list}; together they are {share} of all."),
                    list=joined(parts),
                    count=len(top),
                    share=share_text(together, whole),
                )
            )
        )
        bars = tuple((material.names.of_class(one.code), (in_tonnes(one.supply_g),)) for one in arising[:CHARTED])
        blocks.append(Bars(said("What arises, by class"), "t", (said("Arises"),), bars))
    return Section(said("What arises"), tuple(blocks))


def _capacity(material: Material) -> Section:
    result = material.result
    here = [one for one in result.plants if one.region.startswith(result.question.region) and not one.is_planned]
    told = said(
        "{count} plants of {region} use or dispose of hazardous waste. Their permits allow {permitted} t in the year; "
        "with the days on which the permits hold and what the facilities are built for, {effective} t can be treated.",
        count=len(here),
        region=result.region_name,
        permitted=tonnes(sum(one.permitted_g for one in here)),
        effective=tonnes(sum(one.effective_g for one in here)),
    )
    blocks: list[Block] = [Paragraph(told)]
    methods = sorted(result.methods, key=lambda one: (-one.permitted_g, one.method))[:METHODS]
    if methods:
        rows = tuple(
            (material.names.of_method(one.method), (in_tonnes(one.permitted_g), in_tonnes(one.treated_g)))
            for one in methods
        )
        names = (said("Permitted"), said("Matched with it"))
        blocks.append(Bars(said("Capacity by method"), "t", names, rows))
    return Section(said("Capacity for use and disposal"), tuple(blocks))


def _projects(material: Material) -> Section:
    if not material.projects:
        return Section(
            said("Planned projects"), (Paragraph(said("The register has no project that is still to come.")),)
        )
    columns = (
        Column(said("Project"), 2.4),
        Column(said("Kind"), 1.5),
        Column(said("State"), 0.9),
        Column(said("Expected from"), 1.1),
        Column(said("Codes"), 1.6),
        Column(said("Quantity of a year"), 1.2, "right", MassUnit.TONNE),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name,
            named(one.kind),
            named(one.state),
            one.starts_on,
            " ".join(item.pattern for item in one.items),
            tonnes(one.yearly.grams),
        )
        for one in material.projects
    )
    told = said(
        "Projects in the register that are still to come: {count}, for {mass} t a year together.",
        count=len(material.projects),
        mass=tonnes(sum(one.yearly.grams for one in material.projects)),
    )
    return Section(said("Planned projects"), (Paragraph(told), Sheet(said("Planned projects"), columns, rows)))


def _forecast(forecast: RegionForecast) -> Section:
    known = [sum(column) for column in zip(*(one.known_g for one in forecast.categories), strict=True)]
    middle, low, high = (
        [sum(column) for column in zip(*(getattr(one, name) for one in forecast.categories), strict=True)]
        for name in ("middle_g", "low_g", "high_g")
    )
    shown = known[-24:]
    tried = [one for one in forecast.categories if one.chosen is not None]
    better = sum(
        1 for one in tried if one.mase is not None and one.naive_mase is not None and one.mase < one.naive_mase
    )
    told = said(
        "From the months up to {until}, {middle} t are expected in the next twelve months, after {last} t in the last "
        "twelve. {tried} of {count} codes could be tried on their past; for {better} of them a method beat the same "
        "months of the year before in each of three trials, for the others those months are carried on.",
        until=forecast.known_until,
        middle=tonnes(forecast.year_g),
        last=tonnes(sum(known[-12:])),
        tried=len(tried),
        count=len(forecast.categories),
        better=better,
    )
    curve = Curve(
        said("What arose and what is expected, all codes"),
        "t",
        _months(forecast, len(shown)),
        *(tuple(in_tonnes(grams) for grams in row) for row in (shown, low, middle, high)),
    )
    return Section(said("What is expected"), (Paragraph(told), curve, _expected(forecast)))


def _months(forecast: RegionForecast, known: int) -> tuple[str, ...]:
    last = forecast.known_until.year * 12 + forecast.known_until.month - 1
    return tuple(f"{month // 12}-{month % 12 + 1:02}" for month in range(last - known + 1, last + forecast.ahead + 1))


def _expected(forecast: RegionForecast) -> Sheet:
    columns = (
        Column(said("Waste code"), 1.3),
        Column(said("Last twelve months"), 1.3, "right", MassUnit.TONNE),
        Column(said("Next twelve months"), 1.3, "right", MassUnit.TONNE),
        Column(said("Low"), 1.2, "right", MassUnit.TONNE),
        Column(said("High"), 1.2, "right", MassUnit.TONNE),
        Column(said("Forecast method"), 1.6),
        Column(said("MASE"), 0.8, "right"),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.code,
            *(tonnes(rounded(grams)) for grams in (one.last_year_g, one.year_g[1], one.year_g[0], one.year_g[2])),
            named(one.method),
            "—" if one.mase is None else f"{one.mase:.2f}",
        )
        for one in forecast.categories[:FORECAST_CODES]
    )
    return Sheet(said("The codes of which most is expected"), columns, rows)


def rounded(grams: int) -> int:
    """A forecast to the kilogram would be a lie; to a tenth of a tonne it can be read."""
    return round(grams, -5)


def _method(material: Material) -> Section:
    result = material.result
    told = [said(one) for one in (*METHOD, _OF_FORECAST)] + [*notes()[:3]]
    cautions = [*grounds_told(result), *(caution_told(one) for one in result.cautions)]
    need = sum(need_g(one) for one in result.categories)
    told.append(
        said(
            "Matched in {seconds} s; {matched} t of {need} t find a plant, {kept} t stay in store, {unmatched} t find "
            "none. Every gram stands in one of the three.",
            seconds=f"{result.seconds:.1f}",
            need=tonnes(need),
            matched=tonnes(result.totals.matched_g),
            kept=tonnes(result.totals.kept_g),
            unmatched=tonnes(result.totals.unmatched_g),
        )
    )
    return Section(
        said("How it was found, and what to beware of"),
        tuple(Paragraph(one, Weight.SMALL) for one in (*told, *cautions)),
    )


_OF_FORECAST = message(
    "Forecasts carry the months of the ledger on, by the same month of the year before, by exponential smoothing or by "
    "how often and how much; low and high are the first and the ninth decile. MASE below one is better than the same "
    "month of the year before was on the past."
)
