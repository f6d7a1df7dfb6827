"""The text in a container's QR code, and the digital code (数字识别码) that it carries.

HJ 1276-2022 gives each labelled container 37 characters in four segments: who made the waste (unified social
credit code, 18), what it is (waste code without hyphens, 8), the day (YYYYMMDD, 8) and a serial (3). The split
18+8+8+3 is not confirmed by the standard's own text; it stands in SEGMENTS and nowhere else. A container of general
industrial solid waste is no matter of that standard; its code is made the same way, with the nine characters of such a
waste (900001S17), 38 in all.

The QR code holds an address of this deployment, `https://host/91/<digital code>/92/<check>`, shaped as a GS1 Digital
Link: application identifiers 91 to 99 are a company's own, so nothing is claimed that GS1 did not allot. The check is
keyed, so a gate without network sees a label that was not printed here. Scheme and host are written in capitals:
they mean the same to every reader, and the whole text then fits QR's alphanumeric mode, a third smaller.
Within one deployment every first label's text has the same length.

A label that replaces another is a further revision: it says so behind the check, `/93/02`, and the check covers it.
The first label says nothing of revisions, so those in service stay readable. A reader without network knows by the
text alone which revision it holds; whether that one is void it knows once it was told the container's `label_revision`.
"""

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Self
from urllib.parse import urlsplit

from wastetrack.errors import Malformed
from wastetrack.parties import credit_codes

SEGMENTS: Final = (18, 8, 8, 3)
LENGTH: Final = sum(SEGMENTS)
GENERAL_LENGTH: Final = LENGTH + 1
CHECK_LENGTH: Final = 10
MINIMUM_KEY_BYTES: Final = 16
_GENERAL_MARK: Final = SEGMENTS[0] + 6
"""Where the S of a general waste stands; a hazardous one has a digit there."""
HIGHEST_SERIAL: Final = 999
# More than any label holds; whatever a foreign QR code says beyond it is not worth quoting back.
LONGEST_TEXT: Final = 400
_OLDEST_YEAR: Final = 2000

_CODE_KEY: Final = "91"
_CHECK_KEY: Final = "92"
_REVISION_KEY: Final = "93"
_REVISION_CHARACTERS: Final = re.compile(r"(?:0[2-9]|[1-9]\d{1,4})", re.ASCII)
# Says which check this is, so that the key may serve other purposes without one signature passing for another.
_PURPOSE: Final = b"wastetrack label v1\0"
_WASTE_CODE: Final = re.compile(r"\d{3}-?\d{3}-?(?:(?!00)|S(?!00))\d{2}", re.ASCII)
_AFTER_THE_UNIT: Final = re.compile(r"\d{6}S?\d{13}", re.ASCII)
_SEPARATORS: Final = str.maketrans("", "", " -·\t\r\n\u3000\u00a0")
_ADDRESS: Final = re.compile(r"HTTPS?://[^\s/]+(?:/[^\s]*)?")
_PATH: Final = re.compile(
    rf"(?P<base>.+?)/{_CODE_KEY}/(?P<code>[^/?#]*)/{_CHECK_KEY}/(?P<check>[^/?#]*)"
    rf"(?:/{_REVISION_KEY}/(?P<revision>[^/?#]*))?/?"
)
_CODE_CHARACTERS: Final = re.compile(r"[0-9A-Z]{%d,%d}" % (LENGTH, GENERAL_LENGTH))  # noqa: UP031  its own braces
_CHECK_CHARACTERS: Final = re.compile(r"[A-Z2-7]{%d}" % CHECK_LENGTH)  # noqa: UP031  the same

_TORN: Final = "Part of the label could not be read. Scan it again, or type the digital code printed under it."


@dataclass(frozen=True, slots=True)
class DigitalCode:
    """One container's 37 characters (38 for general waste), taken apart. Refuses nonsense at birth with Malformed.

    `typed` says that a person keyed it in: no check vouches for it, and two codes are equal regardless of it.
    """

    credit_code: str
    waste_code: str
    generated_on: date
    serial: int
    typed: bool = field(default=False, compare=False)
    revision: int | None = field(default=None, compare=False)
    """Which of the container's labels was read; None: none was."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "credit_code", credit_codes.check(self.credit_code))
        if not _WASTE_CODE.fullmatch(self.waste_code):
            raise Malformed(
                "digital_code_waste_code",
                "“{seen}” is not a waste code of eight digits, such as 900-249-08.",
                seen=self.waste_code,
            )
        digits = self.waste_code.replace("-", "")
        object.__setattr__(self, "waste_code", f"{digits[:3]}-{digits[3:6]}-{digits[6:]}")
        if self.generated_on.year < _OLDEST_YEAR:
            raise Malformed(
                "digital_code_day", "“{seen}” is not a day on which labels existed.", seen=self.generated_on.isoformat()
            )
        if not 1 <= self.serial <= HIGHEST_SERIAL:
            raise Malformed(
                "digital_code_serial",
                "The serial of a digital code runs from 001 to 999 for each waste and day; {seen} is outside.",
                seen=self.serial,
            )

    @classmethod
    def make(cls, *, credit_code: str, waste_code: str, generated_on: date, serial: int) -> Self:
        """The code of the `serial`-th container that this organisation filled with this waste on this day."""
        return cls(credit_code, waste_code, generated_on, serial)

    @classmethod
    def parse(cls, text: str, *, typed: bool = False) -> Self:
        """Read 37 characters, or 38; spaces and hyphens between groups, lower case and full width are forgiven."""
        normal = unicodedata.normalize("NFKC", text).translate(_SEPARATORS).upper()
        if len(normal) != (GENERAL_LENGTH if normal[_GENERAL_MARK : _GENERAL_MARK + 1] == "S" else LENGTH):
            raise Malformed(
                "digital_code_length",
                "A digital code has 37 characters, 38 for general waste; “{seen}” has {length}.",
                seen=normal,
                length=len(normal),
            )
        unit, waste, day, serial = _segments(normal)
        if not _AFTER_THE_UNIT.fullmatch(waste + day + serial):
            raise Malformed(
                "digital_code_digits",
                "After the 18 characters of the organisation a digital code has only digits; “{seen}” has not.",
                seen=waste + day + serial,
            )
        try:
            generated_on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        except ValueError:
            raise Malformed("digital_code_day", "“{seen}” is not a day (YYYYMMDD).", seen=day) from None
        return cls(unit, waste, generated_on, int(serial), typed)

    def __str__(self) -> str:
        return "".join(self.groups)

    @property
    def groups(self) -> tuple[str, str, str, str]:
        """The four segments as they are printed, for eyes and for typing."""
        return (
            self.credit_code,
            self.waste_code.replace("-", ""),
            f"{self.generated_on:%Y%m%d}",
            f"{self.serial:03d}",
        )


def make_label_text(base_url: str, code: DigitalCode, key: bytes, revision: int = 1) -> str:
    """What the QR code says. `base_url` is this deployment's public address; `key` its label key (16 bytes or more)."""
    base = deployment_base(base_url)
    text = f"{base}/{_CODE_KEY}/{code}/{_CHECK_KEY}/{_check(base, str(code), key, revision)}"
    return text if revision == 1 else f"{text}/{_REVISION_KEY}/{revision:02d}"


def read_label_text(text: str, base_url: str, key: bytes) -> DigitalCode:
    """The digital code of a scanned label, or of a digital code typed by hand (`typed`, vouched for by nothing).

    Raises Malformed: `label_unreadable` (not one of our labels at all), `label_damaged` (one, but incomplete or
    altered by misreading), `label_forged` (complete, yet not printed with this deployment's key),
    `label_other_deployment` (printed by another installation; it cannot be checked here).
    """
    seen = unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).strip()
    if not _ADDRESS.fullmatch(seen.upper()):
        return _typed(seen)
    base = deployment_base(base_url)
    whole = seen.upper()
    parts = _PATH.fullmatch(whole)
    if parts is None or parts["base"] != base.upper():
        raise _strange_address(seen, base, parts)
    code = _undamaged(parts["code"])
    if not _CHECK_CHARACTERS.fullmatch(parts["check"]):
        raise Malformed("label_damaged", _TORN, text=seen)
    written = parts["revision"]
    if written is not None and not _REVISION_CHARACTERS.fullmatch(written):
        raise Malformed("label_damaged", _TORN, text=seen)
    revision = 1 if written is None else int(written)
    if not hmac.compare_digest(parts["check"].encode(), _check(base, str(code), key, revision).encode()):
        raise Malformed(
            "label_forged",
            "This label was not printed by this system, or one of its characters was changed. "
            "Do not accept the container on it; compare it with the manifest and call the shipper.",
            text=seen,
            digital_code=str(code),
        )
    return replace(code, revision=revision)


def deployment_base(base_url: str) -> str:
    """The address that label texts of a deployment begin with: scheme and host in capitals, no slash at the end."""
    parts = urlsplit(base_url.strip())
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise Malformed("base_url_unusable", "“{seen}” is not an address that labels can carry.", seen=base_url)
    return f"{parts.scheme}://{parts.netloc}".upper() + parts.path.rstrip("/")


def _check(base: str, code: str, key: bytes, revision: int) -> str:
    if len(key) < MINIMUM_KEY_BYTES:
        raise Malformed("label_key_short", "The label key has {length} bytes; at least 16 are needed.", length=len(key))
    covered = f"{base.upper()}\0{code}" if revision == 1 else f"{base.upper()}\0{code}\0{revision}"
    digest = hmac.new(key, _PURPOSE + covered.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode()[:CHECK_LENGTH]


def _segments(normal: str) -> tuple[str, str, str, str]:
    unit, waste, day, _ = SEGMENTS
    waste += len(normal) - LENGTH
    return normal[:unit], normal[unit : unit + waste], normal[unit + waste : unit + waste + day], normal[-SEGMENTS[3] :]


def _typed(seen: str) -> DigitalCode:
    normal = seen.translate(_SEPARATORS).upper()
    if not _CODE_CHARACTERS.fullmatch(normal):
        raise Malformed(
            "label_unreadable",
            "“{text}” is neither a label of this system nor a digital code (37 characters, 38 for general waste).",
            text=seen,
        )
    return _undamaged(normal, typed=True)


def _undamaged(text: str, *, typed: bool = False) -> DigitalCode:
    try:
        return DigitalCode.parse(text, typed=typed)
    except Malformed as wrong:
        raise Malformed("label_damaged", wrong.message, **{**wrong.facts, "text": text}) from wrong


def _strange_address(seen: str, base: str, parts: re.Match[str] | None) -> Malformed:
    """Tell a torn label of ours, another deployment's label and an address that is no label from each other."""
    if seen.upper().startswith(f"{base.upper()}/{_CODE_KEY}/"):
        return Malformed("label_damaged", _TORN, text=seen)
    if parts is not None and _CODE_CHARACTERS.fullmatch(parts["code"]):
        return Malformed(
            "label_other_deployment",
            "This label was printed by another installation ({other}); it can be checked only there.",
            text=seen,
            other=parts["base"].lower(),
            digital_code=parts["code"],
        )
    return Malformed("label_unreadable", "“{text}” is an address, but not that of a container label.", text=seen)
