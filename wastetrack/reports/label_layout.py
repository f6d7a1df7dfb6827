"""Where each field stands on a label of HJ 1276-2022, and how its text is made to fit.

Three blocks under the title: on top the names beside the hazard pictograms, in the middle the components and
precautions over the full width, at the bottom who and when beside the QR code; under all the digital code.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from wastetrack.reports import pictograms, typesetting
from wastetrack.reports.drawing import Box, Drawing, qr_operators
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.label_rules import LabelRules, LabelSize

PITCH: Final = 1.16
# Text is set larger than the least height where there is room, in these steps.
SIZES: Final = (1.24, 1.16, 1.08, 1.0)
# Before text is cut the pictograms give way; to the last only where even one line for each field finds no room.
TILE_SCALES: Final = (1.0, 0.85, 0.7, 0.45)
NARROWEST_CODE: Final = 0.8
_PADDING: Final = 0.016
_TITLE: Final = 0.085
_TITLE_BAND: Final = 0.1
_RIGHT_COLUMN: Final = 0.3
_QR_SIDE: Final = 0.285
HAIR_MM: Final = 0.25
_CODE_GAPS: Final = 3
ABOVE_CODE: Final = 0.25
FIRST_BASELINE: Final = 0.98
_MOST_LINES: Final = 20
# Lines that these fields keep while others still have more than one.
_KEPT_LINES: Final = {"废物名称": 2, "废物类别": 2, "产生/收集单位": 2, "联系人和联系方式": 2}
COLON: Final = "："
_PICTOGRAMS_IN_A_ROW: Final = 2


@dataclass(frozen=True, slots=True)
class Shortened:
    """A field of a label that was too long: the whole text stands in the records, the label has its beginning."""

    digital_code: str
    field: str
    whole: str
    printed: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The measures of one size of label, in millimetres. `least_em` gives the least height the rules allow."""

    rules: LabelRules
    page_mm: float
    border: Box
    inner: Box
    least_em: float

    @property
    def right_width(self) -> float:
        """Width of the column with pictograms and QR code."""
        return self.border.width * _RIGHT_COLUMN

    @property
    def left_width(self) -> float:
        """Width of the text beside it."""
        return self.inner.width - self.right_width


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: a bold caption (may be empty), what follows it, and the caption of an empty field after it."""

    caption: str
    text: str
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The lines of the three blocks at the size that fits, and what had to be cut."""

    em: float
    tile_scale: float
    top: tuple[Line, ...]
    middle: tuple[Line, ...]
    bottom: tuple[Line, ...]
    cut: tuple[tuple[str, str, str], ...]


@lru_cache(maxsize=16)
def plan(rules: LabelRules, size: LabelSize) -> Plan:
    """The measures of this size under these rules."""
    margin = rules.margin_mm.value
    page = size.side_mm if rules.margin_inside_size.value else size.side_mm + 2 * margin
    border = Box(margin, margin, page - 2 * margin, page - 2 * margin)
    inner = border.inset(rules.border_mm.value + size.side_mm * _PADDING)
    return Plan(rules, page, border, inner, size.text_height_mm / typesetting.HAN_HEIGHT)


def draw(drawing: Drawing, layout: Plan, label: LabelFigures, x: float, y: float) -> tuple[Shortened, ...]:
    """Draw one label with its paper's corner at x, y; tells what had to be cut."""
    stamp = f"label{layout.page_mm:g}"
    if not drawing.has_stamp(stamp):
        with drawing.stamp(stamp, layout.page_mm, layout.page_mm):
            _draw_ground(drawing, layout)
    drawing.place(stamp, x, y)
    drawing.emit(f"q 1 0 0 1 {x:.2f} {y:.2f} cm")
    blocks = _fitted(layout, len(label.hazards), _top(label), _middle(label), _bottom(label))
    pitch, side = blocks.em * PITCH, qr_side(layout)
    top = layout.inner.y + layout.border.height * _TITLE_BAND
    code_top = layout.inner.y + layout.inner.height - code_height(layout)
    bottom = code_top - max(side, len(blocks.bottom) * pitch) - layout.least_em * ABOVE_CODE
    below_top = top + _top_height(layout, len(label.hazards), blocks)
    middle = (below_top + bottom - len(blocks.middle) * pitch) / 2
    _draw_hazards(drawing, layout, label.hazards, blocks.tile_scale, top)
    for lines, start in ((blocks.top, top), (blocks.middle, middle), (blocks.bottom, bottom)):
        drawing.emit(block_operators(drawing, lines, layout.inner.x, start, blocks.em))
    drawing.emit(qr_operators(*qr_box(layout)[:3], label.label_text))
    draw_code(drawing, layout, label, code_top)
    drawing.emit("Q")
    return tuple(Shortened(label.digital_code, *cut) for cut in blocks.cut)


def _draw_ground(drawing: Drawing, layout: Plan) -> None:
    rules = layout.rules
    drawing.fill_box(layout.border, rules.background.value)
    drawing.frame(layout.border, rules.border_mm.value, rules.ink.value)
    em = layout.border.height * _TITLE
    middle = layout.border.x + layout.border.width / 2
    baseline = layout.inner.y + em * 0.86
    title = rules.title.value
    spread = em * 0.25
    start = middle - (typesetting.width(title, em) + spread * (len(title) - 1)) / 2
    for i, character in enumerate(title):
        drawing.text(start + i * (em + spread), baseline, character, em, bold=True)


def draw_code(drawing: Drawing, layout: Plan, label: LabelFigures, top: float) -> None:
    """The digital code in one line under the QR code: its groups apart, narrowed only if they must be."""
    caption, em = "数字识别码" + COLON, layout.least_em
    groups = (label.digital_code[:18], label.digital_code[18:-11], label.digital_code[-11:-3], label.digital_code[-3:])
    captioned = typesetting.width(caption, em) - em * 0.3
    room = layout.inner.width - captioned
    needed = sum(typesetting.width(group, em) for group in groups)
    gap = min(em * 0.6, max(em * 0.3, (room - needed) / _CODE_GAPS))
    squeeze = min(1.0, (room - _CODE_GAPS * gap) / needed)
    assert squeeze >= NARROWEST_CODE, "the digital code does not fit this size of label"  # noqa: S101  our mistake
    drawing.rule((layout.inner.x, top), (layout.inner.x + layout.inner.width, top), HAIR_MM, layout.rules.ink.value)
    baseline = top + em * 1.12
    drawing.text(layout.inner.x, baseline, caption, em, bold=True)
    at = layout.inner.x + captioned
    for group in groups:
        drawing.text(at, baseline, group, em, squeeze=round(squeeze, 3))
        at += typesetting.width(group, em) * squeeze + gap


def code_height(layout: Plan) -> float:
    """Height of the line with the digital code."""
    return layout.least_em * PITCH * 1.15


def _hazard_tile(layout: Plan, count: int, scale: float) -> tuple[float, int]:
    """Side of one pictogram and how many stand in a row."""
    row = min(count, _PICTOGRAMS_IN_A_ROW)
    room = layout.right_width - layout.least_em * 0.3
    return min(room / row, room * (0.62, 0.48, 0.4)[min(count, 5) // 2]) * scale, row


def _hazards_height(layout: Plan, count: int, scale: float) -> float:
    side, row = _hazard_tile(layout, max(count, 1), scale)
    rows = -(-max(count, 1) // row)
    return layout.least_em * PITCH * (1 + rows) + rows * side


def _draw_hazards(drawing: Drawing, layout: Plan, hazards: tuple[str, ...], scale: float, top: float) -> None:
    em, column = layout.least_em, layout.right_width
    left = layout.inner.x + layout.inner.width - column
    name = f"hazards{layout.page_mm:g}-{scale * 100:.0f}{''.join(hazards)}"
    if not drawing.has_stamp(name):
        with drawing.stamp(name, column, _hazards_height(layout, len(hazards), scale) + em):
            drawing.centred_text(column / 2, em * FIRST_BASELINE, "危险特性", em, bold=True)
            if hazards:
                _draw_tiles(drawing, layout, hazards, scale)
    drawing.place(name, left, top)


def _draw_tiles(drawing: Drawing, layout: Plan, hazards: tuple[str, ...], scale: float) -> None:
    em = layout.least_em
    side, row = _hazard_tile(layout, len(hazards), scale)
    cell = max(side, em * 3.2)
    for i, hazard in enumerate(hazards):
        in_row = min(row, len(hazards) - i // row * row)
        middle = layout.right_width / 2 + (i % row - (in_row - 1) / 2) * cell
        y = em * PITCH + i // row * (side + em * PITCH)
        unit = side / 100
        figure = pictograms.operators(hazard)
        drawing.emit(f"q {unit:.5f} 0 0 {unit:.5f} {middle - side / 2:.2f} {y:.2f} cm {figure} Q")
        drawing.centred_text(middle, y + side + em * 0.95, pictograms.HAZARDS[hazard].zh, em)


def qr_side(layout: Plan) -> float:
    """Side of the QR code with its quiet zone."""
    return max(layout.border.width * _QR_SIDE, layout.rules.qr_least_mm.value)


def qr_box(layout: Plan) -> Box:
    """Where the QR code stands with its quiet zone: at the right, over the line with the digital code."""
    side = qr_side(layout)
    top = layout.inner.y + layout.inner.height - code_height(layout) - side - layout.least_em * ABOVE_CODE
    return Box(layout.inner.x + layout.inner.width - side, top, side, side)


def _top(label: LabelFigures) -> tuple[tuple[str, str], ...]:
    return (
        ("废物名称", label.waste_name),
        ("废物类别", label.category),
        ("废物代码", label.waste_code),
        ("废物形态", label.form),
    )


def _middle(label: LabelFigures) -> tuple[tuple[str, str], ...]:
    return (
        ("主要成分", label.main_components),
        ("有害成分", label.harmful_components),
        ("注意事项", label.precautions),
    )


def _bottom(label: LabelFigures) -> tuple[tuple[str, str], ...]:
    return (
        ("产生/收集单位", label.generator_name),
        ("联系人和联系方式", f"{label.contact_name} {label.contact_phone}"),
        ("产生日期", label.generated_on.isoformat()),
        ("废物重量", label.mass.kg_text() if label.mass else ""),
        ("备注", label.remarks + label.note_of_print()),
    )


def _top_height(layout: Plan, hazard_count: int, blocks: Blocks) -> float:
    pictograms_height = _hazards_height(layout, hazard_count, blocks.tile_scale)
    return max(pictograms_height, len(blocks.top) * blocks.em * PITCH)


Fields = tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def _fitted(layout: Plan, hazard_count: int, top: Fields, middle: Fields, bottom: Fields) -> Blocks:
    """The largest size at which all lines fit; at the least size the longest fields are cut until they do."""
    fields = (top, middle, bottom)
    for step, scale in [(step, TILE_SCALES[0]) for step in SIZES] + [(SIZES[-1], scale) for scale in TILE_SCALES[1:-1]]:
        blocks = _set(layout, layout.least_em * step, scale, fields, {})
        if _fits(layout, hazard_count, blocks):
            return blocks
    for scale in TILE_SCALES[-2:]:
        limits: dict[str, int] = {}
        blocks = _set(layout, layout.least_em, scale, fields, limits)
        while not _fits(layout, hazard_count, blocks) and _tighten(layout, hazard_count, blocks, limits):
            blocks = _set(layout, layout.least_em, scale, fields, limits)
        if _fits(layout, hazard_count, blocks):
            return _regrown(layout, hazard_count, fields, limits, scale)
    raise AssertionError(f"one line for each field does not fit a label of {layout.page_mm} mm")


def _regrown(
    layout: Plan, hazard_count: int, fields: tuple[Fields, ...], limits: dict[str, int], least_scale: float
) -> Blocks:
    """Give back what the last cuts freed: lines to the fields cut, then size to the pictograms."""

    def fitting() -> Blocks | None:
        scales = [scale for scale in TILE_SCALES if scale >= least_scale]
        choices = (_set(layout, layout.least_em, scale, fields, limits) for scale in scales)
        return next((blocks for blocks in choices if _fits(layout, hazard_count, blocks)), None)

    for name in reversed(limits):
        limits[name] += 1
        while limits[name] <= _MOST_LINES and fitting():
            limits[name] += 1
        limits[name] -= 1
    blocks = fitting()
    assert blocks is not None, "what fitted before fits still"  # noqa: S101  our mistake
    return blocks


def _fits(layout: Plan, hazard_count: int, blocks: Blocks) -> bool:
    band = layout.border.height * _TITLE_BAND
    room = layout.inner.height - band - code_height(layout) - layout.least_em * ABOVE_CODE
    text = len(blocks.middle) * blocks.em * PITCH
    bottom = max(qr_side(layout), len(blocks.bottom) * blocks.em * PITCH)
    return _top_height(layout, hazard_count, blocks) + text + bottom <= room


def _tighten(layout: Plan, hazard_count: int, blocks: Blocks, limits: dict[str, int]) -> bool:
    """Take one line from the longest field, among the blocks whose text is what takes the room; False: none is left."""
    pitch = blocks.em * PITCH
    tall: list[tuple[Line, ...]] = [blocks.middle]
    if len(blocks.top) * pitch > _hazards_height(layout, hazard_count, blocks.tile_scale):
        tall.append(blocks.top)
    if len(blocks.bottom) * pitch > qr_side(layout):
        tall.append(blocks.bottom)
    counts: dict[str, int] = {}
    for lines in tall:
        field = ""
        for line in lines:
            field = line.caption.removesuffix(COLON) or field
            counts[field] = counts.get(field, 0) + 1
    longest = max(counts, key=lambda name: (counts[name] - _KEPT_LINES.get(name, 1), counts[name]))
    limits[longest] = counts[longest] - 1
    return counts[longest] > 1


def _set(layout: Plan, em: float, scale: float, fields: tuple[Fields, ...], limits: dict[str, int]) -> Blocks:
    widths = (layout.left_width, layout.inner.width, layout.left_width)
    blocks = [
        block_of(block, em, room, tuple((caption, limits[caption]) for caption, _ in block if caption in limits))
        for block, room in zip(fields, widths, strict=True)
    ]
    (top, cut_top), (middle, cut_middle), (bottom, cut_bottom) = blocks
    return Blocks(em, scale, top, middle, bottom, cut_top + cut_middle + cut_bottom)


Cuts = tuple[tuple[str, str, str], ...]
Limits = tuple[tuple[str, int], ...]
"""For a field its most lines."""


@lru_cache(maxsize=4096)
def block_of(
    block: Fields, em: float, room: float, limits: tuple[tuple[str, int], ...]
) -> tuple[tuple[Line, ...], Cuts]:
    """The lines of one block at this size, and the fields that were cut (caption, whole text, printed text)."""
    most, cut = dict(limits), list[tuple[str, str, str]]()
    lines: list[Line] = []
    for caption, text in block:
        set_lines, whole = _field(caption, text, em, room, most.get(caption))
        if not whole:
            cut.append((caption, text, "".join(line.text for line in set_lines)))
        if not text and _shares_line(lines, caption, em, room):
            lines[-1] = replace(lines[-1], tail=caption + COLON)
        else:
            lines.extend(set_lines)
    return tuple(lines), tuple(cut)


def _shares_line(lines: list[Line], caption: str, em: float, room: float) -> bool:
    """Whether an empty field may stand behind the line before it."""
    if not lines or lines[-1].tail:
        return False
    before = lines[-1].caption + lines[-1].text
    return typesetting.width(before, em) + em + typesetting.width(caption + COLON, em) <= room


def _field(caption: str, text: str, em: float, room: float, limit: int | None) -> tuple[list[Line], bool]:
    """The lines of a field, and whether they hold the whole of it."""
    marked = caption + COLON
    first = room - typesetting.width(marked, em)
    wrapped = typesetting.wrap(text, em, room, first) or ("",)
    whole = limit is None or len(wrapped) <= limit
    if limit is not None and not whole:
        last = typesetting.shorten("".join(wrapped[limit - 1 :]), em, first if limit == 1 else room)
        wrapped = (*wrapped[: limit - 1], last)
    return [Line(marked if i == 0 else "", line) for i, line in enumerate(wrapped)], whole


def block_operators(drawing: Drawing, lines: tuple[Line, ...], x: float, top: float, em: float) -> str:
    """What draws the lines of one block, one under the other."""
    parts: list[str] = []
    for i, line in enumerate(lines):
        baseline = top + em * (FIRST_BASELINE + PITCH * i)
        at = x
        if line.caption:
            parts.append(drawing.text_operators(x, baseline, line.caption, em, bold=True))
            at += typesetting.width(line.caption, em)
        if line.text:
            parts.append(drawing.text_operators(at, baseline, line.text, em))
        if line.tail:
            at += typesetting.width(line.text, em) + em
            parts.append(drawing.text_operators(at, baseline, line.tail, em, bold=True))
    return "\n".join(parts)
