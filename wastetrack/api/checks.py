"""What the checks found: queues, findings and their outcomes, the rules with their precision, the runs."""

from typing import Annotated
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from starlette.responses import Response

from wastetrack.api.check_shapes import (
    AnswerShown,
    Budget,
    Closing,
    FactShown,
    FindingList,
    FindingShown,
    FindingStanding,
    HeadList,
    HeadShown,
    ListedShown,
    NamedShown,
    RuleList,
    RuleShown,
    RunList,
    RunShown,
    RunWhole,
    Snoozing,
    StepShown,
    TakingBack,
    Wanted,
)
from wastetrack.api.fields import answer, log_entry
from wastetrack.api.schemas import problems
from wastetrack.containers.recording import Recorded
from wastetrack.db.windows import Window
from wastetrack.findings import judging, queries, reading
from wastetrack.findings.model import (
    CloseFinding,
    FindingQueue,
    FindingState,
    Gravity,
    Judgement,
    SnoozeFinding,
    TakeBack,
)
from wastetrack.i18n import translate
from wastetrack.serving.deps import Reading, ReadWork, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(prefix="/checks", route_class=AnsweringRoute, tags=["checks"])

_REFUSALS = problems(400, 403, 404, 409, 422)


def _rule(one: queries.RuleNow) -> RuleShown:
    row, interval = one.row, one.precision.interval
    told = row.model_dump()
    return RuleShown(
        **{name: told[name] for name in RuleShown.model_fields if name in told},
        title_zh=translate(row.title, "zh"),
        looked_at=one.looked_at,
        confirmed=one.tally.confirmed,
        explained=one.tally.explained,
        data_error=one.tally.data_error,
        unfounded=one.tally.unfounded,
        precision=one.precision.share,
        precision_from=interval[0] if interval else None,
        precision_to=interval[1] if interval else None,
    )


def _named(names: dict[str, reading.Named], one: str) -> NamedShown:
    parts = [names[part].name for part in one.split("/") if part in names]
    return NamedShown(id=one, name=" – ".join(parts) or None)


async def _heads(work: ReadWork | WriteWork) -> HeadList:
    desk = await queries.desk_of(work.session, work.actor, at=work.at)
    found = await queries.heads(work.session, desk, fresh_since=queries.day_begins(work.at, days_ago=1))
    return HeadList(items=[HeadShown.model_validate(one) for one in found])


@router.get("/queues", response_model=HeadList, responses=problems(403))
async def heads(work: Reading) -> Response:
    """The queues with what is open in each, what is new, and the weekly budget."""
    return answer(await _heads(work))


@router.put("/queues/{queue}", response_model=HeadList, responses=problems(403, 422))
async def set_budget(work: Writing, queue: FindingQueue, body: Budget) -> Response:
    """Set the weekly budget of a queue for one's authority."""
    await judging.set_budget(work.session, work.actor, queue, body.weekly_budget, at=work.at)
    return answer(await _heads(work))


@router.get("/findings", response_model=FindingList, responses=problems(403, 422))
async def listed(work: Reading, asked: Annotated[Wanted, Query()]) -> Response:
    """The findings of one's region, in each queue the one with most grams at risk × posterior first."""
    wanted = queries.FindingFilter(
        queue=asked.queue,
        rule=asked.rule,
        state=asked.state,
        severity=None if asked.severity is None else Gravity(asked.severity),
        about=asked.about,
        this_week=asked.this_week,
    )
    window = Window("rank", descending=True, limit=asked.limit + 1, offset=asked.offset)
    desk = await queries.desk_of(work.session, work.actor, at=work.at)
    rows = await queries.listed(work.session, desk, wanted, window)
    names = await reading.names_of(work.session, [name for row in rows for name in (row.subject_id, row.party_id)])
    items = [
        ListedShown(
            **{name: getattr(row, name) for name in ListedShown.model_fields if name not in {"subject", "party"}},
            subject=_named(names, row.subject_id),
            party=None if row.party_id is None else _named(names, row.party_id),
        )
        for row in rows[: asked.limit]
    ]
    return answer(FindingList(items=items, more=len(rows) > asked.limit))


@router.get("/findings/{finding_id}", response_model=FindingShown, responses=problems(403, 404, 422))
async def one(work: Reading, finding_id: UUID) -> Response:
    """All of a finding: its rule, what was found when, its history."""
    found = await reading.finding(work.session, work.actor, finding_id, at=work.at)
    return answer(await _whole(work, found))


async def _whole(work: ReadWork, found: reading.Finding) -> FindingShown:
    row = found.row
    names = await reading.names_of(work.session, [row.subject_id, row.party_id])
    told = row.model_dump()
    own = {"rule", "state", "severity", "subject", "party", "posterior", "as_of", "facts", "history"}
    return FindingShown(
        **{name: told[name] for name in FindingShown.model_fields if name not in own},
        rule=_rule(found.now),
        state=found.state,
        severity=row.severity,
        subject=_named(names, row.subject_id),
        party=None if row.party_id is None else _named(names, row.party_id),
        posterior=found.posterior,
        as_of=row.last_as_of,
        facts=[FactShown.model_validate(one) for one in found.facts],
        history=[StepShown.model_validate(one) for one in found.history],
    )


def _done(keys: Keys, done: tuple[judging.Row, Recorded]) -> Response:
    row, stated = done
    return answer(
        FindingStanding(
            id=row.id,
            state=FindingState(row.state),
            outcome=None if row.outcome is None else Judgement(row.outcome),
            snoozed_until=row.snoozed_until,
            log=log_entry(stated, keys),
        )
    )


@router.post("/findings/{finding_id}/outcome", response_model=FindingStanding, responses=_REFUSALS)
async def close(
    work: Writing,
    keys: DeploymentKeys,
    finding_id: UUID,
    body: Annotated[Closing, FromBody(examples=[{"outcome": "confirmed", "reason": "现场检查：车辆未到厂"}])],
) -> Response:
    """Close it with an outcome, which counts towards the published precision of its rule."""
    command = CloseFinding(finding_id=finding_id, **dict(body))
    return _done(keys, await judging.close_finding(work.session, work.actor, command, at=work.at))


@router.post("/findings/{finding_id}/reopening", response_model=FindingStanding, responses=_REFUSALS)
async def take_back(work: Writing, keys: DeploymentKeys, finding_id: UUID, body: TakingBack) -> Response:
    """Take the closing back; its outcome does not count."""
    command = TakeBack(finding_id=finding_id, reason=body.reason)
    return _done(keys, await judging.take_back(work.session, work.actor, command, at=work.at))


@router.post("/findings/{finding_id}/snooze", response_model=FindingStanding, responses=_REFUSALS)
async def snooze(work: Writing, keys: DeploymentKeys, finding_id: UUID, body: Snoozing) -> Response:
    """Look at it again on a day, or when it gets graver. What is sure and grave cannot be put off."""
    command = SnoozeFinding(finding_id=finding_id, **dict(body))
    return _done(keys, await judging.snooze_finding(work.session, work.actor, command, at=work.at))


@router.get("/rules", response_model=RuleList, responses=problems(403))
async def rules(work: Reading) -> Response:
    """The rules with what each can see and cannot, and their published precision."""
    found = await queries.rules_published(work.session, work.actor)
    return answer(RuleList(items=[_rule(one) for one in found]))


@router.get("/runs", response_model=RunList, responses=problems(403))
async def runs(work: Reading) -> Response:
    """The newest runs."""
    found = await queries.runs(work.session, work.actor)
    return answer(RunList(items=[RunShown.model_validate(one) for one in found]))


@router.get("/runs/{run_id}", response_model=RunWhole, responses=problems(403, 404, 422))
async def run(work: Reading, run_id: UUID) -> Response:
    """What each rule had to say in a run."""
    found = await queries.run_of(work.session, work.actor, run_id)
    answers = await queries.answers_of(work.session, run_id)
    shown = [AnswerShown.model_validate(told) for told, _ in answers]
    return answer(RunWhole(run=RunShown.model_validate(found), rules=shown))
