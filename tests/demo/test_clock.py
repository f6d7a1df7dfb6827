"""Simulated time: lives act in the order of their moments, in one transaction a day; one that fails ends all."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.cli.demonstration.simulating import SimulatedClock
from wastetrack.transparency import signing_key
from wastetrack.transparency.note import Signer

DAWN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
END = DAWN + timedelta(days=10)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    """Of a log that stays empty here."""
    return signing_key.load_or_create(tmp_path / "log.key", origin="tests.example/log")


async def test_lives_act_in_the_order_of_their_moments(fresh_engine: AsyncEngine, signer: Signer) -> None:
    clock = SimulatedClock(END)
    seen: list[tuple[str, int]] = []

    async def life(name: str, *hours: int) -> None:
        for hour in hours:
            step = await clock.until(DAWN + timedelta(hours=hour))
            seen.append((name, round((step.at - DAWN) / timedelta(hours=1))))

    await clock.begin(life("early", 1, 30, 31))
    await clock.begin(life("late", 2, 3, 40))
    await clock.begin(life("never", 24 * 11))
    days: list[date] = []
    await clock.run(fresh_engine, signer, each_day=days.append)
    assert seen == [("early", 1), ("late", 2), ("late", 3), ("early", 30), ("early", 31), ("late", 40)]
    assert len(days) == 3


async def test_a_moment_already_past_is_now(fresh_engine: AsyncEngine, signer: Signer) -> None:
    clock = SimulatedClock(END)
    moments: list[datetime] = []

    async def life() -> None:
        first = await clock.until(DAWN + timedelta(hours=5))
        second = await clock.until(DAWN + timedelta(hours=2))
        moments.extend((first.at, second.at))

    await clock.begin(life())
    await clock.run(fresh_engine, signer, each_day=lambda _: None)
    assert moments == [DAWN + timedelta(hours=5)] * 2


async def test_a_life_that_fails_ends_everything_and_undoes_its_day(fresh_engine: AsyncEngine, signer: Signer) -> None:
    clock = SimulatedClock(END)

    async def life() -> None:
        for day in (1, 2):
            step = await clock.until(DAWN + timedelta(days=day))
            await step.session.execute(sa.text("insert into manifest_numbers values (2026, :p, 1)"), {"p": f"000{day}"})
        raise RuntimeError("an accident")

    async def bystander() -> None:
        await clock.until(END)

    await clock.begin(life())
    await clock.begin(bystander())
    with pytest.raises(RuntimeError, match="an accident"):
        await clock.run(fresh_engine, signer, each_day=lambda _: None)
    async with fresh_engine.connect() as connection:
        kept = (await connection.execute(sa.text("select prefecture from manifest_numbers"))).scalars().all()
    assert kept == ["0001"]
