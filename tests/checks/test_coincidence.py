"""How often a loss looks like a clerk's slip, or an error of an estimate, by chance."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from wastetrack.checks.models.coincidence import beside_estimates, by_chance

LOSSES = pa.table({"manifest_id": ["a", "b"], "part": [0.3, 0.37]})


def fine(sent: list[int], tare: int) -> ir.Table:
    """Loads of which all came, on scales of 20 kg steps."""
    count = len(sent)
    return ibis.memtable(
        pa.table(
            {
                "manifest_id": [f"load{n:04}" for n in range(count)],
                "waste_code": ["code"] * count,
                "sent_g": sent,
                "taken_g": sent,
                "tare_g": [tare] * count,
                "share": [0.0] * count,
                "room_g": [100_000.0] * count,
                "division_g": [20_000] * count,
                "all_sigma_g": [one * 0.06 for one in sent],
                "z": [0.0] * count,
                "z_limit": [4.0] * count,
            }
        )
    )


def read(table: ir.Table, key: str) -> dict[str, float]:
    return {row[key]: row["chance"] for row in table.to_pyarrow().to_pylist()}


def sized(table: ir.Table) -> ir.StringValue:
    return (table.z > 6.0).ifelse("far", "near")


def test_a_loss_that_is_by_chance_as_heavy_as_the_vehicle_bears_the_mark_of_gross_for_net() -> None:
    twenty = [20_000_000] * 100

    assert read(by_chance(fine(twenty, 6_000_000), ibis.memtable(LOSSES), 60e6), "slip") == {"none": 1.0, "tare": 1.0}
    assert "tare" not in read(by_chance(fine(twenty, 12_000_000), ibis.memtable(LOSSES), 60e6), "slip")


def test_the_same_losses_are_seen_beside_an_estimate_where_they_are_larger_than_its_error() -> None:
    loads = fine([20_000_000] * 100, 6_000_000)

    assert read(beside_estimates(loads, ibis.memtable(LOSSES), sized), "size") == {"near": 0.5, "far": 0.5}
    blunt = loads.mutate(z_limit=6.0)
    assert read(beside_estimates(blunt, ibis.memtable(LOSSES), sized), "size") == {"far": 0.5}


def test_without_losses_nothing_is_said() -> None:
    none = ibis.memtable(LOSSES.slice(0, 0))
    loads = fine([20_000_000] * 100, 6_000_000)

    assert read(by_chance(loads, none, 60e6), "slip") == {}
    assert read(beside_estimates(loads, none, sized), "size") == {}
