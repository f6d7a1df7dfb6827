"""XLSX before anything opens it: a ZIP whose directory is believed only as far as its content bears it out.

Limits stand against ZIP bombs (also those whose entries overlap, or whose directory lies about sizes); macros,
embedded programs and links to other files or addresses are refused, because somebody will open this in an office.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from wastetrack.errors import Broken, RuleBroken
from wastetrack.i18n import message

MOST_ENTRIES = 1_000
MOST_BYTES = 100 * 1024 * 1024
"""Unpacked, all together: a register of a hundred thousand rows has about thirty million."""
MOST_TIMES = 200
"""Unpacked to packed. Real sheets come to twenty; deflate can do a thousand."""
_SMALL = 1024 * 1024
"""Below this the ratio says nothing: an empty sheet packs very well."""
_CHUNK = 64 * 1024
_NEEDED = ("[Content_Types].xml", "xl/workbook.xml")
_FORBIDDEN_PARTS = re.compile(
    r"(vbaproject|vbadata|/activex/|/embeddings/|/externallinks/|/macrosheets/|/dialogsheets/|customui|/ctrlprops/)"
    r"|\.(bin|exe|dll|js|vbs|ole|xlm)$",
    re.IGNORECASE,
)
_PRINTER = re.compile(r"^xl/printersettings/printersettings\d+\.bin$", re.IGNORECASE)
"""What Excel keeps of the printer; nothing runs it."""
_EXTERNAL = re.compile(rb"""TargetMode\s*=\s*["']\s*External|macroEnabled|<ddeLink|<oleLink""", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_LOOKED_AT = (".rels", ".xml")
_OVERLAP = 32


def broken_in_workbook(content: bytes) -> Broken | None:
    """Why this is no workbook that we keep; None if it is one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _broken(archive, len(content))
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError,
            RuntimeError, UnicodeError):  # fmt: skip
        # All the ways in which the standard library says that an archive is damaged or of a kind it does not know.
        return _refusal("workbook_unreadable", message("The workbook is damaged: it cannot be opened."))


def refuse_workbook(content: bytes) -> None:
    """Raise RuleBroken at `file` unless it is a plain workbook."""
    broken = broken_in_workbook(content)
    if broken is not None:
        raise RuleBroken((broken,))


def _broken(archive: zipfile.ZipFile, packed: int) -> Broken | None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    told = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or told > MOST_BYTES or told > max(_SMALL, packed * MOST_TIMES):
        return _bomb()
    if len(set(names)) != len(names) or any(_is_odd(entry) for entry in entries):
        return _refusal("workbook_unreadable", message("The workbook is damaged: it cannot be opened."))
    if not all(name in names for name in _NEEDED):
        return _refusal("workbook_unknown", message("This is a ZIP archive, but no workbook."))
    if any(_FORBIDDEN_PARTS.search("/" + name) and not _PRINTER.match(name) for name in names):
        return _active()
    return _broken_inside(archive, entries, packed)


def _broken_inside(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], packed: int) -> Broken | None:
    unpacked = 0
    for entry in entries:
        before = b""
        for chunk in _chunks(archive, entry):
            unpacked += len(chunk)
            if unpacked > min(MOST_BYTES, max(_SMALL, packed * MOST_TIMES)):
                return _bomb()
            if entry.filename.lower().endswith(_LOOKED_AT):
                seen = before + chunk
                if _EXTERNAL.search(seen) or _DOCTYPE.search(seen):
                    return _active()
                before = chunk[-_OVERLAP:]
    return None


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as source:
        while chunk := source.read(_CHUNK):
            yield chunk


def _is_odd(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    encrypted = entry.flag_bits & 0x1
    return bool(encrypted) or name.startswith("/") or "\\" in name or ".." in name.split("/")


def _refusal(code: str, sentence: str) -> Broken:
    return Broken(
        "file", code, sentence, next_step=message("Open it in a spreadsheet program, save it as .xlsx, and send that.")
    )


def _bomb() -> Broken:
    return Broken(
        "file",
        "workbook_too_large",
        message("Unpacked, the workbook is far larger than it looks."),
        next_step=message("Send fewer rows at once, without pictures or empty formatted cells."),
    )


def _active() -> Broken:
    return Broken(
        "file",
        "workbook_active",
        message("The workbook holds macros, embedded objects or links to other places."),
        next_step=message("Save it as .xlsx without them: values only."),
    )
