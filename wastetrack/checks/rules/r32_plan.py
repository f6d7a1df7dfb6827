"""R32: what a site made in a year is far from its management plan, or of a code that stands in no plan."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Cadence, Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import begins, first, made, over
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

COLUMNS = ("site_id", "year", "waste_code", "test", "month_on", "since_on", "made_g", "planned_g", "allowed")


def _planned(records: Records, at: Settings) -> ir.Table:
    """Plans with the deviation that the site's class allows: by its own word, else by the plan's sum."""
    plans = records["plans"]
    sums = plans.group_by("site_id", "year").agg(sum_g=lambda t: t.planned_g.sum().cast("int64"))
    sites = records["sites"].select("site_id", "management_class")
    rows = plans.join(sums, ["site_id", "year"]).join(sites, "site_id")
    large = ibis.coalesce(rows.management_class == "key", rows.sum_g >= at.large_g)
    return rows.mutate(allowed=large.ifelse(at.large, at.small)).drop("management_class")


def _so_far(records: Records) -> ir.Table:
    """`site_id, year, waste_code, month_on, made_g, since_on`: what was made in the year up to each month."""
    months = made(records).filter(lambda t: t.made_g > 0).mutate(year=lambda t: t.month_on.year().cast("int64"))
    so_far = ibis.cumulative_window(group_by=["site_id", "year", "waste_code"], order_by="month_on")
    return months.mutate(
        made_g=months.made_g.sum().over(so_far).cast("int64"), since_on=months.month_on.min().over(so_far)
    ).drop("entries")


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each month is known when it is over
    planned, so_far = _planned(records, at), _so_far(records)
    keys = ["site_id", "year", "waste_code"]
    above = so_far.join(planned, keys).mutate(test=ibis.literal("above"))
    above = first(
        above.filter(
            lambda t: t.made_g > t.planned_g * (1.0 + t.allowed), lambda t: t.made_g - t.planned_g >= at.least_g
        ),
        tuple(keys),
        "month_on",
    )
    whole = made(records).agg(first_on=lambda t: t.month_on.min(), last_on=lambda t: t.month_on.max())
    year = so_far.group_by(*keys).agg(made_g=lambda t: t.made_g.max())
    ended = planned.left_join(year, keys).drop("site_id_right", "year_right", "waste_code_right").cross_join(whole)
    january = ibis.date(ended.year.cast("int32"), 1, 1)
    december = ibis.date(ended.year.cast("int32"), 12, 1)
    below = ended.filter(ended.first_on <= january, ended.last_on >= december).mutate(
        test=ibis.literal("below"), month_on=december, since_on=january, made_g=ibis.coalesce(ended.made_g, 0)
    )
    below = below.filter(
        lambda t: t.made_g < t.planned_g * (1.0 - t.allowed), lambda t: t.planned_g - t.made_g >= at.least_g
    )
    of_year = planned.select("site_id", "year").distinct()
    outside = so_far.semi_join(of_year, ["site_id", "year"]).anti_join(planned, keys)
    outside = first(outside.filter(lambda t: t.made_g >= at.outside_g), tuple(keys), "month_on").mutate(
        test=ibis.literal("outside"), planned_g=ibis.literal(0).cast("int64"), allowed=ibis.literal(0.0)
    )
    told = together(*[part.select(*COLUMNS) for part in (above, below, outside)])
    return findings(
        told,
        severity=(told.test == "outside").ifelse(Severity.EXPLAIN.value, Severity.WATCH.value),
        subject_kind="site",
        subject_id=told.site_id,
        party_id=told.site_id,
        since_at=begins(told.since_on),
        found_at=over(told.month_on),
        at_risk_g=(told.made_g - told.planned_g).abs(),
        statistic=(told.planned_g == 0).ifelse(
            told.made_g / 1e6, (told.made_g - told.planned_g).abs() / ibis.greatest(told.planned_g, 1).cast("float64")
        ),
        threshold=told.allowed,
        test=told.test,
        year=told.year,
        waste_code=told.waste_code,
        made_g=told.made_g,
        planned_g=told.planned_g,
    )


RULE = Rule(
    id="R32",
    title=message("Far from its management plan"),
    queue=Queue.GENERATOR,
    severity=Severity.WATCH,
    formula=(
        "|made_g / planned_g − 1| > large (key sites, or plans from large_g) or small (all others); a code "
        "that is in no plan"
    ),
    parameters=(
        Parameter("large", 0.3, "1", "deviation allowed to key sites", "anomaly note R32"),
        Parameter("small", 0.5, "1", "deviation allowed to the others", "anomaly note R32"),
        Parameter(
            "large_g",
            100_000_000,
            "g",
            "plan from which a site counts as key, where its class is not known",
            "HJ 1259-2022, 4.2",
        ),
        Parameter("least_g", 1_000_000, "g", "of difference, below which nothing is said", "design default"),
        Parameter("outside_g", 100_000, "g", "of a code without plan, below which nothing is said", "design default"),
    ),
    needs=("plans",),
    detectable=message(
        "A year 30 % from the plan of a key site, 50 % from another's; a code outside the plan at once."
    ),
    false_alarms=message("Many: plans are guesses. It is a reason to ask, not to suspect."),
    innocent=(
        message("Production rose or fell against what was foreseen."),
        message("The plan was changed and its record is older."),
    ),
    next_step=message("Ask the site to explain or change its plan."),
    article="固废法 art. 78; HJ 1259-2022",
    chance=0.1,
    cadence=Cadence.MONTH,
    find=_find,
)
