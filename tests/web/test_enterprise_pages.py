"""An enterprise's day on its pages: what it owes, its containers, weighing and labelling, filing, following."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.support.served import Visitor
from tests.support.trade import API, Trade, sent, today
from wastetrack.ids import new_id

OIL = "900-249-08"


@pytest.fixture
async def clerk(trade: Trade) -> Visitor:
    """The owner at her desk."""
    return await trade.served.page_visitor("owner")


def label_form(trade: Trade, **changes: str) -> dict[str, str]:
    return {
        "site_id": str(trade.world.generator.site.id),
        "waste_code": OIL,
        "form": "liquid",
        "packaging": "drum",
        "volume_l": "200",
        "gross": "200",
        "tare": "20",
        "method": "platform_scale",
        "scale_id": "PS-1",
        "generated_on": today().isoformat(),
        **changes,
    }


class TestWhatIsOwed:
    """One list, the most urgent first."""

    async def test_the_most_urgent_stands_first_and_each_line_leads_to_its_act(
        self, trade: Trade, clerk: Visitor
    ) -> None:
        late = await trade.drafted(await trade.labelled(), planned_on=(today() - timedelta(days=9)).isoformat())
        later = await trade.drafted(await trade.labelled(), planned_on=(today() + timedelta(days=9)).isoformat())
        page = (await clerk.get("/?lang=en")).text
        assert page.index(f'href="/manifests/{late}"') < page.index(f'href="/manifests/{later}"')
        assert "Check and sign the draft" in page
        assert "overdue by" in page
        for one in (late, later):
            await sent(await trade.shipper(), f"/manifests/{one}/cancellation", {"reason": ""})
        assert late not in (await clerk.get("/?lang=zh")).text

    async def test_what_is_many_is_cut_and_the_rest_is_one_click_away(self, trade: Trade, clerk: Visitor) -> None:
        drafts = [await trade.drafted(await trade.labelled()) for _ in range(7)]
        page = (await clerk.get("/")).text
        head, _, rest = page.partition('<details class="rest">')
        assert all(one in page for one in drafts)
        assert sum(one in head for one in drafts) <= 5
        assert any(one in rest for one in drafts)
        for one in drafts:
            await sent(await trade.shipper(), f"/manifests/{one}/cancellation", {"reason": ""})

    async def test_a_receipt_is_to_be_signed_when_the_gate_has_looked_at_everything(self, trade: Trade) -> None:
        drum = await trade.labelled()
        manifest_id = await trade.arrived(drum)
        receiver = await trade.served.page_visitor("receiver")
        assert f'href="/gate/{manifest_id}"' in (await receiver.get("/")).text

    async def test_a_small_source_sees_three_big_things(self, trade: Trade, clerk: Visitor) -> None:
        await trade.labelled()
        page = (await clerk.get("/?lang=en")).text
        assert page.index("Stands here") < page.index("Call a collection") < page.index("Was taken this year")
        assert "Stands here" not in (await (await trade.served.page_visitor("receiver")).get("/?lang=en")).text
        assert "现存放" in (await clerk.get("/?lang=zh")).text


class TestContainers:
    """The list: filters, orders, columns, many at once."""

    async def test_it_is_searched_by_age_days_left_and_store_and_ordered(self, trade: Trade, clerk: Visitor) -> None:
        old = await trade.labelled(generated_on=(today() - timedelta(days=350)).isoformat())
        young = await trade.labelled()
        for query, seen, unseen in (
            ("older=180", old, young),
            ("left=30", old, young),
        ):
            page = (await clerk.get(f"/containers?{query}")).text
            assert f'href="/containers/{seen["id"]}"' in page, query
            assert f'href="/containers/{unseen["id"]}"' not in page, query
        due = (await clerk.get("/containers?sort=due")).text
        assert due.index(old["id"]) < due.index(young["id"]) if young["id"] in due else old["id"] in due
        table = (await clerk.get("/containers.csv?older=180")).text
        assert old["digital_code"] in table
        assert young["digital_code"] not in table
        assert (await clerk.get("/containers?sort=nonsense&left=")).status_code == 200

    async def test_pages_of_an_order_follow_each_other(self, trade: Trade, clerk: Visitor) -> None:
        for _ in range(3):
            await trade.labelled()
        first = (await clerk.get("/containers?sort=-net")).text
        following = re.search(r'rel="next" href="([^"]+)"', first)
        if following is not None:
            second = (await clerk.get(following[1].replace("&amp;", "&"))).text
            shown = re.compile(r'name="chosen" value="([^"]+)"')
            assert not set(shown.findall(first)) & set(shown.findall(second))
            assert "sort=-net" in following[1]

    async def test_chosen_ones_are_filed_printed_moved_and_exported(self, trade: Trade, clerk: Visitor) -> None:
        one, two = await trade.labelled(), await trade.labelled()
        chosen = f"chosen={one['id']}&chosen={two['id']}"
        listed = (await clerk.get("/containers?lang=zh")).text
        for address in ("/manifests/new", "/containers/printing", "/containers/moving", "/containers.xlsx"):
            assert f'formaction="{address}"' in listed
        form = (await clerk.get(f"/manifests/new?{chosen}")).text
        assert re.search(rf'value="{one["id"]}" checked', form)
        assert re.search(rf'value="{two["id"]}" checked', form)
        exported = (await clerk.get(f"/containers.csv?{chosen}")).text
        assert len(exported.strip().splitlines()) == 3
        asked = await clerk.get(f"/containers/printing?{chosen}")
        assert "2 个尚无标签" in asked.text
        fields: dict[str, Any] = {"chosen": [one["id"], two["id"]], "why": "first", "paper": "single"}
        printed = await clerk.send_form("/containers/printing", fields, page=f"/containers/printing?{chosen}")
        document = await clerk.get(printed.headers["location"])
        assert document.content.startswith(b"%PDF-")
        assert "2 个已有标签" in (await clerk.get(f"/containers/printing?{chosen}")).text
        moving = f"/containers/moving?{chosen}"
        store = str(trade.world.store_id)
        moved = await clerk.send_form(
            "/containers/moving", {"chosen": [one["id"], two["id"]], "store_id": store}, page=moving
        )
        assert moved.headers["location"] == f"/containers?store={store}"
        in_store = (await clerk.get(moved.headers["location"])).text
        assert one["id"] in in_store
        assert "2 个容器已入库" in in_store
        refused = await clerk.send_form("/containers/moving", {"chosen": [str(new_id())], "store_id": ""}, page=moving)
        assert refused.status_code == 404

    async def test_somebody_who_only_looks_is_offered_only_what_he_may(self, trade: Trade) -> None:
        await trade.labelled()
        viewer = await trade.served.page_visitor("viewer")
        page = (await viewer.get("/containers")).text
        assert 'formaction="/containers.xlsx"' in page
        assert 'formaction="/manifests/new"' not in page
        assert (await viewer.get("/containers/moving")).status_code == 403


class TestWeighing:
    """One form: weigh, save, print, on to the next."""

    async def test_saving_prints_and_the_answer_opens_the_label(self, trade: Trade, clerk: Visitor) -> None:
        saved = await clerk.send_form("/containers/new", label_form(trade, paper="single"), page="/containers/new")
        assert saved.status_code == 303, saved.text
        answer = await clerk.get(saved.headers["location"])
        framed = re.search(r'<iframe src="(/label-prints/[^"]+/document)#toolbar=0[^"]*"', answer.text)
        assert framed is not None
        assert "frame-src 'self'" in answer.headers["content-security-policy"]
        document = await clerk.get(framed[1])
        assert document.content.startswith(b"%PDF-")
        assert "frame-ancestors 'self'" in document.headers["content-security-policy"]
        assert document.headers["x-frame-options"] == "SAMEORIGIN"
        other = await clerk.get("/containers")
        assert "frame-src" not in other.headers["content-security-policy"]

    async def test_the_next_one_keeps_all_but_the_gross_mass(self, trade: Trade, clerk: Visitor) -> None:
        fields = label_form(
            trade, paper="zpl-203", then="next", store_id=str(trade.world.store_id), destination="贮存库"
        )
        saved = await clerk.send_form("/containers/new", fields, page="/containers/new")
        assert saved.status_code == 303, re.findall(r"summary-title.*?<.section>", saved.text, re.DOTALL)
        address = saved.headers["location"]
        assert address.startswith("/containers/new?like=")
        form = (await clerk.get(address)).text
        for kept in (f'value="{OIL}"', 'value="200"', 'value="20"', 'value="PS-1"', 'value="贮存库"'):
            assert kept in form, kept
        assert re.search(r'id="f-gross"[^>]*value=""', form)
        assert re.search(rf'<option value="{trade.world.store_id}" selected', form)
        assert re.search(r'<option value="zpl-203" selected', form)
        assert "(ZPL)" in form
        assert "<iframe" not in form

    async def test_a_slipped_unit_is_asked_back_and_the_plan_s_room_is_told(self, trade: Trade, clerk: Visitor) -> None:
        await trade.labelled()
        typed = f"site_id={trade.world.generator.site.id}&waste_code={OIL}&tare=20&volume_l=200"
        for gross, meant in (("0.2", "200"), ("200000", "200")):
            page = (await clerk.get(f"/containers/new/told?{typed}&gross={gross}&lang=en")).text
            assert f"Did you mean {meant} kg?" in page
        right = (await clerk.get(f"/containers/new/told?{typed}&gross=200")).text
        assert "Did you mean" not in right
        assert "180 kg" in right
        assert "Plan of the year for 900-249-08" in right
        for nonsense in ("gross=x", "gross=-1&volume_l=y", "waste_code=", "site_id=&waste_code=zzz"):
            assert (await clerk.get(f"/containers/new/told?{nonsense}")).status_code == 200
        assert "年度计划" in (await clerk.get(f"/containers/new/told?{typed}&gross=200&lang=zh")).text


class TestFiling:
    """From chosen containers, by repeating, from a template; checked before it is signed."""

    async def test_checks_tell_while_it_is_planned_what_the_filing_would_refuse(
        self, trade: Trade, clerk: Visitor
    ) -> None:
        drum, world = await trade.labelled(), trade.world
        site = f"site_id={world.generator.site.id}"
        early = await clerk.get(f"/manifests/checks?{site}&lang=en", headers={"HX-Request": "true"})
        assert "not said yet" in early.text
        assert "<html" not in early.text
        plan = f"{site}&container_ids={drum['id']}&receiver_site_id={world.receiver.site.id}&planned_on={today()}"
        carried = f"carrier_id={world.carrier.id}&plate={world.plate}"
        good = (await clerk.get(f"/manifests/checks?{plan}&method=D10&{carried}")).text
        assert "could be filed" in good
        bad = (await clerk.get(f"/manifests/checks?{plan}&method=D9&{carried}")).text
        assert "to put right" in bad
        assert "D9" in bad
        assert "需改正" in (await clerk.get(f"/manifests/checks?{plan}&method=D9&{carried}&lang=zh")).text
        stranger = await trade.served.page_visitor("stranger")
        assert (await stranger.get(f"/manifests/checks?{plan}&method=D10")).status_code == 403

    async def test_answers_are_checked_with_a_link_to_change_each(self, trade: Trade, clerk: Visitor) -> None:
        manifest_id = await trade.drafted(await trade.labelled())
        page = (await clerk.get(f"/manifests/{manifest_id}?lang=en")).text
        for field in ("f-container_ids", "f-receiver_site_id", "f-method", "f-carrier_id", "f-planned_on"):
            assert f'href="/manifests/{manifest_id}/change#{field}"' in page
        form = (await clerk.get(f"/manifests/{manifest_id}/change")).text
        for field in ("f-container_ids", "f-receiver_site_id", "f-method", "f-carrier_id", "f-planned_on"):
            assert f'id="{field}"' in form
        assert "could be filed" in page
        assert "核对" in (await clerk.get(f"/manifests/{manifest_id}?lang=zh")).text

    async def test_repeating_carries_nothing_that_has_left(self, trade: Trade, clerk: Visitor) -> None:
        gone, here = await trade.labelled(), await trade.labelled()
        manifest_id = await trade.filed(gone)
        await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
        form = (await clerk.get(f"/manifests/new?like={manifest_id}&lang=en")).text
        assert "1 of its containers have left" in form
        assert gone["id"] not in form
        assert here["id"] in form
        assert re.search(rf'<option value="{trade.world.receiver.site.id}" selected', form)
        assert f'value="{trade.world.plate}"' in form
        assert f'value="{today().isoformat()}"' in form
        # One that was withdrawn moved nothing: what stands here is on it again.
        withdrawn = await trade.filed(here)
        await sent(await trade.shipper(), f"/manifests/{withdrawn}/cancellation", {"reason": "改期"})
        again = (await clerk.get(f"/manifests/new?like={withdrawn}&lang=zh")).text
        assert re.search(rf'value="{here["id"]}" checked', again)
        receiver = await trade.served.page_visitor("receiver")
        assert (await receiver.get(f"/manifests/new?like={manifest_id}")).status_code == 404

    async def test_a_template_is_kept_used_renamed_and_thrown_away(self, trade: Trade, clerk: Visitor) -> None:
        manifest_id = await trade.filed(await trade.labelled())
        page, name = f"/manifests/{manifest_id}?lang=zh", f"每月废油 {new_id()}"
        kept = await clerk.send_form(f"/manifests/{manifest_id}/template", {"template_name": name}, page=page)
        assert kept.headers["location"] == "/manifests/templates"
        listed = (await clerk.get("/manifests/templates")).text
        assert name in listed
        items = (await (await trade.shipper()).get(f"{API}/manifest-templates")).json()["items"]
        template_id = next(one["id"] for one in items if one["name"] == name)
        form = (await clerk.get(f"/manifests/new?template={template_id}")).text
        assert f"已套用模板“{name}”" in form
        assert re.search(rf'<option value="{trade.world.carrier.id}" selected', form)
        again = await clerk.send_form(f"/manifests/{manifest_id}/template", {"template_name": name}, page=page)
        assert again.status_code == 422
        assert "已有名为" in again.text
        empty = await clerk.send_form(
            f"/manifests/templates/{template_id}/rename", {"template_name": " "}, page="/manifests/templates"
        )
        assert empty.status_code == 422
        assert 'href="#f-template_name"' in empty.text
        await clerk.send_form(
            f"/manifests/templates/{template_id}/rename", {"template_name": f"{name} 二"}, page="/manifests/templates"
        )
        assert f"{name} 二" in (await clerk.get("/manifests/templates")).text
        stranger = await trade.served.page_visitor("stranger")
        assert (await stranger.get(f"/manifests/new?template={template_id}")).status_code == 404
        await clerk.send_form(f"/manifests/templates/{template_id}/delete", {}, page="/manifests/templates")
        assert f"{name} 二</h2>" not in (await clerk.get("/manifests/templates")).text

    async def test_the_way_is_told_by_stages_and_whose_turn_it_is(self, trade: Trade, clerk: Visitor) -> None:
        manifest_id = await trade.filed(await trade.labelled())
        page = (await clerk.get(f"/manifests/{manifest_id}?lang=en")).text
        tracker = page[page.index("Where it is") :]
        stages = re.findall(r'<li class="(done|now|ahead)"', tracker)[:5]
        assert stages == ["done", "now", "ahead", "ahead", "ahead"]
        assert "must act" in tracker
        driver = (await (await trade.served.page_visitor("driver")).get(f"/manifests/{manifest_id}?lang=en")).text
        assert "your turn" in driver
        await sent(await trade.shipper(), f"/manifests/{manifest_id}/cancellation", {"reason": "改期"})
        assert "Where it is" not in (await clerk.get(f"/manifests/{manifest_id}")).text
        await clerk.get("/?lang=zh")


async def test_what_the_gate_found_stands_on_one_page(trade: Trade, clerk: Visitor) -> None:
    heavy, missing = await trade.labelled(), await trade.labelled()
    manifest_id = await trade.arrived(heavy, missing)
    await trade.scanned(manifest_id, heavy, gross_g=230_000)
    body = {"missing_ids": [missing["id"]], "opinion": "少一桶"}
    await sent(await trade.receiver(), f"/manifests/{manifest_id}/receipt", body)
    page = (await clerk.get("/discrepancies?lang=en")).text
    assert f'href="/manifests/{manifest_id}#lines"' in page
    assert "Weighs otherwise" in page
    home = (await clerk.get("/")).text
    assert "The gate found something else than was declared" in home
    assert "差异处理" in (await clerk.get("/discrepancies?lang=zh")).text
    stranger = (await (await trade.served.page_visitor("stranger")).get("/discrepancies")).text
    assert manifest_id not in stranger


async def test_plan_and_contracts_say_what_is_used_and_left(trade: Trade, clerk: Visitor) -> None:
    await trade.filed(await trade.labelled())
    plans = (await clerk.get("/plans?lang=en")).text
    assert "Made, of the plan" in plans
    assert "Filed, of the planned hand-over" in plans
    contracts = (await clerk.get("/contracts")).text
    assert "Left" in contracts
    await clerk.get("/?lang=zh")
