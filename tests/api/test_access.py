"""Each address is tried by nobody, by a stranger and by the right person."""

import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.trade import API, Trade, sent, today
from wastetrack.ids import new_id

_months = itertools.count(1)
"""Each test hands in a report of its own."""
OPEN_TO_ALL = {"/log/checkpoint", "/log/key", "/log/proofs/consistency", "/sign-in", "/openapi.json"}
ROOMS = ("/containers", "/manifests", "/corrections", "/treatments", "/ledger", "/log")
# Address → status for a stranger, status for the right person, who that is, and the body if it is a POST.
READS = {
    "/containers/{container}": (404, 200, "shipper"),
    "/containers/{container}/history": (404, 200, "shipper"),
    "/containers/{container}/label.pdf": (404, 200, "shipper"),
    "/containers/{container}/label.txt": (404, 200, "shipper"),
    "/containers/{container}/qr.svg": (404, 200, "shipper"),
    "/containers/{container}/qr.png": (404, 200, "shipper"),
    "/manifests/{manifest}": (404, 200, "carrier"),
    "/manifests/{manifest}/history": (404, 200, "receiver"),
    "/manifests/{manifest}/manifest.pdf": (404, 200, "carrier"),
    "/manifests/{manifest}/bundle?why=complaint": (404, 200, "inspector"),
    "/ledger/balances?site_id={site}": (404, 200, "shipper"),
    "/ledger/balances?manifest_id={manifest}": (404, 200, "carrier"),
    "/ledger/statement?kind=stored&site_id={site}": (404, 200, "inspector"),
    "/sites/{site}/ledgers": (404, 200, "shipper"),
    "/sites/{site}/ledgers/generated": (404, 200, "inspector"),
    "/sites/{site}/ledgers/stored.csv": (404, 200, "shipper"),
    "/sites/{site}/ledgers.xlsx": (404, 200, "shipper"),
    "/sites/{site}/ledgers.pdf": (404, 200, "inspector"),
    "/sites/{site}/records/record-book": (404, 200, "shipper"),
    "/sites/{site}/records/general-waste/record.xlsx": (404, 200, "shipper"),
    "/sites/{site}/records/medical-register/record.pdf": (404, 200, "inspector"),
    "/sites/{site}/reports": (404, 200, "shipper"),
    "/sites/{site}/reports/2025": (404, 200, "inspector"),
    "/sites/{site}/reports/2025/report.xlsx": (404, 200, "shipper"),
    "/sites/{site}/reports/2025/report.pdf": (404, 200, "shipper"),
    "/periodic-reports?period=2025": (200, 200, "inspector"),
    "/log/leaves/{event}": (404, 200, "carrier"),
    "/log/proofs/inclusion?event_id={event}": (404, 200, "carrier"),
    "/containers": (200, 200, "shipper"),
    "/manifests": (200, 200, "shipper"),
    "/containers.csv": (200, 200, "shipper"),
    "/manifests.csv": (200, 200, "shipper"),
}
WRITES: dict[str, tuple[int, int, str, Mapping[str, Any]]] = {
    "/containers": (403, 201, "shipper", {"drum": True}),
    "/containers/storing": (404, 200, "shipper", {"container_ids": ["{free}"], "store_id": None}),
    "/containers/repacking": (
        404,
        201,
        "shipper",
        {
            "from_ids": ["{repacked}"],
            "into": [
                {
                    "packaging": "drum",
                    "volume_l": 200,
                    "gross_g": 200_000,
                    "tare_g": 20_000,
                    "method": "platform_scale",
                }
            ],
            "repacked_on": "{today}",
        },
    ),
    "/containers/labels.pdf": (404, 200, "shipper", {"container_ids": ["{container}"]}),
    "/sites/{site}/reports/{month}": (404, 201, "shipper", {"seen": None}),
    "/containers/{free}/weighing": (
        404,
        200,
        "shipper",
        {"gross_g": 199_000, "tare_g": 20_000, "method": "platform_scale"},
    ),
    "/manifests": (403, 201, "shipper", {"plan": True}),
    "/manifests/{draft}/{step}/preparation": (404, 201, "shipper", {}),
    "/manifests/{draft}/filing": (404, 200, "shipper", {}),
    "/manifests/{draft}/cancellation": (404, 200, "shipper", {"reason": "改期"}),
    "/manifests/{another}/voiding": (404, 200, "shipper", {"reason": "填错"}),
    "/manifests/{manifest}/pick-up": (404, 200, "carrier", {}),
    "/manifests/{manifest}/hand-over": (404, 200, "second_carrier", {}),
    "/manifests/{manifest}/arrival": (404, 200, "second_carrier", {}),
    "/manifests/{manifest}/scans": (404, 201, "gate", {"label": "{code}", "gross_g": 200_000}),
    "/manifests/{manifest}/receipt": (404, 200, "receiver", {}),
    "/manifests/{manifest}/corrections": (
        404,
        201,
        "receiver",
        {"container_id": "{container}", "measured_g": 179_000, "reason": "地磅未归零"},
    ),
    "/corrections/{correction}/answer/preparation": (404, 201, "shipper", {"consent": True}),
    "/corrections/{correction}/answer": (404, 200, "shipper", {"consent": True}),
    "/manifests/{manifest}/confirmation": (404, 200, "receiver", {}),
    "/treatments": (
        404,
        201,
        "gate",
        {
            "site_id": "{receiver_site}",
            "container_ids": ["{container}"],
            "method": "D10",
            "treated_on": "{today}",
        },
    ),
}


def filled(template: Any, places: Mapping[str, str]) -> Any:  # noqa: ANN401
    """A body with its places filled."""
    if isinstance(template, str):
        return template.format(**places)
    if isinstance(template, Mapping):
        return {name: filled(value, places) for name, value in template.items()}
    if isinstance(template, list):
        return [filled(value, places) for value in template]
    return template


async def things(trade: Trade) -> dict[str, str]:
    """A filed manifest over a drum, and what else the addresses name."""
    drum, free, repacked = await trade.labelled(), await trade.labelled(), await trade.labelled()
    manifest_id = await trade.filed(drum, legs=2)
    signatures = (await trade.standing(manifest_id))["manifest"]["signatures"]
    return {
        "container": drum["id"],
        "code": drum["digital_code"],
        "free": free["id"],
        "repacked": repacked["id"],
        "manifest": manifest_id,
        "draft": await trade.drafted(await trade.labelled()),
        "another": await trade.filed(await trade.labelled()),
        "event": signatures[0]["event_id"],
        "site": str(trade.world.generator.site.id),
        "receiver_site": str(trade.world.receiver.site.id),
        "today": today().isoformat(),
        "month": f"2024-{next(_months):02}",
        "correction": str(new_id()),
        "step": "filing",
    }


async def test_reading_is_for_whoever_sees_the_thing(trade: Trade) -> None:
    places = await things(trade)
    for template, (for_stranger, for_right, who) in READS.items():
        path = API + template.format(**places)
        assert (await (await trade.nobody()).get(path)).status_code == 401, path
        assert (await (await trade.stranger()).get(path)).status_code == for_stranger, path
        answered = await (await getattr(trade, who)()).get(path)
        assert answered.status_code == for_right, f"{path}: {answered.text}"


async def test_changing_is_for_whoever_s_step_it_is(trade: Trade) -> None:
    places = await things(trade)
    for template, (for_stranger, for_right, who, body) in WRITES.items():
        path = API + template.format(**places)
        content = filled(body, places)
        if "drum" in content:
            content = trade.drum()
        elif "plan" in content:
            content = trade.plan({"id": places["free"]})
        assert (await (await trade.nobody()).send_json(path, content)).status_code == 401, path
        strange = await (await trade.stranger()).send_json(path, content)
        assert strange.status_code == for_stranger, f"{path}: {strange.text}"
        answered = await (await getattr(trade, who)()).send_json(path, content)
        assert answered.status_code == for_right, f"{path}: {answered.text}"
        if template.endswith("/corrections"):
            places["correction"] = answered.json()["correction"]["id"]


async def test_every_address_of_the_api_is_tried_here(trade: Trade) -> None:
    described = (await (await trade.nobody()).get(f"{API}/openapi.json")).json()
    tried = {(verb, shape(path)) for verb, paths in (("get", READS), ("post", WRITES)) for path in paths}
    tried |= {("put", "/manifests/{}")}  # test_drafts
    tried |= {("get", "/manifests/{}/attachments"), ("post", "/manifests/{}/attachments")}  # tests/attachments
    elsewhere = ("/me", "/tokens", "/sign-out", "/oauth", "/system")  # test_tokens, test_oauth, test_systems
    missing = {
        (verb, path)
        for full, operations in described["paths"].items()
        if full.startswith(API) and not (path := shape(full.removeprefix(API))).startswith(elsewhere)
        for verb in operations
        if (verb, path) not in tried and path not in OPEN_TO_ALL
    }
    # Pages of other rooms test their own.
    assert {one for one in missing if one[1].startswith(ROOMS)} == set()


def shape(path: str) -> str:
    """An address with its places emptied."""
    return re.sub(r"\{[^}]*\}", "{}", path.split("?", maxsplit=1)[0])


@pytest.mark.parametrize("path", ["/log/checkpoint", "/log/key", "/log/proofs/consistency?from=1&to=1"])
async def test_what_the_log_says_of_itself_is_for_everybody(trade: Trade, path: str) -> None:
    drum = await trade.labelled()
    events = (await (await trade.shipper()).get(f"{API}/containers/{drum['id']}/history")).json()["events"]
    proof = f"{API}/log/proofs/inclusion?event_id={events[0]['event_id']}"
    assert (await (await trade.shipper()).get(proof)).status_code == 200
    answered = await (await trade.nobody()).get(API + path)
    assert answered.status_code == 200, answered.text


async def test_a_draft_is_seen_by_its_owner_alone(trade: Trade) -> None:
    path = f"{API}/manifests/{await trade.drafted(await trade.labelled())}"
    others = [await trade.carrier(), await trade.receiver(), await trade.inspector()]
    assert [(await visitor.get(path)).status_code for visitor in others] == [404, 404, 404]
    assert (await (await trade.shipper()).get(path)).status_code == 200


async def test_who_may_look_may_not_sign(trade: Trade) -> None:
    manifest_id = await trade.drafted(await trade.labelled())
    for login in ("viewer", "filer"):
        visitor = await trade.served.api_visitor(login)
        problem = await sent(visitor, f"/manifests/{manifest_id}/filing", {}, expect=403)
        assert problem["code"] == "may_not_sign"
        assert problem["detail_zh"]


async def test_an_authority_of_another_region_sees_nothing(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    operator = await trade.served.api_visitor("operator")
    assert (await operator.get(f"{API}/manifests/{manifest_id}")).status_code == 404
    site_id = trade.world.generator.site.id
    assert (await operator.get(f"{API}/ledger/balances?site_id={site_id}")).status_code == 404
