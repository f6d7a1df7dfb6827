"""What each load weighed, by all that both sides wrote and weighed.

A clerk's slip (a factor of ten, gross for net) in one load can be more than a plant loses in a month. Where the two
sides agree within a tenth, each side's own figure stands. Where they do not, that figure stands of which more
weighings speak, on both sides. Where as many speak for either, each side's own figure stands, with the difference as
its standard error: such a load says nothing for or against a plant.
"""

import ibis
import ibis.expr.types as ir

from wastetrack.extracts.reading import Records

AGREE = 0.1
"""Of the larger figure: the discrepancy that the law lets pass in bulk (40 CFR 264.72), and a slip is beyond."""
NEAR = 0.02
"""Within it, two figures are one."""


def loads(records: Records) -> ir.Table:
    """Manifests that were not cancelled: their ids, sites, code, instants, kind; `sent_g`, `came_g`, the mass on each
    side, and `doubt_g`, its standard error beyond that of a weighing: zero where the sides agree."""
    rows = records["manifests"].filter(lambda t: t.cancelled_at.isnull())
    rows = rows.select(
        "manifest_id", "waste_code", "kind", "shipper_site_id", "receiver_site_id", "declared_g", "received_g",
        "rejected_g", "departed_at", "received_at",
    )  # fmt: skip
    larger = ibis.greatest(rows.declared_g, rows.received_g, 1)
    apart = (rows.declared_g - rows.received_g).abs()
    torn = rows.filter(
        rows.received_at.notnull() & (rows.received_g > 0) & (rows.declared_g > 0) & (apart > larger * AGREE)
    ).select("manifest_id", "waste_code", "declared_g", "received_g")
    judged = _judged(records, torn)
    both = rows.left_join(judged, ["manifest_id", "waste_code"]).drop("manifest_id_right", "waste_code_right")
    return both.mutate(
        sent_g=ibis.coalesce(both.standing_g, both.declared_g),
        came_g=ibis.coalesce(both.standing_g, both.received_g),
        doubt_g=ibis.coalesce(both.doubt_g, 0.0),
    ).drop("standing_g")


def _judged(records: Records, torn: ir.Table) -> ir.Table:
    """`manifest_id, waste_code, standing_g, doubt_g` of loads about which the sides do not agree; `standing_g` is null
    where neither figure has more to speak for it, and then `doubt_g` is their difference."""
    weighed = (
        records["weighings"]
        .semi_join(torn, ["manifest_id", "waste_code"])
        .filter(lambda t: t.net_g > 0)
        .select("manifest_id", "waste_code", "net_g")
    )
    both = torn.left_join(weighed, ["manifest_id", "waste_code"])
    near = {name: ((both.net_g - both[name]).abs() <= both[name] * NEAR).cast("int64") for name in _SIDES}
    votes = both.group_by("manifest_id", "waste_code", *_SIDES).agg(
        sent=ibis.coalesce(near["declared_g"].sum(), 0), came=ibis.coalesce(near["received_g"].sum(), 0)
    )
    stands = ibis.cases(
        (votes.sent > votes.came, votes.declared_g), (votes.came > votes.sent, votes.received_g), else_=None
    )
    difference = (votes.declared_g - votes.received_g).abs().cast("float64")
    return votes.select("manifest_id", "waste_code", standing_g=stands, doubt_g=stands.isnull().ifelse(difference, 0.0))


_SIDES = ("declared_g", "received_g")
