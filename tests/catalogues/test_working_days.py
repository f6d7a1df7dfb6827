"""Terms of the law are counted in working days, with the holidays and shifted days that were announced."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.catalogues.working_days import after_working_days, is_working_day, working_days_until


@pytest.mark.parametrize(
    ("from_day", "last_day"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),  # Monday to the next Monday
        (date(2026, 3, 7), date(2026, 3, 13)),  # a Saturday counts as the Friday before it
        (date(2026, 9, 30), date(2026, 10, 13)),  # the National Day week; Saturday the 10th is worked instead
        (date(2026, 2, 13), date(2026, 2, 27)),  # Spring Festival; Saturday the 14th is worked
        (date(2025, 9, 26), date(2025, 10, 10)),  # Sunday the 28th is worked, the 1st to the 8th are free
    ],
)
def test_five_working_days_know_holidays_and_shifted_days(from_day: date, last_day: date) -> None:
    assert after_working_days(from_day, 5) == last_day


def test_a_weekend_that_was_made_a_working_day_is_one_and_its_holiday_is_not() -> None:
    assert is_working_day(date(2026, 10, 10))
    assert not is_working_day(date(2026, 10, 7))


def test_a_term_of_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        after_working_days(date(2026, 3, 2), 0)


@given(st.dates(date(2018, 1, 1), date(2026, 11, 1)), st.integers(1, 40))
def test_a_term_ends_on_a_working_day_and_holds_as_many_as_it_says(day: date, count: int) -> None:
    last = after_working_days(day, count)
    assert is_working_day(last)
    assert working_days_until(day, last) == count
    assert working_days_until(last, day) == -count
