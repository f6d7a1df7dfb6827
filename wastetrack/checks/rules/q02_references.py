"""Q02: rows that refer to a row that is not there."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.every_table import instant, month_column
from wastetrack.checks.expressions import INSTANT, findings
from wastetrack.checks.model import Queue, Rule, Settings, Severity
from wastetrack.extracts.columns import Column, Table
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    del at
    parts = [
        _dangling(records, table, column, as_of)
        for table in TABLES.values()
        for column in table.columns
        # A table that is absent is told as no data by those that need it, not once for each row that names it.
        if column.refers in records.present and column.name in records.present.get(table.name, ())
    ]
    if {"weighings", "manifests"} <= records.present.keys():
        parts.append(_weighed_code(records))
    return ibis.union(*parts, distinct=False) if parts else _none(records, as_of)


def _weighed_code(records: Records) -> ir.Table:
    """Weighings of a code that their manifest has not."""
    manifests = records["manifests"]
    weighed = records["weighings"].semi_join(manifests, "manifest_id")
    lost = weighed.anti_join(manifests, ["manifest_id", "waste_code"])
    lost = lost.select(named_id=lost.manifest_id + " · " + lost.waste_code, at=lost.weighed_at)
    return _counted(lost, "weighings.waste_code", "manifests")


def _dangling(records: Records, table: Table, column: Column, as_of: datetime) -> ir.Table:
    rows = records[table.name]
    key = TABLES[column.refers].key[0]
    time = month_column(table)
    known = records[column.refers].select(known_id=key)
    named = rows.filter(rows[column.name].notnull())
    named = named.select(
        named_id=column.name, at=ibis.literal(as_of).cast(INSTANT) if time is None else instant(named, time)
    )
    lost = named.anti_join(known, named.named_id == known.known_id)
    return _counted(lost, f"{table.name}.{column.name}", column.refers)


def _counted(lost: ir.Table, column: str, refers: str) -> ir.Table:
    """One finding of rows with `named_id` and `at`."""
    total = lost.agg(
        rows=lost.count(), values=lost.named_id.nunique(), example=lost.named_id.min(), first_at=lost["at"].min()
    ).filter(lambda t: t.rows > 0)
    return findings(
        total,
        severity=Severity.WATCH.value,
        subject_kind="column",
        subject_id=column,
        party_id=ibis.null("string"),
        since_at=total.first_at,
        found_at=total.first_at,
        at_risk_g=0,
        statistic=total.rows.cast("float64"),
        threshold=0.0,
        refers=refers,
        values=total["values"],
        example=total.example,
    )


def _none(records: Records, as_of: datetime) -> ir.Table:
    return _dangling(records, TABLES["sites"], TABLES["sites"].column("organisation_id"), as_of).limit(0)


RULE = Rule(
    id="Q02",
    title=message("Refers to nothing"),
    queue=Queue.QUALITY,
    version=2,
    severity=Severity.WATCH,
    formula="rows whose identifier stands in no row of the table that it names, or weighings of a code that their "
    "manifest has not; one a column, with their number and an example",
    needs=(),
    detectable=message("Any identifier of a table that is there; none of a table that is absent."),
    false_alarms=message("Extracts that were cut at a date or a border: what lies beyond is not there."),
    innocent=(message("The extract holds one region, and the other end is elsewhere."),),
    next_step=message("Look at the example in the files, and bring the missing rows."),
    chance=0.9,
    find=_find,
)
