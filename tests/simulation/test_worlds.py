"""A made world is an extract like any other, always the same for a seed, and honest where nobody cheats."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from tests.simulation.conftest import Make, told
from wastetrack.errors import Conflict
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import open_extract
from wastetrack.simulation.cast import CLASSES, cast
from wastetrack.simulation.chances import Chances
from wastetrack.simulation.simulating import simulate, wish
from wastetrack.simulation.sizes import COUNTS, Hardness, Size
from wastetrack.simulation.writing import Format


def digests(folder: Path) -> dict[str, str]:
    """Of all files of a folder, by name."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_seed_gives_the_same_bytes_and_another_seed_others(make: Make, tmp_path: Path) -> None:
    first = make("all")
    simulate(wish(Size.XS, Hardness.HARD, 7, schemes="all"), tmp_path / "again")
    simulate(wish(Size.XS, Hardness.HARD, 8, schemes="all"), tmp_path / "other")
    assert digests(first.folder) == digests(tmp_path / "again")
    same = digests(first.folder).items() & digests(tmp_path / "other").items()
    assert not same


def test_every_table_but_those_of_earlier_alarms_positions_and_zones_has_rows(make: Make) -> None:
    made = make("all")
    empty = {name for name in TABLES if not made.one(f"select count(*) from {name}")}
    assert empty == {"alarms", "positions", "zones"}


def test_lines_say_the_same_as_parquet(make: Make, tmp_path: Path) -> None:
    simulate(wish(Size.XS, Hardness.HARD, 7, schemes="all", form=Format.NDJSON), tmp_path / "lines")
    lines, made = open_extract(tmp_path / "lines"), make("all")
    for name in set(TABLES) - {"alarms", "positions", "zones"}:
        count = f"select count(*) from {name}"
        assert told(lines.backend.con, count) == made.rows(count)
        sample = f"select * from {name} order by all limit 300"
        assert told(lines.backend.con, sample) == made.rows(sample), name


def test_references_lead_somewhere(make: Make) -> None:
    made = make("all")
    for table in TABLES.values():
        for column in table.columns:
            if column.refers:
                key = TABLES[column.refers].key[0]
                lost = made.one(
                    f"select count(*) from {table.name} where {column.name} is not null "
                    f"and {column.name} not in (select {key} from {column.refers})"
                )
                assert lost == 0, f"{table.name}.{column.name}"


def test_no_vehicle_is_in_two_places_and_no_time_goes_backwards_among_the_honest(make: Make) -> None:
    made = make()
    overlaps = made.one(
        "with trip as (select departed_at, received_at, "
        "lead(departed_at) over (partition by vehicle_id order by departed_at) as next "
        "from manifests where departed_at is not null) select count(*) from trip where next < received_at"
    )
    backwards = made.one(
        "select count(*) from manifests where departed_at < filed_at or arrived_at < departed_at "
        "or received_at < arrived_at or received_recorded_at < received_at or closed_at < received_recorded_at"
    )
    assert (overlaps, backwards) == (0, 0)
    assert made.one("select count(*) from containers where made_at >= ended_at or held_since_at < made_at") == 0


def test_nothing_happens_after_the_records_end_or_before_they_begin(make: Make) -> None:
    made = make("all")
    for table in TABLES.values():
        for column in table.columns:
            if column.kind.value == "instant":
                outside = made.one(
                    f"select count(*) from {table.name} where {column.name} >= '2025-12-31T16:00:00Z' "
                    f"or {column.name} < '2024-12-31T16:00:00Z'"
                )
                assert outside == 0, f"{table.name}.{column.name}"


def test_months_hold_what_is_theirs(make: Make) -> None:
    made = make("all")
    for table in TABLES.values():
        for file in sorted((made.folder / table.name).glob("*.parquet")):
            wrong = made.one(
                f"select count(*) from '{file}' "
                f"where strftime({table.month_of} + interval 8 hour, '%Y-%m') <> '{file.stem}'"
            )
            assert wrong == 0, file


def test_sizes_are_those_of_the_province() -> None:
    made = cast(COUNTS[Size.S], Chances(np.random.SeedSequence(3)))
    annual = made.sites.annual_g[: made.counts.generators]
    size = made.sites.size_class[: made.counts.generators]
    for number, (firms, mass, _, _) in enumerate(CLASSES):
        assert (size == number).mean() == pytest.approx(firms, abs=0.001)
        assert annual[size == number].sum() / annual.sum() == pytest.approx(mass, rel=0.35, abs=0.001)


@pytest.mark.parametrize("hardness", Hardness)
def test_the_year_has_about_the_manifests_of_its_size(make: Make, hardness: Hardness) -> None:
    wanted = COUNTS[Size.XS].manifests
    assert 0.75 * wanted < make(hardness=hardness).one("select count(*) from manifests") < 1.25 * wanted


def test_a_hard_world_is_less_tidy(make: Make) -> None:
    def corrected(hardness: Hardness) -> float:
        return make(hardness=hardness).one("select count(*) from amendments where kind = 'correction'")

    assert corrected(Hardness.HARD) > 4 * corrected(Hardness.EASY) > 0


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Conflict, match="not empty"):
        simulate(wish(Size.XS, Hardness.EASY, 1), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
