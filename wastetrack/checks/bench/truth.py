"""Reading the truth about a world: the tables of its folder `truth`, as extracts/schema/truth.py describes them."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from wastetrack.checks.models.weighing import MEASURED
from wastetrack.errors import NotFound
from wastetrack.extracts.every import TRUTH_TABLES
from wastetrack.extracts.reading import Records, define_tables

_TOUCHED = """
select t.scheme_id, t.manifest_id, t.happened_at, t.stolen_g, m.shipper_site_id, m.carrier_id, m.receiver_site_id,
    m.filed_at, coalesce(w.sides = 2, false) as weighed
from truth_manifests t
left join (
    select manifest_id, min(shipper_site_id) as shipper_site_id, min(carrier_id) as carrier_id,
        min(receiver_site_id) as receiver_site_id, min(filed_at) as filed_at
    from manifests semi join truth_manifests using (manifest_id) group by 1
) m using (manifest_id)
left join (
    select manifest_id, count(distinct side) as sides
    from weighings semi join truth_manifests using (manifest_id)
    where side in ('shipper', 'receiver') and list_contains($measured, method) group by 1
) w using (manifest_id)
"""


def read_truth(records: Records, folder: Path) -> tuple[list[dict[str, Any]], pa.Table]:
    """The cases, and their manifests with shipper, carrier, receiver and filing of the records, and whether both sides
    weighed them.

    Raises NotFound when a world has no truth, RuleBroken with everything in it that cannot be read.
    """
    place = folder / "truth"
    con = records.backend.con
    try:
        found = define_tables(con, place, TRUTH_TABLES)
    except NotFound:
        found = {}
    if "truth" not in found:
        raise NotFound(
            "truth_missing", "There is no truth.parquet or truth.ndjson in {folder}: a world is judged by its truth.",
            folder=str(place),
        )  # fmt: skip
    cases = con.sql("select * replace (coalesce(affected_g, 0) as affected_g) from truth").to_arrow_table().to_pylist()
    return cases, con.sql(_TOUCHED, params={"measured": list(MEASURED)}).to_arrow_table()
