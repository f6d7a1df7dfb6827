"""DuckDB and Spark: the same expressions, the same findings, of every rule, on a made world."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.support.outcomes import difference
from tests.support.spark import spark_here
from wastetrack.checks.every import RULES
from wastetrack.checks.running import Answer, end_of, run
from wastetrack.errors import RuleBroken, Unavailable
from wastetrack.extracts.columns import Kind
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Engine, Records, open_extract
from wastetrack.simulation.simulating import simulate, wish
from wastetrack.simulation.sizes import Hardness, Size

# Spark leaves the sockets of its answers to the collector of rubbish.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*<socket:pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest world, with every scheme and where its vehicles were."""
    folder = tmp_path_factory.mktemp("worlds") / "xs"
    for _ in simulate(wish(Size.XS, Hardness.HARD, 71, schemes="all", positions=True), folder):
        pass
    return folder


@pytest.fixture(scope="module")
def spark(world: Path) -> Iterator[Records]:
    """That world on Spark; the session ends with this module."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        spark_here(monkeypatch)
        records = open_extract(world, engine=Engine.SPARK, master="local[2]", memory="2g")
        yield records
        records.backend.disconnect()


def test_every_rule_finds_the_same_on_both_engines(world: Path, spark: Records) -> None:
    duckdb = open_extract(world, memory="2GB")
    ends_at = end_of(duckdb)
    assert end_of(spark) == ends_at
    wrong, answers = [], []
    for here, there in zip(run(duckdb, RULES, as_of=ends_at), run(spark, RULES, as_of=ends_at), strict=True):
        answers.append(here.answer)
        if told := difference(here, there):
            wrong.append(f"{here.rule.id}: {told}")
    assert not wrong
    assert answers.count(Answer.FOUND) > 20, "a world in which little is found compares little"


def test_files_that_others_wrote_are_read_alike(tmp_path: Path, world: Path, spark: Records) -> None:
    del spark  # it is only to be there
    odd, lines = tmp_path / "odd", tmp_path / "lines"
    manifests = pa.concat_tables([pq.read_table(path) for path in sorted((world / "manifests").glob("*.parquet"))])
    (odd / "manifests").mkdir(parents=True)
    lines.mkdir()
    # 32 bits, nanoseconds, no zone, dictionaries, a column that is absent or empty, another order of columns
    first = manifests.slice(0, 500).drop_columns(["price_per_t"])
    first = _with(first, "filed_at", pa.timestamp("ns", "UTC"))
    first = _with(first, "departed_at", pa.timestamp("us"))
    first = _with(first, "declared_g", pa.int64()).select(sorted(first.column_names))
    second = _with(manifests.slice(500, 500), "waste_code", pa.dictionary(pa.int32(), pa.string()))
    second = second.set_column(second.schema.get_field_index("number"), "number", pa.nulls(second.num_rows))
    pq.write_table(first, odd / "manifests" / "a.parquet", version="2.6")
    pq.write_table(second, odd / "manifests" / "b.parquet")
    with (lines / "manifests.ndjson").open("w", encoding="utf-8") as file:
        for row in manifests.slice(0, 300).to_pylist():
            file.write(
                json.dumps({k: v if isinstance(v, int | float | str | None) else v.isoformat() for k, v in row.items()})
            )
            file.write("\n")
    for folder in (odd, lines):
        here, there = (
            open_extract(folder, engine=engine, memory="2g", master="local[2]")["manifests"]
            .order_by("manifest_id", "waste_code")
            .to_pyarrow()
            for engine in (Engine.DUCKDB, Engine.SPARK)
        )
        assert here.num_rows in (1000, 300)
        assert here.schema == there.schema
        for name in here.column_names:
            assert here[name].to_pylist() == there[name].to_pylist(), f"{folder.name} {name}"


def test_what_cannot_be_read_is_refused_before_spark_sees_it(tmp_path: Path, world: Path, spark: Records) -> None:
    del spark
    rows = pq.read_table(next((world / "manifests").glob("*.parquet")))
    pq.write_table(pa.concat_tables([rows, rows.slice(3, 1)]), tmp_path / "manifests.parquet")
    with pytest.raises(RuleBroken) as refused:
        open_extract(tmp_path, engine=Engine.SPARK, memory="2g", master="local[2]")
    assert refused.value.broken[0].field.startswith(f"manifests.parquet:{rows.num_rows + 1}:")


def test_without_java_spark_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match=r"Java|pyspark"):
        open_extract(tmp_path, engine=Engine.SPARK)


def test_every_kind_of_column_has_a_type_of_spark(spark: Records) -> None:
    kinds = {Kind.GRAMS: "int64", Kind.NUMBER: "float64", Kind.INSTANT: "timestamp('UTC')", Kind.DAY: "date"}
    for name, table in TABLES.items():
        for column in table.columns:
            if column.kind in kinds:
                assert str(spark[name][column.name].type()) == kinds[column.kind], f"{name}.{column.name}"


def _with(table: pa.Table, name: str, kind: pa.DataType) -> pa.Table:
    values = pc.dictionary_encode(table[name]) if pa.types.is_dictionary(kind) else table[name].cast(kind)
    return table.set_column(table.schema.get_field_index(name), name, values)
