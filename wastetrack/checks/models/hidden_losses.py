"""Loads whose weights agree, and whose trips look as those of loads that were proved short.

The gate may have written a likely weight. What is expected of the sort (likeness.py) is shared out by carrier: one that
was proved to bring short loads oftener than its number of trips lets expect is likelier to have hidden more of them.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.model import Settings
from wastetrack.checks.models.differences import USUAL, heavy_trips, named, odd, proved, sorted_trips
from wastetrack.checks.models.likeness import SORT, signs
from wastetrack.extracts.reading import Records

ROUNDS = 2
LEAST_ALIKE, MOST_ALIKE = 0.3, 10.0
"""No carrier is thought so honest, nor so bad, that its trips tell nothing any more."""


def hidden_losses(records: Records, as_of: datetime, at: Settings = USUAL) -> ir.Table:
    """Trips of the sorts that are known, with what is known of the sort and of the carrier, and `real`, how
    likely a part was left on the way; none where too few losses were proved.

    Of a load that was weighed short, how sure that loss is decides.
    """
    return records.model(named("hidden losses", as_of, at), lambda given: _hidden(given, as_of, at))


def _hidden(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    firms, alike = _firms(records, as_of, at)
    came = signs(records).filter(lambda t: t.reached_at <= as_of)
    losses = odd(records, as_of, at).filter(lambda t: t.loss)
    weighed = losses.group_by("manifest_id").agg(by_weight=losses.posterior.max())
    rows = came.join(sorted_trips(records, as_of, at), list(SORT)).join(firms, "carrier_id")
    rows = rows.left_join(weighed, "manifest_id").drop("manifest_id_right")
    odds = rows.hidden / rows.others
    rows = rows.mutate(odds=odds, alone=odds / (odds + 1.0)).mutate(real=lambda t: t.alone).cache()
    whole = ibis.window(group_by="carrier_id")
    # what is suspected of a carrier's other trips tells of this one too, as far as their sorts let expect less
    for _ in range(ROUNDS):
        mine = (rows.by_weight.isnull() & (rows.declared_g >= at.heavy_g)).cast("float64")
        others = (rows.real * mine).sum().over(whole) - rows.real * mine
        usual = (rows.alone * mine).sum().over(whole) - rows.alone * mine
        oftener = (rows.proved_of_carrier + others + alike) / (rows.expected_of_carrier + usual + alike)
        rows = rows.mutate(real=rows.odds * oftener / (rows.odds * oftener + 1.0)).cache()
    return rows.mutate(real=ibis.coalesce(rows.by_weight, rows.real)).drop("odds", "alone").cache()


def _firms(records: Records, as_of: datetime, at: Settings) -> tuple[ir.Table, float]:
    """`proved_of_carrier` and `expected_of_carrier` by its part of all heavy trips, and for how many losses it counts
    that carriers are alike: few where they differ by more than chance (the shape of a gamma prior, by moments)."""
    carried = heavy_trips(records, as_of, at).group_by("carrier_id").agg(carried=lambda t: t.count())
    found = proved(records, as_of, at).group_by("carrier_id").agg(found=lambda t: t.count())
    firms = carried.left_join(found, "carrier_id").drop("carrier_id_right")
    firms = firms.mutate(proved_of_carrier=ibis.coalesce(firms.found, 0))
    every = firms.aggregate(all_carried=firms.carried.sum(), all_proved=firms.proved_of_carrier.sum())
    firms = firms.cross_join(every)
    expected = firms.carried / firms.all_carried * firms.all_proved
    firms = firms.mutate(expected_of_carrier=expected).drop("carried", "found", "all_carried", "all_proved").cache()
    off = firms.proved_of_carrier - firms.expected_of_carrier
    (told,) = (
        firms.aggregate(
            beyond=(off * off - firms.expected_of_carrier).sum(),
            square=(firms.expected_of_carrier * firms.expected_of_carrier).sum(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    square, beyond = told["square"] or 0.0, told["beyond"] or 0.0
    return firms, min(max(square / beyond, LEAST_ALIKE), MOST_ALIKE) if beyond > 0 else MOST_ALIKE
