"""Loads whose weights agree, and whose trips look as those of loads that were proved short.

The gate may have written a likely weight. How likely a part of the load was left is told by how its trip looked
(likeness.py), and by what else its carrier is thought to have left on the way (firms.py).
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from wastetrack.checks.model import Settings
from wastetrack.checks.models.differences import USUAL, heavy_trips, named, odd, proved, trip_looks
from wastetrack.checks.models.firms import posteriors
from wastetrack.checks.models.likeness import signs
from wastetrack.extracts.reading import Records

_SUREST = 0.99
"""No weights make surer that waste is missing, when they speak for a firm."""


def hidden_losses(records: Records, as_of: datetime, at: Settings = USUAL) -> ir.Table:
    """Trips of which it is known how they looked, with `sign_odds` by that, what is known of the carrier, and `real`,
    how likely a part was left on the way; none where too few losses were proved.

    Of a load that was weighed short, how sure that loss is decides, `by_weight`.
    """
    return records.model(named("hidden losses", as_of, at), lambda given: _hidden(given, as_of, at))


def _hidden(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    came = signs(records).filter(lambda t: t.reached_at <= as_of, lambda t: t.carrier_id.notnull())
    losses = odd(records, as_of, at).filter(lambda t: t.loss)
    # who skims is no dumper, and what is thought of the carrier must not come from that
    alone = (losses.posterior / (1.0 - losses.posterior)).ln() - losses.carrier_odds.clip(lower=-at.cap, upper=at.cap)
    losses = losses.mutate(alone=(losses.gross & losses.heavy).ifelse(alone, ibis.null("float64")))
    weighed = losses.group_by("manifest_id").agg(by_weight=losses.posterior.max(), weight_odds=losses.alone.max())
    firms = _firms(records, as_of, at)
    rows = came.join(trip_looks(records, as_of, at), "manifest_id").join(firms, "carrier_id")
    rows = rows.left_join(weighed, "manifest_id").drop("manifest_id_right")
    shares = heavy_trips(records, as_of, at).aggregate(heavy=lambda t: t.count())
    shares = shares.cross_join(proved(records, as_of, at).aggregate(proved=lambda t: t.count()))
    (share,) = shares.select(share=lambda t: t.proved / ibis.greatest(t.heavy, 1)).to_pyarrow()["share"].to_pylist()
    rows = rows.cache()
    about = ("manifest_id", "carrier_id", "declared_g", "sign_odds", "by_weight", "weight_odds")
    told = rows.select(*about).order_by("manifest_id").to_pyarrow()
    heavy = np.asarray(told["declared_g"], np.float64) >= at.heavy_g
    known = ~np.asarray(told["by_weight"].is_null(), bool)
    by_weight = np.asarray(told["weight_odds"].fill_null(np.nan), np.float64)
    speaks = np.isfinite(by_weight)
    odds = np.where(
        speaks,
        np.minimum(np.exp(np.where(speaks, by_weight, 0.0)), _SUREST / (1.0 - _SUREST)),
        at.hidden * share * np.exp(np.asarray(told["sign_odds"], np.float64)),
    )
    usual = np.where(known, 0.0, (1.0 + at.hidden) * share)
    firm = np.asarray(told["carrier_id"].combine_chunks().dictionary_encode().indices, np.int64)
    real = posteriors(firm, odds, usual, heavy & (speaks | ~known))
    judged = ibis.memtable(pa.table({"manifest_id": told["manifest_id"], "real": real}))
    both = rows.drop("weight_odds").join(judged, "manifest_id")
    return both.mutate(real=ibis.coalesce(both.by_weight, both.real)).cache()


def _firms(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    """`proved_of_carrier`, and `expected_of_carrier` by its part of all heavy trips."""
    carried = heavy_trips(records, as_of, at).group_by("carrier_id").agg(carried=lambda t: t.count())
    found = proved(records, as_of, at).group_by("carrier_id").agg(found=lambda t: t.count())
    firms = carried.left_join(found, "carrier_id").drop("carrier_id_right")
    firms = firms.mutate(proved_of_carrier=ibis.coalesce(firms.found, 0))
    every = firms.aggregate(all_carried=firms.carried.sum(), all_proved=firms.proved_of_carrier.sum())
    firms = firms.cross_join(every)
    expected = firms.carried / firms.all_carried * firms.all_proved
    return firms.mutate(expected_of_carrier=expected).drop("carried", "found", "all_carried", "all_proved").cache()
