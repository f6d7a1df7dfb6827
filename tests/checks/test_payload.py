"""R15: more than the vehicle may load."""

import pytest

from tests.support.records import at, found, records
from wastetrack.checks.rules.r15_payload import ABSOLUTE, RULE

TRUCK = {"vehicle_id": "truck", "rated_load_g": 10_000_000}
LOAD: dict[str, object] = {
    "manifest_id": "m",
    "vehicle_id": "truck",
    "carrier_id": "carrier",
    "departed_at": "2026-03-02 08:00",
}


def test_up_to_five_percent_more_is_allowed() -> None:
    assert found(RULE, records(vehicles=[TRUCK], manifests=[LOAD | {"declared_g": 10_500_000}])) == []

    (finding,) = found(RULE, records(vehicles=[TRUCK], manifests=[LOAD | {"declared_g": 10_600_000}]))
    assert (finding["severity"], finding["party_id"], finding["at_risk_g"]) == (2, "carrier", 100_000)
    assert (finding["found_at"], finding["limit_g"]) == (at("2026-03-02 08:00"), 10_500_000)


def test_what_only_the_receiver_weighed_is_known_when_it_did() -> None:
    load = LOAD | {"declared_g": 9_000_000, "received_g": 14_000_000, "received_at": "2026-03-02 12:00"}

    (finding,) = found(RULE, records(vehicles=[TRUCK], manifests=[load]))

    assert (finding["found_at"], finding["severity"]) == (at("2026-03-02 12:00"), 3)


@pytest.mark.parametrize("run", [{"trip_id": "run"}, {"manifest_id": "m"}], ids=["milk run", "codes of a manifest"])
def test_what_is_on_the_vehicle_together_is_summed(run: dict[str, object]) -> None:
    loads = [
        LOAD | {"manifest_id": f"m-{code}", "declared_g": 6_000_000, "waste_code": code} | run
        for code in ("900-041-49", "900-249-08")
    ]

    (finding,) = found(RULE, records(vehicles=[TRUCK], manifests=loads))

    assert finding["mass_g"] == 12_000_000


def test_two_trips_of_six_tonnes_are_two_trips() -> None:
    loads = [LOAD | {"manifest_id": name, "declared_g": 6_000_000} for name in ("a", "b")]

    assert found(RULE, records(vehicles=[TRUCK], manifests=loads)) == []


def test_no_vehicle_carries_forty_tonnes_or_twenty_of_medical_waste() -> None:
    loads = [
        {"manifest_id": "road", "declared_g": 40_000_001},
        {"manifest_id": "full", "declared_g": 40_000_000},
        {"manifest_id": "medical", "declared_g": 20_000_001, "kind": "medical"},
        {"manifest_id": "month", "declared_g": 900_000_000, "kind": "continuous"},
    ]

    assert [row["subject_id"] for row in found(ABSOLUTE, records(manifests=loads))] == ["medical", "road"]


def test_what_one_side_wrote_and_the_others_scale_does_not_show_was_on_no_vehicle() -> None:
    slip = LOAD | {"declared_g": 60_000_000, "received_g": 6_000_000, "received_at": "2026-03-02 12:00"}

    assert found(RULE, records(vehicles=[TRUCK], manifests=[slip])) == []
    assert found(ABSOLUTE, records(manifests=[slip])) == []
    # Until the gate has weighed it is asked about; what went back was on the vehicle too.
    (asked,) = found(RULE, records(vehicles=[TRUCK], manifests=[slip | {"received_g": None}]))
    assert asked["severity"] == 2
    (rejected,) = found(RULE, records(vehicles=[TRUCK], manifests=[slip | {"rejected_g": 54_000_000}]))
    assert (rejected["severity"], rejected["mass_g"]) == (3, 60_000_000)


@pytest.mark.parametrize(("method", "findings"), [("truck_scale", 0), ("estimate", 1)])
def test_a_gate_alone_is_believed_where_no_scale_weighed_before(method: str, findings: int) -> None:
    load = LOAD | {"declared_g": 9_000_000, "received_g": 14_000_000, "received_at": "2026-03-02 12:00"}
    weighing = {"manifest_id": "m", "side": "shipper", "method": method, "net_g": 9_000_000}

    assert len(found(RULE, records(vehicles=[TRUCK], manifests=[load], weighings=[weighing]))) == findings
