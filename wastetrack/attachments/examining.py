"""What a file is, by its content: the ending of its name and what the sender says must agree with it.

Two opinions must coincide: our own look at the first bytes and puremagic's. Nothing here writes or asks the database;
it takes processor time, so callers run it in a thread (`attaching.examined`).
"""

import hashlib
import re

import puremagic

from wastetrack.attachments.model import (
    ENDINGS,
    LARGEST_FILE,
    LONGEST_NAME,
    OTHER_NAMES,
    PICTURES,
    SAID_OF_ANYTHING,
    Examined,
    MediaType,
    Offered,
)
from wastetrack.attachments.pictures import repainted
from wastetrack.attachments.workbooks import refuse_workbook
from wastetrack.characters import escaped, unseen_character
from wastetrack.errors import Broken, refuse, refuse_one
from wastetrack.i18n import message

_ALLOWED = message("Send a PDF, PNG, JPEG, WebP, XLSX or CSV.")
_HEAD = 4096
_RESERVED = re.compile(r'[<>:"/\\|?*]')
# In clear only: object streams are packed. So a PDF is never shown by us, only handed out for download.
_ACTIVE_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA|SubmitForm|ImportData)\b")
_ESCAPE_IN_PDF = re.compile(rb"#([0-9a-fA-F]{2})")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*(<!|<\?|<html|<svg|<script|%!|#!|\{\\rtf)", re.IGNORECASE)


def examine(offered: Offered) -> Examined:
    """The file as it may be kept. Raises RuleBroken at `file` with what is wrong."""
    refuse(_wrong_outside(offered))
    media_type = _sniffed(offered.content)
    ending = offered.name.rpartition(".")[2].lower()
    if media_type is None or media_type is not ENDINGS[ending]:
        refuse_one(
            "file",
            "file_not_what_it_says",
            message("The content is not what the ending .{value} promises."),
            value=ending,
            next_step=_ALLOWED,
        )
    _refuse_other_declaration(offered.declared, media_type)
    content = offered.content
    if media_type in PICTURES:
        content = repainted(content, media_type)
    elif media_type is MediaType.XLSX:
        refuse_workbook(content)
    elif media_type is MediaType.PDF:
        _refuse_active_pdf(content)
    return Examined(
        offered.name,
        media_type,
        content,
        hashlib.sha256(content).hexdigest(),
        hashlib.sha256(offered.content).hexdigest(),
    )


def _wrong_outside(offered: Offered) -> list[Broken]:
    broken = []
    name = offered.name
    if not offered.content:
        broken.append(Broken("file", "file_empty", message("Choose a file that is not empty."), next_step=_ALLOWED))
    if len(offered.content) > LARGEST_FILE:
        broken.append(
            Broken(
                "file",
                "file_too_large",
                message("The file has {value} bytes; at most {most} are kept."),
                len(offered.content),
                next_step=message("Send a smaller picture, or the document in parts."),
                facts={"most": LARGEST_FILE},
            )
        )
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME or _RESERVED.search(name) or unseen_character(name) or name != name.strip() or not stem:
        broken.append(
            Broken(
                "file",
                "file_name_odd",
                message("A file is not called {value} here."),
                escaped(name[:LONGEST_NAME]),
                next_step=message("Give it a short name without special characters, with its ending."),
            )
        )
    elif not dot or ending.lower() not in ENDINGS:
        broken.append(
            Broken(
                "file",
                "file_kind_not_kept",
                message("Files that end in .{value} are not kept."),
                ending,
                next_step=_ALLOWED,
            )
        )
    return broken


def _sniffed(content: bytes) -> MediaType | None:
    head = content[:_HEAD]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        own = MediaType.PNG
    elif head.startswith(b"\xff\xd8\xff"):
        own = MediaType.JPEG
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        own = MediaType.WEBP
    elif head.startswith((b"%PDF-1.", b"%PDF-2.")):
        own = MediaType.PDF
    elif head.startswith(b"PK\x03\x04"):
        own = MediaType.XLSX
    else:
        return MediaType.CSV if _is_text_table(content) else None
    return own if own.value in _puremagic_says(content) else None


def _puremagic_says(content: bytes) -> frozenset[str]:
    try:
        return frozenset(found.mime_type for found in puremagic.magic_string(content))
    except (puremagic.PureError, ValueError):
        return frozenset()


def _is_text_table(content: bytes) -> bool:
    """Text in UTF-8 or in what Chinese Windows writes, with a separator, and nothing that some program would run."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not _NOT_IN_TEXT.search(text) and not _MARKUP.match(text) and any(mark in text for mark in ",;\t\n")
    return False


def _refuse_other_declaration(declared: str, media_type: MediaType) -> None:
    said = declared.partition(";")[0].strip().lower()
    if said not in SAID_OF_ANYTHING | OTHER_NAMES.get(media_type, frozenset()) | {media_type.value}:
        refuse_one(
            "file",
            "file_declared_otherwise",
            message("The file was sent as {value}, which it is not."),
            value=escaped(said[:100]),
            next_step=message("Send it as what it is, or without saying."),
        )


def _refuse_active_pdf(content: bytes) -> None:
    if b"%%EOF" not in content[-2048:]:
        refuse_one(
            "file",
            "document_unreadable",
            message("The document is cut off: its end is missing."),
            next_step=message("Save it as PDF anew, and send that."),
        )
    plain = _ESCAPE_IN_PDF.sub(lambda found: bytes((int(found.group(1), 16),)), content)
    if _ACTIVE_PDF.search(plain):
        refuse_one(
            "file",
            "document_active",
            message("The document holds scripts, embedded files or actions."),
            next_step=message("Print it to a PDF, and send that."),
        )
