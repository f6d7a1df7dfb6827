"""Scan at the gate: the truck is there, so what is found is an outcome with its own event, never an error."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.compatibility import Content
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers import measuring
from wastetrack.containers import queries as containers
from wastetrack.containers.custody import AtGate, Standpoint, locked_at_gate, take_in
from wastetrack.containers.model import check_weighing
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.standing import Standing
from wastetrack.containers.stores import check_store
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse, refuse_one
from wastetrack.ledger import rules
from wastetrack.ledger.model import Entry
from wastetrack.manifests import booking, deciding, grounds, mismatching, recovering
from wastetrack.manifests import gate_queries as queries
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.deciding import Fact
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.gate_queries import Arrived, ScanLine
from wastetrack.manifests.model import ManifestKind, ManifestState, Outcome, ScanAtGate
from wastetrack.manifests.tolerance import agrees
from wastetrack.manifests.weighing_in import tolerated, weighed_facts, weighing_of
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended

_AT_THE_GATE = frozenset({ManifestState.ARRIVED, ManifestState.RETURNING})
_RECEIVED = frozenset(
    {
        ManifestState.RECEIVED,
        ManifestState.PARTLY_RECEIVED,
        ManifestState.REJECTED,
        ManifestState.RETURNED,
        ManifestState.CLOSED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What the gate is told."""

    outcome: Outcome
    container_id: UUID | None
    digital_code: str
    declared: Mass | None
    measured: Mass | None
    tolerance: Mass | None
    reason: str
    left: int
    """Containers of this manifest that are still undecided."""
    appended: Appended
    broken: tuple[Broken, ...] = ()
    """The rules that stop it."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """What every step of one scan needs."""

    session: WriteSession
    actor: Actor
    command: ScanAtGate
    manifest: Arrived
    moment: Moment


async def scan_at_gate(session: WriteSession, actor: Actor, command: ScanAtGate, *, at: datetime) -> Scanned:
    """Decide one container at the receiver's gate, and book what was taken in.

    Raises ManifestUnknown, OutOfOrder when the truck has not been reported as arrived, Forbidden, and RuleBroken for
    a weight that cannot be (the operator weighs again; nothing is recorded).
    """
    manifest = await queries.arrived(session, actor, command.manifest_id)
    demand_own(actor, Verb.SCAN, manifest.receiver_id)
    if manifest.state not in _AT_THE_GATE | _RECEIVED:
        raise _not_at_the_gate(manifest)
    visit = _Visit(session, actor, command, manifest, moment_of(command.happened_at, at, after=manifest.since))
    if manifest.state in _RECEIVED:
        return await _scan_late(visit)
    container = await locked_at_gate(session, str(command.code))
    line = None if container is None else await queries.line_of(session, manifest.id, container.id)
    line = await _found_again(visit, container, line) or line
    verdict = await _decide(visit, container, line)
    outcome = verdict.outcome
    if container is not None and line is not None:
        if outcome is Outcome.ACCEPTED:
            return await _take_in(visit, container, line)
        if outcome is Outcome.REJECTED:
            await queries.decide(
                session, manifest.id, line, outcome, reason=verdict.reason, scanned_at=visit.moment.happened_at
            )
    leaf = await _record(visit, container, verdict)
    return Scanned(
        outcome=outcome,
        container_id=None if line is None else line.container_id,
        digital_code=str(command.code),
        declared=None if line is None else line.declared,
        measured=None if line is None else line.measured,
        tolerance=None,
        reason=verdict.reason or " ".join(rule.sentence() for rule in verdict.broken),
        left=await _left(visit, line, outcome),
        appended=leaf,
        broken=verdict.broken,
    )


def _not_at_the_gate(manifest: Arrived) -> OutOfOrder:
    message = "Manifest {number} is {state}: containers are scanned between arrival and the receipt."
    return OutOfOrder("not_at_the_gate", message, number=manifest.number, state=manifest.state)


async def _found_again(visit: _Visit, container: AtGate | None, line: ScanLine | None) -> ScanLine | None:
    """The line of a container that was missing and stands here: back on the road first, then judged as any other."""
    if container is None or line is None or line.outcome is not Outcome.MISSING:
        return None
    if visit.command.code.revision not in {None, container.label_revision}:
        return None
    found = await recovering.missed(visit.session, visit.manifest.id, container.id)
    if found is None:
        return None
    number, here = visit.manifest.number, "Found at the gate."
    await recovering.put_back(visit.session, visit.actor, found, number=number, what=here, moment=visit.moment)
    for row in found[:2]:
        visit.session.expunge(row)  # from here on they are written on the bare driver
    return await queries.line_of(visit.session, visit.manifest.id, container.id)


async def _scan_late(visit: _Visit) -> Scanned:
    """After the receipt only what was missing is taken in; permit, plan and contract then count it too."""
    session, manifest = visit.session, visit.manifest
    await booking.lock_booked(session, manifest.id)  # before the accounts: permit lines are locked first everywhere
    container = await locked_at_gate(session, str(visit.command.code))
    line = None if container is None else await queries.line_of(session, manifest.id, container.id)
    line = await _found_again(visit, container, line)
    if container is None or line is None:
        raise _not_at_the_gate(manifest)
    if visit.command.reject_reason.strip():
        message = "The load is received; what turns up after it is not sent back on this manifest."
        step = "Take it in, or let the shipper fetch it and say that it has it again."
        refuse_one("reject_reason", "rejected_late", message, article="令23 art. 10", next_step=step)
    refuse((await _decide(visit, container, line)).broken)
    scanned = await _take_in(visit, container, line)
    if manifest.kind is not ManifestKind.RETURN:
        await grounds.restate(session, manifest.id, booking.taken_in(await manifests.line_rows(session, manifest.id)))
    return scanned


async def _left(visit: _Visit, line: ScanLine | None, outcome: Outcome) -> int:
    if line is None:
        return await queries.undecided(visit.session, visit.manifest.id)
    return line.undecided - (outcome is Outcome.REJECTED)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """An outcome, and why: in the gate's own words, or the rules of the permit."""

    outcome: Outcome
    reason: str = ""
    broken: tuple[Broken, ...] = ()


async def _decide(visit: _Visit, container: AtGate | None, line: ScanLine | None) -> _Verdict:
    command, manifest = visit.command, visit.manifest
    if container is None or line is None:
        ruling = deciding.decide({Fact.NOT_ON_MANIFEST})
        return _Verdict(Outcome.UNEXPECTED, ruling.sentence)
    facts = _facts(visit, container, line)
    ruling = deciding.decide(facts)
    match ruling.outcome:
        case Outcome.ALREADY_HERE:
            return _Verdict(Outcome.ALREADY_HERE, "" if line.outcome is None else line.outcome.value)
        case None:  # it could never be closed
            step = "Take it in; if its mass differs, weigh it: the difference is booked."
            refuse_one("reject_reason", ruling.code, ruling.sentence, article="令23 art. 10", next_step=step)
        case Outcome.REJECTED:
            return _Verdict(Outcome.REJECTED, command.reject_reason.strip())
        case Outcome.VOID_LABEL:
            return _Verdict(
                Outcome.VOID_LABEL, broken=(deciding.void_label(command.code.revision, container.label_revision),)
            )
    if Fact.COMES_BACK in facts:  # goods that come home need no permit
        return _Verdict(Outcome.ACCEPTED)
    day = legal_day(visit.moment.happened_at)
    broken = await grounds.why_not_taken_in(
        visit.session,
        manifest.id,
        manifest.basis,
        receiver=(manifest.receiver_id, manifest.receiver_site_id),
        waste_code=line.waste_code,
        method=manifest.method,
        on=day,
    )
    if broken:
        facts.add(Fact.NOT_PERMITTED)
    return _Verdict(deciding.decide(facts).outcome or Outcome.ACCEPTED, broken=tuple(broken))


def _facts(visit: _Visit, container: AtGate, line: ScanLine) -> set[Fact]:
    """What is known before the permit is asked and the scale is read."""
    command = visit.command
    known = {
        Fact.DECIDED: line.outcome is not None,
        Fact.REJECTING: bool(command.reject_reason.strip()),
        Fact.COMES_BACK: visit.manifest.kind is ManifestKind.RETURN,
        Fact.LABEL_VOID: command.code.revision not in {None, container.label_revision},
    }
    return {fact for fact, holds in known.items() if holds}


async def _take_in(visit: _Visit, container: AtGate, line: ScanLine) -> Scanned:
    session, command, manifest = visit.session, visit.command, visit.manifest
    measure = await measuring.measured(
        session,
        weighing_of(command, Mass(container.tare_g), line.declared),
        site_id=manifest.receiver_site_id,
        at=visit.moment.happened_at,
        container_id=container.id,
    )
    weighing = measure.weighing
    undecided = deciding.check_mismatches(line.mismatches)
    refuse([*measure.broken, *check_weighing(weighing, container.volume_l), *undecided])
    measured, measurement = weighing.net, weighing.measurement()
    within = tolerated(line, weighing)
    beyond = () if agrees(line.declared, measured, within) else (Fact.BEYOND_TOLERANCE,)
    outcome = deciding.decide(beyond).outcome or Outcome.ACCEPTED
    if command.store_id is not None:
        coming = _coming(container, str(command.code), measured)
        refuse(await check_store(session, command.store_id, manifest.receiver_site_id, (coming,)))
    place = await _place(visit, line)
    await measure.keep(session, manifest.receiver_id, container.id, at=visit.moment.recorded_at)
    await take_in(session, container.id, place, weighing)
    await queries.decide(
        session,
        manifest.id,
        line,
        outcome,
        reason="",
        scanned_at=visit.moment.happened_at,
        measured=measured,
        measurement=measurement,
        entry_id=command.scan_id,
    )
    viewers = (viewer_of_organisation(manifest.receiver_id), *viewers_of_region(manifest.destination_region))
    await show(session, containers.KIND, container.id, viewers)
    entry = rules.received(
        manifest.id,
        manifest.receiver_site_id,
        line.waste_code,
        declared=line.declared,
        measured=measured,
        measurement=measurement,
    )
    weighed = weighed_facts(line, weighing, within) | {
        "store": None if command.store_id is None else str(command.store_id)
    }
    leaf = await _record(visit, container, _Verdict(outcome), weighed=weighed, entry=entry)
    if outcome is Outcome.ACCEPTED_WITH_DIFFERENCE and manifest.kind is not ManifestKind.RETURN:
        await _tell_difference(visit, line, measured)
    return Scanned(
        outcome=outcome,
        container_id=container.id,
        digital_code=str(command.code),
        declared=line.declared,
        measured=measured,
        tolerance=within,
        reason="",
        left=line.undecided - 1,
        appended=leaf,
    )


def _coming(container: AtGate, digital_code: str, measured: Mass) -> Standing:
    """The container as the store's rules judge it."""
    return Standing(
        content=Content(container.waste_code, tuple(container.hazards), container.compatibility),
        form=container.form,
        net=measured,
        volume_l=container.volume_l,
        largest_l=container.volume_l,
        digital_code=digital_code,
    )


async def _tell_difference(visit: _Visit, line: ScanLine, measured: Mass) -> None:
    """A quantity that is not as declared is told to the shipper and the authority (令23 art. 18)."""
    await mismatching.report_difference(
        visit.session,
        visit.actor,
        visit.manifest.id,
        line.container_id,
        declared=line.declared,
        measured=measured,
        moment=visit.moment,
    )


async def _place(visit: _Visit, line: ScanLine) -> Standpoint:
    """Where it comes to stand, and on what ground the receiver may treat it; what comes home is the shipper's own."""
    manifest, since = visit.manifest, visit.moment.happened_at
    place = Standpoint(manifest.receiver_site_id, visit.command.store_id, since)
    if manifest.kind is ManifestKind.RETURN:
        return place
    return await grounds.place_of(
        visit.session, manifest.id, manifest.basis, line.waste_code, method=manifest.method, place=place
    )


async def _record(
    visit: _Visit,
    container: AtGate | None,
    verdict: _Verdict,
    *,
    weighed: dict[str, object] | None = None,
    entry: Entry | None = None,
) -> Appended:
    command, manifest = visit.command, visit.manifest
    facts: dict[str, object] = {
        "manifest": str(manifest.id),
        "number": manifest.number,
        "site": str(manifest.receiver_site_id),
        "digital_code": str(command.code),
        "typed": command.code.typed,
        "waste_code": container.waste_code if container else command.code.waste_code,
        "outcome": verdict.outcome.value,
        "reason": verdict.reason or None,
        # By message and facts, so that everybody reads them in his own language.
        "rules": [
            {
                "code": rule.code,
                "message": rule.message,
                "facts": {name: str(fact) for name, fact in {"value": rule.value, **rule.facts}.items()},
            }
            for rule in verdict.broken
        ],
    }
    if command.device_id is not None:
        facts["device"] = str(command.device_id)
    return await record(
        visit.session,
        visit.actor,
        "container_scanned",
        subjects=(manifest.id,) if container is None else (manifest.id, container.id),
        moment=visit.moment,
        facts=facts | (weighed or {}),
        entry=entry,
        event_id=command.scan_id,
    )
