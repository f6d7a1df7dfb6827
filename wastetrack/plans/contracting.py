"""Enter a contract, let the other side confirm it, end it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from wastetrack.auth import sight
from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb, demand, demand_office
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.recording import Moment, Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.parties.verifying import demand_verified
from wastetrack.plans import contract_queries as queries
from wastetrack.plans.contract_queries import Contract
from wastetrack.plans.contract_rules import why_not_contract
from wastetrack.plans.model import ConfirmContract, ContractState, DraftContract, EndContract
from wastetrack.plans.tables import ContractItemRow, ContractRow

if TYPE_CHECKING:
    from uuid import UUID


async def draft_contract(session: WriteSession, actor: Actor, command: DraftContract, *, at: datetime) -> Contract:
    """Enter a contract as one of its sides; the other sees it and may confirm it. Conflict for a number that is taken.

    Raises NotFound, Forbidden, RuleBroken.
    """
    demand(actor, Verb.FILE)
    _demand_side(actor, command.shipper_id, command.receiver_id)
    for side in (command.shipper_id, command.receiver_id):
        await parties.organisation(session, side)
    refuse(why_not_contract(command, await catalogues.snapshot(session), on=legal_day(at)))
    row = ContractRow(
        id=new_id(),
        number=command.number.strip(),
        shipper_id=command.shipper_id,
        receiver_id=command.receiver_id,
        entered_by=actor.organisation_id,
        signed_on=command.signed_on,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        price=command.price.strip(),
        clauses_acknowledged=command.clauses_acknowledged,
        state=ContractState.DRAFT.value,
        created_at=at,
    )
    # Whoever may not see a contract cannot be told that its number is taken; between the two sides both see it.
    statement = insert(ContractRow).values(row.model_dump()).on_conflict_do_nothing()
    inserted: sa.Result[UUID] = await session.execute(statement.returning(sa.column("id", sa.Uuid)))
    if inserted.scalar_one_or_none() is None:
        message = "The two have a contract {number} already."
        raise Conflict("contract_number_taken", message, number=row.number)
    viewers = (viewer_of_organisation(row.shipper_id), viewer_of_organisation(row.receiver_id))
    await sight.show(session, queries.KIND, row.id, viewers)
    items = [
        ContractItemRow(
            id=new_id(),
            contract_id=row.id,
            position=position,
            waste_code=item.waste_code,
            method=item.method,
            quantity_g=item.quantity.grams,
            booked_g=0,
        )
        for position, item in enumerate(command.items)
    ]
    session.add_all(items)
    await session.flush()
    return Contract(row, tuple(items))


async def confirm_contract(
    session: WriteSession, actor: Actor, command: ConfirmContract, *, at: datetime
) -> tuple[ContractRow, Recorded]:
    """The other side agrees; from now on manifests count against it, and the authorities of both places see it.

    Raises NotFound, Forbidden for whoever entered it, Conflict once it is confirmed or ended.
    """
    row = await queries.locked(session, actor, command.contract_id)
    demand(actor, Verb.SIGN)
    _demand_side(actor, row.shipper_id, row.receiver_id)
    if actor.organisation_id == row.entered_by:
        raise Forbidden("own_contract", "Your own organisation entered this contract; the other side confirms it.")
    _demand_state(row, ContractState.DRAFT)
    await demand_verified(session, actor.organisation_id)
    row.state, row.confirmed_at = ContractState.CONFIRMED.value, at
    await session.flush()
    firms = await parties.organisations_by_id(session, (row.shipper_id, row.receiver_id))
    viewers = {viewer for firm in firms.values() for viewer in viewers_of_region(firm.region_code)}
    await sight.show(session, queries.KIND, row.id, viewers)
    items = (await queries.items(session, (row.id,))).get(row.id, ())
    lines = [{"waste_code": one.waste_code, "method": one.method, "g": one.quantity_g} for one in items]
    return row, await _record(session, actor, "contract_confirmed", row, {"items": lines}, at=at)


async def end_contract(
    session: WriteSession, actor: Actor, command: EndContract, *, at: datetime
) -> tuple[ContractRow, Recorded]:
    """One side ends a contract, or withdraws or declines its draft, with the reason. What was filed under it stays.

    Raises NotFound, Forbidden, Conflict when it is ended already, RuleBroken without a reason.
    """
    row = await queries.locked(session, actor, command.contract_id)
    demand(actor, Verb.SIGN)
    _demand_side(actor, row.shipper_id, row.receiver_id)
    if not command.reason.strip():
        refuse_one("reason", "reason_missing", "Say why; the other side will read it.")
    _demand_state(row, ContractState.DRAFT, ContractState.CONFIRMED)
    row.state, row.ended_at, row.end_reason = ContractState.ENDED.value, at, command.reason.strip()
    await session.flush()
    return row, await _record(session, actor, "contract_ended", row, {"reason": row.end_reason}, at=at)


async def _record(
    session: WriteSession, actor: Actor, kind: str, row: ContractRow, facts: dict[str, Any], *, at: datetime
) -> Recorded:
    told = {
        "contract": str(row.id),
        "number": row.number,
        "shipper": str(row.shipper_id),
        "receiver": str(row.receiver_id),
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat(),
        **facts,
    }
    moment = Moment(happened_at=at, recorded_at=at)
    return await record(session, actor, kind, subjects=(row.id,), moment=moment, facts=told)


def demand_to_attach(actor: Actor, row: ContractRow) -> None:
    """Raise Forbidden unless the actor prepares the papers of a side; a scan is put beside a contract by its office."""
    _demand_side(actor, row.shipper_id, row.receiver_id)
    demand_office(actor)


def _demand_side(actor: Actor, *sides: object) -> None:
    if actor.organisation_id not in sides:
        raise Forbidden("other_organisation", "Only the two sides of a contract enter, confirm or end it.")


def _demand_state(row: ContractRow, *states: ContractState) -> None:
    if ContractState(row.state) not in states:
        message = "This contract is {state}; that cannot be done any more."
        raise Conflict("contract_state", message, state=ContractState(row.state))
