"""Loads with errors of scales, drawn here and nowhere else: what the charts are tried on."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from tests.support.records import records
from wastetrack.extracts.reading import Records

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LOAD_G = 20_000_000
TARE_G = 12_000_000
SIGMA_G = 30_000
"""Of one weighing."""


def loads(
    count: int = 2400,
    *,
    shippers: int = 12,
    carriers: int = 4,
    receivers: int = 3,
    biased: Mapping[str, float] | None = None,
    skims: Mapping[str, tuple[float, int]] | None = None,
    carriers_of_shipper: int = 2,
    written: Mapping[int, Callable[[int, int], tuple[int, int]]] | None = None,
    dry: float = 0.0,
    seed: int = 3,
) -> Records:
    """A year of loads of 20 t between truck scales.

    `biased` scales (by `ship<n>` or `plant<n>`) read so much too much of a load; `skims` are carriers that take a
    part of each load from a day on. `written` tells what stands in the records of single loads, by number, instead of
    what both scales showed. `dry` is a part that all waste loses on the road.
    """
    rng = np.random.default_rng(seed)
    bias, skim = biased or {}, skims or {}
    manifests, weighings = [], []
    for number in range(count):
        day = 364.0 * number / count
        shipper = int(rng.integers(shippers))
        carrier = f"carrier{(shipper + int(rng.integers(carriers_of_shipper))) % carriers}"
        receiver = int(rng.integers(receivers))
        part, since = skim.get(carrier, (0.0, 0))
        taken = part if day >= since else 0.0
        true = int(rng.uniform(0.7, 1.3) * LOAD_G)
        at = FIRST + timedelta(days=day)
        name = f"load{number:05}"
        manifests.append(
            {
                "manifest_id": name,
                "carrier_id": carrier,
                "shipper_site_id": f"ship{shipper}",
                "receiver_site_id": f"plant{receiver}",
                "filed_at": at,
            }
        )
        shown = tuple(
            round((mass * (1 + bias.get(scale, 0.0)) + rng.normal(0, SIGMA_G)) / 20_000) * 20_000
            for scale, mass in ((f"ship{shipper}", true), (f"plant{receiver}", true * (1 - taken) * (1 - dry)))
        )
        if written and number in written:
            shown = written[number](shown[0], shown[1])
        for side, net in zip(("shipper", "receiver"), shown, strict=True):
            weighings.append(
                {
                    "manifest_id": name,
                    "side": side,
                    "method": "truck_scale",
                    "net_g": net,
                    "tare_g": TARE_G,
                    "weighed_at": at,
                }
            )
    return records(manifests=manifests, weighings=weighings)
