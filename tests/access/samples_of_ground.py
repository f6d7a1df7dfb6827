"""How the addresses of distances by road are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_FILE = {"file": ("roads.csv", b"from,to,km\r\n370602,{plant_site},18.5\r\n")}
_BODY = {"reason": "路网 2026", "lines": [{"origin": "370602", "site_id": "{plant_site}", "km": 18.5}]}

OF_GROUND: Mapping[str, Sample] = {
    "POST /api/v1/capacity/roads": Sample(body=_BODY),
    "POST /capacity/roads": Sample(form={"reason": "路网 2026"}, file=_FILE),
}
