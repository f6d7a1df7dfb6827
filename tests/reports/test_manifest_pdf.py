"""The printed manifest as a foreign parser and a phone see it."""

import io
import re
from dataclasses import replace
from typing import Any, Literal

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from tests.reports.samples import CARRIER, RECEIVER, SHIPPER, at, fonts_of, manifest
from wastetrack.mass import Mass
from wastetrack.reports.figures import CorrectionFigures, Words
from wastetrack.reports.manifest_pdf import manifest_pdf


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_number_parties_and_masses_are_read_by_another_parser(locale: Literal["zh", "en"]) -> None:
    document = manifest_pdf(manifest(), locale=locale)
    said = text_of(document.pdf)
    for fact in (
        "20263706000123", SHIPPER.name, CARRIER.name, RECEIVER.name, RECEIVER.permit_number, "鲁G12345 + 鲁G0021挂",
        "900-249-08", "0.5472", "547.2 kg", "545.85 kg", "−1.35 kg", "−0.25%", "182.4", "181.95", "−0.45", "10421",
        "9f86d081884c7d65", "2026-11-03 08:30:00", "2026-11-03 14:00",
    ):  # fmt: skip
        assert fact in said, fact
    by_pdfium = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(document.pdf))
    assert SHIPPER.name in by_pdfium


def test_the_reader_s_language_comes_first_and_the_other_stands_beside_it() -> None:
    zh, en = text_of(manifest_pdf(manifest()).pdf), text_of(manifest_pdf(manifest(), locale="en").pdf)
    assert zh.index("危险废物转移联单") < zh.index("Hazardous Waste Transfer Manifest")
    assert en.index("Hazardous Waste Transfer Manifest") < en.index("危险废物转移联单")
    assert "Yantai Binhai Machinery Co., Ltd. (烟台芝罘滨海机械制造有限公司)" in en
    assert "已接受（有差异）" in zh
    assert "Received with difference" in en


def test_the_qr_code_opens_the_verification_page() -> None:
    figures = manifest()
    page = pypdfium2.PdfDocument(manifest_pdf(figures).pdf)[0]
    (found,) = zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil().convert("L"))
    assert found.text == figures.verification_url
    page_of_pypdf: Any = PdfReader(io.BytesIO(manifest_pdf(figures).pdf)).pages[0]
    (annotation,) = page_of_pypdf["/Annots"]
    assert annotation.get_object()["/A"]["/URI"] == figures.verification_url


def test_a_long_manifest_flows_over_numbered_pages_with_repeated_heads() -> None:
    document = manifest_pdf(manifest(containers=70, legs=3))
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(document.pdf)).pages]
    assert document.pages == len(pages) >= 4
    for i, page in enumerate(pages, 1):
        assert re.search(rf"第 {i} 页 / 共\s*{len(pages)}\s*页", page.replace("\n", ""))
        assert "20263706000123" in page
    assert sum("数字识别码" in page for page in pages) >= 3
    said = "".join(pages)
    for i in range(1, 71):
        assert f"9002490820261101{i:03d}" in said
    assert "【第 3 段】" in said


def test_every_page_is_a4() -> None:
    for page in PdfReader(io.BytesIO(manifest_pdf(manifest(containers=40)).pdf)).pages:
        assert float(page.mediabox.width) == pytest.approx(595.28, abs=0.01)
        assert float(page.mediabox.height) == pytest.approx(841.89, abs=0.01)


def test_a_draft_without_number_weighing_or_legs_is_printed_as_such() -> None:
    figures = manifest(legs=0, number=None, watermark=Words("草稿", "DRAFT"), received_at=None)
    figures = replace(
        figures,
        lines=tuple(
            replace(line, received=None, opinion=None, major_difference=None, method="") for line in figures.lines
        ),
        containers=tuple(replace(one, measured=None, outcome=None, measured_at=None) for one in figures.containers),
        signatures=(),
    )
    assert figures.received is None
    assert figures.discrepancy is None
    said = text_of(manifest_pdf(figures).pdf)
    assert "（未编号）" in said
    assert "草稿" in said
    assert "差异说明" not in said


def test_a_partly_weighed_manifest_compares_like_with_like() -> None:
    figures = manifest()
    (line,) = figures.lines
    figures = replace(figures, lines=(line, replace(line, waste_code="900-041-49", received=None)))
    assert figures.declared == Mass(2 * 547_200)
    assert figures.discrepancy == Mass(-1350), "the line not weighed yet is no loss"
    assert "−0.25%" in text_of(manifest_pdf(figures).pdf)


def test_corrections_are_told_and_nothing_is_lost_silently() -> None:
    correction = CorrectionFigures(at(9), "王建国", "容器 003 的重量由 182.4 kg 更正为 181.4 kg")
    document = manifest_pdf(manifest(corrections=(correction,), remarks="司机姓𪚥"))
    said = text_of(document.pdf)
    assert correction.text in said
    assert document.missing == ("𪚥",)
    assert "U+2A6A5" in said


def test_every_font_is_an_embedded_subset_and_bytes_repeat() -> None:
    document = manifest_pdf(manifest())
    assert document.pdf == manifest_pdf(manifest()).pdf
    for page in PdfReader(io.BytesIO(document.pdf)).pages:
        for font in fonts_of(page):
            assert font["/BaseFont"][7] == "+"
            assert "/FontFile2" in font["/FontDescriptor"]
