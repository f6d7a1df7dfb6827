"""The columnar copy of the product's own records: a folder that `checks run` reads, renewed where something changed.

    state.json              which copy is in force: tables, months, rows, digests, size of the log, as of when
    copies/000041/          its tables; months that did not change are the same files as those of the copy before
    copies/000042/          one under way, with its journal; nobody reads it

All tables are read in one snapshot. A file is written under another name and renamed, `state.json` comes last: who is
killed leaves the old copy in force and his finished files to whoever goes on. Readers of the copy before keep theirs
until the next is made.
"""

import dataclasses
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from wastetrack.errors import Conflict
from wastetrack.extracts.copy_source import SPLITS, Source, View, snapshot
from wastetrack.extracts.copy_state import (
    COPIES,
    JOURNAL,
    STATE,
    Piece,
    Pieces,
    State,
    digest_of,
    keep,
    keep_folder,
    note,
    read_journal,
    read_state,
    write_state,
)

ROWS_OF_A_GROUP = 122_880
"""So many rows DuckDB reads at once."""
KEPT = 2
"""The copy in force, and the one before for who still reads it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was done."""

    state: State
    written: int
    """Files that were made."""
    kept: int
    """Files that are still as they were."""

    @property
    def rows(self) -> int:
        """In all tables."""
        return sum(piece.rows for piece in self.state.pieces.values())


def copy(dsn: str, out: Path, *, full: bool = False, told: Callable[[str], None] = lambda _: None) -> Copied:
    """Bring the copy in this folder to the present moment; `full` makes every file anew.

    `dsn` is that of a role that sees everything. Raises Conflict while another copies into the same folder, Malformed
    when what the folder says of itself cannot be read (unless `full`).
    """
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out), snapshot(dsn) as source:
        before = None if full else read_state(out)
        # A first copy that was killed is gone on with; what another layout or `full` passes over is not.
        anew = full or (before is None and (out / STATE).exists())
        number = 1 + (max([0, *_numbers(out)]) if anew else before.number if before is not None else 0)
        folder = out / COPIES / f"{number:06}"
        folder.mkdir(parents=True, exist_ok=True)
        work = _Work(source, out, folder, before, told)
        for view in source.views.values():
            work.bring(view)
        state = State(number, source.as_of.isoformat(), source.log_size, work.pieces)
        _tidy(folder, state.pieces)
        write_state(out, state)
        (folder / JOURNAL).unlink(missing_ok=True)
        _forget(out, number)
    return Copied(state=state, written=work.written, kept=len(work.pieces) - work.written)


class _Work:
    """One copy under way."""

    def __init__(
        self, source: Source, out: Path, folder: Path, before: State | None, told: Callable[[str], None]
    ) -> None:
        self._source, self._folder, self._told = source, folder, told
        self._finished = {key: piece for key, piece in read_journal(folder).items() if piece.stands_in(folder)}
        self._old: Pieces = {}
        if before is not None:
            self._old_folder = out / before.folder
            self._old = {key: one for key, one in before.pieces.items() if one.stands_in(self._old_folder)}
            self._had = before.pieces
        else:
            self._old_folder, self._had = folder, {}
        self._changed: dict[tuple[str, int], frozenset[str]] = {}
        self._touched: dict[int, frozenset[str]] = {}
        self.pieces: Pieces = {}
        self.written = 0

    def bring(self, view: View) -> None:
        """Every file of a table, as it now is."""
        name = view.table.name
        if name not in SPLITS:
            self._write(view)
            return
        before = {key: one for key, one in self._had.items() if key[0] == name}
        if not before or any(one.definition != view.definition for one in before.values()):
            self._write_but(view, self._still_true(view, self._finished))
            return
        stale = self._stale(view)
        good = self._still_true(view, self._old) | self._still_true(view, self._finished)
        lost = {month for _, month in before if (name, month) not in good}
        for key, piece in good.items():
            self._take_over(key, piece)
        if wanted := frozenset((stale | lost) - {month for _, month in good}):
            self._write(view, among=wanted)

    def _stale(self, view: View) -> frozenset[str]:
        """Months of which the copy before is not true any more."""
        sizes = {one.log_size for (name, _), one in self._had.items() if name == view.table.name}
        return frozenset().union(*(self._months(view, size) for size in sizes))

    def _still_true(self, view: View, pieces: Pieces) -> Pieces:
        return {
            (name, month): one
            for (name, month), one in pieces.items()
            if name == view.table.name
            and one.definition == view.definition
            and month not in self._months(view, one.log_size)
        }

    def _months(self, view: View, size: int) -> frozenset[str]:
        """The months of a table that something has touched since the log had this size: where rows are, and were."""
        name = view.table.name
        if (name, size) not in self._changed:
            if size not in self._touched:
                self._touched[size] = self._source.touched(size)
            ids = self._touched[size]
            self._changed[name, size] = self._source.months_of(name, ids) | self._had_rows_of(name, ids)
        return self._changed[name, size]

    def _had_rows_of(self, name: str, ids: frozenset[str]) -> frozenset[str]:
        """Months whose files hold rows of these things: what was taken away or moved since stands only there."""
        owners, found = SPLITS[name].owners, set[str]()
        if not owners or not ids:
            return frozenset()
        wanted = pa.table({"id": pa.array(sorted(ids), pa.string())})
        with duckdb.connect() as con:
            con.register("wanted", wanted)
            hangs = " or ".join(f"{owner} in (from wanted)" for owner in owners)
            for folder, pieces in ((self._old_folder, self._old), (self._folder, self._finished)):
                months = {str(folder / one.path): month for (table, month), one in pieces.items() if table == name}
                if months:
                    query = f"select distinct filename from read_parquet(?, filename=true) where {hangs}"  # noqa: S608
                    found |= {months[row[0]] for row in con.execute(query, [list(months)]).fetchall()}
        return frozenset(found)

    def _take_over(self, key: tuple[str, str], piece: Piece) -> None:
        """A file that is still true: it is here already, or the one of the copy before."""
        if self._finished.get(key) is not piece:
            target = self._folder / piece.path
            target.parent.mkdir(exist_ok=True)
            target.unlink(missing_ok=True)
            try:
                target.hardlink_to(self._old_folder / piece.path)
            except OSError:  # the file system has no second names
                beside = target.with_name(f".{target.name}")
                shutil.copyfile(self._old_folder / piece.path, beside)
                beside.replace(target)
        self.pieces[key] = dataclasses.replace(piece, log_size=self._source.log_size)

    def _write_but(self, view: View, good: Pieces) -> None:
        """All months but those that are finished and true."""
        for key, piece in good.items():
            self._take_over(key, piece)
        self._write(view, without=frozenset(month for _, month in good))

    def _write(self, view: View, *, among: frozenset[str] | None = None, without: frozenset[str] = frozenset()) -> None:
        none = True
        for month, batches in groupby(self._source.rows(view, among=among, without=without), key=lambda one: one[0]):
            none = False
            self._keep(view, month, (batch for _, batch in batches))
        if none and view.table.name not in SPLITS:
            self._keep(view, "", iter(()))

    def _keep(self, view: View, month: str, batches: Iterator[pa.RecordBatch]) -> None:
        """One file, under another name until it is whole."""
        name = view.table.name
        path = self._folder / (Path(name) / f"{month}.parquet" if month else Path(f"{name}.parquet"))
        path.parent.mkdir(exist_ok=True)
        beside = path.with_name(f".{path.name}")
        rows = _write_parquet(beside, view.schema, batches)
        piece = Piece(
            table=name,
            month=month,
            rows=rows,
            bytes=beside.stat().st_size,
            sha256=digest_of(beside),
            log_size=self._source.log_size,
            definition=view.definition,
        )
        beside.replace(path)
        keep_folder(path.parent)
        note(self._folder, piece)
        self.pieces[name, month] = piece
        self.written += 1
        self._told(str(piece.path))


def _write_parquet(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> int:
    """Rows in groups of one size, so that the same rows are the same bytes however they came. Gives their number."""
    rows, waiting, held = 0, list[pa.RecordBatch](), 0
    with path.open("wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in batches:
                waiting.append(batch)
                held += batch.num_rows
                while held >= ROWS_OF_A_GROUP:
                    table = pa.Table.from_batches(waiting, schema)
                    writer.write_table(table.slice(0, ROWS_OF_A_GROUP).combine_chunks(), ROWS_OF_A_GROUP)
                    waiting = table.slice(ROWS_OF_A_GROUP).to_batches()
                    held -= ROWS_OF_A_GROUP
                    rows += ROWS_OF_A_GROUP
            if held or not rows:
                writer.write_table(pa.Table.from_batches(waiting, schema).combine_chunks(), ROWS_OF_A_GROUP)
        file.flush()
        keep(file.fileno())
    return rows + held


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Nobody else copies into this folder; the system drops the lock of who dies."""
    lock = os.open(out / "copy.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "Another process copies into {folder} already; wait for it, or choose another folder."
            raise Conflict("copy_under_way", message, folder=str(out)) from None
        yield
    finally:
        os.close(lock)


def _numbers(out: Path) -> list[int]:
    return [int(one.name) for one in (out / COPIES).glob("[0-9]*") if one.name.isdigit()]


def _tidy(folder: Path, pieces: Pieces) -> None:
    """Take away what a copy that was killed has left and this one does not hold."""
    held = {folder / one.path for one in pieces.values()}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path not in held and path.name != JOURNAL:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _forget(out: Path, number: int) -> None:
    """Older copies that nobody should read any more, and half-made ones of numbers that are passed."""
    kept = sorted(one for one in _numbers(out) if one <= number)[-KEPT:]
    for one in _numbers(out):
        if one not in kept:
            shutil.rmtree(out / COPIES / f"{one:06}")
