"""R38: night is a fact beside others."""

import pytest

from tests.support.records import found, records
from wastetrack.checks.rules.r38_night import RULE

# 23:00 and 08:00 in China
NIGHT = {"manifest_id": "night", "departed_at": "2026-03-02 15:00", "distance_km": 100, "received_g": 1_000_000}
DAYS = [
    NIGHT
    | {"manifest_id": f"day-{day}", "departed_at": f"2026-02-{day:02} 00:00", "received_at": f"2026-02-{day:02} 03:00"}
    for day in range(1, 21)
]
IN_TIME = {"received_at": "2026-03-02 18:00"}


def test_night_alone_is_no_finding() -> None:
    assert found(RULE, records(manifests=[NIGHT | IN_TIME, *DAYS])) == []


@pytest.mark.parametrize(
    ("more", "grams"),
    [(IN_TIME | {"received_g": 950_000}, 50_000), ({"received_at": "2026-03-03 06:00"}, 1_000_000)],
    ids=["short", "late"],
)
def test_night_and_a_short_or_late_load_is_watched(more: dict[str, object], grams: int) -> None:
    (finding,) = found(RULE, records(manifests=[NIGHT | more, *DAYS]))

    assert (finding["subject_id"], finding["severity"], finding["at_risk_g"]) == ("night", 1, grams)


def test_who_works_at_night_is_not_odd_at_night() -> None:
    nights = [day | {"departed_at": f"2026-02-{number:02} 15:00"} for number, day in enumerate(DAYS, 1)]

    assert found(RULE, records(manifests=[NIGHT | IN_TIME | {"received_g": 950_000}, *nights])) == []


def test_a_load_that_came_soon_after_the_slowest_is_not_late() -> None:
    """At its slowest it is there at 19:20; two more hours are borne."""
    assert found(RULE, records(manifests=[NIGHT | {"received_at": "2026-03-02 21:19"}, *DAYS])) == []
    assert len(found(RULE, records(manifests=[NIGHT | {"received_at": "2026-03-02 21:21"}, *DAYS]))) == 1
