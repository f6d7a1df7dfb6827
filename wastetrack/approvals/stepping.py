"""Move an application on: submit, send back, accept, review, consult, reply, decide, withdraw. One use case for all of
them, for they differ only in what they write down.

What the law itself brings about (accepted because nobody objected in time; expired) is written down with the first act
that comes after it.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from uuid import UUID

from wastetrack.approvals import applying, queries, states
from wastetrack.approvals.model import ApprovalAct as Act
from wastetrack.approvals.model import ApprovalKind, ApprovalState, TakeStep
from wastetrack.approvals.policy import demand_step
from wastetrack.approvals.tables import ApprovalRow
from wastetrack.approvals.validity import missing_documents, permits_end, term_of
from wastetrack.auth.model import Actor
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.parties.permit_queries import permits_for_site
from wastetrack.parties.verifying import demand_verified

EVENT: dict[Act, str] = {
    Act.SUBMIT: "approval_submitted",
    Act.RETURN: "approval_returned",
    Act.ACCEPT: "approval_accepted",
    Act.DEEM_ACCEPTED: "approval_deemed_accepted",
    Act.AGREE_IN_REVIEW: "approval_agreed_in_review",
    Act.REFUSE_IN_REVIEW: "approval_refused_in_review",
    Act.CONSULT: "approval_consulted",
    Act.REPLY_AGREE: "approval_reply_agreed",
    Act.REPLY_REFUSE: "approval_reply_refused",
    Act.APPROVE: "approval_approved",
    Act.REFUSE: "approval_refused",
    Act.WITHDRAW: "approval_withdrawn",
    Act.EXPIRE: "approval_expired",
    Act.SUPERSEDE: "approval_superseded",
}
_LAPSED = {ApprovalState.ACCEPTED: Act.DEEM_ACCEPTED, ApprovalState.EXPIRED: Act.EXPIRE}

Facts = dict[str, object]


async def take_step(
    session: WriteSession, actor: Actor, command: TakeStep, *, at: datetime
) -> tuple[ApprovalRow, UUID]:
    """Take one step; gives the application and the name of the event.

    Raises ApprovalUnknown, Forbidden for whose step it is not, OutOfTurn, Changed, RuleBroken with all that is missing.
    """
    row = await queries.locked(session, actor, command.approval_id)
    demand_step(actor, command.act, row)
    applying.check_version(row, command.version)
    await _write_down_what_lapsed(session, actor, row, at=at)
    kind = ApprovalKind(row.kind)
    following = states.advance(kind, ApprovalState(row.state), command.act)
    refuse(_check_words(command, row))
    effect = _EFFECTS.get(command.act)
    facts = {} if effect is None else await effect(session, actor, row, command, at)
    return row, await _move(
        session,
        actor,
        row,
        command.act,
        following=following,
        facts={**facts, "reason": command.reason.strip() or None, "opinion": command.opinion.strip() or None},
        at=at,
    )


def _check_words(command: TakeStep, row: ApprovalRow) -> list[Broken]:
    broken = []
    silent = command.act is Act.WITHDRAW and row.state == ApprovalState.DRAFT.value
    if command.act in states.WITH_REASON and not silent and not command.reason.strip():
        sentence = "Say why; the applicant and the other authority will read it."
        broken.append(Broken("reason", "reason_missing", sentence, article="令23 art. 23–26"))
    if command.act is Act.RETURN and row.noticed_at is not None:
        sentence = "All that is missing was to be told at once; the applicant has been told already."
        step = "Accept the application; what still stands against it is said in the review."
        broken.append(Broken("act", "noticed_already", sentence, article="令23 art. 23", next_step=step))
    if command.act is Act.APPROVE and not command.number.strip():
        sentence = "An approval has a number; give that of your decision."
        broken.append(Broken("number", "decision_number_missing", sentence, article="令23 art. 27"))
    return broken


async def _write_down_what_lapsed(session: WriteSession, actor: Actor, row: ApprovalRow, *, at: datetime) -> None:
    now = queries.standing_of(row, at)
    if now.value == row.state:
        return
    act = _LAPSED[now]
    if act is Act.DEEM_ACCEPTED:
        row.accepted_at = row.submitted_at  # on the day of receipt (art. 23)
    await _move(session, actor, row, act, following=now, facts={}, at=at)


async def _move(
    session: WriteSession,
    actor: Actor,
    row: ApprovalRow,
    act: Act,
    *,
    following: ApprovalState,
    facts: Facts,
    at: datetime,
) -> UUID:
    row.state = following.value
    row.version += 1
    row.last_act_at = at
    await session.flush()
    told: Facts = {
        "approval": str(row.id),
        "kind": row.kind,
        "state": row.state,
        "number": row.number or None,
        **facts,
    }
    event = await record(
        session,
        actor,
        EVENT[act],
        subjects=(row.id,),
        moment=Moment(happened_at=at, recorded_at=at),
        facts=told,
    )
    return event.id


async def _submit(session: WriteSession, actor: Actor, row: ApprovalRow, _command: TakeStep, at: datetime) -> Facts:
    """To the authorities of both places; and to the receiver, whom it names."""
    await demand_verified(session, actor.organisation_id)
    kind, basis = ApprovalKind(row.kind), TransferBasis(row.basis)
    there = [one.kind for one in await queries.documents(session, row.id) if one.kind is not None]
    broken = missing_documents(kind, basis, there)
    if row.to_on < legal_day(at):
        sentence = "The period asked for ended on {value}."
        broken.append(Broken("to_on", "period_over", sentence, row.to_on.isoformat(), article="令23 art. 22"))
    refuse(broken)
    row.submitted_at = at
    viewers = {
        viewer_of_organisation(row.receiver_id),
        *viewers_of_region(row.origin_region),
        *viewers_of_region(row.destination_region),
    }
    await show(session, queries.KIND, row.id, viewers)
    facts = await _content(session, row)
    if kind is ApprovalKind.RECORD_OF_USE:  # it stands by being told (固废法 art. 22)
        facts |= _set_term(row, kind, at, permit_end=None, wanted=None)
        row.decided_at = at
    return facts


async def _content(session: WriteSession, row: ApprovalRow) -> Facts:
    items = await queries.items(session, row.id)
    return {
        "basis": row.basis,
        "shipper_site": str(row.shipper_site_id),
        "receiver_site": str(row.receiver_site_id),
        "from_on": row.from_on.isoformat(),
        "to_on": row.to_on.isoformat(),
        "items": [
            {
                "waste_code": item.waste_code,
                "waste_name": item.waste_name,
                "form": item.form,
                "quantity_g": item.quantity_g,
                "treatment": item.method,
            }
            for item in items
        ],
    }


def _set_term(
    row: ApprovalRow, kind: ApprovalKind, at: datetime, *, permit_end: date | None, wanted: date | None
) -> Facts:
    term = term_of(
        kind,
        today=legal_day(at),
        from_on=row.from_on,
        to_on=row.to_on,
        permit_end=permit_end,
        wanted=wanted,
    )
    refuse(term.broken)
    row.valid_from, row.valid_to = term.valid_from, term.valid_to
    return {"valid_from": term.valid_from.isoformat(), "valid_to": term.valid_to.isoformat()}


async def _return(_s: WriteSession, _a: Actor, row: ApprovalRow, _c: TakeStep, at: datetime) -> Facts:
    row.noticed_at = at
    return {}


async def _accept(_s: WriteSession, _a: Actor, row: ApprovalRow, _c: TakeStep, at: datetime) -> Facts:
    row.accepted_at = at
    return {}


async def _consult(_s: WriteSession, _a: Actor, row: ApprovalRow, _c: TakeStep, at: datetime) -> Facts:
    row.consulted_at = at
    return {"to": row.replying}


async def _reply(_s: WriteSession, _a: Actor, row: ApprovalRow, _c: TakeStep, at: datetime) -> Facts:
    row.replied_at = at
    return {}


async def _approve(session: WriteSession, actor: Actor, row: ApprovalRow, command: TakeStep, at: datetime) -> Facts:
    """For as long as the law allows: 12 months, not past what was asked for, nor past the receiver's permit."""
    kind, end = ApprovalKind(row.kind), None
    if kind is ApprovalKind.CROSS_PROVINCE and row.basis == TransferBasis.PERMIT.value:
        held = await permits_for_site(session, row.receiver_id, row.receiver_site_id)
        items = queries.wanted(await queries.items(session, row.id))
        end, broken = permits_end(held, items, legal_day(at))
        refuse(broken)
    facts = _set_term(row, kind, at, permit_end=end, wanted=command.valid_to)
    row.decided_at = at
    row.number = command.number.strip()
    if row.replaces_id is not None:
        await _supersede(session, actor, row.replaces_id, by=row, at=at)
    return await _content(session, row) | facts | {"number": row.number}


async def _supersede(session: WriteSession, actor: Actor, approval_id: UUID, *, by: ApprovalRow, at: datetime) -> None:
    old = await queries.locked(session, actor, approval_id)
    await _write_down_what_lapsed(session, actor, old, at=at)
    if old.state == ApprovalState.APPROVED.value:
        facts: Facts = {"superseded_by": str(by.id)}
        await _move(session, actor, old, Act.SUPERSEDE, following=ApprovalState.SUPERSEDED, facts=facts, at=at)


async def _refuse(_s: WriteSession, _a: Actor, row: ApprovalRow, _c: TakeStep, at: datetime) -> Facts:
    row.decided_at = at
    return {}


Effect = Callable[[WriteSession, Actor, ApprovalRow, TakeStep, datetime], Awaitable[Facts]]

_EFFECTS: dict[Act, Effect] = {
    Act.SUBMIT: _submit,
    Act.RETURN: _return,
    Act.ACCEPT: _accept,
    Act.CONSULT: _consult,
    Act.REPLY_AGREE: _reply,
    Act.REPLY_REFUSE: _reply,
    Act.APPROVE: _approve,
    Act.REFUSE: _refuse,
    Act.REFUSE_IN_REVIEW: _refuse,
}
