"""How the addresses of scales, of the plan of the stores, of moving and counting by labels, of permits are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_A = "/api/v1"
_DETAILS = {
    "name": "2号磅房台秤",
    "kind": "platform",
    "unit": "kg",
    "accuracy": "III",
    "verified_on": "2026-01-01",
    "verified_until": "2027-12-31",
}
_SCALE = {**_DETAILS, "site_id": "{home_site}", "serial": "PS-902"}

OF_PLANT: Mapping[str, Sample] = {
    f"POST {_A}/scales": Sample(body=_SCALE),
    f"POST {_A}/scales/{{scale_id}}": Sample(body=_DETAILS),
    f"POST {_A}/scales/{{scale_id}}/ending": Sample(body={}),
    f"POST {_A}/scales/{{scale_id}}/readings": Sample(body={"gross_g": 198_400}),
    "POST /scales/new": Sample(form=_SCALE),
    "POST /scales/{scale_id:uuid}/change": Sample(form=_DETAILS),
    "POST /scales/{scale_id:uuid}/end": Sample(form={}),
    "GET /stores/moving": Sample(query="site={site}"),
    "POST /stores/moving": Sample(query="site={site}", form={"labels": "{counted_code}", "store_id": ""}),
    "GET /stores/moving/look": Sample(query="label={counted_code}"),
    "POST /stock-takes/{stock_take_id:uuid}/scan": Sample(form={"label": "{counted_code}"}),
    "GET /permit-use": Sample(query="organisation_id={receiver}"),
    "GET /permit-use.csv": Sample(query="organisation_id={receiver}"),
    "GET /permit-use.xlsx": Sample(query="organisation_id={receiver}"),
    "POST /treatment/{batch_id:uuid}/labels": Sample(form={}),
}
"""By verb and address."""
