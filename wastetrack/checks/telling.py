"""A run of the rules in the words in which it is published: no library of the checks is needed to read them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from wastetrack.checks.every import RULES
from wastetrack.checks.model import FINDING, Rule
from wastetrack.checks.running import Answer, Outcome
from wastetrack.findings.model import (
    Fact,
    FactTold,
    FindingQueue,
    Gravity,
    RuleAnswer,
    RuleTold,
    RunKind,
    RunTold,
    SetNumber,
)

Numbers = Mapping[str, Mapping[str, float]]
"""What stands instead of a rule's defaults, by rule and name."""
PLACES: Mapping[str, int] = {rule.id: place for place, rule in enumerate(RULES)}
"""In the order of all rules, however few of them look in a run."""


def told(
    outcomes: Iterable[Outcome],
    *,
    kind: RunKind,
    as_of: datetime,
    log_size: int | None,
    numbers: Numbers,
    seconds: float = 0.0,
) -> RunTold:
    """A whole run; what rested in it is not told again."""
    rules, facts = [], []
    for one in outcomes:
        if one.rests:
            continue
        answer = RuleAnswer(one.answer.value)
        rules.append(
            rule_told(one.rule, answer, numbers.get(one.rule.id, {}), lacking=one.lacking, seconds=one.seconds)
        )
        if one.answer is Answer.FOUND:
            facts += [fact_told(one.rule, {**row, "facts": orjson.loads(row["facts"])}) for row in _rows(one)]
    return RunTold(
        kind=kind, as_of=as_of, log_size=log_size, rules=tuple(rules), facts=tuple(facts), seconds=round(seconds, 3)
    )


def _rows(outcome: Outcome) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = outcome.findings.to_pylist()
    return rows


def rule_told(
    rule: Rule, answer: RuleAnswer, given: Mapping[str, float], *, lacking: tuple[str, ...] = (), seconds: float = 0.0
) -> RuleTold:
    """A rule as it ran, with the numbers that were in force."""
    numbers = tuple(
        SetNumber(
            name=one.name,
            value=float(given.get(one.name, one.default)),
            default=float(one.default),
            unit=one.unit,
            meaning=one.meaning,
            source=one.source,
        )
        for one in rule.parameters
    )
    return RuleTold(
        rule=rule.id,
        version=rule.version,
        position=PLACES.get(rule.id, len(PLACES)),
        title=rule.title,
        queue=FindingQueue(rule.queue.value),
        severity=Gravity(rule.severity),
        formula=rule.formula,
        numbers=numbers,
        needs=rule.needs,
        detectable=rule.detectable,
        false_alarms=rule.false_alarms,
        innocent=rule.innocent,
        next_step=rule.next_step,
        article=rule.article,
        urgent=rule.urgent,
        chance=rule.chance,
        answer=answer,
        lacking=lacking,
        seconds=round(seconds, 3),
    )


def fact_told(rule: Rule, row: Mapping[str, Any]) -> FactTold:
    """One row of a rule's answer; `facts` hold what the rule tells beside FINDING."""
    return FactTold(
        rule=rule.id,
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        party_id=row["party_id"],
        fact=Fact(
            since_at=row["since_at"].astimezone(UTC),
            found_at=row["found_at"].astimezone(UTC),
            severity=int(row["severity"]),
            at_risk_g=max(int(row["at_risk_g"] or 0), 0),
            statistic=float(row["statistic"]),
            threshold=float(row["threshold"]),
            facts=dict(row["facts"]),
        ),
    )


def own_numbers(row: Mapping[str, Any]) -> dict[str, object]:
    """What a row tells beside FINDING, as JSON has it."""
    return {name: _plain(value) for name, value in row.items() if name not in FINDING}


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return float(value)
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return value
