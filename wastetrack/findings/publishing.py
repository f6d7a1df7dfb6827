"""Publishing a run of the checks: what it found becomes findings that people work on, in one transaction.

Publishing a run again changes nothing. Nothing is ever deleted: what a later run finds no longer is said to have
lapsed, and what was closed stays closed until something new happens.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

import orjson

from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict
from wastetrack.findings import knowing, storing
from wastetrack.findings.knowing import Key, Known
from wastetrack.findings.merging import comes_after, distinct, join, notable, whole
from wastetrack.findings.model import (
    CHECKS_VIEWER,
    Fact,
    FactTold,
    FindingState,
    FindingStep,
    Published,
    RuleAnswer,
    RunKind,
    RunTold,
    is_hard,
)
from wastetrack.findings.storing import Change
from wastetrack.ids import new_id

NOBODY = UUID(int=0)
"""The checks act for no organisation and are no person."""


async def publish(session: WriteSession, run: RunTold, *, at: datetime) -> Published:
    """Make findings of a run. Raises Conflict where a later full run is published already."""
    await session.look_as(CHECKS_VIEWER, NOBODY, NOBODY)
    await storing.take_turn(session)
    digest = digest_of(run)
    if (before := await storing.run_of_digest(session, digest)) is not None:
        return Published(run_id=before, again=True)
    if run.kind is RunKind.FULL and (later := await storing.full_run_after(session, run.as_of)) is not None:
        sentence = "A run as of {later} is published already; one as of {value} cannot follow it."
        raise Conflict("later_run_published", sentence, value=run.as_of.isoformat(), later=later.isoformat())
    told: dict[Key, list[FactTold]] = defaultdict(list)
    for one in run.facts:
        told[one.rule, one.subject_kind, one.subject_id].append(one)
    known = await knowing.known(session, list(told))
    today = legal_day(at)
    changes = [change_of(known.get(key), [one.fact for one in facts], today, run.kind) for key, facts in told.items()]
    steps = [step for change in changes for step, _ in change.steps]
    counted = Published(
        run_id=new_id(),
        opened=steps.count(FindingStep.OPENED),
        grown=steps.count(FindingStep.GREW) + steps.count(FindingStep.MERGED),
        reopened=steps.count(FindingStep.REOPENED),
    )
    run_id = await storing.put_run(session, run, digest, counted, quiet=not any(steps), at=at)
    await storing.put_rules(session, run, run_id, at=at)
    ids = await storing.put_changes(session, run, run_id, list(zip(told.values(), changes, strict=True)), known, at=at)
    unplaced = await storing.show_to_authorities(session, told, ids)
    await storing.wake(session, today, at=at)
    lapsed = 0
    if run.kind is RunKind.FULL:
        looked = [one.rule for one in run.rules if one.answer is not RuleAnswer.NO_DATA]
        lapsed = await storing.lapse(session, run_id, looked, as_of=run.as_of, at=at)
    await storing.weigh(session, [subject for _, _, subject in told])
    await storing.count_run(session, run_id, lapsed=lapsed, unplaced=unplaced)
    return Published(
        run_id=run_id,
        opened=counted.opened,
        grown=counted.grown,
        reopened=counted.reopened,
        lapsed=lapsed,
        unplaced=unplaced,
    )


def digest_of(run: RunTold) -> str:
    """Of all that a run says but how long it took."""
    rules = [(one.rule, one.version, one.answer, one.lacking, one.numbers) for one in run.rules]
    facts = sorted(
        (
            (one.rule, one.subject_kind, one.subject_id, one.party_id, one.fact.since_at, one.fact.found_at, one.fact)
            for one in run.facts
        ),
        key=lambda told: (told[:3], told[4], told[5], orjson.dumps(told[6], option=orjson.OPT_SORT_KEYS)),
    )
    said = {"kind": run.kind, "as_of": run.as_of, "log_size": run.log_size, "rules": rules, "facts": facts}
    return sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def change_of(known: Known | None, told: Sequence[Fact], today: date, kind: RunKind) -> Change:
    """What these facts do to a finding. A full run tells all of them, an urgent one what is new. Pure."""
    if known is None:
        facts = distinct(told)
        said = whole(facts)
        step = (FindingStep.OPENED, _told(said.severity, said.at_risk_g, len(facts)))
        return Change(FindingState.OPEN, facts=dict(enumerate(facts)), whole=said, steps=(step,))
    joined = join(known.facts, told)
    beside = known.standing - joined.known.keys() if kind is RunKind.URGENT and not known.lapsed else frozenset()
    said = whole([*joined.known.values(), *joined.new, *(known.facts[place] for place in sorted(beside))])
    facts_now = {**joined.known, **dict(enumerate(joined.new, len(known.facts)))}
    numbers = _told(said.severity, said.at_risk_g, len(joined.new))
    if known.state is FindingState.CLOSED:
        # A fact that was answered and has become graver since is news, too: a skim that was explained and goes on.
        if said.severity <= known.severity and not comes_after(joined.new, latest_at=known.latest_at):
            return Change(known.state, facts={}, whole=None, steps=())
        return Change(FindingState.OPEN, facts=facts_now, whole=said, steps=((FindingStep.REOPENED, numbers),))
    steps: list[tuple[FindingStep, Mapping[str, object]]] = [(FindingStep.FOUND_AGAIN, {})] if known.lapsed else []
    state = known.state
    if state is FindingState.SNOOZED and _wakes(known, said.severity, today):
        state = FindingState.OPEN
        steps.append((FindingStep.WOKEN, numbers))
    if joined.new:
        steps.append((FindingStep.MERGED, numbers))
    elif notable(severity=(known.severity, said.severity), grams=(known.told_g, said.at_risk_g)):
        steps.append((FindingStep.GREW, numbers))
    return Change(state, facts=facts_now, whole=said, steps=tuple(steps))


def _wakes(known: Known, severity: int, today: date) -> bool:
    over = known.snoozed_until is not None and known.snoozed_until <= today
    return over or severity > known.severity or is_hard(known.queue, severity)


def _told(severity: int, grams: int, facts: int) -> Mapping[str, object]:
    return {"severity": severity, "at_risk_g": grams, "facts": facts}
