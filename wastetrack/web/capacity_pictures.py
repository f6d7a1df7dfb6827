"""The pictures of a result of matching: options of charts and what a map shows, each with its numbers in rows.

Colours that mean something are named by the page's tokens (`--bad`); charts.js puts them in.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from wastetrack.capacity.reading import TRACE_G, class_of, need_g, percent
from wastetrack.capacity.result import FlowFigures, PlantFigures, RegionFigures, Result
from wastetrack.i18n import message
from wastetrack.web.in_words import mass_in_words
from wastetrack.web.rendering import Page
from wastetrack.web.shown_values import mass_shown

Columns = list[tuple[str, str]]
CLASSES, FLOWS, PLANTS_NAMED = 14, 60, 12
"""Charted: the largest of each, the rest together or in the table alone."""
_SMALLEST, _LARGEST = 8, 26
_TONNE_G: Final = 1_000_000
_NORMAL: Final = 40
_TIGHT: Final = 85
"""Percent of capacity from which on a plant is well used, and from which on it is nearly full."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its numbers as a table."""

    option: dict[str, Any]
    columns: Columns
    rows: list[list[object]]


def _t(grams: float) -> float:
    return round(grams / _TONNE_G, 3)


def _columns(page: Page, *titles: str, words: int = 1) -> Columns:
    return [(page.translate(title), "" if place < words else "number") for place, title in enumerate(titles)]


def by_class(page: Page, result: Result) -> Picture:
    """What wants treatment beside what can be treated, class by class; what finds no plant in red."""
    found = sorted(result.classes, key=lambda one: (-one.unmatched_g, -need_g(one)))[:CLASSES]
    series = (
        (message("Matched or in store"), "need", [_t(need_g(one) - one.unmatched_g) for one in found], "--chart-1"),
        (message("Unmatched"), "need", [_t(one.unmatched_g) for one in found], "--bad"),
        (message("Can be treated"), "able", [_t(one.effective_g) for one in found], "--chart-7"),
    )
    option = {
        "legend": {"top": 0, "type": "scroll"},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "grid": {"top": 48, "left": 8, "right": 16, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [one.code for one in found], "axisLabel": {"rotate": 45}},
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": "bar",
                "stack": stack,
                "name": page.translate(name),
                "data": data,
                "itemStyle": {"color": colour},
            }
            for name, stack, data, colour in series
        ],
    }
    columns = _columns(
        page, message("Class"), message("Wants treatment"), message("Unmatched"), message("Can be treated")
    )
    rows: list[list[object]] = [
        [one.code, mass_shown(need_g(one)), mass_shown(one.unmatched_g), mass_shown(one.effective_g)]
        for one in result.classes
    ]
    return Picture(option, columns, rows)


def heat(page: Page, result: Result) -> Picture:
    """How much of each class finds a plant, region by region."""
    names = {one.region: one.name for one in result.regions}
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for cell in result.cells:
        row = sums[cell.region, class_of(cell.code)]
        row[0] += cell.supply_g
        row[1] += cell.unmatched_g
    regions = [one.region for one in result.regions if any(one.region == region for region, _ in sums)]
    classes = sorted({name for _, name in sums})
    # Only what is short is told in the picture; the table tells all.
    data = [
        {
            "value": [classes.index(name), regions.index(region), percent(whole - lost, whole)],
            "label": {"show": lost >= TRACE_G},
        }
        for (region, name), (whole, lost) in sorted(sums.items())
        if whole
    ]
    option = {
        "tooltip": {"position": "top"},
        "grid": {"top": 8, "left": 8, "right": 16, "bottom": 64, "containLabel": True},
        "xAxis": {"type": "category", "data": classes, "axisLabel": {"rotate": 45}},
        "yAxis": {"type": "category", "data": [names[one] for one in regions]},
        "visualMap": {
            "min": 0,
            "max": 100,
            "calculable": True,
            "orient": "horizontal",
            "left": "center",
            "bottom": 0,
            "inRange": {"color": ["--bad", "--chart-3", "--chart-6"]},
            "text": ["100 %", "0 %"],
        },
        "series": [
            {
                "type": "heatmap",
                "name": page.translate(message("Matched, percent")),
                "data": data,
                "label": {"color": "--on-accent"},
            }
        ],
    }
    columns = _columns(
        page,
        message("Region"),
        message("Class"),
        message("Wants treatment"),
        message("Unmatched"),
        message("Matched, percent"),
        words=2,
    )
    rows: list[list[object]] = [
        [names[region], name, mass_shown(whole), mass_shown(lost), percent(whole - lost, whole)]
        for (region, name), (whole, lost) in sorted(sums.items(), key=lambda one: -one[1][1])
        if whole
    ]
    return Picture(option, columns, rows)


def streams(page: Page, result: Result) -> Picture:
    """From region by class and method to plant; what finds no plant goes to a red end."""
    regions = {one.region: one.name for one in result.regions}
    plants = {one.plant: one.name for one in result.plants}
    largest = {one.plant for one in sorted(result.plants, key=lambda one: -one.received_g)[:PLANTS_NAMED]}
    others, lost = page.translate(message("Other plants")), page.translate(message("Unmatched"))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for flow in result.flows:
        name = class_of(flow.code)
        plant = plants[flow.plant] if flow.plant in largest else others
        sums[regions[flow.region], name] += flow.mass_g
        sums[name, flow.method] += flow.mass_g
        sums[flow.method, plant] += flow.mass_g
    for cell in result.cells:
        if cell.unmatched_g >= TRACE_G:
            sums[regions[cell.region], class_of(cell.code)] += cell.unmatched_g
            sums[class_of(cell.code), lost] += cell.unmatched_g
    ends = dict.fromkeys(end for pair in sums for end in pair)
    red = {"color": "--bad", "opacity": 0.6}
    option = {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 190,
                "label": {"width": 180, "overflow": "truncate"},
                "nodeGap": 10,
                "data": [{"name": end, **({"itemStyle": {"color": "--bad"}} if end == lost else {})} for end in ends],
                "links": [
                    {
                        "source": start,
                        "target": end,
                        "value": _t(grams),
                        **({"lineStyle": red} if end == lost else {}),
                    }
                    for (start, end), grams in sums.items()
                    if grams
                ],
            }
        ],
    }
    columns = _columns(page, message("From"), message("To"), message("Mass"), words=2)
    rows: list[list[object]] = [
        [start, end, mass_shown(grams)]
        for (start, end), grams in sorted(sums.items(), key=lambda one: -one[1])
        if grams
    ]
    return Picture(option, columns, rows)


def by_month(page: Page, result: Result) -> Picture:
    """What arises beside what can be treated, month by month."""
    lines = (
        (message("Arises"), "bar", [_t(one.supply_g + one.residue_g) for one in result.months], "--chart-1"),
        (message("Can be treated"), "line", [_t(one.effective_g) for one in result.months], "--chart-7"),
    )
    option = {
        "legend": {"top": 0},
        "tooltip": {"trigger": "axis"},
        "grid": {"top": 40, "left": 8, "right": 16, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [one.period for one in result.months]},
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": kind,
                "name": page.translate(name),
                "data": data,
                "itemStyle": {"color": colour},
                "lineStyle": {"color": colour},
            }
            for name, kind, data, colour in lines
        ],
    }
    columns = _columns(
        page, message("Month"), message("Arises"), message("Residues of treatment"), message("Can be treated")
    )
    rows: list[list[object]] = [
        [one.period, mass_shown(one.supply_g), mass_shown(one.residue_g), mass_shown(one.effective_g)]
        for one in result.months
    ]
    return Picture(option, columns, rows)


@dataclass(frozen=True, slots=True)
class Map:
    """What a map shows: shaded regions by what finds no plant, plants, and the largest flows."""

    points: list[dict[str, Any]]
    areas: dict[str, dict[str, Any]]
    lines: list[dict[str, Any]]
    columns: Columns
    rows: list[list[object]]
    outlines: list[str]


def on_the_map(page: Page, result: Result) -> Map:
    """Regions are the darker the more finds no plant; plants the larger the more they treat."""
    asked = result.question.region
    # Who takes nothing and lies elsewhere would only make the map small.
    shown = [one for one in result.plants if one.received_g or one.region.startswith(asked)]
    told = [one for one in result.regions if one.in_g or one.region.startswith(asked)]
    columns = _columns(
        page,
        message("Region"),
        message("Wants treatment"),
        message("Unmatched"),
        message("To plants here"),
        message("To plants elsewhere"),
        message("From elsewhere"),
        message("Can be treated"),
    )
    rows: list[list[object]] = [
        [
            one.name,
            mass_shown(one.supply_g + one.opening_g + one.residue_g),
            mass_shown(one.unmatched_g),
            mass_shown(one.inside_g),
            mass_shown(one.out_g),
            mass_shown(one.in_g),
            mass_shown(one.effective_g),
        ]
        for one in sorted(told, key=lambda one: (-one.unmatched_g, one.region))
    ]
    outlines = sorted({one.region[:2] for one in told})
    return Map(_points(page, shown), _areas(page, told), _lines(result), columns, rows, outlines)


def _areas(page: Page, told: Sequence[RegionFigures]) -> dict[str, dict[str, Any]]:
    worst = max((one.unmatched_g for one in told), default=0) or 1
    return {
        one.region: {
            "words": page.translate(
                message("{name}: {unmatched} of {need} find no plant"),
                name=one.name,
                unmatched=mass_in_words(one.unmatched_g),
                need=mass_in_words(one.supply_g + one.opening_g + one.residue_g),
            ),
            "share": one.unmatched_g / worst,
            "kind": "bad" if one.unmatched_g >= TRACE_G else "plain",
        }
        for one in told
    }


def _points(page: Page, shown: Sequence[PlantFigures]) -> list[dict[str, Any]]:
    most = max((one.treated_g for one in shown), default=0) or 1
    return [
        {
            "lat": one.latitude,
            "lon": one.longitude,
            "words": page.translate(
                message("{name}: treats {treated} of {able}"),
                name=one.name,
                treated=mass_in_words(one.treated_g),
                able=mass_in_words(one.effective_g),
            ),
            "kind": _kind(percent(one.treated_g, one.effective_g)),
            "size": round(_SMALLEST + (one.treated_g / most) ** 0.5 * (_LARGEST - _SMALLEST)),
        }
        for one in shown
    ]


def _lines(result: Result) -> list[dict[str, Any]]:
    places = {one.region: one for one in result.regions}
    plants = {one.plant: one for one in result.plants}
    return [
        {
            "points": [
                [places[region].latitude, places[region].longitude],
                [plants[plant].latitude, plants[plant].longitude],
            ],
            "words": f"{places[region].name} → {plants[plant].name}: {mass_in_words(grams)}",
        }
        for (region, plant), grams in _largest(result.flows)
    ]


def _kind(share: int | None) -> str:
    if share is None or share < _NORMAL:
        return "plain"
    return "bad" if share >= 100 else "warn" if share >= _TIGHT else "good"  # noqa: PLR2004  percent


def _largest(flows: Sequence[FlowFigures]) -> list[tuple[tuple[str, str], int]]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for flow in flows:
        sums[flow.region, flow.plant] += flow.mass_g
    return sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:FLOWS]
