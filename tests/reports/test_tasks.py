"""The clock of a receipt: working days, counted by the calendar."""

from datetime import date

import pytest

from wastetrack.reports.tasks import due_on


@pytest.mark.parametrize(
    ("received_on", "last_day"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),  # Monday to the next Monday
        (date(2026, 3, 6), date(2026, 3, 13)),  # Friday to Friday
        (date(2026, 3, 7), date(2026, 3, 13)),  # a Saturday counts as the Friday before it
        (date(2026, 3, 8), date(2026, 3, 13)),
    ],
)
def test_five_working_days_leave_the_week_end_out(received_on: date, last_day: date) -> None:
    assert due_on(received_on, 5) == last_day
