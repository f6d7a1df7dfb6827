"""Holds and purge on a database with a history, as the application's own role: what goes, what stays, what is said."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import SIGNER, write_history
from tests.support import parties as made
from tests.support.databases import Cluster
from tests.support.refused import codes_broken
from tests.support.served import for_application
from tests.support.world import World, a_drum, plan_for
from wastetrack import clock
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.sight import look_as
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.manifests import filing
from wastetrack.privacy.erasing import erase_person
from wastetrack.privacy.holds import BeginHold, HeldThing, begin_hold, end_hold, holds
from wastetrack.privacy.model import ErasePerson, RecordKind
from wastetrack.privacy.purging import Batch, Purged, purge_batch
from wastetrack.privacy.retention import retention
from wastetrack.reports import bundle, proving
from wastetrack.reports.auditing.running import recompute
from wastetrack.transparency.publishing import publish_all

LAW = retention({})
OLD = """
select id, number from manifests m where state = 'closed' and not exists (
  select from manifest_containers line join containers c on c.id = line.container_id
  where line.manifest_id = m.id and c.state in ('at_site', 'in_transit')
) order by id limit 1
"""
OF_THE_WAY = (
    """insert into incidents (id, manifest_id, kind, state, organisation_id, shipper_id, person_id, place, region_code,
      what, measures, reported_to, booked, happened_at, reported_at, closed_at, outcome)
    select :id, id, 'breakdown', 'closed', shipper_id, shipper_id, :person, 'x', '370602', 'x', '', '', false, now(),
      now(), now(), 'x' from manifests where state = 'closed' order by id limit 1""",
    """insert into mismatch_reports (id, manifest_id, shipper_id, receiver_id, destination_region, kinds, found, state,
      reported_by, happened_at, reported_at, decided_by, decided_at, decision_reason)
    select :id, id, shipper_id, receiver_id, destination_region, array['form'], 'x', 'accepted', :person, now(),
      now(), :person, now(), 'x' from manifests where state = 'closed' order by id limit 1""",
    """insert into manifest_redirections (id, manifest_id, old_receiver_id, old_receiver_site_id, old_method,
      receiver_id, receiver_site_id, reason, happened_at, noted_at)
    select :id, id, receiver_id, receiver_site_id, 'D10', receiver_id, receiver_site_id, 'x', now(),
      case when cast(:person as uuid) is null then null else now() end
    from manifests where state = 'closed' order by id limit 1""",
)
"""What happened on the way of the oldest closed manifest, all of it settled."""
NOW = retention(dict.fromkeys(RecordKind, 0))


@pytest.fixture(scope="module")
async def past(cluster: Cluster, town: tuple[World, Address]) -> AsyncIterator[Address]:
    """A database in which everything has happened once, with two drafts and a file beside a closed manifest."""
    address = cluster.clone(town[1].database)
    engine = make_engine(address.url, pool_size=5)
    world = town[0]
    await write_history(engine, world)
    async with writing(engine) as session:
        for _ in range(2):
            drum = await a_drum(session, world)
            plan = replace(plan_for(world, [drum]), basis=TransferBasis.EXEMPT, exemptions=(1,))
            await filing.draft_manifest(session, world.generator.owner, plan, at=clock.now())
        # What the closed ones brought has gone into the furnace.
        standing = await session.scalars(
            text(
                "select c.id from containers c where c.state = 'at_site' and c.site_id = :site and exists (select from"
                " manifest_containers line join manifests m on m.id = line.manifest_id where m.state = 'closed' and"
                " line.container_id = c.id) order by c.id"
            ),
            {"site": world.receiver.site.id},
        )
        batch = Treat(
            site_id=world.receiver.site.id,
            container_ids=tuple(standing),
            method="D10",
            treated_on=legal_day(clock.now()),
        )
        await treat(session, world.receiver.people[Role.GATE_OPERATOR], batch, at=clock.now())
        await session.execute(
            text(
                "insert into attachments (id, organisation_id, person_id, subject_kind, subject_id, name, media_type,"
                " size, sha256, sent_sha256, created_at) select :id, shipper_id, :person, 'manifest', id, 'a.pdf',"
                " 'application/pdf', 1, repeat('b', 64), repeat('b', 64), now() from manifests where state = 'closed'"
                " order by id limit 1"
            ),
            {"id": new_id(), "person": world.generator.owner.person_id},
        )
        for statement in OF_THE_WAY:
            await session.execute(text(statement), {"id": new_id(), "person": world.generator.owner.person_id})
    await engine.dispose()
    yield address
    cluster.drop(address)


@pytest.fixture
async def engines(cluster: Cluster, past: Address) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine]]:
    """Pools of the application and of the owner, on a copy for this test alone."""
    address = cluster.clone(past.database)
    application = make_engine(for_application(address.url), pool_size=5)
    owner = make_engine(address.url, pool_size=5)
    yield application, owner
    await application.dispose()
    await owner.dispose()
    cluster.drop(address)


async def as_actor(session: WriteSession, actor: Actor) -> None:
    """Let the database see with his eyes."""
    await look_as(session, actor)


async def purged(engine: AsyncEngine, what: Purged, *, at: datetime, most: int = 500) -> Batch:
    """One batch by the platform's operator."""
    async with writing(engine) as session:
        operator = made.platform_operator()
        await as_actor(session, operator)
        return await purge_batch(session, operator, what, LAW, at=at, most=most)


async def counted(owner: AsyncEngine, statement: str) -> int:
    async with owner.connect() as connection:
        return int((await connection.execute(text(statement))).scalar_one())


async def faults(owner: AsyncEngine) -> list[str]:
    await publish_all(owner, SIGNER)
    async with reading(owner) as session:
        return [one.sentence() for one in (await recompute(session, SIGNER.verifier)).findings]


def in_years(years: int) -> datetime:
    """A day so many years and one day after today."""
    return clock.now() + timedelta(days=366 * years + 1)


async def test_nothing_goes_before_its_time(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    application, owner = engines
    before = await counted(owner, "select count(*) from log_leaves")
    for what in Purged:
        assert (await purged(application, what, at=clock.now() + timedelta(minutes=1))).count == 0
    assert await counted(owner, "select count(*) from log_leaves") == before


async def test_drafts_go_after_a_year_and_the_log_says_so(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    application, owner = engines
    drafts = await counted(owner, "select count(*) from manifests where state = 'draft'")
    assert drafts >= 2
    one = await purged(application, Purged.DRAFTS, at=in_years(1), most=1)
    assert (one.count, one.more) == (1, True)
    rest = await purged(application, Purged.DRAFTS, at=in_years(1))
    assert await counted(owner, "select count(*) from manifests where state = 'draft'") == 0
    assert one.count + rest.count >= drafts
    assert await counted(owner, "select count(*) from log_leaves where kind = 'records_purged'") == 2
    assert await faults(owner) == []


async def test_details_of_old_manifests_go_and_number_books_and_proofs_stay(
    engines: tuple[AsyncEngine, AsyncEngine], world: World
) -> None:
    application, owner = engines
    assert (await purged(application, Purged.MANIFESTS, at=in_years(9))).count == 0
    standing = await counted(owner, "select count(*) from postings")
    numbers = await counted(owner, "select count(*) from manifests where number is not null")
    async with owner.connect() as connection:
        row = (await connection.execute(text(OLD))).one()
    gone = await purged(application, Purged.MANIFESTS, at=in_years(10))
    assert row.number in gone.numbers
    assert await counted(owner, f"select count(*) from manifest_containers where manifest_id = '{row.id}'") == 0  # noqa: S608
    assert await counted(owner, f"select count(*) from manifest_signatures where manifest_id = '{row.id}'") == 0  # noqa: S608
    assert await counted(owner, "select count(*) from postings") == standing
    assert await counted(owner, "select count(*) from manifests where number is not null") == numbers
    assert await faults(owner) == []
    async with reading(owner) as session:
        events = await proving.events_of_manifest(session, world.generator.owner, UUID(str(row.id)))
        told = await proving.gather_bundle(session, events, signer=SIGNER, personal=True)
    assert bundle.verify_file(told.encode(), str(SIGNER.verifier)).holds
    assert gone.files == ("b" * 64,)
    assert await counted(owner, "select count(*) from attachments") == 0
    for table in ("incidents", "mismatch_reports", "manifest_redirections"):
        assert await counted(owner, f"select count(*) from {table}") == 0  # noqa: S608
    # A second purge finds nothing left.
    assert (await purged(application, Purged.MANIFESTS, at=in_years(10))).count == 0


@pytest.mark.parametrize(
    "unsettled",
    [
        "update incidents set state = 'open', closed_at = null",
        "update mismatch_reports set state = 'reported', decided_at = null",
    ],
)
async def test_a_manifest_of_which_something_is_still_open_stays_whole(
    engines: tuple[AsyncEngine, AsyncEngine], unsettled: str
) -> None:
    application, owner = engines
    async with owner.begin() as connection:
        row = (
            await connection.execute(
                text("select id, number from manifests where state = 'closed' order by id limit 1")
            )
        ).one()
        await connection.execute(text(unsettled))
    gone = await purged(application, Purged.MANIFESTS, at=in_years(10))
    assert row.number not in gone.numbers
    for table in ("incidents", "mismatch_reports", "manifest_redirections"):
        assert await counted(owner, f"select count(*) from {table} where manifest_id = '{row.id}'") > 0  # noqa: S608


async def test_a_draft_that_a_trip_names_stays_and_keeps_no_other_from_going(
    engines: tuple[AsyncEngine, AsyncEngine],
) -> None:
    application, owner = engines
    async with owner.begin() as connection:
        trip = new_id()
        await connection.execute(
            text(
                "insert into trips (id, carrier_id, vehicle_id, receiver_id, receiver_site_id, day, state, planned_by,"
                " planned_at) select :trip, v.organisation_id, v.id, m.receiver_id, m.receiver_site_id, current_date,"
                " 'planned', (select id from people limit 1), now()"
                " from manifests m cross join lateral (select * from vehicles limit 1) v"
                " where m.state = 'draft' order by m.id limit 1"
            ),
            {"trip": trip},
        )
        statement = "select id from manifests where state = 'draft' order by id limit 1"
        named = (await connection.execute(text(statement))).scalar_one()
        await connection.execute(text("insert into trip_stops values (:trip, 1, :id)"), {"trip": trip, "id": named})
    others = await counted(owner, "select count(*) from manifests where state = 'draft'") - 1
    assert (await purged(application, Purged.DRAFTS, at=in_years(1), most=1)).count == 1
    await purged(application, Purged.DRAFTS, at=in_years(1))
    assert others >= 1
    assert await counted(owner, "select count(*) from manifests where state = 'draft'") == 1


async def test_a_manifest_whose_waste_still_stands_somewhere_stays_whole(
    engines: tuple[AsyncEngine, AsyncEngine],
) -> None:
    application, owner = engines
    await purged(application, Purged.MANIFESTS, at=in_years(10))
    left = await counted(
        owner,
        "select count(*) from manifests m where purged_at is not null and exists (select from manifest_containers line"
        " join containers c on c.id = line.container_id where line.manifest_id = m.id and c.state = 'at_site')",
    )
    assert left == 0


async def test_personal_parts_go_by_the_kind_of_their_record(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    application, owner = engines
    ledger = (
        "select count(*) from log_personal p join log_leaves l on l.id = p.leaf_id where l.kind like 'container_l%'"
    )
    manifests = (
        "select count(*) from log_personal p join log_leaves l on l.id = p.leaf_id where l.kind like 'manifest%'"
    )
    filed = await counted(owner, manifests)
    assert await counted(owner, ledger) > 0
    while (await purged(application, Purged.OPENINGS, at=in_years(5))).count:
        pass
    assert await counted(owner, ledger) == 0
    assert await counted(owner, manifests) == filed
    while (await purged(application, Purged.OPENINGS, at=in_years(10))).count:
        pass
    assert await counted(owner, manifests) == 0
    assert await faults(owner) == []


async def test_nobody_but_the_platform_purges(engines: tuple[AsyncEngine, AsyncEngine], world: World) -> None:
    application, _ = engines
    async with writing(application) as session:
        await as_actor(session, world.generator.owner)
        with pytest.raises(Forbidden):
            await purge_batch(session, world.generator.owner, Purged.DRAFTS, LAW, at=in_years(1))
    for statement in (
        "select * from purge_drafts(now(), 10)",
        "select purge_openings(array['manifest_filed'], now(), 10)",
        "delete from manifest_signatures",
    ):
        async with writing(application) as session:
            await as_actor(session, world.generator.owner)
            with pytest.raises(DBAPIError):
                await session.execute(text(statement))
            await session.rollback()
    async with writing(application) as session:
        await as_actor(session, world.generator.owner)
        await session.execute(text("select set_config('wastetrack.purging', 'on', true)"))
        with pytest.raises(DBAPIError):
            await session.execute(text("delete from manifest_signatures"))
        await session.rollback()


async def held(engine: AsyncEngine, actor: Actor, command: BeginHold) -> UUID:
    async with writing(engine) as session:
        await as_actor(session, actor)
        row, _ = await begin_hold(session, actor, command, at=clock.now())
        return row.id


async def let_go(engine: AsyncEngine, actor: Actor, hold_id: UUID) -> None:
    async with writing(engine) as session:
        await as_actor(session, actor)
        await end_hold(session, actor, hold_id, "案件已结", at=clock.now())


@pytest.mark.parametrize("thing", list(HeldThing))
async def test_a_hold_stops_purge_and_erasure_until_it_ends(
    engines: tuple[AsyncEngine, AsyncEngine], world: World, thing: HeldThing
) -> None:
    application, owner = engines
    async with owner.connect() as connection:
        old, old_number = (await connection.execute(text(OLD))).one()
    subject = {
        HeldThing.MANIFEST: old,
        HeldThing.SITE: world.generator.site.id,
        HeldThing.ORGANISATION: world.generator.id,
    }[thing]
    hold_id = await held(
        application, world.inspector, BeginHold(thing=thing, subject_id=subject, reason="案件调查", told=False)
    )
    assert old_number not in (await purged(application, Purged.MANIFESTS, at=in_years(10))).numbers
    assert await counted(owner, f"select count(*) from manifests where id = '{old}' and purged_at is not null") == 0  # noqa: S608
    operator = made.platform_operator()
    signer = world.generator.owner
    command = ErasePerson(person_id=signer.person_id, reason="本人申请")
    async with writing(application) as session:
        await as_actor(session, operator)
        assert "under_hold" in await codes_broken(
            erase_person(session, operator, command, NOW, at=clock.now() + timedelta(days=1))
        )
        await session.rollback()
    await let_go(application, world.inspector, hold_id)
    assert old_number in (await purged(application, Purged.MANIFESTS, at=in_years(10))).numbers
    async with writing(application) as session:
        await as_actor(session, operator)
        await erase_person(session, operator, command, NOW, at=clock.now() + timedelta(days=1))
    assert await faults(owner) == []


async def test_a_hold_is_known_to_those_concerned_only_if_they_are_told(
    engines: tuple[AsyncEngine, AsyncEngine], world: World
) -> None:
    application, owner = engines
    site = world.generator.site.id
    secret = BeginHold(thing=HeldThing.SITE, subject_id=site, reason="案件调查", told=False)
    open_one = BeginHold(thing=HeldThing.SITE, subject_id=site, reason="通知保全", told=True)
    await held(application, world.inspector, secret)
    known_id = await held(application, world.inspector, open_one)
    for actor, expected in (
        (world.generator.owner, [known_id]),
        (world.receiver.owner, []),
    ):
        async with reading(application) as session:
            await look_as(session, actor)
            assert [row.id for row in await holds(session, actor)] == expected
            rows = await session.execute(text("select count(*) from legal_holds"))
            assert rows.scalar_one() == len(expected)
    async with reading(application) as session:
        await look_as(session, world.inspector)
        assert len(await holds(session, world.inspector)) == 2
    leaf = "select convert_from(bytes, 'utf8') from log_leaves where kind = 'hold_begun' order by arrival limit 1"
    async with owner.connect() as connection:
        assert str(site) not in str((await connection.execute(text(leaf))).scalar_one())


async def test_who_may_hold_and_what(engines: tuple[AsyncEngine, AsyncEngine], world: World) -> None:
    application, _ = engines
    site = BeginHold(thing=HeldThing.SITE, subject_id=world.generator.site.id, reason="案件调查")
    elsewhere = made.actor(Role.INSPECTOR, "r:1101")
    for actor, error in ((world.generator.owner, Forbidden), (elsewhere, Forbidden)):
        with pytest.raises(error):
            await held(application, actor, site)
    unknown = BeginHold(thing=HeldThing.MANIFEST, subject_id=new_id(), reason="案件调查")
    with pytest.raises(NotFound):
        await held(application, world.inspector, unknown)
    async with writing(application) as session:
        await as_actor(session, world.inspector)
        nameless = BeginHold(thing=HeldThing.SITE, subject_id=world.generator.site.id, reason=" ")
        assert await codes_broken(begin_hold(session, world.inspector, nameless, at=clock.now())) == ["reason_missing"]
        await session.rollback()
    hold_id = await held(application, world.inspector, site)
    await let_go(application, world.inspector, hold_id)
    with pytest.raises(Conflict):
        await let_go(application, world.inspector, hold_id)
