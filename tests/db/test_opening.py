"""Opening the database of the settings, embedded or external."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.owners import owning
from tests.support.served import for_application
from wastetrack.db import embedded, migrating
from wastetrack.db.opening import open_database
from wastetrack.db.session import reading
from wastetrack.errors import Conflict, Unavailable
from wastetrack.settings import Settings


def given(data_dir: Path, database_url: str | None = None) -> Settings:
    return Settings(data_dir=data_dir, database_url=database_url)


async def test_without_a_url_the_embedded_server_starts_migrates_and_stops(tmp_path: Path) -> None:
    async with open_database(given(tmp_path)) as database:
        assert database.embedded
        assert (migrating.current_revision(database.url),) == migrating.heads()
        async with reading(database.engine) as session:
            assert await session.scalar(text("show transaction_read_only")) == "on"
    with pytest.raises(Unavailable):
        embedded.attach(tmp_path)


async def test_with_a_url_the_external_database_is_used_and_no_folder_is_made(
    tmp_path: Path, fresh_database: str
) -> None:
    plain = for_application(fresh_database).replace("postgresql+asyncpg", "postgres")
    async with open_database(given(tmp_path / "data", plain)) as database:
        assert not database.embedded
        assert database.dsn.startswith("postgresql://")
        async with reading(database.engine) as session:
            assert await session.scalar(text("select 1")) == 1
    assert not (tmp_path / "data").exists()


async def test_a_tool_may_join_where_a_second_owner_may_not(tmp_path: Path) -> None:
    async with open_database(given(tmp_path)) as owner:
        with pytest.raises(Conflict, match="in use by process"):
            async with open_database(given(tmp_path)):
                pass
        async with open_database(given(tmp_path), join=True) as tool:
            assert tool.url == owner.url
        # The tool has gone; the server has not.
        async with reading(owner.engine) as session:
            assert await session.scalar(text("select 1")) == 1


async def test_a_tool_starts_the_server_where_none_runs(tmp_path: Path) -> None:
    async with open_database(given(tmp_path), join=True) as tool, reading(tool.engine) as session:
        assert await session.scalar(text("select 1")) == 1


async def test_the_folder_of_a_killed_owner_opens_again(tmp_path: Path) -> None:
    async with open_database(given(tmp_path)):
        pass
    with owning(tmp_path) as owner:
        last = max(owner.write(50), owner.kill())
    async with open_database(given(tmp_path)) as database, reading(database.engine) as session:
        stored = await session.scalar(text("select max(number) from acknowledged"))
    assert stored is not None
    assert stored >= last


async def test_an_error_inside_stops_the_server_too(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_database(given(tmp_path)):
            raise ZeroDivisionError
    async with open_database(given(tmp_path)):
        pass
