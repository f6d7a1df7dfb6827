"""R23: a plant takes in and takes in, and nothing shows that it treated, sent or has it."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, legal_day, plus_hours
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def proven(records: Records) -> ir.Table:
    """Batches that something beside the plant's word shows: residues, or what the plant used in that month.

    Where an extract has neither table, each batch is taken as told.
    """
    batches = records["batches"].mutate(month_on=legal_day(records["batches"].treated_at).truncate("M"))
    if not records.present.get("residues") and not records.present.get("readings"):
        return batches
    ran = records["readings"].filter(lambda t: t.quantity > 0, lambda t: t.kind != "outage_hours")
    by_reading = batches.semi_join(ran, ["site_id", "month_on"])
    left = records["residues"].filter(lambda t: t.output_g > 0)
    return by_reading.union(batches.anti_join(ran, ["site_id", "month_on"]).semi_join(left, "batch_id"))


def _months(records: Records, as_of: datetime) -> ir.Table:
    """What a plant took, sent and treated in each month."""
    manifests = records["manifests"].filter(lambda t: t.cancelled_at.isnull())
    came = manifests.filter(manifests.received_g.notnull(), manifests.received_at <= as_of)
    sent = manifests.filter(manifests.departed_at <= as_of, ibis.coalesce(manifests.kind, "road") != "return")
    batches = proven(records).filter(lambda t: t.treated_at <= as_of)
    nothing = ibis.literal(0, "int64")
    rows = (
        came.select(
            site_id=came.receiver_site_id, at=came.received_at, in_g=came.received_g, out_g=nothing, treated_g=nothing
        )
        .union(
            sent.select(
                site_id=sent.shipper_site_id,
                at=sent.departed_at,
                in_g=nothing,
                out_g=sent.declared_g,
                treated_g=nothing,
            )
        )
        .union(
            batches.select(
                site_id=batches.site_id, at=batches.treated_at, in_g=nothing, out_g=nothing, treated_g=batches.input_g
            )
        )
    )
    plants = records["sites"].filter(lambda t: t.kind != "generator").select("site_id")
    return (
        rows.semi_join(plants, "site_id")
        .mutate(month_on=lambda t: legal_day(t["at"]).truncate("M"))
        .group_by("site_id", "month_on")
        .agg(**{name: (lambda t, name=name: t[name].sum().cast("int64")) for name in ("in_g", "out_g", "treated_g")})
    )


def _stocks(records: Records, as_of: datetime) -> ir.Table:
    """The last stock-take of each site and month, all codes together."""
    takes = records["stock_takes"].filter(lambda t: t.taken_at <= as_of)
    each = takes.group_by("site_id", at=takes.taken_at).agg(stock_g=takes.measured_g.sum().cast("int64"))
    # a stock-take in the first days of a month closes the month before
    each = each.mutate(month_on=legal_day(plus_hours(each["at"], -72.0)).truncate("M"))
    return each.group_by("site_id", "month_on").agg(stock_g=each.stock_g.argmax(each["at"]))


def _judged(records: Records, months: ir.Table, at: Settings) -> ir.Table:
    """The months of plants about whose treatment an extract could tell.

    Where most disposers that take waste in have batches, one that has none is told as it is. Where most have none, the
    extract is what lacks them, and it says nothing about those plants; intermediates need no batch.
    """
    disposers = records["sites"].filter(lambda t: t.kind == "disposer").select("site_id")
    keeps = records["batches"].select("site_id").distinct().mutate(keeps=1)
    took = months.filter(months.in_g > 0).select("site_id").distinct().semi_join(disposers, "site_id")
    both = took.left_join(keeps, "site_id").select("site_id", keeps=ibis.coalesce(ibis._.keeps, 0))
    usual = both.agg(part=ibis.coalesce(both.keeps.mean(), 0.0))
    silent = both.filter(both.keeps == 0).cross_join(usual).filter(lambda t: t.part < at.keeping)
    return months.anti_join(silent, "site_id")


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    months = _judged(records, _months(records, as_of), at)
    stocks = _stocks(records, as_of)
    limits = (
        records["facilities"]
        .filter(lambda t: t.kind == "storage")
        .group_by("site_id")
        .agg(limit_g=lambda t: t.limit_g.sum().cast("int64"))
    )
    both = months.left_join(stocks, ["site_id", "month_on"]).drop("site_id_right", "month_on_right")
    both = both.left_join(limits, "site_id").drop("site_id_right")
    number = both.month_on.year() * 12 + both.month_on.month()
    both = both.mutate(number=number.cast("int64"))
    so_far = ibis.window(group_by="site_id", order_by="number", preceding=None, following=0)
    lately = ibis.window(group_by="site_id", order_by="number", range=(-(int(at.months) - 1), 0))
    summed = both.mutate(
        came_g=both.in_g.sum().over(lately),
        gone_g=(both.out_g + both.treated_g).sum().over(lately),
        balance_g=(both.in_g - both.out_g - both.treated_g).sum().over(so_far),
        lately_g=(both.in_g - both.out_g - both.treated_g).sum().over(lately),
        first=both.number.min().over(so_far),
        known_g=both.stock_g.max().over(so_far),
    )
    # Stock cannot have grown by more than was counted, or than the store holds where nobody counted. Where neither is
    # known, what the last months brought may still stand there.
    most_stock = ibis.coalesce(summed.known_g, summed.limit_g, summed.came_g)
    judged = summed.mutate(
        missing_g=ibis.least(summed.lately_g, summed.balance_g - most_stock), enough=summed.number - summed["first"] + 1
    )
    wrong = judged.filter(
        judged.enough >= at.months, judged.missing_g > at.least_g, judged.missing_g > judged.came_g * at.share
    )
    first = ibis.row_number().over(ibis.window(group_by="site_id", order_by="number"))
    most = wrong.group_by("site_id").agg(risk_g=wrong.missing_g.max())
    found = wrong.mutate(place=first).filter(lambda t: t.place == 0).inner_join(most, "site_id")
    return findings(
        found,
        severity=(found.risk_g >= at.grave_g).ifelse(Severity.REFER.value, Severity.INSPECT.value),
        subject_kind="site",
        subject_id=found.site_id,
        party_id=found.site_id,
        since_at=plus_hours((found.month_on - ibis.interval(months=2)).cast("timestamp('UTC')"), -8.0),
        found_at=plus_hours((found.month_on + ibis.interval(months=1)).cast("timestamp('UTC')"), -8.0),
        at_risk_g=found.risk_g,
        statistic=found.missing_g / ibis.greatest(found.came_g, 1),
        threshold=at.share,
        in_g=found.came_g,
        proven_g=found.gone_g,
        missing_g=found.missing_g,
        greatest_stock_g=ibis.coalesce(found.known_g, found.limit_g, found.came_g),
    )


RULE = Rule(
    id="R23",
    version=2,
    title=message("Takes in, and nothing shows for it"),
    queue=Queue.FACILITY,
    severity=Severity.INSPECT,
    formula="(in - out - Δstock - proven treatment) / in > share over the last months, and more than least_g",
    parameters=(
        Parameter("months", 3, "month", "over which it is summed", "anomaly note R23: 90 days"),
        Parameter("share", 0.2, "1", "part of the intake that nothing shows", "anomaly note R23"),
        Parameter("keeping", 0.5, "1", "of disposers with batches, for one without any to be judged", "design default"),
        Parameter("least_g", 30_000_000, "g", "least mass", "anomaly note R23"),
        Parameter("grave_g", 100_000_000, "g", "mass of an aggravated crime", "法释〔2023〕7号 art. 2(3)"),
    ),
    needs=("manifests.received_g", "sites"),
    detectable=message(
        "A fifth of the intake of three months, from 30 t on; nothing of what invented batches with real energy cover."
    ),
    false_alarms=message("Few, where stock-takes and readings are kept; one for each plant that keeps no records."),
    innocent=(
        message("The plant does not send its batches or stock-takes."),
        message("A large lawful store fills up."),
    ),
    next_step=message(
        "Take stock in presence and compare it with intake; look at energy, lime and residues of the last months."
    ),
    article="固废法 art. 78, 80; 法释〔2023〕7号 art. 2(3)",
    chance=0.5,
    find=_find,
)
