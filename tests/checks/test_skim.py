"""R04 and its charts: how long until an alarm, what is learned, who is named."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.records import found, records, told
from tests.support.streams import FIRST, loads
from wastetrack.checks.charts import cusum, limit, run_length
from wastetrack.checks.models.scale_effects import learned
from wastetrack.checks.models.skim import honest_limit
from wastetrack.checks.rules.r04_skim import RULE
from wastetrack.checks.running import Answer
from wastetrack.extracts.reading import connect


def plain(values: list[float]) -> list[float]:
    """The chart by its definition."""
    total, result = 0.0, []
    for value in values:
        total = max(0.0, total + value)
        result.append(total)
    return result


@settings(deadline=None, max_examples=25)
@given(streams=st.lists(st.lists(st.floats(-4, 4), max_size=30), min_size=1, max_size=4))
def test_the_windows_are_the_plain_recursion(streams: list[list[float]]) -> None:
    rows = [
        {"stream": f"s{which}", "place": place, "step": value}
        for which, values in enumerate(streams)
        for place, value in enumerate(values)
    ]
    backend = connect(memory="1GB", threads=1)
    backend.con.register(
        "rows",
        pa.Table.from_pylist(rows, pa.schema([("stream", pa.string()), ("place", pa.int64()), ("step", pa.float64())])),
    )
    table = backend.table("rows")

    charted = (
        cusum(table, "stream", ("place",), {"chart": table.step}).order_by("stream", "place").to_pyarrow().to_pylist()
    )

    for which, values in enumerate(streams):
        assert [row["chart"] for row in charted if row["stream"] == f"s{which}"] == pytest.approx(
            plain(values), abs=1e-9
        )


def runs(k: float, h: float, shift: float, *, streams: int, most: int, seed: int = 11) -> np.ndarray:
    """How many normal values of that mean each chart takes until it passes h; streams that do not are `most`."""
    rng = np.random.default_rng(seed)
    total, length = np.zeros(streams), np.full(streams, most)
    for step in range(1, most + 1):
        total = np.maximum(0.0, total + np.clip(rng.normal(shift, 1.0, streams), -4, 4) - k)
        length[(total > h) & (length == most)] = step
        if step % 50 == 0 and (length < most).all():
            break
    return length


# σ of a difference, skim, loads to detect at one false alarm in 1,000 and in 10,000 loads (k = 0.25)
PUBLISHED = (
    (0.2, 0.25, 9, 14), (0.2, 0.5, 4, 6), (0.5, 0.25, 31, 49), (0.5, 0.5, 12, 18), (0.5, 1.0, 6, 8),
    (1.0, 0.5, 31, 49), (1.0, 1.0, 12, 18), (2.0, 1.0, 31, 49), (5.0, 2.0, 44, 73),
)  # fmt: skip


@pytest.mark.parametrize(("sigma", "skim", "quick", "sure"), PUBLISHED)
def test_a_skim_is_found_after_the_published_number_of_loads(sigma: float, skim: float, quick: int, sure: int) -> None:
    for values, published in ((1000, quick), (10_000, sure)):
        # the published table starts where an honest chart stands, at a limit of 8.6 or 13.1
        mean = runs(0.25, limit(0.25, values), skim / sigma, streams=4000, most=2000).mean()
        assert mean == pytest.approx(published, rel=0.12, abs=1.0)


def test_honest_charts_run_as_long_as_their_limit_says() -> None:
    assert limit(0.25, 10_000) == pytest.approx(13.1, abs=1.0)
    for k, h in ((0.25, 6.0), (0.5, 4.0)):
        mean = runs(k, h, 0.0, streams=3000, most=6000).mean()
        assert mean == pytest.approx(run_length(k, h), rel=0.08)


def test_the_limit_learned_from_honest_charts_is_that_of_theory_even_among_thieves() -> None:
    rng = np.random.default_rng(8)
    steps = rng.normal(0, 1, (400, 500)) - 0.25
    total = steps.cumsum(axis=1)
    high = (total - np.minimum(np.minimum.accumulate(total, axis=1), 0)).max(axis=1)
    clean = honest_limit(np.full(400, 500.0), high, 0.25, 10_000)

    high[:80] += 200  # a fifth of the streams are stolen from
    with_thieves = honest_limit(np.full(400, 500.0), high, 0.25, 10_000)

    assert clean == pytest.approx(limit(0.25, 10_000), rel=0.15)
    assert with_thieves == pytest.approx(clean, rel=0.3)


def test_half_a_percent_is_found_within_thirty_loads_and_the_carrier_is_named() -> None:
    thief = loads(skims={"carrier1": (0.005, 200)})

    (finding,) = [row for row in found(RULE, thief) if row["subject_kind"] == "carrier"]

    assert (finding["subject_id"], finding["party_id"], finding["chart"]) == ("carrier1", "carrier1", "main")
    # carrier1 carries 600 loads in 364 days: 30 loads are 18 days
    assert FIRST + timedelta(days=200) < finding["found_at"] < FIRST + timedelta(days=218)
    assert finding["loss_share"] == pytest.approx(0.005, rel=0.15)
    assert finding["at_risk_g"] == pytest.approx(0.005 * 20_000_000 * 600 * 164 / 364, rel=0.15)
    assert finding["severity"] == 4
    assert finding["blind_g_per_load"] == pytest.approx(0.75 * 2**0.5 * 30_000, rel=0.25)


def test_nobody_is_named_where_nothing_is_missing() -> None:
    assert found(RULE, loads()) == []


@pytest.mark.parametrize("scale", ["ship0", "ship7", "plant1"])
@pytest.mark.parametrize("bias", [0.004, -0.004])
def test_a_scale_that_always_reads_wrong_never_raises_an_alarm(scale: str, bias: float) -> None:
    assert found(RULE, loads(biased={scale: bias})) == []


def test_a_loss_from_the_first_day_is_seen_where_others_stand_beside_the_carrier() -> None:
    (finding,) = found(RULE, loads(skims={"carrier2": (0.01, 0)}))

    assert (finding["subject_kind"], finding["subject_id"]) == ("carrier", "carrier2")


def test_a_loss_from_the_first_day_is_not_seen_where_nobody_else_serves_the_shippers() -> None:
    rows = found(RULE, loads(carriers_of_shipper=1, skims={"carrier2": (0.005, 0)}))

    assert "carrier2" not in {row["party_id"] for row in rows}


def test_a_loss_that_begins_later_is_not_learned_away_where_nobody_else_serves_the_shippers() -> None:
    rows = found(RULE, loads(carriers_of_shipper=1, skims={"carrier2": (0.01, 150)}))

    assert {row["party_id"] for row in rows} == {"carrier2"}
    assert max(row["at_risk_g"] for row in rows) == pytest.approx(0.01 * 20_000_000 * 600 * 214 / 364, rel=0.3)


def test_what_was_known_on_a_day_does_not_change_when_more_is_known() -> None:
    extract = loads(skims={"carrier1": (0.01, 150)})
    whole = {row["subject_id"]: row["found_at"] for row in found(RULE, extract)}

    early = {row["subject_id"]: row["found_at"] for row in found(RULE, extract, FIRST + timedelta(days=200))}

    assert early == {subject: at for subject, at in whole.items() if at <= FIRST + timedelta(days=200)}


def test_a_carrier_whose_loads_are_weighed_is_no_thief_beside_others_whose_weights_are_copied() -> None:
    """All waste dries by 0.4 %; from day 120 on one gate of three writes most weights of three carriers as told."""
    rows = loads(dry=0.004)["manifests"].to_pyarrow().to_pylist()
    copied = {
        number: lambda sent, _: (sent, sent)
        for number, row in enumerate(sorted(rows, key=lambda row: row["manifest_id"]))
        if number >= 800 and number % 5 and row["carrier_id"] != "carrier3" and row["receiver_site_id"] == "plant1"
    }

    assert found(RULE, loads(dry=0.004, written=copied)) == []


def test_no_scale_is_learned_from_loads_that_come_after() -> None:
    """The baseline of a month is the same, whatever is read in the months after it."""
    rng = np.random.default_rng(2)
    size = 240
    cells = {
        "sent_scale": [f"s{n % 5}" for n in range(size)],
        "taken_scale": [f"t{n % 3}" for n in range(size)],
        "carrier_id": [f"c{n % 4}" for n in range(size)],
        "period": sorted(n % 8 for n in range(size)),
        "waste_code": [f"w{n % 7}" for n in range(size)],
        "n": [10] * size,
        "precision": [10 / 0.0025**2] * size,
        "loss": (rng.normal(0, 1, size) / 0.0025).tolist(),
    }
    later = cells | {
        "loss": [
            loss if period < 6 else loss + 1e5 for loss, period in zip(cells["loss"], cells["period"], strict=True)
        ]
    }

    before, after = (
        sorted(
            (*(row[name] for name in ("period", "sent_scale", "taken_scale", "carrier_id")), round(row["baseline"], 12))
            for row in learned(pa.table(given)).to_pylist()
            if row["period"] <= 6
        )
        for given in (cells, later)
    )

    assert before == after
    assert len({row[0] for row in before}) == 7


def test_without_weighings_there_is_no_answer() -> None:
    assert told(RULE, records(manifests=[{"carrier_id": "c"}])).answer is Answer.NO_DATA
