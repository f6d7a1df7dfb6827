"""How the addresses of what the checks found are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_API = "/api/v1/checks"
_TRANSIT = {"queue": "transit"}
_CLOSE = {"outcome": "confirmed", "reason": "现场检查"}
_CLOSED, _WAITING, _TAKEN = ({"finding_id": f"{{{name}}}"} for name in ("finding", "soft_finding", "closed_finding"))
_LATER = "{next_month}"

OF_FINDINGS: Mapping[str, Sample] = {
    f"PUT {_API}/queues/{{queue}}": Sample(_TRANSIT, body={"weekly_budget": 6}),
    f"GET {_API}/findings/{{finding_id}}": Sample(_CLOSED),
    f"POST {_API}/findings/{{finding_id}}/outcome": Sample(_CLOSED, body=_CLOSE),
    f"POST {_API}/findings/{{finding_id}}/reopening": Sample(_TAKEN, body={"reason": "看错了"}),
    f"POST {_API}/findings/{{finding_id}}/snooze": Sample(_WAITING, body={"until": _LATER, "reason": "等报告"}),
    f"GET {_API}/runs/{{run_id}}": Sample({"run_id": "{check_run}"}),
    "GET /findings/queues/{queue}": Sample(_TRANSIT),
    "GET /findings/queues/{queue}/budget": Sample(_TRANSIT),
    "POST /findings/queues/{queue}/budget": Sample(_TRANSIT, form={"weekly_budget": "6"}),
    "GET /findings/{finding_id:uuid}": Sample(_CLOSED),
    "POST /findings/{finding_id:uuid}/outcome": Sample(_CLOSED, form=_CLOSE),
    "POST /findings/{finding_id:uuid}/reopening": Sample(_TAKEN, form={"mistake": "看错了"}),
    "POST /findings/{finding_id:uuid}/snooze": Sample(_WAITING, form={"until": _LATER, "waiting": "等报告"}),
    "POST /findings/{finding_id:uuid}/case": Sample(_CLOSED, form={}),
    "GET /findings/runs/{run_id:uuid}": Sample({"run_id": "{check_run}"}),
}
