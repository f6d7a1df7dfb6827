"""R48: a load came, and its trip looks as those of loads that the scales proved short; its gate may have helped."""

from datetime import datetime

import ibis.expr.types as ir

from wastetrack.checks.expressions import findings
from wastetrack.checks.model import Parameter, Queue, Rule, Settings, Severity
from wastetrack.checks.models.differences import DIFFERENCES
from wastetrack.checks.models.hidden_losses import hidden_losses
from wastetrack.checks.roads.whereabouts import ASIDE, SILENT, STILL, STOOD_OFF, UNSEEN
from wastetrack.extracts.reading import Records
from wastetrack.i18n import message


def _find(records: Records, at: Settings, as_of: datetime) -> ir.Table:
    every = hidden_losses(records, as_of, at).filter(
        lambda t: t.by_weight.isnull(),  # else R03 tells of it
        lambda t: ~t.where.startswith(STOOD_OFF),  # R47 tells where it stood
        lambda t: t.declared_g >= at.heavy_g,
        lambda t: t.real >= at.least_posterior,
    )
    return findings(
        every,
        severity=(every.real >= at.sure).ifelse(Severity.INSPECT.value, Severity.EXPLAIN.value),
        subject_kind="manifest",
        subject_id=every.manifest_id,
        party_id=every.carrier_id,
        since_at=every.departed_at,
        found_at=every.reached_at,
        at_risk_g=every.declared_g,
        statistic=every.real * every.declared_g / 1000.0,
        threshold=at.least_posterior * every.declared_g / 1000.0,
        took_minutes=every.took_minutes.round(0),
        late_minutes=every.late_minutes.round(0),
        late_sigma=every.late_sigma.round(1),
        seen=every.where != UNSEEN,
        silent=every.where.isin((SILENT, STILL)),
        aside=every.where == ASIDE,
        times_likelier=every.sign_odds.exp().round(1),
        proved_of_carrier=every.proved_of_carrier,
        expected_of_carrier=every.expected_of_carrier.round(2),
        posterior=every.real,
        lane_trips=every.lane_trips,
    )


RULE = Rule(
    id="R48",
    version=2,
    title=message("Trip looks like those of short loads"),
    queue=Queue.TRANSIT,
    severity=Severity.EXPLAIN,
    formula="odds = hidden · share of heavy loads proved short · times such a trip is likelier for a proved loss:"
    " by the density of minutes beyond the lane's speed, errors taken out, among proved losses and among "
    "all; of trips with positions, by sorts of minutes and of where they were lost; posterior = over all "
    "shares that this carrier may have, by its proved and suspected losses (mixture of all carriers by "
    "maximum likelihood); rank = posterior · mass",
    parameters=(
        Parameter("least_posterior", 0.07, "1", "from which it is told", "design default"),
        Parameter("sure", 0.8, "1", "from which it is inspected", "design default"),
        *DIFFERENCES,
    ),
    needs=("manifests.departed_at", "manifests.arrived_at", "weighings"),
    detectable=message(
        "A load of a tonne and more of which a part was left, whatever its gate wrote, where few honest trips look as "
        "such trips do. Where no position is sent, only a halt of half an hour on a lane that is known to ten minutes."
    ),
    false_alarms=message(
        "About as many as the posterior leaves. Nothing is told before the scales have proved ten losses of a tenth of "
        "a load: until then nobody knows how such trips look."
    ),
    innocent=(
        message("The driver rested, waited in a jam, or was sent round a closed road."),
        message("The receiver of the vehicle failed, and the gate let it wait."),
    ),
    next_step=message(
        "Ask for the printed slips of the scales, the camera at the gate and toll records; weigh this carrier's next "
        "loads with a second person."
    ),
    article="转移管理办法 art. 13, 15",
    chance=0.5,
    find=_find,
)
