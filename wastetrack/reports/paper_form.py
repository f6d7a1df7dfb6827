"""The manifest as a paper form for outages (令23 art. 20): reserved number, QR code, and boxes to be filled by hand.

Three copies, one each for shipper, carrier and receiver; every copy has the three parts of the manifest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from wastetrack.reports import manifest_words as words
from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Drawing
from wastetrack.reports.figures import Locale, Words
from wastetrack.reports.form_layout import (
    CAPTION_EM,
    GREY,
    HAIR,
    MARGIN,
    PAD,
    PAGE_HEIGHT,
    RULE,
    SECOND_EM,
    VALUE_EM,
    WIDTH,
    Form,
)

_QR_SIDE: Final = 25.0
_TOP: Final = 9.0
_LINE: Final = 11.6
"""Millimetres of a box that a pen fills."""
_ROWS: Final = 8
_FOOT: Final = PAGE_HEIGHT - 8.0
_COPIES: Final = (
    Words("第一联　移出人留存", "Copy 1: kept by the shipper"),
    Words("第二联　承运人留存", "Copy 2: kept by the carrier"),
    Words("第三联　接受人留存", "Copy 3: kept by the receiver"),
)
_PAPER: Final = Words("纸质联单（系统无法使用时）", "On paper, while the system cannot be used")
_DUE: Final = Words(
    "转移活动完成后十个工作日内，由移出人扫描本联单并在系统中补录（令23 第二十条）；编号须与本页一致。",
    "Within ten working days after the transfer ended the shipper scans this form and enters it (Order 23, art. 20), "
    "under the number on this page.",
)
_RECEIVER: Final = Words("接受人", "Receiver")
_CARRIER: Final = Words("承运人", "Carrier")
_WASTE: Final = Words("废物名称", "Waste")
_CODE: Final = Words("废物代码", "Code")
_FORM: Final = Words("形态／危险特性", "Form, hazards")
_PACKING: Final = Words("包装及数量", "Packaging, count")
_LABEL: Final = Words("容器编码（手写标签注明）", "Container code, or “by hand”")
_SENT: Final = Words("移出量 kg", "Shipped kg")
_TAKEN: Final = Words("接受量 kg", "Received kg")
_SIGNATURE: Final = Words("签名及日期、时间", "Signature, date and time")
_METHOD: Final = Words("利用处置方式", "Method")
_OPINION: Final = Words("接受意见、差异说明", "Opinion, differences")
_REASON: Final = Words("不能使用系统的原因", "Why the system could not be used")
_HANDOVER: Final = Words("交接时间、地点", "Time and place of the handover")

Blank = tuple[Words, float, str]
"""A box: its caption, its share of the row, and what is printed in it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFormFigures:
    """What is known before the form is filled in."""

    number: str
    url: str
    shipper: str
    credit_code: str
    address: str
    phone: str
    printed_at: datetime
    zone: str


def paper_form_pdf(figures: PaperFormFigures, locale: Locale) -> bytes:
    """Three pages; equal figures give equal bytes."""
    title = f"{words.TITLE.of(locale)} {figures.number}"
    drawing = Drawing(title=title, language="zh-CN" if locale == "zh" else "en-GB")
    sheet = _Sheet(figures)
    form = Form(drawing, locale, sheet.furniture)
    for copy in range(len(_COPIES)):
        if copy:
            form.new_page()
        sheet.shipper(form)
        sheet.carrier(form)
        sheet.receiver(form)
    return drawing.bytes()


class _Sheet:
    """One copy of the form."""

    def __init__(self, figures: PaperFormFigures) -> None:
        self.figures = figures

    def furniture(self, form: Form) -> float:
        """Head with number and QR code, foot with the duty that follows."""
        figures, edge = self.figures, MARGIN + WIDTH
        title, second = form.both(words.TITLE)
        form.text(MARGIN, _TOP + 6.5, title, 6.2, bold=True)
        form.text(MARGIN, _TOP + 11, second, 3.0, GREY)
        form.text(MARGIN, _TOP + 16, "　".join(form.both(_PAPER)), CAPTION_EM, GREY)
        form.text(MARGIN, _TOP + 22.5, f"{words.NUMBER.of(form.locale)} {figures.number}", 5.2, bold=True)
        copy = _COPIES[(form.drawing.pages - 1) % len(_COPIES)]
        first, other = form.both(copy)
        right = edge - _QR_SIDE - 4
        form.drawing.right_text(right, _TOP + 6.5, typesetting.printable(first), 3.6, bold=True)
        form.drawing.right_text(right, _TOP + 11, typesetting.printable(other), SECOND_EM)
        form.drawing.qr(edge - _QR_SIDE, _TOP - 2, _QR_SIDE, figures.url)
        printed = figures.printed_at.astimezone(ZoneInfo(figures.zone)).strftime("%Y-%m-%d %H:%M")
        for line, text in enumerate(form.both(_DUE)):
            form.text(
                MARGIN, _FOOT - 4 + line * 3, typesetting.printable(text), SECOND_EM if line else CAPTION_EM, GREY
            )
        told = words.PRINTED.of(form.locale).format(time=printed, zone=figures.zone)
        form.text(MARGIN, _FOOT + 2.6, typesetting.printable(told), SECOND_EM, GREY)
        return _TOP + _QR_SIDE + 0.5

    def shipper(self, form: Form) -> None:
        """Part one; the organisation's own name is printed already."""
        figures = self.figures
        form.part(words.PART_ONE, keep_with=0)
        _row(form, (words.UNIT_NAME, 2.2, figures.shipper), (words.CREDIT_CODE, 1.2, figures.credit_code))
        _row(form, (words.UNIT_ADDRESS, 2.2, figures.address), (words.PHONE, 1.2, figures.phone))
        _row(form, (_RECEIVER, 2.2, ""), (_METHOD, 0.5, ""), (words.HANDED_OVER_AT, 0.7, ""))
        heads = (_LABEL, 2.1), (_WASTE, 1.5), (_CODE, 1.0), (_FORM, 1.0), (_PACKING, 1.1), (_SENT, 0.9), (_TAKEN, 0.9)
        _row(form, *((caption, share, "") for caption, share in heads), height=7.4)
        for _ in range(_ROWS):
            _row(form, *((None, share, "") for _, share in heads), height=9.2)
        _row(form, (_REASON, 1.6, ""), (words.HANDLER, 0.7, ""), (_SIGNATURE, 1.1, ""))

    def carrier(self, form: Form) -> None:
        """Part two, with room for a second carrier."""
        form.gap(1.2)
        form.part(words.PART_TWO, keep_with=0)
        for _ in range(2):
            _row(form, (_CARRIER, 1.6, ""), (words.LICENCE, 1.0, ""), (words.PLATE, 0.8, ""), (words.DRIVER, 0.8, ""))
            _row(form, (words.START, 1.0, ""), (words.END, 1.0, ""), (_HANDOVER, 1.1, ""), (_SIGNATURE, 1.1, ""))

    def receiver(self, form: Form) -> None:
        """Part three."""
        form.gap(1.2)
        form.part(words.PART_THREE, keep_with=0)
        _row(form, (words.UNIT_NAME, 2.0, ""), (words.PERMIT, 1.4, ""))
        _row(form, (words.ARRIVED_AT, 1.0, ""), (words.RECEIVED_AT, 1.0, ""), (words.RECEIVED_TOTAL, 1.0, ""))
        _row(form, (_OPINION, 2.0, ""), (words.HANDLER, 0.6, ""), (_SIGNATURE, 1.1, ""))


def _row(form: Form, *cells: tuple[Words | None, float, str], height: float = _LINE) -> None:
    """Boxes side by side, each with its caption in both languages and room for a pen."""
    whole = sum(share for _, share, _ in cells)
    x = MARGIN
    for caption, share, value in cells:
        width = WIDTH * share / whole
        form.drawing.frame(Box(x, form.y, width, height).inset(-HAIR / 2), HAIR, RULE)
        if caption is not None:
            first, second = form.both(caption)
            room = width - 2 * PAD
            form.text(x + PAD, form.y + CAPTION_EM * 1.1, _fitting(first, CAPTION_EM, room), CAPTION_EM, GREY)
            used = typesetting.width(first, CAPTION_EM) + 1
            second_room = room - used
            if typesetting.width(second, SECOND_EM) <= second_room:
                form.text(x + PAD + used, form.y + CAPTION_EM * 1.1, second, SECOND_EM, GREY)
            else:
                below = form.y + CAPTION_EM * 1.1 + SECOND_EM * 1.2
                form.text(x + PAD, below, _fitting(second, SECOND_EM, room), SECOND_EM, GREY)
        if value:
            shown = _fitting(typesetting.printable(value), VALUE_EM, width - 2 * PAD)
            form.text(x + PAD, form.y + height - PAD * 1.4, shown, VALUE_EM)
        x += width
    form.y += height


def _fitting(text: str, em: float, room: float) -> str:
    return text if typesetting.width(text, em) <= room else typesetting.shorten(text, em, room)
