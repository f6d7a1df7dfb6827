"""What a worker does with an import: check it and keep what was found; take it in, all of it, in one transaction."""

import asyncio
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.errors import NotFound
from wastetrack.i18n import as_locale, message
from wastetrack.imports import queries
from wastetrack.imports.checking import Checked, Progress, check_file
from wastetrack.imports.marking import marked
from wastetrack.imports.model import ImportKind, ImportState
from wastetrack.imports.reading import XLSX
from wastetrack.imports.tables import ImportFileRow, ImportFindingRow, ImportMadeRow, ImportRow
from wastetrack.tasks.model import Outcome, as_json


async def check_import(
    session: WriteSession, actor: Actor, import_id: UUID, *, at: datetime, progress: Progress
) -> Outcome:
    """Read and judge the file; keep the findings and the workbook with its marked cells."""
    row = await _locked(session, import_id)
    if row.state != ImportState.CHECKING:
        return Outcome(message=message("There was nothing to do."), address=_page(row))
    _, content = await queries.file_of(session, row.id, "sent")
    checked = await check_file(session, actor, ImportKind(row.kind), row.site_id, content, at=at, progress=progress)
    await _keep_findings(session, row, checked, content)
    row.state, row.checked_at = (ImportState.REFUSED if checked.errors else ImportState.READY).value, at
    await session.flush()
    if checked.errors:
        told = message("{rows} rows read, {errors} errors found. Nothing can be imported yet.")
    else:
        told = message("{rows} rows read, no errors, {warnings} warnings. Nothing is imported until you confirm.")
    facts = {"rows": row.rows, "errors": row.errors, "warnings": row.warnings}
    return Outcome(message=told, facts=facts, address=_page(row))


async def take_in(session: WriteSession, actor: Actor, import_id: UUID, *, at: datetime, progress: Progress) -> Outcome:
    """Judge the file once more, as things stand now, and make everything that it asks for.

    Where something has come in between (a store has filled up), nothing is made, and the findings say why.
    """
    row = await _locked(session, import_id)
    if row.state != ImportState.IMPORTING:
        return Outcome(message=message("There was nothing to do."), address=_page(row))
    _, content = await queries.file_of(session, row.id, "sent")
    checked = await check_file(session, actor, ImportKind(row.kind), row.site_id, content, at=at)
    if checked.errors or checked.plan is None:
        await _keep_findings(session, row, checked, content)
        row.state, row.confirmed_at, row.confirmed_by = ImportState.REFUSED.value, None, None
        await session.flush()
        told = message("Nothing was imported: since the check, {errors} errors have come up.")
        return Outcome(message=told, facts={"errors": row.errors}, address=_page(row))

    async def told_so_far(done: int) -> None:
        await progress(done, checked.rows)

    made = await checked.plan.make(session, actor, at=at, told=told_so_far)
    values = [
        {"import_id": row.id, "position": position, "row": one.row, "subject_id": one.subject_id, "name": one.name}
        for position, one in enumerate(made)
    ]
    await session.execute(sa.insert(ImportMadeRow), values)
    row.state, row.imported_at, row.summary = ImportState.IMPORTED.value, at, checked.plan.summary()
    await session.flush()
    told = message("{count} made of {rows} rows.")
    return Outcome(message=told, facts={"count": len(made), "rows": checked.rows}, address=_page(row))


async def _locked(session: WriteSession, import_id: UUID) -> ImportRow:
    row = await session.get(ImportRow, import_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("import_unknown", "There is no such import.", import_id=import_id)
    return row


async def _keep_findings(session: WriteSession, row: ImportRow, checked: Checked, content: bytes) -> None:
    await session.execute(sa.delete(ImportFindingRow).where(col(ImportFindingRow.import_id) == row.id))
    await session.execute(
        sa.delete(ImportFileRow).where(col(ImportFileRow.import_id) == row.id, col(ImportFileRow.role) == "marked")
    )
    values = [
        {
            "import_id": row.id,
            "position": position,
            "row": one.row,
            "column": one.column,
            "heading": one.heading,
            "severity": one.severity.value,
            "code": one.broken.code,
            "rule": as_json(one.broken),
        }
        for position, one in enumerate(checked.findings)
    ]
    if values:
        await session.execute(sa.insert(ImportFindingRow), values)
    if checked.findings and checked.grid is not None and checked.layout is not None:
        locale = as_locale(row.locale) or "zh"
        book = await asyncio.to_thread(marked, content, checked.grid, checked.layout, checked.findings, locale)
        session.add(ImportFileRow(import_id=row.id, role="marked", media_type=XLSX, content=book))
    errors = checked.errors
    row.rows, row.errors, row.warnings = checked.rows, len(errors), len(checked.findings) - len(errors)
    row.bad_rows = len({one.row for one in errors})
    row.summary = {} if checked.plan is None or errors else checked.plan.summary()


def _page(row: ImportRow) -> str:
    return f"/imports/{row.id}"
