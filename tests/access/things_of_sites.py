"""What a firm has at its sites and with authorities: counts, prints, batches, plans, contracts, applications, holds."""

import dataclasses
from datetime import date, timedelta
from uuid import UUID

from tests.support import parties as made
from tests.support.approvals import XUANWU, item, with_documents
from tests.support.facilities import facility_added
from tests.support.plans import contract_for, filed_with, transfer_line
from tests.support.receivers import Receiver, receiver_with
from tests.support.storage import CUTTING_FLUID, a_store, labelled
from tests.support.world import AT, OIL, TODAY, World, a_drum, drum_of, received
from wastetrack.approvals import applying
from wastetrack.approvals.model import ApprovalAct, ApprovalKind, DraftApproval, TakeStep
from wastetrack.approvals.stepping import take_step
from wastetrack.attachments.tables import AttachmentRow
from wastetrack.containers.batching import begin_batch
from wastetrack.containers.counting import begin_stock_take
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import (
    BeginBatch,
    Description,
    Form,
    LabelContainer,
    Packaging,
    PrintLabels,
    PrintReason,
)
from wastetrack.containers.printing import print_labels
from wastetrack.containers.stock_takes import BeginStockTake
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties.model import SiteKind
from wastetrack.parties.registering import add_site, register_organisation
from wastetrack.plans import planning
from wastetrack.plans.contracting import draft_contract
from wastetrack.plans.model import DraftContract, ItemOfContract
from wastetrack.privacy.holds import BeginHold, HeldThing, begin_hold

Things = dict[str, str]


async def things_of_sites(session: WriteSession, world: World) -> Things:
    """Of the workshop of this world, and of the incinerator where it takes one."""
    return {
        **await _stock(session, world),
        **await _batches(session, world),
        **await _plans(session, world),
        **await _contracts(session, world),
        **await _applications(session, world),
        **await _held(session, world),
    }


async def _stock(session: WriteSession, world: World) -> Things:
    owner, site = world.generator.owner, world.generator.site
    counted, empty = await a_store(session, world), await a_store(session, world)
    drum = await labelled(session, world, store_id=counted.id)
    command = BeginStockTake(site_id=site.id, store_id=counted.id)
    take, _ = await begin_stock_take(session, owner, command, at=AT)
    printing = PrintLabels(container_ids=(drum.id,), why=PrintReason.FIRST, paper="single")
    _, printed = await print_labels(session, owner, printing, at=AT)
    other = await labelled(session, world, code=CUTTING_FLUID)
    return {
        "scrap": str((await label_container(session, owner, _scrap(world), at=AT))[0].id),
        "stock_take": str(take.id),
        "counted_code": drum.digital_code,
        "empty_store": str(empty.id),
        "print": str(printed.id),
        "recodable": str(other.id),
        "facility": str((await facility_added(session, owner, site.id, code="MF9001")).id),
    }


def _scrap(world: World) -> LabelContainer:
    steel = Description(waste_code="900-001-S17", waste_name="废钢铁", form=Form.SOLID, hazards=())
    drum = drum_of("180 kg", world, volume_l=1000)
    return dataclasses.replace(drum, description=steel, packaging=Packaging.BIG_BAG)


async def _batches(session: WriteSession, world: World) -> Things:
    running, waiting = await a_drum(session, world), await a_drum(session, world)
    await received(session, world, [running, waiting], "200 kg", "200 kg")
    command = BeginBatch(site_id=world.receiver.site.id, container_ids=(running.id,), method="D10", begun_on=TODAY)
    batch, _ = await begin_batch(session, world.receiver.owner, command, at=AT + timedelta(hours=6))
    return {"running_batch": str(batch.id), "waiting": str(waiting.id)}


async def _plans(session: WriteSession, world: World) -> Things:
    owner = world.generator.owner
    found = {}
    for word in ("filed_plan", "plan", "unplanned"):
        command = made.site_command(world.generator.id, region_code=world.generator.site.region_code)
        site = await add_site(session, made.platform_operator(), command, at=AT)
        if word == "unplanned":
            found["unplanned_site"] = str(site.id)
            break
        lines = [transfer_line(OIL, world.receiver.id)]
        plan = await filed_with(session, owner, site, TODAY.year, lines)
        if word == "plan":
            await planning.start_change(session, owner, plan.id, at=AT)
        found[word] = str(plan.id)
    return found


async def _contracts(session: WriteSession, world: World) -> Things:
    agreed = await contract_for(session, world.generator.id, world.receiver.id, (OIL,), shipper=world.generator.owner)
    command = DraftContract(
        shipper_id=world.generator.id,
        receiver_id=world.receiver.id,
        number=f"HT-{new_id().hex[-8:]}",
        signed_on=TODAY,
        valid_from=TODAY,
        valid_to=date(2035, 12, 31),
        items=(ItemOfContract(waste_code=OIL, quantity=Mass.parse("1 t"), method=None),),
        clauses_acknowledged=True,
    )
    drafted = await draft_contract(session, world.generator.owner, command, at=AT)
    contracts = {"contract": drafted.row.id, "agreed_contract": agreed.row.id}
    return {name: str(id_) for name, id_ in contracts.items()}


async def _elsewhere(session: WriteSession) -> UUID:
    """The site of a disposer in another province, with a permit for waste oil."""
    operator = made.platform_operator()
    firm = await register_organisation(session, operator, made.firm_command(region_code=XUANWU), at=AT)
    command = made.site_command(firm.id, kind=SiteKind.TREATMENT, region_code=XUANWU)
    return (await add_site(session, operator, command, at=AT)).id


async def _applications(session: WriteSession, world: World) -> Things:
    owner, far = world.generator.owner, await _elsewhere(session)
    near: Receiver = await receiver_with(session)
    command = DraftApproval(
        kind=ApprovalKind.CROSS_PROVINCE,
        shipper_site_id=world.generator.site.id,
        receiver_site_id=far,
        from_on=TODAY,
        to_on=date(2027, 12, 31),
        items=(item(),),
    )
    draft = await applying.draft_application(session, owner, command, at=AT)
    told = DraftApproval(
        kind=ApprovalKind.RECORD_OF_USE,
        shipper_site_id=world.generator.site.id,
        receiver_site_id=far,
        from_on=TODAY,
        to_on=date(2027, 12, 31),
        items=(item("900-001-S17", method="R4"),),
    )
    recorded = await applying.draft_application(session, owner, told, at=AT)
    for row in (draft, recorded):
        await with_documents(session, owner, row)
    submitting = TakeStep(approval_id=recorded.id, act=ApprovalAct.SUBMIT, reason="", number="")
    await take_step(session, owner, submitting, at=AT)
    return {
        "approval": str(draft.id),
        "recorded": str(recorded.id),
        "far_site": str(far),
        "near_site": str(near.site.id),
    }


async def _held(session: WriteSession, world: World) -> Things:
    command = BeginHold(thing=HeldThing.SITE, subject_id=world.generator.site.id, reason="环境案件")
    hold, _ = await begin_hold(session, world.inspector, command, at=AT)
    return {"hold": str(hold.id)}


async def file_of(session: WriteSession, world: World, kind: str, subject_id: str) -> str:
    """A row as attaching leaves it, beside a thing of the workshop; the file itself is not there."""
    row = AttachmentRow(
        id=new_id(),
        organisation_id=world.generator.id,
        person_id=world.generator.owner.person_id,
        subject_kind=kind,
        subject_id=UUID(subject_id),
        name="theirs.pdf",
        media_type="application/pdf",
        size=10,
        sha256="a" * 64,
        sent_sha256="a" * 64,
        created_at=AT,
    )
    session.add(row)
    await session.flush()
    return str(row.id)
