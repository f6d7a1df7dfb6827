"""Reading imports: those of the actor's organisation, one, what was found in it, what was made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.containers import queries as containers
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.imports.model import Finding, Import, ImportKind, ImportState, Severity
from wastetrack.imports.tables import ImportFileRow, ImportFindingRow, ImportMadeRow, ImportRow
from wastetrack.tasks.model import LongTaskState, from_json

ORDERS: Final[Mapping[str, Any]] = {
    "file": col(ImportRow.name),
    "kind": col(ImportRow.kind),
    "rows": col(ImportRow.rows),
    "errors": col(ImportRow.errors),
    "warnings": col(ImportRow.warnings),
    "sent": col(ImportRow.created_at),
}
_MANY = Window()
_TASK_STATE = sa.func.long_task_state(col(ImportRow.task_id))
_ENDED_BADLY = frozenset({LongTaskState.FAILED.value, LongTaskState.CANCELLED.value})
_AFTER_BAD_END = {ImportState.CHECKING: ImportState.REFUSED, ImportState.IMPORTING: ImportState.READY}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """Which findings; None means all."""

    severity: Severity | None = None
    column: int | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnCount:
    """How much was found under one heading; without a column: about whole rows or the file."""

    column: int | None
    heading: str
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class MadeOf:
    """What a row became."""

    row: int
    subject_id: UUID
    name: str


async def imports_of(
    session: ReadSession, actor: Actor, window: Window = _MANY, *, kind: ImportKind | None = None
) -> list[Import]:
    """Those of the actor's organisation, in an order of ORDERS or the newest first."""
    statement = sa.select(ImportRow, _TASK_STATE).where(col(ImportRow.organisation_id) == actor.organisation_id)
    if kind is not None:
        statement = statement.where(col(ImportRow.kind) == kind.value)
    statement = window.over(statement, ORDERS, col(ImportRow.created_at).desc(), col(ImportRow.id).desc())
    return [shown(row, state) for row, state in await session.execute(statement)]


async def one_import(session: ReadSession, actor: Actor, import_id: UUID) -> Import:
    """One of them. Raises NotFound."""
    statement = sa.select(ImportRow, _TASK_STATE).where(
        col(ImportRow.id) == import_id, col(ImportRow.organisation_id) == actor.organisation_id
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFound("import_unknown", "There is no such import.", import_id=import_id)
    return shown(found[0], found[1])


async def findings_of(
    session: ReadSession, import_id: UUID, wanted: FindingFilter, *, after: int = -1, limit: int = 100
) -> list[tuple[int, Finding]]:
    """What was found, in the order of rows and columns, each with its position. Who may see it is the caller's rule."""
    conditions = [col(ImportFindingRow.import_id) == import_id, col(ImportFindingRow.position) > after]
    if wanted.severity is not None:
        conditions.append(col(ImportFindingRow.severity) == wanted.severity.value)
    if wanted.column is not None:
        # 0 asks for what belongs to no column.
        conditions.append(sa.func.coalesce(col(ImportFindingRow.column), 0) == wanted.column)
    if wanted.row is not None:
        conditions.append(col(ImportFindingRow.row) == wanted.row)
    statement = sa.select(ImportFindingRow).where(*conditions).order_by(col(ImportFindingRow.position)).limit(limit)
    return [
        (row.position, Finding(row.row, row.column, row.heading, Severity(row.severity), from_json(row.rule)))
        for row in await session.scalars(statement)
    ]


async def counts_by_column(session: ReadSession, import_id: UUID) -> list[ColumnCount]:
    """How much was found under each heading, in the order of the file."""
    place = col(ImportFindingRow.column)
    errors, warnings = (
        sa.func.count().filter(col(ImportFindingRow.severity) == severity.value)
        for severity in (Severity.ERROR, Severity.WARNING)
    )
    statement = (
        sa.select(place, sa.func.max(col(ImportFindingRow.heading)), errors, warnings)
        .where(col(ImportFindingRow.import_id) == import_id)
        .group_by(place)
        .order_by(place.nulls_first())
    )
    return [ColumnCount(*row) for row in await session.execute(statement)]


async def made_of(session: ReadSession, import_id: UUID, *, after: int = -1, limit: int = 100) -> list[MadeOf]:
    """What its rows became, in the order of the file."""
    statement = (
        sa.select(ImportMadeRow)
        .where(col(ImportMadeRow.import_id) == import_id, col(ImportMadeRow.position) > after)
        .order_by(col(ImportMadeRow.position))
        .limit(limit)
    )
    return [MadeOf(row.row, row.subject_id, row.name) for row in await session.scalars(statement)]


async def printed(session: ReadSession, made: Sequence[MadeOf]) -> bool:
    """Whether labels of these containers were printed before."""
    return bool(await containers.newest_prints(session, [one.subject_id for one in made]))


async def file_of(session: ReadSession, import_id: UUID, role: str) -> tuple[str, bytes]:
    """Its media type and bytes, as sent or marked. Raises NotFound."""
    statement = sa.select(ImportFileRow).where(
        col(ImportFileRow.import_id) == import_id, col(ImportFileRow.role) == role
    )
    row = await session.scalar(statement)
    if row is None:
        raise NotFound("import_file_unknown", "This import has no such file.", import_id=import_id)
    return row.media_type, row.content


async def has_marked(session: ReadSession, import_id: UUID) -> bool:
    """Whether there is a marked workbook to download."""
    statement = sa.select(
        sa.exists().where(col(ImportFileRow.import_id) == import_id, col(ImportFileRow.role) == "marked")
    )
    return bool(await session.scalar(statement))


async def same_before(session: ReadSession, actor: Actor, sha256: str) -> Sequence[ImportRow]:
    """Imports of the very same bytes that were taken in, or are being."""
    statement = sa.select(ImportRow).where(
        col(ImportRow.organisation_id) == actor.organisation_id,
        col(ImportRow.sha256) == sha256,
        col(ImportRow.state).in_([ImportState.IMPORTED.value, ImportState.IMPORTING.value]),
    )
    return (await session.scalars(statement)).all()


def shown(row: ImportRow, task_state: str | None) -> Import:
    """The row as a value. Where its long work ended badly, it stands as if that had not begun."""
    state = ImportState(row.state)
    if task_state in _ENDED_BADLY:
        state = _AFTER_BAD_END.get(state, state)
    return Import(
        id=row.id,
        organisation_id=row.organisation_id,
        site_id=row.site_id,
        person_id=row.person_id,
        kind=ImportKind(row.kind),
        locale=row.locale,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        state=state,
        task_id=row.task_id,
        rows=row.rows,
        errors=row.errors,
        warnings=row.warnings,
        bad_rows=row.bad_rows,
        summary=row.summary,
        created_at=row.created_at,
        checked_at=row.checked_at,
        confirmed_at=row.confirmed_at,
        imported_at=row.imported_at,
    )
