"""R25: what is kept for too long."""

from tests.support.records import at, found, records
from wastetrack.checks.rules.r25_age import COLLECTED, MEDICAL, RULE

MEDICAL_CODE = "841-001-01"


def bag(name: str, made: str, **more: object) -> dict[str, object]:
    """A bag of a hospital."""
    return {
        "container_id": name,
        "site_id": "hospital",
        "waste_code": MEDICAL_CODE,
        "net_g": 5_000,
        "made_at": made,
    } | more


def test_medical_waste_that_left_after_two_days_or_still_stands_is_found_then() -> None:
    manifests = [
        {"manifest_id": "in time", "shipper_site_id": "hospital", "departed_at": "2026-03-04 00:00"},
        {"manifest_id": "late", "shipper_site_id": "hospital", "departed_at": "2026-03-04 08:00"},
    ]
    containers = [
        bag("in time", "2026-03-02 00:00"),
        bag("late", "2026-03-02 01:00"),
        bag("stands", "2026-03-03 00:00", held_site_id="hospital"),
        bag("gone", "2026-03-03 00:00"),
        bag("burnt here", "2026-03-03 00:00", ended_at="2026-03-04 00:00"),
        *(bag(f"fresh-{number}", "2026-03-07 00:00") for number in range(3)),
        bag("oil", "2026-03-02 00:00", waste_code="900-249-08", held_site_id="hospital"),
    ]
    loads = [{"manifest_id": name, "container_id": name} for name in ("in time", "late")]
    extract = records(manifests=manifests, containers=containers, loads=loads)

    (finding,) = found(MEDICAL, extract)

    assert (finding["subject_id"], finding["pieces"], finding["at_risk_g"]) == ("hospital", 2, 10_000)
    assert (finding["found_at"], finding["severity"]) == (at("2026-03-04 01:00"), 3)
    (early,) = found(MEDICAL, extract, "2026-03-04 12:00")
    assert (early["pieces"], early["severity"]) == (1, 2)
    # The bag that stands there is inspected after four days.
    assert [row["severity"] for row in found(MEDICAL, extract, "2026-03-07 00:00")] == [2]
    assert [row["severity"] for row in found(MEDICAL, extract, "2026-03-07 00:01")] == [3]


def test_all_medical_waste_of_a_site_and_month_is_one_finding() -> None:
    containers = [
        bag(code, "2026-03-02", waste_code=code, held_site_id="hospital") for code in ("841-001-01", "841-002-01")
    ]

    (finding,) = found(MEDICAL, records(containers=containers))

    # Both of two are late: where that is so everywhere, it is watched.
    assert (finding["pieces"], finding["severity"]) == (2, 1)


PLANT = {"site_id": "plant", "kind": "intermediate"}
CAME = {
    "manifest_id": "came",
    "receiver_site_id": "plant",
    "departed_at": "2025-01-01 08:00",
    "received_at": "2025-01-01 12:00",
}
DRUM = {"container_id": "drum", "made_at": "2024-12-20", "net_g": 200_000}
LOAD = {"manifest_id": "came", "container_id": "drum", "outcome": "accepted"}


def test_a_drum_in_a_licensed_store_is_watched_and_then_inspected() -> None:
    extract = records(sites=[PLANT], manifests=[CAME], containers=[DRUM | {"held_site_id": "plant"}], loads=[LOAD])

    assert found(RULE, extract, "2025-12-02 11:00") == []
    (watched,) = found(RULE, extract, "2025-12-02 13:00")
    assert (watched["severity"], watched["found_at"], watched["subject_id"]) == (1, at("2025-12-02 12:00"), "plant")
    (grave,) = found(RULE, extract, "2026-01-02")
    assert (grave["severity"], grave["at_risk_g"]) == (3, 200_000)


def test_a_drum_that_went_on_or_was_emptied_in_time_is_fine() -> None:
    on = {"manifest_id": "on", "shipper_site_id": "plant", "receiver_site_id": "furnace", "departed_at": "2025-10-01"}
    onward = [LOAD, LOAD | {"manifest_id": "on"}]
    emptied = DRUM | {"container_id": "emptied", "ended_at": "2025-10-01"}
    loads = [*onward, LOAD | {"container_id": "emptied"}]

    assert found(RULE, records(sites=[PLANT], manifests=[CAME, on], containers=[DRUM, emptied], loads=loads)) == []


def test_a_drum_that_went_on_too_late_was_too_old() -> None:
    on = {"manifest_id": "on", "shipper_site_id": "plant", "receiver_site_id": "furnace", "departed_at": "2026-03-01"}

    (finding,) = found(
        RULE,
        records(sites=[PLANT], manifests=[CAME, on], containers=[DRUM], loads=[LOAD, LOAD | {"manifest_id": "on"}]),
    )

    assert (finding["severity"], finding["oldest_days"]) == (3, 423.5)


def test_generators_are_not_licensed_stores() -> None:
    home = PLANT | {"kind": "generator"}

    assert (
        found(
            RULE, records(sites=[home], manifests=[CAME], containers=[DRUM | {"held_site_id": "plant"}], loads=[LOAD])
        )
        == []
    )


def test_collected_oil_is_asked_for_after_ninety_working_days() -> None:
    oil = DRUM | {"waste_code": "900-214-08", "held_site_id": "plant"}
    permits = [{"site_id": "plant", "kind": "collection"}]
    extract = records(sites=[PLANT], permits=permits, manifests=[CAME], containers=[oil], loads=[LOAD])

    # Spring festival, Qingming and the weekends that were worked for them: the ninetieth working day is 16 May.
    assert found(COLLECTED, extract, "2025-05-16 15:59") == []
    (finding,) = found(COLLECTED, extract, "2025-05-16 16:01")
    assert (finding["subject_id"], finding["severity"], finding["found_at"]) == ("plant", 2, at("2025-05-16 16:00"))
    assert finding["threshold"] == (at("2025-05-16 16:00") - at("2025-01-01 12:00")).total_seconds() / 3600
    whole = [{"site_id": "plant", "kind": "comprehensive"}]
    assert (
        found(COLLECTED, records(sites=[PLANT], permits=whole, manifests=[CAME], containers=[oil], loads=[LOAD])) == []
    )
