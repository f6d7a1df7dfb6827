"""The file with the signing key."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.transparency.histories import ORIGIN
from wastetrack.transparency.errors import SigningKeyUnusable
from wastetrack.transparency.signing_key import load, load_or_create


def test_a_key_is_made_once_for_its_owner_alone_and_then_kept(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "log.key"
    made = load_or_create(path, origin=ORIGIN)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == made.seed
    assert load_or_create(path, origin=ORIGIN) == made
    assert list(path.parent.iterdir()) == [path]


def test_programs_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    with ThreadPoolExecutor(16) as pool:
        signers = list(pool.map(lambda _: load_or_create(path, origin=ORIGIN), range(64)))
    assert len(set(signers)) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_key_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    load_or_create(path, origin=ORIGIN)
    path.chmod(0o640)
    with pytest.raises(SigningKeyUnusable, match="chmod 600"):
        load(path, origin=ORIGIN)


def test_a_key_of_the_wrong_length_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    path.write_bytes(b"short")
    with pytest.raises(SigningKeyUnusable, match="5 bytes, not 32"):
        load_or_create(path, origin=ORIGIN)


def test_a_missing_key_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyUnusable, match="cannot be read"):
        load(tmp_path / "log.key", origin=ORIGIN)
