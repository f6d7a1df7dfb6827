"""Addresses at which plants, their outages and planned projects are looked through; for shown.py."""

PLANTS = (
    "/api/v1/capacity/forecast",
    "/api/v1/capacity/operation",
    "/api/v1/capacity/projects",
    "/api/v1/capacity/runs/{run_id}/notice.pdf",
    "/api/v1/capacity/projects/{project_id}",
    "/api/v1/capacity/roads",
    "/api/v1/sites/{site_id}/outages",
    "/capacity/forecast",
    "/capacity/operation",
    "/capacity/operation.csv",
    "/capacity/operation.xlsx",
    "/capacity/projects",
    "/capacity/projects/new",
    "/capacity/projects/{project_id:uuid}",
    "/capacity/projects/{project_id:uuid}/change",
    "/capacity/roads",
    "/capacity/roads/roads.csv",
    "/capacity/{run_id:uuid}/notice.pdf",
    "/outages",
    "/outages/{outage_id:uuid}/ending",
)
