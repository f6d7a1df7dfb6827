"""A stream across the border of two provinces: an approval the trips that consume it, and others that wait."""

from datetime import timedelta
from uuid import UUID

from wastetrack.approvals import applying
from wastetrack.approvals.model import (
    ApprovalAct,
    ApprovalKind,
    DocumentKind,
    DraftApproval,
    ItemWanted,
    TakeStep,
)
from wastetrack.approvals.stepping import take_step
from wastetrack.approvals.validity import DOCUMENTS
from wastetrack.auth.model import Actor, Role
from wastetrack.cli.demonstration.guests import ACID, DEGREASER, PICKLING, SLUDGE
from wastetrack.cli.demonstration.members import Firm
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller, paper
from wastetrack.cli.demonstration.wastes import WASTES
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.mass import Mass

Act = ApprovalAct
_TITLES = {
    DocumentKind.PERMIT_COPY: "危险废物经营许可证复印件",
    DocumentKind.METHOD_DESCRIPTION: "利用处置方式说明",
    DocumentKind.CONTRACT: "委托利用处置合同",
    DocumentKind.LOCAL: "其他材料",
}
_DAYS = 200
_METHOD = "D9"


async def apply(teller: Teller, step: Step, sender: Firm, command: DraftApproval) -> UUID:
    """A complete application of a firm, submitted."""
    owner = sender.by(Role.OWNER)
    row = await applying.draft_application(step.session, owner, command, at=step.at)
    for kind in DOCUMENTS[command.kind]:
        file = paper(step, _TITLES[kind], ("申请单位", sender.organisation.name), ("内容", "演示材料"))
        await applying.attach_document(
            step.session, teller.files, owner, row.id, file, kind=kind, most_bytes=10_000_000, at=step.at
        )
    await take(step, owner, row.id, Act.SUBMIT)
    return row.id


async def take(step: Step, actor: Actor, approval_id: UUID, act: ApprovalAct, **more: str) -> None:
    """One step of an application."""
    await take_step(step.session, actor, TakeStep(approval_id=approval_id, act=act, **more), at=step.at)  # type: ignore[arg-type]


def wanted(code: str, quantity: str, method: str) -> ItemWanted:
    """A waste that is to go."""
    waste = WASTES[code]
    return ItemWanted(
        waste_code=code, waste_name=waste.name, form=waste.form, quantity=Mass.parse(quantity), method=method
    )


def _application(teller: Teller, step: Step, code: str, quantity: str) -> DraftApproval:
    return DraftApproval(
        kind=ApprovalKind.CROSS_PROVINCE,
        shipper_site_id=teller.guests.works.site.id,
        receiver_site_id=teller.guests.across.site.id,
        from_on=local_day(step.at),
        to_on=local_day(step.at) + timedelta(days=_DAYS),
        items=(wanted(code, quantity, _METHOD),),
    )


async def stream(teller: Teller) -> None:
    """Asked for, reviewed, consulted, replied to, approved; then two loads that arrive, and one on the road."""
    works, approver, neighbour = teller.guests.works, teller.guests.approver, teller.guests.neighbour
    step = await teller.at(72, 9.5)
    approval_id = await apply(teller, step, works, _application(teller, step, SLUDGE, "20 t"))
    for before, actor, act, opinion in (
        (71, approver, Act.ACCEPT, "材料齐全"),
        (69, approver, Act.AGREE_IN_REVIEW, "拟同意转移"),
        (68, approver, Act.CONSULT, "商请贵厅函复"),
        (60, neighbour, Act.REPLY_AGREE, "接受单位许可证有效，同意接收"),
    ):
        await take(await teller.at(before, 10.2), actor, approval_id, act, opinion=opinion)
    await take(await teller.at(57, 15.0), approver, approval_id, Act.APPROVE, number="鲁环固转（演示）1号")
    for before in (44, 18, 1):
        step = await teller.at(before, 8.1)
        loads = await label(teller, step, works, SLUDGE, 236, 241, 229)
        haul = Haul(
            teller=teller,
            sender=works,
            receiver=teller.guests.across,
            carriers=[teller.carrier(2)],
            method=_METHOD,
            loads=loads,
        )
        step = await haul.pick_up(await haul.file(await teller.later(step, 0.5)))
        if before > 1:
            await haul.take_in(await haul.arrive(step))


async def waiting_for_the_applicant(teller: Teller) -> None:
    """Sent back with all that is missing."""
    step = await teller.at(6, 9.0)
    approval_id = await apply(teller, step, teller.guests.works, _application(teller, step, ACID, "30 t"))
    reason = "请补充运输路线和应急预案"
    await take(await teller.at(4, 11.0), teller.guests.approver, approval_id, Act.RETURN, reason=reason)


async def waiting_for_acceptance(teller: Teller) -> None:
    """Submitted yesterday: the province of origin has five working days."""
    step = await teller.at(1, 9.4)
    await apply(teller, step, teller.guests.works, _application(teller, step, PICKLING, "12 t"))


async def waiting_for_the_neighbour(teller: Teller) -> None:
    """The other province has the letter and has not replied."""
    step = await teller.at(5, 9.8)
    approval_id = await apply(teller, step, teller.guests.works, _application(teller, step, DEGREASER, "8 t"))
    approver = teller.guests.approver
    step = await teller.at(4, 9.0)
    await take(step, approver, approval_id, Act.ACCEPT)
    await take(step, approver, approval_id, Act.AGREE_IN_REVIEW, opinion="拟同意转移")
    await take(await teller.at(3, 9.0), approver, approval_id, Act.CONSULT)


async def waiting_for_the_decision(teller: Teller) -> None:
    """Agreed to by the other province: the province of origin decides."""
    step = await teller.at(14, 9.6)
    approval_id = await apply(teller, step, teller.guests.works, _application(teller, step, DEGREASER, "6 t"))
    approver = teller.guests.approver
    step = await teller.at(13, 9.0)
    await take(step, approver, approval_id, Act.ACCEPT)
    await take(step, approver, approval_id, Act.AGREE_IN_REVIEW, opinion="拟同意转移")
    await take(await teller.at(12, 9.0), approver, approval_id, Act.CONSULT)
    await take(await teller.at(2, 14.0), teller.guests.neighbour, approval_id, Act.REPLY_AGREE)
