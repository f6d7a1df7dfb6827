"""One row a manifest with what can be told of it alone: what the baselines see.

Numbers that are not known stay null. `key`s are not features. Nothing here is learned, and nothing looks at the truth.
"""

import ibis
import ibis.expr.types as ir

from wastetrack.checks.expressions import category, hours
from wastetrack.checks.journeys import journeys
from wastetrack.extracts.reading import Records

KEYS = ("manifest_id", "shipper_site_id", "carrier_id", "receiver_site_id", "filed_at")
PIECES = "pieces_wrong"
LOSS = "loss_share"
RECEIVED = "received"
FEATURES = (
    "declared_log", LOSS, "weighed_loss_share", "weights_equal", RECEIVED, "took_h", "took_share", "road_km", "hour",
    "weekday", "recorded_late_h", "rejected_share", "price_log", PIECES, "pieces", "used_before", "devices",
    "sides_apart", "code_at_receiver", "lane_log",
)  # fmt: skip


def features(records: Records) -> ir.Table:
    """KEYS and FEATURES, one row a manifest that was not called off before it left."""
    every = _first_code(records)
    usual = journeys(records).select("manifest_id", "waste_code", "road_km", "expected_at")
    rows = every.left_join(usual, ["manifest_id", "waste_code"]).drop("manifest_id_right", "waste_code_right")
    for part in (_weights(records), _pieces(records), _signed(records)):
        rows = rows.left_join(part, "manifest_id").drop("manifest_id_right")
    common = every.group_by("receiver_site_id", kind=category(every.waste_code)).agg(code_count=lambda t: t.count())
    lanes = every.group_by("shipper_site_id", "receiver_site_id").agg(lane_count=lambda t: t.count())
    rows = rows.mutate(kind=category(rows.waste_code))
    rows = rows.left_join(common, ["receiver_site_id", "kind"]).drop("receiver_site_id_right", "kind_right")
    rows = rows.left_join(lanes, ["shipper_site_id", "receiver_site_id"]).drop(
        "shipper_site_id_right", "receiver_site_id_right"
    )
    took = hours(rows.departed_at, ibis.coalesce(rows.arrived_at, rows.received_at))
    declared = ibis.greatest(rows.declared_g, 1).cast("float64")
    given = {
        "declared_log": declared.log10(),
        LOSS: (rows.declared_g - rows.received_g) / declared,
        "weighed_loss_share": (rows.sent_g - rows.taken_g) / ibis.greatest(rows.sent_g, 1.0),
        "weights_equal": (rows.sent_g == rows.taken_g).cast("float64"),
        RECEIVED: rows.received_at.notnull().cast("float64"),
        "took_h": took,
        "took_share": took / ibis.greatest(hours(rows.departed_at, rows.expected_at), 0.1),
        "road_km": rows.road_km,
        "hour": rows.departed_at.hour().cast("float64"),
        "weekday": rows.departed_at.day_of_week.index().cast("float64"),
        "recorded_late_h": hours(rows.received_at, rows.received_recorded_at),
        "rejected_share": ibis.coalesce(rows.rejected_g, 0) / declared,
        "price_log": ibis.greatest(rows.price_per_t, 0.01).log10(),
        PIECES: ibis.coalesce(rows.wrong, 0).cast("float64"),
        "pieces": ibis.coalesce(rows.boxes, 0).cast("float64"),
        "used_before": ibis.coalesce(rows.uses, 0).cast("float64"),
        "devices": rows.device_count.cast("float64"),
        "sides_apart": rows.people_count.cast("float64"),
        "code_at_receiver": rows.code_count.cast("float64").log10(),
        "lane_log": rows.lane_count.cast("float64").log10(),
    }
    return rows.select(*KEYS, **{name: given[name].cast("float64") for name in FEATURES})


def _first_code(records: Records) -> ir.Table:
    manifests = records["manifests"].filter(lambda t: t.departed_at.notnull())
    place = ibis.row_number().over(ibis.window(group_by="manifest_id", order_by=manifests.declared_g.desc()))
    return manifests.mutate(place=place).filter(lambda t: t.place == 0).drop("place")


def _weights(records: Records) -> ir.Table:
    weighings = records["weighings"]
    return weighings.group_by("manifest_id").agg(
        sent_g=weighings.net_g.max(where=weighings.side == "shipper").cast("float64"),
        taken_g=weighings.net_g.max(where=weighings.side == "receiver").cast("float64"),
    )


def _pieces(records: Records) -> ir.Table:
    """How many containers, how many a gate missed or had too many, and on how many loads the most used one stood."""
    loads = records["loads"]
    serials = loads.left_join(records["containers"].select("container_id", "serial"), "container_id").drop(
        "container_id_right"
    )
    serials = serials.mutate(label=ibis.coalesce(serials.serial, serials.container_id))
    used = serials.group_by("label").agg(times=lambda t: t.manifest_id.nunique())
    told = serials.left_join(used, "label").drop("label_right")
    return told.group_by("manifest_id").agg(
        boxes=told.count(), wrong=told.outcome.isin(["missing", "extra"]).sum(), uses=told.times.max()
    )


def _signed(records: Records) -> ir.Table:
    signatures = records["signatures"]
    return signatures.group_by("manifest_id").agg(
        device_count=signatures.device_id.nunique(), people_count=signatures.person_id.nunique()
    )
