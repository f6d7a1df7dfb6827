"""The yellow label of a bag of medical waste, as a printer and a scanner see it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.reports.samples import LONG_WINDED, drum_label
from tests.reports.test_label_pdf import colours_of, heights_of_text, pictures, scanned, text_of
from wastetrack.mass import Mass
from wastetrack.reports.figures import LabelFigures, MedicalFigures
from wastetrack.reports.label_pdf import LabelPaper, label_pdf
from wastetrack.reports.label_rules import CHINA

WARD = MedicalFigures("感染性废物", "感染科三病区", "隔离的传染病患者产生，双层包装")
_LONG = ("generator_name", "precautions", "contact_name", "remarks")
LONG: dict[str, Any] = {name: LONG_WINDED[name] for name in _LONG}


def a_bag(**changes: Any) -> LabelFigures:  # noqa: ANN401  any figure may be changed
    figures: dict[str, Any] = {
        "waste_name": "感染性废物",
        "category": "HW01 医疗废物",
        "waste_code": "841-001-01",
        "form": "固态",
        "hazards": ("In",),
        "mass": Mass(4_200),
        "generator_name": "烟台海滨医院",
        "volume_litres": Decimal(60),
        "medical": WARD,
    }
    return drum_label(**{**figures, **changes})


def test_it_says_class_ward_unit_day_weight_and_what_to_beware_of() -> None:
    said = text_of(label_pdf([a_bag()]).pdf)
    expected = ("医疗废物", "感染性废物", "感染科三病区", "烟台海滨医院", "2026-11-01", "4.2 kg", "隔离的传染病患者")
    assert [words for words in expected if words not in said] == []
    assert "危险废物" not in said


@pytest.mark.parametrize("look", [{}, LONG], ids=["bag", "long-winded"])
def test_it_is_read_at_203_dpi_on_yellow_ground_with_text_of_3_mm(look: dict[str, Any]) -> None:
    label = a_bag(**look)
    document = label_pdf([label])
    (picture,) = pictures(document.pdf)
    assert scanned(picture) == {label.label_text}
    assert picture.getpixel((40, 40)) == CHINA.medical_background.value
    assert min(heights_of_text(document.pdf, "产生单位日期重量废物代码危险特性说明联系人数字识别")) >= 3 - 0.02


def test_the_sign_stands_in_black_on_the_yellow_of_the_label() -> None:
    (picture,) = pictures(label_pdf([a_bag()]).pdf, 254)
    sign = picture.crop((670, 250, 960, 560))
    counts = {colour: count for count, colour in colours_of(sign)}
    assert counts[(0, 0, 0)] > 5_000
    assert counts[CHINA.medical_background.value] > 20_000
    assert counts.get((255, 255, 255), 0) == 0


def test_what_does_not_fit_is_cut_and_told() -> None:
    garrulous = a_bag(**{**LONG, "precautions": LONG["precautions"] * 2})
    document = label_pdf([garrulous])
    assert "特别说明" in {one.field for one in document.shortened}
    assert "…" in text_of(document.pdf)
    assert label_pdf([a_bag()]).shortened == ()


def test_bags_go_four_to_a_sheet_whatever_their_volume_and_have_yellow_tags() -> None:
    bags = [a_bag(volume_litres=Decimal(240)), drum_label(2)]
    for paper in (LabelPaper.A4_FOUR, LabelPaper.A4_TAGS):
        (picture,) = pictures(label_pdf(bags, paper=paper).pdf)
        assert scanned(picture) == {label.label_text for label in bags}
        colours = {colour for count, colour in colours_of(picture) if count > 5_000}
        assert {CHINA.medical_background.value, CHINA.background.value} <= colours


def test_a_label_says_which_it_is_of_the_container_and_which_print() -> None:
    assert "第3版，第2次打印" in text_of(label_pdf([a_bag(revision=3, print_number=2)]).pdf)
    assert "预览" in text_of(label_pdf([replace(drum_label(), print_number=0)]).pdf)
    assert "打印" not in text_of(label_pdf([drum_label()]).pdf)
