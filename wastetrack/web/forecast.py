"""Page of what will arise in a region: the newest forecast, code by code, with its interval and its trial."""

from datetime import date
from typing import Annotated, Any

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand_authority, may
from wastetrack.capacity import ordering_forecasts, project_queries
from wastetrack.capacity.filed_plans import planned_in
from wastetrack.capacity.forecast import CategoryForecast, RegionForecast
from wastetrack.capacity.reading import percent
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import label
from wastetrack.mass import Mass
from wastetrack.reports import oversight_figures
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.list_views import ListView
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/capacity/forecast", route_class=AnsweringRoute)

MOST_CODES, SHOWN_MONTHS = 100, 36


class AskedForecast(Search):
    """Of which region, and which code is drawn."""

    region: str = Field("", pattern=r"^\d{0,6}$")
    code: Line = ""


class RegionForm(BaseModel):
    """Of which region."""

    region: str = Field("", max_length=6, pattern=r"^\d*$")


async def _page(page: Page, work: ReadWork, filled: Filled, asked: AskedForecast) -> Response:
    demand_authority(work.actor)
    region = oversight_figures.within(work.actor, asked.region)
    found = await project_queries.newest_forecast(work.session, work.actor, region)
    lists = await snapshot(work.session)
    told = None if found is None else found[0]
    drawn = None if told is None else _drawn(told, asked.code)
    planned = 0 if told is None else await planned_in(work.session, region, legal_day(work.at).year)
    return page.show(
        "capacity/forecast.html",
        filled=filled,
        asked=asked,
        region=region,
        regions=oversight_figures.choosable(lists, work.actor, asked.region),
        name=oversight_figures.name_of(lists, region),
        view=ListView(page, (), keeps=False, path="/capacity/forecast"),
        forecast=told,
        made_at=None if found is None else found[1],
        rows=[] if told is None else told.categories[:MOST_CODES],
        more=0 if told is None else max(len(told.categories) - MOST_CODES, 0),
        mass=Mass,
        planned=planned,
        recorded=0 if told is None else sum(one.last_year_g for one in told.categories),
        percent=percent,
        drawn=drawn,
        chart=None if told is None or drawn is None else chart_of(page, told, drawn),
        counties=[] if drawn is None else _counties(drawn, lists.regions),
        method=lambda one: label(one.method, page.locale),
        may_ask=bool(may(work.actor, Verb.ASSESS_CAPACITY)),
    )


def _drawn(told: RegionForecast, code: str) -> CategoryForecast | None:
    return next((one for one in told.categories if one.code == code), next(iter(told.categories), None))


def _counties(drawn: CategoryForecast, regions: Any) -> list[tuple[str, Mass]]:  # noqa: ANN401  the catalogue's mapping
    named = ((regions[code].name if code in regions else code, grams) for code, grams in drawn.regions.items())
    return [(name, Mass(grams)) for name, grams in sorted(named, key=lambda one: -one[1])]


def months_of(told: RegionForecast) -> list[str]:
    """Every month known or told: `2026-01`."""
    first = told.first_month
    count = len(told.categories[0].known_g) + told.ahead
    at = [first.month - 1 + number for number in range(count)]
    return [date(first.year + one // 12, one % 12 + 1, 1).isoformat()[:7] for one in at]


def chart_of(page: Page, told: RegionForecast, one: CategoryForecast) -> dict[str, Any]:
    """What is known, then the middle between low and high; tonnes."""
    known = [round(grams / 1_000_000, 3) for grams in one.known_g][-SHOWN_MONTHS:]
    low, middle, high = (
        [round(grams / 1_000_000, 3) for grams in row] for row in (one.low_g, one.middle_g, one.high_g)
    )
    names = months_of(told)[-len(known) - told.ahead :]
    before: list[float | None] = [None] * (len(known) - 1)
    # The lines of the future begin at the last month known, so that nothing hangs in the air.
    joined = [*before, known[-1]]
    after: list[float | None] = [None] * told.ahead
    series: list[dict[str, Any]] = [
        {"type": "line", "name": page.translate("Arisen"), "data": [*known, *after]},
        {"type": "line", "name": page.translate("Middle"), "data": [*joined, *middle]},
        {"type": "line", "name": page.translate("Low"), "data": [*joined, *low], "lineStyle": {"type": "dashed"}},
        {"type": "line", "name": page.translate("High"), "data": [*joined, *high], "lineStyle": {"type": "dashed"}},
    ]
    return {
        "option": {
            "legend": {},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"data": names},
            "yAxis": {},
            "series": series,
        },
        "columns": [(page.translate("Month"), ""), *((line["name"], "number") for line in series)],
        "rows": [
            [name, *("—" if line["data"][place] is None else line["data"][place] for line in series)]
            for place, name in enumerate(names)
        ],
    }


async def ask(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The page again, with what was wrong."""
    return await _page(page, work, filled, AskedForecast())


@router.get("")
async def forecast(page: AnyPage, work: Reading, asked: Annotated[AskedForecast, Query()]) -> Response:
    """The newest."""
    return await _page(page, work, EMPTY, asked)


@router.post("")
@asked_again(ask)
async def make(page: AnyPage, work: Writing, form: Annotated[RegionForm, Form()]) -> Response:
    """Have one made."""
    task_id = await ordering_forecasts.ask_forecast(work.session, work.actor, form.region, at=work.at)
    return page.go(f"/tasks/{task_id}")
