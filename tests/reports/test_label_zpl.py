"""ZPL as a thermal printer reads it: an own small decoder of ^GFA and ^BQN beside our encoder."""

import re
from decimal import Decimal
from typing import Any

import pytest
import qrcode
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from qrcode.constants import ERROR_CORRECT_Q

from tests.reports.samples import LONG_WINDED, drum_label
from tests.reports.test_label_pdf import pictures
from tests.reports.test_medical_labels import a_bag
from wastetrack.reports.figures import LabelFigures
from wastetrack.reports.label_pdf import label_pdf
from wastetrack.reports.label_zpl import graphic, label_zpl

_GRAPHIC = re.compile(r"\^GFA,(\d+),(\d+),(\d+),([0-9A-Fa-z:,!G-Y]*)")
_CODE = re.compile(r"\^FO(\d+),(\d+)\^BQN,2,(\d+)\^FDQA,([^\^]+)\^FS")
LARGE: dict[str, Any] = {"volume_litres": Decimal(1000)}


def decoded(zpl: str) -> Image.Image:
    """The graphic field of a job, by the rules of Zebra's manual."""
    found = _GRAPHIC.search(zpl)
    assert found
    total, again, row_bytes, data = int(found[1]), int(found[2]), int(found[3]), found[4]
    assert total == again
    rows: list[str] = []
    row, count = "", 0
    for mark in data:
        if "G" <= mark <= "Y":
            count += ord(mark) - ord("G") + 1
        elif "g" <= mark <= "z":
            count += (ord(mark) - ord("g") + 1) * 20
        elif mark == ":":
            rows.append(rows[-1])
        elif mark in ",!":
            rows.append(row.ljust(2 * row_bytes, "0" if mark == "," else "F"))
            row = ""
        else:
            row, count = row + mark * max(count, 1), 0
            if len(row) == 2 * row_bytes:
                rows.append(row)
                row = ""
    assert (row, count) == ("", 0)
    assert {len(one) for one in rows} == {2 * row_bytes}
    bits = bytes.fromhex("".join(rows))
    assert len(bits) == total
    black = Image.frombytes("1", (8 * row_bytes, len(rows)), bits).convert("L")
    return black.point(lambda dot: 0 if dot else 255)


def as_printed(zpl: str) -> Image.Image:
    """The graphic with the QR code that the printer draws into it."""
    picture = decoded(zpl)
    found = _CODE.search(zpl)
    assert found
    left, top, dots, text = int(found[1]), int(found[2]), int(found[3]), found[4]
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, box_size=dots, border=0)
    code.add_data(text)
    picture.paste(code.make_image().get_image().convert("L"), (left, top))
    return picture


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(
    "label",
    [drum_label(), drum_label(**LONG_WINDED, volume_litres=Decimal(200)), drum_label(**LARGE), a_bag()],
    ids=["small", "medium", "large", "bag"],
)
def test_a_label_is_what_the_pdf_shows_and_its_code_is_read(label: LabelFigures, dpi: int) -> None:
    zpl = label_zpl([label], dpi=dpi)
    printed = as_printed(zpl)
    assert {found.text for found in zxingcpp.read_barcodes(printed)} == {label.label_text}
    grey = pictures(label_pdf([label], both_sides=False).pdf, dpi)[0].convert("L")
    page = grey.point(lambda dot: 0 if dot < 90 else 255)
    width, height = int(re.search(r"\^PW(\d+)", zpl)[1]), int(re.search(r"\^LL(\d+)", zpl)[1])  # type: ignore[index]
    assert (width, height) == page.size
    text = (0, 0, round(width * 0.6), round(height * 0.62))
    differing = ImageChops.difference(decoded(zpl).crop(text), page.crop(text)).histogram()[255]
    black = page.crop(text).histogram()[0]
    assert differing < black * 0.2, "the same black, but for the edges of letters"
    assert black / (text[2] * text[3]) > 0.05, "there is something to compare"


def test_a_job_holds_each_label_and_large_ones_for_two_sides() -> None:
    zpl = label_zpl([drum_label(1), drum_label(2, **LARGE)], dpi=203)
    assert zpl.count("^XA") == zpl.count("^XZ") == 2
    assert re.findall(r"\^PQ(\d)", zpl) == ["1", "2"]


@given(st.data())
def test_any_picture_comes_back_from_its_compression(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(1, 900)), data.draw(st.integers(1, 12))
    picture = Image.new("L", (width, height), 255)
    for _ in range(data.draw(st.integers(0, 6))):
        x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
        picture.paste(0, (x, y, data.draw(st.integers(x, width)), data.draw(st.integers(y, height))))
    assert ImageChops.difference(decoded(graphic(picture)).crop((0, 0, width, height)), picture).getbbox() is None
