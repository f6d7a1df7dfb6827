"""Extracts that cannot be read: every fault is told by file, row and column, all at once; never a silent zero."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.records import row_of
from wastetrack.errors import Broken, NotFound, RuleBroken
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import arrow_schema
from wastetrack.extracts.reading import Records, open_extract

Row = dict[str, object]


def parquet(path: Path, rows: list[Row], table: str = "manifests", **types: pa.DataType) -> None:
    """A file of a table, with columns of other types where they are given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = [row_of(TABLES[table], row, number) for number, row in enumerate(rows, 1)]
    schema = arrow_schema(TABLES[table])
    for name, kind in types.items():
        schema = schema.set(schema.get_field_index(name), pa.field(name, kind))
    pq.write_table(pa.Table.from_pylist(whole, schema=schema), path)


def ndjson(path: Path, rows: list[Row | str], table: str = "manifests") -> None:
    """A file of lines; what is text stands as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        row
        if isinstance(row, str)
        else json.dumps({key: value for key, value in (LINE[table] | row).items() if value is not None})
        for row in rows
    ]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


LINE: dict[str, Row] = {
    "manifests": {
        "manifest_id": "m1", "waste_code": "900-249-08", "shipper_site_id": "a", "receiver_site_id": "b",
        "declared_g": 1_000_000, "filed_at": "2026-03-02T08:00:00Z",
    },
    "sites": {"site_id": "a", "organisation_id": "o", "kind": "generator"},
}  # fmt: skip


def faults(folder: Path) -> list[Broken]:
    """Everything that is wrong with an extract. Fails when it can be read."""
    with pytest.raises(RuleBroken) as refused:
        open_extract(folder)
    return list(refused.value.broken)


def told(broken: Broken) -> str:
    """The sentence with its facts."""
    return broken.sentence()


def count(extract: Records, table: str) -> int:
    """Rows of a table."""
    return int(extract[table].count().to_pyarrow().as_py())


def test_a_good_extract_is_read_in_both_formats(tmp_path: Path) -> None:
    parquet(tmp_path / "p" / "manifests" / "2026-01.parquet", [{"manifest_id": "a"}])
    parquet(tmp_path / "p" / "manifests" / "2026-02.parquet", [{"manifest_id": "b"}])
    ndjson(tmp_path / "n" / "manifests.ndjson", [{}, "", {"manifest_id": "m2"}])

    assert count(open_extract(tmp_path / "p"), "manifests") == 2
    assert count(open_extract(tmp_path / "n"), "manifests") == 2


def test_a_folder_that_is_not_there_or_holds_no_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")

    for folder, code in ((tmp_path / "absent", "extract_missing"), (tmp_path, "extract_empty")):
        with pytest.raises(NotFound) as refused:
            open_extract(folder)
        assert refused.value.code == code


def test_a_missing_column_is_told_by_file_with_what_it_would_hold(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests" / "2026-01.parquet", [{"manifest_id": "a"}])
    february = tmp_path / "manifests" / "2026-02.parquet"
    parquet(february, [{"manifest_id": "b"}])
    pq.write_table(pq.read_table(february).drop_columns(["declared_g", "filed_at", "price_per_t"]), february)

    sentences = [told(fault) for fault in faults(tmp_path)]

    assert len(sentences) == 2
    assert sentences[0].startswith("manifests/2026-02.parquet has no column declared_g (What the shipper declared.)")
    assert "filed_at" in sentences[1]


def test_a_mass_in_kilograms_with_a_point_is_told_as_such(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests.parquet", [{"declared_g": 0.5}], declared_g=pa.float64())

    (fault,) = faults(tmp_path)

    assert "manifests.parquet, column declared_g: double is no whole number of grams" in told(fault)
    assert "Multiply kilograms by 1,000" in told(fault)


@pytest.mark.parametrize(
    ("column", "kind"),
    [("filed_at", pa.string()), ("distance_km", pa.string()), ("manifest_id", pa.int64())],
    ids=["instant as text", "number as text", "identifier as number"],
)
def test_a_column_of_another_type_is_told(tmp_path: Path, column: str, kind: pa.DataType) -> None:
    value: object = 7 if pa.types.is_integer(kind) else "x"
    path = tmp_path / "manifests.parquet"
    parquet(path, [{}])
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, pa.array([value], kind)), path)

    (fault,) = faults(tmp_path)

    assert (fault.facts["file"], fault.facts["column"]) == ("manifests.parquet", column)


def test_a_file_that_is_half_written_is_told_and_the_others_are_looked_at(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests" / "2026-01.parquet", [{"manifest_id": "a"}])
    half = tmp_path / "manifests" / "2026-02.parquet"
    parquet(half, [{"manifest_id": "b"}])
    half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
    parquet(tmp_path / "sites.parquet", [{}], "sites")
    pq.write_table(pq.read_table(tmp_path / "sites.parquet").drop_columns(["kind"]), tmp_path / "sites.parquet")

    site, manifest = sorted((told(fault) for fault in faults(tmp_path)), reverse=True)

    assert site.startswith("sites.parquet has no column kind")
    assert manifest.startswith("manifests/2026-02.parquet cannot be read")
    assert "half written" in manifest


def test_an_empty_file_is_no_empty_month(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests" / "2026-01.parquet", [{}])
    (tmp_path / "manifests" / "2026-02.parquet").write_bytes(b"")

    (fault,) = faults(tmp_path)

    assert fault.facts["file"] == "manifests/2026-02.parquet"


def test_a_month_without_a_row_can_be_read(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests" / "2026-01.parquet", [{}])
    parquet(tmp_path / "manifests" / "2026-02.parquet", [])

    assert count(open_extract(tmp_path), "manifests") == 1


@pytest.mark.parametrize("form", ["parquet", "ndjson"])
def test_a_key_that_stands_twice_is_told_with_both_rows(tmp_path: Path, form: str) -> None:
    january, february = (tmp_path / "manifests" / f"2026-0{month}.{form}" for month in (1, 2))
    if form == "parquet":
        parquet(january, [{"manifest_id": "a"}, {"manifest_id": "b"}])
        parquet(february, [{"manifest_id": "c"}, {"manifest_id": "d"}, {"manifest_id": "b"}])
    else:
        ndjson(january, [{"manifest_id": "a"}, {"manifest_id": "b"}])
        ndjson(february, [{"manifest_id": "c"}, {"manifest_id": "d"}, {"manifest_id": "b"}])

    (fault,) = faults(tmp_path)

    assert (fault.facts["file"], fault.facts["row"]) == (f"manifests/2026-02.{form}", 3)
    assert fault.facts["other"] == f"manifests/2026-01.{form}:2"
    assert fault.value == "b, 900-249-08"


def test_one_manifest_with_two_codes_is_no_double(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests.parquet", [{"manifest_id": "a"}, {"manifest_id": "a", "waste_code": "900-041-49"}])

    assert count(open_extract(tmp_path), "manifests") == 2


def test_all_wrong_values_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    parquet(
        tmp_path / "manifests.parquet",
        [
            {"manifest_id": "a"},
            {"manifest_id": "b", "declared_g": -1},
            {"manifest_id": "c", "kind": "boat"},
            {"manifest_id": "d", "shipper_site_id": None},
            {"manifest_id": "e", "distance_km": float("nan")},
        ],
    )
    parquet(tmp_path / "sites.parquet", [{"latitude": 36.0}, {"latitude": 117.0}], "sites")

    where = sorted((fault.facts["file"], fault.facts["row"], fault.facts["column"]) for fault in faults(tmp_path))

    assert where == [
        ("manifests.parquet", 2, "declared_g"),
        ("manifests.parquet", 3, "kind"),
        ("manifests.parquet", 4, "shipper_site_id"),
        ("manifests.parquet", 5, "distance_km"),
        ("sites.parquet", 2, "latitude"),
    ]


def test_a_wrong_value_in_a_line_is_told_by_its_number(tmp_path: Path) -> None:
    rows: list[Row | str] = [{"manifest_id": f"m{n}"} for n in range(1, 1501)]
    rows[1200] = {"manifest_id": "m1201", "declared_g": 12.5}
    rows[1300] = {"manifest_id": "m1301", "filed_at": "yesterday"}
    rows[1400] = '{"manifest_id": "m1401", "declared_'
    ndjson(tmp_path / "manifests.ndjson", rows)

    found = [
        (fault.facts["file"], fault.facts["row"], fault.facts["column"], fault.value) for fault in faults(tmp_path)
    ]

    assert [fault[1] for fault in found] == [1201, 1301, 1401]
    assert found[0] == ("manifests.ndjson", 1201, "declared_g", 12.5)
    assert found[1][2:] == ("filed_at", "yesterday")


def test_a_wrong_word_in_a_line_after_an_empty_one_is_told_by_its_number(tmp_path: Path) -> None:
    ndjson(tmp_path / "manifests.ndjson", [{}, "", {"manifest_id": "m2", "kind": "boat"}])

    (fault,) = faults(tmp_path)

    assert (fault.facts["row"], fault.facts["column"], fault.value) == (3, "kind", "boat")


def test_a_line_of_which_the_first_thousand_have_no_key_is_still_read(tmp_path: Path) -> None:
    rows: list[Row | str] = [{"manifest_id": f"m{n}"} for n in range(1000)]
    ndjson(tmp_path / "manifests.ndjson", [*rows, {"manifest_id": "late", "received_g": 990_000}])

    received = open_extract(tmp_path)["manifests"].received_g.sum().to_pyarrow().as_py()

    assert received == 990_000


def test_an_instant_without_a_zone_is_utc_and_one_with_another_is_heeded(tmp_path: Path) -> None:
    rows: list[Row | str] = [
        {},
        {"manifest_id": "m2", "filed_at": "2026-03-02T16:00:00+08:00"},
        {"manifest_id": "m3", "filed_at": "2026-03-02T08:00:00"},
    ]
    ndjson(tmp_path / "n" / "manifests.ndjson", rows)
    parquet(tmp_path / "p" / "manifests.parquet", [{"filed_at": "2026-03-02 08:00"}])
    table = pq.read_table(tmp_path / "p" / "manifests.parquet")
    naive = table["filed_at"].cast(pa.timestamp("us"))
    at = table.schema.get_field_index("filed_at")
    pq.write_table(table.set_column(at, "filed_at", naive), tmp_path / "p" / "manifests.parquet")

    for folder in ("n", "p"):
        instants = open_extract(tmp_path / folder)["manifests"].filed_at.to_pyarrow().to_pylist()
        assert {instant.astimezone(UTC) for instant in instants} == {datetime(2026, 3, 2, 8, tzinfo=UTC)}


def test_two_formats_of_one_table_are_not_mixed(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests" / "2026-01.parquet", [{}])
    ndjson(tmp_path / "manifests" / "2026-02.ndjson", [{"manifest_id": "b"}])

    (fault,) = faults(tmp_path)

    assert told(fault) == "manifests has Parquet and NDJSON files; keep one of them."


def test_many_of_one_fault_are_told_twenty_times_and_counted(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests.parquet", [{"manifest_id": f"m{n}", "declared_g": -1} for n in range(50)])

    *one_by_one, rest = faults(tmp_path)

    assert len(one_by_one) == 20
    assert told(rest) == "manifests: 50 rows have this fault in declared_g; 20 of them are told here."


def test_a_last_line_that_is_half_written_is_told_by_its_number(tmp_path: Path) -> None:
    ndjson(tmp_path / "manifests.ndjson", [{}, '{"manifest_id": "m2", "waste'])

    (fault,) = faults(tmp_path)

    assert (fault.facts["row"], fault.facts["kind"]) == (2, "object")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifests.ndjson").write_bytes(b"\xff\xfe\x00\x01")

    (fault,) = faults(tmp_path)

    assert told(fault).startswith("manifests.ndjson cannot be read")


def test_one_table_that_is_broken_does_not_hide_what_is_wrong_in_another(tmp_path: Path) -> None:
    (tmp_path / "sites.parquet").write_bytes(b"PAR1")
    parquet(tmp_path / "manifests.parquet", [{"declared_g": -1}])

    assert sorted(fault.code for fault in faults(tmp_path)) == ["extract_file_unreadable", "extract_value_wrong"]


def test_a_line_with_a_byte_that_is_no_text_is_told_by_its_number(tmp_path: Path) -> None:
    ndjson(tmp_path / "manifests.ndjson", [{"manifest_id": f"m{n}"} for n in range(1100)])
    with (tmp_path / "manifests.ndjson").open("ab") as file:
        file.write(b'{"manifest_id": "\xff"}\n')

    (fault,) = faults(tmp_path)

    assert (fault.facts["row"], fault.facts["kind"]) == (1101, "text in UTF-8")


def test_a_file_whose_head_is_whole_and_whose_rows_are_torn_is_told(tmp_path: Path) -> None:
    parquet(tmp_path / "manifests" / "2026-01.parquet", [{"manifest_id": f"a{n}"} for n in range(500)])
    torn = tmp_path / "manifests" / "2026-02.parquet"
    parquet(torn, [{"manifest_id": f"b{n}"} for n in range(500)])
    whole = torn.read_bytes()
    torn.write_bytes(whole[:4] + b"\xff" * 1000 + whole[1004:])

    (fault,) = faults(tmp_path)

    assert (fault.facts["file"], fault.code) == ("manifests/2026-02.parquet", "extract_file_unreadable")
