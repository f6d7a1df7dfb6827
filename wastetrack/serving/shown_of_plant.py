"""What the addresses of a plant's pages show, for the table in shown.py: the kind of look, and what names the thing."""

from collections.abc import Mapping

from wastetrack.looks.model import LookKind

_SEARCHES = (
    *("/plant", "/treatment/new", "/stores", "/stores/map", "/stores/moving", "/stores/moving/look", "/stores/due"),
)
_STORES = (
    "/stores/{store_id:uuid}",
    "/stores/{store_id:uuid}/change",
    "/stores/{store_id:uuid}/close",
    "/stores/{store_id:uuid}/label.pdf",
)
_PERMITS = (
    "/api/v1/organisations/{organisation_id}/permit-use",
    "/permit-use",
    "/permit-use.csv",
    "/permit-use.xlsx",
)
SHOWS_OF_PLANT: Mapping[str, tuple[LookKind, tuple[str, ...]]] = {
    **dict.fromkeys(_SEARCHES, (LookKind.SEARCH, ())),
    **dict.fromkeys(_STORES, (LookKind.STORES, ("store_id",))),
    **dict.fromkeys(_PERMITS, (LookKind.LEDGER, ("organisation_id",))),
}
_SCALES = (
    *("/scales", "/scales/new", "/scales/{scale_id:uuid}", "/scales/{scale_id:uuid}/reading"),
    *("/scales/{scale_id:uuid}/change", "/scales/{scale_id:uuid}/end"),
    *("/api/v1/scales", "/api/v1/scales/{scale_id}", "/api/v1/scales/{scale_id}/readings/newest"),
)
SHOWS_NOTHING_OF_PLANT: Mapping[str, str] = dict.fromkeys(_SCALES, "an organisation's own scales, to itself")
