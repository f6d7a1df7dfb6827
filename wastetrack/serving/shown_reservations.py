"""Addresses of receivers' offers, of reservations and of terms, for the table of what is shown (shown.py)."""

RESERVATIONS = (
    "/api/v1/receiver-offers",
    "/api/v1/reservations",
    "/api/v1/reservations/{reservation_id}",
    "/api/v1/sites/{site_id}/intake",
    "/intake",
    "/intake/days",
    "/receivers",
    "/reservations",
    "/reservations/{reservation_id:uuid}",
    "/reservations/{reservation_id:uuid}/decline",
    "/reservations/{reservation_id:uuid}/give-up",
)
