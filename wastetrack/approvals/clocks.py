"""The terms that the law sets for each step, and what follows when a day is over. Pure: dates in, dates out."""

import calendar
from dataclasses import dataclass
from datetime import date

from wastetrack.approvals.model import ApprovalKind as Kind
from wastetrack.approvals.model import ApprovalState as State
from wastetrack.approvals.model import Side
from wastetrack.catalogues.jurisdiction import Figure, jurisdiction
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.i18n import message


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days on which an application got on; by the calendar of the law."""

    submitted_on: date | None = None
    accepted_on: date | None = None
    consulted_on: date | None = None
    replied_on: date | None = None
    valid_to: date | None = None
    noticed: bool = False
    """The one notice of all that is missing was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalClock:
    """One act that is owed: by whom, what, since when, until when."""

    side: Side
    title: str
    since: date
    due_on: date
    article: str


def notice_due(submitted_on: date) -> date:
    """The last day on which the authority may still say what is missing (art. 23)."""
    return after_working_days(submitted_on, jurisdiction().approval_notice_days.value)


def standing(kind: Kind, state: State, days: Days, today: date) -> State:
    """The state as the law has it today: what nobody objected to in time is accepted (art. 23), and what is past its
    last day has expired (art. 27), whether or not anybody has written it down yet."""
    if (
        kind is Kind.CROSS_PROVINCE
        and state is State.SUBMITTED
        and days.submitted_on is not None
        and today > notice_due(days.submitted_on)
    ):
        return State.ACCEPTED
    if state is State.APPROVED and days.valid_to is not None and today > days.valid_to:
        return State.EXPIRED
    return state


def clock_of(kind: Kind, state: State, days: Days, today: date) -> ApprovalClock | None:
    """The term that runs now, if one does."""
    now = standing(kind, state, days, today)
    if now is State.APPROVED:
        return _ending(days, today)
    if kind is not Kind.CROSS_PROVINCE:
        if now is not State.SUBMITTED or days.submitted_on is None:
            return None
        figure = jurisdiction().directed_use_decision_days
        return _clock(Side.ORIGIN, message("Decide on the application"), days.submitted_on, figure)
    figures = jurisdiction()
    accepted_on = days.accepted_on or days.submitted_on  # accepted by the law: on the day of receipt (art. 23)
    review, decide = message("Review the application, and consult the other province"), message("Decide")
    terms: dict[State, tuple[Side, str, date | None, Figure]] = {
        State.SUBMITTED: (
            Side.ORIGIN,
            message("Accept the application, or say all that is missing"),
            days.submitted_on,
            figures.approval_notice_days,
        ),
        State.ACCEPTED: (Side.ORIGIN, review, accepted_on, figures.approval_review_days),
        State.REVIEWED: (Side.ORIGIN, review, accepted_on, figures.approval_review_days),
        State.CONSULTED: (
            Side.DESTINATION,
            message("Reply to the other province"),
            days.consulted_on,
            figures.approval_reply_days,
        ),
        State.AGREED: (Side.ORIGIN, decide, days.replied_on, figures.approval_decision_days),
        State.DECLINED: (Side.ORIGIN, decide, days.replied_on, figures.approval_decision_days),
    }
    found = terms.get(now)
    if found is None:
        return None
    side, title, since, figure = found
    return None if since is None else _clock(side, title, since, figure)


def _clock(side: Side, title: str, since: date, figure: Figure) -> ApprovalClock:
    due_on = after_working_days(since, figure.value)
    return ApprovalClock(side=side, title=title, since=since, due_on=due_on, article=figure.article)


def _ending(days: Days, today: date) -> ApprovalClock | None:
    """From thirty days before its last day on, the generator thinks of a new one."""
    warning = jurisdiction().approval_warning_days
    if days.valid_to is None or (days.valid_to - today).days > warning.value:
        return None
    return ApprovalClock(
        side=Side.APPLICANT,
        title=message("Apply anew: the approval runs out"),
        since=today,
        due_on=days.valid_to,
        article=jurisdiction().approval_months.article,
    )


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months later, or the last one of a shorter month (民法典 art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day(decided_on: date, *, months: int, requested_to: date, permits_end: date | None) -> date:
    """How long an approval may hold: so many months, not past what was asked for, nor past the receiver's permit
    (art. 27)."""
    ends = [months_after(decided_on, months), requested_to]
    return min(ends if permits_end is None else [*ends, permits_end])
