"""The label of a door or a zone: whatever its words, a scanner reads it and nothing runs off the paper."""

import io

import pypdfium2
import pytest
import zxingcpp

from wastetrack.reports.medical_pdf import door_label_pdf

URL = "https://waste.example.test/stores/01a218e3-f8ad-732d-b6e5-6ae9c1b76b8d"
POINTS_PER_MM = 72 / 25.4
LONGEST_NAME = "危险废物贮存库甲类库南侧第二防火分区含油金属屑暂存区" * 4


@pytest.mark.parametrize("code", ["ICU", "TSce688d00", "WARD-2026-0001-NORTH", "TS" + "0W" * 20])
@pytest.mark.parametrize("name", ["A区", "Intensive care unit of the second building", LONGEST_NAME])
@pytest.mark.parametrize("institution", ["烟台白鹭汀医院", LONGEST_NAME])
def test_whatever_its_words_the_code_is_read_and_the_words_are_whole(code: str, name: str, institution: str) -> None:
    said = {"institution": institution, "code": code, "name": name, "location": "三号楼五层东侧"}
    document = pypdfium2.PdfDocument(io.BytesIO(door_label_pdf(**said, url=URL, locale="zh")))
    (page,) = document
    (found,) = zxingcpp.read_barcodes(page.render(scale=3).to_pil().convert("L"))
    assert found.text == URL
    text = page.get_textpage()
    printed = "".join(text.get_text_bounded().split())
    for words in said.values():
        assert "".join(words.split()) in printed
    for index in range(text.count_chars()):
        left, bottom, right, _top = text.get_charbox(index)
        assert left >= 10 * POINTS_PER_MM - 1
        assert bottom >= 8 * POINTS_PER_MM
        # The white that a QR code needs around it, four of its modules.
        assert right <= 73 * POINTS_PER_MM
