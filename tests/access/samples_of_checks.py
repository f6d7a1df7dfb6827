"""How the addresses of findings, tracks and zones are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample
from tests.access.things_of_checks import track_file, zone_file
from tests.support.trade import today

_A = "/api/v1"
_FINDING, _SLOW, _CLOSED = ({"finding_id": word} for word in ("{finding}", "{slow_finding}", "{closed_finding}"))
_RUN = {"run_id": "{check_run}"}
_QUEUE = {"queue": "transit"}
_RECEIVER, _ZONE = {"receiver_id": "{in_lorry}"}, {"zone_id": "{zone}"}
_OUTCOME = {"outcome": "explained", "reason": "车辆故障，次日已到厂"}
_LATER = today().replace(year=today().year + 1).isoformat()
_FITTED = {"vehicle_id": "{lorry}", "number": "13800138000"}
_TRACK = {"file": ("轨迹.csv", track_file("鲁F00001"))}
_ZONES = {"file": ("保护区.geojson", zone_file("门楼水库一级保护区"))}
_DAY = "since=2026-01-01T00:00:00%2B08:00&until=2026-01-02T00:00:00%2B08:00"

OF_CHECKS: Mapping[str, Sample] = {
    f"GET {_A}/checks/findings/{{finding_id}}": Sample(_FINDING),
    f"GET {_A}/checks/runs/{{run_id}}": Sample(_RUN),
    f"GET {_A}/vehicles/{{vehicle_id}}/positions": Sample({"vehicle_id": "{lorry}"}, query=_DAY),
    f"POST {_A}/checks/findings/{{finding_id}}/outcome": Sample(_FINDING, body=_OUTCOME),
    f"POST {_A}/checks/findings/{{finding_id}}/reopening": Sample(_CLOSED, body={"reason": "另一辆车"}),
    f"POST {_A}/checks/findings/{{finding_id}}/snooze": Sample(_SLOW, body={"until": _LATER, "reason": "等待地磅检定"}),
    f"POST {_A}/positions": Sample(file=_TRACK),
    f"POST {_A}/vehicle-receivers": Sample(body=_FITTED),
    f"POST {_A}/vehicle-receivers/{{receiver_id}}/ending": Sample(_RECEIVER, body={}),
    f"POST {_A}/zones": Sample(file=_ZONES),
    f"POST {_A}/zones/{{zone_id}}/ending": Sample(_ZONE, body={}),
    f"PUT {_A}/checks/queues/{{queue}}": Sample(_QUEUE, body={"weekly_budget": 9}),
    "GET /findings/queues/{queue}": Sample(_QUEUE),
    "GET /findings/runs/{run_id:uuid}": Sample(_RUN),
    "GET /findings/{finding_id:uuid}": Sample(_FINDING),
    "GET /positions/{import_id:uuid}": Sample({"import_id": "{track_file}"}),
    "POST /findings/queues/{queue}/budget": Sample(_QUEUE, form={"weekly_budget": "9"}),
    "POST /findings/{finding_id:uuid}/case": Sample(_FINDING, form={}),
    "POST /findings/{finding_id:uuid}/outcome": Sample(_FINDING, form=_OUTCOME),
    "POST /findings/{finding_id:uuid}/reopening": Sample(_CLOSED, form={"mistake": "另一辆车"}),
    "POST /findings/{finding_id:uuid}/snooze": Sample(_SLOW, form={"until": _LATER, "waiting": "等待地磅检定"}),
    "POST /positions": Sample(file=_TRACK),
    "POST /positions/receivers": Sample(form=_FITTED),
    "POST /positions/receivers/{receiver_id:uuid}/ending": Sample(_RECEIVER, form={}),
    "POST /zones": Sample(file=_ZONES),
    "POST /zones/{zone_id:uuid}/ending": Sample(_ZONE, form={}),
}
