"""Symbols made by XOR are the same, module for module, as those of the library they come from."""

import io
import re
import string

import pytest
import qrcode
import zxingcpp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from qrcode import util
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

from tests.reports.samples import HERE
from wastetrack.errors import Malformed
from wastetrack.reports import qr_symbols
from wastetrack.reports.qr_symbols import Level, Mode, qr_png, qr_svg, symbol

LEVELS: dict[Level, int] = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
LABEL = "HTTPS://WASTE.EXAMPLE.CN/91/91130200699229617X9002490820261101007/92/HOGEXHS5NQ"


def by_library(text: str, level: Level) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=LEVELS[level], mask_pattern=qr_symbols.MASK, border=0)
    mode: Mode = 2 if re.fullmatch(r"[0-9A-Z $%*+\-./:]+", text) else 4
    code.add_data(util.QRData(text.encode(), mode=mode, check_data=False), optimize=0)
    code.make()
    return [[bool(module) for module in row] for row in code.modules]


def modules(text: str, level: Level) -> list[list[bool]]:
    drawn = symbol(text, level)
    return [[bool(row >> column & 1) for column in range(drawn.size)] for row in drawn.rows()]


def read(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    return str(found.text)


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
@pytest.mark.parametrize(
    "text", ["A", "AB", "a", "é", "1" * 5, "A" * 17, "\1" * 30, LABEL, LABEL.lower(), "危险废物 900-249-08", "Z" * 300]
)
def test_a_symbol_equals_the_library_s(text: str, level: Level) -> None:
    assert modules(text, level) == by_library(text, level)


@settings(max_examples=60, deadline=None)
@given(st.text(string.digits + string.ascii_uppercase, min_size=47, max_size=47))
def test_every_label_text_equals_the_library_s(varying: str) -> None:
    text = f"{HERE.upper()}/91/{varying[:37]}/92/{varying[37:]}"
    assume(varying.strip("0"))
    assert modules(text, "Q") == by_library(text, "Q")


def test_a_block_of_zeros_which_the_library_cannot_divide_is_still_read() -> None:
    text = f"{HERE.upper()}/91/{'0' * 37}/92/{'0' * 10}"
    with pytest.raises(ValueError, match="glog"):
        by_library(text, "H")
    assert read(Image.open(io.BytesIO(qr_png(text, 3, level="H")))) == text


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=20, max_size=20))
def test_every_byte_text_equals_the_library_s(varying: bytes) -> None:
    text = "x" + varying.hex()
    assert modules(text, "M") == by_library(text, "M")


@settings(max_examples=200, deadline=None)
@given(st.text(string.digits + string.ascii_uppercase, min_size=47, max_size=47))
def test_the_fixed_mask_is_read_by_an_independent_decoder(varying: str) -> None:
    text = f"{HERE.upper()}/91/{varying[:37]}/92/{varying[37:]}"
    assert read(Image.open(io.BytesIO(qr_png(text, 3)))) == text


def test_a_label_fits_version_five_with_a_quarter_of_error_correction() -> None:
    assert symbol(LABEL).size == 37
    assert symbol(LABEL.lower()).size > 37, "capitals are what makes it small"


def test_runs_and_path_cover_the_same_modules() -> None:
    drawn = symbol(LABEL)
    runs = {(x + i, y) for x, y, n in drawn.runs() for i in range(n)}
    path: set[tuple[int, int]] = set()
    for line in qr_symbols.path_operators(drawn).removesuffix("f").splitlines():
        x, y, n, height, operator = line.split()
        assert (height, operator) == ("1", "re")
        path |= {(int(x) + i, int(y)) for i in range(int(n))}
    assert runs == path == {(x, y) for y, row in enumerate(modules(LABEL, "Q")) for x, dark in enumerate(row) if dark}


def test_the_svg_has_a_quiet_zone_and_an_escaped_title() -> None:
    svg = qr_svg(LABEL, title="<&>")
    assert 'viewBox="0 0 45 45"' in svg
    assert "<title>&lt;&amp;&gt;</title>" in svg


def test_no_text_or_too_much_text_is_refused() -> None:
    for text in ("", "A" * 1001):
        with pytest.raises(Malformed, match="qr_text_length"):
            symbol(text)
