"""What addresses of calls, of a day's run and of loading show of somebody's data; a part of shown.py's table."""

from collections.abc import Mapping
from typing import Final

from wastetrack.looks.model import LookKind

_OF_MANIFEST: Final = (LookKind.MANIFEST, ("manifest_id",))
TO_CARRIERS: Final[Mapping[str, tuple[LookKind] | tuple[LookKind, tuple[str, ...]]]] = {
    "/api/v1/collection-calls": (LookKind.SEARCH,),
    "/api/v1/collection-calls/offers": (LookKind.SEARCH,),
    "/api/v1/collection-calls/{call_id}": (LookKind.SEARCH,),
    "/api/v1/loads/{manifest_id}": _OF_MANIFEST,
    "/calls": (LookKind.SEARCH,),
    "/calls/{call_id:uuid}": (LookKind.SEARCH,),
    "/calls/{call_id:uuid}/cancel": (LookKind.SEARCH,),
    "/calls/{call_id:uuid}/decline": (LookKind.SEARCH,),
    "/calls/{call_id:uuid}/plan": (LookKind.SEARCH,),
    "/run": (LookKind.SEARCH,),
    "/run/order": (LookKind.SEARCH,),
    "/run/stops/{manifest_id:uuid}": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/hand-over": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/marks": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/pick-up": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/scans": _OF_MANIFEST,
    "/run/stops/{manifest_id:uuid}/withdraw": _OF_MANIFEST,
}
"""Address → what Showing is made of."""
