"""R21: a plant burns and burns, and no ash leaves it."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings, hours, legal_day
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.monthly import first, hazardous
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

BURNING = ("D10", "R1")
"""Methods that leave ash: incineration, use as fuel."""
RESIDUES = "HW18"
"""Category of residues of incineration and disposal."""


def _burnt(records: Records) -> ir.Table:
    """`site_id, day, treated_g, last_at, sent`: one row a day with a batch, `sent` zero."""
    return (
        records["batches"]
        .filter(lambda t: t.method.isin(BURNING))
        .group_by("site_id", day=lambda t: legal_day(t.treated_at))
        .agg(treated_g=lambda t: t.input_g.sum().cast("int64"), last_at=lambda t: t.treated_at.max())
        .mutate(sent=ibis.literal(0).cast("int64"))
    )


def _sent(records: Records) -> ir.Table:
    """Days on which ash left: a residue by category, or a code that this site's own batches left."""
    own = (
        records["residues"]
        .filter(lambda t: t.waste_code.notnull())
        .join(records["batches"].select("batch_id", "site_id"), "batch_id")
        .select("site_id", "waste_code")
        .distinct()
    )
    out = records["manifests"].filter(lambda t: t.departed_at.notnull() & t.cancelled_at.isnull())
    ash = hazardous(out.waste_code) & (out.waste_code.right(2) == RESIDUES[-2:])
    left = out.left_join(own, [out.shipper_site_id == own.site_id, out.waste_code == own.waste_code])
    return (
        left.filter(ash | left.site_id.notnull())
        .group_by(site_id=lambda t: t.shipper_site_id, day=lambda t: legal_day(t.departed_at))
        .agg(
            treated_g=lambda t: (t.declared_g * 0).sum().cast("int64"),
            last_at=lambda t: t.departed_at.max(),
            sent=lambda t: t.count().cast("int64"),
        )
        .select("site_id", "day", "treated_g", "last_at", "sent")
    )


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:  # noqa: ARG001  each day is known by its end
    days = _burnt(records)
    days = (
        days.union(_sent(records).semi_join(days.select("site_id").distinct(), "site_id").select(*days.columns))
        .group_by("site_id", "day")
        .agg(
            treated_g=lambda t: t.treated_g.sum().cast("int64"),
            last_at=lambda t: t.last_at.max(),
            sent=lambda t: t.sent.sum().cast("int64"),
        )
    )
    spells = days.mutate(spell=days.sent.sum().over(ibis.cumulative_window(group_by="site_id", order_by="day")))
    within = ibis.cumulative_window(group_by=["site_id", "spell"], order_by="day")
    spells = spells.mutate(
        since_g=spells.treated_g.sum().over(within).cast("int64"), began_at=spells.last_at.min().over(within)
    )
    room = (
        records["facilities"]
        .filter(lambda t: (t.kind == "storage") & t.limit_g.notnull())
        .group_by("site_id")
        .agg(store_g=lambda t: t.limit_g.sum().cast("int64"))
    )
    spells = spells.left_join(room, "site_id").drop("site_id_right")
    spells = spells.mutate(expected_g=spells.since_g * at.least_ash, days=hours(spells.began_at, spells.last_at) / 24.0)
    # what a site can keep is not known where its stores are not; then time speaks, as stores are emptied by routine
    held = ibis.ifelse(spells.store_g.isnull(), spells.days > at.days, spells.expected_g > spells.store_g)
    full = first(spells.filter((spells.since_g > at.treated_g) & held), ("site_id", "spell"), "day")
    return findings(
        full,
        severity=Severity.INSPECT.value,
        subject_kind="site",
        subject_id=full.site_id,
        party_id=full.site_id,
        since_at=full.began_at,
        found_at=full.last_at,
        at_risk_g=full.expected_g.round(0).cast("int64"),
        statistic=ibis.coalesce(full.expected_g / ibis.greatest(full.store_g, 1).cast("float64"), full.days / at.days),
        threshold=1.0,
        treated_since_g=full.since_g,
        expected_ash_g=full.expected_g,
        store_g=full.store_g,
        days=full.days,
    )


RULE = Rule(
    id="R21",
    version=2,
    title=message("No ash leaves the plant"),
    queue=Queue.FACILITY,
    severity=Severity.INSPECT,
    formula=(
        "treated since the last ash left > treated_g and treated since × least_ash > store; where no store is known, "
        "for longer than days"
    ),
    parameters=(
        Parameter("treated_g", 500_000_000, "g", "since the last ash left", "anomaly note R21"),
        Parameter(
            "least_ash", 0.08, "1", "of what is burnt stays as ash at least", "anomaly note R20, unconfirmed: 8 to 25 %"
        ),
        Parameter("days", 90, "day", "without ash, where the site's stores are not known", "design default"),
    ),
    needs=("batches", "manifests.departed_at"),
    detectable=message("A furnace of which no ash left until its stores must be full."),
    false_alarms=message("Rare: a plant whose ash is used on its own ground without a manifest."),
    innocent=(
        message("The ash goes into the plant's own landfill."),
        message("The waste is burnt in a cement kiln, whose product takes the ash up."),
    ),
    next_step=message("Look into the ash store; weigh what is there."),
    article="法释〔2023〕7号 art. 15",
    chance=0.4,
    find=_find,
)
