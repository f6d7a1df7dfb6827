"""A region's forecast is made by a worker from the ledger's months, and kept."""

import asyncio
import calendar
import importlib.util
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from wastetrack.auth.model import Actor
from wastetrack.capacity.forecast import CategoryForecast, ForecastMethod, RegionForecast, TrialOf
from wastetrack.capacity.project_tables import CapacityForecastRow
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Unavailable, refuse
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.tasks.model import Outcome

if TYPE_CHECKING:
    from wastetrack.capacity.forecasting import Trial

Progress = Callable[[int, int | None], Awaitable[None]]
Months = Mapping[str, Mapping[date, int]]
"""Code → first of month → grams."""
AHEAD: Final = 12
_YEARS_KNOWN: Final = 8
_GENERATION: Final = "select region_code, waste_code, month, grams from generation_by_month($1, $2, $3)"


def demand_statistics() -> None:
    """Raise Unavailable where the libraries that forecast are not installed, with how to install them."""
    missing = [name for name in ("numpy", "statsmodels") if importlib.util.find_spec(name) is None]
    if missing:
        raise Unavailable(
            "forecast_not_installed",
            "Forecasts need {missing}: pip install 'wastetrack[capacity]'.",
            missing=", ".join(missing),
        )


async def make_forecast(
    session: WriteSession, actor: Actor, region: str, *, at: datetime, progress: Progress
) -> Outcome:
    """Carry on what the ledger knows of a region's whole months, code by code, and keep it. Raises RuleBroken where
    nothing is known, Unavailable without the libraries."""
    demand_statistics()
    known, parts = await generation(session, region, at=at)
    if not known:
        step = message("Wait until the ledger has a whole month, or choose a larger region.")
        refuse([Broken("region", "nothing_to_forecast", "Nothing has arisen in {value} yet.", region, next_step=step)])
    first = min(min(months) for months in known.values())
    last = _last_month(at)
    calendar_months = _months(first, last)
    made = []
    for number, code in enumerate(sorted(known, key=lambda code: (-sum(known[code].values()), code))):
        await progress(number, len(known))
        series = [known[code].get(month, 0) for month in calendar_months]
        made.append(await asyncio.to_thread(_forecast, code, series, parts[code]))
    lists = await snapshot(session)
    found = lists.regions.get(region.ljust(6, "0"))
    result = RegionForecast(
        region=region,
        region_name=region if found is None else found.name,
        first_month=first,
        known_until=last.replace(day=calendar.monthrange(last.year, last.month)[1]),
        ahead=AHEAD,
        categories=tuple(sorted(made, key=lambda one: (-one.year_g[1], one.code))),
    )
    session.add(_row(actor, result, at))
    await session.flush()
    told = message("What arises in {region} is carried on for {count} codes.")
    facts = {"region": result.region_name, "count": len(made)}
    return Outcome(message=told, facts=facts, address="/capacity/forecast")


def _row(actor: Actor, result: RegionForecast, at: datetime) -> CapacityForecastRow:
    return CapacityForecastRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        region=result.region,
        known_until=result.known_until,
        content=result.model_dump(mode="json"),
        person_id=actor.person_id,
        created_at=at,
    )


async def generation(
    session: ReadSession, region: str, *, at: datetime
) -> tuple[dict[str, dict[date, int]], dict[str, dict[str, int]]]:
    """By code what arose in each whole month, and in the last twelve of them by county."""
    end = _last_month(at).replace(day=28) + timedelta(days=4)
    until = end.replace(day=1)
    since = until.replace(year=until.year - _YEARS_KNOWN)
    recent = until.replace(year=until.year - 1)
    months: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    parts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    driver = await session.driver()
    for row in await driver.fetch(_GENERATION, _midnight(since), _midnight(until), region):
        months[row["waste_code"]][row["month"]] += row["grams"]
        if row["month"] >= recent:
            parts[row["waste_code"]][row["region_code"]] += row["grams"]
    # A figure that was lowered later can leave a month below nothing; that is no waste that arises.
    whole = {code: {month: max(grams, 0) for month, grams in told.items()} for code, told in months.items()}
    shares = {code: {county: max(grams, 0) for county, grams in parts[code].items()} for code in whole}
    return {code: told for code, told in whole.items() if any(told.values())}, shares


def _forecast(code: str, series: Sequence[int], counties: Mapping[str, int]) -> CategoryForecast:
    from wastetrack.capacity.forecasting import forecast, shared_out  # noqa: PLC0415  an extra

    found = forecast(series, ahead=AHEAD)
    return CategoryForecast(
        code=code,
        known_g=tuple(series),
        method=found.method,
        low_g=found.low_g,
        middle_g=found.middle_g,
        high_g=found.high_g,
        year_g=found.year_g,
        months_tried=0 if found.trial is None else found.trial.months_ahead,
        trials=() if found.trial is None else tuple(_trial(found.trial, one) for one in found.trial.mase),
        regions=shared_out(found.year_g[1], counties) if counties else {},
    )


def _trial(trial: "Trial", method: ForecastMethod) -> TrialOf:
    low, middle, high = trial.pinball[method]
    return TrialOf(method=method, mase=trial.mase[method], pinball_g=(low, middle, high), covered=trial.covered[method])


def _last_month(at: datetime) -> date:
    """The first day of the last month that is over."""
    return (legal_day(at).replace(day=1) - timedelta(days=1)).replace(day=1)


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [
        date(first.year + (first.month - 1 + number) // 12, (first.month - 1 + number) % 12 + 1, 1)
        for number in range(count)
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LEGAL_ZONE)
