"""Lists: in pages that stay stable while rows are added, by filters, at a cost that does not grow with the data."""

from typing import Any

import pytest

from tests.support.served import Visitor
from tests.support.trade import API, Trade, asked
from tests.support.wire import on_the_wire
from wastetrack.api.shown_manifests import ManifestPage, ManifestWhole


async def all_pages(visitor: Visitor, path: str) -> list[dict[str, Any]]:
    """Everything that a list holds, by following its links."""
    found: list[dict[str, Any]] = []
    address: str | None = API + path
    while address is not None:
        answered = await visitor.get(address)
        assert answered.status_code == 200, answered.text
        page = answered.json()
        found += page["items"]
        address = page["next"]
        link = answered.headers.get("link")
        assert link == (None if address is None else f'<{address}>; rel="next"')
    return found


async def test_pages_hold_each_manifest_once_newest_first_while_others_are_added(trade: Trade) -> None:
    shipper = await trade.shipper()
    drums = [await trade.labelled() for _ in range(5)]
    made = [await trade.drafted(drum) for drum in drums]
    first = (await shipper.get(f"{API}/manifests?limit=2")).json()
    late = await trade.drafted(drums[0])
    rest = await all_pages(shipper, first["next"].removeprefix(API))
    listed = [one["id"] for one in [*first["items"], *rest]]
    assert listed[:5] == made[::-1]
    assert late not in listed
    assert len(set(listed)) == len(listed)


async def test_manifests_are_found_by_state_number_and_role(trade: Trade) -> None:
    shipper, carrier = await trade.shipper(), await trade.carrier()
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    (found,) = (await asked(shipper, f"/manifests?number={number}"))["items"]
    assert found["id"] == manifest_id
    assert (found["containers"], found["declared_g"], found["measured_g"]) == (1, 180_000, None)
    assert found["shipper"]["organisation_id"] == str(trade.world.generator.id)
    beginning = await asked(shipper, f"/manifests?number={number[:8]}&state=filed&role=shipper&limit=200")
    assert manifest_id in [one["id"] for one in beginning["items"]]
    assert {one["state"] for one in beginning["items"]} == {"filed"}
    assert (await asked(shipper, f"/manifests?number={number}&state=draft"))["items"] == []
    assert (await asked(shipper, f"/manifests?number={number}&role=carrier"))["items"] == []
    assert len((await asked(carrier, f"/manifests?number={number}&role=carrier"))["items"]) == 1
    receiver_id = trade.world.receiver.id
    assert len((await asked(carrier, f"/manifests?number={number}&receiver_id={receiver_id}"))["items"]) == 1
    assert (await asked(carrier, f"/manifests?number={number}&shipper_id={receiver_id}"))["items"] == []
    assert (await asked(shipper, "/manifests?number=no", expect=400))["code"] == "manifest_number_unreadable"


async def test_containers_are_found_by_place_state_code_and_name(trade: Trade) -> None:
    shipper = await trade.shipper()
    store_id = str(trade.world.store_id)
    drum = await trade.labelled(waste_name="切削废乳化液", waste_code="900-006-09", store_id=store_id)
    for wanted in (
        f"store_id={store_id}&waste_code=900-006-09",
        f"search={drum['digital_code'][:34]}&state=at_site",
        "search=乳化",
        f"site_id={drum['site_id']}&waste_code=900-006-09",
    ):
        found = await asked(shipper, f"/containers?{wanted}")
        assert drum["id"] in [one["id"] for one in found["items"]], wanted
    assert (await asked(shipper, "/containers?waste_code=900-006-09&state=treated"))["items"] == []


@pytest.mark.parametrize("cursor", ["WzFd", "WyJub25zZW5zZSJd", "!"])
async def test_a_cursor_of_another_list_is_refused(trade: Trade, cursor: str) -> None:
    assert (await asked(await trade.shipper(), f"/manifests?cursor={cursor}", expect=400))[
        "code"
    ] == "cursor_unreadable"


async def test_a_page_and_a_manifest_cost_the_same_statements_however_much_there_is(trade: Trade) -> None:
    shipper = await trade.shipper()
    one_drum = await trade.filed(await trade.labelled())
    many_drums = await trade.filed(*[await trade.labelled() for _ in range(4)])

    async def statements(path: str) -> int:
        await shipper.get(API + path)  # what is remembered for a minute is remembered now
        with on_the_wire(trade.app.state.engine) as sent:
            assert (await shipper.get(API + path)).status_code == 200
        return len(sent)

    assert await statements("/manifests?limit=1") == await statements("/manifests?limit=50") == 2
    assert await statements(f"/manifests/{one_drum}") == await statements(f"/manifests/{many_drums}") == 2
    assert await statements("/containers?limit=1") == await statements("/containers?limit=50")
    for document in ("history", "manifest.pdf", "bundle"):
        few, many = f"/manifests/{one_drum}/{document}", f"/manifests/{many_drums}/{document}"
        assert await statements(few) == await statements(many), document


def keys(tree: Any) -> Any:  # noqa: ANN401  JSON
    """The shape of a document: its names, down to the leaves."""
    if isinstance(tree, dict):
        return {name: keys(value) for name, value in tree.items()}
    return [keys(value) for value in tree] if isinstance(tree, list) else None


async def test_what_the_database_writes_is_what_the_description_promises(trade: Trade) -> None:
    good, leaking = await trade.labelled(), await trade.labelled()
    manifest_id = await trade.arrived(good, leaking)
    await trade.scanned(manifest_id, good)
    await trade.scanned(manifest_id, leaking, gross_g=None, reject_reason="渗漏")
    receiver = await trade.receiver()
    await receiver.send_json(f"{API}/manifests/{manifest_id}/receipt", {})
    wrong = {"container_id": good["id"], "measured_g": 178_000, "reason": "复磅"}
    await receiver.send_json(f"{API}/manifests/{manifest_id}/corrections", wrong)
    whole = await asked(receiver, f"/manifests/{manifest_id}")
    promised = ManifestWhole.model_validate(whole).model_dump(mode="json")
    assert keys(whole) == keys(promised)
    assert whole["manifest"]["corrections"]
    assert whole["manifest"]["returned_by"]
    page = await asked(receiver, "/manifests?limit=5")
    assert keys(page) == keys(ManifestPage.model_validate(page).model_dump(mode="json"))
