"""Each address is tried by nobody, by a stranger and by the right person."""

import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.facilities import facility_added
from tests.support.stored import SCALE, drum_for, person, storage_things
from tests.support.trade import API, Trade, sent, today
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.manifests.checking_loading import LoadingPoint
from wastetrack.parties.facilities import FacilityKind

_months = itertools.count(1)
"""Each test hands in a report of its own."""
OPEN_TO_ALL = {"/log/checkpoint", "/log/key", "/log/proofs/consistency", "/sign-in", "/openapi.json"}
ROOMS = (
    *("/approvals", "/containers", "/manifests", "/corrections", "/treatments", "/ledger", "/log"),
    "/scales",
    *("/stores", "/stock-takes", "/sites/{}/stock-takes", "/sites/{}/opening-stock", "/sites/{}/storage-extensions"),
)
# Address → status for a stranger, status for the right person, who that is, and the body if it is a POST.
READS = {
    "/gate-devices": (200, 200, "gate"),
    "/gate/waiting": (200, 200, "gate"),
    "/containers/{container}": (404, 200, "shipper"),
    "/chains/container/{container}": (404, 200, "shipper"),
    "/chains/manifest/{manifest}": (404, 200, "inspector"),
    "/containers/{container}/history": (404, 200, "shipper"),
    "/containers/{container}/label.pdf": (404, 200, "shipper"),
    "/containers/{container}/label.txt": (404, 200, "shipper"),
    "/label-prints/{print}/document": (404, 200, "shipper"),
    "/treatments/{running}": (404, 200, "shipper"),
    "/sites/{site}/signs/zone.pdf?of={store}": (404, 200, "shipper"),
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
    "/approvals/{approval}": (404, 200, "shipper"),
    "/approvals/{approval}/history": (404, 200, "shipper"),
    "/approvals": (200, 200, "shipper"),
    "/search?q=900-249-08": (200, 200, "shipper"),
    "/findings": (403, 200, "inspector"),
    "/findings/incidents": (403, 200, "inspector"),
    "/mass-balance": (403, 200, "inspector"),
    "/containers": (200, 200, "shipper"),
    "/manifests": (200, 200, "shipper"),
    "/manifest-templates": (200, 200, "shipper"),
    "/containers.csv": (200, 200, "shipper"),
    "/containers.xlsx": (200, 200, "shipper"),
    "/manifests.csv": (200, 200, "shipper"),
    "/manifests.xlsx": (200, 200, "shipper"),
    "/stores/{store}": (404, 200, "inspector"),
    "/scales": (200, 200, "shipper"),
    "/scales/{scale}": (404, 200, "shipper"),
    "/scales/{scale}/readings/newest": (404, 200, "shipper"),
    "/organisations/{firm}/permit-use": (404, 200, "shipper"),
    "/stock-takes/{stock_take}": (404, 200, "inspector"),
    "/sites/{site}/stock-takes": (404, 200, "shipper"),
    "/sites/{site}/storage-extensions": (404, 200, "shipper"),
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
    "/label-prints": (404, 201, "shipper", {"container_ids": ["{container}"], "why": "reprint"}),
    "/sites/{site}/reports/{month}": (404, 201, "shipper", {"seen": None}),
    "/containers/{free}/weighing": (
        404,
        200,
        "shipper",
        {"gross_g": 199_000, "tare_g": 20_000, "method": "platform_scale"},
    ),
    "/containers/{recoded}/recoding": (
        404,
        201,
        "shipper",
        {
            "waste_code": "900-006-09",
            "waste_name": "废乳化液",
            "form": "liquid",
            "hazards": ["T"],
            "reason": "鉴别报告",
        },
    ),
    "/stock-takes/{stock_take}/counting": (404, 200, "shipper", {"label": "{code}"}),
    "/stock-takes/{stock_take}/finishing": (404, 200, "shipper", {}),
    "/stock-takes/{dropped}/dropping": (404, 200, "shipper", {}),
    "/sites/{site}/stock-takes": (403, 201, "shipper", {"store_id": "{store}"}),
    "/stores/{empty}/closing": (404, 200, "shipper", {}),
    "/scales": (403, 201, "shipper", {"site_id": "{site}", "serial": "{scale_serial}", **SCALE}),
    "/scales/{scale}": (404, 200, "shipper", SCALE),
    "/scales/{scale}/readings": (404, 201, "shipper", {"gross_g": 198_400}),
    "/scales/{gone_scale}/ending": (404, 200, "shipper", {}),
    "/sites/{site}/opening-stock": (403, 201, "shipper", {"drum": True}),
    "/sites/{other_site}/opening-stock/closing": (403, 200, "shipper", {}),
    "/sites/{other_site}/storage-extensions": (
        403,
        201,
        "approver",
        {"until": "{in_two_years}", "document": "烟环函12号", "reason": "接收单位检修"},
    ),
    "/manifests": (403, 201, "shipper", {"plan": True}),
    "/manifests/foreseen": (403, 200, "shipper", {"shipper_site_id": "{site}", "container_ids": ["{free}"]}),
    "/manifest-templates": (404, 201, "shipper", {"manifest_id": "{manifest}", "name": "{template_name}"}),
    "/manifest-templates/{template}/renaming": (404, 200, "shipper", {"name": "{template_name} 二"}),
    "/manifest-templates/{template}/removal": (404, 200, "shipper", {}),
    "/manifests/{draft}/{step}/preparation": (404, 201, "shipper", {}),
    "/manifests/{draft}/filing": (404, 200, "shipper", {}),
    "/manifests/{draft}/cancellation": (404, 200, "shipper", {"reason": "改期"}),
    "/manifests/{another}/voiding": (404, 200, "shipper", {"reason": "填错"}),
    "/manifests/{manifest}/loading-check": (404, 200, "shipper", {"seen": [*LoadingPoint]}),
    "/manifests/{manifest}/pick-up": (404, 200, "carrier", {}),
    "/manifests/{manifest}/hand-over": (404, 200, "second_carrier", {}),
    "/manifests/{manifest}/arrival": (404, 200, "second_carrier", {}),
    "/manifests/{manifest}/scans": (404, 201, "gate", {"label": "{code}", "gross_g": 200_000}),
    "/manifests/{at_gate}/incidents": (
        404,
        201,
        "carrier",
        {
            "kind": "container_leaking",
            "container_id": "{leaking}",
            "place": "荣乌高速 K123",
            "region_code": "370602",
            "what": "桶盖脱落",
            "measures": "吸附",
            "reported_to": "12369",
            "spilled_g": 1_000,
        },
    ),
    "/manifests/{at_gate}/mismatches": (404, 201, "gate", {"kinds": ["form"], "found": "实为污泥"}),
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
    "/treatments/begun": (
        404,
        201,
        "shipper",
        {
            "site_id": "{site}",
            "container_ids": ["{own}"],
            "method": "R9",
            "begun_on": "{today}",
            "basis": "own",
            "facility_id": "{facility}",
        },
    ),
    "/treatments/{begun}/finish": (404, 201, "shipper", {"treated_on": "{today}"}),
    "/treatments/{running}/withdrawal": (404, 200, "shipper", {"reason": "设备故障"}),
    "/approvals": (
        403,
        201,
        "shipper",
        {
            "kind": "point_to_point",
            "shipper_site_id": "{site}",
            "receiver_site_id": "{stranger_site}",
            "from_on": "{today}",
            "to_on": "{today}",
            "items": [
                {
                    "waste_code": "900-249-08",
                    "waste_name": "废矿物油",
                    "form": "liquid",
                    "quantity_g": 1_000_000,
                    "method": "R9",
                }
            ],
        },
    ),
    "/approvals/{approval}/copy": (404, 201, "shipper", {}),
    "/approvals/{approval}/steps": (404, 200, "shipper", {"act": "withdraw"}),
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


def sites(trade: Trade) -> dict[str, str]:
    """The sites that bodies name."""
    return {
        "site": str(trade.world.generator.site.id),
        "receiver_site": str(trade.world.receiver.site.id),
        "stranger_site": str(trade.world.stranger.site.id),
    }


async def things(trade: Trade) -> dict[str, str]:
    """A filed manifest over a drum, and what else the addresses name."""
    drum, free, repacked = await trade.labelled(), await trade.labelled(), await trade.labelled()
    leaking = await trade.labelled()
    manifest_id = await trade.filed(drum, legs=2)
    application = filled(WRITES["/approvals"][3], {**sites(trade), "today": today().isoformat()})
    approval = await sent(await trade.shipper(), "/approvals", application, expect=201)
    signatures = (await trade.standing(manifest_id))["manifest"]["signatures"]
    firm = trade.world.generator
    async with writing(trade.served.owner) as session:
        still = await facility_added(session, firm.owner, firm.site.id, FacilityKind.USE)

    async def begun() -> str:
        batch = {
            "site_id": str(firm.site.id),
            "container_ids": [(await trade.labelled())["id"]],
            "method": "R9",
            "begun_on": today().isoformat(),
            "basis": "own",
            "facility_id": str(still.id),
        }
        return str((await sent(await trade.shipper(), "/treatments/begun", batch, expect=201))["batch"]["id"])

    order = {"container_ids": [drum["id"]], "why": "first"}
    return {
        "own": (await trade.labelled())["id"],
        "facility": str(still.id),
        "begun": await begun(),
        "running": await begun(),
        "print": (await sent(await trade.shipper(), "/label-prints", order, expect=201))["id"],
        "container": drum["id"],
        "code": drum["digital_code"],
        "free": free["id"],
        "repacked": repacked["id"],
        "manifest": manifest_id,
        "draft": await trade.drafted(await trade.labelled()),
        "another": await trade.filed(await trade.labelled()),
        "at_gate": await trade.arrived(leaking),
        "leaking": leaking["id"],
        "event": signatures[0]["event_id"],
        "approval": approval["id"],
        **sites(trade),
        "store": str(trade.world.store_id),
        "today": today().isoformat(),
        "month": f"2024-{next(_months):02}",
        "correction": str(new_id()),
        "recoded": (await trade.labelled())["id"],
        **await storage_things(trade),
        "step": "filing",
        "template_name": f"废油 {new_id()}",
        "template": await _template(trade, manifest_id),
    }


async def _template(trade: Trade, manifest_id: str) -> str:
    kept = {"manifest_id": manifest_id, "name": f"每月 {new_id()}"}
    return str((await sent(await trade.shipper(), "/manifest-templates", kept, expect=201))["id"])


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
            content = drum_for(template, trade)
        elif "plan" in content:
            content = trade.plan({"id": places["free"]})
        assert (await (await trade.nobody()).send_json(path, content)).status_code == 401, path
        strange = await (await trade.stranger()).send_json(path, content)
        assert strange.status_code == for_stranger, f"{path}: {strange.text}"
        answered = await (await person(trade, who)).send_json(path, content)
        assert answered.status_code == for_right, f"{path}: {answered.text}"
        if template.endswith("/corrections"):
            places["correction"] = answered.json()["correction"]["id"]


async def test_every_address_of_the_api_is_tried_here(trade: Trade) -> None:
    described = (await (await trade.nobody()).get(f"{API}/openapi.json")).json()
    tried = {(verb, shape(path)) for verb, paths in (("get", READS), ("post", WRITES)) for path in paths}
    tried |= {("put", "/manifests/{}"), ("put", "/stores/{}")}  # test_drafts, test_storage
    tried |= {("post", "/manifests/{}/redirection"), ("post", "/manifests/{}/findings")}  # test_incidents
    tried |= {("post", "/containers/leaving")}  # test_approvals
    tried |= {("post", "/manifests/{}/field-corrections")}  # test_corrections
    tried |= {("get", "/manifests/{}/attachments"), ("post", "/manifests/{}/attachments")}  # tests/attachments
    # test_pipes, test_papers
    tried |= {("get", "/manifests/{}/period"), ("post", "/manifests/periods"), ("post", "/manifests/{}/readings")}
    signed = ("opening", "summing-up", "back-entry", "missing-readings")
    tried |= {("post", f"/manifests/{{}}/{step}") for step in signed} | {("post", "/manifests/back-entries")}
    tried |= {("put", "/approvals/{}"), ("post", "/approvals/{}/documents")}  # test_approvals
    tried |= {("get", "/approvals/{}/documents/{}")}  # the same
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


async def test_an_authority_of_another_region_sees_nothing(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    operator = await trade.served.api_visitor("operator")
    assert (await operator.get(f"{API}/manifests/{manifest_id}")).status_code == 404
    site_id = trade.world.generator.site.id
    assert (await operator.get(f"{API}/ledger/balances?site_id={site_id}")).status_code == 404
