"""Claims of organisations: made by whoever signs in, decided by the region's authority or the platform's operator."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.auth import owning
from wastetrack.auth.model import Actor, Role, Scope
from wastetrack.auth.policy import demand_scope
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import Conflict, Forbidden, NotFound, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.parties.claims import Claim, ClaimDocument, ClaimOrganisation, ClaimState, why_not_reason
from wastetrack.parties.membership import registered, why_not_credit_code
from wastetrack.parties.model import OrganisationKind
from wastetrack.parties.tables import ClaimDocumentRow, ClaimRow, OrganisationRow

_OFFICES = frozenset({OrganisationKind.REGULATOR, OrganisationKind.OPERATOR})
_MANY = Window(limit=200)
_OPEN_FIRST = "c.state <> 'pending', c.created_at desc, c.id"
ORDERS: Final[Mapping[str, str]] = {
    "organisation": "o.name",
    "claimant": "p.name",
    "state": "c.state",
    "since": "c.created_at",
}
_SELECT = """
select c.*, o.name as organisation_name, o.credit_code, o.region_code, p.name as claimant_name,
  d.name as decided_by_name, f.name as decided_for_name,
  (select coalesce(json_agg(json_build_object('name', x.name, 'sha256', encode(x.sha256, 'hex'), 'size', x.size_bytes)
     order by x.position), '[]') from claim_documents x where x.claim_id = c.id) as documents
from organisation_claims c join organisations o on o.id = c.organisation_id join people p on p.id = c.claimant_id
  left join people d on d.id = c.decided_by left join organisations f on f.id = c.decided_for
where (c.claimant_id = :person or (cast(:region as text) is not null and o.region_code like :region || '%'))
"""


async def claim(session: WriteSession, actor: Actor, command: ClaimOrganisation, *, at: datetime) -> UUID:
    """Register a claim; returns its id. Conflict when the claimant's last one for the organisation is still open."""
    demand_scope(actor, Scope.ADMINISTER)  # a narrowed token, or a system, does not make itself an owner
    refuse((*why_not_credit_code(command.credit_code), *command.broken()))
    organisation = await registered(session, command.credit_code)
    if organisation.kinds & _OFFICES:
        refuse_one(
            "credit_code",
            "claim_of_office",
            "{value} is an authority or runs the platform; its people are invited, it is not claimed.",
            value=organisation.name,
            next_step="Ask the operator of the platform for an invitation.",
        )
    if await owning.is_owner(session, actor.person_id, organisation.id):
        refuse_one(
            "credit_code",
            "claim_of_own",
            "You are an owner of {value} already.",
            value=organisation.name,
            next_step="Change to that organisation in your account.",
        )
    values = {
        "id": new_id(),
        "organisation_id": organisation.id,
        "claimant_id": actor.person_id,
        "contact_name": command.contact_name.strip(),
        "contact_phone": command.contact_phone.strip(),
        "grounds": command.grounds.strip(),
        "state": ClaimState.PENDING.value,
        "created_at": at,
    }
    statement = insert(ClaimRow).values(values).on_conflict_do_nothing().returning(sa.column("id", sa.Uuid))
    made: UUID | None = (await session.execute(statement)).scalar_one_or_none()
    if made is None:
        raise Conflict(
            "claim_pending_already",
            "Your claim of {name} is waiting already. Withdraw it first to make another.",
            name=organisation.name,
        )
    session.add_all(
        ClaimDocumentRow(
            claim_id=made, position=position, name=one.name.strip(), sha256=one.sha256, size_bytes=one.size_bytes
        )
        for position, one in enumerate(command.documents)
    )
    await session.flush()
    return made


async def decide(
    session: WriteSession, actor: Actor, claim_id: UUID, *, confirm: bool, reason: str, at: datetime
) -> None:
    """Confirm or refuse a claim. Confirmed, the claimant is an owner and the organisation verified."""
    found = await one_claim(session, actor, claim_id)
    if found.claimant_id == actor.person_id:
        raise Forbidden("claim_of_oneself", "Nobody decides the own claim. Another official or operator must.")
    if not may_decide(actor, found):
        raise Forbidden(
            "may_not_decide_claim", "The authority of the region or the platform's operator decides a claim."
        )
    demand_scope(actor, Scope.ADMINISTER)  # it makes an owner
    refuse(why_not_reason(reason, needed=not confirm))
    row = await session.get_one(ClaimRow, claim_id, with_for_update=True)
    _demand_pending(row)
    row.state = (ClaimState.CONFIRMED if confirm else ClaimState.REFUSED).value
    row.decided_at, row.decided_by, row.decided_for = at, actor.person_id, actor.organisation_id
    row.reason = " ".join(reason.split())
    await session.flush()
    if confirm:
        verified = sa.func.coalesce(col(OrganisationRow.verified_at), at)
        await session.execute(
            sa.update(OrganisationRow)
            .where(col(OrganisationRow.id) == row.organisation_id)
            .values(verified_at=verified)
        )
        await owning.make_owner(session, row.claimant_id, row.organisation_id, at=at)


async def withdraw(session: WriteSession, actor: Actor, claim_id: UUID, *, at: datetime) -> None:
    """The claimant takes the own claim back."""
    found = await one_claim(session, actor, claim_id)
    if found.claimant_id != actor.person_id:
        raise Forbidden("may_not_withdraw_claim", "Only the claimant withdraws a claim.")
    demand_scope(actor, Scope.ADMINISTER)
    row = await session.get_one(ClaimRow, claim_id, with_for_update=True)
    _demand_pending(row)
    row.state, row.decided_at = ClaimState.WITHDRAWN.value, at
    await session.flush()


async def one_claim(session: ReadSession, actor: Actor, claim_id: UUID) -> Claim:
    """A claim that the actor made or may decide. NotFound for any other."""
    found = await _read(session, actor, " and c.id = :claim", claim=claim_id)
    if not found:
        raise NotFound("claim_unknown", "There is no such claim.")
    return found[0]


async def claims_for(
    session: ReadSession, actor: Actor, window: Window = _MANY, *, state: ClaimState | None = None
) -> tuple[Claim, ...]:
    """One's own claims and those one may decide, in an order of ORDERS or the open ones first, then the latest."""
    rest = " and (cast(:state as text) is null or c.state = :state) " + window.clause(ORDERS, _OPEN_FIRST)
    return await _read(session, actor, rest, state=None if state is None else state.value)


def may_decide(actor: Actor, found: Claim) -> bool:
    """An approver of the region or the operator, but never the claimant."""
    if found.claimant_id == actor.person_id or actor.delegate_of is not None:
        return False
    region = _region(actor)
    return region is not None and found.region_code.startswith(region)


def _region(actor: Actor) -> str | None:
    """The beginning of the codes of all regions in which the actor decides; None for whoever decides nowhere."""
    if actor.role is Role.OPERATOR:
        return ""
    return actor.viewer.removeprefix("r:") if actor.role is Role.APPROVER else None


def _demand_pending(row: ClaimRow) -> None:
    if row.state != ClaimState.PENDING.value:
        raise Conflict("claim_decided", "This claim is not open any more: {state}.", state=ClaimState(row.state))


async def _read(session: ReadSession, actor: Actor, rest: str, **more: object) -> tuple[Claim, ...]:
    values = {"person": actor.person_id, "region": _region(actor), **more}
    rows = await session.execute(sa.text(_SELECT + rest), values)
    return tuple(_claim(row) for row in rows.mappings())


def _claim(row: Any) -> Claim:  # noqa: ANN401  a record
    kept = {name: row[name] for name in Claim.__dataclass_fields__ if name not in {"state", "documents"}}
    papers = tuple(ClaimDocument(one["name"], bytes.fromhex(one["sha256"]), one["size"]) for one in row["documents"])
    return Claim(**kept, state=ClaimState(row["state"]), documents=papers)
