"""R03: what one gate weighed differs from what left by more than the two scales can, or was copied and not weighed."""

import math
from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.gathering import together
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.copies import copied
from wastetrack.checks.models.differences import DIFFERENCES, ESTIMATE, odd, with_trip
from wastetrack.checks.models.slips import AMENDED, NONE, TOO_HEAVY
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    return together(_differs(records, at, as_of), _copies(records, at, as_of))


def _differs(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    every = odd(records, as_of, at)
    sure = (every.posterior >= at.least_posterior) & ~every.slip.isin((TOO_HEAVY, AMENDED))
    # where gains of that sort are as many as losses, only a great part of a load is worth a question
    weighed = every.sent_method != ESTIMATE
    lost = every.loss & (sure | ((every.slip == NONE) & every.gross & weighed))
    wrong = every.filter(lost | (~every.loss & (every.slip == NONE) & weighed)).mutate(
        size_g=every.rest_g.abs(),
        real=every.loss.ifelse(every.posterior, at.gain),
        grave=every.loss & sure & ((every.z > at.grave_z) | every.gross | (every.rest_g > at.grave_g)),
    )
    least = ibis.greatest(
        wrong.z_limit * wrong.all_sigma_g,
        ibis.coalesce(wrong.division_g, 0) * at.divisions,
        wrong.sent_g * at.least_share,
    )
    return findings(
        wrong,
        severity=ibis.cases(
            (wrong.grave & (wrong.rest_g >= at.crime_g), Severity.REFER.value),
            (wrong.grave, Severity.INSPECT.value),
            else_=Severity.EXPLAIN.value,
        ),
        subject_kind="manifest",
        subject_id=wrong.manifest_id,
        party_id=wrong.loss.ifelse(wrong.carrier_id, wrong.receiver_site_id),
        since_at=ibis.coalesce(wrong.departed_at, wrong.known_at),
        found_at=wrong.known_at,
        at_risk_g=wrong.size_g.round(0).cast("int64"),
        statistic=wrong.size_g * wrong.real / 1000.0,
        threshold=least * at.gain / 1000.0,
        sent_g=wrong.sent_g,
        taken_g=wrong.taken_g,
        expected_g=wrong.expected_g.round(0).cast("int64"),
        difference_g=wrong.rest_g.round(0).cast("int64"),
        sigma_g=wrong.all_sigma_g.round(0).cast("int64"),
        z=wrong.z,
        z_limit=wrong.z_limit,
        signature=wrong.slip,
        prior=wrong.prior,
        posterior=wrong.real,
        late=wrong.late,
        missing_pieces=ibis.coalesce(wrong.missing_pieces, 0),
        others_of_carrier=wrong.others_of_carrier,
        waste_code=wrong.waste_code,
    )


def _copies(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    """Whatever came, it was not weighed: the whole load is in doubt."""
    wrong = with_trip(records, copied(records, as_of, at), at, as_of)
    odds = math.log(at.copied / (1 - at.copied)) + wrong.trip_odds + wrong.pieces_odds
    wrong = wrong.mutate(real=1.0 / (1.0 + (-odds).exp()))
    return findings(
        wrong,
        severity=Severity.INSPECT.value,
        subject_kind="manifest",
        subject_id=wrong.manifest_id,
        party_id=wrong.receiver_site_id,
        since_at=ibis.coalesce(wrong.departed_at, wrong.known_at),
        found_at=wrong.known_at,
        at_risk_g=wrong.sent_g,
        statistic=wrong.sent_g * wrong.real / 1000.0,
        threshold=0.0,
        sent_g=wrong.sent_g,
        taken_g=wrong.taken_g,
        expected_g=ibis.literal(0, "int64"),
        difference_g=wrong.difference_g.round(0).cast("int64"),
        sigma_g=wrong.sigma_g.round(0).cast("int64"),
        z=ibis.null("float64"),
        z_limit=ibis.null("float64"),
        signature=wrong.copy,
        prior=ibis.literal(at.copied, "float64"),
        posterior=wrong.real,
        late=wrong.late,
        missing_pieces=ibis.coalesce(wrong.missing_pieces, 0),
        others_of_carrier=ibis.null("int64"),
        waste_code=wrong.waste_code,
    )


RULE = Rule(
    id="R03",
    version=4,
    title=message("Weight differs"),
    queue=Queue.TRANSIT,
    severity=Severity.EXPLAIN,
    formula="d = W_s - W_r - W_s (a + c + lane + code), s² = s_s² + s_r² + s_m², |d|/s > z of honest loads and "
    "|d| > max(3 e, 0.5 % W_s); log-odds = losses beyond the gains of the same sort, or as many as look "
    "like a slip or an error of an estimate by chance + trip (ln of how much oftener loads proved short "
    "take as long, and lose it there; late or not, until enough are proved) + pieces + carrier, each at "
    "most cap; rank = d · posterior in kg; or W_r = W_s that the scale of the gate cannot show, or W_r = "
    "a declaration that W_s refutes",
    parameters=(
        *DIFFERENCES,
        Parameter("least_posterior", 0.5, "1", "from which a loss is told as one", "likelier than not"),
        Parameter("gain", 0.05, "1", "of unexplained gains that hide a mixing or topping up", "design default"),
        Parameter("copied", 0.5, "1", "of weights that a gate copied once, that hide a loss", "design default"),
        Parameter("habit", 0.02, "1", "of its weights, from which a gate copies by habit", "design default"),
        Parameter("grave_z", 5, "s", "from which a loss is inspected", "anomaly note R03"),
        Parameter("grave_g", 500_000, "g", "loss from which it is", "anomaly note R03"),
        Parameter("crime_g", 3_000_000, "g", "mass that makes it a crime", "法释〔2023〕7号 art. 1(2)"),
    ),
    needs=("manifests", "weighings"),
    detectable=message(
        "A loss of 140 to 230 kg of a load of 20 t between two truck scales, by how well they are known; about a third "
        "of a load that was estimated; a weight that the gate copied and its scale cannot show. Nothing where the gate "
        "writes a likely weight, which half of those who dump may arrange."
    ),
    false_alarms=message(
        "About three loads in 10,000 by the scales, by the limit that honest gains set. Wrong entries that look like "
        "none (one figure mistyped) come on top; those with a signature are told as mistakes of writing."
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
