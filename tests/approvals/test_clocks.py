"""Terms in Chinese working days, across National Day and Spring Festival; and how long an approval may hold."""

from datetime import date

import pytest

from wastetrack.approvals.clocks import Days, clock_of, last_day, months_after, notice_due, standing
from wastetrack.approvals.model import ApprovalKind as Kind
from wastetrack.approvals.model import ApprovalState as State
from wastetrack.approvals.model import Side

ACROSS = Kind.CROSS_PROVINCE


@pytest.mark.parametrize(
    ("submitted_on", "due_on"),
    [
        (date(2026, 3, 2), date(2026, 3, 9)),  # a plain week
        # National Day 2025: 1 to 8 October are free, Sunday 28 September and Saturday 11 October are worked.
        (date(2025, 9, 26), date(2025, 10, 10)),
        (date(2025, 9, 30), date(2025, 10, 14)),
        # Spring Festival 2026: 15 to 23 February are free, Saturdays 14 and 28 February are worked.
        (date(2026, 2, 12), date(2026, 2, 26)),
        (date(2026, 2, 13), date(2026, 2, 27)),
    ],
)
def test_what_is_missing_is_told_within_five_working_days(submitted_on: date, due_on: date) -> None:
    assert notice_due(submitted_on) == due_on
    days = Days(submitted_on=submitted_on)
    assert standing(ACROSS, State.SUBMITTED, days, due_on) is State.SUBMITTED
    clock = clock_of(ACROSS, State.SUBMITTED, days, due_on)
    assert clock is not None
    assert (clock.side, clock.due_on, clock.article) == (Side.ORIGIN, due_on, "令23 art. 23")


def test_after_it_the_application_counts_as_accepted_on_the_day_of_receipt() -> None:
    days = Days(submitted_on=date(2025, 9, 26))
    assert standing(ACROSS, State.SUBMITTED, days, date(2025, 10, 11)) is State.ACCEPTED
    clock = clock_of(ACROSS, State.SUBMITTED, days, date(2025, 10, 11))
    assert clock is not None
    # So the term of the review has run since then too, and is over.
    assert (clock.since, clock.due_on, clock.article) == (date(2025, 9, 26), date(2025, 10, 10), "令23 art. 24")


def test_only_across_provinces_silence_accepts() -> None:
    days = Days(submitted_on=date(2026, 3, 2))
    assert standing(Kind.POINT_TO_POINT, State.SUBMITTED, days, date(2026, 12, 1)) is State.SUBMITTED
    clock = clock_of(Kind.GROUP_INTERNAL, State.SUBMITTED, days, date(2026, 3, 2))
    assert clock is not None
    assert (clock.side, clock.due_on) == (Side.ORIGIN, date(2026, 3, 30))


@pytest.mark.parametrize(
    ("state", "side", "due_on", "article"),
    [
        (State.ACCEPTED, Side.ORIGIN, date(2026, 2, 26), "令23 art. 24"),
        (State.REVIEWED, Side.ORIGIN, date(2026, 2, 26), "令23 art. 24"),
        (State.CONSULTED, Side.DESTINATION, date(2026, 3, 5), "令23 art. 25"),
        (State.AGREED, Side.ORIGIN, date(2026, 2, 27), "令23 art. 26"),
        (State.DECLINED, Side.ORIGIN, date(2026, 2, 27), "令23 art. 26"),
    ],
)
def test_each_step_has_its_own_term(state: State, side: Side, due_on: date, article: str) -> None:
    days = Days(
        submitted_on=date(2026, 2, 11),
        accepted_on=date(2026, 2, 12),
        consulted_on=date(2026, 2, 13),
        replied_on=date(2026, 2, 13),
    )
    clock = clock_of(ACROSS, state, days, date(2026, 2, 13))
    assert clock is not None
    assert (clock.side, clock.due_on, clock.article) == (side, due_on, article)


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.REFUSED, State.WITHDRAWN, State.SUPERSEDED])
def test_nothing_runs_where_nobody_owes_anything(state: State) -> None:
    days = Days(submitted_on=date(2026, 3, 2), valid_to=date(2027, 3, 2))
    assert clock_of(ACROSS, state, days, date(2026, 3, 3)) is None


def test_the_holder_is_told_thirty_days_before_the_end_and_it_expires_after_its_last_day() -> None:
    days = Days(submitted_on=date(2026, 3, 2), valid_to=date(2026, 12, 31))
    assert clock_of(ACROSS, State.APPROVED, days, date(2026, 11, 30)) is None
    clock = clock_of(ACROSS, State.APPROVED, days, date(2026, 12, 1))
    assert clock is not None
    assert (clock.side, clock.due_on) == (Side.APPLICANT, date(2026, 12, 31))
    assert standing(ACROSS, State.APPROVED, days, date(2026, 12, 31)) is State.APPROVED
    assert standing(ACROSS, State.APPROVED, days, date(2027, 1, 1)) is State.EXPIRED


@pytest.mark.parametrize(
    ("requested_to", "permits_end", "latest"),
    [
        (date(2030, 1, 1), None, date(2027, 3, 2)),
        (date(2026, 8, 31), None, date(2026, 8, 31)),
        (date(2030, 1, 1), date(2026, 5, 31), date(2026, 5, 31)),
        (date(2026, 4, 30), date(2026, 5, 31), date(2026, 4, 30)),
    ],
)
def test_an_approval_ends_with_the_first_of_three_ends(
    requested_to: date, permits_end: date | None, latest: date
) -> None:
    assert last_day(date(2026, 3, 2), months=12, requested_to=requested_to, permits_end=permits_end) == latest


def test_months_end_on_the_last_day_of_shorter_months() -> None:
    assert months_after(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert months_after(date(2026, 12, 31), 2) == date(2027, 2, 28)
