"""Drafts: prepared, amended, never filed with less than the law asks."""

from tests.support.trade import API, Trade, refused, sent
from wastetrack.ids import new_id


async def test_a_draft_is_replaced_as_a_whole_by_whoever_saw_its_version(trade: Trade) -> None:
    first, second = await trade.labelled(), await trade.labelled()
    shipper = await trade.shipper()
    manifest_id = await trade.drafted(first)
    path = f"{API}/manifests/{manifest_id}"
    key = {"Idempotency-Key": str(new_id())}
    amended = await shipper.http.put(
        path, json={**trade.plan(second), "version": 1}, headers={**key, "Authorization": f"Bearer {shipper.bearer}"}
    )
    assert (amended.status_code, amended.headers["etag"]) == (200, '"2"')
    shown = (await trade.standing(manifest_id))["manifest"]
    assert [line["container_id"] for line in shown["lines"]] == [second["id"]]
    assert shown["version"] == 2


async def test_a_draft_that_somebody_else_has_changed_is_not_overwritten(trade: Trade) -> None:
    shipper = await trade.shipper()
    drum = await trade.labelled()
    manifest_id = await trade.drafted(drum)
    path = f"{API}/manifests/{manifest_id}"

    async def put(**headers: str) -> tuple[int, str]:
        given = {"Idempotency-Key": str(new_id()), "Authorization": f"Bearer {shipper.bearer}", **headers}
        answered = await shipper.http.put(path, json=trade.plan(drum), headers=given)
        return answered.status_code, answered.json().get("code", "")

    assert await put() == (400, "version_missing")
    assert await put(**{"If-Match": "yesterday's"}) == (400, "etag_unreadable")
    assert await put(**{"If-Match": '"7"'}) == (409, "manifest_changed")
    assert await put(**{"If-Match": '"1"'}) == (200, "")
    await sent(shipper, f"/manifests/{manifest_id}/filing", {})
    assert await put(**{"If-Match": '"3"'}) == (409, "signature_out_of_order")


async def test_a_draft_needs_containers_a_carrier_and_each_container_once(trade: Trade) -> None:
    shipper, drum = await trade.shipper(), await trade.labelled()
    await refused(shipper, "/manifests", trade.plan(), "containers_missing")
    await refused(shipper, "/manifests", {**trade.plan(drum), "legs": []}, "leg_missing")
    await refused(shipper, "/manifests", trade.plan(drum, drum), "container_twice")


async def test_a_draft_withdrawn_leaves_no_number_behind(trade: Trade) -> None:
    manifest_id = await trade.drafted(await trade.labelled())
    withdrawn = await sent(await trade.shipper(), f"/manifests/{manifest_id}/cancellation", {})
    assert (withdrawn["manifest"]["state"], withdrawn["manifest"]["number"]) == ("cancelled", None)
    shown = await trade.standing(manifest_id)
    assert shown["next_steps"] == []
