"""The store and its check: whole or not at all, and every difference from the table is found."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.served import for_application
from tests.support.world import World
from wastetrack import clock
from wastetrack.attachments.attaching import examined, keep
from wastetrack.attachments.checking import Trouble, check_files
from wastetrack.attachments.model import Offered, Subject
from wastetrack.attachments.storing import FileStore
from wastetrack.attachments.tables import AttachmentRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import RuleBroken, Unavailable
from wastetrack.ids import new_id


def test_a_file_is_found_by_its_hash_and_kept_once(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    sha256 = store.put(b"a photograph")
    inode = store.path(sha256).stat().st_ino
    assert store.put(b"a photograph") == sha256
    assert store.path(sha256).stat().st_ino == inode
    assert store.get(sha256) == b"a photograph"
    assert list(store.incoming().iterdir()) == []


def test_a_disk_that_refuses_leaves_nothing_half_written(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        # Root writes everywhere: a file where the folder should be refuses root too.
        (tmp_path / "attachments").mkdir()
        (tmp_path / "attachments" / "incoming").write_bytes(b"")
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(OSError, match=r".+"):
        FileStore(tmp_path).put(b"a photograph")
    tmp_path.chmod(0o700)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size] == []


def test_a_missing_file_is_out_of_service(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="missing or damaged"):
        FileStore(tmp_path).get("0" * 64)


async def stored(
    session: WriteSession, store: FileStore, world: World, content: bytes, *, most_bytes: int = 10**9
) -> AttachmentRow:
    """A table of a scale beside something."""
    return await keep(
        session,
        store,
        Subject("manifest", new_id()),
        await examined(Offered("scale.csv", "text/csv", content)),
        organisation_id=world.generator.id,
        person_id=world.inspector.person_id,
        most_bytes=most_bytes,
        at=clock.now(),
    )


async def test_the_check_finds_what_is_missing_changed_and_unnamed(
    town_session: WriteSession, world: World, tmp_path: Path
) -> None:
    store = FileStore(tmp_path)
    missing, changed, _well = [await stored(town_session, store, world, b"a,%d\n" % n) for n in range(3)]
    assert await check_files(town_session, store) == []
    store.path(missing.sha256).unlink()
    store.path(changed.sha256).write_bytes(b"a,9\n")
    unnamed = store.path(store.put(b"left over"))
    store.put(b"just now, perhaps not committed yet")
    old = time.time() - 7200
    os.utime(unnamed, (old, old))
    found = {(finding.trouble, finding.path) for finding in await check_files(town_session, store)}
    assert found == {
        (Trouble.MISSING, store.path(missing.sha256)),
        (Trouble.CHANGED, store.path(changed.sha256)),
        (Trouble.UNNAMED, unnamed),
    }


async def test_an_organisation_has_so_much_room_and_the_same_content_takes_it_once(
    town_session: WriteSession, world: World, tmp_path: Path
) -> None:
    store = FileStore(tmp_path)
    await stored(town_session, store, world, b"a,1234\n", most_bytes=10)
    with pytest.raises(RuleBroken) as refused:
        await stored(town_session, store, world, b"b,1234\n", most_bytes=10)
    assert [broken.code for broken in refused.value.broken] == ["storage_used_up"]
    assert len([path for path in store.root.rglob("*") if path.is_file()]) == 1


def test_the_command_says_what_it_found(fresh_database: str, tmp_path: Path) -> None:
    def command(url: str = fresh_database) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "WASTETRACK_DATABASE_URL": url, "WASTETRACK_DATA_DIR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "wastetrack.cli.main", "attachments", "check"],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )

    done = command()
    assert (done.returncode, done.stdout) == (0, "All attached files are as they were stored.\n"), done.stderr
    unnamed = FileStore(tmp_path).path(FileStore(tmp_path).put(b"left over"))
    os.utime(unnamed, (0, 0))
    done = command()
    assert (done.returncode, done.stdout) == (1, f"unnamed: {unnamed}\n"), done.stderr
    # Whom row-level security binds sees no row, and would call every file unnamed.
    blind = command(for_application(fresh_database))
    assert blind.returncode not in {0, 1}, blind.stdout
    assert "owner_needed" in blind.stderr
