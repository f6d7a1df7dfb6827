"""Labels as a printer and a scanner at 203 dpi see them."""

import io
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

from tests.reports.samples import HERE, KEY, LONG_WINDED, drum_label, fonts_of
from wastetrack import resources
from wastetrack.containers.labels import read_label_text
from wastetrack.mass import Mass
from wastetrack.reports import label_layout, tag_layout, typesetting
from wastetrack.reports.label_pdf import PDF_PAPERS, LabelPaper, label_pdf
from wastetrack.reports.label_rules import CHINA

DPI = 203
MEDICAL: dict[str, Any] = {
    "waste_name": "感染性废物",
    "category": "HW01 医疗废物",
    "waste_code": "841-001-01",
    "hazards": ("In",),
}


def pictures(pdf: bytes, dpi: int = DPI) -> list[Image.Image]:
    return [page.render(scale=dpi / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]


def scanned(picture: Image.Image) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(picture.convert("L"))}


def colours_of(picture: Image.Image) -> list[tuple[int, Any]]:
    """How many dots there are of each colour."""
    counted = picture.getcolors(1 << 24)
    assert counted is not None
    return [(count, colour) for count, colour in counted]


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).replace("\n", "")


@pytest.mark.parametrize("look", [{}, MEDICAL, LONG_WINDED], ids=["drum", "medical", "long-winded"])
@pytest.mark.parametrize(("litres", "side"), [(None, 100), (50, 100), (51, 150), (450, 150), (451, 200), (1000, 200)])
def test_each_size_is_read_at_203_dpi(litres: int | None, side: int, look: dict[str, Any]) -> None:
    label = drum_label(volume_litres=None if litres is None else Decimal(litres), **look)
    document = label_pdf([label], both_sides=False)
    (page,) = PdfReader(io.BytesIO(document.pdf)).pages
    assert float(page.mediabox.width) == pytest.approx(side / 25.4 * 72, abs=0.01)
    assert float(page.mediabox.height) == pytest.approx(side / 25.4 * 72, abs=0.01)
    (picture,) = pictures(document.pdf)
    assert scanned(picture) == {label.label_text}
    assert str(read_label_text(label.label_text, HERE, KEY)) == label.digital_code


@pytest.mark.parametrize("side", [100, 150, 200])
def test_each_size_is_read_from_a_grey_and_coarse_print(side: int) -> None:
    litres = {100: 20, 150: 200, 200: 1000}[side]
    label = drum_label(volume_litres=Decimal(litres))
    picture = pictures(label_pdf([label]).pdf, 110)[0].convert("L").rotate(7, expand=True, fillcolor=255)
    assert scanned(picture) == {label.label_text}


def test_four_to_a_sheet_are_all_read() -> None:
    labels = [drum_label(i) for i in range(1, 7)]
    document = label_pdf(labels, paper=LabelPaper.A4_FOUR)
    assert document.pages == 2
    read = [scanned(picture) for picture in pictures(document.pdf)]
    assert read == [{label.label_text for label in labels[:4]}, {label.label_text for label in labels[4:]}]


def test_twenty_four_tags_to_a_sheet_are_all_read() -> None:
    labels = [drum_label(i) for i in range(1, 31)]
    document = label_pdf(labels, paper=LabelPaper.A4_TAGS)
    read = [scanned(picture) for picture in pictures(document.pdf)]
    assert read == [{label.label_text for label in labels[:24]}, {label.label_text for label in labels[24:]}]
    assert "不代替容器标签" in text_of(document.pdf)


def test_a_container_above_450_litres_gets_a_label_for_each_side() -> None:
    labels = [drum_label(1, volume_litres=Decimal(1000)), drum_label(2)]
    assert label_pdf(labels).pages == 3
    assert label_pdf(labels, both_sides=False).pages == 2


def test_a_large_container_is_refused_on_a_sheet_of_small_labels() -> None:
    with pytest.raises(ValueError, match="150 mm"):
        label_pdf([drum_label(volume_litres=Decimal(200))], paper=LabelPaper.A4_FOUR)
    with pytest.raises(ValueError, match="no labels"):
        label_pdf([])


def test_every_field_of_the_standard_stands_on_the_label() -> None:
    label = drum_label(remarks="轻放", print_number=2)
    said = text_of(label_pdf([label]).pdf)
    for caption in (
        "废物名称：", "废物类别：", "废物代码：", "废物形态：", "危险特性", "主要成分：", "有害成分：", "注意事项：",
        "数字识别码：", "产生/收集单位：", "联系人和联系方式：", "产生日期：", "废物重量：", "备注：",
    ):  # fmt: skip
        assert caption in said
    for value in (
        label.waste_name, label.category, label.waste_code, label.form, label.main_components, label.generator_name,
        label.harmful_components, label.precautions, label.contact_name, label.contact_phone, "2026-11-01", "182.4 kg",
        "轻放（第2次打印）", "毒性", "易燃性",
    ):  # fmt: skip
        assert value in said
    assert label.digital_code in said.replace(" ", "")


def test_an_unweighed_container_leaves_the_weight_to_be_written() -> None:
    said = text_of(label_pdf([drum_label(mass=None)]).pdf)
    assert "废物重量：" in said
    assert "kg" not in said


def test_colours_and_border_are_those_of_the_rules() -> None:
    (picture,) = pictures(label_pdf([drum_label()]).pdf, 254)
    assert picture.getpixel((5, 5)) == (255, 255, 255), "blank margin"
    assert picture.getpixel((45, 45)) == (255, 150, 0)
    across = [picture.getpixel((x, 500)) == (0, 0, 0) for x in range(60)]
    assert across.index(True) in {30, 31}, "three millimetres of margin at ten pixels to the millimetre"
    assert sum(across) >= 10, "a border of at least one millimetre"


@cache
def the_font() -> TTFont:
    return TTFont(resources.font_path(), lazy=True)


@cache
def face_height(character: str) -> float:
    """Height of the character's black over its em."""
    font = the_font()
    glyph = font["glyf"][font.getBestCmap()[ord(character)]]
    return float(glyph.yMax - glyph.yMin) / 1000


def heights_of_text(pdf: bytes, measured: str) -> set[float]:
    """Heights in millimetres that 国 would have wherever one of the characters stands, by an independent reader."""
    heights: set[float] = set()
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        for i, character in enumerate(text.get_text_range()):
            if character in measured:
                _, bottom, _, top = text.get_charbox(i)
                heights.add((top - bottom) / 72 * 25.4 / face_height(character) * face_height("国"))
    return heights


@pytest.mark.parametrize(("litres", "least_mm"), [(20, 3), (200, 5), (1000, 6)])
@pytest.mark.parametrize("look", [{}, LONG_WINDED], ids=["drum", "long-winded"])
def test_no_text_is_lower_than_the_law_allows(litres: int, least_mm: float, look: dict[str, Any]) -> None:
    document = label_pdf([drum_label(volume_litres=Decimal(litres), **look)])
    heights = heights_of_text(document.pdf, "废物名称性数识别码毒易燃主要成分有害王建国第二化")
    assert len(heights) >= 2
    assert min(heights) >= least_mm - 0.02


def test_texts_that_do_not_fit_are_cut_with_an_ellipsis_and_reported() -> None:
    document = label_pdf([drum_label(**LONG_WINDED, volume_litres=Decimal(200))], both_sides=False)
    cut = {one.field: one for one in document.shortened}
    assert {"主要成分", "注意事项"} <= set(cut)
    said = text_of(document.pdf)
    for one in cut.values():
        assert one.printed.endswith("…")
        assert one.printed in said
        assert one.whole.startswith(one.printed[:8])
    assert label_pdf([drum_label()]).shortened == ()


def test_nothing_is_drawn_outside_the_border() -> None:
    for litres in (20, 200, 1000):
        (picture, *_) = pictures(label_pdf([drum_label(**LONG_WINDED, volume_litres=Decimal(litres))]).pdf, 254)
        margin = picture.crop((0, 0, picture.width, 29))
        assert margin.getcolors() == [(margin.width * margin.height, (255, 255, 255))]
        inner = {picture.getpixel((x, y)) for x in range(41, 45) for y in range(41, picture.height - 41, 3)}
        assert inner == {CHINA.background.value}, "text keeps off the border"


def test_a_rare_character_is_printed_and_an_unknown_one_reported() -> None:
    document = label_pdf([drum_label(generator_name="𬬻山喆镕医院", contact_name="陈堃䶮")])
    assert document.missing == ()
    assert "𬬻山喆镕医院" in text_of(document.pdf)
    document = label_pdf([drum_label(generator_name="刘𪚥诊所")])
    assert document.missing == ("𪚥",)
    assert "刘□诊所" in text_of(document.pdf)


def test_every_font_is_an_embedded_subset() -> None:
    for paper in PDF_PAPERS:
        reader = PdfReader(io.BytesIO(label_pdf([drum_label()], paper=paper).pdf))
        for page in reader.pages:
            assert fonts_of(page)
            for font in fonts_of(page):
                assert font["/Subtype"] == "/TrueType"
                assert font["/BaseFont"][8:] == "NotoSansSC-Regular"
                assert font["/BaseFont"][7] == "+"
                assert "/FontFile2" in font["/FontDescriptor"]


@pytest.mark.parametrize("paper", PDF_PAPERS)
def test_equal_figures_give_equal_bytes(paper: LabelPaper) -> None:
    labels = [drum_label(i, mass=Mass(1000 * i)) for i in range(1, 6)]
    assert label_pdf(labels, paper=paper).pdf == label_pdf(labels, paper=paper).pdf


def test_every_combination_of_hazards_finds_room() -> None:
    everything = [
        drum_label(**{**LONG_WINDED, "hazards": hazards}, volume_litres=Decimal(litres))
        for hazards in ((), ("T",), ("T", "C"), ("T", "C", "I"), ("T", "C", "I", "R"), ("T", "C", "I", "R", "In"))
        for litres in (20, 200, 1000)
    ]
    assert label_pdf(everything, both_sides=False).pages == len(everything)


def test_a_tag_cuts_and_reports_too() -> None:
    plan = tag_layout.plan(CHINA)
    assert plan.em * typesetting.HAN_HEIGHT == pytest.approx(CHINA.tag_text_height_mm.value)
    document = label_pdf([drum_label(**LONG_WINDED)], paper=LabelPaper.A4_TAGS)
    assert {one.field for one in document.shortened} == {"废物名称", "产生/收集单位", "备注"}


def test_the_margin_may_be_added_outside_the_size() -> None:
    rules = replace(CHINA, margin_inside_size=replace(CHINA.margin_inside_size, value=False))
    plan = label_layout.plan(rules, rules.sizes.value[0])
    assert plan.page_mm == 106
    assert plan.border.width == 100
    label = drum_label()
    assert scanned(pictures(label_pdf([label], rules=rules).pdf)[0]) == {label.label_text}
