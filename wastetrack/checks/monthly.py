"""What each site made, took in, treated, left over and sent out, by month of the civil calendar."""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import legal_day, plus_hours
from wastetrack.extracts.reading import Records

OFFSET_H = 8
"""Of the civil calendar from UTC."""
WORK = "power|water|waste_water|output|turnover|bed_days|visits"
"""Kinds of activity that say how much a site worked: all but what it bought, as a rule's need has them."""
HAZARDOUS_LENGTH = 10
"""Letters of a code of the national list (900-249-08); codes of general waste (900-001-S17) have one more."""


def month_of(instant: ir.TimestampValue) -> ir.DateValue:
    """First day of the civil month."""
    return legal_day(instant, OFFSET_H).truncate("M")


def quarter_of(instant: ir.TimestampValue) -> ir.DateValue:
    """First day of the civil quarter."""
    return legal_day(instant, OFFSET_H).truncate("Q")


def begins(day: ir.DateValue) -> ir.TimestampValue:
    """The instant at which a civil day begins."""
    return plus_hours(day.cast("timestamp('UTC')"), -OFFSET_H)


def over(month_on: ir.DateValue, months: int = 1) -> ir.TimestampValue:
    """When a month, or so many from it on, is over: from then on its figures can be known."""
    return plus_hours((month_on + ibis.interval(months=months)).cast("timestamp('UTC')"), -OFFSET_H)


def plus_months(month_on: ir.DateValue, months: ir.IntegerValue) -> ir.TimestampValue:
    """When so many months from the first of a month on are over, a number of each row."""
    last = number_of(month_on) + months
    return begins(ibis.date(last // 12, last % 12 + 1, 1))


def number_of(month_on: ir.DateValue) -> ir.IntegerValue:
    """Months in one row, so that they can be counted and compared."""
    return (month_on.year().cast("int64") * 12 + month_on.month().cast("int64") - 1).cast("int64")


def hazardous(code: ir.StringValue) -> ir.BooleanValue:
    """Whether it is a code of the national list of hazardous waste."""
    return code.length() == HAZARDOUS_LENGTH


def category(code: ir.StringValue) -> ir.StringValue:
    """HW08 of 900-249-08."""
    return ibis.literal("HW") + code.right(2)


def made(records: Records) -> ir.Table:
    """`site_id, waste_code, month_on, made_g, entries`: what a site entered as made.

    Where a generator keeps no such record, what it filed to send away.
    """
    ledger = records["generation"].select(
        "site_id",
        "waste_code",
        "month_on",
        made_g=lambda t: t.generated_g,
        entries=lambda t: ibis.coalesce(t.entries, (t.generated_g > 0).cast("int64")),
    )
    keeps = ledger.select("site_id").distinct()
    filed = (
        records["manifests"]
        .filter(lambda t: t.cancelled_at.isnull() & (t.kind.isnull() | (t.kind != "return")))
        .group_by(
            site_id=lambda t: t.shipper_site_id,
            waste_code=lambda t: t.waste_code,
            month_on=lambda t: month_of(t.filed_at),
        )
        .agg(made_g=lambda t: t.declared_g.sum().cast("int64"), entries=lambda t: t.count().cast("int64"))
        .anti_join(keeps, "site_id")
    )
    generators = records["sites"].filter(lambda t: t.kind == "generator").select("site_id")
    return ledger.union(filed.semi_join(generators, "site_id").select(*ledger.columns))


def made_by_site(records: Records) -> ir.Table:
    """`site_id, month_on, made_g, entries` over all codes."""
    return (
        made(records)
        .group_by("site_id", "month_on")
        .agg(made_g=lambda t: t.made_g.sum().cast("int64"), entries=lambda t: t.entries.sum().cast("int64"))
    )


def treated(records: Records) -> ir.Table:
    """`site_id, month_on, treated_g, residue_g`: what batches took and left; `residue_g` without products."""
    residues = (
        records["residues"]
        .filter(lambda t: t.waste_code.notnull())
        .group_by("batch_id")
        .agg(residue_g=lambda t: t.output_g.sum().cast("int64"))
    )
    batches = records["batches"].left_join(residues, "batch_id").drop("batch_id_right")
    return (
        batches.mutate(month_on=month_of(batches.treated_at))
        .group_by("site_id", "month_on")
        .agg(treated_g=lambda t: t.input_g.sum().cast("int64"), residue_g=lambda t: t.residue_g.sum().cast("int64"))
    )


def products(records: Records) -> ir.Table:
    """`site_id, month_on, product_g`: what batches left that is no waste."""
    left = records["residues"].filter(lambda t: t.waste_code.isnull()).select("batch_id", "output_g")
    batches = records["batches"].select("batch_id", "site_id", month_on=lambda t: month_of(t.treated_at))
    return (
        left.join(batches, "batch_id")
        .group_by("site_id", "month_on")
        .agg(product_g=lambda t: t.output_g.sum().cast("int64"))
    )


def received(records: Records) -> ir.Table:
    """`site_id, month_on, received_g, last_at`: what a site took in."""
    return (
        records["manifests"]
        .filter(lambda t: t.received_at.notnull() & t.received_g.notnull() & t.cancelled_at.isnull())
        .group_by(site_id=lambda t: t.receiver_site_id, month_on=lambda t: month_of(t.received_at))
        .agg(received_g=lambda t: t.received_g.sum().cast("int64"), last_at=lambda t: t.received_at.max())
    )


def stock(records: Records) -> ir.Table:
    """`site_id, month_on, stock_g`: all that was counted at a month's beginning, over all codes."""
    return (
        records["stock_takes"]
        .group_by("site_id", day=lambda t: legal_day(t.taken_at, OFFSET_H))
        .agg(taken_at=lambda t: t.taken_at.max(), stock_g=lambda t: t.measured_g.sum().cast("int64"))
        .group_by("site_id", month_on=lambda t: nearest_month(t.taken_at))
        .agg(stock_g=lambda t: t.stock_g.max())
    )


def nearest_month(instant: ir.TimestampValue) -> ir.DateValue:
    """The first day of the month at whose beginning a stock-take counts: one within ten days before it, or after."""
    return month_of(plus_hours(instant, 240.0))


def first(rows: ir.Table, by: tuple[str, ...], order: str) -> ir.Table:
    """Of each `by`, the row with the least `order`: what lasts is told once."""
    place = ibis.row_number().over(ibis.window(group_by=by, order_by=order))
    return rows.mutate(place_in_order=place).filter(lambda t: t.place_in_order == 0).drop("place_in_order")
