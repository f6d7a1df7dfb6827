"""`wastetrack audit`: the exit code and the words for somebody who distrusts."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.audit.eventful import SIGNER, History
from tests.cli.test_main import assert_refused, run
from tests.transparency.bundles import KEY, made
from tests.transparency.histories import event
from tests.transparency.histories import history as of_a_drum
from wastetrack.db import embedded, migrating
from wastetrack.db.engine import make_engine
from wastetrack.db.session import writing
from wastetrack.reports import bundle
from wastetrack.transparency import signing_key
from wastetrack.transparency.appending import append
from wastetrack.transparency.publishing import publish_all

Eventful = tuple[AsyncEngine, str, History]


@pytest.fixture
def drum_bundle(tmp_path: Path) -> Path:
    """A true bundle."""
    file = tmp_path / "bundle.json"
    file.write_text(bundle.write(made()), encoding="utf-8")
    return file


@pytest.fixture
async def wrong_balance(eventful: Eventful) -> AsyncIterator[str]:
    """An account really changed behind the triggers' back, for as long as the test runs; gives its site."""
    statement = (
        "update accounts set balance_g = balance_g + :more where id = (select id from accounts "
        "where kind = 'generated' order by id limit 1) returning holder_id"
    )
    async with eventful[0].begin() as connection:
        holder = (await connection.execute(text(statement), {"more": 40})).scalar_one()
    yield str(holder)
    async with eventful[0].begin() as connection:
        await connection.execute(text(statement), {"more": -40})


def test_fsck_of_a_sound_database_counts_and_leaves_with_zero(eventful: Eventful) -> None:
    done = run("audit", "fsck", "--key", str(SIGNER.verifier), database_url=eventful[1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything is consistent" in done.stdout
    assert "postings" in done.stdout


def test_fsck_names_what_is_wrong_and_leaves_with_one(eventful: Eventful, wrong_balance: str) -> None:
    done = run("audit", "fsck", "--key", str(SIGNER.verifier), database_url=eventful[1])
    assert done.returncode == 1, done.stderr
    assert f"balance_wrong: account generated@{wrong_balance}" in done.stdout
    assert "2 faults" in done.stdout  # the total of the code is off by as much


def test_fsck_tells_programs_the_same(eventful: Eventful, wrong_balance: str, tmp_path: Path) -> None:
    key_file = tmp_path / "log.pub"
    key_file.write_text(f"{SIGNER.verifier}\n")
    done = run("audit", "fsck", "--json", "--key", str(key_file), database_url=eventful[1])
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["by_fault"] == {"balance_wrong": 1, "total_not_zero": 1}
    finding = told["findings"][0]
    assert finding["found"] == finding["expected"] + 40
    assert wrong_balance in finding["row"]
    assert told["checked"]["leaves"] > 30


async def test_fsck_joins_the_server_of_a_data_folder_whose_log_has_another_name(tmp_path: Path) -> None:
    signer = signing_key.load_or_create(tmp_path / "log.key", origin="elsewhere.example/log")
    with embedded.start(tmp_path, durability=embedded.Durability.NONE) as server:
        migrating.upgrade(server.address.url)
        engine = make_engine(server.address.url, pool_size=1)
        async with writing(engine) as session:
            await append(session, event())
        await publish_all(engine, signer)
        await engine.dispose()
        done = await asyncio.to_thread(run, "audit", "fsck", "--json", "--data", str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)["checked"]["checkpoints"] == 1
    assert run("audit", "key", "--data", str(tmp_path)).stdout == f"{signer.verifier}\n"


def test_fsck_makes_no_database_where_there_is_none(tmp_path: Path) -> None:
    assert_refused(run("audit", "fsck", "--data", str(tmp_path)), 4, "no signing key")
    assert_refused(run("audit", "fsck", "--data", str(tmp_path), "--key", KEY), 4, "no database")
    assert list(tmp_path.iterdir()) == []


def test_a_true_bundle_is_proved_line_by_line_without_any_settings(drum_bundle: Path) -> None:
    # A wrong setting would end every command that reads them.
    done = run("audit", "verify", str(drum_bundle), "--key", KEY, port="not a port")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 3 + len(of_a_drum())
    assert "Everything in the bundle is proved." in done.stdout


@pytest.mark.parametrize("place", [0, 4])
def test_a_flipped_byte_leaves_with_one_and_names_the_event(drum_bundle: Path, place: int) -> None:
    lines = drum_bundle.read_bytes().split(b"\n")
    line = bytearray(lines[1 + place])
    line[line.index(b"recorded_at") + 20] ^= 1
    lines[1 + place] = bytes(line)
    drum_bundle.write_bytes(b"\n".join(lines))
    done = run("audit", "verify", str(drum_bundle), "--key", KEY)
    wrong = of_a_drum()[place]
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"The first wrong event is {wrong.id} ({wrong.kind}), number {place} of the bundle." in done.stdout
    told = json.loads(run("audit", "verify", str(drum_bundle), "--key", KEY, "--json").stdout)
    assert told["holds"] is False
    assert (told["first_wrong"]["id"], told["first_wrong"]["place"]) == (str(wrong.id), place)


def test_a_bundle_of_another_log_is_not_proved(drum_bundle: Path) -> None:
    done = run("audit", "verify", str(drum_bundle), "--key", str(SIGNER.verifier))
    assert done.returncode == 1
    assert "The bundle is not proved." in done.stdout


def test_what_cannot_be_read_is_one_line(drum_bundle: Path, tmp_path: Path) -> None:
    assert_refused(run("audit", "verify", str(tmp_path / "none.json"), "--key", KEY), 4, "no file")
    assert_refused(run("audit", "verify", str(drum_bundle), "--key", "nonsense"), 2, "verifier key")
