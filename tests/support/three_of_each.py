"""Three of everything that is listed, each later and larger than the one before."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, text

from tests.support.findings import DAY, SKIM, fact, rule, run
from tests.support.served import PEOPLE
from tests.support.world import World
from wastetrack import clock
from wastetrack.approvals.tables import ApprovalRow
from wastetrack.auth.tables import Person, Sighting
from wastetrack.containers.tables import StockTakeRow, TreatmentBatchRow
from wastetrack.db.session import WriteSession
from wastetrack.findings.model import FindingQueue
from wastetrack.findings.publishing import publish
from wastetrack.ids import new_id
from wastetrack.imports.tables import ImportRow
from wastetrack.looks.tables import LookRow
from wastetrack.manifests.paper_tables import ReservedNumberRow
from wastetrack.manifests.reservation_tables import ReservationRow
from wastetrack.parties.tables import ClaimRow
from wastetrack.plans.tables import ContractRow
from wastetrack.tasks.tables import LongTaskRow


async def three_of_each(session: WriteSession, world: World) -> None:
    """Three of everything that the owner, the stranger and the inspector of this world find in lists."""
    people = {one.name: one.id for one in await session.scalars(select(Person))}
    names = [PEOPLE[login][0] for login in ("owner", "stranger", "inspector")]
    item_id = await session.scalar(text("select id from permit_items where pattern = 'HW08' order by id limit 1"))
    for number in range(1, 4):
        _add(session, world, number, tuple(people[name] for name in names))
        _reserve(session, world, number, people[names[0]], item_id)
    facts = [
        fact(
            new_id(),
            name=SKIM,
            kind="carrier",
            party=world.carrier.id,
            since=DAY + timedelta(days=place),
            severity=place,
            grams=place * 1_000_000,
        )
        for place in range(1, 4)
    ]
    await publish(session, run(*facts, rules=(rule(SKIM, FindingQueue.SKIM),)), at=clock.now())


def _reserve(session: WriteSession, world: World, number: int, owner: UUID, item_id: UUID) -> None:
    """One more that is over: what is set aside for it stands on no line any more."""
    at = clock.now() - timedelta(days=30 - number)
    row = ReservationRow(
        id=new_id(),
        organisation_id=world.generator.id,
        site_id=world.generator.site.id,
        region_code="370602",
        receiver_id=world.receiver.id,
        receiver_site_id=world.receiver.site.id,
        permit_item_id=item_id,
        year=at.year,
        waste_code=f"900-2{number}9-08",
        method="D10",
        net_g=number * 1_000_000,
        used_g=number * 1_000_000 if number == 1 else number * 1_000,
        fen_per_t=number * 100_000,
        state=("used", "given_up", "declined")[number - 1],
        planned_on=at.date() + timedelta(days=number),
        until=at + timedelta(days=number),
        remarks="",
        reserved_by=owner,
        reserved_at=at,
        ended_at=at,
        end_reason="x",
    )
    session.add(row)
    session.add(Sighting(viewer=world.generator.owner.viewer, kind="reservation", subject_id=row.id))


def _add(session: WriteSession, world: World, number: int, people: tuple[UUID, ...]) -> None:
    """One more of each, later and larger than the one before."""
    at = clock.now() - timedelta(days=30 - number)
    firm, site, plant = world.generator, world.generator.site, world.receiver.site
    viewer, (owner, stranger, inspector) = firm.owner.viewer, people
    state = ("draft", "confirmed", "ended")[number - 1]
    contract = ContractRow(
        id=new_id(),
        shipper_id=firm.id,
        receiver_id=world.receiver.id,
        number=f"HT-{number}",
        signed_on=at.date(),
        valid_from=at.date(),
        valid_to=at.date() + timedelta(days=300 + number),
        state=state,
        entered_by=firm.id,
        created_at=at,
        ended_at=at if state == "ended" else None,
        confirmed_at=None if state == "draft" else at,
        clauses_acknowledged=True,
    )
    take = StockTakeRow(
        id=new_id(),
        site_id=site.id,
        state=("open", "finished", "dropped")[number - 1],
        begun_at=at,
        ended_at=None if number == 1 else at,
    )
    approval = ApprovalRow(
        id=new_id(),
        kind="cross_province",
        state="draft",
        basis="permit",
        number=f"A-{number}",
        generator_id=firm.id,
        shipper_site_id=site.id,
        receiver_id=world.receiver.id,
        receiver_site_id=plant.id,
        origin_region="370602",
        destination_region="320102",
        deciding="37",
        from_on=at.date(),
        to_on=at.date(),
        created_at=at,
        last_act_at=at,
        valid_to=at.date(),
    )
    reserved = ReservedNumberRow(
        id=new_id(),
        number=f"2026370600000{number}",
        organisation_id=firm.id,
        site_id=site.id,
        state=("reserved", "used", "voided")[number - 1],
        reserved_at=at,
        settled_at=None if number == 1 else at,
        reason="x" if number == 3 else "",
    )
    session.add_all([contract, take, approval, reserved])
    for kind, one in (
        ("contract", contract),
        ("stock_take", take),
        ("approval", approval),
        ("reserved_number", reserved),
    ):
        session.add(Sighting(viewer=viewer, kind=kind, subject_id=one.id))
    session.add(
        ClaimRow(
            id=new_id(),
            organisation_id=(firm.id, world.receiver.id, world.carrier.id)[number - 1],
            claimant_id=stranger,
            contact_name="甲",
            contact_phone="1",
            grounds="x",
            state=("pending", "withdrawn", "withdrawn")[number - 1],
            created_at=at,
            decided_at=None if number == 1 else at,
        )
    )
    session.add(
        TreatmentBatchRow(
            id=new_id(),
            site_id=plant.id,
            method=f"D1{number}",
            treated_on=at.date(),
            input_g=number * 1_000,
            residue_g=number * 100,
            product_g=number * 10,
            state="withdrawn" if number == 1 else "finished",
            created_at=at,
        )
    )
    session.add(
        LongTaskRow(
            id=new_id(),
            organisation_id=firm.id,
            person_id=owner,
            membership_id=firm.owner.membership_id,
            viewer=viewer,
            kind="case",
            title="Imports",
            title_facts={},
            arguments={},
            state=("done", "failed", "cancelled")[number - 1],
            message="",
            message_facts={},
            broken=[],
            created_at=at,
            beat_at=at,
            finished_at=at,
        )
    )
    session.add(
        ImportRow(
            id=new_id(),
            organisation_id=firm.id,
            site_id=site.id,
            person_id=owner,
            kind="containers",
            locale="zh",
            name=f"{number}.xlsx",
            size=1,
            sha256="0" * 64,
            state="refused",
            rows=number,
            errors=number,
            warnings=number,
            summary={},
            created_at=at,
        )
    )
    session.add(
        LookRow(
            looked_at=clock.now() - timedelta(minutes=10 - number),
            id=new_id(),
            person_id=inspector,
            organisation_id=world.inspector.organisation_id,
            role="inspector",
            viewer=world.inspector.viewer,
            kind=("stores", "search", "container")[number - 1],
            subject_id=site.id,
            terms="",
            why_words="",
            channel=("page", "api", "page")[number - 1],
            request_id="x",
            session=b"x",
        )
    )
