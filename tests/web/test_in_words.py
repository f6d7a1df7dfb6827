"""Times, terms and masses in the user's words, at the edges of days and years in the deployment's own zone."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from tests.support.visible import words
from wastetrack.i18n import LOCALES, Locale
from wastetrack.mass import Mass
from wastetrack.web.in_words import (
    NEAR_DAYS,
    dated,
    day_in_words,
    instant_in_words,
    mass_in_words,
    term_in_words,
)
from wastetrack.web.shown_values import Shown, mass_exact, mass_shown, tonnes_exact

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [SHANGHAI, UTC, ZoneInfo("America/New_York")]
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001  the zone is given at once


def at(text: str) -> datetime:
    """An instant as a clock in Shanghai shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("then", "now", "chinese", "english"),
    [
        ("2026-11-25T14:20", "2026-11-25T23:59", "今天 14:20", "today 14:20"),
        ("2026-11-25T00:00", "2026-11-25T23:59", "今天 00:00", "today 00:00"),
        ("2026-11-24T23:59", "2026-11-25T00:00", "昨天 23:59", "yesterday 23:59"),
        ("2026-11-26T00:00", "2026-11-25T23:59", "明天 00:00", "tomorrow 00:00"),
        ("2026-11-28T08:00", "2026-11-25T23:59", "3 天后 08:00", "in 3 days 08:00"),
        ("2026-12-02T08:00", "2026-11-25T00:00", "7 天后 08:00", "in 7 days 08:00"),
        ("2026-12-03T08:00", "2026-11-25T23:59", "12月3日 08:00", "3 Dec 08:00"),
        ("2026-11-23T08:00", "2026-11-25T07:00", "11月23日 08:00", "23 Nov 08:00"),
        ("2026-12-31T23:30", "2027-01-01T00:10", "昨天 23:30", "yesterday 23:30"),
        ("2027-01-01T00:10", "2026-12-31T23:30", "明天 00:10", "tomorrow 00:10"),
        ("2026-12-30T12:00", "2027-01-01T00:10", "2026年12月30日 12:00", "30 Dec 2026 12:00"),
        ("2027-01-20T12:00", "2026-12-31T00:10", "2027年1月20日 12:00", "20 Jan 2027 12:00"),
    ],
)
def test_an_instant_is_told_by_its_day_in_shanghai(then: str, now: str, chinese: str, english: str) -> None:
    assert instant_in_words(at(then), at(now), SHANGHAI, "zh") == chinese
    assert instant_in_words(at(then), at(now), SHANGHAI, "en") == english


def test_after_by_and_until_stands_a_date_unless_it_is_today_or_tomorrow() -> None:
    shown, now = Shown(SHANGHAI), at("2026-11-25T09:00")
    told = [
        re.sub(r"<[^>]+>", "", str(shown.by(due, locale, now=now)))
        for due in (at("2026-11-25T14:20"), at("2026-11-26T14:20"), at("2026-11-28T14:20"), date(2026, 11, 28), None)
        for locale in LOCALES
    ]
    assert told == [
        *("今天 14:20", "today 14:20", "明天 14:20", "tomorrow 14:20", "11月28日 14:20", "28 Nov 14:20"),
        *("11月28日", "28 Nov", "—", "—"),
    ]


def test_the_day_is_the_zone_s_and_not_greenwich_s() -> None:
    late = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)  # half past midnight of the 26th in Shanghai
    assert instant_in_words(late, late - timedelta(hours=1), SHANGHAI, "zh") == "明天 00:30"
    assert instant_in_words(late, late - timedelta(hours=1), ZoneInfo("UTC"), "zh") == "今天 16:30"


@given(INSTANTS, INSTANTS, st.sampled_from(ZONES[:1] + ZONES[2:]), st.sampled_from(LOCALES))
def test_words_and_dates_never_contradict_the_calendar(
    then: datetime, now: datetime, zone: ZoneInfo, locale: Locale
) -> None:
    told = instant_in_words(then, now, zone, locale)
    local, today = then.astimezone(zone), now.astimezone(zone).date()
    assert told.endswith(f" {local:%H:%M}")
    day, days = told.rpartition(" ")[0], (local.date() - today).days
    near = {0: ("今天", "today"), 1: ("明天", "tomorrow"), -1: ("昨天", "yesterday")}
    if days in near:
        assert day in near[days]
    elif 1 < days <= NEAR_DAYS:
        assert day in {f"{days} 天后", f"in {days} days"}
    else:
        assert day == dated(local.date(), today, locale)
        assert (str(local.year) in day) == (local.year != today.year)
        assert str(local.day) in day


@given(st.dates(date(2020, 1, 1), date(2032, 1, 1)), st.integers(-800, 800), st.sampled_from(LOCALES))
def test_two_days_are_told_alike_only_if_they_are_the_same(today: date, apart: int, locale: Locale) -> None:
    first, other = today + timedelta(days=apart), today + timedelta(days=apart + 1)
    assert day_in_words(first, today, locale) != day_in_words(other, today, locale)


@pytest.mark.parametrize(
    ("due", "words", "kind"),
    [
        ("2026-11-25T12:00", "已逾期", "bad"),
        ("2026-11-23T11:00", "逾期 2 天", "bad"),
        ("2026-11-25T12:20", "剩余 20 分钟", "warn"),
        ("2026-11-26T08:00", "剩余 20 小时", "warn"),
        ("2026-11-27T13:00", "剩余 2 天", "warn"),
        ("2026-12-05T12:00", "剩余 10 天", "plain"),
        (date(2026, 11, 25), "今天到期", "warn"),
        (date(2026, 11, 24), "已逾期", "bad"),
        (date(2026, 11, 26), "剩余 1 天", "warn"),
        (date(2026, 12, 5), "剩余 10 天", "plain"),
    ],
)
def test_a_term_says_what_is_left_of_it(due: str | date, words: str, kind: str) -> None:
    ends = at(due) if isinstance(due, str) else due
    found = term_in_words(ends, at("2026-11-25T12:00"), SHANGHAI, "zh")
    assert (found.words, found.kind) == (words, kind)


@pytest.mark.parametrize(
    ("grams", "told"),
    [
        (0, "0 kg"),
        (350, "0.35 kg"),
        (860_000, "860 kg"),
        (999_999, "999.999 kg"),
        (1_000_000, "1 t"),
        (1_250_000, "1.25 t"),
        (12_345_678, "12.346 t"),
        (1_234_000_000, "1,234 t"),
        (-24_050, "-24.05 kg"),
        (-1_500_000, "-1.5 t"),
    ],
)
def test_a_mass_is_told_in_the_unit_of_its_size(grams: int, told: str) -> None:
    assert mass_in_words(grams) == told
    shown = mass_shown(grams)
    assert shown == f'<data value="{grams}" title="{grams:,} g">{told}</data>'
    assert isinstance(shown, Markup)
    assert mass_shown(Mass(grams)) == shown


def test_where_digits_count_they_are_all_there() -> None:
    assert mass_exact(Mass(12_345_678)) == "12,345.678 kg"
    assert mass_exact(860_000) == "860 kg"
    assert tonnes_exact(Mass(12_345_678)) == "12.345678 t"
    assert [mass_exact(None), tonnes_exact(None), mass_shown(None)] == ["—"] * 3


def test_the_exact_instant_stands_beside_for_pointer_machine_and_paper() -> None:
    shown = Shown(SHANGHAI)
    told = str(shown.when(at("2026-11-24T15:00"), "zh", now=at("2026-11-25T09:00")))
    assert words(told) == "昨天 15:00"
    assert 'datetime="2026-11-24T15:00:00+08:00"' in told
    assert 'title="2026-11-24 15:00:00 CST"' in told
    assert 'data-exact="2026-11-24 15:00"' in told
    assert shown.when_exact(at("2026-11-24T15:00")) == "2026-11-24 15:00"
    day = str(shown.day(date(2026, 11, 28), "en", now=at("2026-11-25T09:00")))
    assert re.fullmatch(r'<time datetime="(2026-11-28)" title="\1" data-exact="\1">in 3 days</time>', day)
    assert (
        shown.day(None, "en", now=at("2026-11-25T09:00")) == shown.when(None, "en", now=at("2026-11-25T09:00")) == "—"
    )
    assert shown.day_exact(datetime(2026, 11, 25, 16, 30, tzinfo=UTC)) == "2026-11-26"
