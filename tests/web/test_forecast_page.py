"""The page of a forecast says how much of what is planned the ledger has seen, which is all that it carries on."""

import re
from datetime import date

import pytest

from tests.support.spoken import IN_EACH_LANGUAGE
from tests.support.trade import Trade
from wastetrack import clock
from wastetrack.capacity.forecast import CategoryForecast, ForecastMethod, RegionForecast
from wastetrack.capacity.project_tables import CapacityForecastRow
from wastetrack.db.session import writing
from wastetrack.i18n import Locale
from wastetrack.ids import new_id

TONNE = 1_000_000


async def forecast_of(trade: Trade, monthly_t: int) -> None:
    """So many tonnes of waste oil in each of the last twelve months, and as much in each that comes."""
    months = (monthly_t * TONNE,) * 12
    year = 12 * monthly_t * TONNE
    code = CategoryForecast(
        code="900-249-08",
        known_g=months,
        method=ForecastMethod.AVERAGE,
        low_g=months,
        middle_g=months,
        high_g=months,
        year_g=(year, year, year),
        months_tried=0,
        trials=(),
        regions={"370602": year},
    )
    whole = RegionForecast(
        region="3706",
        region_name="烟台市",
        first_month=date(2025, 11, 1),
        known_until=date(2026, 10, 31),
        ahead=12,
        categories=(code,),
    )
    inspector = trade.world.inspector
    row = CapacityForecastRow(
        id=new_id(),
        organisation_id=inspector.organisation_id,
        region="3706",
        known_until=whole.known_until,
        content=whole.model_dump(mode="json"),
        person_id=inspector.person_id,
        created_at=clock.now(),
    )
    async with writing(trade.served.owner) as session:
        session.add(row)


@IN_EACH_LANGUAGE
@pytest.mark.parametrize(("monthly_t", "is_little"), [(1, True), (2_000, False)])
async def test_what_is_recorded_stands_beside_what_is_planned(
    trade: Trade, locale: Locale, monthly_t: int, *, is_little: bool
) -> None:
    await forecast_of(trade, monthly_t)
    inspector = await trade.served.page_visitor("inspector")
    page = re.sub(r"<[^>]+>", "", (await inspector.get(f"/capacity/forecast?lang={locale}")).text)
    told = {
        "zh": r"近十二个月台账记录 ([\d,]+) (?:吨|t)，为本年度备案计划 ([\d,]+) (?:吨|t) 的 (< ?1|&lt; 1|\d+)%",
        "en": r"The ledger recorded ([\d,]+) t in the last twelve months, (< ?1|&lt; 1|\d+) % of the ([\d,]+) t that",
    }[locale]
    assert re.search(told, page.replace("\xa0", " ")), page[page.find("台账记录") - 20 :][:200]
    caution = {"zh": "预测以台账记录外推", "en": "A forecast carries on what is recorded"}[locale]
    assert (caution in page) is is_little
