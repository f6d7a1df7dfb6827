"""The file that holds the log's signing key: 32 bytes, an Ed25519 seed, readable by its owner alone."""

import os
import secrets
from pathlib import Path

from wastetrack.transparency.errors import SigningKeyUnusable
from wastetrack.transparency.note import SEED_BYTES, Signer

_OTHERS = 0o077


def load_or_create(path: Path, *, origin: str) -> Signer:
    """The signer of this log. Makes the key if there is none; two programs starting at once agree on one key."""
    return Signer(origin, secret_kept_at(path))


def secret_kept_at(path: Path) -> bytes:
    """The 32 secret bytes of a key file, made if there is none: also how other keys of a deployment are kept."""
    if not path.exists():
        _create(path)
    return _read(path)


def load(path: Path, *, origin: str) -> Signer:
    """The signer of this log from an existing file. Raises SigningKeyUnusable."""
    return Signer(origin, _read(path))


def _read(path: Path) -> bytes:
    try:
        seed = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise SigningKeyUnusable(
            "log.key_unreadable", "The key file {path} cannot be read: {why}.", path=str(path), why=str(error)
        ) from error
    if len(seed) != SEED_BYTES:
        raise SigningKeyUnusable(
            "log.key_length", "The key file {path} has {length} bytes, not 32.", path=str(path), length=len(seed)
        )
    # Windows has no such bits; where they exist, a key others can read is a key others can sign with.
    if os.name == "posix" and mode & _OTHERS:
        raise SigningKeyUnusable(
            "log.key_open_to_others", "Others can read the key file {path}; run: chmod 600 {path}", path=str(path)
        )
    return seed


def _create(path: Path) -> None:
    """Write a fresh seed beside the path and link it there: it appears whole, and only if nobody was faster."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SEED_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
