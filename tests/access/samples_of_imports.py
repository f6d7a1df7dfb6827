"""How the addresses of imports and of long work are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample
from tests.support.import_files import good_row, workbook

_A = "/api/v1"
_FILE = {"file": ("容器.xlsx", workbook([good_row(7)]))}
_FIELDS = {"kind": "containers", "site_id": "{site}"}
_READY = {"import_id": "{ready_import}"}
_DONE = {"task_id": "{done_task}"}

OF_IMPORTS: Mapping[str, Sample] = {
    f"POST {_A}/imports": Sample(form=_FIELDS, file=_FILE),
    f"GET {_A}/import-templates/{{kind}}.xlsx": Sample({"kind": "containers"}),
    f"POST {_A}/imports/{{import_id}}/taking-in": Sample(_READY, body={"warnings": 0}),
    f"POST {_A}/imports/{{import_id}}/withdrawal": Sample(body={}),
    f"GET {_A}/tasks/{{task_id}}/result": Sample(_DONE),
    f"POST {_A}/tasks/{{task_id}}/cancellation": Sample(body={}),
    "POST /imports/new": Sample(form=_FIELDS, file=_FILE),
    "GET /imports/templates/{kind}.xlsx": Sample({"kind": "containers"}),
    "GET /imports/{import_id:uuid}/confirm": Sample(_READY),
    "POST /imports/{import_id:uuid}/confirm": Sample(_READY, form={}),
    "POST /imports/{import_id:uuid}/withdrawal": Sample(form={}),
    "POST /imports/{import_id:uuid}/labels": Sample({"import_id": "{imported}"}, form={"after": "-1"}),
    "GET /tasks/{task_id:uuid}/result": Sample(_DONE),
    "POST /tasks/{task_id:uuid}/cancel": Sample(form={}),
}
"""By verb and address."""
