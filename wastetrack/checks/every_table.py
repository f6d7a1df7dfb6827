"""Words for rules that ask the same of every table of an extract."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import day_begins
from wastetrack.extracts.columns import Column, Kind, Table

OWNERS = ("shipper_site_id", "site_id", "vehicle_id", "manifest_id", "organisation_id")
"""Columns that say who has to put a row right, the first that a table has."""


def row_id(rows: ir.Table, table: Table) -> ir.StringValue:
    """The key of a row as one text."""
    parts = [rows[name].cast("string") for name in table.key]
    text = parts[0]
    for part in parts[1:]:
        text = text + " · " + part
    return text


def owner(rows: ir.Table, table: Table) -> ir.StringValue:
    """Who has to put it right, or null."""
    for name in OWNERS:
        if name in table.names:
            return rows[name]
    return ibis.null("string")


def month_column(table: Table) -> Column | None:
    """The column by which a table goes on in time, or none."""
    name = table.month_of or ("month_on" if "month_on" in table.names else "")
    return table.column(name) if name else None


def instant(rows: ir.Table, column: Column) -> ir.TimestampValue:
    """A day or an instant, as an instant."""
    return day_begins(rows[column.name]) if column.kind is Kind.DAY else rows[column.name]
