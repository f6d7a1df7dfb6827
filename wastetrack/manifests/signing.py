"""One signed step of a manifest: its state, its signature row, its event; the same for every act."""

from typing import Any, NoReturn
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.recording import Moment, Signed, record
from wastetrack.containers.statements import Signing, Statement, Words
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse_one
from wastetrack.ids import new_id
from wastetrack.ledger.model import Entry
from wastetrack.manifests import figures, notices, states
from wastetrack.manifests.errors import Stale
from wastetrack.manifests.model import Act, CorrectionAct, CorrectionField, ManifestKind, ManifestState
from wastetrack.manifests.tables import ManifestRow
from wastetrack.parties.verifying import demand_verified
from wastetrack.transparency.appending import Appended
from wastetrack.transparency.evidence import EvidenceKind

EVENT: dict[Act, str] = {
    Act.FILE: "manifest_filed",
    Act.CANCEL: "manifest_cancelled",
    Act.VOID: "manifest_voided",
    Act.PICK_UP: "manifest_picked_up",
    Act.HAND_OVER: "manifest_handed_over",
    Act.ARRIVE: "manifest_arrived",
    Act.RECEIVE: "manifest_received",
    Act.RECEIVE_PARTLY: "manifest_partly_received",
    Act.REJECT: "manifest_rejected",
    Act.CONFIRM: "manifest_confirmed",
    Act.SEND_BACK: "manifest_sent_back",
    Act.TAKE_BACK: "manifest_taken_back",
    Act.OPEN: "manifest_opened",
    Act.SUM_UP: "manifest_summed_up",
    Act.REDIRECT: "manifest_redirected",
    Act.BACK_ENTER: "manifest_back_entered",
    Act.CHECK_LOADING: "manifest_loading_checked",
}
CORRECTION_EVENT: dict[CorrectionAct, str] = {
    CorrectionAct.REQUEST: "correction_requested",
    CorrectionAct.CONSENT: "correction_consented",
    CorrectionAct.REFUSE: "correction_refused",
}
# Acts at which the server gives the number: nobody can have signed for it.
_NUMBERED = frozenset({Act.FILE, Act.SEND_BACK, Act.SUM_UP})

_KEEP = """
update manifests set number = $2, state = $3, version = $4, receiver_id = $5, receiver_site_id = $6,
  destination_region = $7, method = $8, planned_on = $9, list_edition = $10, remarks = $11, opinion = $12,
  last_act_at = $13, filed_at = $14, picked_up_at = $15, arrived_at = $16, received_at = $17, closed_at = $18,
  basis = $19
where id = $1
"""
_SIGN = f"""
with kept as ({_KEEP})
insert into manifest_signatures
  (manifest_id, position, act, organisation_id, person_id, happened_at, recorded_at, event_id,
   delegate_of_organisation_id)
values ($1, $4, $20, $21, $22, $13, $23, $24, $25)
"""  # noqa: S608  a constant of this module


async def keep(session: WriteSession, row: ManifestRow) -> None:
    """Write what a use case has changed on a manifest that it had locked."""
    await (await session.driver()).execute(_KEEP, *_written(row))


def _written(row: ManifestRow) -> tuple[object, ...]:
    """What acts may change on a manifest, in the order of the statement."""
    return (
        row.id,
        row.number,
        row.state,
        row.version,
        row.receiver_id,
        row.receiver_site_id,
        row.destination_region,
        row.method,
        row.planned_on,
        row.list_edition,
        row.remarks,
        row.opinion,
        row.last_act_at,
        row.filed_at,
        row.picked_up_at,
        row.arrived_at,
        row.received_at,
        row.closed_at,
        row.basis,
    )


def check_version(row: ManifestRow, version: int | None) -> None:
    """Raise Stale when the signer saw another version than the one that stands."""
    if version is not None and version != row.version:
        message = "Somebody changed or signed this manifest meanwhile (version {now}, you saw {seen}). Read it again."
        raise Stale("manifest_changed", message, now=row.version, seen=version)


async def sign(
    session: WriteSession,
    actor: Actor,
    row: ManifestRow,
    act: Act,
    *,
    moment: Moment,
    container_ids: tuple[UUID, ...],
    facts: dict[str, Any],
    signing: Signing | None,
    given: dict[str, Any] | None = None,
    entry: Entry | None = None,
) -> Appended:
    """Advance the state, keep the signature, post the entry, append the event with its evidence.

    Raises OutOfOrder, RuleBroken without a signer's step (nothing but a draft is withdrawn without one) and for a
    person who signed for another side, or for an organisation of which nobody has confirmed that it is the one it says.
    """
    await demand_verified(session, actor.organisation_id)
    is_draft = row.state == ManifestState.DRAFT.value
    row.state = (states.BORN.get(act) or states.advance(ManifestState(row.state), act, ManifestKind(row.kind))).value
    row.version += 1
    row.last_act_at = moment.happened_at
    event_id = event_id_of(signing)
    await session.flush()
    facts = {"manifest": str(row.id), "number": row.number, "state": row.state, **facts}
    signed = None
    if signing is not None:
        signed = await _read_out(session, actor, row, act, moment=moment, facts=facts, given=given, signing=signing)
    elif not is_draft or row.state != ManifestState.CANCELLED.value:
        refuse_unsigned()
    await (await session.driver()).execute(
        _SIGN,
        *_written(row),
        act.value,
        actor.organisation_id,
        actor.person_id,
        moment.recorded_at,
        event_id,
        actor.delegate_of,
    )
    leaf = await record(
        session,
        actor,
        EVENT[act],
        subjects=(row.id, *container_ids),
        moment=moment,
        facts=facts,
        entry=entry,
        event_id=event_id,
        signed=signed,
    )
    if signed is not None and act is not Act.SEND_BACK:
        await notices.keep(
            session, actor, event_id, kind=EVENT[act], manifest_id=row.id, words=signed.words, at=moment.recorded_at
        )
    return leaf


async def _read_out(
    session: WriteSession,
    actor: Actor,
    row: ManifestRow,
    act: Act,
    *,
    moment: Moment,
    facts: dict[str, Any],
    given: dict[str, Any] | None,
    signing: Signing,
) -> Signed:
    """The words of an act; what follows from reading them out is added to its facts, and taken from them what only
    the server can know."""
    words, both = await figures.read_out(session, actor, row, act, moment=moment)
    if both is not None:
        facts["both_sides"] = both.value
    added = dict(given or {})
    if act in _NUMBERED:
        added["number"] = facts.pop("number")
    return Signed(signing=signing, words=words, given=added)


def event_id_of(signing: Signing | None) -> UUID:
    """The name of the event: as it stood in the statement that was prepared, or a fresh one."""
    return (signing.event_id if signing is not None else None) or new_id()


def brought_about(event_id: UUID, own_id: UUID) -> Signing:
    """The step of an event that nobody signs apart, because it follows from one that somebody signed."""

    async def seal(_statement: Statement) -> dict[str, object]:
        return {"kind": EvidenceKind.FOLLOWS.value, "event": str(event_id)}

    return Signing(seal=seal, event_id=own_id)


def refuse_unsigned() -> NoReturn:
    """Raise RuleBroken: a signing act came without a signer's factor."""
    message = "This is signed with your own factor: a passkey, a code, or your password."
    step = "Give it once more; being signed in is not enough for a signature."
    refuse_one("factor", "factor_missing", message, article="CROMERR 40 CFR 3.2000(b)(5)", next_step=step)


async def sign_correction(
    session: WriteSession,
    actor: Actor,
    act: CorrectionAct,
    row: ManifestRow,
    container: str,
    *,
    facts: dict[str, Any],
    moment: Moment,
    signing: Signing | None,
    container_id: UUID,
    entry: Entry | None = None,
    event_id: UUID | None = None,
) -> Appended:
    """Append the event of a request or an answer with its evidence, and post its entry. Raises RuleBroken."""
    if signing is None:
        refuse_unsigned()
    told = await figures.read_out_correction(
        session,
        actor,
        act,
        number=row.number,
        container=container,
        old_g=facts["old_measured_g"],
        new_g=facts["measured_g"],
        moment=moment,
    )
    return await _record_correction(
        session,
        actor,
        act,
        row,
        told,
        subjects=(row.id, container_id),
        facts=facts,
        moment=moment,
        signing=signing,
        entry=entry,
        event_id=event_id,
    )


async def record_correction(
    session: WriteSession,
    actor: Actor,
    act: CorrectionAct,
    row: ManifestRow,
    *,
    field: CorrectionField,
    leg: int,
    old: str,
    new: str,
    facts: dict[str, Any],
    moment: Moment,
    signing: Signing | None,
    event_id: UUID | None = None,
) -> Appended:
    """The same for another field than a mass: old and new are words. Raises RuleBroken."""
    if signing is None:
        refuse_unsigned()
    told = await figures.read_out_field(
        session, actor, act, number=row.number, field=field, leg=leg, old=old, new=new, moment=moment
    )
    return await _record_correction(
        session,
        actor,
        act,
        row,
        told,
        subjects=(row.id,),
        facts=facts,
        moment=moment,
        signing=signing,
        entry=None,
        event_id=event_id,
    )


async def _record_correction(
    session: WriteSession,
    actor: Actor,
    act: CorrectionAct,
    row: ManifestRow,
    told: Words,
    *,
    subjects: tuple[UUID, ...],
    facts: dict[str, Any],
    moment: Moment,
    signing: Signing,
    entry: Entry | None,
    event_id: UUID | None,
) -> Appended:
    identity = event_id or event_id_of(signing)
    leaf = await record(
        session,
        actor,
        CORRECTION_EVENT[act],
        subjects=subjects,
        moment=moment,
        facts=facts,
        entry=entry,
        event_id=identity,
        signed=Signed(signing=signing, words=told),
    )
    await notices.keep(
        session,
        actor,
        identity,
        kind=CORRECTION_EVENT[act],
        manifest_id=row.id,
        words=told,
        at=moment.recorded_at,
    )
    return leaf
