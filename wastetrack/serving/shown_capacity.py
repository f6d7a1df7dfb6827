"""Addresses at which an authority looks at assessments of capacity: sums of many, plants by name; for shown.py."""

CAPACITY = (
    "/api/v1/capacity/runs",
    "/api/v1/capacity/runs/{run_id}",
    "/api/v1/capacity/runs/{run_id}/matching.xlsx",
    "/capacity",
    "/capacity/compare",
    "/capacity/new",
    "/capacity/{run_id:uuid}",
    "/capacity/{run_id:uuid}/matching.xlsx",
)
