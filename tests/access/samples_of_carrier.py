"""How the addresses of calls for collection, of a day's run and of loading are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_DAY = "{today}"
_A = "/api/v1"
_CALL = f"{_A}/collection-calls/{{call_id}}"
_LOAD = f"{_A}/loads/{{manifest_id}}"
_STOP = "/run/stops/{manifest_id:uuid}"
_LOADED = {"manifest_id": "{loadable}"}
_NEW = {"site_id": "{home_site}", "collector_id": "{home_receiver}"}
_MARK = {"container_id": "{loadable_container}", "found": "unread", "reason": "标签破损"}
_SEEN = ["crew", "labels", "packages", "emergency"]
_API: Mapping[str, Sample] = {
    f"POST {_A}/collection-calls": Sample(body=_NEW),
    f"POST {_CALL}/acceptance": Sample(body={"planned_on": _DAY}),
    f"POST {_CALL}/refusal": Sample(body={"reason": "车辆检修"}),
    f"POST {_CALL}/withdrawal": Sample(body={"reason": "自行利用"}),
    f"POST {_A}/manifests/{{manifest_id}}/loading-check": Sample({"manifest_id": "{filed}"}, body={"seen": _SEEN}),
    f"GET {_LOAD}": Sample(_LOADED),
    f"POST {_LOAD}/scans": Sample(_LOADED, body={"label": "{loadable_code}"}),
    f"POST {_LOAD}/marks": Sample(_LOADED, body=_MARK),
}
_PAGES: Mapping[str, Sample] = {
    "POST /calls": Sample(form=_NEW),
    "POST /calls/{call_id:uuid}/plan": Sample(form={"planned_on": _DAY, "plate": ""}),
    "POST /calls/{call_id:uuid}/decline": Sample(form={"reason": "车辆检修"}),
    "POST /calls/{call_id:uuid}/cancel": Sample(form={"reason": "自行利用"}),
    "POST /run/order": Sample(form={"order": ["load.{loadable}"], "stop": "load.{loadable}", "way": "up"}),
    f"GET {_STOP}": Sample(_LOADED),
    f"POST {_STOP}/scans": Sample(_LOADED, form={"label": "{loadable_code}"}),
    f"POST {_STOP}/marks": Sample(_LOADED, form=_MARK),
    f"POST {_STOP}/check-loading": Sample(_LOADED, form={"signer_login": "{shippers_login}", "seen": _SEEN}),
    "POST /manifests/{manifest_id:uuid}/sign/check-loading": Sample({"manifest_id": "{filed}"}, form={"seen": _SEEN}),
    f"POST {_STOP}/pick-up": Sample({"manifest_id": "{counted}"}, form={}),
    f"POST {_STOP}/hand-over": Sample(
        {"manifest_id": "{counted_two_legs}"}, form={"signer_login": "{next_drivers_login}", "counted": "1"}
    ),
    f"POST {_STOP}/withdraw": Sample(_LOADED, form={"signer_login": "{shippers_login}", "reason": "未备妥"}),
}
OF_CARRIER: Mapping[str, Sample] = {**_API, **_PAGES}
"""By verb and address."""
