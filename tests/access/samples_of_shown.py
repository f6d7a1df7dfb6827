"""How the addresses of assessments of capacity are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_API = "/api/v1/capacity"
_RUN = {"run_id": "{capacity_run}"}
_ASKED = {"year": 2026, "scenario": "more_supply", "factor": 1.2}

OF_SHOWN: Mapping[str, Sample] = {
    f"POST {_API}/runs": Sample(body=_ASKED),
    f"GET {_API}/runs/{{run_id}}": Sample(_RUN),
    f"GET {_API}/runs/{{run_id}}/matching.xlsx": Sample(_RUN),
    "POST /capacity/new": Sample(form={name: str(value) for name, value in _ASKED.items()}),
    "GET /capacity/{run_id:uuid}": Sample(_RUN),
    "GET /capacity/{run_id:uuid}/matching.xlsx": Sample(_RUN),
    "GET /capacity/compare": Sample(query="run={capacity_run}"),
}
