"""R03: what one gate weighed differs from what left by more than the two scales can."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.weighing import loads
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message

MOISTURE: tuple[tuple[str, float, float], ...] = ()
"""(waste code, part of the mass that it is expected to lose on the road, standard uncertainty of that part); of every
other code nothing is expected to be lost."""


def expected_loss(code: ir.StringValue) -> tuple[ir.FloatingValue, ir.FloatingValue]:
    """The part of a code's mass that drips or dries on the road, and how sure that is."""
    if not MOISTURE:
        return ibis.literal(0.0), ibis.literal(0.0)
    lost, unsure = (ibis.cases(*((code == row[0], row[which]) for row in MOISTURE), else_=0.0) for which in (1, 2))
    return lost, unsure


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    every = loads(records).filter(lambda t: t.known_at <= as_of)
    lost, unsure = expected_loss(every.waste_code)
    difference = every.sent_g - every.taken_g - every.sent_g * lost
    sigma = (every.sigma_g.pow(2.0) + (every.sent_g * unsure).pow(2.0)).sqrt()
    judged = every.mutate(difference_g=difference, all_sigma_g=sigma).mutate(z=lambda t: t.difference_g / t.all_sigma_g)
    least = ibis.greatest(ibis.coalesce(judged.division_g, 0) * at.divisions, judged.sent_g * at.least_share)
    odd = (judged.z.abs() > at.z) & (judged.difference_g.abs() > least)
    grave = (
        (judged.z > at.grave_z)
        | (judged.difference_g > judged.sent_g * at.grave_share)
        | (judged.difference_g > at.grave_g)
    )
    wrong = judged.filter(odd).mutate(grave=grave & (judged.z > 0))
    return findings(
        wrong,
        severity=ibis.cases(
            (wrong.grave & (wrong.difference_g >= at.crime_g), Severity.REFER.value),
            (wrong.grave, Severity.INSPECT.value),
            else_=Severity.EXPLAIN.value,
        ),
        subject_kind="manifest",
        subject_id=wrong.manifest_id,
        party_id=(wrong.z > 0).ifelse(wrong.carrier_id, wrong.receiver_site_id),
        since_at=ibis.coalesce(wrong.departed_at, wrong.known_at),
        found_at=wrong.known_at,
        at_risk_g=wrong.difference_g.abs().round(0).cast("int64"),
        statistic=wrong.z.abs(),
        threshold=at.z,
        sent_g=wrong.sent_g,
        taken_g=wrong.taken_g,
        difference_g=wrong.difference_g.round(0).cast("int64"),
        sigma_g=wrong.all_sigma_g.round(0).cast("int64"),
        waste_code=wrong.waste_code,
    )


RULE = Rule(
    id="R03",
    title=message("Weight differs"),
    queue=Queue.TRANSIT,
    severity=Severity.EXPLAIN,
    formula="d = W_s - W_r - m, s² = s_s² + s_r² + s_m², |d|/s > z and |d| > max(3 e, 0.5 % W_s)",
    parameters=(
        Parameter("z", 3.09, "s", "difference in its standard uncertainties", "one-sided 0.1 %, anomaly note R03"),
        Parameter("divisions", 3, "e", "least difference in scale divisions", "anomaly note R03"),
        Parameter("least_share", 0.005, "1", "least difference as part of the load", "anomaly note R03"),
        Parameter("grave_z", 5, "s", "from which a loss is inspected", "anomaly note R03"),
        Parameter("grave_share", 0.1, "1", "part of the load from which it is", "40 CFR 264.72, anomaly note R03"),
        Parameter("grave_g", 500_000, "g", "loss from which it is", "anomaly note R03"),
        Parameter("crime_g", 3_000_000, "g", "mass that makes it a crime", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests", "weighings"),
    detectable=message(
        "A loss of about 140 kg of a load of 20 t between two truck scales; nothing of a load that one side only estimated, "
        "and nothing where the gate copies the weight."
    ),
    false_alarms=message(
        "About one load in five hundred by the scales alone; wrong entries (gross for net, ten times) come on top."
    ),
    innocent=(
        message("A weight was typed wrongly, or gross and net were exchanged."),
        message("Water dripped or dried off, rain came in, or fuel was taken between the weighings."),
    ),
    next_step=message(
        "Ask both sides for the printed slips of the scales; weigh the vehicle again where it still stands."
    ),
    article="转移管理办法 art. 15",
    chance=0.4,
    find=_find,
)
