"""Signs are printed by whoever sees the site's stores."""

import io
import re

from pypdf import PdfReader

from tests.support.facilities import facility_added
from tests.support.stored import a_site, a_store
from tests.support.trade import API, Trade
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.db.session import writing
from wastetrack.ids import new_id
from wastetrack.parties.facilities import FacilityKind
from wastetrack.reports.signs import zone_name


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


async def test_the_sign_of_zones_shows_the_zones_of_a_store_and_how_they_behave(trade: Trade) -> None:
    site_id, shipper = await a_site(trade), await trade.shipper()
    whole = await a_store(trade, site_id=site_id)
    zone = await a_store(trade, site_id=site_id, room={"kind": "zone", "parent_id": whole["id"]})
    other = await a_store(trade, site_id=site_id, room={"kind": "zone", "parent_id": whole["id"]})
    undivided = await a_store(trade, site_id=site_id)
    await trade.labelled(site_id=site_id, store_id=zone["id"])
    answered = await shipper.get(f"{API}/sites/{zone['site_id']}/signs/zone.pdf?of={zone['id']}&metres=4")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answered.content)).pages)
    assert all(one["code"] in text for one in (zone, other, undivided))
    assert whole["code"] not in text, "its zones are shown in its place"
    assert "（易燃）" in text
    assert "900-249-08" in text


def test_behind_the_name_of_a_zone_stand_its_classes_in_their_order() -> None:
    assert zone_name("甲区", ()) == "甲区"
    assert zone_name("甲区", {CompatibilityClass.FLAMMABLE, CompatibilityClass.ACID}) == "甲区（酸类、易燃）"
