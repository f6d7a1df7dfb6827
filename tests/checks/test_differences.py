"""Single differences: what scales, drying and clerks do honestly, what is then still missing, and what was copied."""

from collections.abc import Callable

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.records import found, records
from tests.support.streams import TARE_G, loads
from wastetrack.checks.models.slips import signature
from wastetrack.checks.rules.f01_unit_slip import RULE as SLIP
from wastetrack.checks.rules.r03_difference import RULE as DIFFERENCE
from wastetrack.checks.rules.r04_skim import RULE as SKIM

Write = Callable[[int, int], tuple[int, int]]


@pytest.mark.parametrize(
    ("sent", "taken", "expected"),
    [
        (20_140_000, 20_120_000_0, "too_heavy"),
        (2_014_000, 20_120_000, "tenfold"),
        (20_140_000, 2_012_000, "tenfold"),
        (32_160_000, 20_120_000, "tare"),  # gross for net
        (20_140_000, 8_120_000, "tare"),  # the tare taken off twice
        (21_460_000, 12_440_000, "digits"),  # 12,460 with its first figures exchanged
        (18_060_000, 10_860_000, "digits"),  # 10,860 with its second and third exchanged
        (29_940_000, 20_900_000, "digits"),  # nine times a tonne: which figures were exchanged cannot be seen
        (20_140_000, 13_300_000, "none"),
        (20_140_000, 15_900_000, "none"),
        (21_580_000, 23_900_000, "none"),
    ],
)
def test_a_slip_leaves_its_signature_and_a_loss_none(sent: int, taken: int, expected: str) -> None:
    row = {"sent_g": sent, "taken_g": taken, "tare_g": 12_000_000, "share": 0.0, "room_g": 140_000.0}
    rows = ibis.memtable(pa.Table.from_pylist([row]))

    assert rows.select(slip=signature(rows, 60_000_000)).to_pyarrow()["slip"].to_pylist() == [expected]


def dumped(part: float) -> Write:
    """So much of the load did not come."""
    return lambda sent, came: (sent, round(came * (1 - part) / 20_000) * 20_000)


def gross_sent(sent: int, came: int) -> tuple[int, int]:
    """The shipper wrote gross for net."""
    return sent + TARE_G, came


def gross_taken(sent: int, came: int) -> tuple[int, int]:
    """The gate wrote gross for net."""
    return sent, came + TARE_G


def test_slips_of_both_sides_are_mistakes_and_dumps_among_them_are_losses() -> None:
    slips = {50 * n: (gross_sent, gross_taken)[n % 2] for n in range(1, 21)}
    dumps = {777: dumped(0.31), 1333: dumped(0.42), 2001: dumped(0.23)}
    extract = loads(written=slips | dumps)

    lost = [row for row in found(DIFFERENCE, extract) if row["severity"] >= 3]
    mistaken = found(SLIP, extract)

    assert {row["subject_id"] for row in lost} == {f"load{n:05}" for n in dumps}
    assert {row["subject_id"] for row in mistaken} == {f"load{n:05}" for n in slips}
    assert {row["signature"] for row in mistaken} == {"tare"}


def in_kilograms(sent: int, came: int) -> tuple[int, int]:
    """The shipper's export wrote kilograms where grams must stand."""
    return sent // 1000, came


def test_weights_in_another_unit_hide_no_loss_of_other_loads() -> None:
    dumps = {333: dumped(0.04), 1777: dumped(0.05)}
    extract = loads(written={50 * n + 1: in_kilograms for n in range(1, 31)} | dumps)

    lost = [row for row in found(DIFFERENCE, extract) if row["severity"] >= 3]

    assert {row["subject_id"] for row in lost} == {f"load{n:05}" for n in dumps}


def test_what_looks_like_a_slip_on_one_side_alone_is_no_slip() -> None:
    """Clerks err for and against the carrier alike: where only losses differ by the vehicle, waste is missing."""
    lost: dict[int, Write] = {100 * n: lambda _sent, _came: (26_000_000, 26_000_000 - TARE_G) for n in range(2, 22)}

    rows = [row for row in found(DIFFERENCE, loads(written=lost)) if row["severity"] >= 3]

    assert {row["subject_id"] for row in rows} == {f"load{n:05}" for n in lost}


def test_a_figure_that_was_put_right_later_is_a_mistake() -> None:
    manifests = [{"manifest_id": "load", "declared_g": 20_000_000, "carrier_id": "c"}]
    weighings = [
        {"manifest_id": "load", "side": "shipper", "method": "truck_scale", "net_g": 20_000_000},
        {"manifest_id": "load", "side": "receiver", "method": "truck_scale", "net_g": 13_640_000},
    ]
    right = {"manifest_id": "load", "kind": "correction", "field": "received_g", "old_g": 13_640_000,
             "new_g": 19_980_000}  # fmt: skip

    assert len(found(DIFFERENCE, records(manifests=manifests, weighings=weighings))) == 1
    corrected = records(manifests=manifests, weighings=weighings, amendments=[right])
    assert found(DIFFERENCE, corrected) == []
    (slip,) = found(SLIP, corrected)
    assert (slip["subject_id"], slip["signature"]) == ("load", "amended")
    # what another figure was changed to does not explain this one
    assert len(found(DIFFERENCE, records(
        manifests=manifests, weighings=weighings, amendments=[right | {"old_g": 13_660_000}]
    ))) == 1  # fmt: skip


def test_what_all_waste_of_a_code_dries_is_not_missing() -> None:
    assert [row for row in found(DIFFERENCE, loads(dry=0.015)) if row["difference_g"] > 0] == []
    (row,) = [
        row for row in found(DIFFERENCE, loads(dry=0.015, written={1500: dumped(0.03)})) if row["difference_g"] > 0
    ]
    assert row["subject_id"] == "load01500"
    assert row["expected_g"] == pytest.approx(0.015 * row["sent_g"], rel=0.1)


@settings(deadline=None, max_examples=2, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_honest_scales_of_any_bias_accuse_nobody_and_a_dump_or_a_skim_beside_them_is_found(data: st.DataObject) -> None:
    scales = [*(f"ship{n}" for n in range(12)), *(f"plant{n}" for n in range(3))]
    biased = {scale: data.draw(st.floats(-0.004, 0.004), label=scale) for scale in scales}
    dry = data.draw(st.floats(0, 0.01), label="dry")
    seed = data.draw(st.integers(0, 10_000), label="seed")
    part = data.draw(st.floats(0.15, 0.6), label="part")
    thief = data.draw(st.integers(0, 3), label="thief")

    honest = loads(biased=biased, dry=dry, seed=seed)
    # three loads in 10,000 is what the limit lets pass
    told = found(DIFFERENCE, honest)
    assert len(told) <= 4
    assert [row for row in told if row["severity"] >= 3] == []
    assert found(SKIM, honest) == []

    stolen = loads(
        biased=biased, dry=dry, seed=seed, written={1900: dumped(part)}, skims={f"carrier{thief}": (0.01, 200)}
    )
    assert "load01900" in {row["subject_id"] for row in found(DIFFERENCE, stolen)} | {
        row["subject_id"] for row in found(SLIP, stolen)
    }
    assert {row["party_id"] for row in found(SKIM, stolen)} == {f"carrier{thief}"}


SCALES = [
    {"scale_id": "platform", "site_id": "shipper", "kind": "platform", "division_g": 500},
    {"scale_id": "truck", "site_id": "receiver", "kind": "truck", "division_g": 20_000},
]


def copies(copied: set[int], count: int = 200, **declared: int) -> list[dict[str, object]]:
    """Loads from a platform scale to a truck scale; the gate wrote down the shipper's weight of some."""
    extract = []
    for number in range(count):
        net = 17_000_500 + 1_000 * number
        taken = net if number in copied else round(net / 20_000) * 20_000
        name = f"load{number:03}"
        extract.append({"manifest_id": name, "side": "shipper", "method": "platform_scale", "scale_id": "platform",
                        "net_g": net})  # fmt: skip
        extract.append({"manifest_id": name, "side": "receiver", "method": "truck_scale", "scale_id": "truck",
                        "net_g": declared.get(name, taken)})  # fmt: skip
    return extract


def manifests(count: int = 200, **declared: int) -> list[dict[str, object]]:
    """As their shippers declared them."""
    names = [f"load{number:03}" for number in range(count)]
    return [{"manifest_id": name, "declared_g": declared.get(name, 17_000_500 + 1_000 * number), "carrier_id": "c"}
            for number, name in enumerate(names)]  # fmt: skip


def test_a_weight_that_the_gates_scale_cannot_show_was_copied() -> None:
    extract = records(manifests=manifests(), weighings=copies({70}), scales=SCALES)

    (finding,) = found(DIFFERENCE, extract)

    assert (finding["subject_id"], finding["signature"], finding["party_id"]) == (
        "load070", "impossible_figure", "receiver",
    )  # fmt: skip
    assert finding["at_risk_g"] == 17_070_500


def test_a_gate_that_repeats_a_wrong_declaration_did_not_weigh() -> None:
    wrong = {"load030": 29_100_000}
    extract = records(manifests=manifests(**wrong), weighings=copies(set(), **wrong), scales=SCALES)

    assert "repeated_mistake" in {row["signature"] for row in found(DIFFERENCE, extract)}
    # a wrong declaration of a load that was weighed is nobody's loss
    assert found(DIFFERENCE, records(manifests=manifests(**wrong), weighings=copies(set()), scales=SCALES)) == []


def test_a_gate_that_copies_by_habit_is_told_elsewhere() -> None:
    extract = records(manifests=manifests(), weighings=copies(set(range(0, 200, 5))), scales=SCALES)

    assert found(DIFFERENCE, extract) == []


def test_estimates_are_tested_once_enough_of_them_tell_how_they_err() -> None:
    def guessed(count: int) -> list[dict[str, object]]:
        rows = []
        for number in range(count):
            name = f"load{number:04}"
            error = ((number * 37) % 101 - 50) / 50 * 0.1
            taken = 20_000_000 if number != 5 else 9_000_000
            rows.append({"manifest_id": name, "side": "shipper", "method": "estimate",
                         "net_g": round(20_000_000 * (1 + error) / 100_000) * 100_000})  # fmt: skip
            rows.append({"manifest_id": name, "side": "receiver", "method": "truck_scale", "net_g": taken})
        return rows

    def told_of(count: int) -> list[str]:
        names = [{"manifest_id": f"load{number:04}", "carrier_id": "c"} for number in range(count)]
        return [row["subject_id"] for row in found(DIFFERENCE, records(manifests=names, weighings=guessed(count)))]

    assert told_of(900) == []
    assert told_of(1100) == ["load0005"]
