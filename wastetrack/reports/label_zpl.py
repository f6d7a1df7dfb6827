"""Labels for thermal printers in ZPL II: what our PDF shows as one black picture (^GFA), the QR code as ^BQN.

Printers have no Chinese font, so the text is rasterised from the same drawing that gives the PDF, with its grounds
left white: the colour is that of the stock in the printer, orange, or yellow for medical waste. The QR code is left to
the printer, whose modules are whole dots.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

import pypdfium2
from PIL import Image

from wastetrack.reports import label_layout, qr_symbols
from wastetrack.reports.drawing import WHITE, Box, Drawing
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.label_pdf import draw_label, size_of
from wastetrack.reports.label_rules import LabelRules, label_rules

_MM_PER_INCH: Final = 25.4
_POINTS_PER_INCH: Final = 72
_MIDDLE_GREY: Final = 128
_MOST_MAGNIFICATION: Final = 10
# How often the digit behind is repeated: G to Y are 1 to 19, g to z are 20 to 400.
_ONES: Final = "GHIJKLMNOPQRSTUVWXY"
_TWENTIES: Final = "ghijklmnopqrstuvwxyz"
_MOST_REPEATS: Final = 419
_TWENTY: Final = 20

# PDFium is not made for several threads at once.
_rendering = threading.Lock()


def label_zpl(labels: Sequence[LabelFigures], *, dpi: int, rules: LabelRules | None = None) -> str:
    """The labels as one job, each its own page; large ones twice, for two sides."""
    chosen = rules or label_rules()
    white = replace(chosen.background, value=WHITE)
    bare = replace(chosen, background=white, medical_background=replace(chosen.medical_background, value=WHITE))
    return "".join(_job(label, bare, dpi) for label in labels)


def _job(label: LabelFigures, rules: LabelRules, dpi: int) -> str:
    size = size_of(label, rules)
    layout = label_layout.plan(rules, size)
    picture = _picture(label, rules, layout.page_mm, dpi)
    per_dot = dpi / _MM_PER_INCH
    box = Box(*(part * per_dot for part in label_layout.qr_box(layout)))
    picture.paste(255, (round(box.x), round(box.y), round(box.x + box.width), round(box.y + box.height)))
    copies = 2 if size.on_two_sides else 1
    return (
        f"^XA^CI28^PW{picture.width}^LL{picture.height}^LH0,0\n"
        f"^FO0,0{graphic(picture)}^FS\n"
        f"{_qr(label.label_text, box)}\n"
        f"^PQ{copies}^XZ\n"
    )


def _picture(label: LabelFigures, rules: LabelRules, side_mm: float, dpi: int) -> Image.Image:
    """The label in black (0) and white (255)."""
    drawing = Drawing(title="ZPL")
    drawing.begin_page(side_mm, side_mm)
    draw_label(drawing, label, rules)
    with _rendering:
        document = pypdfium2.PdfDocument(drawing.bytes())
        try:
            grey: Image.Image = document[0].render(scale=dpi / _POINTS_PER_INCH, grayscale=True).to_pil().copy()
        finally:
            document.close()
    return grey.point(lambda shade: 0 if shade < _MIDDLE_GREY else 255)


def _qr(text: str, box: Box) -> str:
    """The printer draws the code, with its modules as large as the box allows and the quiet zone left white."""
    modules = qr_symbols.symbol(text).size
    magnification = min(_MOST_MAGNIFICATION, int(box.width // (modules + 2 * qr_symbols.QUIET_ZONE)))
    side = modules * magnification
    left, top = round(box.x + (box.width - side) / 2), round(box.y + (box.height - side) / 2)
    return f"^FO{left},{top}^BQN,2,{magnification}^FD{qr_symbols.LABEL_LEVEL}A,{text}^FS"


def graphic(picture: Image.Image) -> str:
    """The picture as ^GFA with the compression of ZPL's ASCII form; 1 is black."""
    row_bytes = (picture.width + 7) // 8
    black = Image.new("1", (row_bytes * 8, picture.height), 0)
    black.paste(picture.convert("L").point(lambda shade: 255 if shade < _MIDDLE_GREY else 0).convert("1"), (0, 0))
    data = black.tobytes()
    rows = [data[start : start + row_bytes].hex().upper() for start in range(0, len(data), row_bytes)]
    return f"^GFA,{len(data)},{len(data)},{row_bytes},{''.join(_compressed(rows))}"


def _compressed(rows: Sequence[str]) -> Iterator[str]:
    """A row like the one above is `:`; zeros and ones to the end are `,` and `!`; else repeats are counted."""
    above = None
    for row in rows:
        if row == above:
            yield ":"
            continue
        above = row
        end = ""
        for digit, mark in (("0", ","), ("F", "!")):
            if row.endswith(digit):
                row, end = row.rstrip(digit), mark  # noqa: PLW2901  what is left of it
                break
        yield "".join(_counted(digit, len(list(same))) for digit, same in groupby(row)) + end


def _counted(digit: str, times: int) -> str:
    said = ""
    while times > _MOST_REPEATS:
        said, times = said + _TWENTIES[-1] + _ONES[-1] + digit, times - _MOST_REPEATS
    if times == 1:
        return said + digit
    twenties, ones = divmod(times, _TWENTY)
    return said + (_TWENTIES[twenties - 1] if twenties else "") + (_ONES[ones - 1] if ones else "") + digit
