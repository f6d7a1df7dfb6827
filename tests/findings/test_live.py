"""Urgent rules over the live records: what happened a moment ago is a finding, by the job of the worker."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import ibis
import psycopg
from sqlalchemy import text

from tests.support.served import for_application
from tests.support.trade import Trade, asked, sent
from wastetrack import clock
from wastetrack.checks.live import run_live
from wastetrack.checks.rules.r15_payload import ABSOLUTE, RULE
from wastetrack.db import addresses
from wastetrack.db.session import writing
from wastetrack.findings.model import RuleAnswer
from wastetrack.jobs.copying import check_live
from wastetrack.settings import Settings


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def pg_sleep(seconds: float) -> str:  # type: ignore[empty-body]
    """PostgreSQL's own."""


async def test_a_load_over_the_vehicles_rating_is_found_within_a_minute(trade: Trade, tmp_path: Path) -> None:
    manifest_id = await trade.filed(await trade.labelled())
    await sent(await trade.carrier(), f"/manifests/{manifest_id}/pick-up", {})
    async with writing(trade.served.owner) as session:
        await session.execute(text("update vehicles set rated_load_g = 1000"))
    owner = trade.served.owner.url.render_as_string(hide_password=False)
    settings = Settings(
        database_url=addresses.over("", for_application(owner)),
        owner_database_url=addresses.over("", owner),
        data_dir=tmp_path,
        extract_dir=tmp_path / "copy",
    )
    began = time.monotonic()
    assert await check_live(settings)
    assert time.monotonic() - began < 60
    found = (await asked(await trade.inspector(), "/checks/findings?state=live&rule=R15"))["items"]
    (one,) = [one for one in found if one["subject"]["id"] == manifest_id]
    assert one["subject"]["name"], "the number of the manifest"
    assert one["party"]["id"] == str(trade.world.carrier.id)
    assert one["at_risk_g"] > 100_000
    assert (await (await trade.stranger()).get("/api/v1/checks/findings")).status_code == 403
    with psycopg.connect(addresses.over("", owner)) as connection:
        later = run_live(connection, as_of=clock.now() + timedelta(days=9), numbers={}, late=[])
        kinds = [replace(ABSOLUTE, id=kind, needs=(f"manifests.kind={kind}",)) for kind in ("road", "return|road", "x")]
        by_kind = run_live(connection, as_of=clock.now(), numbers={}, rules=kinds, late=[])
        slow = replace(RULE, id="slow", find=lambda *given: RULE.find(*given).filter(pg_sleep(30.0).isnull()))
        late: list[str] = []
        beside = run_live(connection, as_of=clock.now(), numbers={}, rules=(slow, RULE), late=late, most_seconds=3)
    assert late == ["slow"]
    assert [(one.rule, one.answer) for one in beside.rules] == [("R15", RuleAnswer.FOUND)]
    assert [one.rule for one in by_kind.rules if one.answer is RuleAnswer.NO_DATA] == ["x"]
    answers = {one.rule: (one.answer, one.lacking) for one in later.rules}
    assert answers["R15"][0] is RuleAnswer.NOTHING, "older than what an urgent run tells"
    assert answers["R07C"][0] is RuleAnswer.NO_DATA
