"""The label of a bag or box of medical waste: yellow, with the sign for biological danger (HJ 421-2008).

On top the words of warning with the class, large; below on the left ward, unit, day and weight, on the right the sign
and the QR code; under all the digital code. Text is never lower than the rules allow.
"""

from typing import Final

from wastetrack.reports import pictograms, typesetting
from wastetrack.reports.drawing import Drawing, qr_operators
from wastetrack.reports.figures import LabelFigures, MedicalFigures
from wastetrack.reports.label_layout import (
    PITCH,
    SIZES,
    Line,
    Plan,
    Shortened,
    block_of,
    block_operators,
    code_height,
    draw_code,
    qr_box,
)

_TITLE: Final = 0.075
_CLASS: Final = 0.105
_HEAD: Final = 0.215
_SIGN: Final = 0.3
_GAP: Final = 0.02
_SIGN_ZH: Final = "In"
_MOST_NOTE: Final = 4


def draw(drawing: Drawing, layout: Plan, label: LabelFigures, x: float, y: float) -> tuple[Shortened, ...]:
    """Draw one label with its paper's corner at x, y; tells what had to be cut."""
    assert label.medical is not None, "only labels of medical waste are drawn here"  # noqa: S101  our mistake
    name = f"medical{layout.page_mm:g}"
    if not drawing.has_stamp(name):
        with drawing.stamp(name, layout.page_mm, layout.page_mm):
            _draw_ground(drawing, layout)
    drawing.place(name, x, y)
    drawing.emit(f"q 1 0 0 1 {x:.2f} {y:.2f} cm")
    inner, border = layout.inner, layout.border
    em = border.height * _CLASS
    class_width = typesetting.width(label.medical.waste_class, em)
    middle = inner.x + inner.width / 2
    squeeze = min(1.0, inner.width / class_width)
    drawing.text(
        middle - class_width * squeeze / 2,
        inner.y + border.height * 0.185,
        label.medical.waste_class,
        em,
        bold=True,
        squeeze=round(squeeze, 3),
    )
    top = inner.y + border.height * _HEAD
    code_top = inner.y + inner.height - code_height(layout)
    sign, code = border.height * _SIGN, qr_box(layout)
    column = max(sign, code.width)
    _draw_sign(drawing, layout, inner.x + inner.width - (column + sign) / 2, top, sign)
    drawing.emit(qr_operators(*code[:3], label.label_text))
    width = inner.width - column - border.width * _GAP
    lines, size, cut = _fitted(layout, _fields(label, label.medical), width, code.y + code.height - top)
    drawing.emit(block_operators(drawing, lines, inner.x, top, size))
    draw_code(drawing, layout, label, code_top)
    drawing.emit("Q")
    return tuple(Shortened(label.digital_code, *one) for one in cut)


def _draw_ground(drawing: Drawing, layout: Plan) -> None:
    rules = layout.rules
    drawing.fill_box(layout.border, rules.medical_background.value)
    drawing.frame(layout.border, rules.border_mm.value, rules.ink.value)
    em = layout.border.height * _TITLE
    middle = layout.border.x + layout.border.width / 2
    drawing.centred_text(middle, layout.inner.y + em * 0.9, f"警告！{rules.medical_title.value}", em, bold=True)


def _draw_sign(drawing: Drawing, layout: Plan, x: float, y: float, side: float) -> None:
    unit = side / 100
    figure = pictograms.operators(_SIGN_ZH, layout.rules.medical_background.value)
    drawing.emit(f"q {unit:.5f} 0 0 {unit:.5f} {x:.2f} {y:.2f} cm {figure} Q")


def _fields(label: LabelFigures, medical: MedicalFigures) -> tuple[tuple[str, str], ...]:
    hazards = "、".join(f"{pictograms.HAZARDS[letter].zh} {letter}" for letter in label.hazards)
    return (
        ("产生科室", medical.department),
        ("产生单位", label.generator_name),
        ("产生日期", label.generated_on.isoformat()),
        ("重量", label.mass.kg_text() if label.mass else ""),
        ("废物代码", f"{label.waste_code}　{label.form}"),
        ("危险特性", hazards),
        ("特别说明", "；".join(part for part in (medical.note, label.precautions, label.remarks) if part)),
        ("联系人", f"{label.contact_name} {label.contact_phone}{label.note_of_print()}"),
    )


def _fitted(
    layout: Plan, fields: tuple[tuple[str, str], ...], width: float, height: float
) -> tuple[tuple[Line, ...], float, tuple[tuple[str, str, str], ...]]:
    """The lines at the largest size that fits; at the least size, fields are cut until they do, the note last."""
    for step in SIZES:
        em = layout.least_em * step
        lines, cut = block_of(fields, em, width, ())
        if len(lines) * em * PITCH <= height:
            return lines, em, cut
    em = layout.least_em
    for note in range(_MOST_NOTE, 0, -1):
        limits = tuple((caption, note if caption == "特别说明" else min(note, 2)) for caption, _ in fields)
        lines, cut = block_of(fields, em, width, limits)
        if len(lines) * em * PITCH <= height:
            return lines, em, cut
    raise AssertionError(f"one line for each field does not fit a medical label of {layout.page_mm} mm")
