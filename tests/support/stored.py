"""Stores, counts and sites of the workshop behind the application's API, each test its own."""

from datetime import timedelta
from typing import Any

from tests.support.served import Visitor
from tests.support.trade import Trade, sent, today
from wastetrack.ids import new_id

SCALE = {"name": "2号磅房台秤", "verified_on": "2025-06-01", "verified_until": "2099-05-31", "division_g": 200}


async def person(trade: Trade, who: str) -> Visitor:
    """The program of somebody by the word for his part in the trade, or by his login."""
    known = getattr(trade, who, None)
    found: Visitor = await (trade.served.api_visitor(who) if known is None else known())
    return found


async def a_store(trade: Trade, *, site_id: str | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """A store of the workshop, or of another site of its firm."""
    body = {"code": f"TS{new_id().hex[-8:]}", "name": "危废库", "limit_g": 20_000_000, **changes}
    at = site_id or trade.world.generator.site.id
    return await sent(await trade.shipper(), f"/sites/{at}/stores", body, expect=201)


async def a_scale(trade: Trade) -> str:
    """A scale of the workshop."""
    body = {"site_id": str(trade.world.generator.site.id), "serial": f"PS-{new_id().hex[-8:]}", **SCALE}
    return str((await sent(await trade.shipper(), "/scales", body, expect=201))["id"])


async def a_site(trade: Trade) -> str:
    """Another site of the workshop's firm."""
    body = {
        "name": f"厂区{new_id().hex[-8:]}",
        "kind": "production",
        "region_code": "370602",
        "address": "北马路2号",
        "latitude": "37.54",
        "longitude": "121.39",
    }
    organisation_id = trade.world.generator.id
    made = await sent(await trade.shipper(), f"/organisations/{organisation_id}/sites", body, expect=201)
    return str(made["id"])


async def begun(trade: Trade, store_id: str) -> str:
    """A stock-take of a store."""
    site_id = trade.world.generator.site.id
    made = await sent(await trade.shipper(), f"/sites/{site_id}/stock-takes", {"store_id": store_id}, expect=201)
    return str(made["stock_take"]["id"])


def drum_for(path: str, trade: Trade) -> dict[str, Any]:
    """A drum to be labelled, as the address takes it: one of the opening stock stands at the site in the address."""
    body = trade.drum()
    if "/opening-stock" in path:
        del body["site_id"]
    return body


async def storage_things(trade: Trade) -> dict[str, str]:
    """What addresses of storage name."""
    stores = [(await a_store(trade))["id"] for _ in range(4)]
    return {
        "store": stores[0],
        "stock_take": await begun(trade, stores[1]),
        "dropped": await begun(trade, stores[2]),
        "empty": stores[3],
        "other_site": await a_site(trade),
        "in_two_years": (today() + timedelta(days=600)).isoformat(),
        "scale": await a_scale(trade),
        "gone_scale": await a_scale(trade),
        "scale_serial": f"PS-{new_id().hex[-8:]}",
        "firm": str(trade.world.generator.id),
    }
