"""What a copy says of itself, in files that are whole or absent.

`state.json` is written last and names the folder that holds the tables; who reads it once reads one moment. Each file
of a table stands in it with its rows, size, digest, and the size of the log at which it was true. A copy under way
keeps the same of each file that it has finished in `journal.ndjson` of its own folder, so that whoever takes it up
again need not make them anew.
"""

import dataclasses
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from typing import Any

from wastetrack.errors import Malformed

STATE = "state.json"
JOURNAL = "journal.ndjson"
COPIES = "copies"
LAYOUT = 1
_PARQUET = ".parquet"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file of a table: a month of it, or all of it when `month` is empty."""

    table: str
    month: str
    rows: int
    bytes: int
    sha256: str
    log_size: int
    """Of the log when its rows were read."""
    definition: str
    """Of the view that they were read by."""

    @property
    def path(self) -> Path:
        """Within the folder of a copy."""
        return Path(self.table) / f"{self.month}{_PARQUET}" if self.month else Path(f"{self.table}{_PARQUET}")

    def stands_in(self, folder: Path) -> bool:
        """Whether its file is there in its size."""
        try:
            return (folder / self.path).stat().st_size == self.bytes
        except OSError:
            return False


Pieces = dict[tuple[str, str], Piece]
"""By table and month."""


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """A copy that is whole."""

    number: int
    as_of: str
    log_size: int
    pieces: Pieces

    @property
    def folder(self) -> Path:
        """Within the folder of all copies."""
        return Path(COPIES) / f"{self.number:06}"


def read_state(out: Path) -> State | None:
    """The copy that is in force; None where there is none. Raises Malformed for one that cannot be read."""
    try:
        text = (out / STATE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        told = json.loads(text)
        if told["layout"] != LAYOUT:
            return None
        pieces = (
            Piece(table=table, month=month, **piece)
            for table, months in told["tables"].items()
            for month, piece in months.items()
        )
        return State(told["number"], told["as_of"], told["log_size"], {(one.table, one.month): one for one in pieces})
    except (ValueError, KeyError, TypeError) as error:
        message = "{file} is no account of a copy ({error}). Make the copy anew with --full."
        raise Malformed("copy_state_unreadable", message, file=str(out / STATE), error=str(error)) from error


def in_force(folder: Path) -> Path:
    """Where the tables are: of a copy of our own records in the folder that its state names, else here."""
    state = read_state(folder)
    return folder if state is None else folder / state.folder


def write_state(out: Path, state: State) -> None:
    """Put a copy in force."""
    tables: dict[str, dict[str, Any]] = {}
    for (table, month), piece in sorted(state.pieces.items()):
        told = dataclasses.asdict(piece)
        tables.setdefault(table, {})[month] = {name: told[name] for name in told if name not in {"table", "month"}}
    told = {
        "layout": LAYOUT,
        "number": state.number,
        "folder": state.folder.as_posix(),
        "as_of": state.as_of,
        "log_size": state.log_size,
        "tables": tables,
    }
    write_whole(out / STATE, json.dumps(told, ensure_ascii=False, indent=1).encode())


def write_whole(path: Path, content: bytes) -> None:
    """The file is the old or the new one, and on disk when this is done."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        file.write(content)
        keep(file.fileno())
    beside.replace(path)
    keep_folder(path.parent)


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def keep(descriptor: int) -> None:
    """Nothing of it is lost when the power is."""
    os.fsync(descriptor)


def keep_folder(folder: Path) -> None:
    """The same of the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_journal(folder: Path) -> Pieces:
    """The files that a copy under way has finished; a last line that was cut off is none."""
    pieces: Pieces = {}
    with suppress(FileNotFoundError):
        for line in _whole_lines(folder / JOURNAL):
            piece = Piece(**line)
            pieces[piece.table, piece.month] = piece
    return pieces


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        with suppress(ValueError):
            told = json.loads(line)
            if isinstance(told, dict):
                yield told


def note(folder: Path, piece: Piece) -> None:
    """Write down that a file is finished."""
    with (folder / JOURNAL).open("ab") as journal:
        # A line that was cut off by death does not take this one with it.
        journal.write(b"\n" + json.dumps(dataclasses.asdict(piece)).encode() + b"\n")
        journal.flush()
        keep(journal.fileno())
