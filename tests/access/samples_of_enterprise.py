"""How the addresses of weighing, of chosen containers, of planning a manifest and of its templates are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_A = "/api/v1"
_T = f"{_A}/manifest-templates"
_P = "/manifests/templates/{template_id:uuid}"
_CHOSEN = "chosen={container}"
_SITE = "site_id={home_site}"
_API: Mapping[str, Sample] = {
    f"POST {_T}": Sample(body={"manifest_id": "{filed}", "name": "每月废油"}),
    f"POST {_T}/{{template_id}}/renaming": Sample(body={"name": "每周废油"}),
    f"POST {_T}/{{template_id}}/removal": Sample(body={}),
    f"POST {_A}/manifests/foreseen": Sample(body={"shipper_site_id": "{home_site}", "container_ids": ["{container}"]}),
}
_PAGES: Mapping[str, Sample] = {
    "GET /containers/new/told": Sample(query=f"{_SITE}&waste_code=900-249-08"),
    "GET /containers/printing": Sample(query=_CHOSEN),
    "POST /containers/printing": Sample(form={"chosen": "{container}", "why": "reprint", "paper": "single"}),
    "GET /containers/moving": Sample(query=_CHOSEN),
    "POST /containers/moving": Sample(form={"chosen": "{container}", "store_id": ""}),
    "GET /manifests/checks": Sample(query=f"{_SITE}&container_ids={{container}}"),
    "POST /manifests/{manifest_id:uuid}/template": Sample(
        {"manifest_id": "{filed}"}, form={"template_name": "每月废油"}
    ),
    f"POST {_P}/rename": Sample(form={"template_name": "每周废油"}),
    f"POST {_P}/delete": Sample(form={}),
}
OF_ENTERPRISE: Mapping[str, Sample] = {**_API, **_PAGES}
"""By verb and address."""
