"""What is known of the findings of a run before it is published: their states, and which of their facts still stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from wastetrack.db.session import WriteSession
from wastetrack.findings.model import Fact, FindingQueue, FindingState, RunKind

Key = tuple[str, str, str]
"""Rule, kind of the subject, its id."""

_KNOWN = """
select of.id, of.rule, of.subject_kind, of.subject_id, of.queue, of.state, of.severity, of.told_g, of.latest_at,
  of.snoozed_until, of.lapsed_at is not null as lapsed
from findings of join unnest($1::text[], $2::text[], $3::text[]) as told (rule, subject_kind, subject_id)
  on told.rule = of.rule and told.subject_kind = of.subject_kind and told.subject_id = of.subject_id
"""
_FACTS = """
select fact.finding_id, fact.since_at, fact.found_at, fact.severity, fact.at_risk_g, fact.statistic, fact.threshold,
  fact.facts, fact.last_run_id, run.kind
from finding_facts fact join check_runs run on run.id = fact.last_run_id
where fact.finding_id = any($1) order by fact.finding_id, fact.position
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A finding as it stands before a run is published."""

    id: UUID
    queue: FindingQueue
    state: FindingState
    severity: int
    told_g: int
    latest_at: datetime
    snoozed_until: date | None
    lapsed: bool
    facts: tuple[Fact, ...]
    standing: frozenset[int] = frozenset()
    """Places of the facts that the rule's last look at the whole history found, or that came to light since."""


async def known(session: WriteSession, keys: Sequence[Key]) -> dict[Key, Known]:
    """The findings that stand already, with their facts in order."""
    driver = await session.driver()
    rows = await driver.fetch(_KNOWN, *([key[part] for key in keys] for part in range(3)))
    facts: dict[UUID, list[Fact]] = {row["id"]: [] for row in rows}
    told_by: dict[UUID, list[tuple[UUID, str]]] = {row["id"]: [] for row in rows}
    for row in await driver.fetch(_FACTS, list(facts)):
        told = dict(row)
        finding_id = told.pop("finding_id")
        told_by[finding_id].append((told.pop("last_run_id"), told.pop("kind")))
        facts[finding_id].append(Fact(**told))
    return {
        (row["rule"], row["subject_kind"], row["subject_id"]): Known(
            id=row["id"],
            queue=FindingQueue(row["queue"]),
            state=FindingState(row["state"]),
            severity=row["severity"],
            told_g=row["told_g"],
            latest_at=row["latest_at"],
            snoozed_until=row["snoozed_until"],
            lapsed=row["lapsed"],
            facts=tuple(facts[row["id"]]),
            standing=_standing(told_by[row["id"]]),
        )
        for row in rows
    }


def _standing(told_by: Sequence[tuple[UUID, str]]) -> frozenset[int]:
    """Places of the facts that no full run has passed over; ids of runs are in the order of time."""
    last = max((run_id for run_id, kind in told_by if kind == RunKind.FULL.value), default=None)
    return frozenset(place for place, (run_id, _) in enumerate(told_by) if last is None or run_id >= last)
