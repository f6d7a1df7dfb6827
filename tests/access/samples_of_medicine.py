"""How the addresses of medical waste are called: wards, scales, bags, rounds, cards, points, emergencies."""

from collections.abc import Mapping
from datetime import timedelta

from tests.access.sampling import Sample
from tests.support.medical import STEAM
from wastetrack import clock

_A = "/api/v1/medical"
_P = "/medical"
_WARD = {"code": "W90", "name": "检验科", "kind": "laboratory"}
_CHANGED = {"name": "内科二病区", "kind": "inpatient"}
_SCALE = {
    "name": "检验科秤",
    "serial": "SC-901",
    "unit": "kg",
    "accuracy": "III",
    "verified_on": "2026-01-01",
    "verified_until": "2027-12-31",
}
_BAG = {"kind": "infectious", "packaging": "bag", "volume_l": 60, "filled_percent": 75}
_CARD = {
    "site_id": "{home_hospital_site}",
    "receiver_site_id": "{home_receiver_site}",
    "carrier_id": "{home_carrier}",
    "plate": "{home_plate}",
    "driver_name": "陈杰",
    "container_ids": ["{stored_bag}"],
    "boxes": 1,
}
_CLEANED = {"what": ["vehicle"], "agent": "含氯消毒剂"}
_WALKED = {"round_id": "{walked_round}"}
_DRAFT = {"card_id": "{card}"}
_LOADED = {"card_id": "{loaded_card}"}
_AT_GATE = {"card_id": "{arrived_card}"}
_CLINIC = {
    "name": "西村卫生室",
    "region_code": "370602",
    "kind": "village_clinic",
    "contact_name": "刘医生",
    "contact_phone": "13800001111",
}
_VISIT = {"way": "fetched", "given_by": "刘医生", "taken_by": "收集员"}
_WEIGHED_BAG = {**_BAG, "gross_g": 1_050, "tare_g": 50, "method": "platform_scale"}
_POINT = {"site_id": "{home_other_hospital_site}", "served_by_id": "{home_carrier}"}
_ORDER = {"region_code": "3706", "order_number": "烟疫指9号", "reason": "演练"}
_HANDED = {"ward_id": "{ward}", "bags": 1, "nurse_name": "李护士"}

_API: Mapping[str, Sample] = {
    f"POST {_A}/wards": Sample(body={**_WARD, "site_id": "{home_hospital_site}"}),
    f"POST {_A}/wards/{{ward_id}}": Sample(body=_CHANGED),
    f"POST {_A}/scales": Sample(body={**_SCALE, "site_id": "{home_hospital_site}", "ward_id": "{ward}"}),
    f"POST {_A}/scales/readings": Sample(body={"serial": "{scale_serial}", "gross_g": 4_050}),
    f"POST {_A}/bags": Sample(body={**_BAG, "ward_id": "{ward}", "gross_g": 3_250, "tare_g": 50}),
    f"GET {_A}/register": Sample(query="site_id={hospital_site}&begins_on=2026-03-01&ends_on=2026-03-31"),
    f"POST {_A}/rounds": Sample(body={"site_id": "{home_hospital_site}"}),
    f"POST {_A}/rounds/{{round_id}}/hand-overs": Sample(body={**_HANDED, "labels": ["{bag_code}"], "mass_g": 3_200}),
    f"POST {_A}/rounds/{{round_id}}/end": Sample(
        _WALKED, body={"store_id": "{hospital_store}", "bags": 1, "mass_g": 3_200}
    ),
    f"POST {_A}/cards": Sample(body={**_CARD, "method": STEAM}),
    f"POST {_A}/cards/{{card_id}}/arrived": Sample(_LOADED, body={}),
    f"POST {_A}/cards/{{card_id}}/cleanings": Sample(_AT_GATE, body=_CLEANED),
    f"POST {_A}/cards/{{card_id}}/hand-over": Sample(_DRAFT, body={}),
    f"POST {_A}/cards/{{card_id}}/pick-up": Sample({"card_id": "{handed_card}"}, body={}),
    f"POST {_A}/cards/{{card_id}}/receipt": Sample(_AT_GATE, body={"total_g": 3_200}),
    f"POST {_A}/cards/{{card_id}}/weighings": Sample(_AT_GATE, body={"label": "{plant_bag_code}", "gross_g": 3_250}),
    f"POST {_A}/cards/{{card_id}}/withdrawal": Sample(_DRAFT, body={"reason": "改期"}),
    f"POST {_A}/cards/{{card_id}}/{{step}}/preparation": Sample({**_DRAFT, "step": "hand-over"}, body={}),
    f"POST {_A}/emergencies": Sample(
        body={
            **_ORDER,
            "from_at": clock.now().isoformat(timespec="seconds"),
            "until_at": (clock.now() + timedelta(days=3)).isoformat(timespec="seconds"),
        }
    ),
    f"POST {_A}/emergencies/{{emergency_id}}/end": Sample(body={}),
    f"GET {_A}/months/{{manifest_id}}/manifest.pdf": Sample({"manifest_id": "{month}"}),
    f"POST {_A}/points": Sample(body=_POINT),
    f"POST {_A}/institutions": Sample(body={**_CLINIC, "point_id": "{point}"}),
    f"POST {_A}/institutions/{{institution_id}}/visits": Sample(body={**_VISIT, "bags": [_WEIGHED_BAG]}),
}
_PAGES: Mapping[str, Sample] = {
    f"POST {_P}/wards/new": Sample(form={**_WARD, "site_id": "{home_hospital_site}"}),
    f"POST {_P}/wards/{{ward_id:uuid}}": Sample(form={**_BAG, "gross": "3.25", "tare": "0.05"}),
    f"POST {_P}/wards/{{ward_id:uuid}}/scales": Sample(form=_SCALE),
    f"POST {_P}/wards/{{ward_id:uuid}}/settings": Sample(form={**_CHANGED, "active": "true"}),
    f"POST {_P}/rounds": Sample(form={"site_id": "{home_hospital_site}"}),
    f"POST {_P}/rounds/{{round_id:uuid}}/hand-overs": Sample(form={**_HANDED, "labels": "{bag_code}", "mass": "3.2"}),
    f"POST {_P}/rounds/{{round_id:uuid}}/end": Sample(
        _WALKED, form={"store_id": "{hospital_store}", "end_bags": "1", "end_mass": "3.2"}
    ),
    f"GET {_P}/cards/new": Sample(query="site_id={hospital_site}"),
    f"POST {_P}/cards/new": Sample(form={**_CARD, "treatment": STEAM}),
    f"POST {_P}/cards/{{card_id:uuid}}/arrived": Sample(_LOADED, form={}),
    f"POST {_P}/cards/{{card_id:uuid}}/cancellation": Sample(_DRAFT, form={"cancel_reason": "改期"}),
    f"POST {_P}/cards/{{card_id:uuid}}/cleanings": Sample(_AT_GATE, form=_CLEANED),
    f"POST {_P}/cards/{{card_id:uuid}}/sign/{{step}}": Sample({**_DRAFT, "step": "hand-over"}, form={}),
    f"POST {_P}/cards/{{card_id:uuid}}/weighings": Sample(
        _AT_GATE, form={"label": "{plant_bag_code}", "gross": "3.25", "reason": "", "scale_id": ""}
    ),
    f"POST {_P}/emergencies": Sample(form={**_ORDER, "from_on": "2026-11-20", "until_on": "2027-01-02"}),
    f"POST {_P}/emergencies/{{emergency_id:uuid}}/end": Sample(form={}),
    f"POST {_P}/points": Sample(form={**_POINT, "interval_hours": ""}),
    f"POST {_P}/institutions": Sample(form={**_CLINIC, "point_id": "{point}"}),
    f"POST {_P}/institutions/{{institution_id:uuid}}": Sample(form={**_VISIT, **_BAG, "gross": "1.05", "tare": "0.05"}),
    f"GET {_P}/months/{{manifest_id:uuid}}/manifest.pdf": Sample({"manifest_id": "{month}"}),
}
OF_MEDICINE: Mapping[str, Sample] = {**_API, **_PAGES}
"""By verb and address."""
