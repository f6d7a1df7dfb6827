"""Draft, amend, file, cancel, void: the shipper's part before anything moves."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.model import ListName
from wastetrack.containers import custody
from wastetrack.containers import queries as containers
from wastetrack.containers.custody import Load
from wastetrack.containers.model import ContainerState, check_chosen
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Malformed, refuse, refuse_one
from wastetrack.manifests import checking, grounds, queries, states
from wastetrack.manifests.drafting import begin_draft
from wastetrack.manifests.held_quantities import facts_of_claimed
from wastetrack.manifests.model import Act, DraftManifest, LegPlan, ManifestKind, ManifestState, SignAct
from wastetrack.manifests.numbers import ManifestNumber
from wastetrack.manifests.plan_checking import check_plan, facts_of
from wastetrack.manifests.signing import check_version, keep, sign
from wastetrack.manifests.tables import LegRow, LineRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.plans import checking as plans
from wastetrack.transparency.appending import Appended

_MOST_CONTAINERS = 500


async def draft_manifest(session: WriteSession, actor: Actor, command: DraftManifest, *, at: datetime) -> ManifestRow:
    """Prepare a manifest; only its owner sees it. Raises NotFound, Forbidden, RuleBroken (what can never be filed)."""
    shipper = await parties.site(session, command.shipper_site_id)
    demand_own(actor, Verb.FILE, shipper.organisation_id)
    receiver = await parties.site(session, command.receiver_site_id)
    loads = await containers.several(session, actor, command.container_ids)
    broken, vehicle_ids = await find_vehicles(session, command.legs)
    refuse([*_check_draft(command), *broken])
    row = await begin_draft(
        session,
        shipper,
        receiver,
        kind=ManifestKind.ROAD,
        basis=command.basis,
        method=command.method,
        planned_on=command.planned_on,
        remarks=command.remarks,
        plan_reason=command.plan_reason,
        at=at,
    )
    await _write_parts(session, row.id, command.legs, vehicle_ids, loads)
    if command.exemptions:
        await grounds.name(session, row.id, command.exemptions)
    return row


async def why_not_draft(session: WriteSession, command: DraftManifest) -> list[Broken]:
    """What a draft can never be filed with, asked beforehand."""
    broken, _ = await find_vehicles(session, command.legs)
    return [*_check_draft(command), *broken]


def _check_draft(command: DraftManifest) -> list[Broken]:
    broken = list(check_chosen(command.container_ids))
    if not command.legs:
        message = "Name at least one carrier with its vehicle."
        broken.append(Broken("legs", "leg_missing", message, article="令23 art. 11"))
    if len(command.container_ids) > _MOST_CONTAINERS:
        message = "{value} containers are more than one vehicle's load ({limit})."
        facts: dict[str, object] = {"limit": _MOST_CONTAINERS}
        broken.append(Broken("container_ids", "containers_too_many", message, len(command.container_ids), facts=facts))
    if command.receiver_site_id == command.shipper_site_id:
        message = "The waste would go to the site where it stands."
        step = "Choose the receiver's site."
        broken.append(Broken("receiver_site_id", "receiver_is_shipper", message, next_step=step))
    return broken


async def find_vehicles(session: ReadSession, legs: tuple[LegPlan, ...]) -> tuple[list[Broken], list[UUID]]:
    """The vehicles of planned legs by carrier and plate, and what is wrong with those that are not found."""
    broken: list[Broken] = []
    found: list[UUID] = []
    for position, leg in enumerate(legs):
        field = f"legs.{position}.plate"
        try:
            vehicle = await parties.vehicle_of_carrier(session, leg.carrier_id, leg.plate)
        except Malformed as unreadable:
            broken.append(Broken(field, unreadable.code, unreadable.message, leg.plate, facts=unreadable.facts))
            continue
        if vehicle is None:
            message = "This carrier has no vehicle {value}."
            step = "Check the plate, or ask the carrier to register the vehicle."
            broken.append(Broken(field, "vehicle_unknown", message, leg.plate, article="令23 art. 11", next_step=step))
        else:
            if leg.driver_id is not None:
                await parties.carriage_for_use(session, vehicle.id, leg.driver_id)
            found.append(vehicle.id)
    return broken, found


async def _write_parts(
    session: WriteSession,
    manifest_id: UUID,
    legs: tuple[LegPlan, ...],
    vehicle_ids: list[UUID],
    loads: list[Container],
) -> None:
    session.add_all(
        LegRow(
            manifest_id=manifest_id,
            position=position,
            carrier_id=leg.carrier_id,
            vehicle_id=vehicle_id,
            driver_id=leg.driver_id,
            start=leg.start,
            end=leg.end,
            handover_place=leg.handover_place.strip() if position > 1 else "",
            handover_at=leg.handover_at if position > 1 else None,
        )
        for position, (leg, vehicle_id) in enumerate(zip(legs, vehicle_ids, strict=True), 1)
    )
    session.add_all(
        LineRow(
            manifest_id=manifest_id,
            position=position,
            container_id=load.id,
            waste_code=load.waste_code,
            declared_g=load.net_g,
            declared_uncertainty_g=load.uncertainty_g,
        )
        for position, load in enumerate(loads, 1)
    )
    await session.flush()


async def amend_draft(
    session: WriteSession, actor: Actor, manifest_id: UUID, command: DraftManifest, *, version: int | None, at: datetime
) -> ManifestRow:
    """Replace the content of a draft. Raises ManifestUnknown, OutOfOrder once it is filed, Stale, RuleBroken."""
    row = await queries.locked(session, actor, manifest_id)
    demand_own(actor, Verb.FILE, row.shipper_id)
    check_version(row, version)
    # Only what can still be filed can still be changed.
    states.advance(ManifestState(row.state), Act.FILE, ManifestKind(row.kind))
    _refuse_paper(row)
    receiver = await parties.site(session, command.receiver_site_id)
    if command.shipper_site_id != row.shipper_site_id:
        message = "A draft stays with its site; make a new one for another site."
        refuse_one("shipper_site_id", "other_site", message, value=str(command.shipper_site_id))
    loads = await containers.several(session, actor, command.container_ids)
    broken, vehicle_ids = await find_vehicles(session, command.legs)
    refuse([*_check_draft(command), *broken])
    for table in (LegRow, LineRow):
        await session.execute(delete(table).where(col(table.manifest_id) == manifest_id))
    row.receiver_id, row.receiver_site_id = receiver.organisation_id, receiver.id
    row.destination_region = receiver.region_code
    row.method, row.planned_on, row.remarks = command.method, command.planned_on, command.remarks
    row.basis = command.basis.value
    if command.plan_reason != row.plan_reason:
        await session.execute(
            update(ManifestRow).where(col(ManifestRow.id) == manifest_id).values(plan_reason=command.plan_reason)
        )
    row.version += 1
    row.last_act_at = at
    await keep(session, row)
    await _write_parts(session, manifest_id, command.legs, vehicle_ids, loads)
    await grounds.name(session, manifest_id, command.exemptions)
    return row


async def file_manifest(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The shipper signs: everything the law asks before the move is checked, the number is given, the fields sealed.

    No mass moves yet; the kilograms leave the site at pick-up. Raises ManifestUnknown, OutOfOrder, Stale, Forbidden,
    RuleBroken with every rule that forbids the transfer.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SIGN, row.shipper_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.FILE, ManifestKind(row.kind))
    _refuse_paper(row)
    moment = moment_of(command.dated, at, after=row.last_act_at)
    ids = await queries.container_ids(session, row.id)
    legs = await queries.legs(session, row.id)
    loads = await custody.locked_loads(session, actor, ids)
    broken = [
        *await check_loads(session, row, loads),
        *check_day(row.planned_on, legal_day(moment.happened_at)),
    ]
    transfer = transfer_of(row, legs, loads)
    broken += checking.check_handovers(legs, row.planned_on)
    planned = await check_plan(session, row, transfer)  # its lines are locked before those of permits, everywhere
    ground, groundless = await grounds.examine(session, row, transfer, at=at)
    refuse([*broken, *planned.broken, *groundless])
    await plans.take(session, row.id, planned.uses)
    await grounds.take(session, row.id, ground, at=at)
    if not await queries.seal_lines(session, row.id, loads):
        message = "One of the {value} containers was put on another manifest in this very moment."
        step = "Read the draft again; it names the manifest."
        refuse_one("container_ids", "container_on_open_manifest", message, value=len(loads), next_step=step)
    await custody.hold(session, ids, row.id)
    lists = await catalogues.snapshot(session)
    edition = lists.edition_on(ListName.WASTE_CODES, row.planned_on)
    row.list_edition = edition.name if edition else None
    row.filed_at = moment.happened_at
    await show_to_parties(session, row, legs)
    year = legal_day(moment.happened_at).year
    serial = await queries.next_serial(session, year, row.origin_region[:4])
    row.number = str(ManifestNumber.make(year, row.origin_region, serial))
    leaf = await sign(
        session,
        actor,
        row,
        Act.FILE,
        moment=moment,
        container_ids=ids,
        facts={**_filed_facts(row, legs, loads, ground), **facts_of(row, planned)},
        signing=command.signing,
    )
    return row, leaf


def _refuse_paper(row: ManifestRow) -> None:
    if row.on_paper:
        message = "This transfer is over: it went on paper, and is entered afterwards."
        step = "Sign the back-entry, or throw it away and enter the paper anew."
        refuse_one("manifest_id", "went_on_paper", message, article="令23 art. 20", next_step=step)


def transfer_of(row: ManifestRow, legs: list[LegRow], loads: list[Load]) -> checking.Transfer:
    by_code: dict[str, int] = defaultdict(int)
    for load in loads:
        by_code[load.waste_code] += load.net_g
    return checking.Transfer(
        receiver_id=row.receiver_id,
        receiver_site_id=row.receiver_site_id,
        method=row.method,
        on=row.planned_on,
        grams_by_code=dict(by_code),
        load=Mass(sum(load.gross_g for load in loads)),
        legs=legs,
    )


def _filed_facts(row: ManifestRow, legs: list[LegRow], loads: list[Load], ground: grounds.Ground) -> dict[str, object]:
    return {
        "shipper_site": str(row.shipper_site_id),
        "receiver_site": str(row.receiver_site_id),
        "method": row.method,
        "basis": row.basis,
        "planned_on": row.planned_on.isoformat(),
        "edition": row.list_edition,
        "legs": [
            {
                "carrier": str(leg.carrier_id),
                "vehicle": str(leg.vehicle_id),
                "handover_place": leg.handover_place or None,
                "handover_at": leg.handover_at.isoformat() if leg.handover_at else None,
            }
            for leg in legs
        ],
        "containers": [
            {"digital_code": load.digital_code, "waste_code": load.waste_code, "declared_g": load.net_g}
            for load in loads
        ],
        # By which lines of the receiver's permits this was allowed, so that a year's use can be added up from the log.
        "permit_items": [
            {"waste_code": one.waste_code, "item": str(one.permit_item_id), "year": one.year, "g": one.grams}
            for one in ground.bookings
        ],
        "approvals": [
            {"waste_code": one.waste_code, "approval": str(one.approval_id), "number": one.number, "g": one.grams}
            for one in ground.takings
        ],
        "free_links": {
            code: sorted(link.value for link in links) for code, links in ground.freed.links.items() if links
        },
        **facts_of_claimed(ground.claimed),
    }


async def check_loads(session: ReadSession, row: ManifestRow, loads: list[Load]) -> list[Broken]:
    taken = await queries.open_elsewhere(session, [load.id for load in loads])
    broken: list[Broken] = []
    for load in loads:
        facts: dict[str, object] = {"state": ContainerState(load.state)}
        if load.id in taken:
            facts["number"] = taken[load.id]
            message = "Container {value} is already on the open manifest {number}."
            step = "Take it off this manifest, or cancel the other one before its pick-up."
            broken.append(
                Broken(
                    "container_ids",
                    "container_on_open_manifest",
                    message,
                    load.digital_code,
                    facts=facts,
                    next_step=step,
                )
            )
        elif load.held_for not in {None, row.id}:
            message = "Container {value} is the lot of a pipe and goes over with the receiver's reading."
            step = "Take it off this manifest."
            broken.append(Broken("container_ids", "container_held", message, load.digital_code, next_step=step))
        elif load.state != ContainerState.AT_SITE.value or load.site_id != row.shipper_site_id:
            message = "Container {value} does not stand at the shipper's site (it is {state})."
            step = "Take it off this manifest."
            broken.append(
                Broken("container_ids", "container_elsewhere", message, load.digital_code, facts=facts, next_step=step)
            )
        elif load.treatment_batch_id is not None:
            message = "Container {value} is being treated in a batch that runs."
            step = "Take it off this manifest, or withdraw the batch."
            broken.append(Broken("container_ids", "container_in_batch", message, load.digital_code, next_step=step))
    return broken


def check_day(planned_on: date, today: date) -> list[Broken]:
    """A manifest is filed for a day that is near."""
    figure = jurisdiction().planning_days
    if today - timedelta(days=1) <= planned_on <= today + timedelta(days=figure.value):
        return []
    message = "The transfer is planned for {value}; a manifest is filed for a day from today to {days} days ahead."
    facts: dict[str, object] = {"days": figure.value}
    step = "Change the planned day in the draft."
    return [
        Broken("planned_on", "planned_on_implausible", message, planned_on.isoformat(), facts=facts, next_step=step)
    ]


async def show_to_parties(session: WriteSession, row: ManifestRow, legs: list[LegRow]) -> None:
    firms = {row.shipper_id, row.receiver_id, *(leg.carrier_id for leg in legs)}
    viewers = {viewer_of_organisation(firm) for firm in firms}
    viewers |= {*viewers_of_region(row.origin_region), *viewers_of_region(row.destination_region)}
    await show(session, queries.KIND, row.id, viewers)


async def cancel_manifest(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """Withdraw a draft, or a filed manifest before its pick-up. Raises ManifestUnknown, OutOfOrder, RuleBroken."""
    return await _withdraw(session, actor, command, Act.CANCEL, at=at)


async def void_manifest(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """Burn the number of a wrongly filed manifest, with a reason. Raises as `cancel_manifest`."""
    return await _withdraw(session, actor, command, Act.VOID, at=at)


async def _withdraw(
    session: WriteSession, actor: Actor, command: SignAct, act: Act, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    row = await queries.locked(session, actor, command.manifest_id)
    is_draft = row.state == ManifestState.DRAFT.value
    demand_own(actor, Verb.FILE if is_draft else Verb.SIGN, row.shipper_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), act, ManifestKind(row.kind))
    if not is_draft and not command.reason.strip():
        refuse_one("reason", "reason_missing", "Say why; the others on this manifest will read it.")
    if await queries.moved_under(session, row.id):
        message = "Mass was moved under this manifest already; it is summed up, not withdrawn."
        refuse_one("manifest_id", "moved_already", message, next_step="Sign its sum.")
    moment = moment_of(command.dated, at, after=row.last_act_at)
    ids = await queries.container_ids(session, row.id)
    await queries.close_lines(session, row.id)
    if row.number:  # a draft holds nothing, and its containers may wait for another manifest
        await custody.hold(session, ids, None)
    await grounds.give_back(session, row.id, at=at)
    row.closed_at = moment.happened_at
    leaf = await sign(
        session,
        actor,
        row,
        act,
        moment=moment,
        container_ids=ids,
        facts={"reason": command.reason.strip() or None},
        signing=command.signing,
    )
    return row, leaf
