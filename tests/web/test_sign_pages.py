"""Signs are printed by whoever sees the site's stores."""

import re

from tests.support.facilities import facility_added
from tests.support.trade import API, Trade
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.parties.facilities import FacilityKind


async def test_the_page_leads_to_each_sign(trade: Trade) -> None:
    firm = trade.world.generator
    async with writing(trade.served.owner) as session:
        made = await facility_added(session, firm.owner, firm.site.id, FacilityKind.USE)
        line = await facility_added(session, firm.owner, firm.site.id, FacilityKind.PRODUCTION)
    browser = await trade.served.page_visitor("owner")
    assert f'href="/sites/{firm.site.id}/signs"' in (await browser.get(f"/sites/{firm.site.id}")).text
    page = await browser.get(f"/sites/{firm.site.id}/signs")
    assert made.code in page.text
    assert line.code not in page.text, "what makes goods has no sign of this standard"
    links = re.findall(r'href="(/sites/[^"]*\.pdf[^"]*)"', page.text)
    links = [link for link in links if str(made.id) in link or str(trade.world.store_id) in link]
    assert len(links) == 9
    for link in links[::4]:
        answered = await browser.get(link.replace("&amp;", "&"))
        assert answered.headers["content-type"] == "application/pdf", link


async def test_strangers_and_nonsense_find_no_sign(trade: Trade) -> None:
    site, store = trade.world.generator.site.id, trade.world.store_id
    stranger, shipper = await trade.stranger(), await trade.shipper()
    for path in (f"/sites/{site}/signs/zone.pdf?of={store}", f"/sites/{site}/signs/store.pdf?of={store}"):
        assert (await stranger.get(API + path)).status_code == 404
        assert (await shipper.get(API + path)).status_code == 200
    assert (await shipper.get(f"{API}/sites/{site}/signs/facility.pdf?of={new_id()}")).status_code == 404
    assert (await shipper.get(f"{API}/sites/{site}/signs/zone.pdf?of={store}&metres=0")).status_code == 422
