"""QR symbols, fast: at a fixed version, level, mask, mode and length a symbol is affine over GF(2) in its message bits.

Error correction is linear, placement is a permutation, mask and format are constants. So with one symbol as base and,
for each message bit, the difference that this bit makes, every other symbol is a handful of XORs of integers. Base and
differences come from the `qrcode` library itself, made the first time they are needed; the tests compare whole symbols
with it. A symbol costs some 10 µs instead of 5 ms. The first few texts of a length, and long ones, are left to the
library, because a table pays only where many texts share a length, as labels do.

The mask is fixed (MASK) instead of chosen by penalty for each symbol: readers take the mask from the symbol, its choice
only evens out dark and light, and our messages are mixed enough by their keyed check. Equal text gives equal modules.
"""

import contextlib
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
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q

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
_LONGEST_IN_A_TABLE: Final = 120
_BEFORE_A_TABLE: Final = 4


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


def qr_svg(text: str, *, level: Level = LABEL_LEVEL, title: str = "") -> str:
    """The symbol with its quiet zone as a stand-alone SVG without fixed size; scale it by CSS."""
    drawn = symbol(text, level)
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
        self._mode, self._length, self._level = mode, length, level
        count = (length + 1) // 2 if mode == _ALPHANUMERIC_MODE else length
        # Not zeros: the library cannot divide a block of zeros. Ones stay valid when any one bit is flipped.
        self._origin = [_ORIGIN] * count
        self._version = _smallest_version(mode, length, level)
        self.size = 4 * self._version + 17
        self._base = self._by_library(self._origin)
        self._made = 0
        self._bits: list[dict[int, int]] = [{} for _ in range(count)]
        self._known: list[dict[int, int]] = [{_ORIGIN: 0} for _ in range(count)]

    def symbol(self, values: list[int]) -> Symbol:
        self._made += 1
        if self._length > _LONGEST_IN_A_TABLE or self._made <= _BEFORE_A_TABLE:
            # A block of zeros is beyond the library but not beyond the table.
            with contextlib.suppress(ValueError):
                return Symbol(self.size, self._by_library(values))
        bits = self._base
        for place, (value, known) in enumerate(zip(values, self._known, strict=True)):
            difference = known.get(value)
            if difference is None:
                difference = known[value] = self._difference(place, value)
            bits ^= difference
        return Symbol(self.size, bits)

    def _difference(self, place: int, value: int) -> int:
        difference, single, flipped = 0, self._bits[place], value ^ _ORIGIN
        while flipped:
            bit = flipped & -flipped
            if bit not in single:
                values = list(self._origin)
                values[place] ^= bit
                single[bit] = self._by_library(values) ^ self._base
            difference ^= single[bit]
            flipped ^= bit
        return difference

    def _by_library(self, values: list[int]) -> int:
        code = qrcode.QRCode(version=self._version, error_correction=_LEVELS[self._level], mask_pattern=MASK, border=0)
        data = _unpaired(values, self._length) if self._mode == _ALPHANUMERIC_MODE else bytes(values)
        code.add_data(util.QRData(data, mode=self._mode, check_data=False), optimize=0)
        code.makeImpl(False, MASK)  # noqa: FBT003  the library's own signature
        modules = "".join("1" if module else "0" for row in code.modules for module in row)
        return int(modules[::-1], 2)


@lru_cache(maxsize=256)
def _maker(mode: Mode, length: int, level: Level) -> _Maker:
    return _Maker(mode, length, level)


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


def _unpaired(values: list[int], length: int) -> bytes:
    characters = [_ALPHANUMERIC[part] for value in values for part in divmod(value, _BASE)]
    if length % 2:
        del characters[-2]
    return "".join(characters).encode()


_ALPHANUMERIC_VALUES: Final = {character: value for value, character in enumerate(_ALPHANUMERIC)}


@cache
def _row_piece(eight: int, left: int, y: int) -> str:
    return "".join(
        f"{left + run.start()} {y} {run.end() - run.start()} 1 re\n" for run in re.finditer("1+", f"{eight:08b}"[::-1])
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
