"""Small worlds, made once for all tests."""

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from wastetrack.extracts.reading import Records, open_extract
from wastetrack.simulation.simulating import Wish, simulate, wish
from wastetrack.simulation.sizes import Hardness, Size, Untidiness
from wastetrack.simulation.writing import Format


@dataclasses.dataclass(frozen=True)
class Made:
    """A world on the disk."""

    folder: Path
    records: Records

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Of a question in SQL; the truth is there as `truth` and `truth_manifests`."""
        con = self.records.backend.con
        for name in ("truth", "truth_manifests"):
            con.execute(f"create or replace view {name} as from '{self.folder}/truth/{name}.parquet'")
        return told(con, sql)

    def one(self, sql: str) -> float:
        """The only number of a question."""
        ((number,),) = self.rows(sql)
        assert isinstance(number, int | float | Decimal), f"{sql} gives {number!r}"
        return float(number)


def told(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """Rows by way of Arrow: DuckDB by itself makes instants only with pytz."""
    return [tuple(row.values()) for row in con.sql(sql).to_arrow_table().to_pylist()]


Make = Callable[..., Made]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """A world of size XS, made at the first asking."""
    made: dict[tuple[object, ...], Made] = {}

    def make(
        schemes: str = "none", *, hardness: Hardness = Hardness.HARD, untidy: Untidiness | None = None, seed: int = 7
    ) -> Made:
        asked = (schemes, hardness, untidy, seed)
        if asked not in made:
            wanted: Wish = wish(Size.XS, hardness, seed, schemes=schemes, form=Format.PARQUET)
            if untidy is not None:
                wanted = dataclasses.replace(wanted, untidy=untidy)
            folder = tmp_path_factory.mktemp("world") / "world"
            simulate(wanted, folder)
            made[asked] = Made(folder, open_extract(folder))
        return made[asked]

    return make
