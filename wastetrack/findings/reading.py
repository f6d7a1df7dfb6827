"""One finding, whole: its rule as it ran, its facts, its history in the words of those who acted, names for its ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import demand_authority
from wastetrack.auth.sight import visible
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.recording import said
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound
from wastetrack.findings.model import KIND, FindingState, FindingStep, Gravity, Judgement
from wastetrack.findings.queries import RuleNow, rule_as_ran, rule_now
from wastetrack.findings.tables import CheckRuleRow, CheckRunRow, FindingFactRow, FindingRow
from wastetrack.findings.weighing import log_odds, posterior

_HISTORY = """
select step.id, step.step, step.happened_at, step.run_id, step.event_id, step.outcome, step.told,
  person.name as person, firm.name as organisation
from finding_history step left join people person on person.id = step.person_id
  left join organisations firm on firm.id = step.organisation_id
where step.finding_id = $1 order by step.id
"""
# What each id is called, as far as whoever looks may know it.
_NAMES = """
select 'organisation' as kind, id, name from organisations where id = any($1)
union all select 'site', id, name from sites where id = any($1)
union all select 'vehicle', id, plate from vehicles where id = any($1)
union all select 'manifest', id, number from manifests where id = any($1) and number is not null
union all select 'container', id, digital_code from containers where id = any($1)
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing of the register or a paper, and what people call it."""

    kind: str
    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line of a finding's history."""

    step: FindingStep
    happened_at: datetime
    person: str | None
    organisation: str | None
    event_id: UUID | None
    """Its event in the log."""
    outcome: Judgement | None
    reason: str
    """In somebody's own words, as long as they are kept."""
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """All of a finding."""

    row: FindingRow
    rule: CheckRuleRow
    """As it ran."""
    now: RuleNow
    facts: Sequence[FindingFactRow]
    history: Sequence[Step]
    last_run: CheckRunRow
    at: datetime

    @property
    def state(self) -> FindingState:
        """A snooze whose day has come is over."""
        until = self.row.snoozed_until
        return FindingState.OPEN if until and until <= legal_day(self.at) else FindingState(self.row.state)

    @property
    def severity(self) -> Gravity:
        """As a word."""
        return Gravity(self.row.severity)

    @property
    def posterior(self) -> float:
        """How likely it is true."""
        return posterior(log_odds(self.now.chance), self.row.evidence)


async def finding(session: ReadSession, actor: Actor, finding_id: UUID, *, at: datetime) -> Finding:
    """One finding. Raises NotFound, Forbidden."""
    demand_authority(actor)
    row = await session.scalar(
        sa.select(FindingRow).where(col(FindingRow.id) == finding_id, visible(actor, KIND, col(FindingRow.id)))
    )
    if row is None:
        raise _unknown(finding_id)
    facts = await session.scalars(
        sa.select(FindingFactRow)
        .where(col(FindingFactRow.finding_id) == finding_id)
        .order_by(col(FindingFactRow.since_at), col(FindingFactRow.position))
    )
    last_run = await session.get(CheckRunRow, row.last_run_id)
    assert last_run is not None  # noqa: S101  a finding refers to it
    return Finding(
        row=row,
        rule=await rule_as_ran(session, row.rule, row.version),
        now=await rule_now(session, row.rule),
        facts=list(facts),
        history=await _history(session, finding_id),
        last_run=last_run,
        at=at,
    )


async def locked(session: WriteSession, actor: Actor, finding_id: UUID) -> FindingRow:
    """The row alone, to be changed. Raises NotFound."""
    wanted = sa.select(FindingRow).where(col(FindingRow.id) == finding_id, visible(actor, KIND, col(FindingRow.id)))
    row = await session.scalar(wanted.with_for_update(of=FindingRow).execution_options(populate_existing=True))
    if row is None:
        raise _unknown(finding_id)
    return row


def _unknown(finding_id: UUID) -> NotFound:
    return NotFound("finding_unknown", "There is no such finding.", finding_id=finding_id)


async def _history(session: ReadSession, finding_id: UUID) -> list[Step]:
    rows = await (await session.driver()).fetch(_HISTORY, finding_id)
    words = await said(session, [row["event_id"] for row in rows if row["event_id"] is not None])
    return [
        Step(
            step=FindingStep(row["step"]),
            happened_at=row["happened_at"],
            person=row["person"],
            organisation=row["organisation"],
            event_id=row["event_id"],
            outcome=None if row["outcome"] is None else Judgement(row["outcome"]),
            reason=str(words.get(row["event_id"], {}).get("reason", "")),
            told=row["told"],
        )
        for row in rows
    ]


async def names_of(session: ReadSession, ids: Iterable[str | None]) -> dict[str, Named]:
    """What these are called; an id of a pair holds two. What the reader may not see has no name."""
    parts = {part for one in ids if one for part in one.split("/")}
    known = {one for part in parts if (one := as_uuid(part)) is not None}
    if not known:
        return {}
    rows = await (await session.driver()).fetch(_NAMES, list(known))
    return {str(row["id"]): Named(row["kind"], row["id"], row["name"]) for row in rows}


def as_uuid(text: object) -> UUID | None:
    """An id of this database, None for one of another world."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
