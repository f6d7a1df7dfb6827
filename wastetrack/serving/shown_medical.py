"""Addresses of what is held ready for an epidemic, for the table of what is shown (shown.py)."""

MEDICAL_RESERVE = (
    "/api/v1/medical/emergencies/{emergency_id}",
    "/api/v1/medical/helpers",
    "/medical/emergencies/{emergency_id:uuid}",
    "/medical/emergencies/{emergency_id:uuid}/calls",
    "/medical/emergencies/{emergency_id:uuid}/calls/{call_id:uuid}/ending",
    "/medical/helpers",
    "/medical/helpers/{helper_id:uuid}/ending",
)
"""What an authority orders, and which facilities it has named."""
SUPPLIES = (
    "/api/v1/medical/supplies",
    "/api/v1/medical/supplies/{supply_id}",
    "/medical/supplies",
    "/medical/supplies/{supply_id:uuid}",
    "/medical/supplies/{supply_id:uuid}/ending",
    "/medical/supplies/{supply_id:uuid}/moves",
)
"""What a firm or an authority holds."""
SURGES = (
    "/api/v1/medical/surges",
    "/api/v1/medical/surges/{surge_id}",
    "/medical/surges",
    "/medical/surges/{surge_id:uuid}",
    "/medical/surges/{surge_id:uuid}/plan.xlsx",
)
"""What an authority has worked out for itself: sums by county and what permits allow, nobody's papers."""
