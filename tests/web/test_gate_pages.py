"""The gate's screen, the receipt and the treatment: one input, one answer, and forms that come back filled."""

from sqlalchemy import text

from tests.support.parties import approver
from tests.support.trade import Trade, today
from wastetrack import clock
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.permitting import suspend_permit


class TestTheGate:
    """One input, one answer."""

    async def test_a_scan_without_weight_asks_for_it_and_keeps_the_label(self, trade: Trade) -> None:
        drum = await trade.labelled()
        here = f"/gate/{await trade.arrived(drum)}"
        browser = await trade.served.page_visitor("gate")
        asked_back = await browser.send_form(here, {"label": trade.label_text(drum)}, page=here)
        assert asked_back.status_code == 422
        assert "请称重" in asked_back.text
        assert trade.label_text(drum) in asked_back.text

    async def test_the_answer_says_accept_and_the_scale_is_kept(self, trade: Trade) -> None:
        drum, next_one = await trade.labelled(), await trade.labelled()
        here = f"/gate/{await trade.arrived(drum, next_one)}"
        browser = await trade.served.page_visitor("gate")
        fields = {"label": trade.label_text(drum), "gross": "199.5", "scale_id": "GATE-2", "uncertainty": "0.2"}
        key = new_id()
        first, again = [await browser.send_form(here, fields, page=here, key=key) for _ in range(2)]
        assert first.status_code == again.status_code == 303
        assert first.headers["location"] == again.headers["location"]
        answer = await browser.get(first.headers["location"])
        assert 'class="answer good"' in answer.text
        assert "准予接受" in answer.text
        assert 'value="GATE-2"' in answer.text
        fragment = await browser.get(first.headers["location"], headers={"HX-Request": "true"})
        assert "<html" not in fragment.text
        assert 'class="answer good"' in fragment.text

    async def test_a_forged_label_stops_and_the_field_is_empty_for_the_next(self, trade: Trade) -> None:
        drum = await trade.labelled()
        here = f"/gate/{await trade.arrived(drum)}"
        browser = await trade.served.page_visitor("gate")
        forged = trade.label_text(drum)[:-10] + "AAAAAAAAAA"
        refused = await browser.send_form(here, {"label": forged, "gross": "200"}, page=here)
        assert refused.status_code == 400
        assert 'class="answer bad"' in refused.text
        assert 'name="label" value=""' in refused.text

    async def test_a_drum_of_another_manifest_stops(self, trade: Trade) -> None:
        drum, other = await trade.labelled(), await trade.labelled()
        here = f"/gate/{await trade.arrived(drum)}"
        browser = await trade.served.page_visitor("gate")
        found = await browser.send_form(here, {"label": trade.label_text(other), "gross": "200"}, page=here)
        answer = await browser.get(found.headers["location"])
        assert "停止：不在本联单上" in answer.text

    async def test_a_permit_suspended_on_the_way_stops_and_says_why_in_the_readers_language(self, trade: Trade) -> None:
        drum = await trade.labelled()
        here = f"/gate/{await trade.arrived(drum)}"
        async with writing(trade.served.owner) as session:
            suspension = SuspendPermit(permit_id=trade.world.permit_id, from_on=today(), reason="超标排放")
            await suspend_permit(session, approver(), suspension, at=clock.now())
        browser = await trade.served.page_visitor("gate")
        found = await browser.send_form(here, {"label": trade.label_text(drum), "gross": "200"}, page=here)
        answer = await browser.get(found.headers["location"])
        assert 'class="answer bad"' in answer.text
        assert "被暂扣：超标排放" in answer.text
        english = await browser.get(f"{found.headers['location']}&lang=en")
        assert "is suspended since" in english.text
        async with writing(trade.served.owner) as session:  # the town is everybody's
            await session.execute(text("delete from permit_suspensions"))

    async def test_rejecting_needs_a_reason_and_a_reason_needs_the_right_button(self, trade: Trade) -> None:
        drum = await trade.labelled()
        manifest_id = await trade.arrived(drum)
        here, browser = f"/gate/{manifest_id}", await trade.served.page_visitor("gate")
        label = {"label": trade.label_text(drum)}
        silent = await browser.send_form(here, {**label, "decision": "reject"}, page=here)
        assert "请填写拒收原因" in silent.text
        wrong = await browser.send_form(here, {**label, "gross": "200", "reject_reason": "渗漏"}, page=here)
        assert wrong.status_code == 422
        right = await browser.send_form(here, {**label, "decision": "reject", "reject_reason": "渗漏"}, page=here)
        assert "已拒收" in (await browser.get(right.headers["location"])).text
        done = await browser.sign_form(f"{here}/receipt", {}, page=f"{here}/receipt")
        assert done.status_code == 303
        page = await browser.get(f"/manifests/{manifest_id}")
        assert "被拒收的容器凭以下联单退回" in page.text

    async def test_what_was_not_scanned_must_be_named_missing(self, trade: Trade) -> None:
        drum = await trade.labelled()
        manifest_id = await trade.arrived(drum)
        here, browser = f"/gate/{manifest_id}/receipt", await trade.served.page_visitor("gate")
        refused = await browser.send_form(here, {"opinion": "少一桶"}, page=here)
        assert refused.status_code == 422
        assert "少一桶" in refused.text
        done = await browser.sign_form(here, {"missing_ids": drum["id"]}, page=here)
        assert done.status_code == 303
        assert (await browser.get(here)).status_code == 404

    async def test_the_screen_is_the_receivers_alone(self, trade: Trade) -> None:
        here = f"/gate/{await trade.arrived(await trade.labelled())}"
        assert (await (await trade.served.page_visitor("stranger")).get(here)).status_code == 404
        assert (await (await trade.served.page_visitor("driver")).get(here)).status_code == 403


class TestTreatment:
    """What stands at one's own site comes to its end."""

    async def test_a_batch_with_its_residue(self, trade: Trade) -> None:
        drum = await trade.labelled()
        await trade.received(drum)
        browser = await trade.served.page_visitor("gate")
        fields = {
            "site_id": str(trade.world.receiver.site.id),
            "container_ids": drum["id"],
            "treatment": "D10",
            "treated_on": today().isoformat(),
            "waste_code": "772-003-18",
            "form": "solid",
            "packaging": "big_bag",
            "volume_l": "1000",
            "gross": "24.5",
            "tare": "",
        }
        refused = await browser.send_form("/treatment", fields, page="/treatment")
        assert refused.status_code == 422
        assert '<a href="#f-tare">' in refused.text
        assert f'value="{drum["id"]}" checked' in refused.text
        made = await browser.send_form("/treatment", {**fields, "tare": "2"}, page="/treatment")
        assert made.status_code == 303, made.text
        batch = await browser.get(made.headers["location"])
        assert "22.5 kg" in batch.text
        assert (await (await trade.served.page_visitor("stranger")).get(made.headers["location"])).status_code == 404

    async def test_nothing_chosen_and_no_such_method(self, trade: Trade) -> None:
        await trade.received(await trade.labelled())
        browser = await trade.served.page_visitor("gate")
        fields = {"site_id": str(trade.world.receiver.site.id), "treatment": "D10", "treated_on": today().isoformat()}
        assert "请至少选择一个容器" in (await browser.send_form("/treatment", fields, page="/treatment")).text
