"""How the addresses of what is held ready for an epidemic are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_A = "/api/v1/medical"
_P = "/medical"
_DAY = "{today}"
_KILN = {
    "region_code": "3706",
    "kind": "cement_kiln",
    "name": "另一水泥窑",
    "longitude": 121.3,
    "latitude": 37.4,
    "lead_hours": 24,
    "agreement_number": "协议9号",
    "agreement_from": _DAY,
    "agreement_to": "{next_year}",
    "contact_name": "值班室",
    "contact_phone": "0535-6000000",
}
_CALL = {"helper_id": "{home_helper}"}
_NOW = "{moment}"
_SUPPLY = {"kind": "fuel", "name": "柴油", "unit": "升", "place": "库房", "minimum": 5, "site_id": "{home_site}"}
_MOVE = {"kind": "in", "quantity": 5, "happened_on": _DAY}
_SURGE = {"region_code": "3706", "preset": "wuhan", "begins_on": _DAY}
_HELPER, _OF_SUPPLY = {"helper_id": "{helper}"}, {"supply_id": "{supply}"}
_OF_CALL, _OF_SURGE = {"call_id": "{emergency_call}"}, {"surge_id": "{surge}"}

OF_EPIDEMIC: Mapping[str, Sample] = {
    f"POST {_A}/helpers": Sample(body={**_KILN, "daily_g": 30_000_000}),
    f"POST {_A}/helpers/{{helper_id}}/ending": Sample(_HELPER, body={}),
    f"POST {_A}/emergencies/{{emergency_id}}/calls": Sample(body={**_CALL, "daily_g": 1_000_000, "from_at": _NOW}),
    f"POST {_A}/emergency-calls/{{call_id}}/ending": Sample(_OF_CALL, body={}),
    f"POST {_A}/supplies": Sample(body=_SUPPLY),
    f"GET {_A}/supplies/{{supply_id}}": Sample(_OF_SUPPLY),
    f"POST {_A}/supplies/{{supply_id}}/moves": Sample(_OF_SUPPLY, body=_MOVE),
    f"POST {_A}/supplies/{{supply_id}}/ending": Sample(_OF_SUPPLY, body={}),
    f"POST {_A}/surges": Sample(body={**_SURGE, "base_g": 9_000_000}),
    f"GET {_A}/surges/{{surge_id}}": Sample(_OF_SURGE),
    f"POST {_P}/helpers": Sample(form={**{name: str(one) for name, one in _KILN.items()}, "daily": "30"}),
    f"POST {_P}/helpers/{{helper_id:uuid}}/ending": Sample(_HELPER, form={}),
    f"POST {_P}/emergencies/{{emergency_id:uuid}}/calls": Sample(form={**_CALL, "daily": "1", "from_at": ""}),
    f"POST {_P}/emergencies/{{emergency_id:uuid}}/calls/{{call_id:uuid}}/ending": Sample(_OF_CALL, form={}),
    f"POST {_P}/supplies": Sample(form={name: str(one) for name, one in _SUPPLY.items()}),
    f"GET {_P}/supplies/{{supply_id:uuid}}": Sample(_OF_SUPPLY),
    f"POST {_P}/supplies/{{supply_id:uuid}}/moves": Sample(
        _OF_SUPPLY, form={name: str(one) for name, one in _MOVE.items()}
    ),
    f"POST {_P}/supplies/{{supply_id:uuid}}/ending": Sample(_OF_SUPPLY, form={}),
    f"POST {_P}/surges": Sample(form={**_SURGE, "base": "9", "hold_days": "2"}),
    f"GET {_P}/surges/{{surge_id:uuid}}": Sample(_OF_SURGE),
    f"GET {_P}/surges/{{surge_id:uuid}}/plan.xlsx": Sample(_OF_SURGE),
}
"""By verb and address."""
