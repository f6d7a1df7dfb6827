"""How the addresses of tracks and zones are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample
from tests.access.things_of_tracks import track_file, zone_file

_A = "/api/v1"
_RECEIVER, _ZONE = {"receiver_id": "{in_lorry}"}, {"zone_id": "{zone}"}
_FITTED = {"vehicle_id": "{lorry}", "number": "13800138000"}
_TRACK = {"file": ("轨迹.csv", track_file("{home_plate}"))}
_ZONES = {"file": ("保护区.geojson", zone_file("门楼水库一级保护区"))}
_DAY = "since=2026-01-01T00:00:00%2B08:00&until=2026-01-02T00:00:00%2B08:00"

OF_TRACKS: Mapping[str, Sample] = {
    f"GET {_A}/vehicles/{{vehicle_id}}/positions": Sample({"vehicle_id": "{lorry}"}, query=_DAY),
    f"POST {_A}/positions": Sample(file=_TRACK),
    f"POST {_A}/vehicle-receivers": Sample(body=_FITTED),
    f"POST {_A}/vehicle-receivers/{{receiver_id}}/ending": Sample(_RECEIVER, body={}),
    f"POST {_A}/zones": Sample(file=_ZONES),
    f"POST {_A}/zones/{{zone_id}}/ending": Sample(_ZONE, body={}),
    "GET /positions/{import_id:uuid}": Sample({"import_id": "{track_file}"}),
    "POST /positions": Sample(form={}, file=_TRACK),
    "POST /positions/receivers": Sample(form=_FITTED),
    "POST /positions/receivers/{receiver_id:uuid}/ending": Sample(_RECEIVER, form={}),
    "POST /zones": Sample(form={}, file=_ZONES),
    "POST /zones/{zone_id:uuid}/ending": Sample(_ZONE, form={}),
}
