"""A forecast as the supply of a matching: by hand, and from the records to the kept answer."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.capacity import ASH, DRUMS, INCINERATOR, MAKER, OTHER_ASH, SECOND_MAKER, TONNE, facts, question
from tests.support.world import AT
from wastetrack.capacity.answering import answer
from wastetrack.capacity.expecting import expected, years_of
from wastetrack.capacity.forecast import CategoryForecast, ForecastMethod, RegionForecast
from wastetrack.capacity.placing import supply_of
from wastetrack.capacity.result import GatheringCaution, SupplyGround
from wastetrack.reports.capacity_words import grounds_told

SOLVENT = "900-402-06"


def a_code(code: str, *middle: int, high: int = 0) -> CategoryForecast:
    """Of twelve months in tonnes, November first; `high` of the year."""
    grams = tuple(month * TONNE for month in middle)
    return CategoryForecast(
        code=code,
        known_g=grams,
        method=ForecastMethod.SEASONAL_NAIVE,
        low_g=grams,
        middle_g=grams,
        high_g=tuple(2 * month for month in grams),
        year_g=(sum(grams), sum(grams), high * TONNE),
        months_tried=0,
        trials=(),
        regions={},
    )


def a_forecast(*codes: CategoryForecast, until: date = date(2026, 10, 31)) -> RegionForecast:
    return RegionForecast(
        region="37",
        region_name="山东省",
        first_month=date(2025, 11, 1),
        known_until=until,
        ahead=12,
        categories=codes,
    )


TOLD = facts(
    arisen_g={
        (MAKER.id, ASH): (3 * TONNE, *(0,) * 11),
        (SECOND_MAKER.id, ASH): (TONNE, *(0,) * 11),
        (INCINERATOR.id, DRUMS): (0,) * 12,
    },
    forecast=a_forecast(
        a_code(ASH, 8, 4, *(0,) * 9, 1, high=26),
        a_code(DRUMS, *(12,) * 12, high=150),
        a_code(SOLVENT, *(1,) * 12, high=13),
        a_code("900-099-S17", *(1,) * 12, high=13),
    ),
)


def test_each_month_stands_at_its_place_in_the_calendar_among_those_who_made_it() -> None:
    told = supply_of(TOLD, SupplyGround.FORECAST)
    # November and December come first in the forecast, and last in the year; three parts to one.
    assert told.months[MAKER.id, ASH] == (*(0,) * 9, 750_000, 6 * TONNE, 3 * TONNE)
    assert told.months[SECOND_MAKER.id, ASH] == (*(0,) * 9, 250_000, 2 * TONNE, TONNE)
    # Nobody made drums in the last year, one plans them; of the solvent nobody knows, and S17 is no hazardous waste.
    assert told.months[MAKER.id, DRUMS] == (12 * TONNE,) * 12
    assert (told.unplaced, told.grounds) == ((SOLVENT,), {SupplyGround.FORECAST: 157 * TONNE})


def test_the_upper_end_is_that_of_the_year_and_no_gram_is_lost() -> None:
    assert TOLD.forecast is not None
    found, _ = expected(TOLD.forecast, TOLD, {}, high=True)
    ash = [months for (_, code), months in found.items() if code == ASH]
    assert sum(map(sum, ash)) == 26 * TONNE
    thirds = a_forecast(a_code(ASH, 1, *(0,) * 11, high=1))
    three = replace(TOLD, arisen_g={(site, ASH): (1,) * 12 for site in (MAKER.id, SECOND_MAKER.id, INCINERATOR.id)})
    shared, _ = expected(thirds, three, {}, high=False)
    assert sorted(sum(months) for months in shared.values()) == [333_333, 333_333, 333_334]


def test_a_forecast_stands_for_the_years_of_its_months() -> None:
    assert list(years_of(a_forecast())) == [2026, 2027]
    assert list(years_of(a_forecast(until=date(2026, 12, 31)))) == [2027]
    with pytest.raises(LookupError):
        supply_of(facts(), SupplyGround.FORECAST)


def test_the_report_says_what_the_supply_rests_on() -> None:
    asked = question(ground=SupplyGround.FORECAST)
    told = answer(TOLD, asked, made_at=AT, progress=lambda _share: None)
    assert told.totals.supply_g == 157 * TONNE
    assert [(one.ground, one.mass_g) for one in told.grounds] == [(SupplyGround.FORECAST, 157 * TONNE)]
    assert {one.kind: one.count for one in told.cautions}[GatheringCaution.FORECAST_UNPLACED] == 1
    sentences = grounds_told(told)
    assert sentences[0].en == "157 t of the supply by the forecast"
    assert "2026-10-31" in sentences[1].en
    assert "2026-10-31" in sentences[1].zh
    by_plan = answer(facts(), question(), made_at=AT, progress=lambda _share: None)
    assert [one.en for one in grounds_told(by_plan)] == ["21,500 t of the supply by filed management plans"]
    assert OTHER_ASH not in {code for _, code in supply_of(TOLD, SupplyGround.FORECAST).months}
