"""How each address is called: which thing stands in each place of it, and a body that is valid.

A word in braces is a thing of things.py; in the three cases of the matrix it is one's own, a foreign or no thing, but
for words that begin with `home_`: those are one's own in each case, where a body names public and hidden things.
A new address needs a line here only where the words below do not fit it, or where it takes a body.
"""

from collections.abc import Mapping

from tests.access.samples_of_belongings import BELONGING
from tests.access.samples_of_booking import OF_BOOKING
from tests.access.samples_of_carrier import OF_CARRIER
from tests.access.samples_of_chain import OF_CHAIN
from tests.access.samples_of_design import OF_DESIGN
from tests.access.samples_of_enterprise import OF_ENTERPRISE
from tests.access.samples_of_epidemic import OF_EPIDEMIC
from tests.access.samples_of_findings import OF_FINDINGS
from tests.access.samples_of_gate import OF_GATE
from tests.access.samples_of_ground import OF_GROUND
from tests.access.samples_of_imports import OF_IMPORTS
from tests.access.samples_of_medicine import OF_MEDICINE
from tests.access.samples_of_notice import OF_NOTICE
from tests.access.samples_of_oversight import OF_OVERSIGHT
from tests.access.samples_of_plant import OF_PLANT
from tests.access.samples_of_shown import OF_SHOWN
from tests.access.samples_of_sites import OF_SITES
from tests.access.samples_of_tracks import OF_TRACKS
from tests.access.samples_of_ways import OF_WAYS
from tests.access.sampling import Sample
from tests.support import parties as made
from tests.support.served import PASSWORD

_DAY = "{today}"
_WEIGHED = {"gross_g": 199_000, "tare_g": 20_000, "method": "platform_scale"}
_TYPED = {"gross": "199", "tare": "20", "method": "platform_scale", "estimate": "false"}
_DRUM = {
    "site_id": "{site}",
    "waste_code": "900-249-08",
    "waste_name": "废矿物油",
    "form": "liquid",
    "hazards": ["T", "I"],
    "packaging": "drum",
    "volume_l": 200,
    "generated_on": _DAY,
}
_PLAN = {
    "shipper_site_id": "{home_site}",
    "receiver_site_id": "{home_receiver_site}",
    "method": "D10",
    "planned_on": _DAY,
    "container_ids": ["{free}"],
    "legs": [{"carrier_id": "{home_carrier}", "plate": "{home_plate}", "start": "芝罘区", "end": "莱山区"}],
}
_TYPED_PLAN = {
    "site_id": "{home_site}",
    "receiver_site_id": "{home_receiver_site}",
    "method": "D10",
    "planned_on": _DAY,
    "container_ids": ["{free}"],
    "carrier_id": "{home_carrier}",
    "plate": "{home_plate}",
}
_FIRM = made.firm_command(region_code="370602")
_NEW_FIRM = {
    "credit_code": _FIRM.credit_code,
    "name": "烟台新登记化工有限公司",
    "kinds": ["generator"],
    "region_code": _FIRM.region_code,
    "address": _FIRM.address,
    "contact_name": _FIRM.contact_name,
    "contact_phone": _FIRM.contact_phone,
}
_SITE = {
    "name": "新厂区",
    "kind": "production",
    "region_code": "370602",
    "address": "北马路1号",
    "latitude": "37.54",
    "longitude": "121.39",
}
_VEHICLE = {"plate": "鲁F90001", "licence_number": "鲁交运管烟字9号", "licence_valid_to": "2027-12-31"}
_DRIVER = {
    "name": "王强",
    "certificate_number": "370602198500000001",
    "certificate_valid_to": "2027-12-31",
    "phone": "13800000000",
}
_LICENCE = {"number": "鲁交运管许可烟字9号", "valid_from": "2026-01-01", "valid_to": "2027-12-31", "classes": ["9"]}
_PERMIT = {"number": "烟台危证901号", "kind": "comprehensive", "valid_from": "2026-01-01", "valid_to": "2030-12-31"}
_RENEWAL = {"number": "烟台危证902号", "valid_from": "2030-01-01", "valid_to": "2034-12-31"}
_ITEM = {"pattern": "HW08", "methods": ["D10"], "yearly_g": 1_000_000}
_TYPED_ITEM = {"items.0.pattern": "HW08", "items.0.methods": "D10", "items.0.yearly": "1"}
_SUSPENDED = {"permit_id": "{suspended}"}
_OF_CARRIER = {"organisation_id": "{carrier}"}
_OF_RECEIVER = {"organisation_id": "{receiver}"}
_AT_HOME = {"organisation_id": "{home_organisation}"}
_SCAN = {"label": "{label}", "gross_g": 200_000}
_CORRECTION = {"container_id": "{standing}", "reason": "地磅未归零"}
_SCREEN_LABEL = {"code": "{digital_code}", "check": "{label_check}"}
_A = "/api/v1"
_MEMBER = {"login": "new.member@example.test", "name": "新人", "password": PASSWORD, "role": "filer"}

_API: Mapping[str, Sample] = {
    f"GET {_A}/ledger/balances": Sample(query="manifest_id={manifest}"),
    f"GET {_A}/ledger/statement": Sample(query="kind=stored&site_id={site}"),
    f"GET {_A}/log/proofs/consistency": Sample(query="from=1&to=1"),
    f"GET {_A}/log/proofs/inclusion": Sample(query="event_id={event}"),
    f"GET {_A}/looks": Sample(query="manifest_id={manifest}"),
    f"GET {_A}/manifests/{{manifest_id}}/bundle": Sample(query="why=routine_inspection"),
    f"GET {_A}/organisations/{{organisation_id}}/fleet": Sample(_OF_CARRIER),
    f"GET {_A}/receivers": Sample(query="waste_code=900-249-08"),
    f"GET {_A}/regions/{{code}}": Sample({"code": "370602"}),
    f"POST {_A}/containers": Sample(body={**_DRUM, **_WEIGHED}),
    f"POST {_A}/containers/labels.pdf": Sample(body={"container_ids": ["{container}"]}),
    f"POST {_A}/containers/repacking": Sample(
        body={
            "from_ids": ["{repacked}"],
            "into": [{**_WEIGHED, "gross_g": 200_000, "packaging": "drum", "volume_l": 200}],
            "repacked_on": _DAY,
        }
    ),
    f"POST {_A}/containers/storing": Sample(body={"container_ids": ["{free}"], "store_id": "{store}"}),
    f"POST {_A}/containers/{{container_id}}/weighing": Sample({"container_id": "{free}"}, body=_WEIGHED),
    f"POST {_A}/corrections/{{correction_id}}/answer": Sample(body={"consent": True}),
    f"POST {_A}/manifests": Sample(body=_PLAN),
    f"PUT {_A}/manifests/{{manifest_id}}": Sample({"manifest_id": "{draft}"}, body={**_PLAN, "version": 1}),
    f"POST {_A}/manifests/{{manifest_id}}/arrival": Sample({"manifest_id": "{travelling}"}, body={}),
    f"POST {_A}/manifests/{{manifest_id}}/cancellation": Sample({"manifest_id": "{draft}"}, body={"reason": "改期"}),
    f"POST {_A}/manifests/{{manifest_id}}/confirmation": Sample({"manifest_id": "{uncorrected}"}, body={}),
    f"POST {_A}/manifests/{{manifest_id}}/corrections": Sample(
        {"manifest_id": "{uncorrected}"}, body={**_CORRECTION, "measured_g": 179_000}
    ),
    f"POST {_A}/manifests/{{manifest_id}}/filing": Sample({"manifest_id": "{draft}"}, body={}),
    f"POST {_A}/manifests/{{manifest_id}}/hand-over": Sample({"manifest_id": "{two_legs}"}, body={}),
    f"POST {_A}/manifests/{{manifest_id}}/pick-up": Sample({"manifest_id": "{filed}"}, body={}),
    f"POST {_A}/manifests/{{manifest_id}}/receipt": Sample({"manifest_id": "{scanned}"}, body={}),
    f"POST {_A}/manifests/{{manifest_id}}/scans": Sample({"manifest_id": "{arrived}"}, body=_SCAN),
    f"POST {_A}/manifests/{{manifest_id}}/voiding": Sample({"manifest_id": "{filed}"}, body={"reason": "填错"}),
    f"POST {_A}/me/erasure": Sample(body={}),
    f"POST {_A}/organisations": Sample(body=_NEW_FIRM),
    f"POST {_A}/organisations/{{organisation_id}}/drivers": Sample(_OF_CARRIER, body=_DRIVER),
    f"POST {_A}/organisations/{{organisation_id}}/permits": Sample(_OF_RECEIVER, body={**_PERMIT, "items": [_ITEM]}),
    f"POST {_A}/organisations/{{organisation_id}}/sites": Sample(body=_SITE),
    f"POST {_A}/organisations/{{organisation_id}}/transport-licences": Sample(_OF_CARRIER, body=_LICENCE),
    f"POST {_A}/organisations/{{organisation_id}}/vehicles": Sample(
        _OF_CARRIER, body={**_VEHICLE, "rated_load_g": 10_000_000}
    ),
    f"POST {_A}/people/{{person_id}}/erasure": Sample(body={"reason": "本人申请"}),
    f"POST {_A}/permits/{{permit_id}}/renewals": Sample(body=_RENEWAL),
    f"POST {_A}/permits/{{permit_id}}/suspensions": Sample(body={"from_on": _DAY, "reason": "超期未整改"}),
    f"POST {_A}/permits/{{permit_id}}/suspensions/{{suspension_id}}/lift": Sample(_SUSPENDED, body={"last_on": _DAY}),
    f"POST {_A}/sign-in": Sample(body={"login": "{login}", "password": PASSWORD, "totp_code": "{totp}"}),
    f"POST {_A}/sites/{{site_id}}/stores": Sample(body={"code": "TS901", "name": "危废库", "limit_g": 1_000_000}),
    f"POST {_A}/tokens": Sample(body={"name": "weighbridge", "days": 3}),
    f"POST {_A}/treatments": Sample(
        body={"site_id": "{home_receiver_site}", "container_ids": ["{standing}"], "method": "D10", "treated_on": _DAY}
    ),
}
_PAGES: Mapping[str, Sample] = {
    "GET /91/{code}/92/{check}": Sample(_SCREEN_LABEL),
    "GET /91/{code}/92/{check}/93/{revision}": Sample({"code": "{digital_code}", "check": "{later_check}"}),
    "GET /audit": Sample(query="q={number}"),
    "GET /containers/{container_id:uuid}/repack": Sample({"container_id": "{repacked}"}),
    "GET /gate/{manifest_id:uuid}": Sample({"manifest_id": "{arrived}"}),
    "GET /gate/{manifest_id:uuid}/receipt": Sample({"manifest_id": "{scanned}"}),
    "GET /looks": Sample(query="manifest_id={manifest}"),
    "GET /manifests/{manifest_id:uuid}/bundle.json": Sample(query="why=complaint"),
    "GET /manifests/{manifest_id:uuid}/change": Sample({"manifest_id": "{draft}"}),
    "GET /organisations/{organisation_id:uuid}/drivers/new": Sample(_OF_CARRIER),
    "GET /organisations/{organisation_id:uuid}/licences/new": Sample(_OF_CARRIER),
    "GET /organisations/{organisation_id:uuid}/permits/new": Sample(_OF_RECEIVER),
    "GET /organisations/{organisation_id:uuid}/vehicles/new": Sample(_OF_CARRIER),
    "POST /account/membership": Sample(form={"membership_id": "{own_membership}"}),
    "POST /account/password": Sample(form={"present": PASSWORD, "wanted": "nine still lakes after dark"}),
    "POST /account/sign-out-everywhere": Sample(form={}),
    "POST /account/tokens": Sample(form={"name": "weighbridge", "days": "3"}),
    "POST /account/tokens/{token_id:uuid}/revoke": Sample(form={}),
    "POST /containers/new": Sample(form={**_DRUM, **_TYPED}),
    "POST /containers/{container_id:uuid}/repack": Sample(
        {"container_id": "{repacked}"},
        form={**_TYPED, "gross": "200", "packaging": "drum", "volume_l": "200", "repacked_on": _DAY},
    ),
    "POST /containers/{container_id:uuid}/storing": Sample({"container_id": "{free}"}, form={"store_id": "{store}"}),
    "POST /containers/{container_id:uuid}/weighing": Sample({"container_id": "{free}"}, form=_TYPED),
    "POST /gate/{manifest_id:uuid}": Sample({"manifest_id": "{arrived}"}, form={"label": "{label}", "gross": "200"}),
    "POST /gate/{manifest_id:uuid}/receipt": Sample({"manifest_id": "{scanned}"}, form={}),
    "POST /manifests/new": Sample(form=_TYPED_PLAN),
    "POST /manifests/{manifest_id:uuid}/change": Sample(
        {"manifest_id": "{draft}"}, form={**_TYPED_PLAN, "version": "1"}
    ),
    "POST /manifests/{manifest_id:uuid}/corrections": Sample(
        {"manifest_id": "{uncorrected}"},
        form={"container_id": "{standing}", "measured": "179", "correction_reason": "地磅未归零"},
    ),
    "POST /manifests/{manifest_id:uuid}/corrections/{correction_id:uuid}": Sample(form={"consent": "true"}),
    "POST /manifests/{manifest_id:uuid}/file": Sample({"manifest_id": "{draft}"}, form={}),
    "POST /manifests/{manifest_id:uuid}/sign/{step}": Sample({"manifest_id": "{filed}"}, form={}),
    "POST /organisations/new": Sample(form=_NEW_FIRM),
    "POST /organisations/{organisation_id:uuid}/drivers/new": Sample(_OF_CARRIER, form=_DRIVER),
    "POST /organisations/{organisation_id:uuid}/licences/new": Sample(_OF_CARRIER, form=_LICENCE),
    "POST /organisations/{organisation_id:uuid}/people": Sample(form=_MEMBER),
    "POST /organisations/{organisation_id:uuid}/people/{membership_id:uuid}/end": Sample(_AT_HOME, form={}),
    "POST /organisations/{organisation_id:uuid}/permits/new": Sample(_OF_RECEIVER, form={**_PERMIT, **_TYPED_ITEM}),
    "POST /organisations/{organisation_id:uuid}/sites/new": Sample(form=_SITE),
    "POST /organisations/{organisation_id:uuid}/vehicles/new": Sample(
        _OF_CARRIER, form={**_VEHICLE, "rated_load": "10"}
    ),
    "POST /permits/{permit_id:uuid}/renew": Sample(form={**_RENEWAL, **_TYPED_ITEM}),
    "POST /permits/{permit_id:uuid}/suspend": Sample(form={"from_on": _DAY, "reason": "超期未整改"}),
    "POST /permits/{permit_id:uuid}/suspensions/{suspension_id:uuid}/lift": Sample(
        {"permit_id": "{suspended}"}, form={"last_on": _DAY}
    ),
    "POST /sign-in": Sample(form={"login": "{login}", "password": PASSWORD}),
    "POST /sign-out": Sample(form={}),
    "POST /sites/{site_id:uuid}/stores/new": Sample(form={"code": "TS901", "name": "危废库", "limit": "1"}),
    "POST /treatment": Sample(
        form={
            "site_id": "{home_receiver_site}",
            "container_ids": ["{standing}"],
            "treatment": "D10",
            "treated_on": _DAY,
        }
    ),
}
SAMPLES: Mapping[str, Sample] = {
    **_API,
    **_PAGES,
    **BELONGING,
    **OF_SITES,
    **OF_WAYS,
    **OF_MEDICINE,
    **OF_IMPORTS,
    **OF_PLANT,
    **OF_GATE,
    **OF_ENTERPRISE,
    **OF_BOOKING,
    **OF_CARRIER,
    **OF_DESIGN,
    **OF_CHAIN,
    **OF_TRACKS,
    **OF_NOTICE,
    **OF_GROUND,
    **OF_SHOWN,
    **OF_OVERSIGHT,
    **OF_FINDINGS,
    **OF_EPIDEMIC,
}
"""By verb and address."""
