"""The columnar copy: what is renewed is what a whole copy would be, whatever happened since; readers see one moment."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import parties as made
from tests.support.databases import Cluster
from tests.support.enterprise_year import Year, clock
from tests.support.world import OIL, SLUDGE, World
from wastetrack.containers.ledger_facts import Operation
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.db import addresses
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import writing
from wastetrack.errors import Conflict, Malformed, Unavailable
from wastetrack.extracts import copying
from wastetrack.extracts.copy_state import STATE, Piece, State, note, read_journal, read_state, write_state
from wastetrack.extracts.copying import copy
from wastetrack.extracts.files import find_tables
from wastetrack.extracts.reading import open_extract
from wastetrack.parties.permitting import grant_permit
from wastetrack.transparency.note import Signer
from wastetrack.transparency.publishing import publish_all

SIGNER = Signer("yantai.example/log", bytes(32))
Told = dict[tuple[str, str], tuple[int, str]]
Step = Callable[[Year], Coroutine[Any, Any, object]]


def dsn_of(engine: AsyncEngine) -> str:
    return addresses.over("", engine.url.render_as_string(hide_password=False))


def told(state: State) -> Told:
    """What a copy holds: rows and bytes of every file."""
    return {key: (piece.rows, piece.sha256) for key, piece in state.pieces.items()}


async def _permit(year: Year) -> None:
    permit = made.permit_command(year.world.generator.id, items=(made.item(SLUDGE, "D10 R9", "10 t"),))
    await grant_permit(year.session, made.approver("3706"), permit, at=clock(1, 2))


async def _drums_of_january(year: Year) -> None:
    await year.label("a", OIL, "180 kg", clock(1, 5), on=date(2026, 1, 4))
    await year.label("b", OIL, "150.505 kg", clock(1, 5, 10), store=True)
    await year.label("c", OIL, "90 kg", clock(1, 20))


async def _one_comes_back(year: Year) -> None:
    _, back = await year.send("ac", clock(2, 2), {"a": "199.5 kg", "c": None})
    assert back is not None
    await year.take_back(back, "c", "109.8 kg", clock(2, 3))


async def _weighed_again(year: Year) -> None:
    await year.weigh("b", "150.1 kg", clock(2, 10))


async def _refilled(year: Year) -> None:
    await year.label("d", SLUDGE, "60 kg", clock(3, 1), store=True)
    await year.label("e", SLUDGE, "40 kg", clock(3, 1, 10), store=True)
    await year.refill("de", {"f": "99.5 kg"}, clock(3, 3), why="桶壁残留")
    await year.refill("f", {"g": "50 kg", "h": "49.5 kg"}, clock(3, 10))


async def _treated_here(year: Year) -> None:
    operation = Operation(facility_code="TS001", handler="赵炉长", finished_at=clock(3, 20, 15))
    await year.treat_here("g", clock(3, 20, 9), ash="5 kg", operation=operation)


async def _corrected(year: Year) -> None:
    trip, _ = await year.send("c", clock(4, 22), {"c": "109.6 kg"})
    await year.correct(trip, "c", "89 kg", clock(5, 3))


async def _burnt(year: Year) -> None:
    """What was made in January ends in July."""
    command = Treat(
        site_id=year.world.receiver.site.id,
        container_ids=(year.drums["a"].id, year.drums["c"].id),
        method="D10",
        treated_on=date(2026, 7, 3),
        operation=Operation(facility_code="FS001", handler="孙工"),
    )
    await treat(year.session, year.world.receiver.owner, command, at=clock(7, 3))


STEPS: tuple[Step, ...] = (
    _permit, _drums_of_january, _one_comes_back, _weighed_again, _refilled, _treated_here, _corrected, _burnt,
)  # fmt: skip


@dataclass
class Town:
    """A town whose year goes on step by step."""

    engine: AsyncEngine
    world: World
    year: Year

    @property
    def dsn(self) -> str:
        return dsn_of(self.engine)

    async def live(self, step: Step) -> None:
        """One step, committed."""
        async with writing(self.engine) as session:
            self.year.session = session
            await step(self.year)

    async def publish(self) -> None:
        """Everything gets its place in the log."""
        await publish_all(self.engine, SIGNER)


@pytest.fixture
async def living(fresh_town: AsyncEngine, world: World) -> AsyncIterator[Town]:
    async with writing(fresh_town) as session:
        yield Town(fresh_town, world, Year(session, world, {}))


@pytest.mark.parametrize("seed", range(3))
async def test_a_copy_that_is_renewed_is_a_whole_one(
    cluster: Cluster, town: tuple[World, Address], tmp_path: Path, seed: int
) -> None:
    """Whenever the log is published and whenever it is copied; the first step and the last are always looked at."""
    world, address = town
    dice = Random(seed)  # noqa: S311  which steps are looked at
    own = cluster.clone(address.database)
    engine = make_engine(own.url, pool_size=4)
    kept = 0
    try:
        async with writing(engine) as unused:
            life = Town(engine, world, Year(unused, world, {}))
            for number, step in enumerate(STEPS):
                await life.live(step)
                if dice.random() < 0.7:
                    await life.publish()
                if number in {0, len(STEPS) - 1} or dice.random() < 0.6:
                    renewed = copy(life.dsn, tmp_path / "copy")
                    whole = copy(life.dsn, tmp_path / f"whole{number}")
                    assert told(renewed.state) == told(whole.state)
                    kept += renewed.kept
            await life.publish()
            copy(life.dsn, tmp_path / "copy")
            assert copy(life.dsn, tmp_path / "copy").written == 14, "nothing happened: only what has no months"
    finally:
        await engine.dispose()
        cluster.drop(own)
    assert kept, "something was not read again"


async def test_an_event_of_july_renews_the_month_in_which_its_container_was_made(living: Town, tmp_path: Path) -> None:
    for step in STEPS[:-1]:
        await living.live(step)
    await living.publish()
    before = told(copy(living.dsn, tmp_path).state)
    await living.live(_burnt)
    await living.publish()
    after = told(copy(living.dsn, tmp_path).state)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert ("containers", "2026-01") in changed
    assert ("batches", "2026-07") in changed
    assert ("containers", "2026-03") not in changed
    assert ("manifests", "2026-02") not in changed


async def test_what_waits_for_its_place_in_the_log_is_read_again_until_it_has_one(living: Town, tmp_path: Path) -> None:
    await living.live(_permit)
    await living.live(_drums_of_january)
    first = copy(living.dsn, tmp_path)
    assert first.state.log_size == 0
    again = copy(living.dsn, tmp_path)
    assert told(again.state) == told(first.state)
    assert again.kept == 0
    await living.publish()
    copy(living.dsn, tmp_path)
    assert copy(living.dsn, tmp_path).kept == len([key for key in first.state.pieces if key[1]])


async def test_rows_that_were_taken_away_leave_the_month_in_which_they_stood(living: Town, tmp_path: Path) -> None:
    """A purge names the manifest; where its rows were stands only in the copy before."""
    for step in STEPS[:3]:
        await living.live(step)
    await living.publish()
    before = copy(living.dsn, tmp_path).state
    assert ("loads", "2026-02") in before.pieces
    async with writing(living.engine) as session:
        driver = await session.driver()
        (paper,) = {row["id"] for row in await driver.fetch("select id from manifests where kind = 'return'")}
        await driver.execute("delete from manifest_containers where manifest_id = $1", paper)
        # Whatever is told of it: here its own words again, under another name.
        await driver.execute(
            "with told as (insert into log_leaves (id, kind, bytes, hash, recorded_at) "
            "select gen_random_uuid(), 'manifest_purged', '{}'::bytea, sha256('\\x00'::bytea || '{}'::bytea), now() "
            "returning arrival) insert into log_subjects (subject_id, arrival) select $1, arrival from told",
            paper,
        )
    after = copy(living.dsn, tmp_path).state
    assert after.pieces["loads", "2026-02"].rows == before.pieces["loads", "2026-02"].rows - 1
    assert told(after) == told(copy(living.dsn, tmp_path / "whole").state)


async def test_who_reads_while_it_is_renewed_keeps_the_moment_that_he_opened(living: Town, tmp_path: Path) -> None:
    for step in STEPS[:2]:
        await living.live(step)
    copy(living.dsn, tmp_path)
    reader = open_extract(tmp_path)
    seen = reader["containers"].count().to_pyarrow().as_py()
    await living.live(_one_comes_back)
    copy(living.dsn, tmp_path)
    assert reader["containers"].count().to_pyarrow().as_py() == seen
    assert reader["manifests"].count().to_pyarrow().as_py() == 0
    assert open_extract(tmp_path)["manifests"].count().to_pyarrow().as_py() > 0


async def test_a_file_that_somebody_took_away_or_cut_is_made_again(living: Town, tmp_path: Path) -> None:
    for step in STEPS[:3]:
        await living.live(step)
    await living.publish()
    state = copy(living.dsn, tmp_path).state
    (tmp_path / state.folder / "manifests" / "2026-02.parquet").unlink()
    torn = tmp_path / state.folder / "containers" / "2026-01.parquet"
    torn.write_bytes(torn.read_bytes()[:100])
    again = copy(living.dsn, tmp_path)
    assert told(again.state) == told(state)
    assert again.written == 14 + 2


async def test_two_do_not_copy_into_one_folder(living: Town, tmp_path: Path) -> None:
    with copying._alone(tmp_path), pytest.raises(Conflict, match="copies into"):
        copy(living.dsn, tmp_path)
    copy(living.dsn, tmp_path)


async def test_a_login_that_may_not_look_is_told_so(living: Town, tmp_path: Path) -> None:
    bound = dsn_of(living.engine).replace("wastetrack@", "wastetrack_app@")
    with pytest.raises(Unavailable, match="permission denied"):
        copy(bound, tmp_path)
    assert not (tmp_path / STATE).exists()


async def test_an_account_that_cannot_be_read_is_told_and_full_makes_it_anew(living: Town, tmp_path: Path) -> None:
    state = copy(living.dsn, tmp_path).state
    (tmp_path / STATE).write_text("{")
    with pytest.raises(Malformed, match="--full"):
        copy(living.dsn, tmp_path)
    with pytest.raises(Malformed, match="--full"):
        open_extract(tmp_path)
    anew = copy(living.dsn, tmp_path, full=True).state
    assert told(anew) == told(state)
    assert anew.number > state.number


def _a_piece(month: str) -> Piece:
    return Piece(table="scans", month=month, rows=1, bytes=4, sha256="00", log_size=7, definition="d")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 400))
def test_a_journal_that_was_cut_anywhere_tells_of_what_was_whole(tmp_path: Path, cut: int) -> None:
    (tmp_path / "journal.ndjson").unlink(missing_ok=True)
    note(tmp_path, _a_piece("2026-01"))
    whole = (tmp_path / "journal.ndjson").read_bytes()
    note(tmp_path, _a_piece("2026-02"))
    text = (tmp_path / "journal.ndjson").read_bytes()
    (tmp_path / "journal.ndjson").write_bytes(text[:cut])
    note(tmp_path, _a_piece("2026-03"))
    months = {month for _, month in read_journal(tmp_path)}
    assert "2026-03" in months
    assert ("2026-01" in months) == (cut >= len(whole) - 1)


def test_the_account_of_a_copy_is_read_as_it_was_written(tmp_path: Path) -> None:
    state = State(3, datetime(2026, 1, 1, tzinfo=UTC).isoformat(), 9, {("scans", "2026-01"): _a_piece("2026-01")})
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
    assert read_state(tmp_path / "elsewhere") is None


def test_a_folder_without_an_account_is_an_extract_as_ever(tmp_path: Path) -> None:
    (tmp_path / "sites.ndjson").write_text('{"site_id": "s", "organisation_id": "o", "kind": "generator"}\n')
    assert set(find_tables(tmp_path)[0]) == {"sites"}
    assert open_extract(tmp_path)["sites"].count().to_pyarrow().as_py() == 1
