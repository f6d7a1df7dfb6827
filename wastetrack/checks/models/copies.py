"""Weights that a gate wrote down and did not weigh.

Two facts are no chance. A scale of 20 kg steps shows no 17,471.5 kg, however true the shipper's platform scale is. And
a gate that weighs never meets, to the gram, a declaration that the shipper's own weighing shows to be a mistake of
writing. Gates that copy by habit are told as such (R37); at a gate that else weighs, one copied weight hides what came.
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from wastetrack.checks.model import Settings
from wastetrack.checks.models.scale_effects import dated
from wastetrack.extracts.reading import Records

IMPOSSIBLE, REPEATED = "impossible_figure", "repeated_mistake"


def copied(records: Records, as_of: datetime, at: Settings) -> ir.Table:
    """Loads of which the gate copied the weight, at gates that copy less than `habit` of what would show it; `copy`
    says which of the two facts it is."""
    every = dated(records, as_of).filter(lambda t: ~t.rejected)
    step = every.taken_told_division_g
    shows = (every.taken_method == "truck_scale") & (every.sent_g % step != 0)
    slipped = (every.declared_g - every.sent_g).abs() > every.sent_g * at.gross
    rows = every.mutate(shows=shows.fill_null(ibis.literal(value=False)) | slipped)
    impossible = rows.shows & (rows.taken_g == rows.sent_g)
    repeated = slipped & (rows.taken_g == rows.declared_g)
    rows = rows.mutate(copy=ibis.cases((repeated, REPEATED), (impossible & ~slipped, IMPOSSIBLE))).filter(rows.shows)
    gates = rows.group_by("receiver_site_id").agg(shown=rows.count(), copies=rows.copy.count())
    both = rows.filter(rows.copy.notnull()).inner_join(gates, "receiver_site_id")
    return both.filter((both.copies - 1) <= both.shown * at.habit)
