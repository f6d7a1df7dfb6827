"""Scans as devices write them: in a request, in the file of a queue, and as they are stored."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.characters import unseen_character
from wastetrack.containers.labels import LONGEST_TEXT
from wastetrack.errors import Malformed
from wastetrack.gates.model import KeptScan
from wastetrack.gates.signatures import decoded
from wastetrack.ledger.model import WeighingMethod

FORMAT = "wastetrack-gate-queue-1"
"""What the file of a queue says of itself."""
_MEASURED = frozenset(WeighingMethod) - {WeighingMethod.DECLARED}
_MOST_GRAMS = 10**12
_LONGEST_LINE = 200
_LONGEST_REASON = 500


def document_of(scan: KeptScan) -> dict[str, Any]:
    """A scan as it is stored, and as a device sends it."""
    return {
        "scan_id": str(scan.scan_id),
        "device_id": str(scan.device_id),
        "membership_id": str(scan.membership_id),
        "manifest_id": None if scan.manifest_id is None else str(scan.manifest_id),
        "label": scan.label,
        "gross_g": scan.gross_g,
        "method": scan.method.value,
        "scale_id": scan.scale_id,
        "uncertainty_g": scan.uncertainty_g,
        "reading_id": None if scan.reading_id is None else str(scan.reading_id),
        "reject_reason": scan.reject_reason,
        "store_id": None if scan.store_id is None else str(scan.store_id),
        "happened_at": scan.happened_text,
        "told": scan.told,
        "signature": base64.urlsafe_b64encode(scan.signature).rstrip(b"=").decode(),
    }


def scan_of(document: Mapping[str, Any]) -> KeptScan:
    """The other way round. Raises Malformed where it cannot be read; then it is nobody's scan."""
    try:
        happened_text = _text(document, "happened_at", 40)
        return KeptScan(
            scan_id=UUID(document["scan_id"]),
            device_id=UUID(document["device_id"]),
            membership_id=UUID(document["membership_id"]),
            manifest_id=_id(document.get("manifest_id")),
            label=_text(document, "label", LONGEST_TEXT),
            gross_g=_grams(document.get("gross_g")),
            method=_method(document.get("method", "platform_scale")),
            scale_id=_text(document, "scale_id", _LONGEST_LINE),
            uncertainty_g=_grams(document.get("uncertainty_g")),
            reading_id=_id(document.get("reading_id")),
            reject_reason=_text(document, "reject_reason", _LONGEST_REASON),
            store_id=_id(document.get("store_id")),
            happened_at=_instant(happened_text),
            happened_text=happened_text,
            told=_text(document, "told", _LONGEST_LINE),
            signature=decoded(_text(document, "signature", _LONGEST_LINE)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Malformed("gate_scan_unreadable", "This is not a scan that a device kept.") from wrong


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


def _id(value: object) -> UUID | None:
    return None if value is None else UUID(str(value))


def _grams(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= _MOST_GRAMS:
        raise ValueError(value)
    return value


def _method(value: object) -> WeighingMethod:
    method = WeighingMethod(str(value))
    if method not in _MEASURED:
        raise ValueError(value)
    return method


def _text(document: Mapping[str, Any], name: str, longest: int) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > longest or unseen_character(value, free=False) is not None:
        raise ValueError(name)
    return value
