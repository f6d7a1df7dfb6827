"""Facilities by forms, on the page of their site."""

import re

from tests.support.served import Served
from wastetrack.ids import new_id


async def test_a_facility_is_entered_changed_and_closed_by_forms(served: Served) -> None:
    owner, place = await served.page_visitor("owner"), f"/sites/{served.world.generator.site.id}"
    code = f"MF{int(new_id()) % 10**9:09}"
    fields = {"kind": "production", "code": code, "name": "镀锌线", "process": "电镀", "since": "2026-01-01"}

    wrong = await owner.send_form(
        f"{place}/facilities/new", {**fields, "capacity": "5"}, page=f"{place}/facilities/new"
    )
    assert wrong.status_code == 422
    assert "镀锌线" in wrong.text

    added = await owner.send_form(f"{place}/facilities/new", fields, page=f"{place}/facilities/new")
    assert (added.status_code, added.headers["location"]) == (303, place)
    shown = (await owner.get(place)).text
    (facility,) = re.findall(rf'href="/facilities/([^/"]+)/change">[^<]*<span class="hidden"> {code}<', shown)

    changing = f"/facilities/{facility}/change"
    assert "镀锌线" in (await owner.get(changing)).text
    changed = await owner.send_form(changing, {"name": "镀镍线"}, page=changing)
    assert changed.status_code == 303
    assert "镀镍线" in (await owner.get(place)).text

    closing = f"/facilities/{facility}/close"
    assert (await owner.send_form(closing, {"until": "2026-06-30"}, page=closing)).status_code == 303
    assert "2026-06-30" in (await owner.get(place)).text
    assert code in (await (await served.page_visitor("inspector")).get(place)).text
    assert code not in (await (await served.page_visitor("stranger")).get(place)).text
    assert (await (await served.page_visitor("stranger")).get(changing)).status_code == 404
