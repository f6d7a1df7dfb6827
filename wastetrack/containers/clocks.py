"""How long a container may stand where it stands: one pure function from its stay to its clocks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from wastetrack.catalogues.jurisdiction import Figure, Jurisdiction, legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.parties.model import SiteKind

MEDICAL: Final = "01"
# 化学性 and 药物性 waste is stored at a treatment plant as other hazardous waste is (GB 39707-2020, 5.4.7).
_AS_OTHER_WASTE: Final = frozenset({"841-004-01", "841-005-01"})
_NICKEL_CADMIUM: Final = "900-044-49"
_WASTE_OIL: Final = "08"
_YES: Final = "yes"


class ClockKind(StrEnum):
    """Which term runs."""

    YEAR = "year"
    """Storage, a year."""
    MEDICAL_AT_SOURCE = "medical_at_source"
    """Temporary storage where medical waste was made."""
    MEDICAL_AT_PLANT = "medical_at_plant"
    """Storage at a treatment plant, by temperature."""
    COLLECTED = "collected"
    """Collected waste oil or batteries, to be handed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A container at a site, as far as its terms depend on it."""

    waste_code: str
    generated_on: date
    since: datetime
    """When it came to this site."""
    made_here: bool
    site_kind: SiteKind
    licensed: bool
    """The site's organisation takes waste by permit."""
    collects: bool
    """Its permit is one for collection."""
    temperature_c: int | None = None
    remote_disinfected: bool = False
    extended_until: date | None = None
    """The last day that an authority has granted."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One term: its last day, or its last instant where it is counted in hours."""

    kind: ClockKind
    article: str
    due_on: date | None = None
    due_at: datetime | None = None

    def last_day(self) -> date:
        """For comparing terms in days with terms in hours."""
        return legal_day(self.due_at) if self.due_at is not None else self.due_on or date.max

    def overdue(self, at: datetime) -> bool:
        """Whether the term is over."""
        return self.due_at < at if self.due_at is not None else self.last_day() < legal_day(at)

    def hours_left(self, at: datetime) -> int | None:
        """Whole hours left of a term counted in hours, negative when it is over."""
        return None if self.due_at is None else int((self.due_at - at).total_seconds() // 3600)

    def days_left(self, at: datetime) -> int:
        """Days until the last day; 0 on it, negative after."""
        return (self.last_day() - legal_day(at)).days


def clocks_of(stay: Stay, figures: Jurisdiction) -> tuple[Clock, ...]:
    """The terms that run for a container where it stands, the soonest first."""
    found = [clock for clock in (_medical(stay, figures), _year(stay, figures), _collected(stay, figures)) if clock]
    return tuple(sorted(found, key=lambda clock: (clock.last_day(), clock.kind)))


def _hours(kind: ClockKind, stay: Stay, figure: Figure) -> Clock:
    return Clock(kind, figure.article, due_at=stay.since + timedelta(hours=figure.value))


def _is_medical(stay: Stay) -> bool:
    """Whether hours count for it here."""
    if not stay.waste_code.endswith(f"-{MEDICAL}"):
        return False
    return stay.site_kind is not SiteKind.TREATMENT or stay.waste_code not in _AS_OTHER_WASTE


def _medical(stay: Stay, figures: Jurisdiction) -> Clock | None:
    if not _is_medical(stay):
        return None
    if stay.site_kind is not SiteKind.TREATMENT:
        return _hours(ClockKind.MEDICAL_AT_SOURCE, stay, figures.medical_hours_at_source)
    cold = stay.temperature_c is not None and stay.temperature_c < figures.medical_cold_below.value
    if not cold:
        return _hours(ClockKind.MEDICAL_AT_PLANT, stay, figures.medical_hours_warm)
    longest = figures.medical_hours_remote if stay.remote_disinfected else figures.medical_hours_cold
    return _hours(ClockKind.MEDICAL_AT_PLANT, stay, longest)


def _year(stay: Stay, figures: Jurisdiction) -> Clock | None:
    by_choice = figures.storage_years_of_generators.value == _YES
    if _is_medical(stay) or not (stay.licensed or by_choice):
        return None
    article = figures.storage_years.article if stay.licensed else figures.storage_years_of_generators.article
    begun = stay.generated_on if stay.made_here else legal_day(stay.since)
    due = years_after(begun, figures.storage_years.value)
    return Clock(ClockKind.YEAR, article, due_on=max(due, stay.extended_until or due))


def _collected(stay: Stay, figures: Jurisdiction) -> Clock | None:
    named = stay.waste_code.endswith(f"-{_WASTE_OIL}") or stay.waste_code == _NICKEL_CADMIUM
    if stay.made_here or not (stay.collects and named):
        return None
    figure = figures.collected_working_days
    due = after_working_days(legal_day(stay.since), figure.value)
    return Clock(ClockKind.COLLECTED, figure.article, due_on=due)


def years_after(day: date, years: int) -> date:
    """The last day of a term of years that begins with `day`: the same date of a later year (民法典 art. 202)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February in a year that has none
        return day.replace(year=day.year + years, month=2, day=28)
