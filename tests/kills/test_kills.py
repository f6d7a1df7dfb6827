"""The short form of the trial: a dozen kills. The long one is `python -m tests.kills.run --kills 200`."""

from pathlib import Path

import asyncpg

from tests.kills.run import torment

_TAKE_AWAY = """
delete from log_sequence where arrival = (select min(arrival) from log_leaves where kind = 'container_labelled')
"""
_COPY = """
insert into manifests select copied.* from manifests first,
  jsonb_populate_record(first, jsonb_build_object('id', gen_random_uuid(), 'number', '20260000000001')) copied
limit 1
"""


async def test_nothing_acknowledged_is_lost_by_a_dozen_kills(tmp_path: Path) -> None:
    summary = await torment(tmp_path / "data", kills=12, seed=20261123, clients=4)
    assert summary["told"] == []
    assert summary["holds"]
    assert summary["kills"] >= 12
    assert summary["acknowledged"] > 50


async def test_the_trial_sees_a_loss_a_double_and_a_broken_promise(tmp_path: Path) -> None:
    async def lose_something(dsn: str) -> None:
        connection = await asyncpg.connect(dsn)
        await connection.execute("set session_replication_role = replica")
        for statement in (
            "delete from answered_requests where path like '%/containers'",
            "update containers set net_g = net_g + 1, gross_g = gross_g + 1",
            "insert into log_subjects select gen_random_uuid(), min(arrival) from log_leaves",
            _TAKE_AWAY,
            _COPY,
        ):
            assert (await connection.execute(statement)).split()[-1] != "0", statement
        await connection.close()

    summary = await torment(tmp_path / "data", kills=0, seed=1, clients=1, sabotage=lose_something)
    assert not summary["holds"]
    assert summary["lost"] > 0
    assert summary["duplicates"] > 0
    assert summary["receipts_broken"] > 0
    assert summary["invariants_broken"] > 0
