"""The list of reservations: its columns and filters; web/listings.py carries it out."""

from operator import attrgetter as at

from wastetrack.i18n import message
from wastetrack.manifests.reservations import ReservationState
from wastetrack.web.list_views import Column
from wastetrack.web.listings import Filter, Listing

RESERVATION_BADGES = {
    ReservationState.HELD: "info",
    ReservationState.USED: "good",
    ReservationState.LAPSED: "warn",
    ReservationState.DECLINED: "bad",
}
RESERVATIONS = Listing(
    message("Reservations"),
    columns=(
        Column(
            "waste_code",
            message("Waste code"),
            "code",
            always=True,
            of=at("row.waste_code"),
            link=lambda one: f"/reservations/{one.row.id}",
        ),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=at("state"),
            badge=lambda one: RESERVATION_BADGES.get(one.state, "plain"),
        ),
        Column("mass", message("Set aside"), "mass", sortable=True, of=at("net")),
        Column("used", message("Taken by manifests"), "mass", of=at("used")),
        Column("planned", message("Planned for"), "day", sortable=True, of=at("row.planned_on")),
        Column("until", message("Held until"), sortable=True, of=at("row.until")),
        Column("shipper", message("Shipper"), of=at("shipper")),
        Column("receiver", message("Receiver"), of=at("receiver")),
        Column("price", message("Yuan a tonne"), "number", of=at("yuan_per_t")),
    ),
    filters=(
        Filter("state", message("State"), ReservationState),
        Filter("waste_code", message("Part of the waste code"), kind="search"),
    ),
)
