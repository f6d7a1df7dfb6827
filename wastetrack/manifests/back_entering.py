"""Back-entry (补录): what went on paper while the system could not be used is entered as it happened, with its scan.

Reality is recorded: checks of that day are told as findings and refuse nothing. The events bear the moments of then
and are recorded now. The shipper signs the whole; the receiver then signs what it took in.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from wastetrack.attachments.model import PICTURES, MediaType, Subject
from wastetrack.attachments.queries import attachments_of
from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show_many, viewer_of_organisation
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.model import ListName
from wastetrack.containers import custody
from wastetrack.containers import queries as containers
from wastetrack.containers.custody import Load
from wastetrack.containers.labelling import add_container, check_description, record_label
from wastetrack.containers.model import ContainerState, check_volume, check_weighing
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, refuse, refuse_one
from wastetrack.ledger import rules
from wastetrack.manifests import filing, grounds, queries, reserving, states
from wastetrack.manifests.model import Act, DraftManifest, ManifestKind, ManifestState, SignAct
from wastetrack.manifests.paper_tables import PaperLegRow, PaperLineRow, PaperRow
from wastetrack.manifests.papers import DraftPaper, PaperLine, ReservedState, check_moments, entry_due
from wastetrack.manifests.plan_checking import check_plan
from wastetrack.manifests.signing import check_version, sign
from wastetrack.manifests.tables import LegRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.plans import checking as plans
from wastetrack.transparency.appending import Appended

SCANS = frozenset({MediaType.PDF, *PICTURES})


async def draft_paper(session: WriteSession, actor: Actor, command: DraftPaper, *, at: datetime) -> ManifestRow:
    """Enter what the paper says, as a draft to which its scan is attached; containers labelled by hand get their code.

    Raises NotFound, Forbidden, RuleBroken.
    """
    site = await parties.site(session, command.shipper_site_id)
    demand_own(actor, Verb.FILE, site.organisation_id)
    refuse([*check_moments(command, at), *await _check_by_hand(session, command)])
    picked_up = command.taken_over_at[0]
    lines = [*command.lines, *await _label(session, actor, site, command, at=at)]
    planned = DraftManifest(
        shipper_site_id=command.shipper_site_id,
        receiver_site_id=command.receiver_site_id,
        method=command.method,
        planned_on=legal_day(picked_up),
        container_ids=tuple(line.container_id for line in lines),
        legs=command.legs,
        remarks=command.remarks,
    )
    row = await filing.draft_manifest(session, actor, planned, at=at)
    row.on_paper = True
    row.last_act_at = picked_up  # from here on what happened is counted from then
    reserved_id = await reserving.one_for_entry(session, actor, site, command.number, at=at)
    await session.flush()
    paper = PaperRow(
        manifest_id=row.id,
        reserved_id=reserved_id,
        picked_up_at=picked_up,
        arrived_at=command.arrived_at,
        received_at=command.received_at,
        reason=command.reason.strip(),
        late_reason=command.late_reason.strip(),
    )
    session.add(paper)
    session.add_all(
        PaperLegRow(manifest_id=row.id, position=position, taken_over_at=moment)
        for position, moment in enumerate(command.taken_over_at, 1)
    )
    session.add_all(
        PaperLineRow(
            manifest_id=row.id,
            container_id=line.container_id,
            received_g=None if line.received is None else line.received.grams,
            method=line.method.value,
        )
        for line in lines
    )
    await session.flush()
    return row


async def _check_by_hand(session: WriteSession, command: DraftPaper) -> list[Broken]:
    lists = await catalogues.snapshot(session)
    broken: list[Broken] = []
    for position, one in enumerate(command.by_hand):
        where = f"by_hand.{position}."
        broken += check_volume(one.volume_l, one.packaging)
        broken += check_weighing(one.weighing, one.volume_l, field=f"{where}gross_g")
        broken += check_description(lists, one.description, on=one.generated_on, field=where)
        if one.generated_on > legal_day(command.taken_over_at[0]):
            message = "A container was filled on {value}, after it had left."
            broken.append(Broken(f"{where}generated_on", "filled_after", message, one.generated_on.isoformat()))
    return broken


async def _label(
    session: WriteSession, actor: Actor, site: Site, command: DraftPaper, *, at: datetime
) -> list[PaperLine]:
    """Take containers that only a hand-written label named into the ledger, as of the pick-up."""
    made: list[PaperLine] = []
    moment = Moment(happened_at=command.taken_over_at[0], recorded_at=at)
    for one in command.by_hand:  # a vehicle's load at most
        container = await add_container(
            session,
            site,
            one.description,
            packaging=one.packaging,
            volume_l=one.volume_l,
            weighing=one.weighing,
            moment=moment,
            generated_on=one.generated_on,
        )
        net, measured = one.weighing.net, one.weighing.measurement()
        generated = rules.generated(site.id, container.waste_code, net, measured)
        await record_label(session, actor, container, moment=moment, entry=generated)
        made.append(PaperLine(container_id=container.id, received=one.received, method=one.method))
    return made


async def paper_of(session: ReadSession, manifest_id: UUID) -> PaperRow:
    """What stands of a transfer on paper. Whoever asks has seen the manifest."""
    return await session.get_one(PaperRow, manifest_id, populate_existing=True)


async def why_not_entered(session: ReadSession, row: ManifestRow, paper: PaperRow, at: datetime) -> list[Broken]:
    """What is missing before a back-entry can be signed: the scan, and a reason where it is late."""
    broken: list[Broken] = []
    beside = await attachments_of(session, Subject(queries.KIND, row.id))
    if not any(MediaType(one.media_type) in SCANS for one in beside):
        message = "The scan of the completed paper is missing."
        step = "Attach it to this draft as a PDF or a picture, then sign."
        broken.append(Broken("attachments", "scan_missing", message, article="令23 art. 20", next_step=step))
    due = entry_due(paper.received_at, jurisdiction().back_entry_working_days.value)
    if legal_day(at) > due and not paper.late_reason:
        message = "The entry was due on {value}, {days} working days after the transfer ended; it is late."
        facts: dict[str, object] = {"days": jurisdiction().back_entry_working_days.value}
        step = "It is still taken, and marked as late; say why in the draft."
        broken.append(Broken("late_reason", "entry_late", message, due.isoformat(), "令23 art. 20", step, facts))
    return broken


async def back_enter(
    session: WriteSession, actor: Actor, command: SignAct, *, at: datetime
) -> tuple[ManifestRow, Appended]:
    """The shipper signs the back-entry: mass leaves its site as of then, and the receiver is asked for its receipt.

    Raises ManifestUnknown, OutOfOrder, Stale, Forbidden, RuleBroken without its scan, or when a container is not there.
    """
    row = await queries.locked(session, actor, command.manifest_id)
    demand_own(actor, Verb.SIGN, row.shipper_id)
    check_version(row, command.version)
    states.advance(ManifestState(row.state), Act.BACK_ENTER, ManifestKind(row.kind))
    if not row.on_paper:
        message = "This draft was not made from a paper; it is filed before it moves."
        refuse_one("manifest_id", "not_on_paper", message, next_step="File it.")
    paper = await paper_of(session, row.id)
    ids = await queries.container_ids(session, row.id)
    legs = await queries.legs(session, row.id)
    loads = await custody.locked_loads(session, actor, ids)
    refuse([*await why_not_entered(session, row, paper, at), *await filing.check_loads(session, row, loads)])
    findings = await _findings(session, row, legs, loads, at=at)
    await _leave(session, row, paper, legs, loads)
    number = await reserving.locked(session, paper.reserved_id)
    number.state, number.settled_at, paper.entered_at = ReservedState.USED.value, at, at
    row.number = number.number
    await session.flush()
    declared = tuple((load.waste_code, Mass(load.net_g)) for load in loads)
    facts = _facts(row, paper, legs, loads, at)
    leaf = await sign(
        session,
        actor,
        row,
        Act.BACK_ENTER,
        moment=Moment(happened_at=paper.picked_up_at, recorded_at=at),
        container_ids=ids,
        facts={**facts, "findings": sorted({one.code for one in findings})},
        entry=rules.picked_up(row.shipper_site_id, row.id, declared),
        signing=command.signing,
    )
    return row, leaf


async def _findings(
    session: WriteSession, row: ManifestRow, legs: list[LegRow], loads: list[Load], *, at: datetime
) -> list[Broken]:
    """What would have been refused on that day. Plan and permit are used by what they cover, as by every transfer."""
    transfer = filing.transfer_of(row, legs, loads)
    planned = await check_plan(session, row, transfer)
    ground, groundless = await grounds.examine(session, row, transfer, at=at)
    await plans.take(session, row.id, planned.uses)
    await grounds.take(session, row.id, ground, at=at)
    return [*planned.broken, *groundless]


async def _leave(
    session: WriteSession, row: ManifestRow, paper: PaperRow, legs: list[LegRow], loads: list[Load]
) -> None:
    """Containers, legs and the row itself as they stood when the load was at the receiver's gate."""
    ids = [load.id for load in loads]
    await queries.seal_lines(session, row.id, loads)
    for container in await containers.locked_on_paper(session, ids):
        container.state, container.site_id, container.store_id = ContainerState.IN_TRANSIT.value, None, None
        container.manifest_id, container.held_for = row.id, None
    taken = select(PaperLegRow).where(col(PaperLegRow.manifest_id) == row.id).order_by(col(PaperLegRow.position))
    for leg, of_paper in zip(legs, (await session.scalars(taken)).all(), strict=True):
        await queries.take_over(session, leg, of_paper.taken_over_at)
    lists = await catalogues.snapshot(session)
    edition = lists.edition_on(ListName.WASTE_CODES, row.planned_on)
    row.list_edition = edition.name if edition else None
    row.filed_at = row.picked_up_at = paper.picked_up_at
    row.arrived_at = paper.arrived_at
    await filing.show_to_parties(session, row, legs)
    carriers = {viewer_of_organisation(leg.carrier_id) for leg in legs}
    await show_many(session, containers.KIND, ids, carriers)


def _facts(row: ManifestRow, paper: PaperRow, legs: list[LegRow], loads: list[Load], at: datetime) -> dict[str, object]:
    due = entry_due(paper.received_at, jurisdiction().back_entry_working_days.value)
    return {
        "back_entered": True,
        "due_on": due.isoformat(),
        "late": legal_day(at) > due,
        "reasons": [one for one in (paper.reason, paper.late_reason) if one],
        "shipper_site": str(row.shipper_site_id),
        "receiver_site": str(row.receiver_site_id),
        "method": row.method,
        "basis": row.basis,
        "edition": row.list_edition,
        "arrived_at": paper.arrived_at.isoformat(),
        "received_at": paper.received_at.isoformat(),
        "legs": [
            {
                "carrier": str(leg.carrier_id),
                "vehicle": str(leg.vehicle_id),
                "taken_over_at": None if leg.taken_over_at is None else leg.taken_over_at.isoformat(),
            }
            for leg in legs
        ],
        "containers": [
            {"digital_code": load.digital_code, "waste_code": load.waste_code, "declared_g": load.net_g}
            for load in loads
        ],
    }


async def paper_lines(session: ReadSession, manifest_id: UUID) -> dict[UUID, PaperLineRow]:
    """What the paper says of each container."""
    rows = await session.scalars(select(PaperLineRow).where(col(PaperLineRow.manifest_id) == manifest_id))
    return {row.container_id: row for row in rows.all()}
