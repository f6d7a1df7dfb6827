"""R48: trips that look as those of loads that were proved short, and how late trips are beside their lane."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.support.records import found, records
from wastetrack.checks.models.lateness import lateness
from wastetrack.checks.rules.r48_looks_short import RULE
from wastetrack.extracts.reading import Records

FIRST = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SITES = [
    {"site_id": "shipper", "kind": "generator", "latitude": 36.0, "longitude": 117.0},
    {"site_id": "receiver", "kind": "disposer", "latitude": 36.0, "longitude": 118.0},
]
DAYS = 1200
SHORT = tuple(range(10, 600, 40))
"""Fifteen loads of which the gate of its own weighed a third too little."""
HIDDEN = (333, 777, 911)
"""As late as these, and of the weight that was sent."""
RESTS = tuple(range(7, DAYS, 60))
"""Rests of four hours, of honest drivers."""


def world(
    *, short: tuple[int, ...] = SHORT, late: int = 50, rests: tuple[int, ...] = RESTS, thief: str | None = "thief"
) -> Records:
    """Four loads of 20 t a day, in 120 minutes and some; firms take turns, all that is wrong is done by one, or any."""
    noise = np.random.default_rng(5).normal(0.0, 1.0, (DAYS, 3))
    manifests, weighings = [], []
    for day in range(DAYS):
        name, begins = f"m{day}", FIRST + timedelta(days=day / 4)
        wrong = day in short or day in HIDDEN
        minutes = 120.0 + 3.0 * noise[day, 0] + (late if wrong else 240 if day in rests else 0)
        arrives = begins + timedelta(minutes=float(minutes))
        carrier = thief if thief and (wrong or day % 6 == 0) else f"firm{day % 7}"
        manifests.append(
            {"manifest_id": name, "carrier_id": carrier, "departed_at": begins, "arrived_at": arrives,
             "declared_g": 20_000_000, "distance_km": 95.0}
        )  # fmt: skip
        sent = 20_000_000 + round(2 * noise[day, 1]) * 20_000
        came = sent + round(2 * noise[day, 2]) * 20_000 - (7_100_000 if day in short else 0)
        side = {"manifest_id": name, "method": "truck_scale"}
        weighings += [
            side | {"side": "shipper", "net_g": sent, "weighed_at": begins},
            side | {"side": "receiver", "net_g": came // 20_000 * 20_000, "weighed_at": arrives},
        ]
    return records(sites=SITES, manifests=manifests, weighings=weighings)


def test_minutes_beyond_the_usual_of_the_lane_are_late_and_their_error_is_that_of_its_trips() -> None:
    rows = {row["manifest_id"]: row for row in lateness(world()).to_pyarrow().to_pylist()}

    assert rows["m333"]["late_minutes"] == pytest.approx(50.0, abs=12.0)
    assert abs(rows["m1"]["late_minutes"]) < 12.0
    assert rows["m1"]["late_sigma"] == pytest.approx(3.0, abs=0.8)


def test_a_load_that_came_as_late_as_the_short_ones_is_suspected_whatever_its_gate_wrote() -> None:
    findings = found(RULE, world())

    assert {row["subject_id"] for row in findings} == {f"m{day}" for day in HIDDEN}
    (one,) = [row for row in findings if row["subject_id"] == "m333"]
    assert one["party_id"] == "thief"
    assert one["times_likelier"] > 10.0
    assert one["posterior"] > 0.8
    assert one["late_minutes"] == pytest.approx(50.0, abs=12.0)
    assert one["at_risk_g"] == 20_000_000


def test_where_honest_drivers_come_as_late_nobody_is_suspected() -> None:
    """A rest as long as a dump takes, on each third trip: the sort is full, and says nothing."""
    rests = tuple(day for day in range(DAYS) if day % 3 == 1 and day not in SHORT and day not in HIDDEN)

    assert found(RULE, world(late=240, rests=rests, thief=None)) == []


def test_before_enough_losses_are_proved_nobody_knows_how_such_trips_look() -> None:
    assert found(RULE, world(short=SHORT[:8])) == []
    assert found(RULE, world(), enough_proved=20) == []
