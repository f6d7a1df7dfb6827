"""The nightly copy: a process of its own, that is told where the records are, and dies with the job."""

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.served import for_application
from tests.support.world import World, a_drum
from wastetrack.db.session import writing
from wastetrack.extracts.copy_state import COPIES, read_state
from wastetrack.extracts.reading import open_extract
from wastetrack.jobs.copying import copy_records
from wastetrack.jobs.worker import make_queue
from wastetrack.settings import Settings


def settings_of(engine: AsyncEngine, folder: Path, out: Path | None) -> Settings:
    """An external database, as the worker and as its owner."""
    url = engine.url.render_as_string(hide_password=False)
    return Settings(
        data_dir=folder, database_url=for_application(url), owner_database_url=url, extract_dir=out
    )  # fmt: skip


async def test_the_copy_is_made_at_night_where_a_folder_is_set(
    fresh_town: AsyncEngine, world: World, tmp_path: Path
) -> None:
    async with writing(fresh_town) as session:
        await a_drum(session, world)
    given = settings_of(fresh_town, tmp_path, tmp_path / "copy")
    queue = make_queue(given, dsn="postgresql://nobody@/nothing", engine=fresh_town)
    await queue.tasks["copy"].func(timestamp=0)
    assert open_extract(tmp_path / "copy")["containers"].count().to_pyarrow().as_py() == 1


async def test_without_a_folder_nothing_is_copied(fresh_town: AsyncEngine, tmp_path: Path) -> None:
    assert not await copy_records(settings_of(fresh_town, tmp_path, None))
    assert not (tmp_path / "copy").exists()


async def test_what_went_wrong_stands_in_the_log(
    fresh_town: AsyncEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "copy"
    out.write_text("a file")
    with caplog.at_level(logging.ERROR):
        assert not await copy_records(settings_of(fresh_town, tmp_path, out))
    assert "`checks copy` failed (exit code 7)" in caplog.text


async def test_the_application_s_own_login_is_refused(
    fresh_town: AsyncEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings_of(fresh_town, tmp_path, tmp_path / "copy")
    bound = given.model_copy(update={"extract_database_url": given.database_url})
    with caplog.at_level(logging.ERROR):
        assert not await copy_records(bound)
    assert "sees a part only" in caplog.text
    assert read_state(tmp_path / "copy") is None


async def test_a_worker_that_has_to_go_takes_the_copy_with_it(fresh_town: AsyncEngine, tmp_path: Path) -> None:
    given = settings_of(fresh_town, tmp_path, tmp_path / "copy")
    job = asyncio.create_task(copy_records(given))
    async with asyncio.timeout(60):
        while not (tmp_path / "copy" / COPIES).exists():  # noqa: ASYNC110  another process makes it
            await asyncio.sleep(0.001)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    await copy_records(given)
    assert read_state(tmp_path / "copy") is not None
