"""How the addresses of a gate's devices are called; those that devices call themselves are for their token alone."""

import json
from collections.abc import Mapping

from tests.access.sampling import Sample
from tests.support.gates import PersonKey
from wastetrack import clock

_A = "/api/v1"
_KEY = PersonKey().public
_SCAN = {
    "scan_id": "01939d6e-8a53-7c3e-9f6e-6f0a2a3c9b10",
    "device_id": "01939d6e-8a53-7c3e-9f6e-6f0a2a3c9b11",
    "membership_id": "01939d6e-8a53-7c3e-9f6e-6f0a2a3c9b12",
    "label": "HTTPS://WASTE.EXAMPLE/91/91370602MA0000012M9002490820261123001/92/ABCDEFGHIJ",
    "scale_id": "",
    "reject_reason": "",
    "happened_at": "2026-11-23T15:04:00+08:00",
    "told": "accepted",
    "signature": "AAAA",
}
_FILE = {"format": "wastetrack-gate-queue-1", "scans": [_SCAN]}
_ASIDE = {"settlement": "set_aside", "note": "退回车上"}
_DEVICE = {"device_id": "{device}"}
_ENDED = {"device_id": "{ended_device}"}

OF_GATE: Mapping[str, Sample] = {
    f"POST {_A}/gate-devices/{{device_id}}/ending": Sample(_ENDED, body={}),
    f"POST {_A}/gate/scans": Sample(body={"sent_at": clock.now().isoformat(), "scans": [_SCAN]}),
    f"POST {_A}/gate/scans/{{scan_id}}/photo": Sample({"scan_id": "{scan}"}, file={"file": ("a.png", b"x")}),
    f"POST {_A}/gate/waiting/{{scan_id}}/settling": Sample({"scan_id": "{scan}"}, body=_ASIDE),
    "GET /gate/live/{language}": Sample({"language": "zh"}),
    "GET /gate/live/{language}/app.webmanifest": Sample({"language": "zh"}),
    "POST /gate/devices": Sample(form={"site_id": "{home_site}", "name": "三号门", "public_key": _KEY}),
    "POST /gate/devices/{device_id:uuid}/people": Sample(_DEVICE, form={"token": "{gate_token}", "public_key": _KEY}),
    "POST /gate/devices/{device_id:uuid}/end": Sample(_ENDED, form={}),
    "POST /gate/waiting/{scan_id:uuid}": Sample({"scan_id": "{other_scan}"}, form=_ASIDE),
    "POST /gate/waiting/of/{manifest_id:uuid}": Sample(form={}),
    "POST /gate/queue-file": Sample(form={}, file={"file": ("queue.json", json.dumps(_FILE).encode())}),
}
"""By verb and address."""
