"""R02: what left and was seen at no gate."""

from tests.support.records import at, found, records, told
from wastetrack.checks.rules.r02_never_arrived import RULE
from wastetrack.checks.running import Answer

LOST = {"manifest_id": "lost", "carrier_id": "carrier", "departed_at": "2026-03-02 08:00", "distance_km": 100}
ARRIVED = LOST | {"manifest_id": "arrived", "arrived_at": "2026-03-02 11:00"}


def test_a_load_without_a_gate_is_found_a_day_after_it_was_due() -> None:
    extract = records(manifests=[LOST, ARRIVED])

    (finding,) = found(RULE, extract)

    # 100 km at 50 km/h and an hour of loading: due at 11:00, found a day later
    assert (finding["subject_id"], finding["party_id"], finding["found_at"]) == (
        "lost",
        "carrier",
        at("2026-03-03 11:00"),
    )
    assert (finding["at_risk_g"], finding["severity"]) == (1_000_000, 3)
    assert found(RULE, extract, "2026-03-03 10:59") == []


def test_a_gate_that_sees_it_too_late_leaves_the_finding() -> None:
    assert [
        row["subject_id"] for row in found(RULE, records(manifests=[LOST | {"arrived_at": "2026-03-05"}, ARRIVED]))
    ] == ["lost"]


def test_a_crime_by_mass_is_referred_after_three_days() -> None:
    (finding,) = found(RULE, records(manifests=[LOST | {"declared_g": 3_000_000}, ARRIVED]))

    assert finding["severity"] == 4


def test_without_gates_there_is_no_answer() -> None:
    assert told(RULE, records(manifests=[LOST])).answer is Answer.NO_DATA
