"""How the addresses of plants, projects, forecasts and of the notice are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_A = "/api/v1"
_RUN, _PROJECT, _OUTAGE = {"run_id": "{capacity_run}"}, {"project_id": "{project}"}, {"outage_id": "{outage}"}
_TOLD = {
    "kind": "hazardous_disposal",
    "state": "building",
    "name": "新填埋场",
    "builder": "烟台某环保有限公司",
    "region_code": "370613",
    "longitude": "121.445",
    "latitude": "37.51",
    "starts_on": "2027-04-01",
}
_BODY = _TOLD | {"items": [{"pattern": "772-002-18", "methods": ["D1"], "yearly_g": 30_000_000_000}]}
_FORM = _TOLD | {"items.0.pattern": "772-002-18", "items.0.methods": "D1", "items.0.yearly": "30000"}
_CHANGED = {"name": "改名的填埋场"}
_STANDS_STILL = {"site_id": "{plant_site}", "cause": "maintenance", "from_on": "2026-06-01"}
_LAST = {"last_on": "2026-06-10"}

OF_NOTICE: Mapping[str, Sample] = {
    f"GET {_A}/capacity/projects/{{project_id}}": Sample(_PROJECT),
    f"POST {_A}/capacity/projects": Sample(body=_BODY),
    f"POST {_A}/capacity/projects/{{project_id}}": Sample(_PROJECT, body=_BODY | _CHANGED | {"version": 1}),
    f"POST {_A}/capacity/forecast": Sample(body={"region": "3706"}),
    f"GET {_A}/capacity/runs/{{run_id}}/notice.pdf": Sample(_RUN),
    f"GET {_A}/sites/{{site_id}}/outages": Sample({"site_id": "{plant_site}"}),
    f"POST {_A}/outages": Sample(body=_STANDS_STILL),
    f"POST {_A}/outages/{{outage_id}}/ending": Sample(_OUTAGE, body=_LAST),
    "GET /capacity/{run_id:uuid}/notice.pdf": Sample(_RUN),
    "GET /capacity/projects/{project_id:uuid}": Sample(_PROJECT),
    "GET /capacity/projects/{project_id:uuid}/change": Sample(_PROJECT),
    "POST /capacity/projects/new": Sample(form=_FORM),
    "POST /capacity/projects/{project_id:uuid}/change": Sample(_PROJECT, form=_FORM | _CHANGED | {"version": "1"}),
    "POST /capacity/forecast": Sample(form={"region": "3706"}),
    "POST /outages": Sample(form=_STANDS_STILL),
    "POST /outages/{outage_id:uuid}/ending": Sample(_OUTAGE, form=_LAST),
}
