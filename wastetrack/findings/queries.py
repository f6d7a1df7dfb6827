"""Reading findings: rules with their precision, runs, the queues of an authority, its list, one finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import demand_authority
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.findings.model import FindingQueue, FindingState, Gravity, Judgement, RuleAnswer, RunKind, is_hard
from wastetrack.findings.tables import (
    CheckBudgetRow,
    CheckRuleRow,
    CheckRunRow,
    CheckRunRuleRow,
)
from wastetrack.findings.weighing import WEEKLY, Precision, Tally, chance_of, log_odds

ORDERS: Final = {
    "rank": "expected_g",
    "rule": "rule",
    "severity": "severity",
    "since": "since_at",
    "found": "found_at",
    "mass": "at_risk_g",
    "posterior": "posterior",
}
"""What a list of findings may be sorted by."""
_USUAL = "expected_g desc, severity desc, posterior desc, found_at, id"
_OUTCOMES = "select rule, outcome, findings from finding_outcomes()"
# All that the viewer sees, ranked within its queue among what is to be worked on.
_RANKED = """
with weight as (
  select * from unnest($2::text[], $3::double precision[]) as given (rule, log_odds)
), week as (
  select queue, count(*) as closed from findings
  where closed_at >= $5 and (select true from sightings sight where sight.viewer = $1 and sight.kind = 'finding'
    and sight.subject_id = findings.id)
  group by queue
), budget as (
  select given.queue, greatest(given.weekly - coalesce(week.closed, 0), 0) as left
  from unnest($6::text[], $7::bigint[]) as given (queue, weekly) left join week on week.queue = given.queue
), weighed as (
  select of.id, of.rule, of.version, of.queue, of.severity, of.subject_kind, of.subject_id, of.party_id, of.since_at,
    of.found_at, of.latest_at, of.at_risk_g, of.statistic, of.threshold, of.outcome, of.closed_at, of.lapsed_at,
    of.opened_at, of.snoozed_until, of.facts,
    case when of.state = 'snoozed' and of.snoozed_until <= $4 then 'open' else of.state end as state,
    1 / (1 + exp(-(weight.log_odds + of.evidence))) as posterior
  from findings of join weight on weight.rule = of.rule
  where (select true from sightings sight where sight.viewer = $1 and sight.kind = 'finding'
    and sight.subject_id = of.id)
), ranked as (
  select weighed.*, at_risk_g * posterior as expected_g, row_number() over (
    partition by queue, state = 'open' and lapsed_at is null
    order by at_risk_g * posterior desc, severity desc, posterior desc, found_at, id
  ) as place from weighed
)
"""
_LISTED = f"""{_RANKED}
select ranked.*, ranked.state = 'open' and ranked.lapsed_at is null and ranked.place <= budget.left as this_week
from ranked join budget on budget.queue = ranked.queue
where ($8::text is null or ranked.queue = $8) and ($9::text is null or ranked.rule = $9)
  and ($10::text is null or case $10 when 'live' then ranked.state = 'open' and ranked.lapsed_at is null
    when 'lapsed' then ranked.lapsed_at is not null and ranked.state <> 'closed' else ranked.state = $10 end)
  and ($11::integer is null or ranked.severity >= $11)
  and ($12::text is null or $12 in (ranked.subject_id, ranked.party_id))
  and ($13::boolean is not true or (ranked.state = 'open' and ranked.lapsed_at is null and ranked.place <= budget.left))
  and ($14::timestamptz is null or ranked.opened_at >= $14)
"""  # noqa: S608  put together from constants of this file
_HEADS = f"""{_RANKED}
select budget.queue, budget.left, coalesce(week.closed, 0) as closed,
  count(*) filter (where ranked.state = 'open' and ranked.lapsed_at is null) as open,
  count(*) filter (where ranked.state = 'snoozed') as snoozed,
  count(*) filter (where ranked.lapsed_at is not null and ranked.state <> 'closed') as lapsed,
  count(*) filter (where ranked.state = 'open' and ranked.lapsed_at is null and ranked.opened_at >= $8) as fresh,
  count(*) filter (where ranked.state = 'open' and ranked.severity >= 3 and ranked.lapsed_at is null) as grave,
  coalesce(sum(ranked.at_risk_g) filter (where ranked.state = 'open' and ranked.lapsed_at is null), 0)::bigint
    as at_risk_g
from budget left join ranked on ranked.queue = budget.queue left join week on week.queue = budget.queue
group by budget.queue, budget.left, week.closed
"""  # noqa: S608  the same


@dataclass(frozen=True, slots=True)
class RuleNow:
    """A rule as it ran last, with what its closed findings turned out to be."""

    row: CheckRuleRow
    tally: Tally
    looked_at: datetime | None
    """As of when it last looked at the records: a rule need not look each night. None while it had no data."""

    @property
    def queue(self) -> FindingQueue:
        """Where its findings stand."""
        return FindingQueue(self.row.queue)

    @property
    def severity(self) -> Gravity:
        """The usual one."""
        return Gravity(self.row.severity)

    @property
    def precision(self) -> Precision:
        """Over all regions."""
        return Precision(self.tally.right(self.queue), self.tally.judged)

    @property
    def chance(self) -> float:
        """How likely a finding of it is true, before other evidence."""
        return chance_of(self.row.chance, self.precision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A finding in a list."""

    id: UUID
    rule: str
    version: int
    queue: FindingQueue
    severity: Gravity
    subject_kind: str
    subject_id: str
    party_id: str | None
    since_at: datetime
    found_at: datetime
    latest_at: datetime
    at_risk_g: int
    statistic: float
    threshold: float
    state: FindingState
    outcome: Judgement | None
    closed_at: datetime | None
    lapsed_at: datetime | None
    opened_at: datetime
    snoozed_until: date | None
    facts: Mapping[str, object]
    posterior: float
    expected_g: float
    place: int
    this_week: bool

    @property
    def is_hard(self) -> bool:
        """Whether nothing may hide it."""
        return is_hard(self.queue, self.severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A queue as an authority sees it."""

    queue: FindingQueue
    budget: int
    left: int
    """How many of the budget are not answered yet this week."""
    closed: int
    open: int
    snoozed: int
    lapsed: int
    fresh: int
    """Opened since the instant that was asked."""
    grave: int
    at_risk_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """Which findings are asked for; None asks for all."""

    queue: FindingQueue | None = None
    rule: str | None = None
    state: str | None = None
    """A FindingState, `live` (open, and the last run found it), or `lapsed`."""
    severity: Gravity | None = None
    """At least."""
    about: str | None = None
    """The id of its subject or party."""
    this_week: bool = False
    opened_since: datetime | None = None


async def tallies(session: ReadSession) -> dict[str, Tally]:
    """How closed findings turned out, by rule."""
    counts: dict[str, dict[str, int]] = {}
    for row in await (await session.driver()).fetch(_OUTCOMES):
        counts.setdefault(row["rule"], {})[row["outcome"]] = row["findings"]
    return {rule: Tally.of(one) for rule, one in counts.items()}


async def rules_now(session: ReadSession) -> list[RuleNow]:
    """Each rule in the version that ran last, in their order."""
    looks = (
        sa.select(col(CheckRunRuleRow.rule), sa.func.max(col(CheckRunRow.as_of)).label("looked_at"))
        .join(CheckRunRow, col(CheckRunRow.id) == col(CheckRunRuleRow.run_id))
        .where(col(CheckRunRuleRow.answer) != RuleAnswer.NO_DATA.value)
        .group_by(col(CheckRunRuleRow.rule))
        .subquery()
    )
    latest = (
        sa.select(CheckRuleRow, looks.c.looked_at)
        .outerjoin(looks, looks.c.rule == col(CheckRuleRow.rule))
        .ext(distinct_on(col(CheckRuleRow.rule)))
        .order_by(col(CheckRuleRow.rule), col(CheckRuleRow.version).desc())
    )
    rows = await session.execute(latest)
    counts = await tallies(session)
    found = [RuleNow(row, counts.get(row.rule, Tally()), looked_at) for row, looked_at in rows]
    return sorted(found, key=lambda one: (one.row.position, one.row.rule))


async def rules_published(session: ReadSession, actor: Actor) -> list[RuleNow]:
    """The same for an authority. Raises Forbidden."""
    demand_authority(actor)
    return await rules_now(session)


async def rule_now(session: ReadSession, rule: str) -> RuleNow:
    """One of them. Raises NotFound."""
    found = next((one for one in await rules_now(session) if one.row.rule == rule), None)
    if found is None:
        raise NotFound("rule_unknown", "No rule of this name has run here.", rule=rule)
    return found


async def rule_as_ran(session: ReadSession, rule: str, version: int) -> CheckRuleRow:
    """The version of a rule that made a finding."""
    row = await session.get(CheckRuleRow, (rule, version))
    assert row is not None  # noqa: S101  a finding refers to it
    return row


async def runs(session: ReadSession, actor: Actor, *, limit: int = 30) -> list[CheckRunRow]:
    """The newest runs first. Raises Forbidden."""
    demand_authority(actor)
    wanted = sa.select(CheckRunRow).order_by(col(CheckRunRow.as_of).desc(), col(CheckRunRow.id).desc())
    return list(await session.scalars(wanted.limit(limit)))


async def run_of(session: ReadSession, actor: Actor, run_id: UUID) -> CheckRunRow:
    """One run. Raises NotFound, Forbidden."""
    demand_authority(actor)
    row = await session.get(CheckRunRow, run_id)
    if row is None:
        raise NotFound("run_unknown", "There is no such run of the checks.", run_id=run_id)
    return row


async def latest_run(session: ReadSession, kind: RunKind) -> CheckRunRow | None:
    """The last run of a kind."""
    wanted = sa.select(CheckRunRow).where(col(CheckRunRow.kind) == kind.value)
    return await session.scalar(wanted.order_by(col(CheckRunRow.as_of).desc()).limit(1))


async def answers_of(session: ReadSession, run_id: UUID) -> list[tuple[CheckRunRuleRow, CheckRuleRow]]:
    """What each rule had to say in a run, in the order of the rules."""
    joined = (
        sa.select(CheckRunRuleRow, CheckRuleRow)
        .join(
            CheckRuleRow,
            sa.and_(
                col(CheckRuleRow.rule) == col(CheckRunRuleRow.rule),
                col(CheckRuleRow.version) == col(CheckRunRuleRow.version),
            ),
        )
        .where(col(CheckRunRuleRow.run_id) == run_id)
        .order_by(col(CheckRuleRow.position), col(CheckRuleRow.rule))
    )
    return [(answer, rule) for answer, rule in await session.execute(joined)]


def by_lack(
    answers: Sequence[tuple[CheckRunRuleRow, CheckRuleRow]],
) -> list[tuple[tuple[str, ...], list[CheckRuleRow]]]:
    """The rules that could not look, by what they lack: whoever gives what stands first lets most of them look."""
    found: dict[tuple[str, ...], list[CheckRuleRow]] = {}
    for answer, rule in answers:
        if answer.answer == RuleAnswer.NO_DATA:
            found.setdefault(tuple(answer.lacking), []).append(rule)
    return sorted(found.items(), key=lambda item: -len(item[1]))


async def budgets(session: ReadSession, actor: Actor) -> dict[FindingQueue, int]:
    """How many findings of each queue this authority can look into in a week."""
    rows = await session.scalars(sa.select(CheckBudgetRow).where(col(CheckBudgetRow.viewer) == actor.viewer))
    return {**WEEKLY, **{FindingQueue(row.queue): row.weekly_budget for row in rows}}


def day_begins(at: datetime, *, days_ago: int = 0) -> datetime:
    """Midnight, where the law holds."""
    return datetime.combine(legal_day(at) - timedelta(days=days_ago), time.min, LEGAL_ZONE)


def week_begins(at: datetime) -> datetime:
    """Monday's midnight of the legal week."""
    return day_begins(at, days_ago=legal_day(at).weekday())


@dataclass(frozen=True, slots=True)
class Desk:
    """By what an authority ranks at an instant: how far each rule is to be believed, how much a week holds."""

    viewer: str
    rules: Sequence[RuleNow]
    budgets: Mapping[FindingQueue, int]
    at: datetime

    @property
    def titles(self) -> dict[str, str]:
        """What each rule is called."""
        return {one.row.rule: one.row.title for one in self.rules}

    def asked(self) -> list[object]:
        """The first parameters of the statements above."""
        return [
            self.viewer,
            [one.row.rule for one in self.rules],
            [log_odds(one.chance) for one in self.rules],
            legal_day(self.at),
            week_begins(self.at),
            [queue.value for queue in self.budgets],
            list(self.budgets.values()),
        ]


async def desk_of(session: ReadSession, actor: Actor, *, at: datetime) -> Desk:
    """The desk at which an authority works on findings. Raises Forbidden."""
    demand_authority(actor)
    return Desk(actor.viewer, await rules_now(session), await budgets(session, actor), at)


async def listed(session: ReadSession, desk: Desk, wanted: FindingFilter, window: Window) -> list[Listed]:
    """The findings of a filter, the one with most kilograms at risk × posterior first."""
    filters = [
        None if wanted.queue is None else wanted.queue.value,
        wanted.rule,
        wanted.state,
        None if wanted.severity is None else int(wanted.severity),
        wanted.about,
        wanted.this_week,
        wanted.opened_since,
    ]
    statement = f"{_LISTED} {window.clause(ORDERS, _USUAL)}"
    rows = await (await session.driver()).fetch(statement, *desk.asked(), *filters)
    return [_listed(row) for row in rows]


def _listed(row: Mapping[str, Any]) -> Listed:
    told = dict(row)
    return Listed(
        **{
            **told,
            "queue": FindingQueue(told["queue"]),
            "severity": Gravity(told["severity"]),
            "state": FindingState(told["state"]),
            "outcome": None if told["outcome"] is None else Judgement(told["outcome"]),
        }
    )


async def heads(session: ReadSession, desk: Desk, *, fresh_since: datetime) -> list[Head]:
    """All queues of an authority."""
    rows = {row["queue"]: row for row in await (await session.driver()).fetch(_HEADS, *desk.asked(), fresh_since)}
    return [
        Head(**{**dict(rows[queue.value]), "queue": queue, "budget": desk.budgets[queue]})
        for queue in FindingQueue
        if queue.value in rows
    ]
