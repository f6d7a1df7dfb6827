"""The hazardous waste transfer manifest (危险废物转移联单) as A4 pages, in three parts: shipper, carriers, receiver.

The parts and fields follow the form issued with 环办固体函〔2021〕577号 as known from use; its text was not at hand.
Below the three parts stand what the form has no room for: each container with declared and measured mass, the
difference, the signatures with their place in the transparency log, and corrections.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from wastetrack.mass import Mass
from wastetrack.reports import manifest_words as words
from wastetrack.reports import typesetting
from wastetrack.reports.drawing import Box, Drawing
from wastetrack.reports.figures import LegFigures, Locale, ManifestFigures, PartyFigures, WasteLineFigures, Words, total
from wastetrack.reports.form_layout import (
    CAPTION_EM,
    EDGE,
    GREY,
    MARGIN,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    SECOND_EM,
    WIDTH,
    Cell,
    Form,
)

_QR_SIDE: Final = 27.0
_TITLE_EM: Final = 7.0
_NUMBER_EM: Final = 4.6
_TOP: Final = 10.0
_FOOT: Final = PAGE_HEIGHT - 9.5
_TOTAL_PAGES: Final = "total-pages"
_TOTAL_WIDTH: Final = 2.8
_NONE: Final = "—"
_WATERMARK_EM: Final = 42.0
_DIGEST_SHOWN: Final = 16
_TONNE: Final = 1_000_000
_KILOGRAM: Final = 1_000


@dataclass(frozen=True, slots=True)
class ManifestDocument:
    """The file, its length, and the characters that no glyph exists for (printed as □)."""

    pdf: bytes
    pages: int
    missing: tuple[str, ...]


def manifest_pdf(figures: ManifestFigures, *, locale: Locale = "zh") -> ManifestDocument:
    """Draw the manifest with captions in both languages, that of `locale` first. Equal figures give equal bytes."""
    number = figures.number or words.NO_NUMBER.of(locale)
    drawing = Drawing(title=f"{words.TITLE.of(locale)} {number}", language="zh-CN" if locale == "zh" else "en-GB")
    page = _Manifest(figures, locale, number)
    form = Form(drawing, locale, page.furniture)
    page.shipper(form)
    page.carriers(form)
    page.receiver(form)
    page.containers(form)
    page.signatures(form)
    page.ending(form)
    pages = str(drawing.pages)
    shift = (_TOTAL_WIDTH - typesetting.width(pages, CAPTION_EM)) / 2 if locale == "zh" else 0.0
    with drawing.stamp(_TOTAL_PAGES, 10, 5):
        drawing.text(shift, 3.5, pages, CAPTION_EM)
    return ManifestDocument(drawing.bytes(), drawing.pages, _missing(figures))


class _Manifest:
    """The parts of one manifest, each drawn onto a form."""

    def __init__(self, figures: ManifestFigures, locale: Locale, number: str) -> None:
        self.figures, self.locale, self.number = figures, locale, number
        self.zone = ZoneInfo(figures.zone)

    def furniture(self, form: Form) -> float:
        """Head, foot and watermark of a page; the first page has the large head with the QR code."""
        first = form.drawing.pages == 1
        if self.figures.watermark:
            _watermark(form, self.figures.watermark.of(self.locale))
        self._foot(form)
        if first:
            return self._head(form)
        title, other = words.TITLE.of(self.locale), self.figures.state.of(self.locale)
        baseline = _TOP + 4
        form.text(MARGIN, baseline, f"{title}　{self.number}", 3.4, bold=True)
        form.drawing.right_text(MARGIN + WIDTH, baseline, typesetting.printable(other), CAPTION_EM)
        form.drawing.rule((MARGIN, baseline + 1.8), (MARGIN + WIDTH, baseline + 1.8), EDGE)
        return baseline + 4

    def _head(self, form: Form) -> float:
        title, second = form.both(words.TITLE)
        left = MARGIN
        form.text(left, _TOP + 7.5, title, _TITLE_EM if self.locale == "zh" else 6.2, bold=True)
        form.text(left, _TOP + 12, second, 3.2, GREY)
        caption, other = form.both(words.NUMBER)
        form.text(left, _TOP + 18.2, caption, CAPTION_EM, GREY)
        form.text(left + typesetting.width(caption, CAPTION_EM) + 1, _TOP + 18.2, other, SECOND_EM, GREY)
        form.text(left, _TOP + 23.6, self.number, _NUMBER_EM, bold=True)
        middle = left + 72
        caption, other = form.both(words.STATE)
        form.text(middle, _TOP + 18.2, caption, CAPTION_EM, GREY)
        form.text(middle + typesetting.width(caption, CAPTION_EM) + 1, _TOP + 18.2, other, SECOND_EM, GREY)
        form.text(middle, _TOP + 23.6, typesetting.printable(self.figures.state.of(self.locale)), 4.2, bold=True)
        edge = MARGIN + WIDTH
        form.drawing.qr(edge - _QR_SIDE, _TOP - 2, _QR_SIDE, self.figures.verification_url)
        form.drawing.link(Box(edge - _QR_SIDE, _TOP - 2, _QR_SIDE, _QR_SIDE), self.figures.verification_url)
        caption = " ".join(form.both(words.SCAN))
        form.drawing.centred_text(edge - _QR_SIDE / 2, _TOP + _QR_SIDE - 0.6, caption, SECOND_EM)
        return _TOP + _QR_SIDE + 1.5

    def _foot(self, form: Form) -> None:
        drawing = form.drawing
        drawing.rule((MARGIN, _FOOT - 4.2), (MARGIN + WIDTH, _FOOT - 4.2), 0.2)
        printed = self._time(self.figures.printed_at)
        left = words.PRINTED.of(self.locale).format(time=printed, zone=self.figures.zone)
        form.text(MARGIN, _FOOT, left, CAPTION_EM, GREY)
        form.text(MARGIN, _FOOT + 3, typesetting.printable(self.figures.verification_url), SECOND_EM, GREY)
        before, after = words.PAGE.of(self.locale).format(page=drawing.pages).split("|")
        # The total is known only at the end, so its place is a stamp that is filled last.
        start = MARGIN + WIDTH - typesetting.width(before + after, CAPTION_EM) - _TOTAL_WIDTH
        drawing.text(start, _FOOT, before, CAPTION_EM)
        drawing.place(_TOTAL_PAGES, start + typesetting.width(before, CAPTION_EM), _FOOT - 3.5)
        drawing.text(start + typesetting.width(before, CAPTION_EM) + _TOTAL_WIDTH, _FOOT, after, CAPTION_EM)

    def shipper(self, form: Form) -> None:
        """Part one."""
        figures, party = self.figures, self.figures.shipper
        form.part(words.PART_ONE)
        form.cells(Cell(words.UNIT_NAME, self._name(party), 2.4, bold=True), Cell(words.CREDIT_CODE, party.credit_code))
        form.cells(
            Cell(words.UNIT_ADDRESS, party.address, 2.4),
            Cell(words.EMERGENCY_PHONE, party.emergency_phone or party.contact_phone),
        )
        form.cells(
            Cell(words.HANDLER, party.contact_name),
            Cell(words.PHONE, party.contact_phone),
            Cell(words.HANDED_OVER_AT, self._time(figures.handed_over_at), 1.4),
        )
        shipped = _aligned([line.declared for line in figures.lines], _TONNE)
        form.table(
            words.SHIPPED_COLUMNS,
            [
                (
                    str(i),
                    line.waste_name,
                    line.waste_code,
                    words.LIST_SIGN.of(self.locale).join(line.hazards),
                    line.form,
                    line.harmful_components,
                    line.packing,
                    str(line.container_count),
                    mass,
                )
                for i, (line, mass) in enumerate(zip(figures.lines, shipped, strict=True), 1)
            ],
        )
        self._totals(form, words.DECLARED_TOTAL, figures.declared)
        for line in figures.lines:
            if line.measures:
                form.cells(Cell(words.WASTE, line.waste_code), Cell(words.MEASURES, line.measures, 3.4))

    def carriers(self, form: Form) -> None:
        """Part two: one block for each carrier, in the order of the journey."""
        form.gap(2.5)
        form.part(words.PART_TWO, keep_with=45)
        many = len(self.figures.legs) > 1
        for i, leg in enumerate(self.figures.legs, 1):
            self._leg(form, leg, words.LEG.of(self.locale).format(number=i) if many else "")
        if not self.figures.legs:
            form.cells(Cell(words.UNIT_NAME, _NONE))

    def _leg(self, form: Form, leg: LegFigures, label: str) -> None:
        carrier = leg.carrier
        form.need(34)
        name = f"{label} {self._name(carrier)}" if label else self._name(carrier)
        form.cells(Cell(words.UNIT_NAME, name, 2.4, bold=True), Cell(words.LICENCE, leg.licence_number))
        form.cells(Cell(words.UNIT_ADDRESS, carrier.address, 2.4), Cell(words.PHONE, carrier.contact_phone))
        plates = " + ".join(plate for plate in (leg.plate, leg.trailer_plate) if plate)
        form.cells(
            Cell(words.DRIVER, leg.driver_name),
            Cell(words.PHONE, leg.driver_phone),
            Cell(words.VEHICLE, leg.vehicle or _NONE),
            Cell(words.PLATE, plates, 1.2),
        )
        form.cells(Cell(words.START, leg.start, 2), Cell(words.DEPARTED_AT, self._time(leg.departed_at), 1.1))
        if leg.via:
            form.cells(Cell(words.VIA, leg.via))
        form.cells(Cell(words.END, leg.end, 2), Cell(words.ARRIVED_AT, self._time(leg.arrived_at), 1.1))
        form.gap(0.6)

    def receiver(self, form: Form) -> None:
        """Part three."""
        figures, party = self.figures, self.figures.receiver
        form.gap(2.5)
        form.part(words.PART_THREE, keep_with=45)
        form.cells(Cell(words.UNIT_NAME, self._name(party), 2.4, bold=True), Cell(words.PERMIT, party.permit_number))
        form.cells(Cell(words.UNIT_ADDRESS, party.address, 2.4), Cell(words.CREDIT_CODE, party.credit_code))
        form.cells(
            Cell(words.HANDLER, party.contact_name),
            Cell(words.PHONE, party.contact_phone),
            Cell(words.RECEIVED_AT, self._time(figures.received_at), 1.4),
        )
        received = _aligned([line.received for line in figures.lines], _TONNE)
        form.table(
            words.RECEIVED_COLUMNS,
            [
                self._received_row(i, line, mass)
                for i, (line, mass) in enumerate(zip(figures.lines, received, strict=True), 1)
            ],
        )
        if figures.received is not None:
            self._totals(form, words.RECEIVED_TOTAL, figures.received)
        if figures.discrepancy is not None:
            weighed = total(line.declared for line in figures.lines if line.received is not None)
            (difference,) = _aligned([figures.discrepancy], _KILOGRAM, signed=True)
            form.cells(
                Cell(words.DIFFERENCE, f"{difference} kg{self._aside(_percent(figures.discrepancy, weighed))}", 1.3),
                Cell(words.DIFFERENCE_REASON, figures.discrepancy_reason or _NONE, 2.4),
            )

    def _received_row(self, i: int, line: WasteLineFigures, received: str) -> tuple[str, ...]:
        major = _NONE
        if line.major_difference is not None:
            major = (words.YES if line.major_difference else words.NO).of(self.locale)
            major += f"{words.COLON.of(self.locale)}{line.difference_note}" if line.difference_note else ""
        return (
            str(i),
            line.waste_name,
            line.waste_code,
            major,
            line.opinion.of(self.locale) if line.opinion else _NONE,
            line.method,
            received,
        )

    def containers(self, form: Form) -> None:
        """Each container: what was declared and what the gate weighed."""
        if not self.figures.containers:
            return
        form.gap(2.5)
        form.part(words.CONTAINERS)
        ones = self.figures.containers
        declared = [one.declared for one in ones]
        measured = [one.measured for one in ones]
        differences = [one.difference for one in ones]
        weighed = [mass for mass in measured if mass is not None]
        complete = len(weighed) == len(ones)
        columns = [
            _aligned([*declared, total(declared)], _KILOGRAM),
            _aligned([*measured, total(weighed) if weighed else None], _KILOGRAM),
            _aligned([*differences, total(weighed) - total(declared) if complete else None], _KILOGRAM, signed=True),
        ]
        rows = [
            (
                str(i),
                f"{one.digital_code[:18]} {one.digital_code[18:]}",
                one.waste_name,
                one.packing,
                said + (words.ESTIMATED.of(self.locale) if one.estimated else ""),
                got,
                difference,
                one.outcome.of(self.locale) if one.outcome else _NONE,
                self._time(one.measured_at),
            )
            for i, (one, said, got, difference) in enumerate(zip(ones, *columns, strict=False), 1)
        ]
        sums = ("", words.TOTAL.of(self.locale), "", "", *(column[-1] for column in columns), "", "")
        form.table(words.CONTAINER_COLUMNS, [*rows, sums], last_bold=True)

    def signatures(self, form: Form) -> None:
        """Who signed, when, and where the log holds it."""
        form.gap(2.5)
        form.part(words.SIGNATURES)
        form.table(
            words.SIGNATURE_COLUMNS,
            [
                (
                    one.meaning.of(self.locale),
                    one.person_name,
                    one.organisation_name,
                    self._time(one.signed_at, seconds=True),
                    str(one.log_index) if one.log_index is not None else words.PENDING.of(self.locale),
                    one.leaf_hash[:_DIGEST_SHOWN] or _NONE,
                )
                for one in self.figures.signatures
            ],
        )
        form.note(words.SIGNATURE_NOTE.of(self.locale))

    def ending(self, form: Form) -> None:
        """Corrections, remarks, the list of codes that held, and what could not be printed."""
        for event in self.figures.happenings:
            form.cells(
                Cell(event.title, self._time(event.happened_at)),
                Cell(words.HAPPENED, event.text, 2.4),
            )
        for one in self.figures.corrections:
            form.cells(
                Cell(words.CORRECTION, f"{self._time(one.corrected_at)}　{one.person_name}"),
                Cell(words.CORRECTION_TEXT, one.text, 2.4),
            )
        for caption, text in self.figures.grounds:
            form.cells(Cell(caption, text.of(self.locale)))
        form.cells(
            Cell(words.REMARKS, self.figures.remarks or _NONE, 2.4),
            Cell(words.EDITION, self.figures.catalogue_edition),
        )
        if missing := _missing(self.figures):
            named = "、".join(f"U+{ord(character):04X}" for character in missing)
            form.note(words.MISSING.of(self.locale).format(characters=named))

    def _totals(self, form: Form, caption: Words, mass: Mass) -> None:
        form.cells(Cell(caption, f"{mass.tonne_text()}{self._aside(mass.kg_text())}", bold=True))

    def _aside(self, text: str) -> str:
        if not text:
            return ""
        return f"（{text}）" if self.locale == "zh" else f" ({text})"

    def _name(self, party: PartyFigures) -> str:
        if self.locale == "en" and party.name_en:
            return party.name_en + self._aside(party.name)
        return party.name

    def _time(self, at: datetime | None, *, seconds: bool = False) -> str:
        if at is None:
            return _NONE
        return (
            f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S}" if seconds else f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"
        )


def _watermark(form: Form, text: str) -> None:
    em = min(_WATERMARK_EM, WIDTH * 1.1 / max(typesetting.width(text, 1.0), 1.0))
    start = -typesetting.width(text, em) / 2
    shown = form.drawing.text_operators(start, em * 0.35, typesetting.printable(text), em, bold=True)
    turn = "0.8192 -0.5736 0.5736 0.8192"
    form.drawing.emit(f"q 0.9 g 0.9 G {turn} {PAGE_WIDTH / 2:.1f} {PAGE_HEIGHT / 2:.1f} cm {shown} Q")


def _aligned(masses: Sequence[Mass | None], unit: int, *, signed: bool = False) -> list[str]:
    """The masses of a column in this unit (grams of one), exact, with as many decimals as the finest needs."""
    values = [None if mass is None else Decimal(mass.grams) / unit for mass in masses]
    exponents = [int(value.normalize().as_tuple().exponent) for value in values if value is not None]
    decimals = max(0, *(-exponent for exponent in exponents)) if exponents else 0
    sign = "+" if signed else "-"
    return [
        _NONE if value is None else f"{value:{sign if value else '-'},.{decimals}f}".replace("-", "−")
        for value in values
    ]


def _percent(part: Mass, whole: Mass) -> str:
    if not whole.grams:
        return ""
    share = (Decimal(100 * part.grams) / whole.grams).quantize(Decimal("0.01"))
    return f"{share:+}%".replace("-", "−")


def _missing(figures: ManifestFigures) -> tuple[str, ...]:
    parties = [figures.shipper, figures.receiver, *(leg.carrier for leg in figures.legs)]
    texts = [figures.remarks, figures.discrepancy_reason, *(text.zh for _, text in figures.grounds)]
    for party in parties:
        texts += [party.name, party.address, party.contact_name, party.permit_number]
    for line in figures.lines:
        texts += [line.waste_name, line.harmful_components, line.packing, line.form, line.difference_note, line.method]
        texts.append(line.measures)
    for leg in figures.legs:
        texts += [leg.driver_name, leg.plate, leg.trailer_plate, leg.start, leg.end, leg.via, leg.vehicle]
    texts += [text for one in figures.signatures for text in (one.person_name, one.organisation_name)]
    texts += [text for one in figures.containers for text in (one.waste_name, one.packing)]
    texts += [text for one in figures.corrections for text in (one.person_name, one.text)]
    return typesetting.missing_glyphs(*texts)
