"""An authority chooses a region by its name, where a digit code was to be known by heart."""

import re

import pytest

from tests.support.trade import Trade
from tests.web.test_capacity_pages import kept
from wastetrack.capacity.result import ScenarioKind


@pytest.mark.parametrize("path", ["/capacity/projects", "/capacity/operation", "/capacity/forecast", "/capacity/new"])
async def test_regions_are_offered_by_name_and_the_chosen_one_stays(trade: Trade, path: str) -> None:
    inspector = await trade.served.page_visitor("inspector")
    page = (await inspector.get(f"{path}?lang=zh")).text
    chosen = re.search(r'<select id="[^"]*" name="region".*?</select>', page, re.DOTALL)
    assert chosen is not None
    assert '<option value="3706"' in chosen[0]
    assert "烟台市" in chosen[0]
    assert '<option value="370602"' in chosen[0]
    assert "芝罘区" in chosen[0]
    if path != "/capacity/new":
        again = (await inspector.get(f"{path}?lang=zh&region=370602")).text
        assert '<option value="370602" selected>芝罘区' in again
        assert (await inspector.get(f"{path}?region=3701")).status_code == 404, "another's region"


async def test_a_project_is_placed_in_a_county_offered_by_name(trade: Trade) -> None:
    inspector = await trade.served.page_visitor("inspector")
    page = (await inspector.get("/capacity/projects/new?lang=zh")).text
    assert re.search(r'<option value="370602">[^<]*芝罘区', page)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_assessments_side_by_side_are_told_apart_though_their_titles_are_one(trade: Trade, language: str) -> None:
    one, other = await kept(trade), await kept(trade, scenario=ScenarioKind.MORE_SUPPLY, factor=1.5)
    inspector = await trade.served.page_visitor("inspector")
    page = (await inspector.get(f"/capacity/compare?run={one}&run={other}&lang={language}")).text
    headings = re.findall(r'<th scope="col" class="number">([^<]+)</th>', page)
    assert len(set(headings[:2])) == 2, headings
