"""Pages of the main job at their door: who gets in, how a refused form comes back, that a repeated post is harmless."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.all_statements import all_counted
from tests.support.served import Served, Visitor
from tests.support.trade import Trade, asked, sent, today
from tests.support.world import OIL
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.ids import new_id

_LISTS = ("/containers", "/containers/new", "/manifests", "/manifests/new", "/ledger", "/audit", "/log")


def new_drum(trade: Trade, **changes: Any) -> dict[str, str]:  # noqa: ANN401  any field
    """The form of a drum of 180 kg of waste oil, as a browser sends it."""
    return {
        "site_id": str(trade.world.generator.site.id),
        "waste_code": OIL,
        "waste_name": "",
        "form": "liquid",
        "packaging": "drum",
        "volume_l": "200",
        "gross": "200",
        "tare": "20",
        "method": "platform_scale",
        "scale_id": "PS-1",
        "uncertainty": "0.1",
        "store_id": "",
        "generated_on": today().isoformat(),
        **changes,
    }


def the_plan(trade: Trade, container: dict[str, Any], **changes: str) -> dict[str, str]:
    """The form of a manifest to the incinerator."""
    world = trade.world
    return {
        "site_id": str(world.generator.site.id),
        "container_ids": container["id"],
        "receiver_site_id": str(world.receiver.site.id),
        "method": "D10",
        "carrier_id": str(world.carrier.id),
        "plate": world.plate,
        "planned_on": today().isoformat(),
        **changes,
    }


async def drafted(browser: Visitor, fields: dict[str, str]) -> str:
    """The address of a draft made through the form."""
    made = await browser.send_form("/manifests/new", fields, page="/manifests/new")
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


@pytest.mark.parametrize("path", [*_LISTS, "/gate", "/treatment"])
async def test_nobody_is_led_to_the_sign_in_page(served: Served, path: str) -> None:
    assert (await served.visitor().get(path)).headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("path", _LISTS)
@pytest.mark.parametrize("login", ["owner", "filer", "receiver"])
async def test_lists_and_forms_open_for_those_who_work_with_them(served: Served, login: str, path: str) -> None:
    assert (await (await served.page_visitor(login)).get(path)).status_code == 200


@pytest.mark.parametrize(
    ("path", "login"), [("/gate", "driver"), ("/treatment", "inspector"), ("/manifests/new", "gate")]
)
async def test_what_a_role_may_not_do_has_no_page_for_it(served: Served, path: str, login: str) -> None:
    assert (await (await served.page_visitor(login)).get(path)).status_code == 403


async def test_a_stranger_finds_nothing_of_what_others_do(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    mine, site = await trade.served.page_visitor("owner"), trade.world.generator.site.id
    stranger = await trade.served.page_visitor("stranger")
    for path in (
        f"/containers/{drum['id']}",
        f"/containers/{drum['id']}/label.pdf",
        f"/containers/{drum['id']}/qr.svg",
        f"/containers/{drum['id']}/repack",
        f"/manifests/{manifest_id}",
        f"/manifests/{manifest_id}/manifest.pdf",
        f"/manifests/{manifest_id}/bundle.json",
        f"/audit/manifests/{manifest_id}",
        f"/audit/containers/{drum['id']}",
        f"/ledger/sites/{site}",
        f"/ledger/sites/{site}/stored",
        f"/ledger/manifests/{manifest_id}",
        f"/audit?q={drum['digital_code']}",
    ):
        found = await mine.get(path)
        assert found.status_code in {200, 303}, (path, found.text[:300])
        assert (await stranger.get(path)).status_code == 404, path


async def test_a_draft_is_its_owners_alone_until_it_is_filed(trade: Trade) -> None:
    drum = await trade.labelled()
    address = await drafted(await trade.served.page_visitor("owner"), the_plan(trade, drum))
    for login in ("driver", "receiver", "inspector"):
        assert (await (await trade.served.page_visitor(login)).get(address)).status_code == 404


async def test_the_sheet_to_sign_says_what_to_do_in_an_accident(trade: Trade) -> None:
    drums = [await trade.labelled(precautions=said) for said in ("远离火种", "泄漏时用砂土吸附", "远离火种")]
    draft = await trade.drafted(*drums)
    sheet = await (await trade.served.page_visitor("owner")).get(f"/manifests/{draft}")
    assert "突发环境事件防范措施" in sheet.text
    assert "远离火种；泄漏时用砂土吸附<" in sheet.text


async def test_labelling_takes_name_and_hazards_from_the_list_where_they_are_left_empty(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    made = await browser.send_form("/containers/new", new_drum(trade), page="/containers/new")
    assert made.status_code == 303, made.text
    page = await browser.get(made.headers["location"])
    assert "废矿物油与含矿物油废物" in page.text
    assert "180 kg" in page.text
    assert f'href="{urlsplit(made.headers["location"]).path}/label.pdf"' in page.text


async def test_an_estimate_is_marked_wherever_its_mass_is_shown(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    made = await browser.send_form("/containers/new", new_drum(trade, estimate="true"), page="/containers/new")
    address = made.headers["location"]
    code = re.search(r"label-(\w{37})", (await browser.get(f"{address}/label.pdf")).headers["content-disposition"])
    assert code is not None
    for page in (address, f"/containers?q={code[1]}", "/manifests/new"):
        assert "估算" in (await browser.get(page)).text, page


async def test_a_slipped_unit_is_told_at_its_field_and_everything_typed_is_still_there(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    refused = await browser.send_form(
        "/containers/new", new_drum(trade, gross="200000", scale_id="PS-77"), page="/containers/new"
    )
    assert refused.status_code == 422
    assert '<a href="#f-gross">' in refused.text
    assert 'value="200000"' in refused.text
    assert 'value="PS-77"' in refused.text


async def test_so_light_a_mass_is_asked_about_and_then_believed(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    light = new_drum(trade, gross="20.2")
    refused = await browser.send_form("/containers/new", light, page="/containers/new")
    assert 'name="confirmed"' in refused.text
    believed = await browser.send_form("/containers/new", {**light, "confirmed": "true"}, page="/containers/new")
    assert believed.status_code == 303


async def test_the_same_form_sent_twice_makes_one_container(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    key = new_id()
    first, second = [
        await browser.send_form("/containers/new", new_drum(trade), page="/containers/new", key=key) for _ in range(2)
    ]
    assert first.headers["location"] == second.headers["location"]
    assert second.headers["idempotent-replayed"] == "true"


async def test_weighing_storing_and_repacking_are_on_the_containers_page(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    drum = await trade.labelled()
    here = f"/containers/{drum['id']}"
    weighed = await browser.send_form(
        f"{here}/weighing", {"gross": "199.5", "tare": "20", "method": "truck_scale"}, page=here
    )
    assert weighed.status_code == 303
    assert "179.5 kg" in (await browser.get(here)).text
    stored = await browser.send_form(f"{here}/storing", {"store_id": str(trade.world.store_id)}, page=here)
    assert stored.status_code == 303
    refused = await browser.send_form(
        f"{here}/repack",
        {"packaging": "drum", "volume_l": "200", "gross": "190", "tare": "20", "repacked_on": today().isoformat()},
        page=f"{here}/repack",
    )
    assert refused.status_code == 422
    assert 'href="#f-loss_reason"' in refused.text


async def test_filing_tells_every_broken_rule_with_a_way_to_change_it(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    drum = await trade.labelled(waste_code="900-039-49", waste_name="废活性炭", hazards=["T"])
    address = await drafted(browser, the_plan(trade, drum, method="R1"))
    refused = await browser.send_form(f"{address}/file", {"version": "1"}, page=address)
    assert refused.status_code == 422
    assert f'href="{address}/change#f-' in refused.text
    changed = await browser.get(f"{address}/change")
    assert f'value="{drum["id"]}" checked' in changed.text
    assert '<option value="R1" selected>' in changed.text


async def test_an_unknown_plate_brings_the_plan_back_filled(trade: Trade) -> None:
    browser = await trade.served.page_visitor("owner")
    drum = await trade.labelled()
    refused = await browser.send_form("/manifests/new", the_plan(trade, drum, plate="鲁F99999"), page="/manifests/new")
    assert refused.status_code == 422
    assert '<a href="#f-plate">' in refused.text
    assert 'value="鲁F99999"' in refused.text
    assert f'value="{drum["id"]}" checked' in refused.text


async def test_each_party_finds_its_own_step_on_the_manifests_page_and_no_other(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.filed(drum)
    here = f"/manifests/{manifest_id}"

    async def offered(login: str) -> set[str]:
        text = (await (await trade.served.page_visitor(login)).get(here)).text
        return set(re.findall(rf"{here}/sign/([a-z-]+)", text)) | set(re.findall(r"(/gate)/[0-9a-f-]{36}\"", text))

    assert await offered("owner") == {"cancel", "void", "check-loading"}
    assert await offered("viewer") == await offered("inspector") == await offered("receiver") == set()
    assert await offered("driver") == {"pick-up"}
    driver = await trade.served.page_visitor("driver")
    assert (await driver.sign_form(f"{here}/sign/pick-up", {}, page=here)).status_code == 303
    assert await offered("driver") == await offered("gate") == {"arrive"}
    assert (await driver.sign_form(f"{here}/sign/arrive", {}, page=here)).status_code == 303
    assert await offered("gate") == {"/gate"}


async def test_a_carrier_reads_the_paper_before_it_may_open_the_drums(trade: Trade) -> None:
    drum = await trade.labelled()
    here = f"/manifests/{await trade.filed(drum)}"
    driver = await trade.served.page_visitor("driver")
    assert f'href="/containers/{drum["id"]}"' not in (await driver.get(here)).text
    await driver.sign_form(f"{here}/sign/pick-up", {}, page=here)
    assert f'href="/containers/{drum["id"]}"' in (await driver.get(here)).text
    assert (await driver.get(f"/containers/{drum['id']}")).status_code == 200


async def test_what_somebody_else_signed_meanwhile_is_not_signed_over(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    browser, here = await trade.served.page_visitor("owner"), f"/manifests/{manifest_id}"
    refused = await browser.send_form(f"{here}/sign/cancel", {"version": "1", "reason": "填错"}, page=here)
    assert refused.status_code == 409
    assert "填错" in refused.text
    empty = await browser.send_form(f"{here}/sign/cancel", {"version": "2"}, page=here)
    assert empty.status_code == 422
    assert '<a href="#f-reason">' in empty.text
    assert (await browser.sign_form(f"{here}/sign/void", {"reason": "填错"}, page=here)).status_code == 303
    assert "已作废" in (await browser.get(here)).text


async def test_a_correction_is_asked_for_and_answered_on_the_page(trade: Trade) -> None:
    drum = await trade.labelled()
    here = f"/manifests/{await trade.received(drum)}"
    receiver, shipper = await trade.served.page_visitor("receiver"), await trade.served.page_visitor("owner")
    fields = {"container_id": drum["id"], "measured": "178.2", "correction_reason": ""}
    refused = await receiver.send_form(f"{here}/corrections", fields, page=here)
    assert '<a href="#f-correction_reason">' in refused.text
    assert 'value="178.2"' in refused.text
    done = await receiver.sign_form(f"{here}/corrections", {**fields, "correction_reason": "地磅未归零"}, page=here)
    assert done.status_code == 303
    [answer] = set(re.findall(rf"{here}/corrections/[0-9a-f-]{{36}}", (await shipper.get(here)).text))
    assert (await shipper.sign_form(answer, {"consent": "true"}, page=here)).status_code == 303
    assert "178.2 kg" in (await shipper.get(here)).text


async def test_home_tells_each_one_what_he_owes(trade: Trade) -> None:
    manifest_id = await trade.arrived(await trade.labelled())
    gate = await (await trade.served.page_visitor("gate")).get("/")
    assert f'href="/gate/{manifest_id}"' in gate.text
    stranger = await (await trade.served.page_visitor("stranger")).get("/")
    assert manifest_id not in stranger.text
    assert "年度管理计划" in stranger.text, "its site has not filed a plan yet"
    viewer = await (await trade.served.page_visitor("viewer")).get("/")
    assert "没有待办事项" in viewer.text
    assert (await (await trade.served.page_visitor("operator")).get("/")).status_code == 200


class TestTheAddressOnTheLabel:
    """Whoever holds a label reads what it says, and no more."""

    async def test_everybody_reads_the_label_and_only_its_own_are_led_on(self, trade: Trade) -> None:
        drum = await trade.labelled()
        path = urlsplit(trade.label_text(drum)).path
        nobody = await trade.served.visitor().get(path)
        assert nobody.status_code == 200
        assert "废矿物油" in nobody.text
        assert drum["id"] not in nobody.text
        assert f"/containers/{drum['id']}" in (await (await trade.served.page_visitor("owner")).get(path)).text
        assert drum["id"] not in (await (await trade.served.page_visitor("stranger")).get(path)).text

    async def test_forged_and_damaged_labels_are_told_apart(self, trade: Trade) -> None:
        drum = await trade.labelled()
        path = urlsplit(trade.label_text(drum)).path
        forged = await trade.served.visitor().get(path[:-10] + "AAAAAAAAAA")
        assert forged.status_code == 400
        assert "此标签系伪造" in forged.text
        damaged = await trade.served.visitor().get(path[:-3])
        assert "此标签无法完整读取" in damaged.text

    async def test_a_genuine_label_of_a_container_nobody_knows(self, trade: Trade) -> None:
        code = DigitalCode.make(
            credit_code=trade.world.generator.credit_code, waste_code=OIL, generated_on=today(), serial=998
        )
        text = make_label_text(trade.keys.base_url, code, trade.keys.label_key)
        assert (await trade.served.visitor().get(urlsplit(text).path)).status_code == 404


async def test_a_chain_is_found_by_number_or_by_code_and_nonsense_is_told(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.received(drum)
    number = (await trade.standing(manifest_id))["manifest"]["number"]
    inspector = await trade.served.page_visitor("inspector")
    assert (await inspector.get(f"/audit?q={number}")).headers["location"] == f"/audit/manifests/{manifest_id}"
    code = " ".join((drum["digital_code"][:18], drum["digital_code"][18:]))
    found = await inspector.get("/audit", params={"q": code})
    assert found.headers["location"] == f"/audit/containers/{drum['id']}"
    assert (await inspector.get("/audit?q=油")).status_code == 404


async def test_the_receipt_of_an_event_is_given_to_those_who_see_it(trade: Trade) -> None:
    made = await sent(await trade.shipper(), "/containers", trade.drum(), expect=201)
    path = f"/log/events/{made['log']['event_id']}/receipt.json"
    given = await (await trade.served.page_visitor("owner")).get(path)
    assert given.json() == made["log"]["receipt"]
    assert (await (await trade.served.page_visitor("stranger")).get(path)).status_code == 404


async def test_a_bundle_is_for_those_who_may_prove(trade: Trade) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    path = f"/manifests/{manifest_id}/bundle.json"
    assert (await (await trade.served.page_visitor("owner")).get(path)).status_code == 200
    assert (await (await trade.served.page_visitor("driver")).get(path)).status_code == 403


async def test_an_authority_says_why_it_takes_a_bundle_once_for_each_manifest(trade: Trade) -> None:
    inspector = await trade.served.page_visitor("inspector")
    path = f"/manifests/{await trade.filed(await trade.labelled())}/bundle.json"
    question = await inspector.get(path)
    assert question.status_code == 422
    assert 'value="routine_inspection"' in question.text
    wordless = await inspector.get(f"{path}?why=other")
    assert wordless.status_code == 422
    assert 'value="other" checked' in wordless.text
    assert (await inspector.get(f"{path}?why=other&words=年度核查")).json()["events"]
    assert (await inspector.get(path)).status_code == 200
    other = f"/manifests/{await trade.filed(await trade.labelled())}/bundle.json"
    assert (await inspector.get(other)).status_code == 422


async def test_books_add_up_to_what_was_received(trade: Trade) -> None:
    drum = await trade.labelled()
    manifest_id = await trade.received(drum)
    receiver = await trade.served.page_visitor("receiver")
    assert (await receiver.get(f"/ledger/manifests/{manifest_id}/in_transit")).status_code == 200
    site = trade.world.receiver.site.id
    assert "180 kg" in (await receiver.get(f"/ledger/sites/{site}/stored")).text
    assert (await receiver.get(f"/ledger/nothing/{site}")).status_code == 404
    assert await asked(await trade.receiver(), f"/ledger/balances?site_id={site}")


@pytest.mark.parametrize(
    "path",
    [
        *("/containers", "/containers?sort=due&left=400", "/manifests", "/manifests/new", "/", "/discrepancies"),
        *("/manifests/templates", "/plans", "/audit/manifests/{manifest_id}", "/manifests/{manifest_id}"),
    ],
)
async def test_a_longer_list_asks_no_more_of_the_database(trade: Trade, path: str) -> None:
    browser = await trade.served.page_visitor("owner")
    counts = []
    for drums in (1, 4):
        manifest_id = await trade.filed(*[await trade.labelled() for _ in range(drums)])
        address = path.format(manifest_id=manifest_id)
        await browser.get(address)
        with all_counted(trade.app.state.engine) as sent_statements:
            assert (await browser.get(address)).status_code == 200
        counts.append(len(sent_statements))
    assert counts[0] == counts[1] > 0
