"""QR symbols, fast: at a fixed version, level, mask, mode and length a symbol is affine over GF(2) in its message bits.

Error correction is linear, placement is a permutation, mask and format are constants. So with one symbol of the
`qrcode` library as base and, for each message bit, the modules that this bit turns over (its own and those of its
error correction), every other symbol is a handful of XORs of integers: some 10 µs instead of 5 ms. The tests compare
whole symbols with the library.

The mask is fixed (MASK) instead of chosen by penalty for each symbol: readers take the mask from the symbol, its choice
only evens out dark and light, and our messages are mixed enough by their keyed check. Equal text gives equal modules.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

import qrcode
from qrcode import util
from qrcode.base import gexp, glog, rs_blocks
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import precomputed_qr_blanks

from wastetrack.errors import Malformed

Level = Literal["L", "M", "Q", "H"]
Mode = Literal[2, 4]
"""Alphanumeric or bytes, as `qrcode.util` numbers them."""
LABEL_LEVEL: Final[Level] = "Q"
MASK: Final = 0
QUIET_ZONE: Final = 4

_LEVELS: Final = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q, "H": ERROR_CORRECT_H}
_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_ALPHANUMERIC_ONLY: Final = re.compile(r"[0-9A-Z $%*+\-./:]+")
_BASE: Final = len(_ALPHANUMERIC)
_ORIGIN: Final = 1
_ALPHANUMERIC_MODE: Final = 2
_BYTE_MODE: Final = 4
_LONGEST: Final = 1000
_TIMING_COLUMN: Final = 6
_FIRST_WITH_VERSION: Final = 7


@dataclass(frozen=True, slots=True)
class Symbol:
    """A square of modules as one integer: bit r·size + c is the module in row r, column c; 1 is dark."""

    size: int
    bits: int

    def rows(self) -> Iterator[int]:
        """The rows from the top; in each, bit c is column c."""
        whole, row = self.bits, (1 << self.size) - 1
        for _ in range(self.size):
            yield whole & row
            whole >>= self.size

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """Dark stretches as (column, row, length), row by row."""
        for y, row in enumerate(self.rows()):
            for stretch in re.finditer("1+", f"{row:0{self.size}b}"[::-1]):
                yield stretch.start(), y, stretch.end() - stretch.start()


@lru_cache(maxsize=4096)
def symbol(text: str, level: Level = LABEL_LEVEL) -> Symbol:
    """The smallest QR symbol that holds the text at this level of error correction."""
    if not text or len(text) > _LONGEST:
        raise Malformed(
            "qr_text_length", "A QR code holds 1 to 1,000 characters; {length} were given.", length=len(text)
        )
    if _ALPHANUMERIC_ONLY.fullmatch(text):
        return _maker(_ALPHANUMERIC_MODE, len(text), level).symbol(_pairs(text))
    data = text.encode()
    return _maker(_BYTE_MODE, len(data), level).symbol(list(data))


def path_operators(drawn: Symbol) -> str:
    """PDF operators that fill the dark modules, one unit each, column to the right and row downwards from 0, 0.

    One path and one fill: renderers that smooth edges then leave no hairlines between neighbours.
    """
    parts: list[str] = []
    for y, row in enumerate(drawn.rows()):
        parts.extend([_row_piece(row >> left & 0xFF, left, y) for left in range(0, drawn.size, 8)])
    return "".join(parts) + "f"


def qr_svg(text: str, *, level: Level = LABEL_LEVEL, title: str = "", is_secret: bool = False) -> str:
    """The symbol with its quiet zone as a stand-alone SVG without fixed size; scale it by CSS.

    What is secret is not kept in memory for the next time.
    """
    drawn = symbol.__wrapped__(text, level) if is_secret else symbol(text, level)
    side = drawn.size + 2 * QUIET_ZONE
    path = "".join(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{n}v1h-{n}z" for x, y, n in drawn.runs())
    named = f"<title>{_escaped(title)}</title>" if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img">'
        f'{named}<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def qr_png(text: str, scale: int = 4, *, level: Level = LABEL_LEVEL) -> bytes:
    """The symbol with its quiet zone as a black and white PNG, `scale` pixels to the module."""
    drawn = symbol(text, level)
    side = (drawn.size + 2 * QUIET_ZONE) * scale
    lines: list[bytes] = []
    blank = b"\0" + b"\xff" * ((side + 7) // 8)
    lines.extend([blank] * (QUIET_ZONE * scale))
    for row in drawn.rows():
        modules = "1" * QUIET_ZONE + f"{row:0{drawn.size}b}"[::-1].translate({48: "1", 49: "0"}) + "1" * QUIET_ZONE
        pixels = "".join(module * scale for module in modules).ljust((side + 7) // 8 * 8, "1")
        lines.extend([b"\0" + int(pixels, 2).to_bytes(len(pixels) // 8)] * scale)
    lines.extend([blank] * (QUIET_ZONE * scale))
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    for kind, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines), 9)), (b"IEND", b"")):
        out.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))
    return out.getvalue()


class _Maker:
    """Symbols of one mode, length and level; its table of differences grows as message values occur.

    Threads may fill the same place twice with the same value; that is harmless.
    """

    def __init__(self, mode: Mode, length: int, level: Level) -> None:
        self._version = _smallest_version(mode, length, level)
        self._level = level
        self.size = 4 * self._version + 17
        # Not zeros: the library cannot divide a block of zeros.
        self._base = _by_library(mode, length, level, self._version)
        self._fields = _fields(mode, length, self._version)
        self._known: list[dict[int, int]] = [{_ORIGIN: 0} for _ in self._fields]

    def symbol(self, values: list[int]) -> Symbol:
        bits = self._base
        for place, (value, known) in enumerate(zip(values, self._known, strict=True)):
            difference = known.get(value)
            if difference is None:
                difference = known[value] = self._difference(place, value)
            bits ^= difference
        return Symbol(self.size, bits)

    def _difference(self, place: int, value: int) -> int:
        start, count = self._fields[place]
        flipped, difference = value ^ _ORIGIN, 0
        for bit in range(count):
            if flipped >> (count - 1 - bit) & 1:
                difference ^= _turned_over(self._version, self._level, start + bit)
        return difference


@lru_cache(maxsize=256)
def _maker(mode: Mode, length: int, level: Level) -> _Maker:
    return _Maker(mode, length, level)


def _fields(mode: Mode, length: int, version: int) -> list[tuple[int, int]]:
    """Where in the bit stream each message value stands (first bit, number of bits), after mode and length."""
    start = 4 + int(util.length_in_bits(mode, version))
    if mode == _BYTE_MODE:
        return [(start + 8 * i, 8) for i in range(length)]
    pairs = [(start + 11 * i, 11) for i in range(length // 2)]
    return [*pairs, (start + 11 * (length // 2), 6)] if length % 2 else pairs


def _by_library(mode: Mode, length: int, level: Level, version: int) -> int:
    """The symbol whose message values are all _ORIGIN."""
    if mode == _ALPHANUMERIC_MODE:
        data = (_ALPHANUMERIC[0] + _ALPHANUMERIC[1]).encode() * (length // 2) + _ALPHANUMERIC[1].encode() * (length % 2)
    else:
        data = bytes([_ORIGIN]) * length
    code = qrcode.QRCode(version=version, error_correction=_LEVELS[level], mask_pattern=MASK, border=0)
    code.add_data(util.QRData(data, mode=mode, check_data=False), optimize=0)
    code.makeImpl(False, MASK)  # noqa: FBT003  the library's own signature
    modules = "".join("1" if module else "0" for row in code.modules for module in row)
    return int(modules[::-1], 2)


@cache
def _turned_over(version: int, level: Level, bit: int) -> int:
    """The modules that change with one bit of the data stream: its own, and those of the error correction over it."""
    codewords, correction = _layout(version, level)
    codeword, place = divmod(bit, 8)
    unit = 0x80 >> place
    modules = _placement(version)
    position, block, row = codewords[codeword]
    turned = 1 << modules[8 * position + place]
    for i, coefficient in enumerate(row):
        changed = _times(coefficient, unit)
        for k in range(8):
            if changed >> (7 - k) & 1:
                turned ^= 1 << modules[8 * correction[block][i] + k]
    return turned


@cache
def _layout(version: int, level: Level) -> tuple[list[tuple[int, int, list[int]]], list[list[int]]]:
    """Each data codeword: its place in the interleaved order, its block, its row of the code's generator matrix;
    and for each block the places of its correction codewords (ISO/IEC 18004, error correction and final message)."""
    blocks = rs_blocks(version, _LEVELS[level])
    counts = [block.data_count for block in blocks]
    corrections = blocks[0].total_count - blocks[0].data_count
    order = [(block, i) for i in range(max(counts)) for block, count in enumerate(counts) if i < count]
    positions = {which: position for position, which in enumerate(order)}
    codewords: list[tuple[int, int, list[int]]] = []
    for block, count in enumerate(counts):
        rows = _generator_rows(count, corrections)
        codewords.extend((positions[block, i], block, rows[i]) for i in range(count))
    places = [[sum(counts) + i * len(counts) + block for i in range(corrections)] for block in range(len(counts))]
    return codewords, places


@cache
def _generator_rows(data_count: int, corrections: int) -> list[list[int]]:
    """For each data codeword of a block, what a 1 in it adds to the correction codewords: x^k modulo the generator."""
    generator = [1]
    for power in range(corrections):
        shifted = [_times(coefficient, gexp(power)) for coefficient in generator]
        generator = [a ^ b for a, b in zip([*generator, 0], [0, *shifted], strict=True)]
    remainder = generator[1:]
    rows = [remainder]
    for _ in range(data_count - 1):
        carried = [_times(remainder[0], coefficient) for coefficient in generator[1:]]
        remainder = [a ^ b for a, b in zip([*remainder[1:], 0], carried, strict=True)]
        rows.append(remainder)
    return rows[::-1]


def _times(a: int, b: int) -> int:
    """The product in GF(256)."""
    return int(gexp(glog(a) + glog(b))) if a and b else 0


@cache
def _placement(version: int) -> list[int]:
    """The module (row·size + column) of each bit of the final message, in order: two columns at a time, from the
    right, up and down, leaving out what finders, timing, alignment, version and format take."""
    code = qrcode.QRCode(version=version, mask_pattern=MASK, border=0)
    code.add_data(b"1", optimize=0)
    code.makeImpl(False, MASK)  # noqa: FBT003
    # The library keeps the symbol without data of each version it has made; format and version are not in it yet.
    code.modules = [list(row) for row in precomputed_qr_blanks[version]]
    code.setup_type_info(False, MASK)  # noqa: FBT003
    if version >= _FIRST_WITH_VERSION:
        code.setup_type_number(False)  # noqa: FBT003
    size = 4 * version + 17
    right_columns = [column - (column <= _TIMING_COLUMN) for column in range(size - 1, 0, -2)]
    return [
        row * size + column
        for i, right in enumerate(right_columns)
        for row in (range(size) if i % 2 else range(size - 1, -1, -1))
        for column in (right, right - 1)
        if code.modules[row][column] is None
    ]


def _smallest_version(mode: Mode, length: int, level: Level) -> int:
    data = b"A" * length
    code = qrcode.QRCode(error_correction=_LEVELS[level])
    code.add_data(util.QRData(data, mode=mode, check_data=False), optimize=0)
    return int(code.best_fit())


def _pairs(text: str) -> list[int]:
    """Alphanumeric mode packs two characters into 11 bits and a last odd one into 6."""
    find = _ALPHANUMERIC_VALUES
    pairs = [find[a] * _BASE + find[b] for a, b in zip(text[::2], text[1::2], strict=False)]
    if len(text) % 2:
        pairs.append(find[text[-1]])
    return pairs


_ALPHANUMERIC_VALUES: Final = {character: value for value, character in enumerate(_ALPHANUMERIC)}


@cache
def _row_piece(eight: int, left: int, y: int) -> str:
    return "".join(
        f"{left + run.start()} {y} {run.end() - run.start()} 1 re\n" for run in re.finditer("1+", f"{eight:08b}"[::-1])
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
