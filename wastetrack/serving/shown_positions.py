"""Addresses of positions and of zones, for the table of what is shown (shown.py)."""

POSITIONS = (
    "/api/v1/positions",
    "/api/v1/vehicle-receivers",
    "/api/v1/vehicles/{vehicle_id}/positions",
    "/positions",
    "/positions/receivers",
    "/positions/receivers/{receiver_id:uuid}/ending",
    "/positions/{import_id:uuid}",
)
"""Where the vehicles of a firm were, and which receivers say so."""
ZONES = ("/api/v1/zones", "/zones", "/zones/{zone_id:uuid}/ending")
"""What an authority orders for everybody."""
