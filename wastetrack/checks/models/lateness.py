"""How many minutes later than usual each load came, and how well that is known.

What is usual is the speed of the other trips of the lane (paces.py). A round that collects at several places has no
lane, and is left out.
"""

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wastetrack.checks.expressions import hours
from wastetrack.checks.journeys import SHORTEST_H, journeys
from wastetrack.checks.models.paces import paces
from wastetrack.extracts.reading import Records

LANE = ("shipper_site_id", "receiver_site_id")


def lateness(records: Records) -> ir.Table:
    """One row a manifest that left and came: `took_minutes`, `late_minutes` beyond what is usual, `late_sigma`, the
    `speed` that was expected in km/h, the `spread` of the trip's own about it, and `lane_trips`."""
    return records.model("lateness", _lateness)


def _lateness(records: Records) -> ir.Table:
    trips = (
        journeys(records)
        .filter(lambda t: t.places == 1)
        .group_by("manifest_id")
        .agg(
            carrier_id=lambda t: t.carrier_id.max(),
            shipper_site_id=lambda t: t.shipper_site_id.max(),
            receiver_site_id=lambda t: t.receiver_site_id.max(),
            departed_at=lambda t: t.departed_at.min(),
            reached_at=lambda t: t.reached_at.max(),
            road_km=lambda t: t.road_km.max().clip(lower=1.0),
            declared_g=lambda t: t.declared_g.sum().cast("int64"),
        )
        .mutate(took_minutes=lambda t: hours(t.departed_at, t.reached_at) * 60.0)
        .filter(lambda t: t.took_minutes > SHORTEST_H * 60.0)
        .cache()
    )
    # the sums of a lane must not depend on who comes first
    read = trips.select("manifest_id", *LANE, "road_km", "took_minutes").order_by("manifest_id").to_pyarrow()
    km, took = (np.asarray(read[name], np.float64) for name in ("road_km", "took_minutes"))
    lane = _lanes(read)
    usual = paces(lane, km / took * 60.0)
    minutes = km / usual.speed * 60.0
    told = {
        "manifest_id": read["manifest_id"],
        "lane_trips": np.bincount(lane, minlength=1)[lane],
        "late_minutes": took - minutes,
        "late_sigma": minutes * usual.spread / usual.speed,
        "speed": usual.speed,
        "spread": usual.spread,
    }
    return trips.join(ibis.memtable(pa.table(told)), "manifest_id").cache()


def _lanes(trips: pa.Table) -> npt.NDArray[np.int64]:
    """A number from 0 for the lane of each trip."""
    start, end = (
        np.asarray(trips[name].combine_chunks().dictionary_encode().indices.fill_null(-1), np.int64) + 1
        for name in LANE
    )
    _, lane = np.unique(start * (end.max(initial=0) + 1) + end, return_inverse=True)
    return lane.astype(np.int64)
