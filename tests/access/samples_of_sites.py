"""How the addresses of stores, counts, labels, batches, plans, contracts, approvals and ledgers are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample
from tests.support.files import document

_A = "/api/v1"
_DAY = "{today}"
_LATER = "{later}"
_STORE = {"code": "TS902", "name": "甲类库", "limit_g": 2_000_000}
_TYPED_STORE = {"code": "TS902", "name": "甲类库", "limit": "2", "kind": "warehouse"}
_OIL = {"waste_code": "900-249-08", "waste_name": "废矿物油", "form": "liquid", "hazards": ["T", "I"]}
_OLD = {**_OIL, "packaging": "drum", "volume_l": 200, "method": "platform_scale", "generated_on": "2023-04-05"}
_EXTENDED = {"until": _LATER, "document": "烟环函12号", "reason": "检修"}
_LEFT = {
    "container_ids": ["{scrap}"],
    "receiver": "烟台再生资源有限公司",
    "method": "R4",
    "plate": "鲁F·A1234",
    "reference": "磅单 07",
}
_SPOILT = {"container_id": "{recodable}"}
_RECODED = {**_OIL, "reason": "鉴别报告"}
_BATCH = {"batch_id": "{running_batch}"}
_FACILITY = {"name": "镀镍线", "process": "电镀"}
_NEW_FACILITY = {**_FACILITY, "kind": "production", "code": "MF9002", "since": "2026-01-01"}
_COUNTED = {"label": "{counted_code}"}
_NOBODYS = {"management_class": "key_supervision", "reason": "沿河一公里内"}
_UNPLANNED = {"site_id": "{unplanned_site}"}
_FILED = {"plan_id": "{filed_plan}"}
_AGREED = {"contract_id": "{agreed_contract}"}
_CONTRACT = {
    "number": "HT-90001",
    "signed_on": _DAY,
    "valid_from": _DAY,
    "valid_to": "2030-12-31",
    "clauses_acknowledged": True,
}
_APPLICATION = {
    "kind": "cross_province",
    "shipper_site_id": "{home_site}",
    "receiver_site_id": "{home_far_site}",
    "from_on": _DAY,
    "to_on": _LATER,
}
_WANTED = {"waste_code": "900-249-08", "waste_name": "废矿物油", "form": "liquid", "method": "D10"}
_TYPED_WANTED = {f"items.0.{name}": value for name, value in _WANTED.items()}
_PDF = {"file": ("合同.pdf", document())}
_PERIOD = {"period": "2023-04"}
_OF_RECORDS = {"kind": "record-book"}
_SIGN = {"site_id": "{home_site}", "kind": "zone"}

_API: Mapping[str, Sample] = {
    f"GET {_A}/stores/{{store_id}}": Sample(),
    f"PUT {_A}/stores/{{store_id}}": Sample({"store_id": "{empty_store}"}, body=_STORE),
    f"POST {_A}/stores/{{store_id}}/closing": Sample({"store_id": "{empty_store}"}, body={}),
    f"POST {_A}/sites/{{site_id}}/opening-stock": Sample(body={**_OLD, "gross_g": 200_000, "tare_g": 20_000}),
    f"POST {_A}/sites/{{site_id}}/opening-stock/closing": Sample(body={}),
    f"POST {_A}/sites/{{site_id}}/stock-takes": Sample(body={"store_id": "{home_empty_store}"}),
    f"POST {_A}/sites/{{site_id}}/storage-extensions": Sample(body=_EXTENDED),
    f"POST {_A}/stock-takes/{{stock_take_id}}/counting": Sample(body=_COUNTED),
    f"POST {_A}/stock-takes/{{stock_take_id}}/dropping": Sample(body={}),
    f"POST {_A}/stock-takes/{{stock_take_id}}/finishing": Sample(body={}),
    f"POST {_A}/containers/{{container_id}}/recoding": Sample(_SPOILT, body=_RECODED),
    f"POST {_A}/containers/leaving": Sample(body=_LEFT),
    f"POST {_A}/label-prints": Sample(body={"container_ids": ["{free}"], "paper": "single", "why": "first"}),
    f"GET {_A}/sites/{{site_id}}/signs/{{kind}}.pdf": Sample(_SIGN, query="of={empty_store}"),
    f"POST {_A}/treatments/begun": Sample(
        body={
            "site_id": "{home_receiver_site}",
            "container_ids": ["{waiting}"],
            "method": "D10",
            "begun_on": _DAY,
        }
    ),
    f"POST {_A}/treatments/{{batch_id}}/finish": Sample(_BATCH, body={"treated_on": _DAY}),
    f"POST {_A}/treatments/{{batch_id}}/withdrawal": Sample(_BATCH, body={"reason": "设备故障"}),
    f"POST {_A}/sites/{{site_id}}/facilities": Sample(body=_NEW_FACILITY),
    f"POST {_A}/facilities/{{facility_id}}/change": Sample(body=_FACILITY),
    f"POST {_A}/facilities/{{facility_id}}/closing": Sample(body={"until": _DAY}),
    f"POST {_A}/sites/{{site_id}}/management-class": Sample(body=_NOBODYS),
    f"POST {_A}/sites/{{site_id}}/plans": Sample(_UNPLANNED, body={"year": "{this_year}"}),
    f"POST {_A}/plans/{{plan_id}}/tables": Sample(body={"facilities": [{"facility_code": "MF0001"}]}),
    f"POST {_A}/plans/{{plan_id}}/change": Sample(_FILED, body={}),
    f"POST {_A}/plans/{{plan_id}}/submission": Sample(body={}),
    f"GET {_A}/plans/{{plan_id}}/versions/{{version}}": Sample(_FILED),
    f"POST {_A}/contracts": Sample(
        body={
            "shipper_id": "{home_organisation}",
            "receiver_id": "{home_receiver}",
            **_CONTRACT,
            "items": [{"waste_code": "900-249-08", "quantity_g": 1_000_000}],
        }
    ),
    f"POST {_A}/contracts/{{contract_id}}/agreement": Sample(body={}),
    f"POST {_A}/contracts/{{contract_id}}/attachments": Sample(file=_PDF),
    f"POST {_A}/contracts/{{contract_id}}/ending": Sample(_AGREED, body={"reason": "双方同意"}),
    f"GET {_A}/contract-attachments/{{attachment_id}}": Sample({"attachment_id": "{contract_file}"}),
    f"POST {_A}/approvals": Sample(body={**_APPLICATION, "items": [{**_WANTED, "quantity_g": 1_000_000}]}),
    f"PUT {_A}/approvals/{{approval_id}}": Sample(
        body={**_APPLICATION, "items": [{**_WANTED, "quantity_g": 1_000_000}]}
    ),
    f"POST {_A}/approvals/{{approval_id}}/copy": Sample(body={"in_place": False}),
    f"POST {_A}/approvals/{{approval_id}}/documents": Sample(form={"kind": "contract"}, file=_PDF),
    f"GET {_A}/approvals/{{approval_id}}/documents/{{attachment_id}}": Sample({"attachment_id": "{approval_file}"}),
    f"POST {_A}/approvals/{{approval_id}}/steps": Sample(body={"act": "submit"}),
    f"GET {_A}/periodic-reports": Sample(query="period=2023-04"),
    f"GET {_A}/sites/{{site_id}}/ledgers/{{kind}}": Sample({"kind": "generated"}),
    f"GET {_A}/sites/{{site_id}}/ledgers/{{kind}}.csv": Sample({"kind": "generated"}),
    f"GET {_A}/sites/{{site_id}}/records/{{kind}}": Sample(_OF_RECORDS),
    f"GET {_A}/sites/{{site_id}}/records/{{kind}}/record.pdf": Sample(_OF_RECORDS),
    f"GET {_A}/sites/{{site_id}}/records/{{kind}}/record.xlsx": Sample(_OF_RECORDS),
    f"POST {_A}/sites/{{site_id}}/reports/{{period}}": Sample(_PERIOD, body={}),
    f"POST {_A}/holds": Sample(body={"thing": "manifest", "subject_id": "{manifest}", "reason": "环境案件"}),
    f"POST {_A}/holds/{{hold_id}}/end": Sample(body={"reason": "结案"}),
}
_S = "/sites/{site_id:uuid}"
_PLAN = "/plans/{plan_id:uuid}"
_APPROVAL = "/approvals/{approval_id:uuid}"
_PAGES: Mapping[str, Sample] = {
    "GET /containers/{container_id:uuid}/print": Sample({"container_id": "{free}"}),
    "POST /containers/{container_id:uuid}/print": Sample(
        {"container_id": "{free}"}, form={"why": "first", "paper": "single", "reason": ""}
    ),
    "GET /containers/{container_id:uuid}/recode": Sample(_SPOILT),
    "POST /containers/{container_id:uuid}/recode": Sample(_SPOILT, form=_RECODED),
    "POST /containers/leaving": Sample(form={**_LEFT, "site_id": "{home_site}"}),
    "GET /stores/due": Sample(query="site={home_site}"),
    "GET /stores/{store_id:uuid}/change": Sample({"store_id": "{empty_store}"}),
    "POST /stores/{store_id:uuid}/change": Sample({"store_id": "{empty_store}"}, form=_TYPED_STORE),
    "POST /stores/{store_id:uuid}/close": Sample({"store_id": "{empty_store}"}, form={}),
    f"POST {_S}/opening-stock": Sample(form={**_OLD, "gross": "200", "tare": "20"}),
    f"POST {_S}/opening-stock/close": Sample(form={}),
    f"POST {_S}/stock-takes": Sample(form={"store_id": "{home_empty_store}"}),
    f"POST {_S}/storage-extensions": Sample(form={**_EXTENDED, "waste_code": ""}),
    "POST /stock-takes/{stock_take_id:uuid}": Sample(form=_COUNTED),
    "POST /stock-takes/{stock_take_id:uuid}/drop": Sample(form={}),
    "POST /stock-takes/{stock_take_id:uuid}/finish": Sample(form={}),
    f"GET {_S}/signs/{{kind}}.pdf": Sample(_SIGN, query="of={empty_store}"),
    "GET /treatment/{batch_id:uuid}/finish": Sample(_BATCH),
    "POST /treatment/{batch_id:uuid}/finish": Sample(_BATCH, form={"treated_on": _DAY}),
    "POST /treatment/{batch_id:uuid}/withdrawal": Sample(_BATCH, form={"reason": "设备故障"}),
    f"POST {_S}/facilities/new": Sample(form=_NEW_FACILITY),
    "POST /facilities/{facility_id:uuid}/change": Sample(form=_FACILITY),
    "POST /facilities/{facility_id:uuid}/close": Sample(form={"until": _DAY}),
    f"POST {_S}/management-class": Sample(form=_NOBODYS),
    "POST /plans/new": Sample(form={**_UNPLANNED, "year": "{this_year}"}),
    f"POST {_PLAN}/change": Sample(_FILED, form={}),
    f"POST {_PLAN}/file": Sample(form={}),
    f"POST {_PLAN}/tables/{{table}}": Sample(form={"lines.0.facility_code": "MF0001"}),
    f"GET {_PLAN}/versions/{{version}}": Sample(_FILED),
    f"GET {_PLAN}/versions/{{version}}/plan.pdf": Sample(_FILED),
    f"GET {_PLAN}/versions/{{version}}/plan.xlsx": Sample(_FILED),
    "POST /contracts/new": Sample(
        form={
            **_CONTRACT,
            "as_side": "shipper",
            "other_id": "{home_receiver}",
            "clauses_acknowledged": "true",
            "items.0.waste_code": "900-249-08",
            "items.0.quantity": "1",
        }
    ),
    "POST /contracts/{contract_id:uuid}/attachments": Sample(form={}, file=_PDF),
    "POST /contracts/{contract_id:uuid}/confirm": Sample(form={}),
    "POST /contracts/{contract_id:uuid}/end": Sample(_AGREED, form={"reason": "双方同意"}),
    "GET /contract-attachments/{attachment_id:uuid}": Sample({"attachment_id": "{contract_file}"}),
    "GET /approvals/new/{kind}": Sample({"kind": "cross_province"}),
    "POST /approvals/new/{kind}": Sample(
        {"kind": "cross_province"}, form={**_APPLICATION, **_TYPED_WANTED, "items.0.quantity": "1"}
    ),
    f"POST {_APPROVAL}/change": Sample(form={**_APPLICATION, **_TYPED_WANTED, "items.0.quantity": "1"}),
    f"POST {_APPROVAL}/copy": Sample(form={}),
    f"POST {_APPROVAL}/documents": Sample(form={"document_kind": "contract"}, file=_PDF),
    f"GET {_APPROVAL}/files/{{attachment_id:uuid}}": Sample({"attachment_id": "{approval_file}"}),
    f"POST {_APPROVAL}/steps": Sample(form={"act": "submit"}),
    "GET /ledgers/{site_id:uuid}/records/{kind}": Sample(_OF_RECORDS),
    "GET /ledgers/{site_id:uuid}/records/{kind}/record.pdf": Sample(_OF_RECORDS),
    "GET /ledgers/{site_id:uuid}/records/{kind}/record.xlsx": Sample(_OF_RECORDS),
    "POST /ledgers/{site_id:uuid}/reports/{period}": Sample(_PERIOD, form={"seen": "{home_seen}", "reason": ""}),
    "POST /holds": Sample(form={"thing": "manifest", "named": "{number}", "reason": "环境案件"}),
    "POST /holds/{hold_id:uuid}/end": Sample(form={"end_reason": "结案"}),
}
OF_SITES: Mapping[str, Sample] = {**_API, **_PAGES}
"""By verb and address."""
