"""Pages of a pipe: drafted, opened and read day by day by forms alone, in both languages."""

import re
from uuid import UUID

import pytest

from tests.support.served import Visitor
from tests.support.trade import Trade, sent, today
from tests.support.world import OIL
from wastetrack.manifests.periods import PeriodLength, whole_period


def period_form(trade: Trade, **changes: str) -> dict[str, str]:
    """This month, as the form sends it."""
    month = whole_period(today(), PeriodLength.MONTH)
    return {
        "site_id": str(trade.world.generator.site.id),
        "receiver_site_id": str(trade.world.receiver.site.id),
        "method": "R9",
        "waste_code": OIL,
        "waste_name": "废矿物油",
        "form": "liquid",
        "hazards": "T",
        "begins_on": month.begins_on.isoformat(),
        "ends_on": month.ends_on.isoformat(),
        "planned": "1",
        "remarks": "",
        **changes,
    }


def meter_form(**changes: str) -> dict[str, str]:
    """A meter, as the form sends it."""
    day = today()
    return {
        "code": "FT-2",
        "name": "外输流量计",
        "kind": "mass_flow",
        "unit": "t",
        "density_g_per_l": "",
        "uncertainty_per_mille": "2",
        "verified_on": day.isoformat(),
        "verified_until": day.replace(year=day.year + 2, day=1).isoformat(),
        **changes,
    }


async def metered(trade: Trade, login: str, site_id: UUID) -> Visitor:
    """Somebody who has registered the meter of a site by its page."""
    browser = await trade.served.page_visitor(login)
    path = f"/sites/{site_id}/meters"
    answered = await browser.send_form(path, {**meter_form(), "density_g_per_l": "870"}, page=path)
    assert answered.status_code == 422
    assert 'aria-invalid="true"' in answered.text
    form = {name: value for name, value in meter_form().items() if value}
    assert (await browser.send_form(path, form, page=path)).status_code == 303
    return browser


async def test_a_pipe_is_drafted_opened_and_read_by_forms(trade: Trade) -> None:
    world = trade.world
    browser = await metered(trade, "owner", world.generator.site.id)
    new = "/manifests/new-period"
    refused = await browser.send_form(new, period_form(trade, planned="0"), page=new)
    assert refused.status_code == 422
    made = await browser.send_form(new, period_form(trade), page=new)
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    shown = await browser.get(address)
    assert f"{address}/sign/open" in shown.text
    words = await browser.send_form(f"{address}/sign/open", {"version": "1"}, page=address)
    assert words.status_code == 303
    assert "/signing/" in words.headers["location"]
    await sent(await trade.shipper(), f"{address}/opening", {})

    page = (await browser.get(address)).text
    meter = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>FT-2', page)
    assert meter is not None
    reading = {"side": "shipper", "waste_code": OIL, "day": today().isoformat(), "meter_id": meter[1]}
    wrong = await browser.send_form(f"{address}/readings", {**reading, "value": "-1"}, page=address)
    assert wrong.status_code == 422
    entered = await browser.send_form(f"{address}/readings", {**reading, "value": "0.8"}, page=address)
    assert entered.status_code == 303, entered.text
    page = (await browser.get(address)).text
    assert "800" in page
    for login in ("receiver", "gate", "inspector", "viewer"):
        other = await trade.served.page_visitor(login)
        assert (await other.get(address)).status_code == 200, login
    stranger = await trade.served.page_visitor("stranger")
    assert (await stranger.get(address)).status_code == 404
    assert (await stranger.get(f"/sites/{world.generator.site.id}/meters")).status_code == 404
    assert (await (await trade.served.page_visitor("inspector")).get("/manifests?state=running")).status_code == 200


@pytest.mark.parametrize("login", ["viewer", "driver", "inspector"])
async def test_the_form_is_for_those_who_may_file(trade: Trade, login: str) -> None:
    browser = await trade.served.page_visitor(login)
    assert (await browser.get("/manifests/new-period")).status_code == 403
