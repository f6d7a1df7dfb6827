"""R13: licence, certificate, insurance and verification on the day of use."""

import pytest

from tests.support.records import at, found, records, told
from wastetrack.checks.model import Rule
from wastetrack.checks.rules.q06_not_entered import RULE as NOT_ENTERED
from wastetrack.checks.rules.r13_valid import DRIVER, INSURANCE, RULE, SCALE
from wastetrack.checks.running import Answer

MOVED = {"carrier_id": "carrier", "vehicle_id": "truck", "driver_id": "driver"}
# The second of March in China begins at 16:00 UTC of the first
ON_TIME = MOVED | {"manifest_id": "on time", "departed_at": "2026-03-01 15:59"}
TOO_LATE = MOVED | {"manifest_id": "too late", "departed_at": "2026-03-01 16:01"}
MANIFESTS = [ON_TIME, TOO_LATE, MOVED | {"manifest_id": "not moved"}]


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        (RULE, {"vehicles": [{"vehicle_id": "truck", "licence_valid_to": "2026-03-01"}]}),
        (INSURANCE, {"vehicles": [{"vehicle_id": "truck", "insured_to": "2026-03-01"}]}),
        (DRIVER, {"people": [{"person_id": "driver", "certificate_valid_to": "2026-03-01"}]}),
    ],
    ids=["licence", "insurance", "certificate"],
)
def test_the_day_after_the_last_is_too_late(rule: Rule, rows: dict[str, list[dict[str, object]]]) -> None:
    (finding,) = found(rule, records(manifests=MANIFESTS, **rows))

    assert (finding["subject_id"], finding["party_id"], finding["severity"]) == ("too late", "carrier", 3)
    assert (finding["valid_to"], finding["statistic"]) == ("2026-03-01", 1)


def test_before_the_first_day_is_too_early() -> None:
    vehicles = [{"vehicle_id": "truck", "licence_valid_from": "2026-03-02", "licence_valid_to": "2027-03-01"}]

    assert [row["subject_id"] for row in found(RULE, records(manifests=MANIFESTS, vehicles=vehicles))] == ["on time"]


def test_a_vehicle_without_a_licence_in_the_records_says_nothing() -> None:
    vehicles = [{"vehicle_id": "truck"}]

    assert told(RULE, records(manifests=MANIFESTS, vehicles=vehicles)).answer is Answer.NO_DATA


def test_a_scale_is_told_once_with_all_its_weighings() -> None:
    scales = [
        {"scale_id": "old", "site_id": "plant", "verified_until": "2026-03-01"},
        {"scale_id": "new", "verified_until": "2027-03-01"},
    ]
    weighings = [
        {"scale_id": "old", "weighed_at": "2026-03-01 10:00"},
        {"scale_id": "old", "weighed_at": "2026-03-05 10:00"},
        {"scale_id": "old", "weighed_at": "2026-03-06 10:00"},
        {"scale_id": "new", "weighed_at": "2026-03-06 10:00"},
    ]

    (finding,) = found(SCALE, records(scales=scales, weighings=weighings))

    assert (finding["subject_id"], finding["party_id"], finding["statistic"]) == ("old", "plant", 2)
    assert (finding["found_at"], finding["weighed_g"]) == (at("2026-03-05 10:00"), 2_000_000)


def test_licences_that_all_ended_were_renewed_and_not_entered() -> None:
    trucks = range(6)
    vehicles = [{"vehicle_id": f"truck-{one}", "licence_valid_to": "2026-03-01", "insured_to": None} for one in trucks]
    people = [{"person_id": "driver", "certificate_valid_to": "2026-03-01"}]
    trips = [
        TOO_LATE | {"manifest_id": f"m-{number}", "vehicle_id": f"truck-{number % len(trucks)}"} for number in range(30)
    ]
    extract = records(manifests=trips, vehicles=vehicles, people=people)

    assert found(RULE, extract) == []
    (finding,) = found(NOT_ENTERED, extract)
    assert (finding["subject_id"], finding["reason"], finding["loads"]) == ("vehicles", "licence", 30)
    # The certificate of one driver is that driver's.
    assert len(found(DRIVER, extract)) == 30
