"""The filters of the templates: values in words with the exact value beside them, for pointer, machine and print.

Each takes the language from the page's context, so that a value is told in the language of the sentence around it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from wastetrack import clock
from wastetrack.i18n import Locale, as_locale
from wastetrack.mass import Mass
from wastetrack.reports.articles import article_in
from wastetrack.web.in_words import (
    NEAR_DAYS,
    SOON_HOURS,
    Term,
    day_in_words,
    instant_in_words,
    mass_in_words,
    term_in_words,
)

NOTHING = "—"
_TIME = Markup('<time datetime="{}" title="{}" data-exact="{}">{}</time>')
_DATA = Markup('<data value="{}" title="{}">{}</data>')


class Shown:
    """The filters in a deployment's zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def add_to(self, environment: Environment) -> None:
        """Let templates use them."""

        @pass_context
        def when(context: Context, at: datetime | None) -> str | Markup:
            return self.when(at, _locale_of(context), now=clock.now())

        @pass_context
        def day(context: Context, on: date | datetime | None) -> str | Markup:
            return self.day(on, _locale_of(context), now=clock.now())

        @pass_context
        def by(context: Context, due: date | datetime | None) -> str | Markup:
            return self.by(due, _locale_of(context), now=clock.now())

        @pass_context
        def term(context: Context, due: date | datetime, soon_hours: int = SOON_HOURS) -> Term:
            return term_in_words(due, clock.now(), self.zone, _locale_of(context), soon_hours=soon_hours)

        environment.filters.update(
            when=when,
            day=day,
            by=by,
            when_exact=self.when_exact,
            day_exact=self.day_exact,
            term=term,
            mass=mass_shown,
            mass_exact=mass_exact,
            tonnes=mass_shown,
            tonnes_exact=tonnes_exact,
            pairs=pairs_of,
            article=article_in,
            beside=beside,
        )

    def when(self, at: datetime | None, locale: Locale, *, now: datetime) -> str | Markup:
        """An instant in the user's words."""
        return self._instant(at, locale, now=now, counted=NEAR_DAYS)

    def day(self, on: date | datetime | None, locale: Locale, *, now: datetime) -> str | Markup:
        """A day in the user's words; of an instant, that in the site's zone."""
        return self._day(on, locale, now=now, counted=NEAR_DAYS)

    def by(self, due: date | datetime | None, locale: Locale, *, now: datetime) -> str | Markup:
        """When a term ends, after “by” or “until”, where “in 3 days” cannot stand: a day, or an instant."""
        told = self._instant if isinstance(due, datetime) else self._day
        return told(due, locale, now=now, counted=0)

    def _instant(self, at: date | datetime | None, locale: Locale, *, now: datetime, counted: int) -> str | Markup:
        if not isinstance(at, datetime):
            return NOTHING
        local = at.astimezone(self.zone)
        exact = local.strftime("%Y-%m-%d %H:%M")
        title = local.strftime("%Y-%m-%d %H:%M:%S %Z")
        words = instant_in_words(at, now, self.zone, locale, counted=counted)
        return _TIME.format(local.isoformat(timespec="seconds"), title, exact, words)

    def _day(self, on: date | datetime | None, locale: Locale, *, now: datetime, counted: int) -> str | Markup:
        if on is None:
            return NOTHING
        local = self._day_of(on)
        words = day_in_words(local, now.astimezone(self.zone).date(), locale, counted=counted)
        return _TIME.format(local.isoformat(), local.isoformat(), local.isoformat(), words)

    def when_exact(self, at: datetime | None) -> str:
        """An instant in digits: for what is signed, printed or compared."""
        return NOTHING if at is None else at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    def day_exact(self, on: date | datetime | None) -> str:
        """A day in digits."""
        return NOTHING if on is None else self._day_of(on).isoformat()

    def _day_of(self, on: date | datetime) -> date:
        return on.astimezone(self.zone).date() if isinstance(on, datetime) else on


def _locale_of(context: Context) -> Locale:
    return as_locale(context.get("locale")) or "zh"


def mass_shown(mass: Mass | int | None) -> str | Markup:
    """A mass in the user's words, exact to the gram for a pointer; a bare number is grams."""
    if mass is None:
        return NOTHING
    grams = mass if isinstance(mass, int) else mass.grams
    return _DATA.format(grams, f"{grams:,} g", mass_in_words(grams))


def mass_exact(mass: Mass | int | None) -> str:
    """Kilograms, exact to the gram, as plain text: for documents, signatures and attributes."""
    if mass is None:
        return NOTHING
    return (Mass(mass) if isinstance(mass, int) else mass).kg_text()


def tonnes_exact(mass: Mass | int | None) -> str:
    """Tonnes, exact to the gram, as plain text."""
    if mass is None:
        return NOTHING
    return (Mass(mass) if isinstance(mass, int) else mass).tonne_text()


def beside(site: str, firm: str) -> str:
    """What a site is called where its firm stands before it: many sites bear the firm's name before their own."""
    return site.removeprefix(firm).strip() or site


def pairs_of(things: Iterable[object], value: str, words: str) -> list[tuple[object, object]]:
    """Two attributes of each thing, as options of a field."""
    return [(getattr(thing, value), getattr(thing, words)) for thing in things]
