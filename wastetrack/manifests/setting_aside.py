"""Set a quantity of a permit's line aside, give it up, decline it, let it lapse. Filing takes what is set aside
(held_quantities.py). With a receiver that needs no permit it stands on what the approval or the plan leaves
(grounding.py).

A receiver's terms are locked first, then the line of its permit, then reservations, by everybody: so the last tonnes
are set aside once, however many ask at the same moment.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col

from wastetrack.approvals import consuming
from wastetrack.approvals.consuming import Move
from wastetrack.approvals.model import ApprovalKind
from wastetrack.auth.model import Actor, Role, viewer_of_organisation
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import look_as, show, viewers_of_region
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.waste_codes import parse
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Happening, Moment, Recorded, record, record_many
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, refuse
from wastetrack.ids import new_id
from wastetrack.manifests import booking, reservation_queries
from wastetrack.manifests.booking import Booking
from wastetrack.manifests.checking import Transfer, cross_province_missing
from wastetrack.manifests.grounding import Asked, ground_of
from wastetrack.manifests.permitless import Permitless, why_not_aside
from wastetrack.manifests.reservation_queries import KIND
from wastetrack.manifests.reservation_tables import ReservationRow
from wastetrack.manifests.reservations import (
    EndReservation,
    ReservationState,
    ReserveQuantity,
    Terms,
    hold_ends,
    why_not_asked,
    why_not_day,
    why_not_more,
    why_not_open,
    why_not_reason,
    why_not_within,
)
from wastetrack.mass import ZERO
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.plans import contract_queries

NOBODY: Final = UUID(int=0)
"""Time passes without anybody's doing."""
MOST_TOLD: Final = 500
"""Lapses that one run tells of."""
_HOLD = "update permit_uses set held_g = held_g + $3 where permit_item_id = $1 and year = $2"


async def reserve(
    session: WriteSession, actor: Actor, command: ReserveQuantity, *, at: datetime
) -> tuple[ReservationRow, Recorded]:
    """Set so much aside for a generator until its manifest is filed or the hold lapses.

    Raises NotFound, Forbidden, RuleBroken with every rule that speaks against it.
    """
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.FILE, site.organisation_id)
    receiver = await parties.site(session, command.receiver_site_id)
    terms = (await reservation_queries.terms_of(session, (receiver.id,), locked=True)).get(receiver.id)
    broken = why_not_asked(command, today=legal_day(at), days_ahead=jurisdiction().planning_days.value)
    refuse([*broken, *await _why_not_waste(session, command)])
    transfer = _transfer(command, receiver)
    booked = await booking.quantities(session, transfer, at=at)
    broken = [
        *why_not_open(terms),
        *why_not_more(await _open_of(session, site, at), jurisdiction().open_reservations.value),
        *await _why_not_terms(session, actor, command, receiver, terms),
        *await _why_not_across(session, site, receiver, transfer),
        *await _why_not_day(session, command, at),
    ]
    without: Permitless | None = None
    if booked.broken:
        holds_permit = all(one.code != "permit_missing" for one in booked.broken)
        without, reasons = await _without_permit(session, site, receiver, command, holds_permit=holds_permit, at=at)
        broken += [*booked.broken, *reasons] if without is None else reasons
    refuse(broken)
    assert terms is not None  # noqa: S101  refused above
    ground = booked.bookings[0] if without is None else without
    row = _row(actor, command, site=site, receiver=receiver, terms=terms, ground=ground, at=at)
    session.add(row)
    await session.flush()
    await (await session.driver()).execute(_HOLD, row.permit_item_id, row.year, row.net_g)
    viewers = {viewer_of_organisation(row.organisation_id), viewer_of_organisation(row.receiver_id)}
    viewers |= {*viewers_of_region(site.region_code), *viewers_of_region(receiver.region_code)}
    await show(session, KIND, row.id, viewers)
    facts = {
        "method": row.method,
        "planned_on": row.planned_on.isoformat(),
        "until": row.until.isoformat(),
        "fen_per_t": row.fen_per_t,
    }
    return row, await _record(session, actor, "quantity_reserved", row, facts, at=at)


def _row(
    actor: Actor,
    command: ReserveQuantity,
    *,
    site: Site,
    receiver: Site,
    terms: Terms,
    ground: Booking | Permitless,
    at: datetime,
) -> ReservationRow:
    code = parse(command.waste_code)
    return ReservationRow(
        id=new_id(),
        organisation_id=site.organisation_id,
        site_id=site.id,
        region_code=site.region_code,
        receiver_id=receiver.organisation_id,
        receiver_site_id=receiver.id,
        basis=(TransferBasis.PERMIT if isinstance(ground, Booking) else ground.basis).value,
        permit_item_id=ground.permit_item_id if isinstance(ground, Booking) else None,
        year=command.planned_on.year,
        waste_code=str(code),
        method=command.method,
        net_g=command.mass.grams,
        fen_per_t=terms.price_of(code, command.method),
        state=ReservationState.HELD.value,
        planned_on=command.planned_on,
        until=hold_ends(command.planned_on, terms.hold_days, at),
        remarks=command.remarks.strip(),
        reserved_by=actor.person_id,
        reserved_at=at,
    )


async def _without_permit(
    session: WriteSession, site: Site, receiver: Site, command: ReserveQuantity, *, holds_permit: bool, at: datetime
) -> tuple[Permitless | None, list[Broken]]:
    """The ground on which the receiver takes it without a permit, and what speaks against so much on it."""
    asked = Asked(
        site=site,
        receiver=receiver,
        code=str(parse(command.waste_code)),
        method=command.method,
        mass=command.mass,
        on=command.planned_on,
        holds_permit=holds_permit,
    )
    found, reasons = await ground_of(session, asked, at=at)
    if found is None:
        return None, reasons
    return found, [*found.broken, *why_not_aside(found, command.mass)]


async def _why_not_waste(session: ReadSession, command: ReserveQuantity) -> list[Broken]:
    """Whether there is such a waste, and such a method, on that day."""
    lists = await catalogues.snapshot(session)
    broken = [
        *lists.why_not_code(command.waste_code, command.planned_on),
        *lists.why_not_treatment(command.method, command.planned_on),
    ]
    if not broken and is_general(command.waste_code):
        message = "{value} is general industrial solid waste, for which permits have no quantities."
        broken.append(Broken("waste_code", "waste_of_other_sort", message, command.waste_code))
    return broken


def _transfer(command: ReserveQuantity, receiver: Site) -> Transfer:
    return Transfer(
        receiver_id=receiver.organisation_id,
        receiver_site_id=receiver.id,
        method=command.method,
        on=command.planned_on,
        grams_by_code={str(parse(command.waste_code)): command.mass.grams},
        load=ZERO,
        legs=[],
    )


async def _why_not_terms(
    session: ReadSession, actor: Actor, command: ReserveQuantity, receiver: Site, terms: Terms | None
) -> list[Broken]:
    partners: frozenset[UUID] = frozenset()
    if terms is not None and terms.contract_only:
        code = str(parse(command.waste_code))
        partners = await contract_queries.receivers_in_force(session, actor, code, command.planned_on)
    return why_not_within(terms, command.mass, has_contract=receiver.organisation_id in partners)


async def _why_not_across(session: ReadSession, site: Site, receiver: Site, transfer: Transfer) -> list[Broken]:
    """Waste leaves its province by an approval alone, and so does a hold for it."""
    if site.region_code[:2] == receiver.region_code[:2]:
        return []
    move = Move(
        generator_id=site.organisation_id,
        shipper_site_id=site.id,
        receiver_site_id=receiver.id,
        method=transfer.method,
        on=transfer.on,
        grams_by_code=transfer.grams_by_code,
    )
    missing = cross_province_missing(site.region_code, receiver.region_code)
    _, broken = await consuming.foreseen(session, move, (ApprovalKind.CROSS_PROVINCE,), none=missing)
    return broken


async def _open_of(session: ReadSession, site: Site, at: datetime) -> int:
    """How many the firm of a site holds."""
    of = ReservationRow
    held = (col(of.state) == ReservationState.HELD.value, col(of.until) > at)
    wanted = select(func.count()).select_from(of).where(col(of.organisation_id) == site.organisation_id, *held)
    return int(await session.scalar(wanted) or 0)


async def _why_not_day(session: ReadSession, command: ReserveQuantity, at: datetime) -> list[Broken]:
    site_id, day = command.receiver_site_id, command.planned_on
    said = (await reservation_queries.days_of(session, (site_id,), day, day, at=at)).get(site_id, {}).get(day)
    if said is None or said.free is None:
        return []
    return why_not_day(day, said.free, said.taken, command.mass)


async def give_up(
    session: WriteSession, actor: Actor, command: EndReservation, *, at: datetime
) -> tuple[ReservationRow, Recorded]:
    """The generator needs it no more. Raises NotFound, Forbidden, Conflict once it is over, RuleBroken."""
    row = await reservation_queries.locked(session, actor, command.reservation_id)
    demand_own(actor, Verb.FILE, row.organisation_id)
    return row, await _end(session, actor, row, ReservationState.GIVEN_UP, command.reason, at=at)


async def decline(
    session: WriteSession, actor: Actor, command: EndReservation, *, at: datetime
) -> tuple[ReservationRow, Recorded]:
    """The receiver does not keep it any longer. Raises NotFound, Forbidden, Conflict once it is over, RuleBroken."""
    row = await reservation_queries.locked(session, actor, command.reservation_id)
    if actor.organisation_id != row.receiver_id:
        raise Forbidden("other_organisation", "Only the receiver declines what is reserved with it.")
    demand_own(actor, Verb.FILE, row.receiver_id)
    return row, await _end(session, actor, row, ReservationState.DECLINED, command.reason, at=at)


async def _end(
    session: WriteSession, actor: Actor, row: ReservationRow, state: ReservationState, reason: str, *, at: datetime
) -> Recorded:
    if row.state != ReservationState.HELD.value or row.until <= at:
        over = ReservationState(row.state) if row.state != ReservationState.HELD.value else ReservationState.LAPSED
        raise Conflict("reservation_over", "This reservation is {state}; that cannot be done any more.", state=over)
    refuse(why_not_reason(reason))
    row.state, row.ended_at, row.end_reason = state.value, at, reason.strip()
    await session.flush()
    await (await session.driver()).execute(_HOLD, row.permit_item_id, row.year, -row.left_g)
    facts = {"left_g": row.left_g, "reason": row.end_reason}
    return await _record(session, actor, f"reservation_{state.value}", row, facts, at=at)


async def let_lapse(session: WriteSession, *, at: datetime) -> None:
    """Let go of all that is over: what nobody used is everybody's again."""
    await (await session.driver()).fetch("select from reservations_lapse($1, null, null)", at)


async def untold(session: ReadSession) -> dict[UUID, list[UUID]]:
    """Of whose reservations the log does not know yet that they lapsed."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await (await session.driver()).fetch("select * from reservations_untold($1)", MOST_TOLD):
        found[row["organisation_id"]].append(row["id"])
    return found


async def tell_lapses(session: WriteSession, organisation_id: UUID, ids: list[UUID], *, at: datetime) -> int:
    """State in the log that these of a firm lapsed, with its eyes and in nobody's name; how many there were."""
    actor = Actor(NOBODY, "", organisation_id, NOBODY, Role.VIEWER, viewer_of_organisation(organisation_id))
    await look_as(session, actor)
    wanted = (
        select(ReservationRow)
        .where(
            col(ReservationRow.id).in_(ids),
            col(ReservationRow.state) == ReservationState.LAPSED.value,
            col(ReservationRow.told_at).is_(None),
        )
        .order_by(col(ReservationRow.id))
        .with_for_update(skip_locked=True)
    )
    rows = list((await session.scalars(wanted)).all())
    happenings = [Happening(subjects=(row.id,), facts={**_told(row), **_rest(row)}) for row in rows]
    if rows:
        moment = Moment(happened_at=max(row.until for row in rows), recorded_at=at)
        await record_many(session, actor, "reservation_lapsed", happenings, moment=moment)
        of = ReservationRow
        await session.execute(update(of).where(col(of.id).in_([row.id for row in rows])).values(told_at=at))
    return len(rows)


def _rest(row: ReservationRow) -> dict[str, Any]:
    return {"left_g": row.left_g, "until": row.until.isoformat()}


def _told(row: ReservationRow) -> dict[str, Any]:
    return {
        "reservation": str(row.id),
        "shipper": str(row.organisation_id),
        "receiver_site": str(row.receiver_site_id),
        "basis": row.basis,
        "permit_item": None if row.permit_item_id is None else str(row.permit_item_id),
        "year": row.year,
        "waste_code": row.waste_code,
        "net_g": row.net_g,
    }


async def _record(
    session: WriteSession, actor: Actor, kind: str, row: ReservationRow, facts: dict[str, Any], *, at: datetime
) -> Recorded:
    moment = Moment(happened_at=at, recorded_at=at)
    # The reservation itself bears the name of the event that began it.
    event_id = row.id if kind == "quantity_reserved" else None
    return await record(
        session, actor, kind, subjects=(row.id,), moment=moment, facts={**_told(row), **facts}, event_id=event_id
    )
