"""What is kept of a forecast: by category, month by month, with its interval and its trial, as JSON in the database.

Whoever shows or prints it needs no statistics. Masses are whole grams; low and high are the first and ninth decile.
"""

from datetime import date
from enum import StrEnum, unique
from typing import Literal

from pydantic import BaseModel, ConfigDict


@unique
class ForecastMethod(StrEnum):
    """How a series was carried on."""

    SEASONAL_NAIVE = "seasonal_naive"
    """As in the same month of the year before."""
    SMOOTHING = "smoothing"
    """Exponential smoothing (ETS) with season or trend where the corrected AIC pays for it."""
    INTERMITTENT = "intermittent"
    """How often something arises and how much then, smoothed apart (TSB)."""
    AVERAGE = "average"
    """The months known, in any order: there is less than a year of them."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TrialOf(_Part):
    """How a method did at origins in the past. MASE below one: better than the seasonal naive on what was known."""

    method: ForecastMethod
    mase: tuple[float, ...]
    """At each origin."""
    pinball_g: tuple[float, float, float]
    """Mean loss at the first, fifth and ninth decile."""
    covered: float
    """Share of the months that lay within the interval; eight in ten would be right."""


class CategoryForecast(_Part):
    """One code."""

    code: str
    known_g: tuple[int, ...]
    """Month by month, from the first month known."""
    method: ForecastMethod
    low_g: tuple[int, ...]
    middle_g: tuple[int, ...]
    high_g: tuple[int, ...]
    year_g: tuple[int, int, int]
    """Low, middle and high of the next twelve months together."""
    months_tried: int
    """How many months ahead the trial looked; 0 where the past is too short for one."""
    trials: tuple[TrialOf, ...]
    regions: dict[str, int]
    """The middle of the year by county, in proportion to its last twelve months."""

    @property
    def chosen(self) -> TrialOf | None:
        """The trial of the method that speaks."""
        return next((one for one in self.trials if one.method is self.method), None)

    @property
    def mase(self) -> float | None:
        """Its mean over the origins."""
        return None if self.chosen is None else sum(self.chosen.mase) / len(self.chosen.mase)

    @property
    def naive_mase(self) -> float | None:
        """That of the seasonal naive."""
        naive = next((one for one in self.trials if one.method is ForecastMethod.SEASONAL_NAIVE), None)
        return None if naive is None else sum(naive.mase) / len(naive.mase)

    @property
    def last_year_g(self) -> int:
        """What the last twelve months had."""
        return sum(self.known_g[-12:])


class RegionForecast(_Part):
    """All codes of a region, the most first."""

    version: Literal[1] = 1
    region: str
    """Prefix of a code of GB/T 2260."""
    region_name: str
    first_month: date
    known_until: date
    """The last day of the last month known."""
    ahead: int
    categories: tuple[CategoryForecast, ...]

    @property
    def year_g(self) -> int:
        """The middle of all codes."""
        return sum(one.year_g[1] for one in self.categories)
