"""Two provinces beside the small world: the authorities of Shandong, Yantai and Jiangsu, and a receiver in Nanjing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from tests.support import parties as made
from tests.support.plans import contract_for, plan_for
from tests.support.served import Served, Visitor
from tests.support.world import AT, OIL, PASSWORD, TODAY, Firm, World
from wastetrack.approvals import applying, queries
from wastetrack.approvals.model import (
    ApprovalAct,
    ApprovalKind,
    DocumentKind,
    DraftApproval,
    ItemWanted,
    TakeStep,
)
from wastetrack.approvals.stepping import take_step
from wastetrack.approvals.tables import ApprovalDocumentRow, ApprovalRow
from wastetrack.approvals.validity import DOCUMENTS
from wastetrack.attachments.tables import AttachmentRow
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Actor, Role, viewer_of_jurisdiction, viewer_of_organisation
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import Form
from wastetrack.db.session import WriteSession, writing
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.permitting import grant_permit
from wastetrack.parties.registering import add_site, register_organisation
from wastetrack.plans.model import ReceiverKind, TransferKind

XUANWU = "320102"
SHANDONG, JIANGSU, YANTAI = "37", "32", "3706"
PERMIT_END = date(2027, 6, 30)
Act = ApprovalAct


@dataclass(frozen=True)
class Neighbours:
    """Who takes part beside the small world."""

    receiver: Firm
    shandong: Actor
    """Approver of the province of origin."""
    jiangsu: Actor
    """Approver of the province of destination."""
    yantai: Actor
    """Approver of the prefecture of origin: sees, does not decide."""
    logins: dict[str, str]


async def _member(
    session: WriteSession, organisation_id: UUID, role: Role, jurisdiction: str | None = None
) -> tuple[Actor, str]:
    login = f"{role.value}-{organisation_id.hex[-12:]}@neighbours.test"
    command = Enrol(
        login=login,
        name=f"{role.value}者",
        password=PASSWORD,
        organisation_id=organisation_id,
        role=role,
        jurisdiction=jurisdiction,
    )
    membership_id = await install(session, command, at=AT)
    await session.flush()
    statement = text("select person_id from memberships where id = :id")
    person_id = (await session.execute(statement, {"id": membership_id})).scalar_one()
    viewer = viewer_of_jurisdiction(jurisdiction) if jurisdiction else viewer_of_organisation(organisation_id)
    return Actor(person_id, f"{role.value}者", organisation_id, membership_id, role, viewer), login


async def _authority(session: WriteSession, jurisdiction: str, region: str) -> tuple[Actor, str]:
    command = made.firm_command(
        kinds=frozenset({OrganisationKind.REGULATOR}), jurisdiction=jurisdiction, region_code=region
    )
    office = await register_organisation(session, made.platform_operator(), command, at=AT)
    return await _member(session, office.id, Role.APPROVER, jurisdiction)


async def build_neighbours(session: WriteSession) -> Neighbours:
    """Make everybody; the lists are loaded by the small world."""
    operator = made.platform_operator()
    firm = await register_organisation(
        session,
        operator,
        made.firm_command(kinds=frozenset({OrganisationKind.DISPOSER}), region_code=XUANWU, address="南京市玄武区1号"),
        at=AT,
    )
    site = await add_site(
        session, operator, made.site_command(firm.id, kind=SiteKind.TREATMENT, region_code=XUANWU), at=AT
    )
    people, logins = {}, {}
    for role in (Role.OWNER, Role.GATE_OPERATOR):
        people[role], logins[role] = await _member(session, firm.id, role)
    await grant_permit(
        session,
        made.approver("3201"),
        made.permit_command(
            firm.id,
            number=f"苏环危证{firm.credit_code[-8:]}号",
            valid_to=PERMIT_END,
            items=(made.item("HW08", "D10 R9", "100 t"), made.item("HW17", "D10", "100 t")),
        ),
        at=AT,
    )
    shandong, first = await _authority(session, SHANDONG, made.ZHIFU)
    jiangsu, second = await _authority(session, JIANGSU, XUANWU)
    yantai, third = await _authority(session, YANTAI, made.ZHIFU)
    receiver = Firm(firm.id, firm.credit_code, site, people, logins)
    return Neighbours(
        receiver, shandong, jiangsu, yantai, logins={"shandong": first, "jiangsu": second, "yantai": third}
    )


async def agree(
    session: WriteSession,
    world: World,
    receiver: Firm,
    *codes: str,
    methods: Sequence[str] = ("D10",),
    kind: TransferKind = TransferKind.ACROSS,
    receiver_kind: ReceiverKind = ReceiverKind.PERMIT_HOLDER,
) -> None:
    """The workshop's filed plan and its contract name this receiver for these codes, or for oil."""
    shipper, wastes = world.generator, codes or (OIL,)
    await plan_for(
        session,
        shipper.site,
        receiver.id,
        wastes,
        methods=methods,
        kind=kind,
        receiver_kind=receiver_kind,
        actor=shipper.owner,
    )
    await contract_for(session, shipper.id, receiver.id, wastes, shipper=shipper.owner, receiver=receiver.owner)


def item(code: str = OIL, quantity: str = "10 t", method: str = "D10") -> ItemWanted:
    """A waste to be moved."""
    return ItemWanted(
        waste_code=code, waste_name="废矿物油", form=Form.LIQUID, quantity=Mass.parse(quantity), method=method
    )


def application(
    world: World,
    neighbours: Neighbours,
    *items: ItemWanted,
    kind: ApprovalKind = ApprovalKind.CROSS_PROVINCE,
    receiver_site_id: UUID | None = None,
    to_on: date = date(2027, 12, 31),
    basis: TransferBasis = TransferBasis.PERMIT,
) -> DraftApproval:
    """From the workshop in Zhifu to the incinerator in Nanjing; within Yantai for the other kinds."""
    across = kind in {ApprovalKind.CROSS_PROVINCE, ApprovalKind.RECORD_OF_USE}
    return DraftApproval(
        kind=kind,
        shipper_site_id=world.generator.site.id,
        receiver_site_id=receiver_site_id or (neighbours.receiver if across else world.stranger).site.id,
        from_on=TODAY,
        to_on=to_on,
        items=items or (item(),),
        basis=basis,
        group_name="烟台化工集团" if kind is ApprovalKind.GROUP_INTERNAL else "",
    )


async def with_documents(session: WriteSession, actor: Actor, row: ApprovalRow, *left_out: DocumentKind) -> None:
    """The documents of its kind, as rows; how files are kept has tests of its own."""
    for number, kind in enumerate(DOCUMENTS[ApprovalKind(row.kind)]):
        if kind in left_out:
            continue
        digest = f"{row.id.int % 16**40:x}{number}".rjust(64, "a")
        file = AttachmentRow(
            id=new_id(),
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            subject_kind=queries.KIND,
            subject_id=row.id,
            name=f"{kind.value}.pdf",
            media_type="application/pdf",
            size=10,
            sha256=digest,
            sent_sha256=digest,
            created_at=AT,
        )
        session.add(file)
        await session.flush()
        session.add(ApprovalDocumentRow(attachment_id=file.id, approval_id=row.id, kind=kind.value))
    await session.flush()


async def drafted(session: WriteSession, world: World, command: DraftApproval) -> ApprovalRow:
    """A complete draft."""
    row = await applying.draft_application(session, world.generator.owner, command, at=AT)
    await with_documents(session, world.generator.owner, row)
    return row


async def step(
    session: WriteSession, actor: Actor, approval_id: UUID, act: ApprovalAct, *, at: datetime = AT, **more: object
) -> ApprovalRow:
    """One step with what it needs."""
    said = {"reason": "材料与计划不符", "number": "鲁环固转〔2026〕1号", **more}
    row, _ = await take_step(
        session,
        actor,
        TakeStep(approval_id=approval_id, act=act, **said),  # type: ignore[arg-type]
        at=at,
    )
    return row


def way(world: World, neighbours: Neighbours, kind: ApprovalKind) -> Sequence[tuple[Actor, ApprovalAct]]:
    """Who does what until an application of this kind is approved."""
    owner, origin, destination = world.generator.owner, neighbours.shandong, neighbours.jiangsu
    if kind is ApprovalKind.RECORD_OF_USE:
        return ((owner, Act.SUBMIT),)
    if kind is not ApprovalKind.CROSS_PROVINCE:
        return ((owner, Act.SUBMIT), (origin, Act.APPROVE))
    return (
        (owner, Act.SUBMIT),
        (origin, Act.ACCEPT),
        (origin, Act.AGREE_IN_REVIEW),
        (origin, Act.CONSULT),
        (destination, Act.REPLY_AGREE),
        (origin, Act.APPROVE),
    )


async def approved(
    session: WriteSession, world: World, neighbours: Neighbours, command: DraftApproval | None = None
) -> ApprovalRow:
    """An approval in force since today, everything done within a minute."""
    row = await drafted(session, world, command or application(world, neighbours))
    for number, (actor, act) in enumerate(way(world, neighbours, ApprovalKind(row.kind))):
        row = await step(session, actor, row.id, act, at=AT + timedelta(seconds=number))
    return row


@dataclass(frozen=True)
class Settled:
    """The neighbours as visitors of the running application."""

    served: Served
    neighbours: Neighbours

    async def program(self, who: str) -> Visitor:
        """The program of an authority, or of the receiver."""
        return await self._signed_in(who, self.served.visitor())

    async def browser(self, who: str) -> Visitor:
        """The browser of the same."""
        visitor = self.served.visitor()
        answered = await visitor.sign_in(self._login(who), PASSWORD)
        assert answered.status_code == 303, answered.text
        return visitor

    async def _signed_in(self, who: str, visitor: Visitor) -> Visitor:
        answered = await visitor.sign_in_at_api(self._login(who), PASSWORD)
        assert answered.status_code == 201, answered.text
        return visitor

    def _login(self, who: str) -> str:
        return self.neighbours.logins.get(who) or self.neighbours.receiver.logins[Role(who)]


async def settle(served: Served) -> Settled:
    """Build the neighbours for good in the database of the running application."""
    async with writing(served.owner) as session:
        neighbours = await build_neighbours(session)
    return Settled(served, neighbours)
