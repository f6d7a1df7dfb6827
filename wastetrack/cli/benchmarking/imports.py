"""(h) A file of many containers is checked and taken in, beside a bare COPY of the very rows that it makes."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.cli.benchmarking.rows import Row
from wastetrack.cli.benchmarking.stage import Stage
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import Sight, writing
from wastetrack.imports import offering
from wastetrack.imports.model import ImportKind
from wastetrack.imports.offering import Confirm, Offer
from wastetrack.imports.template_books import template
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.long_work import perform
from wastetrack.mass import Mass
from wastetrack.settings import Settings

_ROWS = 10_000
_AT_LEAST = 334
"""Rows a second: ten thousand in half a minute."""
_AIM = f"value >= {_AT_LEAST}"


async def measure(stage: Stage, *, scale: float) -> list[Row]:
    """Rows per second of the check, of the taking in, and of COPY."""
    count = max(int(_ROWS * scale), 100)
    content = template(ImportKind.CONTAINERS, "zh", [_row(stage, number) for number in range(count)])
    address = await stage.clone()
    engine, actor = make_engine(address.for_application().url, pool_size=4), stage.shipper.by(Role.OWNER)
    sight = Sight(actor.viewer, actor.organisation_id, actor.person_id)

    async def worked(task_id: UUID | None) -> float:
        assert task_id is not None  # noqa: S101  an import is made with its task
        begin = time.perf_counter()
        await perform(engine, Settings(), HANDLERS, sight, task_id)
        return time.perf_counter() - begin

    offered = Offer(kind=ImportKind.CONTAINERS, site_id=stage.shipper.site.id, name="bench.xlsx", content=content)
    async with writing(engine) as session:
        await session.look_as(actor.viewer, actor.organisation_id, actor.person_id)
        made = await offering.offer(session, actor, offered, at=clock.now())
    checked = await worked(made.task_id)
    async with writing(engine) as session:
        await session.look_as(actor.viewer, actor.organisation_id, actor.person_id)
        going = await offering.confirm(session, actor, Confirm(import_id=made.id, warnings=0), at=clock.now())
    taken_in = await worked(going.task_id)
    await engine.dispose()
    copied = await _copied(address, count)
    return [_rate("import_check", count / checked, count / copied), _rate("import", count / taken_in, count / copied)]


def _rate(name: str, ours: float, bare: float) -> Row:
    return Row(name, round(ours, 1), "rows/s", round(bare, 1), round(ours / bare, 4), _AIM, ours >= _AT_LEAST)


async def _copied(address: Address, count: int) -> float:
    """Seconds of a COPY of the containers that the import has made. Raises RuntimeError unless it has made all."""
    connection = await asyncpg.connect(address.dsn)
    try:
        rows = await connection.fetch("select * from containers order by id desc limit $1", count)
        if len(rows) != count:
            msg = f"the import has made {len(rows)} of {count} containers"
            raise RuntimeError(msg)
        await connection.execute("create table bare_containers (like containers including all)")
        begin = time.perf_counter()
        await connection.copy_records_to_table("bare_containers", records=[tuple(row) for row in rows])
        return time.perf_counter() - begin
    finally:
        await connection.close()


def _row(stage: Stage, number: int) -> dict[str, Any]:
    """A small box; the days differ because a day has only 999 serials."""
    return {
        "waste_code": stage.waste_code,
        "waste_name": "废物",
        "form": "solid",
        "hazards": ("T", "I", "C", "R"),
        "packaging": "box",
        "volume_l": 20,
        "gross_g": Mass(6_200 + number % 1_000),
        "tare_g": Mass(1_200),
        "method": "platform_scale",
        "scale_id": "BENCH",
        "generated_on": legal_day(clock.now()) - timedelta(days=number // 900),
    }
