"""Pages of what the checks found: the morning of an authority, a queue, a finding and what is done with it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.findings import judging, queries, reading
from wastetrack.findings.model import (
    CloseFinding,
    FindingQueue,
    FindingState,
    Gravity,
    Judgement,
    RuleAnswer,
    RunKind,
    SnoozeFinding,
    TakeBack,
    is_hard,
)
from wastetrack.findings.queries import FindingFilter, Listed
from wastetrack.i18n import Locale, label, message
from wastetrack.reports import finding_words as words
from wastetrack.reports import proving, rule_words
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Prose
from wastetrack.transparency import queries as log
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.histories import told
from wastetrack.web.listings import ALL, Asked
from wastetrack.web.lists_of_findings import FINDINGS, QUEUE_SAYS, Shown
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/findings", route_class=AnsweringRoute)

FEW = 3
"""Findings of a queue on the morning page."""
_EVENTS = 40
_STATES = (
    ("all", ALL),
    (FindingState.SNOOZED.value, message("Put off")),
    (FindingState.CLOSED.value, message("Closed")),
    ("lapsed", message("No longer found")),
)


class Wanted(Asked):
    """What is listed of a queue."""

    state: Literal["live", "all", "snoozed", "closed", "lapsed", ""] = ""
    severity: Literal["1", "2", "3", "4", ""] = ""
    rule: str = Field("", max_length=20)
    week: Literal["yes", ""] = ""


class OutcomeForm(BaseModel):
    """What it turned out to be."""

    outcome: Judgement
    reason: Prose = ""


class SnoozeForm(BaseModel):
    """When to look again."""

    until: Day
    waiting: Prose = ""


class BackForm(BaseModel):
    """Why the outcome was wrong."""

    mistake: Prose = ""


class BudgetForm(BaseModel):
    """How many in a week."""

    weekly_budget: int = Field(ge=0, le=500)


async def _shown(work: ReadWork, rows: list[Listed], titles: Mapping[str, str], locale: Locale) -> list[Shown]:
    names = await reading.names_of(work.session, [name for row in rows for name in (row.subject_id, row.party_id)])
    return [
        Shown(
            row,
            titles[row.rule],
            words.called(row.subject_id, names, locale),
            words.called(row.party_id, names, locale),
        )
        for row in rows
    ]


@router.get("")
async def morning(page: AnyPage, work: Reading) -> Response:
    """What an inspector looks at first: this week's findings queue by queue, and which rules could not look."""
    desk = await queries.desk_of(work.session, work.actor, at=work.at)
    heads = await queries.heads(work.session, desk, fresh_since=queries.day_begins(work.at, days_ago=1))
    week = await queries.listed(work.session, desk, FindingFilter(this_week=True), Window(limit=1000))
    by_queue: dict[FindingQueue, list[Listed]] = {}
    for one in week:
        by_queue.setdefault(one.queue, []).append(one)
    shown = await _shown(work, [one for rows in by_queue.values() for one in rows[:FEW]], desk.titles, page.locale)
    run = await queries.latest_run(work.session, RunKind.FULL)
    answers = await queries.answers_of(work.session, run.id) if run else []
    return page.show(
        "findings/morning.html",
        heads=heads,
        first={queue: [one for one in shown if one.one.queue is queue] for queue in by_queue},
        week=len(week),
        says=QUEUE_SAYS,
        run=run,
        urgent=await queries.latest_run(work.session, RunKind.URGENT),
        blind=queries.by_lack(answers),
        blind_rules=sum(answer.answer == RuleAnswer.NO_DATA for answer, _ in answers),
        looked=len(desk.rules),
        words=words,
        told=rule_words,
    )


async def ask_queue(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A queue's list, with the form of its budget."""
    return await _queue(page, work, _queue_named(page), Wanted(), filled)


def _queue_named(page: Page) -> FindingQueue:
    try:
        return FindingQueue(str(page.request.path_params["queue"]))
    except ValueError:
        raise NotFound("queue_unknown", "There is no such queue of findings.") from None


@router.get("/queues/{queue}")
async def queue_page(page: AnyPage, work: Reading, queue: str, wanted: Annotated[Wanted, Query()]) -> Response:  # noqa: ARG001  read off the address
    """The findings of a queue, what weighs most first."""
    return await _queue(page, work, _queue_named(page), wanted, EMPTY)


async def _queue(page: Page, work: ReadWork, queue: FindingQueue, wanted: Wanted, filled: Filled) -> Response:
    desk = await queries.desk_of(work.session, work.actor, at=work.at)
    own = [one.row for one in desk.rules if one.queue is queue]
    choices = {
        "state": [(value, page.translate(said)) for value, said in _STATES],
        "severity": [(str(int(one)), page.translate(said)) for one, said in words.GRAVITY.items()],
        "rule": [(one.rule, f"{one.rule} {page.translate(one.title)}") for one in own],
        "week": [("yes", page.translate(message("For this week")))],
    }
    view = await FINDINGS.view(page, work, wanted, choices, path=f"/findings/queues/{queue.value}")
    asked = FindingFilter(
        queue=queue,
        rule=wanted.rule or None,
        state=None if wanted.state == "all" else wanted.state or "live",
        severity=Gravity(int(wanted.severity)) if wanted.severity else None,
        this_week=wanted.week == "yes",
    )
    rows = await queries.listed(work.session, desk, asked, view.window)
    heads = await queries.heads(work.session, desk, fresh_since=queries.day_begins(work.at, days_ago=1))
    head = next(one for one in heads if one.queue is queue)
    return await view.answer(
        "findings/queue.html",
        await _shown(work, rows, desk.titles, page.locale),
        head=head,
        says=QUEUE_SAYS,
        filled=filled if filled.is_refused else Filled.of({"weekly_budget": head.budget}),
        may_judge=bool(may(work.actor, Verb.JUDGE)),
    )


@router.post("/queues/{queue}/budget")
@asked_again(ask_queue)
async def budget(page: AnyPage, work: Writing, queue: str, form: Annotated[BudgetForm, Form()]) -> Response:  # noqa: ARG001  read off the address
    """Set the weekly budget of one's authority."""
    named = _queue_named(page)
    await judging.set_budget(work.session, work.actor, named, form.weekly_budget, at=work.at)
    return page.go(f"/findings/queues/{named.value}", message("The weekly budget is set."))


async def ask_finding(page: Page, work: ReadWork, filled: Filled) -> Response:
    """A finding with its forms."""
    found = await reading.finding(
        work.session, work.actor, UUID(str(page.request.path_params["finding_id"])), at=work.at
    )
    row = found.row
    own = [one.facts for one in found.facts]
    named = [row.subject_id, row.party_id, *(one for facts in own for one in words.ids_in(facts))]
    names = await reading.names_of(work.session, named)
    chain = words.chain_of(row.subject_kind, row.subject_id, own, names)
    numbers = {**row.numbers, **row.facts, "statistic": row.statistic, "threshold": row.threshold}
    return page.show(
        "findings/finding.html",
        finding=found,
        filled=filled,
        subject=words.called(row.subject_id, names, page.locale),
        subject_address=words.address_of(row.subject_id, names),
        party=words.called(row.party_id, names, page.locale),
        party_address=words.address_of(row.party_id, names),
        facts=words.facts_of(row.facts, names, page.locale),
        formula=words.filled(page.translate(found.rule.formula), numbers, names),
        chain=chain,
        events=[] if chain is None else await _events(work, chain),
        hard=is_hard(FindingQueue(row.queue), row.severity),
        may_judge=bool(may(work.actor, Verb.JUDGE)),
        may_prove=bool(may(work.actor, Verb.PROVE)),
        judgements=Judgement,
        words=words,
        told=rule_words,
    )


async def _events(work: ReadWork, chain: reading.Named) -> list[Any]:
    """The events behind it, oldest first, each with its place in the log."""
    if chain.kind == "manifest":
        leaves = await log.leaves(work.session, await proving.events_of_manifest(work.session, work.actor, chain.id))
    else:
        leaves = await log.leaves_of(work.session, chain.id)
    happened = [one for one in leaves if not one.leaf.kind.startswith("signing_key_")]
    return await told(work.session, happened[-_EVENTS:])


@router.get("/{finding_id:uuid}")
async def finding(page: AnyPage, work: Reading, finding_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """All of a finding."""
    return await ask_finding(page, work, EMPTY)


@router.post("/{finding_id:uuid}/outcome")
@asked_again(ask_finding)
async def close(page: AnyPage, work: Writing, finding_id: UUID, form: Annotated[OutcomeForm, Form()]) -> Response:
    """Close it."""
    command = CloseFinding(finding_id=finding_id, outcome=form.outcome, reason=form.reason)
    await judging.close_finding(work.session, work.actor, command, at=work.at)
    told_as = message("Closed as “{outcome}”. It counts towards the precision of its rule.")
    return page.go(f"/findings/{finding_id}", page.translate(told_as, outcome=label(form.outcome, page.locale)))


@router.post("/{finding_id:uuid}/snooze")
@asked_again(ask_finding)
async def snooze(page: AnyPage, work: Writing, finding_id: UUID, form: Annotated[SnoozeForm, Form()]) -> Response:
    """Look at it again on a day."""
    command = SnoozeFinding(finding_id=finding_id, until=form.until, reason=form.waiting)
    with naming_fields({"reason": "waiting"}):
        await judging.snooze_finding(work.session, work.actor, command, at=work.at)
    return page.go(f"/findings/{finding_id}", message("Put off. It comes back on its day, or when it gets graver."))


@router.post("/{finding_id:uuid}/reopening")
@asked_again(ask_finding)
async def take_back(page: AnyPage, work: Writing, finding_id: UUID, form: Annotated[BackForm, Form()]) -> Response:
    """Take the closing back."""
    command = TakeBack(finding_id=finding_id, reason=form.mistake)
    with naming_fields({"reason": "mistake"}):
        await judging.take_back(work.session, work.actor, command, at=work.at)
    return page.go(f"/findings/{finding_id}", message("Open again; the outcome does not count."))


@router.get("/rules")
async def rules(page: AnyPage, work: Reading) -> Response:
    """The rules with what each can see and cannot, and their published precision."""
    found = await queries.rules_published(work.session, work.actor)
    return page.show("findings/rules.html", rules=found, queues=FindingQueue, words=words, told=rule_words)


@router.get("/runs")
async def runs(page: AnyPage, work: Reading) -> Response:
    """The newest runs."""
    return page.show("findings/runs.html", runs=await queries.runs(work.session, work.actor))


@router.get("/runs/{run_id:uuid}")
async def run(page: AnyPage, work: Reading, run_id: UUID) -> Response:
    """What each rule had to say in a run."""
    found = await queries.run_of(work.session, work.actor, run_id)
    return page.show(
        "findings/run.html", run=found, answers=await queries.answers_of(work.session, run_id), told=rule_words
    )
