"""Files as people send them, made by the programs that make such files; and files as nobody should."""

import io
import zipfile
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

CSV = "废物代码,质量\r\n900-249-08,180\r\n".encode()


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (64, 48), colour: Any = (200, 40, 40), **more: Any) -> bytes:  # noqa: ANN401
    """A picture of one colour."""
    image = Image.new("RGB" if len(colour) == 3 else "RGBA", size, colour)
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def located_picture(kind: str = "JPEG") -> bytes:
    """A picture that knows where and with what it was taken, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (37.0, 27.0, 36.0)
    return picture(kind, exif=exif)


def document(*, script: bool = False) -> bytes:
    """A PDF of one page."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


_TYPES = b"""<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Override PartName="/xl/workbook.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""


def workbook(parts: dict[str, bytes] | None = None, *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts of a workbook with more beside them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": b"<Relationships/>",
            "xl/workbook.xml": b"<workbook/>",
            "xl/worksheets/sheet1.xml": b"<worksheet/>",
            **(parts or {}),
        }.items():
            archive.writestr(name, content)
    return out.getvalue()


def lying_workbook() -> bytes:
    """A bomb whose directory tells a small size."""
    honest = workbook({"xl/sharedStrings.xml": b" " * (8 * 1024 * 1024)})
    size = (8 * 1024 * 1024).to_bytes(4, "little")
    assert honest.count(size) >= 2
    return honest.replace(size, (100).to_bytes(4, "little"))
