"""Offers, reservations and terms through the API, with the database's own eyes."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from tests.support.served import Visitor
from tests.support.trade import Trade, asked, sent, today
from tests.support.world import SLUDGE
from wastetrack.auth.sight import look_as
from wastetrack.db.session import reading
from wastetrack.ids import new_id

TERMS: dict[str, Any] = {"is_open": True, "hold_days": 5, "prices": [{"pattern": "HW17", "fen_per_t": 250_000}]}


def wanted(trade: Trade, mass_g: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    """The workshop asks the incinerator to keep sludge."""
    return {
        "site_id": str(trade.world.generator.site.id),
        "receiver_site_id": str(trade.world.receiver.site.id),
        "waste_code": SLUDGE,
        "method": "D10",
        "mass_g": mass_g,
        "planned_on": (today() + timedelta(days=2)).isoformat(),
        **changes,
    }


async def put(visitor: Visitor, path: str, body: object, *, expect: int = 200) -> dict[str, Any]:
    """Put JSON under a fresh key."""
    headers = {"Authorization": f"Bearer {visitor.bearer}", "Idempotency-Key": str(new_id())}
    answered = await visitor.http.put(f"/api/v1{path}", json=body, headers=headers)
    assert answered.status_code == expect, answered.text
    told: dict[str, Any] = answered.json()
    return told


async def test_publish_find_reserve_and_let_go(trade: Trade) -> None:
    shipper, receiver, stranger = await trade.shipper(), await trade.receiver(), await trade.stranger()
    site, plant = trade.world.generator.site.id, trade.world.receiver.site.id
    intake = f"/sites/{plant}/intake"
    assert (await asked(shipper, intake))["is_open"] is False
    await put(shipper, intake, TERMS, expect=403)
    published = await put(receiver, intake, TERMS)
    assert published["log"]["event_id"]
    days = {"days": [{"day": today().isoformat(), "free_g": 6_000_000}]}
    await sent(receiver, f"{intake}/days", days)
    shown = await asked(shipper, intake)
    assert (shown["is_open"], shown["hold_days"], shown["prices"][0]["fen_per_t"]) == (True, 5, 250_000)
    assert shown["days"] == [{"day": today().isoformat(), "free_g": 6_000_000, "taken_g": 0}]
    question = f"/receiver-offers?site_id={site}&waste_code={SLUDGE}&mass_g=2000000"
    (offer,) = (await asked(shipper, question))["possible"]
    assert (offer["site_id"], offer["can_reserve"], offer["fen_per_t"]) == (str(plant), True, 250_000)
    assert (offer["day_free_g"], offer["hold_days"]) == (6_000_000, 5)
    assert isinstance(offer["storage_g"], int)
    assert (await stranger.get(f"/api/v1{question}")).status_code == 403
    free = offer["free_g"]
    made = await sent(shipper, "/reservations", wanted(trade, 2_000_000), expect=201)
    one = made["reservation"]
    assert (one["state"], one["net_g"], one["left_g"], one["fen_per_t"]) == ("held", 2_000_000, 2_000_000, 250_000)
    assert made["log"]["event_id"] == one["id"]
    (offer,) = (await asked(shipper, question))["possible"]
    assert offer["free_g"] == free - 2_000_000
    used = await asked(receiver, f"/organisations/{trade.world.receiver.id}/permit-use")
    lines = {line["pattern"]: line for permit in used["items"] for line in permit["lines"]}
    assert lines[SLUDGE]["held_g"] == 2_000_000
    path = f"/reservations/{one['id']}"
    assert (await stranger.get(f"/api/v1{path}")).status_code == 404
    assert (await asked(receiver, path))["id"] == one["id"]
    assert one["id"] in [row["id"] for row in (await asked(await trade.inspector(), "/reservations"))["items"]]
    assert one["id"] not in [row["id"] for row in (await asked(stranger, "/reservations"))["items"]]
    await sent(receiver, f"{path}/withdrawal", {"reason": "检修"}, expect=403)
    await sent(shipper, f"{path}/refusal", {"reason": "检修"}, expect=403)
    ended = await sent(shipper, f"{path}/withdrawal", {"reason": "自行利用"})
    assert (ended["reservation"]["state"], ended["reservation"]["end_reason"]) == ("given_up", "自行利用")
    await sent(receiver, f"{path}/refusal", {"reason": "检修"}, expect=409)
    second = (await sent(shipper, "/reservations", wanted(trade, 1_000), expect=201))["reservation"]["id"]
    declined = await sent(receiver, f"/reservations/{second}/refusal", {"reason": "设备检修"})
    assert declined["reservation"]["state"] == "declined"
    assert second in [row["id"] for row in (await asked(shipper, "/reservations?state=declined"))["items"]]


async def test_a_filing_takes_what_is_set_aside(trade: Trade) -> None:
    await put(await trade.receiver(), f"/sites/{trade.world.receiver.site.id}/intake", TERMS)
    body = wanted(trade, 200_000, waste_code="900-249-08")
    one = (await sent(await trade.shipper(), "/reservations", body, expect=201))["reservation"]
    manifest_id = await trade.filed(await trade.labelled())
    shown = await asked(await trade.shipper(), f"/reservations/{one['id']}")
    assert (shown["state"], shown["used_g"], shown["left_g"]) == ("held", 180_000, 20_000)
    await sent(await trade.shipper(), f"/manifests/{manifest_id}/cancellation", {"reason": "车辆故障"})
    shown = await asked(await trade.shipper(), f"/reservations/{one['id']}")
    assert (shown["state"], shown["used_g"]) == ("held", 0)
    await sent(await trade.shipper(), f"/reservations/{one['id']}/withdrawal", {"reason": "改期"})


async def test_the_database_shows_reservations_to_both_sides_alone(trade: Trade) -> None:
    await put(await trade.receiver(), f"/sites/{trade.world.receiver.site.id}/intake", TERMS)
    one = (await sent(await trade.shipper(), "/reservations", wanted(trade, 1_000), expect=201))["reservation"]
    world = trade.world
    seen = {}
    for name, actor in (
        ("shipper", world.generator.owner),
        ("receiver", world.receiver.owner),
        ("carrier", world.carrier.owner),
        ("stranger", world.stranger.owner),
        ("authority", world.inspector),
    ):
        async with reading(trade.app.state.engine) as session:
            await look_as(session, actor)
            rows = await session.scalars(text("select id::text from reservations"))
            seen[name] = one["id"] in set(rows.all())
    assert seen == {"shipper": True, "receiver": True, "carrier": False, "stranger": False, "authority": True}
    await sent(await trade.shipper(), f"/reservations/{one['id']}/withdrawal", {"reason": "改期"})
