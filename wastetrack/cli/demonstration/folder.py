"""The folder of a demonstration: what says that it is complete, and what keeps it from real data."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from wastetrack.cli.demonstration.members import Account
from wastetrack.errors import Conflict
from wastetrack.settings import Settings

_MARK: Final = "demo.json"


@dataclass(frozen=True, slots=True)
class Mark:
    """Written last: the demonstration in this folder is complete. Holds no passwords."""

    seed: int
    manifests: int
    built_at: datetime
    seconds: float
    accounts: tuple[Account, ...]


def read_mark(folder: Path) -> Mark | None:
    """The mark of a complete demonstration; None where one can be built.

    Raises Conflict for a folder with a database that is none, or not a complete one.
    """
    path = folder / _MARK
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            accounts = tuple(Account(**account) for account in found.pop("accounts"))
            built_at = datetime.fromisoformat(found.pop("built_at"))
            return Mark(**found, built_at=built_at, accounts=accounts)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Conflict("demo.mark_unreadable", "{path} cannot be read: {why}", path=str(path), why=error) from error
    if (folder / "postgres").exists():
        raise Conflict(
            "demo.folder_taken",
            "{folder} holds a database that is not a complete demonstration; choose another folder, or remove it.",
            folder=str(folder),
        )
    return None


def write_mark(folder: Path, mark: Mark) -> None:
    """Say that the demonstration is complete."""
    text = json.dumps({**asdict(mark), "built_at": mark.built_at.isoformat()}, ensure_ascii=False, indent=2)
    draft = folder / f"{_MARK}.new"
    draft.write_text(f"{text}\n", encoding="utf-8")
    draft.replace(folder / _MARK)


def settings_for(given: Settings, folder: Path, *, port: int) -> Settings:
    """The settings of a demonstration: everything in its own folder, nothing of the deployment around it."""
    return given.model_copy(
        update={
            "database_url": None,
            "owner_database_url": None,
            "extract_database_url": None,
            "extract_dir": None,
            "data_dir": folder,
            "log_key_file": None,
            "label_key": None,
            "factor_key": None,
            "require_second_factor": (),
            "log_origin": "demo.wastetrack.local/log",
            "host": "127.0.0.1",
            "port": port,
            "base_url": f"http://localhost:{port}",
            "secure_cookies": False,
            "development": True,
            "allowed_hosts": ("127.0.0.1", "localhost"),
        }
    )
