"""On what a transfer rests: permit, exemption, approval with a cap, or that it is general waste; and, where it leaves
the province, the approval for that. Which checks each ground asks for stands in containers/bases.py."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from wastetrack.approvals import consuming
from wastetrack.approvals.consuming import Move, Taking
from wastetrack.approvals.model import ApprovalKind
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.model import Exemption
from wastetrack.containers.bases import CHECKS, Checks, TransferBasis
from wastetrack.containers.custody import Standpoint
from wastetrack.containers.permission import why_not_permitted
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken
from wastetrack.manifests import booking, checking, exempting, held_quantities
from wastetrack.manifests.booking import Booking
from wastetrack.manifests.checking import Transfer
from wastetrack.manifests.exempting import NOTHING_FREED, Freed, Link
from wastetrack.manifests.exemption_tables import ManifestExemptionRow
from wastetrack.manifests.held_quantities import Claim, Claimed
from wastetrack.manifests.tables import ManifestRow
from wastetrack.plans import checking as plans

_KIND_OF = {
    TransferBasis.POINT_TO_POINT: ApprovalKind.POINT_TO_POINT,
    TransferBasis.GROUP_INTERNAL: ApprovalKind.GROUP_INTERNAL,
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a filing takes: lines of permits, of approvals, what was set aside for its shipper; and which links are
    free."""

    bookings: list[Booking] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    freed: Freed = NOTHING_FREED
    claimed: list[Claimed] = field(default_factory=list)


async def examine(
    session: WriteSession, row: ManifestRow, transfer: Transfer, *, at: datetime
) -> tuple[Ground, list[Broken]]:
    """Everything that the law asks of waste, receiver and carrier at the filing; what is taken is locked, permit lines
    first."""
    basis = TransferBasis(row.basis)
    checks, lists = CHECKS[basis], await catalogues.snapshot(session)
    broken = [
        *_check_codes(lists, checks, transfer),
        *lists.why_not_treatment(transfer.method, transfer.on),
        *_check_general(basis, row),
    ]
    freed = NOTHING_FREED
    if checks.exemption:
        freed, wrong = _freed(lists, await named(session, row.id), transfer)
        broken += wrong
    broken += await checking.check_fleet(session, transfer, licensed=_licensed(checks, freed, transfer))
    booked = booking.Quantities([], [], [])
    if checks.permit:
        booked = await booking.quantities(session, _not_free(transfer, freed), at=at, shipper_id=row.shipper_id)
        broken += booked.broken
    takings: list[Taking] = []
    for move, kinds, missing in _asked_of_approvals(row, transfer, basis):
        taken, refused = await consuming.examine(session, move, kinds, none=missing)
        takings, broken = [*takings, *taken], [*broken, *refused]
    claimed = booked.claimed + await _claim_without_permit(session, row, transfer, freed, at=at)
    return Ground(booked.bookings, takings, freed, claimed), broken


async def _claim_without_permit(
    session: WriteSession, row: ManifestRow, transfer: Transfer, freed: Freed, *, at: datetime
) -> list[Claimed]:
    """Of what the shipper has set aside with a receiver that needs no permit for this."""
    basis = TransferBasis(row.basis)
    if basis is TransferBasis.EXEMPT:
        still = _not_free(transfer, freed).grams_by_code
        grams = {code: mass for code, mass in transfer.grams_by_code.items() if code not in still}
    else:
        grams = dict(transfer.grams_by_code) if basis is TransferBasis.POINT_TO_POINT else {}
    if not grams:
        return []
    claim = Claim(row.shipper_id, at, locks=True)
    return await held_quantities.claim_without_permit(
        session,
        claim,
        transfer.receiver_site_id,
        transfer.method,
        basis,
        grams_by_code=grams,
        year=transfer.on.year,
    )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would be refused at the filing, by what it is about."""

    waste: list[Broken]
    permit: list[Broken]
    approval: list[Broken]
    transport: list[Broken]


async def foresee(
    session: ReadSession, row: ManifestRow, transfer: Transfer, positions: Collection[int], *, at: datetime
) -> Foreseen:
    """The same questions without a lock, for a manifest that is still being planned; `positions` are the entries of
    the exemption list that it would name. Nobody carries it yet where it has no legs."""
    basis = TransferBasis(row.basis)
    checks, lists = CHECKS[basis], await catalogues.snapshot(session)
    waste = [
        *_check_codes(lists, checks, transfer),
        *lists.why_not_treatment(transfer.method, transfer.on),
        *_check_general(basis, row),
    ]
    freed = NOTHING_FREED
    if checks.exemption:
        freed, wrong = _freed(lists, positions, transfer)
        waste += wrong
    transport = await checking.check_fleet(session, transfer, licensed=_licensed(checks, freed, transfer))
    permit: list[Broken] = []
    if checks.permit:
        held = _not_free(transfer, freed)
        permit = (await booking.foreseen(session, held, at=at, shipper_id=row.shipper_id)).broken
    approval: list[Broken] = []
    for move, kinds, missing in _asked_of_approvals(row, transfer, basis):
        _, refused = await consuming.foreseen(session, move, kinds, none=missing)
        approval += refused
    return Foreseen(waste, permit, approval, transport)


def _check_codes(lists: Catalogue, checks: Checks, transfer: Transfer) -> list[Broken]:
    broken: list[Broken] = []
    for code in sorted(transfer.grams_by_code):
        unlisted = lists.why_not_code(code, transfer.on)
        broken += unlisted
        if not unlisted and is_general(code) is checks.hazardous:
            message = (
                "{value} is general industrial solid waste, which does not move on this ground."
                if checks.hazardous
                else "{value} is hazardous waste, and does not move as general industrial solid waste."
            )
            step = "Put hazardous and general waste on manifests of their own, each on its own ground."
            broken.append(
                Broken("basis", "waste_of_other_sort", message, code, article="固废法 art. 37, 80", next_step=step)
            )
    return broken


def _freed(lists: Catalogue, positions: Collection[int], transfer: Transfer) -> tuple[Freed, list[Broken]]:
    listed = lists.exemptions_on(transfer.on)
    codes = [code for code in transfer.grams_by_code if not lists.why_not_waste(code, transfer.on)]
    broken = exempting.check_named(positions, listed, codes, transfer.method) if codes else []
    entries = [entry for entry in listed if entry.position in positions]
    return exempting.free(entries, codes), broken


def _licensed(checks: Checks, freed: Freed, transfer: Transfer) -> bool:
    return checks.licence and not freed.all_in(transfer.grams_by_code, Link.TRANSPORT)


def _not_free(transfer: Transfer, freed: Freed) -> Transfer:
    """The transfer without the codes that its receiver needs no permit for."""
    link = exempting.listed_link(transfer.method)
    held = {code: grams for code, grams in transfer.grams_by_code.items() if not freed.in_link(code, link)}
    return replace(transfer, grams_by_code=held)


def _check_general(basis: TransferBasis, row: ManifestRow) -> list[Broken]:
    choice = jurisdiction().general_waste_manifest
    if basis is not TransferBasis.GENERAL or choice.value != "off":
        return []
    message = "In this place general industrial solid waste does not move on manifests."
    step = "Book what leaves the site in the ledger, under the contract with whoever takes it."
    return [Broken("basis", "general_waste_without_manifest", message, row.basis, choice.article, step)]


def _asked_of_approvals(
    row: ManifestRow, transfer: Transfer, basis: TransferBasis
) -> list[tuple[Move, tuple[ApprovalKind, ...], Broken]]:
    """What is asked of approvals: by which kinds, and what is said where there is none at all."""
    move = Move(
        generator_id=row.shipper_id,
        shipper_site_id=row.shipper_site_id,
        receiver_site_id=row.receiver_site_id,
        method=transfer.method,
        on=transfer.on,
        grams_by_code=transfer.grams_by_code,
    )
    asked: list[tuple[Move, tuple[ApprovalKind, ...], Broken]] = []
    kinds = _across(row, transfer.method, basis)
    if kinds:
        asked.append((move, kinds, checking.cross_province_missing(row.origin_region, row.destination_region)))
    if CHECKS[basis].approval:
        missing = Broken(
            "basis",
            "approval_missing",
            "There is no approval of this kind ({basis}) from this site.",
            row.basis,
            article="名录 annex item 31",
            next_step="Apply for one first, or let the transfer rest on the receiver's permit.",
            facts={"basis": basis},
        )
        asked.append((move, (_KIND_OF[basis],), missing))
    return asked


def _across(row: ManifestRow, method: str, basis: TransferBasis) -> tuple[ApprovalKind, ...]:
    """Which approvals allow the waste to leave the province; none where it does not, or where none is needed."""
    if row.origin_region[:2] == row.destination_region[:2]:
        return ()
    across = (ApprovalKind.CROSS_PROVINCE,)
    if basis is not TransferBasis.GENERAL or exempting.link_of(method) is not Link.USE:
        return across
    choice = jurisdiction().general_waste_leaving_to_be_used.value
    return {"record": (*across, ApprovalKind.RECORD_OF_USE), "approval": across, "off": ()}[choice]


async def take(session: WriteSession, manifest_id: UUID, ground: Ground, *, at: datetime) -> None:
    """Book what a filing takes."""
    await booking.book(session, manifest_id, ground.bookings)
    await held_quantities.take(session, manifest_id, ground.claimed, at=at)
    await consuming.take(session, manifest_id, ground.takings)


async def open_with(session: WriteSession, manifest_id: UUID, ground: Ground) -> None:
    """Keep the lines that a manifest moves under for a period: permits are used record by record, approvals as
    planned until the period is summed up; what was set aside stays so."""
    lines = [booking.nothing_of(one) for one in ground.bookings]
    await booking.book(session, manifest_id, lines)
    await consuming.take(session, manifest_id, ground.takings)


async def settle(session: WriteSession, manifest_id: UUID, grams_by_code: dict[str, int]) -> None:
    """The period is summed up: plan, contract and approvals are used by what was taken in, as the permit is already."""
    await plans.restate(session, manifest_id, grams_by_code)
    await consuming.restate(session, manifest_id, grams_by_code)


async def restate(session: WriteSession, manifest_id: UUID, grams_by_code: dict[str, int]) -> None:
    """Let what was taken be what was taken in, of permits and of approvals."""
    await booking.restate(session, manifest_id, grams_by_code)
    await consuming.restate(session, manifest_id, grams_by_code)


async def move(session: WriteSession, manifest_id: UUID, ground: Ground, *, at: datetime) -> None:
    """The load goes to another receiver while it is under way: its permit and approvals are used from now on."""
    await booking.move(session, manifest_id, ground.bookings)
    await held_quantities.take(session, manifest_id, ground.claimed, at=at)
    await consuming.move(session, manifest_id, ground.takings)


async def give_back(session: WriteSession, manifest_id: UUID, *, at: datetime) -> None:
    """The manifest is cancelled or void."""
    await restate(session, manifest_id, {})
    await held_quantities.give_back(session, manifest_id, at=at)


async def why_not_today(session: WriteSession, row: ManifestRow, transfer: Transfer) -> list[Broken]:
    """The same questions on the day of the pick-up, quantities left aside: they are taken already."""
    checks, lists = CHECKS[TransferBasis(row.basis)], await catalogues.snapshot(session)
    broken = [*_check_codes(lists, checks, transfer), *lists.why_not_treatment(transfer.method, transfer.on)]
    freed = NOTHING_FREED
    if not broken and checks.exemption:
        freed, wrong = _freed(lists, await named(session, row.id), transfer)
        broken += wrong
    if not broken and checks.permit:  # a code that is not listed has no permit either
        broken += await why_not_permitted(
            session,
            transfer.receiver_id,
            transfer.receiver_site_id,
            _not_free(transfer, freed).grams_by_code,
            method=transfer.method,
            on=transfer.on,
        )
    broken += await checking.check_fleet(session, transfer, licensed=_licensed(checks, freed, transfer))
    return [*broken, *await consuming.why_not_on(session, row.id, transfer.on)]


async def is_licensed(session: ReadSession, row: ManifestRow, codes: Collection[str]) -> bool:
    """Whether who carries these wastes needs a licence for dangerous goods."""
    checks = CHECKS[TransferBasis(row.basis)]
    if not checks.exemption:
        return checks.licence
    return not exempting.free(await exemptions_of(session, row), codes).all_in(codes, Link.TRANSPORT)


async def why_not_taken_in(
    session: ReadSession,
    manifest_id: UUID,
    basis: TransferBasis,
    *,
    receiver: tuple[UUID, UUID],
    waste_code: str,
    method: str,
    on: date,
) -> list[Broken]:
    """Why the receiver (organisation and site) may not take a container of a code in at its gate."""
    checks = CHECKS[basis]
    if not checks.permit:
        return []
    if checks.exemption and await _is_free(session, manifest_id, waste_code, method, on):
        return []
    return await why_not_permitted(session, *receiver, (waste_code,), method=method, on=on)


async def standing_of(
    session: ReadSession, manifest_id: UUID, basis: TransferBasis, waste_code: str, *, method: str, on: date
) -> TransferBasis:
    """On what ground the receiver may treat what it takes in: an exemption counts where it frees the method's link."""
    if basis is TransferBasis.EXEMPT and not await _is_free(session, manifest_id, waste_code, method, on):
        return TransferBasis.PERMIT
    return basis


async def place_of(
    session: ReadSession, manifest_id: UUID, basis: TransferBasis, waste_code: str, *, method: str, place: Standpoint
) -> Standpoint:
    """Where a container comes to stand, with the ground on which its receiver may treat it."""
    on = legal_day(place.since)
    held = await standing_of(session, manifest_id, basis, waste_code, method=method, on=on)
    return replace(place, basis=held, method=None if held is TransferBasis.PERMIT else method)


async def _is_free(session: ReadSession, manifest_id: UUID, waste_code: str, method: str, on: date) -> bool:
    positions = await named(session, manifest_id)
    lists = await catalogues.snapshot(session)
    entries = [entry for entry in lists.exemptions_on(on) if entry.position in positions]
    return exempting.free(entries, (waste_code,)).in_link(waste_code, exempting.listed_link(method))


async def named(session: ReadSession, manifest_id: UUID) -> frozenset[int]:
    """The places in the exemption list of the entries that a manifest names."""
    statement = select(col(ManifestExemptionRow.position)).where(col(ManifestExemptionRow.manifest_id) == manifest_id)
    return frozenset((await session.scalars(statement)).all())


async def exemptions_of(session: ReadSession, row: ManifestRow) -> list[Exemption]:
    """The entries of the exemption list that a manifest names, as they read on its planned day."""
    positions = await named(session, row.id)
    lists = await catalogues.snapshot(session)
    return [entry for entry in lists.exemptions_on(row.planned_on) if entry.position in positions]


async def name(session: WriteSession, manifest_id: UUID, positions: tuple[int, ...]) -> None:
    """Write which entries a draft names, in place of those that it named before."""
    table = ManifestExemptionRow
    await session.execute(delete(table).where(col(table.manifest_id) == manifest_id))
    session.add_all(table(manifest_id=manifest_id, position=position) for position in sorted(set(positions)))
    await session.flush()
