"""Small tags for bags: twenty-four to an A4 sheet, 70 × 37 mm each.

They carry the same QR code as the label but are smaller than HJ 1276-2022 allows for labels, and say so in print:
the drum or box that the bags go into bears the label of the standard.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from wastetrack.reports import pictograms, typesetting
from wastetrack.reports.drawing import Box, Drawing, qr_operators
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.label_layout import Shortened
from wastetrack.reports.label_rules import LabelRules

COLUMNS: Final = 3
ROWS: Final = 8
WIDTH_MM: Final = 70.0
HEIGHT_MM: Final = 37.125
_MARGIN: Final = 2.0
_BORDER: Final = 0.5
_QR: Final = 26.0
_HEAD: Final = 4.6
_PITCH: Final = 1.16
# Letters may be narrowed to this share of their width before text is cut.
_NARROWEST: Final = 0.78
_HEAD_NOTE: Final = "袋签·不代替容器标签"


@dataclass(frozen=True, slots=True)
class TagPlan:
    """The measures of a tag, in millimetres."""

    rules: LabelRules
    width: float
    height: float
    border: Box
    em: float


@lru_cache(maxsize=8)
def plan(rules: LabelRules) -> TagPlan:
    """The measures under these rules."""
    border = Box(_MARGIN, _MARGIN, WIDTH_MM - 2 * _MARGIN, HEIGHT_MM - 2 * _MARGIN)
    return TagPlan(rules, WIDTH_MM, HEIGHT_MM, border, rules.tag_text_height_mm.value / typesetting.HAN_HEIGHT)


def draw(drawing: Drawing, layout: TagPlan, label: LabelFigures, x: float, y: float) -> tuple[Shortened, ...]:
    """Draw one tag with its corner at x, y; tells what had to be cut."""
    name = "medicaltag" if label.medical else "tag"
    if not drawing.has_stamp(name):
        with drawing.stamp(name, layout.width, layout.height):
            _draw_ground(drawing, layout, is_medical=label.medical is not None)
    drawing.place(name, x, y)
    box, em = layout.border, layout.em
    left = box.x + _QR + 2 * _BORDER + 0.6
    room = box.x + box.width - left - _BORDER - 0.6
    parts = [f"q 1 0 0 1 {x:.2f} {y:.2f} cm"]
    qr_top = box.y + _HEAD + (box.height - _HEAD - _QR) / 2
    parts.append(qr_operators(box.x + _BORDER + 0.5, qr_top, _QR, label.label_text))
    lines = [*_lines(label), *(("数字识别码", group) for group in _code_lines(label.digital_code))]
    baseline = box.y + _HEAD + (box.height - _HEAD - len(lines) * em * _PITCH) / 2 + em
    cut: list[Shortened] = []
    for field, text in lines:
        shown, squeeze = _one_line(text, em, room)
        if shown != typesetting.printable(text):
            cut.append(Shortened(label.digital_code, field, text, shown))
        parts.append(drawing.text_operators(left, baseline, shown, em, squeeze=squeeze))
        baseline += em * _PITCH
    parts.append("Q")
    drawing.emit("\n".join(parts))
    return tuple(cut)


def _draw_ground(drawing: Drawing, layout: TagPlan, *, is_medical: bool) -> None:
    box, rules = layout.border, layout.rules
    ink = rules.ink.value
    drawing.fill_box(box, (rules.medical_background if is_medical else rules.background).value)
    drawing.frame(box, _BORDER, ink)
    em = 3.4
    head = (rules.medical_title if is_medical else rules.title).value
    drawing.text(box.x + 1.4, box.y + 3.6, head, em, bold=True)
    drawing.right_text(box.x + box.width - 1.4, box.y + 3.5, _HEAD_NOTE, layout.em)
    drawing.rule((box.x, box.y + _HEAD), (box.x + box.width, box.y + _HEAD), 0.2, ink)


@lru_cache(maxsize=16384)
def _one_line(text: str, em: float, room: float) -> tuple[str, float]:
    """What is shown, and how much its letters are narrowed for it."""
    whole = typesetting.printable(text)
    squeeze = min(1.0, room / max(typesetting.width(whole, em), em))
    if squeeze >= _NARROWEST:
        return whole, round(squeeze - 0.0005, 3) if squeeze < 1 else 1.0
    return typesetting.shorten(whole, em, room / _NARROWEST), _NARROWEST


def _lines(label: LabelFigures) -> list[tuple[str, str]]:
    hazards = "、".join(f"{pictograms.HAZARDS[letter].zh} {letter}" for letter in label.hazards)
    mass = label.mass.kg_text() if label.mass else "　　　　kg"
    lines = [
        ("废物名称", f"{label.medical.waste_class}　{label.medical.department}" if label.medical else label.waste_name),
        ("废物代码", f"{label.waste_code}　{label.form}"),
        ("危险特性", hazards),
        ("产生/收集单位", label.generator_name),
        ("联系人和联系方式", f"{label.contact_name} {label.contact_phone}"),
        ("废物重量", f"{label.generated_on.isoformat()}　{mass}"),
    ]
    note = label.medical.note if label.medical else ""
    remarks = "；".join(part for part in (label.note_of_print(), note, label.remarks) if part)
    return [*lines, ("备注", remarks)] if remarks else lines


def _code_lines(code: str) -> tuple[str, str]:
    return code[:18], f"{code[18:-11]} {code[-11:-3]} {code[-3:]}"
