"""Signs in their real size, with colours and heights of text read back from the finished PDF."""

import io

import pytest
from pypdf import PdfReader

from tests.reports.test_label_pdf import colours_of, heights_of_text, pictures, text_of
from wastetrack.reports.label_rules import CHINA
from wastetrack.reports.sign_pdf import (
    FacilityPurpose,
    FacilitySign,
    ZoneFigures,
    ZoneSign,
    facility_sign_pdf,
    facility_size,
    zone_sign_pdf,
    zone_size,
)

PLAN = ZoneSign(
    place="滨海机械 1号危废库",
    zones=(
        ZoneFigures("A1", "废油区", ("900-249-08 废矿物油", "900-006-09 废切削液")),
        ZoneFigures("A2", "酸碱区", ("900-300-34 清洗废酸",)),
        ZoneFigures("B1", "空桶区", ()),
    ),
    here="A2",
)
OWNER = FacilitySign(FacilityPurpose.USE, "烟台芝罘滨海机械制造有限公司", "TS001", "王建国 13800000000", "1号炉")


def size_of_page(pdf: bytes) -> tuple[int, int]:
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return round(float(page.mediabox.width) / 72 * 25.4), round(float(page.mediabox.height) / 72 * 25.4)


@pytest.mark.parametrize(("metres", "side", "title", "least"), [(2.5, 300, 20, 6), (4, 450, 30, 9), (4.1, 600, 40, 12)])
def test_a_zone_sign_has_the_size_for_its_distance(metres: float, side: int, title: float, least: float) -> None:
    pdf = zone_sign_pdf(PLAN, zone_size(metres))
    assert size_of_page(pdf) == (side, side)
    heights = heights_of_text(pdf, "危险废物贮存分区标志滨海机械号库油酸碱空桶清洗当前位置矿切削液")
    assert max(heights) == pytest.approx(title, abs=0.1)
    assert min(heights) >= least - 0.05


def test_a_zone_sign_shows_the_plan_and_where_one_stands() -> None:
    pdf = zone_sign_pdf(PLAN, zone_size(2))
    said = text_of(pdf)
    expected = ("危险废物贮存分区标志", "A1 废油区", "A2 酸碱区", "B1 空桶区", "900-249-08 废矿物油", "当前位置")
    assert [words for words in expected if words not in said] == []
    (picture,) = pictures(pdf, 50)
    counts = {colour: count for count, colour in colours_of(picture)}
    assert counts[CHINA.zone_background.value] > counts[CHINA.zone_block.value] > 20_000


def test_a_zone_with_more_wastes_than_it_has_room_for_says_how_many() -> None:
    crowded = ZoneSign("库", (ZoneFigures("A", "混", tuple(f"废物{i}" for i in range(60))),), "A")
    assert "等 60 种" in text_of(zone_sign_pdf(crowded, zone_size(2)))


@pytest.mark.parametrize(
    ("metres", "page", "title", "least"), [(4, (300, 186), 16, 8), (10, (600, 372), 32, 16), (11, (900, 558), 48, 24)]
)
def test_a_facility_sign_has_the_size_for_its_distance(
    metres: float, page: tuple[int, int], title: float, least: float
) -> None:
    pdf = facility_sign_pdf(OWNER, facility_size(metres))
    assert size_of_page(pdf) == page
    heights = heights_of_text(pdf, "危险废物利用设施单位名称编码负责人及联系方式")
    assert min(heights) == pytest.approx(least, abs=0.1)
    assert max(heights) == pytest.approx(title, abs=0.1)


@pytest.mark.parametrize("purpose", list(FacilityPurpose))
def test_a_facility_sign_says_whose_it_is_beside_the_triangle(purpose: FacilityPurpose) -> None:
    pdf = facility_sign_pdf(FacilitySign(purpose, "滨海机械", "TS001", "王建国 13800000000"), facility_size(3))
    said = text_of(pdf)
    word = {"storage": "贮存设施", "use": "利用设施", "disposal": "处置设施"}[purpose.value]
    expected = ("危险废物", word, "滨海机械", "TS001", "王建国")
    assert [words for words in expected if words not in said] == []
    (picture,) = pictures(pdf, 100)
    left = picture.crop((30, 60, picture.width // 2, picture.height - 60))
    black = next(count for count, colour in colours_of(left) if colour == (0, 0, 0))
    assert black > left.width * left.height * 0.08, "the triangle, its tree and its fish"
