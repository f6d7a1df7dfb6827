"""An extract that cannot be read says so by file, row and column, all at once; it is never read as an empty one."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wastetrack.errors import NotFound, RuleBroken
from wastetrack.extracts.columns import Kind
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import arrow_schema
from wastetrack.extracts.reading import open_extract

T = datetime(2026, 3, 1, 8, tzinfo=UTC)
MANIFEST = {
    "manifest_id": "m1",
    "waste_code": "900-249-08",
    "shipper_site_id": "a",
    "receiver_site_id": "b",
    "declared_g": 20_000_000,
    "filed_at": T,
}


def parquet(folder: Path, name: str, *rows: dict[str, Any], file: str = "") -> None:
    path = folder / (file or f"{name}.parquet")
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=arrow_schema(TABLES[name])), path)


def lines(folder: Path, name: str, *rows: object) -> None:
    text = "\n".join(row if isinstance(row, str) else json.dumps(row, default=str) for row in rows)
    (folder / f"{name}.ndjson").write_text(text + "\n", encoding="utf-8")


def told(folder: Path) -> list[tuple[str, str]]:
    """The field and code of each fault."""
    with pytest.raises(RuleBroken) as refused:
        open_extract(folder)
    return [(broken.field, broken.code) for broken in refused.value.broken]


def test_parquet_and_ndjson_are_read_alike(tmp_path: Path) -> None:
    rows = [
        MANIFEST,
        {**MANIFEST, "manifest_id": "m2", "arrived_at": T.replace(hour=9), "distance_km": 12.5, "rejected_g": 0},
    ]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    parquet(tmp_path / "a", "manifests", *rows)
    parquet(tmp_path / "a", "permits", {"permit_id": "p", "organisation_id": "o", "site_id": "b",
            "valid_from": date(2026, 1, 1), "valid_to": date(2030, 12, 31)})  # fmt: skip
    lines(tmp_path / "b", "manifests", *rows)
    lines(tmp_path / "b", "permits", {"permit_id": "p", "organisation_id": "o", "site_id": "b",
          "valid_from": "2026-01-01", "valid_to": "2030-12-31"})  # fmt: skip
    one, other = open_extract(tmp_path / "a"), open_extract(tmp_path / "b")
    for name in ("manifests", "permits"):
        key = TABLES[name].key[0]
        assert one[name].order_by(key).to_pyarrow().to_pylist() == other[name].order_by(key).to_pyarrow().to_pylist()
    assert one["weighings"].count().to_pyarrow().as_py() == 0
    assert "manifests" in one.present
    assert "weighings" not in one.present


def test_no_folder_and_a_folder_without_tables_are_told_apart_from_an_empty_table(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="extract_missing"):
        open_extract(tmp_path / "nowhere")
    with pytest.raises(NotFound, match="extract_empty"):
        open_extract(tmp_path)
    parquet(tmp_path, "manifests")
    assert open_extract(tmp_path)["manifests"].count().to_pyarrow().as_py() == 0


def test_missing_columns_wrong_units_and_half_written_files_are_told_all_at_once(tmp_path: Path) -> None:
    parquet(tmp_path, "sites", {"site_id": "a", "organisation_id": "o", "kind": "generator"})
    whole = (tmp_path / "sites.parquet").read_bytes()
    (tmp_path / "sites.parquet").write_bytes(whole[: len(whole) // 2])
    kilograms = pa.table({"manifest_id": ["m1"], "waste_code": ["900-249-08"], "shipper_site_id": ["a"],
                          "receiver_site_id": ["b"], "declared_g": [20000.0]})  # fmt: skip
    pq.write_table(kilograms, tmp_path / "manifests.parquet")
    assert sorted(told(tmp_path)) == [
        ("manifests.parquet: declared_g", "extract_type_wrong"),
        ("manifests.parquet: filed_at", "extract_column_missing"),
        ("sites.parquet", "extract_file_unreadable"),
    ]


def test_every_wrong_value_is_told_by_file_row_and_column(tmp_path: Path) -> None:
    good = [{**MANIFEST, "manifest_id": f"g{number}"} for number in range(3)]
    parquet(tmp_path, "manifests", *good, file="manifests/2026-02.parquet")
    bad = {**MANIFEST, "manifest_id": "x", "declared_g": -5, "kind": "rail", "waste_code": None, "distance_km": -1.0}
    parquet(tmp_path, "manifests", good[1], {**MANIFEST, "manifest_id": "y"}, bad, file="manifests/2026-03.parquet")
    assert sorted(told(tmp_path)) == [
        ("manifests/2026-03.parquet:1:manifest_id, waste_code", "extract_key_twice"),
        ("manifests/2026-03.parquet:3:declared_g", "extract_value_wrong"),
        ("manifests/2026-03.parquet:3:distance_km", "extract_value_wrong"),
        ("manifests/2026-03.parquet:3:kind", "extract_value_wrong"),
        ("manifests/2026-03.parquet:3:waste_code", "extract_value_wrong"),
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({**MANIFEST, "declared_g": 20000.5}, "manifests.ndjson:2:declared_g"),
        ({**MANIFEST, "declared_g": "20000"}, "manifests.ndjson:2:declared_g"),
        ({**MANIFEST, "filed_at": "yesterday"}, "manifests.ndjson:2:filed_at"),
        ("{half a row", "manifests.ndjson:2:"),
        ("[1, 2]", "manifests.ndjson:2:"),
    ],
)
def test_a_line_that_is_wrong_is_told_by_its_number(tmp_path: Path, row: object, fault: str) -> None:
    lines(tmp_path, "manifests", {**MANIFEST, "manifest_id": "m0"}, row)
    (found,) = told(tmp_path)
    assert found[0] in {fault, "manifests.ndjson"}


def test_what_is_wrong_often_is_counted(tmp_path: Path) -> None:
    parquet(
        tmp_path, "manifests", *({**MANIFEST, "manifest_id": f"m{number}", "declared_g": -1} for number in range(30))
    )
    found = told(tmp_path)
    assert [code for _, code in found].count("extract_value_wrong") == 20
    assert found[-1] == ("manifests:declared_g", "extract_values_wrong")


def test_of_files_that_were_looked_at_only_their_keys_are_read_again(tmp_path: Path) -> None:
    """A new file is told for what it has wrong, and for the keys that it has in common with an old one."""
    months = [f"manifests/2026-0{month}.parquet" for month in (1, 2)]
    parquet(tmp_path, "manifests", MANIFEST, {**MANIFEST, "manifest_id": "m2"}, file=months[0])
    known = open_extract(tmp_path).stamps
    assert len(known) == 1
    parquet(tmp_path, "manifests", {**MANIFEST, "manifest_id": "m3"}, file=months[1])
    assert open_extract(tmp_path, looked_at=known)["manifests"].count().to_pyarrow().as_py() == 3
    light = {**MANIFEST, "manifest_id": "m4", "declared_g": -1}
    parquet(tmp_path, "manifests", light, {**MANIFEST, "manifest_id": "m2"}, file=months[1])
    with pytest.raises(RuleBroken) as refused:
        open_extract(tmp_path, looked_at=known)
    assert [broken.field for broken in refused.value.broken] == [
        "manifests/2026-02.parquet:1:declared_g",
        "manifests/2026-02.parquet:2:manifest_id, waste_code",
    ]
    parquet(tmp_path, "manifests", {**light, "manifest_id": "m5"}, file=months[0])
    with pytest.raises(RuleBroken) as refused:
        open_extract(tmp_path, looked_at=known)
    assert "manifests/2026-01.parquet:1:declared_g" in [broken.field for broken in refused.value.broken], "it changed"


def test_each_table_names_its_key_its_month_and_what_it_refers_to() -> None:
    for table in TABLES.values():
        assert {*table.key, *filter(None, [table.month_of]), *sum(table.order, ())} <= set(table.names), table.name
        for column in table.columns:
            assert not column.refers or column.refers in TABLES, (table.name, column.name)
            assert column.name.endswith("_g") == (column.kind is Kind.GRAMS), (table.name, column.name)
            assert column.name.endswith("_at") == (column.kind is Kind.INSTANT) or column.name == "held_since_at"
