"""What of the records still moves: all that a rule needs which tells of one transfer, one label or one signature.

A manifest is kept whole, with its weighings, loads, signatures, scans and amendments, when anything happened to it
since an instant, or when it has not ended yet. Every other row is kept when it is of that time; what has no time
(sites, permits, scales) is kept whole. The tables are made once, and are as small as the time is short.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.extracts.columns import Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records

_MANIFESTS = "manifests"


def lately(records: Records, since: datetime) -> Records:
    """The same extract without what had ended before `since`."""
    kept = {_MANIFESTS: records[_MANIFESTS].filter(_moved(records[_MANIFESTS], since)).cache()}
    ids = kept[_MANIFESTS].select(kept_id="manifest_id").distinct().cache()
    for name, table in TABLES.items():
        if name != _MANIFESTS:
            kept[name] = _of_then(records[name], table, since, ids)
    return Records(records.backend, kept, records.present)


def _moved(rows: ir.Table, since: datetime) -> ir.BooleanValue:
    instants = [name for name in rows.columns if name.endswith("_at")]
    happened = ibis.or_(*[rows[name] >= since for name in instants]).fill_null(ibis.literal(value=False))
    return happened | (rows.received_at.isnull() & rows.cancelled_at.isnull())


def _of_then(rows: ir.Table, table: Table, since: datetime, ids: ir.Table) -> ir.Table:
    own = [column.name for column in table.columns if column.kind is Kind.INSTANT]
    if not table.month_of and "manifest_id" not in table.names:
        return rows
    some = ibis.or_(*[(rows[name] >= since).fill_null(ibis.literal(value=False)) for name in own])
    if "manifest_id" not in table.names:
        return rows.filter(some).cache()
    of_kept = rows.semi_join(ids, rows.manifest_id == ids.kept_id)
    rest = rows.filter(some).anti_join(ids, ibis._.manifest_id == ids.kept_id)
    return of_kept.union(rest).cache()
