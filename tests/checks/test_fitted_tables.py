"""A table that is fitted to records is fitted once."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from tests.support.records import records
from wastetrack.extracts.reading import Records


def test_a_fitted_table_is_built_once_whoever_asks() -> None:
    extract, asked = records(manifests=[{}]), []

    def build(given: Records) -> ir.Table:
        asked.append(given)
        return ibis.memtable(pa.table({"loads": [given["manifests"].count().to_pyarrow().as_py()]}))

    first = extract.model("loads", build)

    assert extract.model("loads", build) is first
    assert asked == [extract]
    assert extract.model("others", build) is not first
