"""Addresses of imports and of long work, for the table of what is shown (shown.py)."""

IMPORTS = (
    "/api/v1/imports",
    "/api/v1/imports/{import_id}",
    "/api/v1/imports/{import_id}/findings",
    "/api/v1/imports/{import_id}/made",
    "/api/v1/imports/{import_id}/marked.xlsx",
    "/imports",
    "/imports/{import_id:uuid}",
    "/imports/{import_id:uuid}/confirm",
    "/imports/{import_id:uuid}/labels",
    "/imports/{import_id:uuid}/marked.xlsx",
)
"""Files of an organisation and what became of them."""
OWN_WORK = (
    "/api/v1/tasks",
    "/api/v1/tasks/{task_id}",
    "/api/v1/tasks/{task_id}/result",
    "/tasks",
    "/tasks/{task_id:uuid}",
    "/tasks/{task_id:uuid}/result",
)
"""A person's own tasks."""
BLANK_FORMS = ("/api/v1/import-templates/{kind}.xlsx", "/imports/new", "/imports/templates/{kind}.xlsx")
"""What there is to fill in."""
