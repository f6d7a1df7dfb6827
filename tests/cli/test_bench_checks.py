"""What `bench checks` makes of what it measured."""

from wastetrack.cli.benchmarking.checks import growth, rows_of

TOLD = {
    "seconds": 50.0, "cpu": 90.0, "scan": 2.0, "mib": 3000.0, "day": 4.0, "day_cpu": 9.5, "files_mib": 400.0,
    "rows": 9_000_000, "manifests": 600_000,
}  # fmt: skip


def test_growth_is_the_slope_of_logarithms() -> None:
    twice_as_slow = growth([(60_000, 10.0), (600_000, 200.0)])
    assert twice_as_slow.value == 1.301
    assert twice_as_slow.met is False
    assert growth([(60_000, 10.0), (200_000, 1.0), (600_000, 100.0)]).met is True, "from the least to the greatest"


def test_each_figure_stands_beside_its_yardstick() -> None:
    rows, took, cpu, memory, day, day_cpu = rows_of("M", TOLD)
    assert (rows.value, rows.yardstick, rows.ratio) == (9_000_000, 600_000, 15.0)
    assert (cpu.value, cpu.yardstick, cpu.met) == (90.0, 50.0, None)
    assert (day_cpu.value, day_cpu.yardstick, day_cpu.met) == (9.5, 90.0, False)
    assert (took.value, took.yardstick, took.ratio, took.met) == (50.0, 2.0, 0.04, True)
    assert (memory.value, memory.met) == (3000.0, True)
    assert (day.value, day.yardstick, day.ratio, day.met) == (4.0, 50.0, 0.08, True)
    late = rows_of("M", TOLD | {"seconds": 61.0, "mib": 9000.0, "day": 6.2})
    assert [row.met for row in late] == [None, False, None, False, False, False]
    assert rows_of("S", TOLD)[1].met is None, "only M and L have an aim"
