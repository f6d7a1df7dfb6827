"""Two workshops whose loads go with one vehicle, over HTTP."""

from typing import Any

from tests.support.trade import Trade, sent
from tests.support.world import OIL


async def two_filed(trade: Trade) -> tuple[list[dict[str, Any]], list[str]]:
    """Two workshops' drums and filed manifests, for one vehicle."""
    own = await trade.labelled()
    await trade.plans(trade.world.receiver.id, OIL, shipper=trade.world.stranger)
    stranger, site = await trade.stranger(), str(trade.world.stranger.site.id)
    made = await sent(stranger, "/containers", trade.drum(site_id=site), expect=201)
    other: dict[str, Any] = made["container"]
    draft = await sent(stranger, "/manifests", trade.plan(other, shipper_site_id=site), expect=201)
    await sent(stranger, f"/manifests/{draft['id']}/filing", {})
    return [own, other], [await trade.filed(own), draft["id"]]
