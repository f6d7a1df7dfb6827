"""What the addresses of a plant's pages show, for the table in shown.py."""

from collections.abc import Mapping

from wastetrack.looks.model import LookKind
from wastetrack.serving.showing import Showing

_SEARCHES = (
    *("/plant", "/treatment", "/treatment/new"),
    *("/stores", "/stores/map", "/stores/moving", "/stores/moving/look", "/stores/due"),
)
_STORES = (
    "/api/v1/stores/{store_id}",
    *(f"/stores/{{store_id:uuid}}{what}" for what in ("", "/change", "/close", "/label.pdf")),
)
_SITES = (
    *(f"/api/v1/sites/{{site_id}}/{what}" for what in ("stock-takes", "storage-extensions")),
    *(f"/sites/{{site_id:uuid}}/{what}" for what in ("stock-takes", "storage-extensions", "opening-stock")),
    "/sites/{site_id:uuid}/opening-stock/close",
)
_TAKES = (
    "/api/v1/stock-takes/{stock_take_id}",
    *(f"/stock-takes/{{stock_take_id:uuid}}{what}" for what in ("", "/drop", "/finish")),
)
_BATCHES = (
    "/api/v1/treatments/{batch_id}",
    *(f"/treatment/{{batch_id:uuid}}{what}" for what in ("", "/finish", "/withdrawal")),
)
_PERMITS = (
    "/api/v1/organisations/{organisation_id}/permit-use",
    *(f"/permit-use{what}" for what in ("", ".csv", ".xlsx")),
)
SHOWS_OF_PLANT: Mapping[str, Showing] = {
    **dict.fromkeys(_SEARCHES, Showing(LookKind.SEARCH)),
    **dict.fromkeys(_STORES, Showing(LookKind.STORES, ("store_id",))),
    **dict.fromkeys(_SITES, Showing(LookKind.STORES, ("site_id",))),
    **dict.fromkeys(_TAKES, Showing(LookKind.STORES, ("stock_take_id",))),
    **dict.fromkeys(_BATCHES, Showing(LookKind.EVENT, ("batch_id",))),
    **dict.fromkeys(_PERMITS, Showing(LookKind.LEDGER, ("organisation_id",))),
}
_SCALES = (
    *("/scales", "/scales/new", "/scales/{scale_id:uuid}", "/scales/{scale_id:uuid}/reading"),
    *("/scales/{scale_id:uuid}/change", "/scales/{scale_id:uuid}/end"),
    *("/api/v1/scales", "/api/v1/scales/{scale_id}", "/api/v1/scales/{scale_id}/readings/newest"),
)
SHOWS_NOTHING_OF_PLANT: Mapping[str, str] = dict.fromkeys(_SCALES, "an organisation's own scales, to itself")
