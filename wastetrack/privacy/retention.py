"""How long records with a person's signature are kept: figures of the law, which a deployer may lengthen or correct."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, Certainty, Figure, legal_day
from wastetrack.errors import Broken, Malformed
from wastetrack.privacy.model import Held, RecordKind

Retention = Mapping[RecordKind, Figure]


@cache
def _of_the_law(name: str = "cn") -> Retention:
    text = files("wastetrack.privacy").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    return {
        kind: Figure(int(entry["value"]), str(entry["article"]), Certainty(entry["certainty"]))
        for kind in RecordKind
        for entry in (read[kind.value],)
    }


def retention(changed: Mapping[str, int]) -> Retention:
    """The figures of the law, with the years that the deployer has set. Raises Malformed for an unknown kind."""
    unknown = changed.keys() - set(RecordKind)
    if unknown:
        sentence = "There is no kind of record called {kind}."
        raise Malformed("retention_kind_unknown", sentence, kind=min(unknown))
    return {
        kind: Figure(changed[kind.value], figure.article, Certainty.UNCONFIRMED) if kind.value in changed else figure
        for kind, figure in _of_the_law().items()
    }


def free_on(recorded_at: datetime, years: int) -> date:
    """The first day on which a record need not be kept any more; of the 29th of February, the 1st of March."""
    day = legal_day(recorded_at)
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def kept_since(at: datetime, years: int) -> datetime:
    """What was recorded before this moment has served its time by `at`: whole legal days, as `free_on` counts them."""
    today = legal_day(at)
    try:
        first = today.replace(year=today.year - years)
    except ValueError:  # the 29th of February
        first = today.replace(year=today.year - years, day=28)
    begin = datetime.combine(first, time(), LEGAL_ZONE)
    return begin + timedelta(days=1) if free_on(begin, years) <= today else begin


def still_kept(held: Iterable[Held], kept: Retention, today: date) -> list[Broken]:
    """For each kind of record that the law still keeps one broken rule, with the day on which the last one is free."""
    last: dict[RecordKind, date] = {}
    count: dict[RecordKind, int] = {}
    for one in held:
        free = free_on(one.recorded_at, kept[one.kind].value)
        if free > today:
            last[one.kind] = max(free, last.get(one.kind, free))
            count[one.kind] = count.get(one.kind, 0) + 1
    return [
        Broken(
            "person_id",
            "still_kept",
            "{count} records of the kind {kind} with this person's signature must be kept until {free_on}.",
            article=kept[kind].article,
            next_step="End the person's memberships now, which ends every use, and erase after that day.",
            facts={"count": count[kind], "kind": kind, "free_on": last[kind].isoformat()},
        )
        for kind in RecordKind
        if kind in last
    ]
