"""Labels of hazardous waste containers as PDF (HJ 1276-2022): one to a page, or several to an A4 sheet.

The look follows LabelRules. Text is never smaller than the rules allow: it is wrapped, then set smaller down to the
least height, and what still does not fit is cut with an ellipsis and reported in `LabelDocument.shortened`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wastetrack.reports import general_label, label_layout, medical_layout, tag_layout, typesetting
from wastetrack.reports.drawing import Drawing
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.label_layout import Shortened
from wastetrack.reports.label_rules import LabelRules, LabelSize, label_rules

A4: Final = (210.0, 297.0)
_FOUR_GAP_MM: Final = 2.0
_CUT_MARK_MM: Final = 3.0
_CUT_LINE_MM: Final = 0.1
_GREY: Final = (120, 120, 120)


class LabelPaper(StrEnum):
    """What the labels are printed on."""

    SINGLE = "single"
    """One label to a page of its size (100, 150 or 200 mm) as the container's volume asks."""
    A4_FOUR = "a4-four"
    """Four labels of 100 mm on an A4 sheet, with cutting marks; only for containers up to 50 L."""
    A4_TAGS = "a4-tags"
    """Twenty-four tags of 70 × 37 mm for bags; they do not replace the label of the standard."""
    ZPL_203 = "zpl-203"
    """One label each for a thermal printer with 203 dots to the inch (label_zpl)."""
    ZPL_300 = "zpl-300"
    """The same with 300 dots to the inch."""


PDF_PAPERS: Final = (LabelPaper.SINGLE, LabelPaper.A4_FOUR, LabelPaper.A4_TAGS)


@dataclass(frozen=True, slots=True)
class LabelDocument:
    """The file, and what its reader should be warned of."""

    pdf: bytes
    pages: int
    shortened: tuple[Shortened, ...]
    missing: tuple[str, ...]
    """Characters that no glyph exists for; they are printed as □."""


def label_pdf(
    labels: Sequence[LabelFigures],
    *,
    paper: LabelPaper = LabelPaper.SINGLE,
    rules: LabelRules | None = None,
    both_sides: bool = True,
) -> LabelDocument:
    """Draw the labels in the order given, by the rules of this deployment. Equal figures give equal bytes.

    `both_sides`: containers that need a label on two opposite sides get two. Raises ValueError for no labels at all,
    and where a container needs a larger label than the paper holds.
    """
    if not labels:
        raise ValueError("there are no labels to print")
    rules = rules or label_rules()
    drawing = Drawing(title="危险废物标签")
    shortened: list[Shortened] = []
    plain = [label for label in labels if general_label.is_for(label)]
    labels = [label for label in labels if not general_label.is_for(label)]
    match paper:
        case LabelPaper.SINGLE:
            _draw_singles(drawing, labels, rules, shortened, both_sides=both_sides)
        case LabelPaper.A4_FOUR:
            _draw_fours(drawing, labels, rules, shortened)
        case LabelPaper.A4_TAGS:
            _draw_tags(drawing, labels, rules, shortened)
        case LabelPaper.ZPL_203 | LabelPaper.ZPL_300:
            raise ValueError(f"{paper} is no paper of a PDF")
    for label in plain:  # no matter of the standard: each on a page of its own, after the others
        shortened.extend(general_label.draw(drawing, label))
    return LabelDocument(drawing.bytes(), drawing.pages, tuple(shortened), _missing([*labels, *plain]))


def size_of(label: LabelFigures, rules: LabelRules) -> LabelSize:
    """The size of label that a container needs."""
    return (rules.medical_size_for if label.medical else rules.size_for)(label.volume_litres)


def draw_label(
    drawing: Drawing, label: LabelFigures, rules: LabelRules, x: float = 0.0, y: float = 0.0
) -> tuple[Shortened, ...]:
    """Draw one label of the standard with its paper's corner at x, y; tells what had to be cut."""
    plan = label_layout.plan(rules, size_of(label, rules))
    draw = medical_layout.draw if label.medical else label_layout.draw
    return draw(drawing, plan, label, x, y)


def _draw_singles(
    drawing: Drawing,
    labels: Sequence[LabelFigures],
    rules: LabelRules,
    shortened: list[Shortened],
    *,
    both_sides: bool,
) -> None:
    for label in labels:
        size = size_of(label, rules)
        side = label_layout.plan(rules, size).page_mm
        drawing.begin_page(side, side)
        shortened.extend(draw_label(drawing, label, rules))
        if both_sides and size.on_two_sides:
            drawing.begin_page(side, side)
            draw_label(drawing, label, rules)


def _draw_fours(
    drawing: Drawing, labels: Sequence[LabelFigures], rules: LabelRules, shortened: list[Shortened]
) -> None:
    smallest = rules.sizes.value[0]
    for label in labels:
        if (needed := size_of(label, rules)).side_mm > smallest.side_mm:
            raise ValueError(
                f"the container {label.digital_code} needs a label of {needed.side_mm} mm; four fit on A4 only at "
                f"{smallest.side_mm} mm"
            )
    side, gap = label_layout.plan(rules, smallest).page_mm, _FOUR_GAP_MM
    left, top = (A4[0] - 2 * side - gap) / 2, (A4[1] - 2 * side - gap) / 2
    places = [(left + column * (side + gap), top + row * (side + gap)) for row in (0, 1) for column in (0, 1)]
    for label, place in zip(labels, _places(drawing, places), strict=False):
        shortened.extend(draw_label(drawing, label, rules, *place))
        _cut_marks(drawing, *place, side)


def _draw_tags(drawing: Drawing, labels: Sequence[LabelFigures], rules: LabelRules, shortened: list[Shortened]) -> None:
    plan = tag_layout.plan(rules)
    columns, rows = tag_layout.COLUMNS, tag_layout.ROWS
    places = [(column * plan.width, row * plan.height) for row in range(rows) for column in range(columns)]
    for label, place in zip(labels, _places(drawing, places), strict=False):
        shortened.extend(tag_layout.draw(drawing, plan, label, *place))


def _places(drawing: Drawing, places: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Place after place, beginning a new A4 page whenever one is full."""
    while True:
        drawing.begin_page(*A4)
        yield from places


def _cut_marks(drawing: Drawing, x: float, y: float, side: float) -> None:
    """Ticks at the corners of a label, outside it where the sheet leaves room."""
    for cx, away in ((x, -1), (x + side, 1)):
        for cy, down in ((y, -1), (y + side, 1)):
            drawing.rule((cx, cy), (cx + away * _CUT_MARK_MM, cy), _CUT_LINE_MM, _GREY)
            drawing.rule((cx, cy), (cx, cy + down * _CUT_MARK_MM), _CUT_LINE_MM, _GREY)


def _missing(labels: Sequence[LabelFigures]) -> tuple[str, ...]:
    texts = {
        text
        for label in labels
        for text in (
            label.waste_name,
            label.category,
            label.form,
            label.main_components,
            label.harmful_components,
            label.precautions,
            label.generator_name,
            label.contact_name,
            label.contact_phone,
            label.remarks,
            *((label.medical.department, label.medical.note) if label.medical else ()),
        )
    }
    return typesetting.missing_glyphs(*sorted(texts))
