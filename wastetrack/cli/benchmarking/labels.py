"""(d) A thousand labels to PDF, against the plain route: qrcode as it comes, a PNG, and reportlab's drawImage."""

import io
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import qrcode
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from wastetrack import resources
from wastetrack.cli.benchmarking.rows import Row, rate
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.mass import Mass
from wastetrack.parties import credit_codes
from wastetrack.reports.figures import LabelFigures

_KEY = b"bench-label-key-of-32-bytes-long"
_CREDIT_CODE = credit_codes.make("91370602MA0000001")


def figures(count: int) -> list[LabelFigures]:
    """Labels of bags that differ in their code and mass."""
    made = []
    for number in range(count):
        code = DigitalCode.make(
            credit_code=_CREDIT_CODE,
            waste_code="900-249-08",
            generated_on=date(2026, 3, 1 + number // 999),
            serial=number % 999 + 1,
        )
        made.append(
            LabelFigures(
                label_text=make_label_text("https://waste.example", code, _KEY),
                digital_code=str(code),
                waste_name="废矿物油",
                category="HW08",
                waste_code="900-249-08",
                form="液态",
                hazards=("T", "I"),
                main_components="矿物油",
                harmful_components="多环芳烃",
                precautions="远离火种",
                generator_name="烟台第一机械有限公司",
                contact_name="李娜",
                contact_phone="0535-6123456",
                generated_on=code.generated_on,
                mass=Mass(180_000 + number),
                volume_litres=Decimal(50),
            )
        )
    return made


def ours(paper: str, count: int) -> float:
    """Processor seconds for so many labels by the product."""
    from wastetrack.reports.label_pdf import LabelPaper, label_pdf  # noqa: PLC0415  it changes settings of reportlab

    labels = figures(count)
    return _timed(lambda: label_pdf(labels, paper=LabelPaper(paper)))


def plain(paper: str, count: int) -> float:  # noqa: ARG001  the plain route draws the same either way
    """Processor seconds by the plain route, with the same font and as many lines of text."""
    labels = figures(count)
    pdfmetrics.registerFont(TTFont("bench", str(resources.font_path()), shapable=False))
    return _timed(lambda: _draw_plainly(labels))


def _draw_plainly(labels: list[LabelFigures]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for number, label in enumerate(labels):
        place = number % 24
        if number and not place:
            canvas.showPage()
        x, y = place % 3 * 70 * mm, A4[1] - (place // 3 + 1) * 37 * mm
        picture = io.BytesIO()
        qrcode.make(label.label_text).save(picture)
        canvas.drawImage(ImageReader(picture), x + 2 * mm, y + 8 * mm, 25 * mm, 25 * mm)
        canvas.setFont("bench", 8)
        lines = (label.waste_name, label.waste_code, label.generator_name, label.digital_code, str(label.mass))
        for line, text in enumerate(lines):
            canvas.drawString(x + 29 * mm, y + (32 - 5 * line) * mm, text)
    canvas.save()
    return out.getvalue()


def _timed(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def measure(*, scale: float) -> list[Row]:
    """Labels per second of processor time, each route in a process of its own: ours changes settings of reportlab."""
    count = max(int(1_000 * scale), 50)
    rows = []
    for paper in ("single", "a4-tags"):
        mine, yardstick = (count / _apart(route, paper, count) for route in ("ours", "plain"))
        rows.append(rate(f"labels_{paper.replace('-', '_')}", mine, yardstick, "labels/s cpu", at_least=15))
    return rows


def _apart(route: str, paper: str, count: int) -> float:
    code = f"from wastetrack.cli.benchmarking.labels import {route}; print({route}({paper!r}, {count}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603  ourselves
    return float(done.stdout)
