"""R24: a plant sent, treated and has more than it ever took in: something came without a manifest."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.balance import ALL, mass_unaccounted
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

SURE = 8.0
"""σ beyond which it is no longer chance that is in doubt but the records; from there on grams tell what is graver."""


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    every = mass_unaccounted(records, as_of)
    judged = every.mutate(
        needed=ibis.greatest(every.z_needed, at.z),
        z=-every.muf_g / ibis.greatest(every.sigma_g, 1.0),
        cumulated_z=-every.cumuf_g / ibis.greatest(every.cumuf_sigma_g, 1.0),
    )
    judged = judged.mutate(
        statistic=ibis.greatest(judged.z, judged.cumulated_z, judged.page_gain / judged.page_h * judged.needed),
        gain_g=ibis.greatest(-judged.muf_g, -judged.cumuf_g),
    )
    whole = judged.filter(judged.waste_code == ALL).select(
        "site_id", "period", whole_z=judged.statistic, whole_g=judged.gain_g
    )
    once = judged.inner_join(whole, ["site_id", "period"])
    wrong = once.filter(
        once.statistic > once.needed,
        once.gain_g >= at.least_g,
        once.gain_g >= once.in_g * at.least_share,
        once.muf_g < 0,
        # what one code gains and another loses was written under a wrong code, and is not more than came
        (once.whole_z > at.whole_z) & (once.whole_g >= once.gain_g * at.whole_share),
    )
    # a site's finding is the first of its codes or of all of them together
    place = ibis.row_number().over(ibis.window(group_by="site_id", order_by=[wrong.to_at, wrong.statistic.desc()]))
    most = wrong.group_by("site_id").agg(
        risk_g=wrong.gain_g.max(), most=wrong.statistic.max(), sure=(wrong.whole_z - wrong.needed).max()
    )
    found = wrong.mutate(place=place).filter(lambda t: t.place == 0).inner_join(most, "site_id")
    return findings(
        found,
        severity=ibis.cases(
            (found.sure <= 0, Severity.WATCH.value),
            (found.risk_g >= at.grave_g, Severity.REFER.value),
            else_=Severity.INSPECT.value,
        ),
        subject_kind="site",
        subject_id=found.site_id,
        party_id=found.site_id,
        since_at=found.from_at,
        found_at=found.to_at,
        at_risk_g=found.risk_g,
        statistic=ibis.least(found.most, SURE),
        threshold=found.needed,
        waste_code=ibis.ifelse(found.waste_code == ALL, ibis.null("string"), found.waste_code),
        opening_g=found.opening_g,
        in_g=found.in_g,
        out_g=found.out_g,
        closing_g=found.closing_g,
        muf_g=found.muf_g,
        sigma_g=found.sigma_g.round(0).cast("int64"),
        mdd_g=found.mdd_g.round(0).cast("int64"),
        cumuf_g=found.cumuf_g,
        cumuf_sigma_g=found.cumuf_sigma_g.round(0).cast("int64"),
        spread=found.spread,
    )


RULE = Rule(
    id="R24",
    version=2,
    title=message("More left than came"),
    queue=Queue.FACILITY,
    severity=Severity.INSPECT,
    formula=(
        "MUF = opening + in - out - treated - closing; MUF/σ or CUMUF/σ below -z, or Page's sum of -SITMUF above h; z "
        "so that 1 of 50 honest plants passes it in a year; σ as wide as the balances of most plants scatter"
    ),
    parameters=(
        Parameter("z", 3.09, "σ", "least, one-sided 0.1 %", "anomaly note R24"),
        Parameter("least_g", 3_000_000, "g", "least mass", "法释〔2023〕7号 art. 1(2)"),
        Parameter("least_share", 0.01, "1", "least part of what came in", "design default"),
        Parameter("grave_g", 100_000_000, "g", "mass of an aggravated crime", "法释〔2023〕7号 art. 2(3)"),
        Parameter("whole_z", 1.645, "σ", "of the whole plant's gain, for a gain of one code to count", "one-sided 5 %"),
        Parameter("whole_share", 0.5, "1", "of a code's gain that the whole plant gains too", "design default"),
    ),
    needs=("manifests.received_g", "stock_takes"),
    detectable=message(
        "What is printed beside each balance as MDD = 3.29 σ: of a plant of 30,000 "
        "t a year about 530 t, with good scales and "
        "stock-takes 90 t."
    ),
    false_alarms=message("One honest plant in fifty in a year, over all its codes and balances."),
    innocent=(
        message("A stock-take was wrong, or counted what belongs to another code."),
        message("Water was added, or residues were booked without their batch."),
    ),
    next_step=message(
        "Take stock in presence; compare batches with energy and residues; look for intake without manifest."
    ),
    article="固废法 art. 78, 80",
    chance=0.4,
    find=_find,
)
