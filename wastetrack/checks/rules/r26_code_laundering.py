"""R26: waste changes its code where it is not treated: the hazardous mass leaks away, another code goes on."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.carried import loads
from wastetrack.checks.code_changes import copied_loads, from_nothing, unlicensed_changes
from wastetrack.checks.expressions import findings, legal_day, plus_hours
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.balance import MDD
from wastetrack.checks.monthly import begins, hazardous, month_of, number_of, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

NEAR_H = 360.0
"""A stock counted within fifteen days of a quarter's end is taken as its stock."""
MONTHS = 3
"""Of a quarter; one is drawn up at the end of each month, and so each month stands in three."""


def _quarters(rows: ir.Table) -> ir.Table:
    """The rows of `month_on`, once for each of the quarters that they are part of: `quarter_on` is its first day."""
    return ibis.union(
        *[
            rows.mutate(quarter_on=(rows.month_on - ibis.interval(months=back)).cast("date")).drop("month_on")
            for back in range(MONTHS)
        ]
    )


def _moved(records: Records, sites: ir.Table) -> ir.Table:
    """What came in and went out of each site in the three months from each month on, hazardous and general; squares are
    of single loads."""
    manifests = loads(records)
    came = manifests.filter(lambda t: t.received_at.notnull() & (t.received_g > 0))
    went = manifests.filter(lambda t: t.departed_at.notnull())
    rows = came.select(
        site_id=came.receiver_site_id,
        month_on=month_of(came.received_at),
        waste_code=came.waste_code,
        g=came.came_g,
        doubt_g=came.doubt_g,
        inward=True,
    ).union(
        went.select(
            site_id=went.shipper_site_id,
            month_on=month_of(went.departed_at),
            waste_code=went.waste_code,
            g=(went.sent_g - ibis.coalesce(went.rejected_g, 0)).cast("int64"),
            doubt_g=went.doubt_g,
            inward=False,
        )
    )
    rows = rows.semi_join(sites, "site_id")
    dangerous, mass = hazardous(rows.waste_code), rows.g.cast("float64")

    def total(value: ir.NumericValue, condition: ir.BooleanValue) -> ir.NumericValue:
        return ibis.coalesce(value.sum(where=condition), 0.0)

    months = rows.group_by("site_id", "month_on").agg(
        in_g=total(mass, dangerous & rows.inward),
        in_square=total(mass * mass, dangerous & rows.inward),
        out_g=total(mass, dangerous & ~rows.inward),
        out_square=total(mass * mass, dangerous & ~rows.inward),
        doubt=total(rows.doubt_g * rows.doubt_g, dangerous),
        general_in_g=total(mass, ~dangerous & rows.inward),
        general_out_g=total(mass, ~dangerous & ~rows.inward),
    )
    began = months.month_on.min().as_scalar()
    whole = _quarters(months).filter(lambda t: t.quarter_on >= began)
    sums = {name: whole[name].sum() for name in whole.columns if name not in ("site_id", "quarter_on")}
    return whole.group_by("site_id", "quarter_on").agg(**sums)


def _treated(records: Records) -> ir.Table:
    """Hazardous mass that ended in batches: what went in less hazardous residues."""
    batches = records["batches"].select("batch_id", "site_id", month_on=lambda t: month_of(t.treated_at))
    into = (
        records["batch_inputs"]
        .filter(lambda t: hazardous(t.waste_code))
        .group_by("batch_id")
        .agg(into_g=lambda t: t.input_g.sum().cast("float64"))
    )
    out = (
        records["residues"]
        .filter(lambda t: t.waste_code.notnull() & hazardous(t.waste_code))
        .group_by("batch_id")
        .agg(left_g=lambda t: t.output_g.sum().cast("float64"))
    )
    rows = batches.join(into, "batch_id").left_join(out, "batch_id")
    months = rows.group_by("site_id", "month_on").agg(burnt_g=lambda t: (t.into_g - ibis.coalesce(t.left_g, 0.0)).sum())
    return _quarters(months).group_by("site_id", "quarter_on").agg(burnt_g=lambda t: t.burnt_g.sum())


def _counted(records: Records) -> ir.Table:
    """`site_id, quarter_on, opening_g, closing_g`: hazardous stock at both ends, where it was counted near them."""
    days = (
        records["stock_takes"]
        .filter(lambda t: hazardous(t.waste_code))
        .group_by("site_id", day=lambda t: legal_day(t.taken_at))
        .agg(taken_at=lambda t: t.taken_at.max(), stock_g=lambda t: t.measured_g.sum().cast("float64"))
        .mutate(quarter_on=lambda t: month_of(plus_hours(t.taken_at, NEAR_H)))
    )
    ends = (
        days.filter(lambda t: t.taken_at <= plus_hours(begins(t.quarter_on), NEAR_H))
        .group_by("site_id", "quarter_on")
        .agg(stock_g=lambda t: t.stock_g.max())
    )
    opening = ends.select("site_id", "quarter_on", opening_g="stock_g")
    closing = ends.select(
        "site_id", quarter_on=lambda t: (t.quarter_on - ibis.interval(months=MONTHS)).cast("date"), closing_g="stock_g"
    )
    return opening.join(closing, ["site_id", "quarter_on"])


def _leaks(records: Records, at: Settings, sites: ir.Table) -> ir.Table:
    """Quarters with the leak L, its standard error and how much of it went on as general waste."""
    rows = _moved(records, sites)
    for other in (_treated(records), _counted(records)):
        rows = rows.left_join(other, ["site_id", "quarter_on"]).drop("site_id_right", "quarter_on_right")
    grown = rows.closing_g - rows.opening_g
    burnt = ibis.coalesce(rows.burnt_g, 0.0)
    general = rows.general_out_g - rows.general_in_g
    random = at.random * at.random * (rows.in_square + rows.out_square) + rows.doubt
    systematic = at.systematic * at.systematic * (rows.in_g * rows.in_g + rows.out_g * rows.out_g)
    counting = at.counting * at.counting * (rows.opening_g * rows.opening_g + rows.closing_g * rows.closing_g)
    rows = rows.mutate(
        leak_g=rows.in_g - rows.out_g - burnt - ibis.coalesce(grown, 0.0),
        error_g=(random + systematic + ibis.coalesce(counting, 0.0)).sqrt(),
        general_g=general,
        counted=grown.notnull(),
        treated_g=burnt,
    )
    worth = ibis.greatest(at.sigmas * rows.error_g, at.least_g, at.share * rows.in_g)
    carried = rows.general_g >= at.carried * rows.leak_g
    return _apart(rows.filter((rows.leak_g > worth) & (rows.counted | carried)).mutate(worth_g=worth, carried=carried))


def _apart(leaks: ir.Table) -> ir.Table:
    """Of leaks in one quarter after another each third: quarters that overlap tell the same mass again."""
    order = ibis.row_number().over(ibis.window(group_by="site_id", order_by="quarter_on"))
    rows = leaks.mutate(order=order).mutate(spell=lambda t: number_of(t.quarter_on) - t.order)
    place = ibis.row_number().over(ibis.window(group_by=["site_id", "spell"], order_by="quarter_on"))
    return rows.mutate(place=place).filter(lambda t: t.place % MONTHS == 0).drop("order", "spell", "place")


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  a quarter is known when it is over
    sites = records["sites"].filter(lambda t: t.kind == "intermediate").select("site_id")
    leaks = _leaks(records, at, sites)
    of_leaks = findings(
        leaks,
        severity=leaks.carried.ifelse(Severity.REFER.value, Severity.INSPECT.value),
        subject_kind="site",
        subject_id=leaks.site_id,
        party_id=leaks.site_id,
        since_at=begins(leaks.quarter_on),
        found_at=over(leaks.quarter_on, MONTHS),
        at_risk_g=leaks.leak_g.round(0).cast("int64"),
        statistic=leaks.leak_g / ibis.greatest(leaks.error_g, 1.0),
        threshold=leaks.worth_g / ibis.greatest(leaks.error_g, 1.0),
        test="leak",
        in_g=leaks.in_g,
        out_g=leaks.out_g,
        treated_g=leaks.treated_g,
        general_g=leaks.general_g,
        error_g=leaks.error_g,
        output_code=ibis.null("string"),
        pairs=ibis.null("int64"),
        expected=ibis.null("float64"),
    )
    every = together(
        of_leaks, copied_loads(records, at, sites), from_nothing(records, at, sites), unlicensed_changes(records)
    )
    return every.mutate(mdd_g=every.error_g * MDD)


RULE = Rule(
    id="R26",
    version=3,
    title=message("Code changed without treatment"),
    queue=Queue.LAUNDERING,
    severity=Severity.INSPECT,
    formula=(
        "each month over three months: L = in_g − out_g − (closing − opening) − treated_g > max(sigmas × error_g, "
        "least_g, share × in_g), where stock was counted "
        "or general waste took carried × L up; pairs of loads of other codes within hours and tolerance against "
        "those in the ring "
        "around it (Poisson); a code of which more went out than ever came in, was made or stood there; outputs "
        "of batches that stand on no licensed process"
    ),
    parameters=(
        Parameter(
            "sigmas",
            3.3,
            "1",
            "standard errors; twelve quarters a year that overlap pass them as rarely as four apart pass 3",
            "anomaly note R26",
        ),
        Parameter("least_g", 3_000_000, "g", "in three months", "法释〔2023〕7号 art. 1(2)"),
        Parameter("share", 0.02, "1", "of the intake of three months", "anomaly note R26"),
        Parameter("carried", 0.5, "1", "of the leak that general waste takes up", "anomaly note R26"),
        Parameter("random", 0.003, "1", "random standard error of a weighed load", "anomaly note 4.3"),
        Parameter("systematic", 0.0015, "1", "systematic standard error of a site's scale", "anomaly note 4.3"),
        Parameter("counting", 0.05, "1", "standard error of a counted stock", "anomaly note 4.3"),
        Parameter("hours", 48, "h", "from the load in to the load out", "anomaly note R26"),
        Parameter("tolerance", 0.01, "1", "of the mass, for a pair", "anomaly note R26"),
        Parameter("pairs", 3, "1", "pairs in 30 days", "anomaly note R26"),
        Parameter(
            "unknown_stock",
            0.25,
            "1",
            "of a code's intake that may have stood there before, where no stock was counted",
            "design default",
        ),
        Parameter("log_chance", 6.91, "1", "least −ln of the chance of so many pairs: 1 in 1,000", "design default"),
    ),
    needs=("manifests.received_g", "manifests.departed_at", "sites.kind"),
    detectable=message(
        "A leak of 3 t or 2 % of a quarter's intake, whichever is more; among hazardous codes, what goes out "
        "that never came, and pairs of loads."
    ),
    false_alarms=message("1 in 700 quarters by error of weighing, where stocks are counted."),
    innocent=(
        message("Waste dried or drained in the store."),
        message("The stock grew and was not counted at the quarter's end."),
        message("Treatment was done and its batch not recorded."),
    ),
    next_step=message(
        "Take samples of what goes out; compare batch records with the loads of the pairs; count the store."
    ),
    article="法释〔2023〕7号 art. 1, 7; 固废法 art. 80",
    chance=0.6,
    find=_find,
)
