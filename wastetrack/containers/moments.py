"""When a thing happened, checked: not in the future, not before what it follows."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.recording import Moment
from wastetrack.errors import Broken, Malformed, refuse

# Clocks of phones and scales differ; what is within this of the server's is the present.
CLOCK_TOLERANCE = timedelta(minutes=2)


def moment_of(happened_at: datetime | None, at: datetime, *, after: datetime | None = None) -> Moment:
    """The moment of an act: `happened_at` as its doer says (None: now), recorded at `at`.

    Raises RuleBroken when it lies in the future or before `after`, the act that it follows.
    """
    when = happened_at or at
    if when.tzinfo is None:
        message = "“{value}” has no time zone; write it like 2026-03-01T14:20:00+08:00."
        raise Malformed("time_without_zone", message, value=when.isoformat())
    facts: dict[str, object] = {"after": after.isoformat() if after else None, "now": at.isoformat()}
    broken = []
    if when > at + CLOCK_TOLERANCE:
        message = "This is dated {value}, which has not come yet (it is {now})."
        step = "Set the clock of the device, or give the time at which it really happened."
        broken.append(Broken("happened_at", "dated_in_future", message, when.isoformat(), facts=facts, next_step=step))
    elif after is not None and when + CLOCK_TOLERANCE < after:
        message = "This is dated {value}, before the step that it follows ({after})."
        step = "Give the time at which it really happened; the earlier step can only be corrected, not undone."
        broken.append(Broken("happened_at", "dated_before", message, when.isoformat(), facts=facts, next_step=step))
    refuse(broken)
    return Moment(happened_at=min(when, at), recorded_at=at)


def check_day(field: str, day: date, at: datetime, *, made_on: Iterable[date]) -> list[Broken]:
    """A day on which content was repacked or treated: not to come, and not before its containers were filled."""
    facts: dict[str, object] = {"today": legal_day(at).isoformat()}
    if day > legal_day(at):
        message = "This is dated {value}, a day that has not come yet (it is {today})."
        step = "Give the day on which it really happened."
        return [Broken(field, "day_in_future", message, day.isoformat(), facts=facts, next_step=step)]
    filled = max(made_on, default=day)
    if day < filled:
        message = "This is dated {value}, but one of the containers was filled on {filled}."
        step = "Give the day on which it really happened."
        facts = {"filled": filled.isoformat()}
        return [Broken(field, "day_before_filling", message, day.isoformat(), facts=facts, next_step=step)]
    return []
