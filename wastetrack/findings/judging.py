"""What an official does with a finding: close it with an outcome, take that back, look again later, take it to a case.

Each is an act of the authority: it stands in the transparency log, with the reason in words that can be erased.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, refuse
from wastetrack.findings.model import (
    CloseFinding,
    FindingQueue,
    FindingState,
    FindingStep,
    Judgement,
    SnoozeFinding,
    TakeBack,
    is_hard,
)
from wastetrack.findings.reading import locked
from wastetrack.findings.tables import CheckBudgetRow, FindingHistoryRow, FindingRow
from wastetrack.findings.weighing import MOST_WEEKLY
from wastetrack.ids import new_id

Row = FindingRow
"""A finding's row under the name by which other rooms know it."""
_LONGEST_REASON = 2000
LONGEST_SNOOZE = timedelta(days=90)


async def close_finding(
    session: WriteSession, actor: Actor, command: CloseFinding, *, at: datetime
) -> tuple[FindingRow, Recorded]:
    """Say what it turned out to be. Raises NotFound, Forbidden, Conflict, RuleBroken."""
    demand(actor, Verb.JUDGE)
    row = await locked(session, actor, command.finding_id)
    if row.state == FindingState.CLOSED:
        raise Conflict("finding_closed", "This finding is closed already. Take the closing back to answer it again.")
    refuse(_reason_missing(command.reason, "Say what you have seen, and how."))
    row.state, row.outcome, row.closed_at = FindingState.CLOSED.value, command.outcome.value, at
    row.snoozed_until = None
    facts = {"outcome": command.outcome.value}
    return row, await _act(
        session, actor, row, FindingStep.CLOSED, told=facts, at=at, reason=command.reason, outcome=command.outcome
    )


async def take_back(
    session: WriteSession, actor: Actor, command: TakeBack, *, at: datetime
) -> tuple[FindingRow, Recorded]:
    """Open it again: the outcome was a mistake and does not count. Raises NotFound, Forbidden, Conflict, RuleBroken."""
    demand(actor, Verb.JUDGE)
    row = await locked(session, actor, command.finding_id)
    if row.state != FindingState.CLOSED:
        raise Conflict("finding_not_closed", "This finding is not closed.")
    refuse(_reason_missing(command.reason, "Say why the outcome was wrong."))
    facts = {"outcome": row.outcome}
    row.state, row.outcome, row.closed_at = FindingState.OPEN.value, None, None
    return row, await _act(session, actor, row, FindingStep.TAKEN_BACK, told=facts, at=at, reason=command.reason)


async def snooze_finding(
    session: WriteSession, actor: Actor, command: SnoozeFinding, *, at: datetime
) -> tuple[FindingRow, Recorded]:
    """Look at it again on a day. A hard alert cannot be put off. Raises NotFound, Forbidden, Conflict, RuleBroken."""
    demand(actor, Verb.JUDGE)
    row = await locked(session, actor, command.finding_id)
    if row.state == FindingState.CLOSED:
        raise Conflict("finding_closed", "This finding is closed already. Take the closing back to answer it again.")
    broken = _reason_missing(command.reason, "Say what you wait for.")
    today = legal_day(at)
    if not today < command.until <= today + LONGEST_SNOOZE:
        sentence = "Choose a day after today, at most {days} days from now."
        facts: dict[str, object] = {"days": LONGEST_SNOOZE.days}
        broken.append(Broken("until", "snooze_day", sentence, command.until.isoformat(), facts=facts))
    if is_hard(FindingQueue(row.queue), row.severity):
        sentence = "This is sure and grave: it cannot be put off, only answered."
        step = "Inspect it, and close it with what you have found."
        broken.append(Broken("until", "hard_finding", sentence, next_step=step))
    refuse(broken)
    row.state, row.snoozed_until = FindingState.SNOOZED.value, command.until
    facts = {"until": command.until.isoformat()}
    return row, await _act(session, actor, row, FindingStep.SNOOZED, told=facts, at=at, reason=command.reason)


async def case_taken(
    session: WriteSession, actor: Actor, finding_id: UUID, chain: str, *, at: datetime
) -> tuple[FindingRow, Recorded]:
    """Say that a case pack of its chain was taken. Raises NotFound, Forbidden."""
    demand(actor, Verb.PROVE)
    row = await locked(session, actor, finding_id)
    return row, await _act(session, actor, row, FindingStep.CASE_TAKEN, told={"chain": chain}, at=at)


async def set_budget(session: WriteSession, actor: Actor, queue: FindingQueue, weekly: int, *, at: datetime) -> None:
    """Set how many findings of a queue one's authority looks into in a week. Raises Forbidden, RuleBroken."""
    demand(actor, Verb.JUDGE)
    if not 0 <= weekly <= MOST_WEEKLY:
        sentence = "A weekly budget is between 0 and {most} findings."
        refuse([Broken("weekly_budget", "budget_outside", sentence, weekly, facts={"most": MOST_WEEKLY})])
    told = {"weekly_budget": weekly, "set_by": actor.person_id, "set_at": at}
    put = insert(CheckBudgetRow).values(viewer=actor.viewer, queue=queue.value, **told)
    await session.execute(put.on_conflict_do_update(index_elements=["viewer", "queue"], set_=told))


def _reason_missing(reason: str, step: str) -> list[Broken]:
    if 0 < len(reason.strip()) <= _LONGEST_REASON:
        return []
    return [Broken("reason", "reason_missing", "This is needed.", next_step=step)]


async def _act(
    session: WriteSession,
    actor: Actor,
    row: FindingRow,
    step: FindingStep,
    *,
    told: Mapping[str, object],
    at: datetime,
    reason: str = "",
    outcome: Judgement | None = None,
) -> Recorded:
    await session.flush()
    about = {"finding": str(row.id), "rule": row.rule, "version": row.version, "queue": row.queue}
    subject = {"subject_kind": row.subject_kind, "subject": row.subject_id, "at_risk_g": row.at_risk_g}
    facts: dict[str, object] = {**about, **subject, "severity": row.severity, **told, "reason": reason.strip()}
    event_id = new_id()
    leaf = await record(
        session,
        actor,
        f"finding_{step.value}",
        subjects=(row.id,),
        moment=moment_of(None, at),
        facts=facts,
        event_id=event_id,
    )
    session.add(
        FindingHistoryRow(
            id=new_id(),
            finding_id=row.id,
            step=step.value,
            happened_at=at,
            person_id=actor.person_id,
            organisation_id=actor.organisation_id,
            event_id=event_id,
            outcome=None if outcome is None else outcome.value,
            told=dict(told),
        )
    )
    await session.flush()
    return leaf
