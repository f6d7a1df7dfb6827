"""What addresses of calls, of a day's run and of loading show of somebody's data; a part of shown.py's table."""

from collections.abc import Mapping
from typing import Final

from wastetrack.looks.model import LookKind
from wastetrack.serving.showing import Showing

_OF_MANIFEST: Final = Showing(LookKind.MANIFEST, ("manifest_id",))
_SEARCH: Final = Showing(LookKind.SEARCH)
TO_CARRIERS: Final[Mapping[str, Showing]] = {
    "/api/v1/collection-calls": _SEARCH,
    "/api/v1/collection-calls/offers": _SEARCH,
    "/api/v1/collection-calls/{call_id}": _SEARCH,
    "/api/v1/loads/{manifest_id}": _OF_MANIFEST,
    "/calls": _SEARCH,
    "/calls/{call_id:uuid}": _SEARCH,
    "/calls/{call_id:uuid}/cancel": _SEARCH,
    "/calls/{call_id:uuid}/decline": _SEARCH,
    "/calls/{call_id:uuid}/plan": _SEARCH,
    "/run": _SEARCH,
    "/run/order": _SEARCH,
    "/run/stops/{manifest_id:uuid}": _OF_MANIFEST,
    "/manifests/{manifest_id:uuid}/sign/check-loading": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/check-loading": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/hand-over": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/marks": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/pick-up": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/scans": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/withdraw": _OF_MANIFEST,
}
