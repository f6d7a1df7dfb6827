"""Approvals on pages: the applicant's form and draft, the authority's decisions, the duties, the copy."""

import html
import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from tests.support.approvals import Settled, settle
from tests.support.files import document
from tests.support.served import Served, Visitor
from tests.support.trade import Trade, asked, sent, today
from tests.support.world import OIL
from wastetrack.ids import new_id
from wastetrack.plans.model import TransferKind

NEW = "/approvals/new/cross_province"


@pytest.fixture(scope="module")
async def settled(served: Served) -> Settled:
    """The neighbours, for the tests of this file."""
    return await settle(served)


def fields(settled: Settled, **changes: str) -> dict[str, str]:
    """What the applicant types."""
    return {
        "kind": "cross_province",
        "shipper_site_id": str(settled.served.world.generator.site.id),
        "receiver_site_id": str(settled.neighbours.receiver.site.id),
        "from_on": today().isoformat(),
        "to_on": (today() + timedelta(days=300)).isoformat(),
        "items.0.waste_code": OIL,
        "items.0.waste_name": "废矿物油",
        "items.0.form": "liquid",
        "items.0.quantity": "1",
        "items.0.method": "D10",
        **changes,
    }


async def drafted(settled: Settled, **changes: str) -> tuple[Visitor, str]:
    """The owner's browser, and the address of a draft."""
    owner = await settled.served.page_visitor("owner")
    kept = await owner.send_form(NEW, fields(settled, **changes), page=NEW)
    assert kept.status_code == 303, kept.text
    return owner, kept.headers["location"]


async def attached(visitor: Visitor, address: str, kind: str) -> None:
    """A PDF of its own."""
    answered = await visitor.post(
        f"{address}/documents",
        data={
            "csrf_token": await visitor.token_on(address),
            "request_id": str(new_id()),
            "document_kind": kind,
        },
        files={"file": (f"{kind}.pdf", document() + f"% {new_id()}".encode(), "application/pdf")},
    )
    assert answered.status_code == 303, answered.text


async def stepped(visitor: Visitor, address: str, act: str, **more: str) -> str:
    """One step; gives the page after it."""
    done = await visitor.send_form(f"{address}/steps", {"act": act, **more}, page=address)
    assert done.status_code == 303, done.text
    return (await visitor.get(done.headers["location"])).text


async def submitted(settled: Settled) -> str:
    """The address of an application that is with the authority."""
    owner, address = await drafted(settled)
    for kind in ("permit_copy", "method_description", "contract"):
        await attached(owner, address, kind)
    await stepped(owner, address, "submit")
    return address


async def test_a_wrong_form_comes_back_with_every_broken_rule_at_its_field(settled: Settled) -> None:
    owner = await settled.served.page_visitor("owner")
    wrong = fields(
        settled,
        **{
            "to_on": "2020-01-01",
            "items.0.waste_code": "900-249-99",
            "items.2.waste_code": OIL,
            "items.2.waste_name": "留下的名字",
            "items.2.quantity": "1",
            "items.2.method": "D99",
        },
    )
    answered = await owner.send_form(NEW, wrong, page=NEW)
    assert answered.status_code == 422
    for field in ("to_on", "items-0-waste_code", "items-2-method"):
        assert f'href="#f-{field}"' in answered.text, field
        assert f'id="f-{field}-error"' in answered.text, field
    assert 'value="留下的名字"' in answered.text


async def test_unreadable_numbers_are_told_at_their_line(settled: Settled) -> None:
    owner = await settled.served.page_visitor("owner")
    answered = await owner.send_form(NEW, fields(settled, **{"items.0.quantity": "viel"}), page=NEW)
    assert answered.status_code == 422
    assert 'href="#f-items-0-quantity"' in answered.text


async def test_the_way_from_the_form_to_the_approval(settled: Settled) -> None:
    owner, address = await drafted(settled)
    page = (await owner.get(address)).text
    assert page.count("缺失") == 3
    refused = await owner.send_form(f"{address}/steps", {"act": "submit"}, page=address)
    assert refused.status_code == 422
    assert "令23 第二十二条" in refused.text
    for kind in ("permit_copy", "method_description", "contract"):
        await attached(owner, address, kind)
    page = await stepped(owner, address, "submit")
    assert "受理申请，或一次性告知补正内容" in page
    shandong, jiangsu = await settled.browser("shandong"), await settled.browser("jiangsu")
    home = (await shandong.get("/")).text
    assert address in home
    assert address not in (await jiangsu.get("/")).text
    inbox = (await shandong.get("/approvals")).text
    assert "办理时限（待我办理在前）" in inbox
    assert inbox.count(f'href="{address}"') == 2, "among the terms and in the list"
    assert "办理时限" not in (await owner.get("/approvals")).text
    await stepped(shandong, address, "accept")
    await stepped(shandong, address, "agree_in_review", opinion="同意移出，量已核")
    await stepped(shandong, address, "consult")
    assert address in (await jiangsu.get("/")).text
    assert address not in (await shandong.get("/")).text
    seen = (await jiangsu.get(address)).text
    assert "同意移出，量已核" in seen
    assert 'value="reply_agree"' in seen
    assert 'value="approve"' not in seen
    await stepped(jiangsu, address, "reply_agree")
    refused = await shandong.send_form(f"{address}/steps", {"act": "approve"}, page=address)
    assert refused.status_code == 422
    assert 'href="#f-number"' in refused.text
    page = await stepped(shandong, address, "approve", number="鲁环固转〔2026〕9号")
    assert "鲁环固转〔2026〕9号" in page
    assert "已批准" in page
    english = (await owner.get(f"{address}?lang=en")).text
    assert "Copy as a new application" in english
    assert "Other province agreed" in english
    await owner.get(f"{address}?lang=zh")
    listed = (await owner.get("/approvals?state=approved&kind=")).text
    assert "鲁环固转〔2026〕9号" in listed


async def test_what_is_sent_back_needs_its_reason_and_is_corrected(settled: Settled) -> None:
    address = await submitted(settled)
    shandong = await settled.browser("shandong")
    refused = await shandong.send_form(
        f"{address}/steps", {"act": "return_for_correction", "reason": " "}, page=address
    )
    assert refused.status_code == 422
    assert 'href="#f-reason"' in refused.text
    await stepped(shandong, address, "return_for_correction", reason="缺少应急预案")
    owner = await settled.served.page_visitor("owner")
    assert "缺少应急预案" in (await owner.get(address)).text
    changed = await owner.send_form(
        f"{address}/change", fields(settled, **{"items.0.quantity": "0.5"}), page=f"{address}/change"
    )
    assert changed.status_code == 303, changed.text
    await stepped(owner, address, "submit")
    assert 'value="return_for_correction"' not in (await shandong.get(address)).text


async def test_others_get_the_page_that_says_it_is_not_there(settled: Settled) -> None:
    address = await submitted(settled)
    stranger = await settled.served.page_visitor("stranger")
    for path in (address, f"{address}/change", address[:-4] + "0000"):
        assert (await stranger.get(path)).status_code == 404, path
    inspector = await settled.served.page_visitor("inspector")
    page = (await inspector.get(address)).text
    assert 'name="act"' not in page, "a prefecture sees and does not decide"
    filer = await settled.served.page_visitor("filer")
    assert (await filer.get(NEW)).status_code == 403
    assert 'name="act"' not in (await filer.get(address)).text


async def test_a_copy_opens_as_a_form(settled: Settled) -> None:
    address = await submitted(settled)
    owner = await settled.served.page_visitor("owner")
    copied = await owner.send_form(f"{address}/copy", {}, page=address)
    assert copied.status_code == 303
    form = (await owner.get(copied.headers["location"])).text
    assert html.escape(OIL) in form
    assert str(settled.neighbours.receiver.site.id) in form


async def test_a_refused_filing_leads_to_the_approvals(settled: Settled, trade: Trade) -> None:
    drum = await trade.labelled()
    owner = await settled.served.page_visitor("owner")
    plan = {
        "site_id": str(trade.world.generator.site.id),
        "container_ids": drum["id"],
        "receiver_site_id": str(settled.neighbours.receiver.site.id),
        "method": "R9",
        "carrier_id": str(trade.world.carrier.id),
        "plate": trade.world.plate,
        "planned_on": today().isoformat(),
    }
    kept = await owner.send_form("/manifests/new", plan, page="/manifests/new")
    assert kept.status_code == 303, kept.text
    draft = kept.headers["location"]
    refused = await owner.send_form(f"{draft}/file", {}, page=draft)
    assert refused.status_code == 422
    assert 'href="/approvals"' in refused.text.partition('class="summary"')[2]


async def test_a_manifest_shows_the_approval_that_it_rests_on(settled: Settled, trade: Trade) -> None:
    owner, address = await drafted(settled)
    for kind in ("permit_copy", "method_description", "contract"):
        await attached(owner, address, kind)
    await stepped(owner, address, "submit")
    shandong, jiangsu = await settled.browser("shandong"), await settled.browser("jiangsu")
    for visitor, act in ((shandong, "accept"), (shandong, "agree_in_review"), (shandong, "consult")):
        await stepped(visitor, address, act)
    await stepped(jiangsu, address, "reply_agree")
    await stepped(shandong, address, "approve", number="鲁环固转〔2026〕11号")
    shipper = await trade.shipper()
    await trade.plans(settled.neighbours.receiver.id, OIL, kind=TransferKind.ACROSS)
    plan = trade.plan(await trade.labelled(), receiver_site_id=str(settled.neighbours.receiver.site.id))
    made = await sent(shipper, "/manifests", plan, expect=201)
    await sent(shipper, f"/manifests/{made['id']}/filing", {})
    (rests,) = (await asked(shipper, f"/manifests/{made['id']}"))["manifest"]["approvals"]
    address = f"/approvals/{rests['approval_id']}"
    page = (await owner.get(f"/manifests/{made['id']}")).text
    assert f'href="{address}"' in page
    assert rests["number"].startswith("鲁环固转〔2026〕")
    assert rests["number"] in page
    pdf = await owner.get(f"/manifests/{made['id']}/manifest.pdf")
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf.content)).pages)
    assert rests["number"] in text
    assert f"/manifests/{made['id']}" in (await owner.get(address)).text


async def test_the_ground_of_a_transfer_is_chosen_and_shown(settled: Settled, trade: Trade) -> None:
    drum = await trade.labelled(waste_code="900-052-31", waste_name="废铅蓄电池", hazards=["T", "C"])
    owner = await settled.served.page_visitor("owner")
    form = (await owner.get("/manifests/new")).text
    assert "未破损的废铅蓄电池" in form
    position = form.partition("未破损的废铅蓄电池")[0].rpartition('name="exemptions" value="')[2].partition('"')[0]
    plan = {
        "site_id": str(trade.world.generator.site.id),
        "container_ids": drum["id"],
        "receiver_site_id": str(trade.world.receiver.site.id),
        "method": "D10",
        "carrier_id": str(trade.world.carrier.id),
        "plate": trade.world.plate,
        "planned_on": today().isoformat(),
        "basis": "exempt",
        "exemptions": position,
    }
    kept = await owner.send_form("/manifests/new", plan, page="/manifests/new")
    assert kept.status_code == 303, kept.text
    draft = (await owner.get(kept.headers["location"])).text
    assert "转移依据" in draft
    assert "未破损的废铅蓄电池" in draft
