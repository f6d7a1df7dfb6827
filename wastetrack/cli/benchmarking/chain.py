"""(g) The chain of a site with about 1,000 steps, through row-level security, beside its two large statements alone."""

import time
from datetime import timedelta
from uuid import UUID

from wastetrack import clock
from wastetrack.auth.model import Actor, Role, viewer_of_jurisdiction
from wastetrack.auth.sight import look_as
from wastetrack.cli.benchmarking.rows import Row, cost
from wastetrack.cli.benchmarking.stage import Stage, prepare
from wastetrack.db.engine import make_engine
from wastetrack.db.session import ReadSession, reading
from wastetrack.ids import new_id
from wastetrack.reports.chains import statements
from wastetrack.reports.chains.columns import board
from wastetrack.reports.chains.gathering import MOST_EVENTS, Asked, ChainOf, chain, containers_of

_TRUCKS = 50
_CONTAINERS = 10
_LONGEST_SECONDS = 1.0


async def measure(stage: Stage, *, scale: float) -> list[Row]:
    """Seconds for the chain and its columns, the best of five; the yardstick is the bare reading of the same rows."""
    seed = await stage.clone()
    await prepare(stage, seed, max(2, int(_TRUCKS * scale)), _CONTAINERS, arrived=True)
    address = await stage.clone(seed.database)
    engine = make_engine(address.for_application().url, pool_size=1)
    site = stage.shipper.site.id
    region = stage.shipper.site.region_code[:4]
    actor = Actor(new_id(), "", new_id(), new_id(), Role.INSPECTOR, viewer_of_jurisdiction(region))
    asked = Asked(of=ChainOf.SITE, subject_id=site, since=clock.now() - timedelta(days=31), until=clock.now())
    ours, bare, nodes = [], [], 0
    async with reading(engine) as session:
        await look_as(session, actor)
        for _ in range(5):
            begun = time.perf_counter()
            found = await chain(session, actor, asked)
            board(found.graph)
            ours.append(time.perf_counter() - begun)
            nodes = len(found.graph.nodes)
            bare.append(await _bare(session, actor, asked, list(found.wanted)))
    await engine.dispose()
    return [cost(f"chain_of_{nodes}_steps", min(ours), min(bare), "s", at_most=_LONGEST_SECONDS)]


async def _bare(session: ReadSession, actor: Actor, asked: Asked, wanted: list[UUID]) -> float:
    """The two large statements alone."""
    driver = await session.driver()
    begun = time.perf_counter()
    await containers_of(session, actor, asked)
    await driver.fetch(statements.EVENTS, actor.viewer, wanted, MOST_EVENTS)
    return time.perf_counter() - begun
