"""What of the records still moves: all that a rule needs which tells of one transfer, one label or one signature.

A manifest is kept whole, with its weighings, loads, signatures, scans and amendments, when anything happened to it
since an instant, or when it has not ended yet; a container, however old, when a kept scan or load names it. Every other
row is kept when it is of that time; what has no time (sites, permits, scales) is kept whole. A table is made once, when
a rule first asks for it, and is as small as the time is short.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.extracts.columns import Kind, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records

_MANIFESTS = "manifests"
_CONTAINERS = "containers"
_NAME_CONTAINERS = ("loads", "scans")


def lately(records: Records, since: datetime) -> Records:
    """The same extract without what had ended before `since`."""
    return Records(records.backend, _Lately(records, since), records.present)


class _Lately(Mapping[str, ir.Table]):
    """Its tables, each made when it is asked for."""

    def __init__(self, records: Records, since: datetime) -> None:
        self._records, self._since = records, since
        self._kept: dict[str, ir.Table] = {}
        self._of_kept: ir.Table | None = None

    def __len__(self) -> int:
        return len(TABLES)

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __getitem__(self, name: str) -> ir.Table:
        if name not in self._kept:
            self._kept[name] = self._made(self._records[name], TABLES[name])
        return self._kept[name]

    def _made(self, rows: ir.Table, table: Table) -> ir.Table:
        own = [column.name for column in table.columns if column.kind is Kind.INSTANT]
        if table.name == _MANIFESTS:
            moved = _since(rows, own, self._since) | (rows.received_at.isnull() & rows.cancelled_at.isnull())
            return rows.filter(moved).cache()
        if "manifest_id" in table.names:
            ids = self._ids()
            of_kept = rows.semi_join(ids, rows.manifest_id == ids.kept_id)
            rest = rows.filter(_since(rows, own, self._since)).anti_join(ids, ibis._.manifest_id == ids.kept_id)
            return of_kept.union(rest).cache()
        if not table.month_of:
            return rows
        of_then = rows.filter(_since(rows, own, self._since))
        if table.name == _CONTAINERS:
            named = [self[name].select("container_id") for name in _NAME_CONTAINERS]
            return rows.semi_join(ibis.union(of_then.select("container_id"), *named), "container_id").cache()
        return of_then.cache()

    def _ids(self) -> ir.Table:
        if self._of_kept is None:
            self._of_kept = self[_MANIFESTS].select(kept_id="manifest_id").distinct().cache()
        return self._of_kept


def _since(rows: ir.Table, instants: list[str], since: datetime) -> ir.BooleanValue:
    return ibis.or_(*[(rows[name] >= since).fill_null(ibis.literal(value=False)) for name in instants])
