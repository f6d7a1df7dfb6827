"""Writing findings down: the statements behind publishing, each over all findings of a run at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth.sight import show_each
from wastetrack.db.session import WriteSession
from wastetrack.findings.knowing import Key, Known
from wastetrack.findings.merging import Whole
from wastetrack.findings.model import (
    CHECKS_VIEWER,
    KIND,
    Fact,
    FactTold,
    FindingState,
    FindingStep,
    Published,
    RuleAnswer,
    RuleTold,
    RunKind,
    RunTold,
)
from wastetrack.findings.queries import rules_now
from wastetrack.findings.tables import (
    CheckRuleRow,
    CheckRunRow,
    CheckRunRuleRow,
    FindingFactRow,
    FindingHistoryRow,
    FindingRow,
)
from wastetrack.findings.weighing import BASE_RATE, CAP, NEVER, log_odds, says_of_others
from wastetrack.ids import new_id

_TURN = "select pg_advisory_xact_lock(hashtext('wastetrack.findings'))"
_VIEWERS = "select place, viewer from finding_viewers($1, $2, $3)"
_LAPSE = """
update findings set lapsed_at = $3 where rule = any($2) and last_run_id <> $1 and last_as_of <= $3
  and lapsed_at is null and state <> 'closed' returning id
"""
_WAKE = """
update findings set state = 'open', snoozed_until = null where state = 'snoozed' and snoozed_until <= $1 returning id
"""
_SURE = f"least(greatest({{row}}.own, {NEVER}), 1 - {NEVER})"
_OWN = f"case when {{row}}.own is not null then ln({_SURE} / (1 - {_SURE})) end"
"""Null where a finding reckons nothing of itself."""
_WEIGH = f"""
with own as (
  select id, queue, subject_kind, subject_id, rule, lapsed_at, outcome, (facts ->> 'posterior')::double precision as own
  from findings where subject_id = any($1::text[])
), voice as (
  select * from unnest($2::text[], $3::double precision[], $4::double precision[]) as given (rule, says, supposed)
)
update findings mine set evidence = told.added from (
  select of.id, coalesce({_OWN.format(row="of")} - supposed.supposed, 0) + coalesce((
    select sum(strongest) from (
      select max(case when other.own is null then voice.says else
        least(greatest({_OWN.format(row="other")} - {log_odds(BASE_RATE)}, -{CAP}), {CAP})
      end) as strongest
      from own other join voice on voice.rule = other.rule
      where other.subject_kind = of.subject_kind and other.subject_id = of.subject_id and other.queue <> of.queue
        and other.lapsed_at is null and coalesce(other.outcome, 'confirmed') = 'confirmed'
      group by other.queue
    ) family
  ), 0) as added
  from own of left join voice supposed on supposed.rule = of.rule
) told where told.id = mine.id and mine.evidence is distinct from told.added
"""  # noqa: S608  numbers and names of our own


@dataclass(frozen=True, slots=True)
class Change:
    """What a run does to one finding; without `whole` its figures stay."""

    state: FindingState
    facts: Mapping[int, Fact]
    whole: Whole | None
    steps: tuple[tuple[FindingStep, Mapping[str, object]], ...]


async def take_turn(session: WriteSession) -> None:
    """One run is published at a time; the lock is the transaction's."""
    await (await session.driver()).execute(_TURN)


async def run_of_digest(session: WriteSession, digest: str) -> UUID | None:
    """The run that said the same, if there is one."""
    return await session.scalar(sa.select(col(CheckRunRow.id)).where(col(CheckRunRow.digest) == digest))


async def full_run_after(session: WriteSession, as_of: datetime) -> datetime | None:
    """When the latest full run knew, if that is after `as_of`."""
    latest: sa.Select[datetime | None] = sa.select(sa.func.max(col(CheckRunRow.as_of))).where(
        col(CheckRunRow.kind) == RunKind.FULL.value, col(CheckRunRow.as_of) > as_of
    )
    return await session.scalar(latest)


async def put_run(
    session: WriteSession, run: RunTold, digest: str, counted: Published, *, quiet: bool, at: datetime
) -> UUID:
    """Write the run down. Urgent rules run each minute: where one changes nothing, the run before it says so."""
    told = {"digest": digest, "as_of": run.as_of, "log_size": run.log_size, "published_at": at, "seconds": run.seconds}
    if run.kind is RunKind.URGENT and quiet:
        before = await session.scalar(
            sa.select(col(CheckRunRow.id))
            .where(col(CheckRunRow.kind) == RunKind.URGENT.value)
            .order_by(col(CheckRunRow.as_of).desc())
            .limit(1)
        )
        if before is not None:
            await session.execute(sa.update(CheckRunRow).where(col(CheckRunRow.id) == before).values(**told))
            return before
    counts = {name: getattr(counted, name) for name in ("opened", "grown", "reopened")}
    row = {"id": counted.run_id, "kind": run.kind.value, "lapsed": 0, "unplaced": 0, **told, **counts}
    await session.execute(sa.insert(CheckRunRow), [row])
    return counted.run_id


async def count_run(session: WriteSession, run_id: UUID, *, lapsed: int, unplaced: int) -> None:
    """What is known of it at its end only."""
    await session.execute(
        sa.update(CheckRunRow).where(col(CheckRunRow.id) == run_id).values(lapsed=lapsed, unplaced=unplaced)
    )


async def put_rules(session: WriteSession, run: RunTold, run_id: UUID, *, at: datetime) -> None:
    """The rules as they ran, and what each had to say."""
    if not run.rules:
        return
    rules = insert(CheckRuleRow)
    changed = {name: rules.excluded[name] for name in _rule_row(run.rules[0], at) if name not in {"rule", "version"}}
    await session.execute(
        rules.on_conflict_do_update(index_elements=["rule", "version"], set_=changed),
        [_rule_row(one, at) for one in run.rules],
    )
    found: dict[str, list[int]] = {one.rule: [] for one in run.rules}
    for one in run.facts:
        found[one.rule].append(one.fact.at_risk_g)
    answers = insert(CheckRunRuleRow)
    names = ("version", "answer", "lacking", "found", "at_risk_g", "seconds")
    await session.execute(
        answers.on_conflict_do_update(
            index_elements=["run_id", "rule"], set_={name: answers.excluded[name] for name in names}
        ),
        [
            {
                "run_id": run_id,
                "rule": one.rule,
                "version": one.version,
                "answer": _answer(one, found).value,
                "lacking": list(one.lacking),
                "found": len(found[one.rule]),
                "at_risk_g": sum(found[one.rule]),
                "seconds": one.seconds,
            }
            for one in run.rules
        ],
    )


def _answer(rule: RuleTold, found: Mapping[str, Sequence[int]]) -> RuleAnswer:
    return RuleAnswer.FOUND if found[rule.rule] else rule.answer


def _rule_row(told: RuleTold, at: datetime) -> dict[str, Any]:
    return {
        "rule": told.rule,
        "version": told.version,
        "position": told.position,
        "title": told.title,
        "queue": told.queue.value,
        "severity": int(told.severity),
        "formula": told.formula,
        "numbers": orjson.loads(orjson.dumps(told.numbers)),
        "needs": list(told.needs),
        "detectable": told.detectable,
        "false_alarms": told.false_alarms,
        "innocent": list(told.innocent),
        "next_step": told.next_step,
        "article": told.article,
        "urgent": told.urgent,
        "chance": told.chance,
        "copied_at": at,
    }


async def put_changes(
    session: WriteSession,
    run: RunTold,
    run_id: UUID,
    changes: Sequence[tuple[Sequence[FactTold], Change]],
    known: Mapping[Key, Known],
    *,
    at: datetime,
) -> list[UUID]:
    """Write the findings with their facts and history; gives back their ids in the same order."""
    rules = {one.rule: one for one in run.rules}
    ids: list[UUID] = []
    fresh: list[dict[str, Any]] = []
    changed, seen, facts, history = list(fresh), list(fresh), list(fresh), list(fresh)
    for told, change in changes:
        first = told[0]
        before = known.get((first.rule, first.subject_kind, first.subject_id))
        finding_id = before.id if before else new_id()
        ids.append(finding_id)
        found = {"last_run_id": run_id, "last_as_of": run.as_of}
        if change.whole is None:
            seen.append({"key": finding_id, **found})
        elif before is None:
            named = {"id": finding_id, "rule": first.rule, "subject_kind": first.subject_kind}
            opened = {"subject_id": first.subject_id, "opened_at": at, "first_run_id": run_id}
            row = _figures(rules[first.rule], told, change)
            fresh.append({**named, **opened, **found, **row, "told_g": change.whole.at_risk_g})
        else:
            grams = change.whole.at_risk_g if change.steps else before.told_g
            until = before.snoozed_until if change.state is FindingState.SNOOZED else None
            row = _figures(rules[first.rule], told, change)
            changed.append({"key": finding_id, **found, **row, "told_g": grams, "snoozed_until": until})
        facts += [_fact_row(finding_id, place, one, run_id) for place, one in change.facts.items()]
        history += [_step_row(finding_id, step, numbers, run_id, at) for step, numbers in change.steps]
    await _write(session, fresh=fresh, changed=changed, seen=seen)
    await _write_beside(session, facts=facts, history=history, kind=run.kind)
    return ids


async def _write(
    session: WriteSession,
    *,
    fresh: list[dict[str, Any]],
    changed: list[dict[str, Any]],
    seen: list[dict[str, Any]],
) -> None:
    table = FindingRow.__table__  # type: ignore[attr-defined]
    if fresh:
        await session.execute(sa.insert(table), fresh)
    for rows in (changed, seen):
        if rows:
            values: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "key"}
            cleared = {"outcome": None, "closed_at": None, "lapsed_at": None} if rows is changed else {}
            statement = sa.update(table).where(table.c.id == sa.bindparam("key")).values(**values, **cleared)
            await (await session.connection()).execute(statement, rows)


async def _write_beside(
    session: WriteSession, *, facts: list[dict[str, Any]], history: list[dict[str, Any]], kind: RunKind
) -> None:
    if facts:
        put = insert(FindingFactRow)
        names = ["since_at", "found_at", "severity", "at_risk_g", "statistic", "threshold", "facts"]
        # Whether a fact still stands, the last look at the whole history says: no urgent run takes its place.
        names += ["last_run_id"] if kind is RunKind.FULL else []
        kept = {name: put.excluded[name] for name in names}
        await session.execute(put.on_conflict_do_update(index_elements=["finding_id", "position"], set_=kept), facts)
    if history:
        await session.execute(sa.insert(FindingHistoryRow), history)


def _figures(rule: RuleTold, told: Sequence[FactTold], change: Change) -> dict[str, Any]:
    assert change.whole is not None  # noqa: S101  asked before
    said = change.whole
    return {
        "version": rule.version,
        "queue": rule.queue.value,
        "severity": said.severity,
        "party_id": next((one.party_id for one in reversed(told) if one.party_id), None),
        "since_at": said.since_at,
        "found_at": said.found_at,
        "latest_at": said.latest_at,
        "at_risk_g": max(said.at_risk_g, 0),
        "statistic": said.main.statistic,
        "threshold": said.main.threshold,
        "facts": dict(said.main.facts),
        "numbers": {one.name: one.value for one in rule.numbers},
        "state": change.state.value,
    }


def _fact_row(finding_id: UUID, place: int, fact: Fact, run_id: UUID) -> dict[str, Any]:
    return {
        "finding_id": finding_id,
        "position": place,
        "since_at": fact.since_at,
        "found_at": fact.found_at,
        "severity": fact.severity,
        "at_risk_g": fact.at_risk_g,
        "statistic": fact.statistic,
        "threshold": fact.threshold,
        "facts": dict(fact.facts),
        "first_run_id": run_id,
        "last_run_id": run_id,
    }


def _step_row(
    finding_id: UUID, step: FindingStep, told: Mapping[str, object], run_id: UUID | None, at: datetime
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "finding_id": finding_id,
        "step": step.value,
        "happened_at": at,
        "run_id": run_id,
        "told": dict(told),
    }


async def show_to_authorities(
    session: WriteSession, told: Mapping[Key, Sequence[FactTold]], ids: Sequence[UUID]
) -> int:
    """Let those see each finding over whose region it is; how many there are that concern nobody."""
    driver = await session.driver()
    kinds, subjects = [key[1] for key in told], [key[2] for key in told]
    parties = [facts[-1].party_id for facts in told.values()]
    rows = [(row["viewer"], row["place"] - 1) for row in await driver.fetch(_VIEWERS, kinds, subjects, parties)]
    await show_each(session, KIND, [(CHECKS_VIEWER, one) for one in ids] + [(eyes, ids[place]) for eyes, place in rows])
    return len(ids) - len({place for _, place in rows})


async def lapse(session: WriteSession, run_id: UUID, rules: Sequence[str], *, as_of: datetime, at: datetime) -> int:
    """Say of what these rules found before, and a full run finds no longer, that it has lapsed."""
    gone = [row["id"] for row in await (await session.driver()).fetch(_LAPSE, run_id, list(rules), as_of)]
    await _tell(session, gone, FindingStep.LAPSED, run_id, at)
    return len(gone)


async def wake(session: WriteSession, today: date, *, at: datetime) -> None:
    """End the snoozes whose day has come."""
    woken = [row["id"] for row in await (await session.driver()).fetch(_WAKE, today)]
    await _tell(session, woken, FindingStep.WOKEN, None, at)


async def _tell(
    session: WriteSession, ids: Sequence[UUID], step: FindingStep, run_id: UUID | None, at: datetime
) -> None:
    if ids:
        await session.execute(sa.insert(FindingHistoryRow), [_step_row(one, step, {}, run_id, at) for one in ids])


async def weigh(session: WriteSession, subjects: Iterable[str]) -> None:
    """What findings of other queues say of the same subjects, and what a finding reckons of itself."""
    rules = await rules_now(session)
    says, supposed = [says_of_others(one.chance) for one in rules], [log_odds(one.row.chance) for one in rules]
    named = sorted(set(subjects))
    if named:
        await (await session.driver()).execute(_WEIGH, named, [one.row.rule for one in rules], says, supposed)
