"""The truth about a world, as whoever made it writes it down: two tables beside its records.

`DIR/truth/truth.parquet` (or .ndjson), one row a case of fraud:

- scheme_id: of the case, unique in the world.
- typology: its kind; those that are known stand in typologies.py, another is told under its own name.
- subject_kind: manifest, container, carrier, organisation, site or pair.
- subject_id: of that, as in the records; a pair is `shipper site/carrier` or `shipper site/receiver site`.
- begins_at, ends_at: instants; what is found about an entity before the first is a false alarm.
- stolen_g: grams that went where they may not; 0 where the fraud moves none.
- affected_g (optional): grams on which it was practised; weighs the case where stolen_g is 0.
- entity_id, manifests, parameters (optional): not read.

`DIR/truth/truth_manifests.parquet` (or .ndjson; may be absent), one row a manifest that a case touched: scheme_id,
manifest_id, happened_at, stolen_g; optional waste_code, affected_g and typology, which are not read.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa

from wastetrack.errors import Broken, NotFound, RuleBroken
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

KINDS = ("manifest", "container", "carrier", "organisation", "site", "pair")
_CASES = {
    "scheme_id": "VARCHAR", "typology": "VARCHAR", "subject_kind": "VARCHAR", "subject_id": "VARCHAR",
    "begins_at": "TIMESTAMPTZ", "ends_at": "TIMESTAMPTZ", "stolen_g": "BIGINT", "affected_g": "BIGINT",
}  # fmt: skip
_TOUCHED = {"scheme_id": "VARCHAR", "manifest_id": "VARCHAR", "happened_at": "TIMESTAMPTZ", "stolen_g": "BIGINT"}
_OPTIONAL = frozenset({"affected_g"})
_ENDINGS = {".parquet": "read_parquet", ".ndjson": "read_json_auto", ".jsonl": "read_json_auto"}


def read_truth(records: Records, folder: Path) -> tuple[list[dict[str, Any]], pa.Table]:
    """The cases, and their manifests with shipper, carrier and receiver of the records.

    Raises NotFound when a world has no truth, RuleBroken with everything in it that cannot be read.
    """
    place = folder / "truth"
    cases = _file(place, "truth")
    if cases is None:
        raise NotFound(
            "truth_missing", "There is no truth.parquet or truth.ndjson in {folder}: a world is judged by its truth.",
            folder=str(place),
        )  # fmt: skip
    con = records.backend.con
    told = _read(con, cases, _CASES).to_pylist()
    wrong = [
        Broken(f"{cases.name}:{row + 1}", "truth_subject", _UNKNOWN, kind, facts={"known": ", ".join(KINDS)})
        for row, kind in enumerate(one["subject_kind"] for one in told)
        if kind not in KINDS
    ]
    seen: set[str] = set()
    for row, one in enumerate(told):
        if one["scheme_id"] in seen:
            wrong.append(Broken(f"{cases.name}:{row + 1}", "truth_twice", _TWICE, one["scheme_id"]))
        seen.add(one["scheme_id"])
    if wrong:
        raise RuleBroken(wrong)
    touched = _file(place, "truth_manifests")
    if touched is None:
        con.execute("create or replace temp table truth_touched (scheme_id VARCHAR, manifest_id VARCHAR,"
                    " happened_at TIMESTAMPTZ, stolen_g BIGINT)")  # fmt: skip
    else:
        con.register("truth_read", _read(con, touched, _TOUCHED))
        con.execute("create or replace temp table truth_touched as select * from truth_read")
    return told, con.sql(_JOINED).to_arrow_table()


_UNKNOWN = message("“{value}” is no kind of subject that a truth may have; there are {known}.")
_TWICE = message("Two cases have the id “{value}”.")
_LACKS = message("The column {value} is missing.")
_JOINED = """
select t.scheme_id, t.manifest_id, t.happened_at, t.stolen_g, m.shipper_site_id, m.carrier_id, m.receiver_site_id
from truth_touched t
left join (
    select manifest_id, min(shipper_site_id) as shipper_site_id, min(carrier_id) as carrier_id,
        min(receiver_site_id) as receiver_site_id
    from manifests semi join truth_touched using (manifest_id) group by 1
) m using (manifest_id)
"""


def _file(place: Path, name: str) -> Path | None:
    return next((file for ending in _ENDINGS if (file := place / f"{name}{ending}").is_file()), None)


def _read(con: Any, file: Path, columns: dict[str, str]) -> pa.Table:  # noqa: ANN401  DuckDB's
    rows = f"{_ENDINGS[file.suffix]}('{str(file).replace(chr(39), chr(39) * 2)}')"
    there = {row[0] for row in con.execute(f"describe from {rows}").fetchall()}
    if lacking := sorted(columns.keys() - there - _OPTIONAL):
        raise RuleBroken(Broken(f"{file.name}:{name}", "truth_column", _LACKS, name) for name in lacking)
    chosen = ", ".join(
        f"{name}::{kind} as {name}" if name in there else f"0::{kind} as {name}" for name, kind in columns.items()
    )
    return con.sql(f"select {chosen} from {rows}").to_arrow_table()  # noqa: S608  names are our own
