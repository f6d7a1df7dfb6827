"""Labels of containers of general industrial solid waste: plain black on white, for no standard shapes them.

They carry the same QR symbol, so that a gate reads them like any other. Orange, pictograms and the words 危险废物
belong to hazardous waste alone (HJ 1276-2022) and never stand here.
"""

from typing import Final

from wastetrack.catalogues.general_wastes import is_general
from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Drawing
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.label_layout import Shortened

SIDE_MM: Final = 100.0
_MARGIN: Final = 4.0
_EM: Final = 3.6
_PITCH: Final = 1.45
_HEAD: Final = 9.0
_QR: Final = 34.0
_TITLE: Final = "一般工业固体废物"


def is_for(label: LabelFigures) -> bool:
    """Whether this container's label is one of these."""
    return is_general(label.waste_code)


def draw(drawing: Drawing, label: LabelFigures) -> tuple[Shortened, ...]:
    """One label on a page of its own; tells what had to be cut."""
    drawing.begin_page(SIDE_MM, SIDE_MM)
    box = Box(0, 0, SIDE_MM, SIDE_MM).inset(_MARGIN)
    drawing.frame(box, 0.5)
    drawing.centred_text(SIDE_MM / 2, box.y + 6.4, _TITLE, 5.4, bold=True)
    drawing.rule((box.x, box.y + _HEAD), (box.x + box.width, box.y + _HEAD), 0.3)
    cut: list[Shortened] = []
    baseline = box.y + _HEAD + _EM * _PITCH
    for caption, text, lines in _fields(label):
        whole = typesetting.printable(f"{caption}　{text}")
        shown = typesetting.wrap(whole, _EM, box.width - 4)
        if len(shown) > lines:
            kept = (*shown[: lines - 1], typesetting.shorten("".join(shown[lines - 1 :]), _EM, box.width - 4))
            cut.append(Shortened(label.digital_code, caption, text, "".join(kept)))
            shown = kept
        for line in shown:
            drawing.text(box.x + 2, baseline, line, _EM)
            baseline += _EM * _PITCH
    bottom = box.y + box.height
    drawing.qr(box.x + box.width - _QR - 1, bottom - _QR - 1, _QR, label.label_text)
    code = label.digital_code
    groups = (code[:18], f"{code[18:-11]} {code[-11:-3]} {code[-3:]}")
    drawing.text(box.x + 2, bottom - 12, "数字识别码", _EM)
    for number, group in enumerate(groups):
        drawing.text(box.x + 2, bottom - 7 + number * _EM * 1.2, group, _EM - 0.2)
    return tuple(cut)


def _fields(label: LabelFigures) -> tuple[tuple[str, str, int], ...]:
    """Caption, text, and how many lines it may take."""
    mass = label.mass.kg_text() if label.mass else "　　　　kg"
    return (
        ("废物名称", label.waste_name, 2),
        ("废物代码", f"{label.waste_code}　{label.category}", 1),
        ("废物形态", label.form, 1),
        ("产生单位", label.generator_name, 2),
        ("联系方式", f"{label.contact_name} {label.contact_phone}", 1),
        ("产生日期", f"{label.generated_on.isoformat()}　{mass}", 1),
        ("备注", label.remarks or "—", 1),
    )
