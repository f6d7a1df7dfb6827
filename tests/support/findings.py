"""Runs of the checks as a test writes them: a rule of few words, facts about things of the small world."""

from datetime import UTC, datetime

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

DAY = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
NEVER_ARRIVED, SKIM, NIGHT = "R02", "R04", "R38"


def rule(
    name: str = NEVER_ARRIVED,
    queue: FindingQueue = FindingQueue.INTEGRITY,
    *,
    answer: RuleAnswer = RuleAnswer.FOUND,
    lacking: tuple[str, ...] = (),
    chance: float = 0.5,
) -> RuleTold:
    """A rule as it ran."""
    return RuleTold(
        rule=name,
        version=1,
        title="Not arrived long after its time",
        queue=queue,
        severity=Gravity.INSPECT,
        formula="no gate scan by expected_at + hours",
        numbers=(SetNumber(name="hours", value=24, default=24, unit="h", meaning="after arrival", source="a note"),),
        needs=("manifests",),
        detectable="Any load of which a gate is expected to tell; none that left without a manifest.",
        false_alarms="None, if gates record what arrives; one for each gate that does not.",
        innocent=("The vehicle broke down or stands in a closed road.",),
        next_step="Call the driver and the gate; look for the vehicle; close only by a receipt, a return or an "
        "accident report.",
        article="转移管理办法 art. 13, 16",
        urgent=True,
        chance=chance,
        answer=answer,
        lacking=lacking,
        seconds=0.1,
    )


def fact(
    subject_id: object,
    *,
    name: str = NEVER_ARRIVED,
    kind: str = "manifest",
    party: object = None,
    since: datetime = DAY,
    found: datetime | None = None,
    severity: int = 3,
    grams: int = 3_000_000,
    **facts: object,
) -> FactTold:
    """What it found."""
    told = Fact(
        since_at=since,
        found_at=found or since,
        severity=severity,
        at_risk_g=grams,
        statistic=2.5,
        threshold=1.0,
        facts=facts or {"waste_code": "900-249-08"},
    )
    return FactTold(
        rule=name,
        subject_kind=kind,
        subject_id=str(subject_id),
        party_id=None if party is None else str(party),
        fact=told,
    )


def run(
    *facts: FactTold,
    as_of: datetime = DAY,
    rules: tuple[RuleTold, ...] = (rule(),),
    kind: RunKind = RunKind.FULL,
) -> RunTold:
    """A run that tells these."""
    return RunTold(kind=kind, as_of=as_of, log_size=7, rules=rules, facts=facts, seconds=1.5)
