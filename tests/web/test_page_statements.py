"""How many statements PostgreSQL is asked for the pages of an authority, of the chain, of the search and the tasks, and
for each role's first page; and that it does not matter how much there is to show.

The driver's own statements are counted with those of SQLAlchemy, on the pool of the application itself.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.acts import SignAct
from tests.support.all_statements import all_counted
from tests.support.databases import Cluster
from tests.support.findings import fact, run
from tests.support.served import Served, served_on
from tests.support.world import AT, TODAY, World, a_drum, arrived, filed, received
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.db.addresses import Address
from wastetrack.db.session import WriteSession, writing
from wastetrack.findings.publishing import publish
from wastetrack.ids import new_id
from wastetrack.manifests import mismatching, transporting
from wastetrack.manifests.journey_model import MismatchKind, ReportMismatch
from wastetrack.searches.keeping import save_search
from wastetrack.searches.model import SaveSearch
from wastetrack.tasks import starting

pytestmark = pytest.mark.commits

FEW, MANY = 3, 24
PINNED: Mapping[str, Mapping[str, int]] = {
    "inspector": {
        "home": 20,
        "overdue_on_road": 7,
        "mismatches": 7,
        "storage_time": 7,
        "differences": 7,
        "balance": 9,
        "capacity": 9,
        "non-filers": 8,
        "map": 7,
        "findings": 10,
        "findings of a queue": 11,
        "finding": 14,
        "rules of the checks": 4,
        "runs of the checks": 3,
        "positions": 6,
        "zones": 3,
        "region": 7,
        "company": 21,
        "chain of a manifest": 15,
        "chain of a container": 12,
        "chain of a batch": 12,
        "chain of a site": 10,
        "chain of a firm": 10,
        "chain of a vehicle": 11,
        "chain of a permit": 10,
        "search for a code": 8,
        "search for a plate": 8,
        "follow a code": 6,
        "tasks": 4,
        "searches": 3,
        "approvals": 7,
        "manifests": 8,
        "containers": 8,
    },
    "owner": {
        "home": 16,
        "chain of a manifest": 12,
        "chain of a container": 9,
        "chain of a site": 7,
        "search for a code": 6,
        "search for a plate": 6,
        "tasks": 4,
        "searches": 3,
        "manifests": 5,
        "containers": 5,
    },
    **{
        login: {"home": most}
        for login, most in {
            "filer": 15,
            "signer": 15,
            "gate": 11,
            "driver": 7,
            "carrier": 11,
            "receiver": 16,
            "viewer": 6,
            "regulator": 20,
            "approver": 20,
            "operator": 5,
        }.items()
    },
}
"""Who opens what, and at most how many statements that may take: sessions, reasons of looks and all."""


@pytest.fixture(scope="module")
async def lone(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """An application of this file's own, so that nothing else grows meanwhile."""
    address = cluster.clone(town[1].database)
    async with served_on(address.url, town[0], tmp_path_factory.mktemp("lone")) as served:
        yield served
    cluster.drop(address)


async def one_more_of_each(session: WriteSession, world: World) -> None:
    """A load that stands at the gate with a mismatch, one on the road, one that differs and was burnt."""
    gate = world.receiver.people[Role.GATE_OPERATOR]
    at_gate = await arrived(session, world, [await a_drum(session, world, "30 kg")])
    report = ReportMismatch(mismatch_id=new_id(), manifest_id=at_gate, kinds=(MismatchKind.FORM,), found="实为固态")
    await mismatching.report_mismatch(session, gate, report, at=AT + timedelta(hours=4))
    session.expunge_all()
    on_road = await filed(session, world, [await a_drum(session, world, "30 kg")])
    act = SignAct(manifest_id=on_road)
    await transporting.pick_up(session, world.carrier.owner, act, at=AT + timedelta(hours=1))
    session.expunge_all()
    burnt = await a_drum(session, world, "30 kg")
    session.expunge_all()
    await received(session, world, [burnt], "45 kg")
    session.expunge_all()
    command = Treat(site_id=world.receiver.site.id, container_ids=(burnt.id,), method="D10", treated_on=TODAY)
    await treat(session, gate, command, at=AT + timedelta(hours=6))
    session.expunge_all()


async def grown(served: Served, times: int) -> None:
    """So many more of each; and of what the people who look keep and wait for."""
    for number in range(times):
        async with writing(served.owner) as session:
            await one_more_of_each(session, served.world)
            for actor in (served.world.inspector, served.world.generator.owner):
                kept = SaveSearch(page="/manifests", name=f"{number} {new_id().hex[-6:]}", query="q=1")
                if number < 15:
                    await save_search(session, actor, kept, at=AT)
                await starting.start(session, actor, kind="import", title="Check", arguments={}, at=clock.now())
    async with writing(served.owner) as session:
        loads = await session.scalars(text("select id from manifests order by id"))
        facts = (fact(load, party=served.world.carrier.id) for load in loads)
        await publish(session, run(*facts, as_of=clock.now()), at=clock.now())
    # Nothing of it is a person's who signs in here: hand it over to those who do.
    async with writing(served.owner) as session:
        for login, actor in (("inspector", served.world.inspector), ("owner", served.world.generator.owner)):
            for table in ("saved_searches", "long_tasks"):
                statement = (
                    f"update {table} set person_id = (select id from people where login = :login) "  # noqa: S608  names
                    "where person_id = :person"
                )
                await session.execute(text(statement), {"login": login, "person": actor.person_id})


async def addresses(served: Served) -> dict[str, str]:
    """Where the pages of PINNED are."""
    world = served.world
    async with served.owner.connect() as connection:
        statement = text(
            "select (select id from vehicles where plate = :plate), (select id from treatment_batches limit 1),"
            " (select id from containers where state = 'treated' limit 1),"
            " (select id from manifests where state = 'received' limit 1), (select id from findings limit 1)"
        )
        vehicle, batch, container, manifest, found = (await connection.execute(statement, {"plate": world.plate})).one()
    period, code = f"since={TODAY.isoformat()}&until={TODAY.isoformat()}", world.generator.credit_code
    queues = ("overdue_on_road", "mismatches", "storage_time", "differences")
    return {
        "home": "/",
        **{queue: f"/oversight/findings/{queue}" for queue in queues},
        "balance": "/oversight/balance?since=2026-01-01&until=2026-12-31",
        "region": "/oversight/regions/3706",
        "company": f"/oversight/companies/{world.generator.id}",
        **{name: f"/oversight/{name}" for name in ("capacity", "non-filers", "map")},
        "chain of a manifest": f"/audit/manifests/{manifest}",
        "chain of a container": f"/audit/containers/{container}",
        "chain of a batch": f"/audit/chains/batch/{batch}",
        "chain of a site": f"/audit/chains/site/{world.generator.site.id}?{period}",
        "chain of a firm": f"/audit/chains/organisation/{world.receiver.id}?{period}&view=table",
        "chain of a vehicle": f"/audit/chains/vehicle/{vehicle}?{period}&view=graph",
        "chain of a permit": f"/audit/chains/permit/{world.permit_id}?{period}&view=flow",
        "search for a code": f"/search?q={code}",
        "search for a plate": f"/search?q={world.plate}",
        "follow a code": f"/audit?q={code}",
        "findings": "/findings",
        "findings of a queue": "/findings/queues/integrity",
        "finding": f"/findings/{found}",
        "rules of the checks": "/findings/rules",
        "runs of the checks": "/findings/runs",
        "positions": "/positions",
        "zones": "/zones",
        **{name: f"/{name}" for name in ("tasks", "searches", "approvals", "manifests", "containers")},
    }


async def asked_for(served: Served, places: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    """The statements of each page, when it is opened for the second time."""
    told: dict[tuple[str, str], list[str]] = {}
    for login, pages in PINNED.items():
        visitor = await served.page_visitor(login)
        for name in pages:
            await visitor.get(places[name])
            with all_counted(served.app.state.engine) as sent:
                answer = await visitor.get(places[name])
            assert answer.status_code in {200, 303}, f"{login} {name}: {answer.text[-300:]}"
            told[login, name] = sent
    return told


async def test_no_page_asks_more_where_there_is_more(lone: Served) -> None:
    await grown(lone, FEW)
    places = await addresses(lone)
    few = await asked_for(lone, places)
    await grown(lone, MANY - FEW)
    many = await asked_for(lone, places)
    told = {key: (PINNED[key[0]][key[1]], len(few[key]), len(sent)) for key, sent in many.items()}
    more = {key: counts for key, counts in told.items() if not counts[2] <= counts[1] <= counts[0]}
    assert not more, "\n".join(f"{key}: pinned, few, many {counts}" for key, counts in more.items())
