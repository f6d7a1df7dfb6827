"""How the addresses of receivers' offers, of reservations and of terms are called."""

from collections.abc import Mapping

from tests.access.sampling import Sample

_A = "/api/v1"
_DAY = "{today}"
_OF = {"reservation_id": "{reservation}"}
_INTAKE = {"site_id": "{home_receiver_site}"}
_WASTE = {"waste_code": "900-249-08", "method": "D10"}
_WANTED = {"site_id": "{home_site}", "receiver_site_id": "{home_receiver_site}", **_WASTE}
_TERMS = {"is_open": True, "hold_days": 7, "prices": [{"pattern": "HW08", "fen_per_t": 120_000}]}
_TYPED_TERMS = {"site_id": "{home_receiver_site}", "is_open": "true", "hold_days": "7"}
_WHY = {"reason": "设备检修"}

OF_BOOKING: Mapping[str, Sample] = {
    f"GET {_A}/receiver-offers": Sample(query="site_id={site}&waste_code=900-249-08&mass_g=1000"),
    f"POST {_A}/reservations": Sample(body={**_WANTED, "mass_g": 1_000, "planned_on": _DAY}),
    f"GET {_A}/reservations/{{reservation_id}}": Sample(_OF),
    f"POST {_A}/reservations/{{reservation_id}}/withdrawal": Sample(_OF, body=_WHY),
    f"POST {_A}/reservations/{{reservation_id}}/refusal": Sample(_OF, body=_WHY),
    f"PUT {_A}/sites/{{site_id}}/intake": Sample(_INTAKE, body=_TERMS),
    f"POST {_A}/sites/{{site_id}}/intake/days": Sample(_INTAKE, body={"days": [{"day": _DAY, "free_g": 90_000_000}]}),
    "GET /receivers": Sample(query="site_id={site}&waste_code=900-249-08&mass=0.001"),
    "POST /receivers": Sample(form={**_WANTED, "mass": "0.001", "on": _DAY}),
    "GET /reservations/{reservation_id:uuid}": Sample(_OF),
    "POST /reservations/{reservation_id:uuid}/give-up": Sample(_OF, form=_WHY),
    "POST /reservations/{reservation_id:uuid}/decline": Sample(_OF, form=_WHY),
    "POST /intake": Sample(form=_TYPED_TERMS),
    "POST /intake/days": Sample(form={"site_id": "{home_receiver_site}", f"free.{_DAY}": "90"}),
}
