"""A PDF being drawn: millimetres from the top left corner, text in the embedded font, shapes as plain operators.

Documents are drawn by the thousand, so operators are written directly and the encoded text is remembered;
reportlab lays out the file, cuts the font and numbers the objects. Equal input gives equal bytes.
"""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from reportlab import rl_config
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfgen.canvas import Canvas

from wastetrack.reports import qr_symbols, typesetting

POINTS_PER_MM: Final = 72 / 25.4
# Bold is the regular letter with an outline this thick, in ems; small letters would clog with the thick one.
BOLD_STROKE: Final = 0.035
SMALL_BOLD_STROKE: Final = 0.026
SMALL_MM: Final = 6.0
BLACK: Final = (0, 0, 0)
WHITE: Final = (255, 255, 255)
Colour = tuple[int, int, int]
"""Red, green, blue from 0 to 255."""
Point = tuple[float, float]

# Text armour was for mail of the last century; without it files are a fifth smaller and quicker.
rl_config.useA85 = 0

# The font's reader keeps a position in the file's bytes, so two documents must not be cut from it at once.
_saving = threading.Lock()


class Box(NamedTuple):
    """A rectangle in millimetres; x, y is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    def inset(self, by: float) -> "Box":
        """The rectangle that lies inside by so much on each side."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)

    def operands(self) -> str:
        """As PDF writes it before `re`."""
        return f"{self.x:.2f} {self.y:.2f} {self.width:.2f} {self.height:.2f}"


class _Paper(Canvas):
    """reportlab's canvas, with a door for operators."""

    _code: list[str]
    _doc: PDFDocument

    def emit(self, operators: str) -> None:
        self._code.append(operators)


class Drawing:
    """One PDF document. Begin a page, draw, begin the next; `bytes()` ends it."""

    def __init__(self, *, title: str, author: str = "wastetrack", language: str = "zh-CN") -> None:
        self._font = typesetting.font()
        self._out = io.BytesIO()
        self._paper = _Paper(
            self._out,
            pagesize=(1, 1),
            invariant=1,
            pageCompression=1,
            # Without it an unembedded Helvetica is listed in each file. (The stubs have its type wrong.)
            initialFontName=typesetting.FONT_NAME,  # type: ignore[arg-type]
            lang=language,
        )
        self._paper.setTitle(title)
        self._paper.setAuthor(author)
        self._paper.setCreator("wastetrack")
        self._document = self._paper._doc  # noqa: SLF001  the font numbers its subsets per document
        self._written: dict[tuple[str, float, bool, float], tuple[str, str]] = {}
        self._open = False
        self._height_mm = 0.0
        self.pages = 0

    def begin_page(self, width_mm: float, height_mm: float) -> None:
        """A new page; what was drawn before is finished."""
        self._end_page()
        self._paper.setPageSize((width_mm * POINTS_PER_MM, height_mm * POINTS_PER_MM))
        self.emit(f"{POINTS_PER_MM:.6f} 0 0 {-POINTS_PER_MM:.6f} 0 {height_mm * POINTS_PER_MM:.4f} cm")
        self._open, self._height_mm = True, height_mm
        self.pages += 1

    def bytes(self) -> bytes:
        """The finished file. Nothing can be drawn after it."""
        self._end_page()
        with _saving:
            self._paper.save()
        return self._out.getvalue()

    def emit(self, operators: str) -> None:
        """Raw PDF operators in the current millimetres."""
        self._paper.emit(operators)

    def text(self, x: float, y: float, text: str, em: float, *, bold: bool = False, squeeze: float = 1.0) -> None:
        """Printable text with its baseline at y. `bold` thickens the strokes; `squeeze` narrows the letters."""
        self.emit(self.text_operators(x, y, text, em, bold=bold, squeeze=squeeze))

    def text_operators(
        self, x: float, y: float, text: str, em: float, *, bold: bool = False, squeeze: float = 1.0
    ) -> str:
        """What `text` draws, for callers that gather many."""
        key = (text, em, bold, squeeze)
        written = self._written.get(key)
        if written is None:
            written = self._written[key] = self._around_position(text, em, bold=bold, squeeze=squeeze)
        return f"{written[0]}{x:.2f} {y:.2f}{written[1]}"

    def _around_position(self, text: str, em: float, *, bold: bool, squeeze: float) -> tuple[str, str]:
        """The operators before and after the position; most texts are drawn many times."""
        stroke = SMALL_BOLD_STROKE if em < SMALL_MM else BOLD_STROKE
        weight = f"2 Tr {em * stroke:.3f} w " if bold else ""
        light = " 0 Tr" if bold else ""
        parts = self._font.splitString(text, self._document)
        shown = " ".join(
            f"{self._font.getSubsetInternalName(number, self._document)} {em:.3f} Tf <{part.hex()}> Tj"
            for number, part in parts
        )
        return f"BT {weight}{squeeze:g} 0 0 -1 ", f" Tm {shown}{light} ET"

    def right_text(self, x: float, y: float, text: str, em: float, *, bold: bool = False) -> None:
        """Text that ends at x."""
        self.text(x - typesetting.width(text, em), y, text, em, bold=bold)

    def centred_text(self, x: float, y: float, text: str, em: float, *, bold: bool = False) -> None:
        """Text with its middle at x."""
        self.text(x - typesetting.width(text, em) / 2, y, text, em, bold=bold)

    def fill_box(self, box: Box, colour: Colour) -> None:
        """A filled rectangle."""
        self.emit(f"q {_rgb(colour)} rg {box.operands()} re f Q")

    def frame(self, box: Box, line: float, colour: Colour = BLACK) -> None:
        """A rectangle's outline, drawn inside its edge."""
        self.emit(f"q {_rgb(colour)} RG {line:.2f} w {box.inset(line / 2).operands()} re S Q")

    def rule(self, start: Point, end: Point, line: float, colour: Colour = BLACK) -> None:
        """A straight line."""
        path = f"{start[0]:.2f} {start[1]:.2f} m {end[0]:.2f} {end[1]:.2f} l"
        self.emit(f"q {_rgb(colour)} RG {line:.2f} w {path} S Q")

    def qr(self, x: float, y: float, side: float, text: str) -> None:
        """A QR code with its white quiet zone, `side` overall."""
        self.emit(qr_operators(x, y, side, text))

    def link(self, box: Box, url: str) -> None:
        """Make a rectangle of the page open an address."""
        k = POINTS_PER_MM
        top = self._height_mm - box.y
        corners = (box.x * k, (top - box.height) * k, (box.x + box.width) * k, top * k)
        self._paper.linkURL(url, corners, relative=0)

    @contextmanager
    def stamp(self, name: str, width: float, height: float) -> Iterator[None]:
        """What is drawn inside is kept once in the file, to be placed many times with `place`."""
        self._paper.beginForm(name, 0, 0, width, height)
        yield
        self._paper.endForm()

    def has_stamp(self, name: str) -> bool:
        """Whether the stamp was drawn in this document."""
        return bool(self._paper.hasForm(name))

    def place(self, name: str, x: float, y: float, scale: float = 1.0) -> None:
        """Put a stamp with its top left corner at x, y."""
        self.emit(f"q {scale:g} 0 0 {scale:g} {x:.2f} {y:.2f} cm")
        self._paper.doForm(name)
        self.emit("Q")

    def _end_page(self) -> None:
        if self._open:
            self._paper.showPage()
            self._open = False


def qr_operators(x: float, y: float, side: float, text: str) -> str:
    """A QR code on white: `side` counts the quiet zone of four modules all round."""
    symbol = qr_symbols.symbol(text)
    module = side / (symbol.size + 2 * qr_symbols.QUIET_ZONE)
    quiet = module * qr_symbols.QUIET_ZONE
    return (
        f"q 1 g {x:.3f} {y:.3f} {side:.3f} {side:.3f} re f 0 g "
        f"{module:.5f} 0 0 {module:.5f} {x + quiet:.3f} {y + quiet:.3f} cm\n{qr_symbols.path_operators(symbol)} Q"
    )


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part / 255:.4g}" for part in colour)
