"""Signs of stores and facilities (HJ 1276-2022): zone signs with the plan of a store, facility signs with the triangle.

Sizes go by the distance from which they are read, colours and sizes by the label rules. Text is never lower than the
size asks; what does not fit into a block is cut with an ellipsis.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Drawing
from wastetrack.reports.label_rules import LabelRules, SignSize, label_rules

# Where there is room, text is set larger than the least height.
_LARGER: Final = 1.35
_PAD: Final = 0.035
_FRAME: Final = 0.006
_MOST_COLUMNS: Final = 4
_BAND: Final = 1.5
_PITCH: Final = 1.25
_HERE: Final = "★ 当前位置"
# The triangle's outer side in the square of 100 units that it is drawn in.
_OUTER: Final = 97.0
_TITLE_LINE: Final = 4


class FacilityPurpose(StrEnum):
    """Which of the three facility signs it is."""

    STORAGE = "storage"  # 危险废物贮存设施
    USE = "use"  # 危险废物利用设施
    DISPOSAL = "disposal"  # 危险废物处置设施


_PURPOSES: Final = {
    FacilityPurpose.STORAGE: "危险废物贮存设施",
    FacilityPurpose.USE: "危险废物利用设施",
    FacilityPurpose.DISPOSAL: "危险废物处置设施",
}


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """One zone on the plan: its name and the wastes that may lie there."""

    code: str
    name: str
    wastes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZoneSign:
    """The plan of all zones, and which of them the sign stands at."""

    place: str
    zones: tuple[ZoneFigures, ...]
    here: str


@dataclass(frozen=True, slots=True)
class FacilitySign:
    """Whose facility it is, under which code, who answers for it."""

    purpose: FacilityPurpose
    unit_name: str
    code: str
    contact: str
    number: str = ""


def zone_size(metres: float, rules: LabelRules | None = None) -> SignSize:
    """The least size of a zone sign that is read from so far."""
    return _for_distance((rules or label_rules()).zone_sizes.value, metres)


def facility_size(metres: float, rules: LabelRules | None = None) -> SignSize:
    """The least size of a facility sign that is read from so far."""
    return _for_distance((rules or label_rules()).facility_sizes.value, metres)


def _for_distance(sizes: tuple[SignSize, ...], metres: float) -> SignSize:
    return next(size for size in sizes if size.up_to_metres is None or metres <= size.up_to_metres)


def zone_sign_pdf(sign: ZoneSign, size: SignSize, rules: LabelRules | None = None) -> bytes:
    """The sign as one page of its real size."""
    rules = rules or label_rules()
    drawing = Drawing(title=rules.zone_title.value)
    page = Box(0, 0, size.width_mm, size.height_mm)
    drawing.begin_page(page.width, page.height)
    drawing.fill_box(page, rules.zone_background.value)
    pad = page.width * _PAD
    drawing.frame(page.inset(pad / 3), page.width * _FRAME, rules.ink.value)
    inner = page.inset(pad)
    em = size.title_height_mm / typesetting.HAN_HEIGHT
    drawing.centred_text(page.width / 2, inner.y + em, rules.zone_title.value, em, bold=True)
    least = size.text_height_mm / typesetting.HAN_HEIGHT
    place = least * _LARGER
    drawing.centred_text(page.width / 2, inner.y + em * 1.3 + place, _cut(sign.place, place, inner.width), place)
    top = inner.y + em * 1.5 + place * _BAND
    _draw_plan(drawing, Box(inner.x, top, inner.width, inner.y + inner.height - top), sign, least, rules)
    return drawing.bytes()


def _draw_plan(drawing: Drawing, plan: Box, sign: ZoneSign, em: float, rules: LabelRules) -> None:
    """The zones side by side, as many in a row as a text of the least height allows."""
    count = max(len(sign.zones), 1)
    columns = min(math.ceil(math.sqrt(count)), _MOST_COLUMNS, max(1, int(plan.width // (em * 6))))
    rows = math.ceil(count / columns)
    line = plan.width * _FRAME
    for i, zone in enumerate(sign.zones):
        cell = Box(
            plan.x + plan.width / columns * (i % columns),
            plan.y + plan.height / rows * (i // columns),
            plan.width / columns,
            plan.height / rows,
        ).inset(line)
        drawing.frame(cell, line, rules.ink.value)
        _draw_zone(drawing, cell.inset(line * 2), zone, em, rules, is_here=zone.code == sign.here)


def _draw_zone(drawing: Drawing, cell: Box, zone: ZoneFigures, em: float, rules: LabelRules, *, is_here: bool) -> None:
    """Its name, the orange block with its wastes, and where the sign stands."""
    em = _zone_em(cell, zone, em)
    drawing.text(cell.x, cell.y + em, _cut(f"{zone.code} {zone.name}", em, cell.width), em, bold=True)
    foot = em * _PITCH if is_here else 0.0
    if is_here:
        drawing.text(cell.x, cell.y + cell.height - em * 0.3, _cut(_HERE, em, cell.width), em, bold=True)
    block = Box(cell.x, cell.y + em * _PITCH, cell.width, cell.height - em * _PITCH - foot)
    if not zone.wastes or block.height < em * _PITCH:
        return
    drawing.fill_box(block, rules.zone_block.value)
    drawing.frame(block, cell.width * 0.008, rules.ink.value)
    lines = [_cut(waste, em, block.width - em * 0.4) for waste in zone.wastes]
    room = int((block.height - em * 0.2) // (em * _PITCH))
    if len(lines) > room:
        lines = [*lines[: max(room - 1, 0)], _cut(f"等 {len(zone.wastes)} 种", em, block.width)][:room]
    for i, text in enumerate(lines):
        drawing.text(block.x + em * 0.2, block.y + em * (1 + i * _PITCH), text, em)


def _zone_em(cell: Box, zone: ZoneFigures, least: float) -> float:
    """As large as the wastes of the zone leave room for, up to twice the least height."""
    lines = len(zone.wastes) + 3
    widest = max((typesetting.width(text, 1.0) for text in (*zone.wastes, f"{zone.code} {zone.name}")), default=1.0)
    fitting = min(cell.height / (lines * _PITCH), cell.width / (widest + 0.5))
    return max(least, min(least * 2, fitting))


def facility_sign_pdf(sign: FacilitySign, size: SignSize, rules: LabelRules | None = None) -> bytes:
    """The sign as one page of its real size: the triangle on the left, whose facility it is on the right."""
    rules = rules or label_rules()
    drawing = Drawing(title=_PURPOSES[sign.purpose])
    page = Box(0, 0, size.width_mm, size.height_mm)
    scale = page.width / rules.facility_sizes.value[0].width_mm
    drawing.begin_page(page.width, page.height)
    drawing.fill_box(page, rules.facility_background.value)
    drawing.frame(page.inset(page.width * 0.015), rules.facility_border_mm.value * scale, rules.ink.value)
    side = rules.facility_triangle_mm.value * scale
    unit = side / _OUTER
    left, top = page.width * 0.035, (page.height - 84 * unit) / 2
    ground = triangle(rules.facility_background.value)
    drawing.emit(f"q {unit:.5f} 0 0 {unit:.5f} {left:.3f} {top - 6 * unit:.3f} cm {ground} Q")
    x = left + side + page.width * 0.03
    room = page.width * 0.965 - x
    em, least = (height / typesetting.HAN_HEIGHT for height in (size.title_height_mm, size.text_height_mm))
    title, number = _PURPOSES[sign.purpose], f"（{sign.number}）" if sign.number else ""
    said = (number, f"单位名称：{sign.unit_name}", f"设施编码：{sign.code}", f"负责人及联系方式：{sign.contact}")
    lines = [line for text in said if text for line in typesetting.wrap(text, least, room)]
    height = 2 * em * _PITCH + least * (1.35 * len(lines) + 0.4)
    baseline = max((page.height - height) / 2, page.height * 0.05) + em
    for part in (title[:_TITLE_LINE], title[_TITLE_LINE:]):
        drawing.text(x, baseline, part, em, bold=True)
        baseline += em * _PITCH
    baseline += least - em + least * 0.4
    for line in lines:
        if baseline <= page.height * 0.965:
            drawing.text(x, baseline, line, least)
        baseline += least * 1.35
    return drawing.bytes()


def triangle(ground: tuple[int, int, int]) -> str:
    """The sign of danger to the environment in a square of 100 units: a triangle with a dead tree and a dead fish."""
    red, green, blue = (f"{part / 255:.4g}" for part in ground)
    frame = "q 0 G 5 w 1 j 50 8 m 96 90 l 4 90 l h S Q "
    tree = (
        "q 0 G 1 J 1 j 4.2 w 44 81 m 44 56 l 45 40 l S 2.6 w 44.5 62 m 36 52 l 33 53 l S 39.5 56 m 40 49 l S "
        "44.6 56 m 54 46 l 54 41 l S 50 50 m 56 49 l S 45 47 m 41 40 l 41 36 l S 45 42 m 49 34 l 48 30 l S Q "
    )
    ground_line = "0 g 20 81 m 28 78.5 38 79.5 46 80 c 50 82 l 50 83.5 l 20 83.5 l h f "
    fish = (
        "0 g 52 78 m 58 71 70 70.5 77 76 c 83 71.5 l 82 77.5 l 84 83.5 l 77 79.5 l 70 85 58 84.5 52 78 c h f "
        f"q {red} {green} {blue} RG 1.1 w 56 75.6 m 58.6 78.2 l S 58.6 75.6 m 56 78.2 l S "
        "63 74 m 65 77.6 63 81.4 l S Q "
    )
    return frame + tree + ground_line + fish.replace("65 77.6 63 81.4 l", "65 77.6 l S 65 77.6 m 63 81.4 l")


def _cut(text: str, em: float, room: float) -> str:
    whole = typesetting.printable(text)
    return whole if typesetting.width(whole, em) <= room else typesetting.shorten(whole, em, room)
