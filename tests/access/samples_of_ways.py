"""How the addresses of trips, mismatches, incidents, other receivers, pipes and papers are called."""

from collections.abc import Mapping
from datetime import timedelta

from tests.access.sampling import Sample
from wastetrack import clock

_A = "/api/v1"
_DAY = "{today}"
_M = f"{_A}/manifests/{{manifest_id}}"
_P = "/manifests/{manifest_id:uuid}"
_UNDER_WAY = {"manifest_id": "{under_way}"}
_PERIOD = {"manifest_id": "{period}"}
_TRIP = {"plate": "{home_plate}", "day": "2026-03-02", "manifest_ids": ["{stop}", "{other_stop}"]}
_LEAK = {"kind": "breakdown", "place": "荣乌高速 K123", "region_code": "370602", "what": "爆胎"}
_REDIRECTED = {"receiver_site_id": "{home_other_receiver_site}", "method": "R9", "reason": "临时停炉"}
_READING = {
    "side": "shipper",
    "waste_code": "900-249-08",
    "day": "2026-03-03",
    "meter_id": "{shipper_meter}",
    "value": "1",
}
_METER = {
    "code": "FT-902",
    "name": "外输流量计",
    "kind": "mass_flow",
    "unit": "t",
    "uncertainty_per_mille": 2,
    "verified_on": "2026-01-01",
    "verified_until": "2027-12-31",
}
_PERIOD_OF_FORM = {
    "receiver_site_id": "{home_receiver_site}",
    "method": "D10",
    "begins_on": "2026-07-01",
    "ends_on": "2026-07-31",
    "remarks": "",
}
_OIL = {"waste_code": "900-249-08", "waste_name": "废矿物油", "form": "liquid", "hazards": ["T", "I"]}


def _hours_ago(hours: int) -> str:
    return (clock.now() - timedelta(hours=hours)).isoformat(timespec="seconds")


def _typed(hours: int) -> str:
    return (clock.now() - timedelta(hours=hours) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")


_PAPER = {
    "shipper_site_id": "{home_site}",
    "receiver_site_id": "{home_receiver_site}",
    "method": "D10",
    "legs": [
        {
            "carrier_id": "{home_carrier}",
            "plate": "{home_plate}",
            "start": "芝罘区",
            "end": "莱山区",
            "taken_over_at": _hours_ago(30),
        }
    ],
    "arrived_at": _hours_ago(28),
    "received_at": _hours_ago(27),
    "by_hand": [
        {
            **_OIL,
            "gross_g": 110_000,
            "tare_g": 20_000,
            "method": "platform_scale",
            "packaging": "drum",
            "volume_l": 200,
            "generated_on": "{lately}",
            "received_g": 90_000,
        }
    ],
    "reason": "平台停机",
}
_TYPED_PAPER = {
    "site_id": "{home_site}",
    "number": "",
    "receiver_site_id": "{home_receiver_site}",
    "method": "D10",
    "carrier_id": "{home_carrier}",
    "plate": "{home_plate}",
    "picked_up_at": _typed(30),
    "arrived_at": _typed(28),
    "received_at": _typed(27),
    "hand_code": "900-249-08",
    "hand_name": "废矿物油",
    "hand_form": "liquid",
    "hand_hazards": ["T"],
    "hand_packaging": "drum",
    "hand_volume": "200",
    "hand_net": "90",
    "hand_received": "90",
    "reason": "平台停机",
    "late_reason": "",
}
_OTHER_CARRIER = {"carrier_id": "{home_second_carrier}", "plate": "{home_second_plate}", "at_place": "K123"}
_RESERVED = {"number": "{reserved}"}

_API: Mapping[str, Sample] = {
    f"POST {_A}/trips": Sample(body=_TRIP),
    f"POST {_A}/trips/{{trip_id}}/{{step}}": Sample({"step": "arrival"}, body={}),
    f"POST {_A}/trips/{{trip_id}}/{{step}}/preparation": Sample({"step": "arrival"}, body={}),
    f"POST {_M}/mismatches": Sample({"manifest_id": "{at_gate}"}, body={"kinds": ["form"], "found": "实为固态"}),
    f"POST {_A}/mismatches/{{mismatch_id}}/acknowledgement": Sample(body={}),
    f"POST {_A}/mismatches/{{mismatch_id}}/decision": Sample(body={"accept": True, "reason": "按合同接受"}),
    f"POST {_A}/mismatches/{{mismatch_id}}/note": Sample(body={}),
    f"POST {_M}/incidents": Sample(_UNDER_WAY, body=_LEAK),
    f"POST {_A}/incidents/{{incident_id}}/end": Sample(body={"outcome": "已清理"}),
    f"POST {_A}/incidents/{{incident_id}}/note": Sample(body={}),
    f"POST {_A}/incidents/{{incident_id}}/replacement": Sample(
        body={**_OTHER_CARRIER, "meet_at": (clock.now() + timedelta(hours=3)).isoformat(timespec="seconds")}
    ),
    f"POST {_M}/findings": Sample({"manifest_id": "{lossy}"}, body={"container_id": "{lost}", "what": "路边沟内找到"}),
    f"POST {_M}/redirection": Sample(_UNDER_WAY, body=_REDIRECTED),
    f"POST {_A}/redirections/{{redirection_id}}/note": Sample(body={}),
    f"POST {_M}/field-corrections": Sample(
        {"manifest_id": "{filed}"}, body={"field": "remarks", "new": "夜间运输", "reason": "漏填"}
    ),
    f"POST {_A}/manifests/periods": Sample(
        body={
            **_PERIOD_OF_FORM,
            "shipper_site_id": "{home_site}",
            "wastes": [{**_OIL, "planned_g": 1_000_000}],
        }
    ),
    f"POST {_M}/opening": Sample({"manifest_id": "{period_draft}"}, body={}),
    f"GET {_M}/period": Sample(_PERIOD),
    f"POST {_M}/readings": Sample(_PERIOD, body=_READING),
    f"POST {_M}/missing-readings": Sample(
        _PERIOD, body={"waste_code": "900-249-08", "day": "2026-03-04", "reason": "停产"}
    ),
    f"POST {_M}/summing-up": Sample({"manifest_id": "{whole_period}"}, body={}),
    f"POST {_A}/sites/{{site_id}}/meters": Sample(body=_METER),
    f"POST {_A}/manifests/back-entries": Sample(body=_PAPER),
    f"POST {_M}/back-entry": Sample({"manifest_id": "{paper}"}, body={}),
    f"POST {_A}/reserved-numbers": Sample(body={"site_id": "{home_site}", "count": 1}),
    f"GET {_A}/reserved-numbers/{{number}}/form.pdf": Sample(_RESERVED),
    f"POST {_A}/reserved-numbers/{{number}}/surrender": Sample(_RESERVED, body={"reason": "写坏了"}),
}
_PAGES: Mapping[str, Sample] = {
    "POST /trips/new": Sample(form={**_TRIP, "stops": ["1", "2"]}),
    "POST /trips/{trip_id:uuid}/arrival": Sample(form={}),
    "POST /trips/{trip_id:uuid}/closing": Sample({"trip_id": "{arrived_trip}"}, form={}),
    "GET /gate/{manifest_id:uuid}/mismatch": Sample({"manifest_id": "{at_gate}"}),
    "POST /gate/{manifest_id:uuid}/mismatch": Sample(
        {"manifest_id": "{at_gate}"}, form={"kinds": "form", "container_id": "", "found": "实为固态"}
    ),
    "POST /mismatches/{mismatch_id:uuid}/acknowledgement": Sample(form={}),
    "POST /mismatches/{mismatch_id:uuid}/decision": Sample(form={"accept": "true", "reason": "按合同接受"}),
    "POST /mismatches/{mismatch_id:uuid}/note": Sample(form={}),
    f"GET {_P}/incident": Sample(_UNDER_WAY),
    f"POST {_P}/incident": Sample(_UNDER_WAY, form={**_LEAK, "method": "estimate"}),
    "POST /incidents/{incident_id:uuid}/end": Sample(form={"outcome": "已清理"}),
    "POST /incidents/{incident_id:uuid}/note": Sample(form={}),
    "POST /incidents/{incident_id:uuid}/replacement": Sample(form={**_OTHER_CARRIER, "meet_at": ""}),
    f"GET {_P}/found": Sample({"manifest_id": "{lossy}"}),
    f"POST {_P}/found": Sample({"manifest_id": "{lossy}"}, form={"container_id": "{lost}", "what": "路边沟内找到"}),
    f"GET {_P}/redirection": Sample(_UNDER_WAY),
    f"POST {_P}/redirection": Sample(_UNDER_WAY, form=_REDIRECTED),
    f"POST {_P}/redirections/{{redirection_id:uuid}}/note": Sample({"manifest_id": "{redirected}"}, form={}),
    f"POST {_P}/sign/hand-over": Sample({"manifest_id": "{two_legs}"}, form={"counted": "1", "note": ""}),
    f"POST {_P}/corrections/fields": Sample(
        {"manifest_id": "{filed}"}, form={"field": "remarks", "new": "夜间运输", "field_reason": "漏填"}
    ),
    "POST /manifests/new-period": Sample(form={**_PERIOD_OF_FORM, **_OIL, "site_id": "{home_site}", "planned": "1"}),
    f"POST {_P}/readings": Sample(_PERIOD, form=_READING),
    f"POST {_P}/missing-readings": Sample(
        _PERIOD, form={"waste_code": "900-249-08", "missing_day": "2026-03-04", "missing_reason": "停产"}
    ),
    "POST /sites/{site_id:uuid}/meters": Sample(form=_METER),
    "POST /paper": Sample(form={"site_id": "{home_site}", "count": "1"}),
    "POST /paper/new": Sample(form=_TYPED_PAPER),
    "GET /paper/{number}": Sample(_RESERVED),
    "GET /paper/{number}/form.pdf": Sample(_RESERVED),
    "POST /paper/{number}/void": Sample(_RESERVED, form={"reason": "写坏了"}),
}
OF_WAYS: Mapping[str, Sample] = {**_API, **_PAGES}
"""By verb and address."""
