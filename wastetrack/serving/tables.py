"""Tables that people open in a spreadsheet program: CSV by RFC 4180, and no cell that such a program would run.

A text that begins like a formula gets an apostrophe in front, also after anything that a program may take for the end
of a cell (OWASP: CSV injection); numbers of ours stay numbers. The byte order mark lets Excel read Chinese.

A list is streamed page by page, each page in a unit of work of its own with the caller looked up anew: a slow reader
holds no connection to the database, and one who loses his right meanwhile gets no further.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from wastetrack import clock
from wastetrack.db.session import reading
from wastetrack.mass import Mass
from wastetrack.reports.figures import Locale, Words
from wastetrack.reports.table_pdf import table_pdf
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, in_unit
from wastetrack.reports.workbooks import MEDIA_TYPE, workbook
from wastetrack.serving.deps import ReadWork, engine_of, identify

PAGE = 500
_LONGEST_LIST = 200_000
"""Rows. Whoever needs more asks for a narrower list."""
_BEGINS_LIKE_A_FORMULA = re.compile(
    r"(^|[,;|\t\r\n])([\s\"'\u3000]*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b])"
)
_MARK = "\ufeff"

PageOf = Callable[[ReadWork, UUID | None, int], Awaitable[Sequence[tuple[UUID, Sequence[object]]]]]
"""Rows after an id, newest first: each with its id and its cells."""


def harmless(text: str) -> str:
    """A text as a cell that shows itself and does nothing."""
    return _BEGINS_LIKE_A_FORMULA.sub(r"\1\2'", text)


def cell(value: object) -> str:
    """A value as a CSV field. Numbers go bare, everything else in quotation marks."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    text = value.isoformat() if isinstance(value, date | datetime) else harmless(str(value))
    return '"' + text.replace('"', '""') + '"'


def line(cells: Iterable[object]) -> str:
    """One record with its end."""
    return ",".join(map(cell, cells)) + "\r\n"


def csv_answer(request: Request, name: str, headings: Sequence[str], page_of: PageOf) -> StreamingResponse:
    """A list as a file to keep."""

    async def lines() -> AsyncIterator[bytes]:
        yield (_MARK + line(headings)).encode()
        before: UUID | None = None
        told = 0
        while told < _LONGEST_LIST:
            rows = await _page(request, page_of, before)
            if rows:
                yield "".join(line(cells) for _, cells in rows).encode()
            told += len(rows)
            if len(rows) < PAGE:
                return
            before = rows[-1][0]

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8; header=present", headers=headers)


async def _page(request: Request, page_of: PageOf, before: UUID | None) -> Sequence[tuple[UUID, Sequence[Any]]]:
    async with reading(engine_of(request)) as session:
        at = clock.now()
        identity = await identify(request, session, at=at)
        return await page_of(ReadWork(session, identity.actor, at, identity), before, PAGE)


async def xlsx_answer(
    request: Request, name: str, title: Words, columns: Sequence[Column], page_of: PageOf, *, locale: Locale, zone: str
) -> Response:
    """The same list as a workbook, gathered whole: a workbook has no end that could be left open."""
    rows: list[tuple[Cell, ...]] = []
    before: UUID | None = None
    while len(rows) < _LONGEST_LIST:
        page = await _page(request, page_of, before)
        rows += [tuple(cells) for _, cells in page]
        if len(page) < PAGE:
            break
        before = page[-1][0]
    sheet = Sheet(title, tuple(columns), tuple(rows))
    return await workbook_answer(Document(title, (), (sheet,), clock.now(), zone), name, locale)


async def workbook_answer(document: Document, name: str, locale: Locale) -> Response:
    """A document as a workbook to keep. Drawn beside the loop: other callers need not wait for it."""
    content = await run_in_threadpool(workbook, document, locale)
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


async def pdf_answer(document: Document, name: str, locale: Locale) -> Response:
    """A document as a PDF, shown by the browser."""
    content = await run_in_threadpool(table_pdf, document, locale)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def csv_document_answer(document: Document, name: str, locale: Locale) -> Response:
    """The first table of a document as CSV: masses as bare numbers of the unit in the heading."""
    sheet = document.sheets[0]
    lines = [line([column.heading(locale) for column in sheet.columns])]
    for row in sheet.rows:
        cells = zip(sheet.columns, row, strict=True)
        lines.append(line([_bare(value, column, locale) for column, value in cells]))
    return _csv(name, lines)


def csv_file(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table that fits into memory as a file: to fill in and to give back."""
    return _csv(name, [line(headings), *(line(row) for row in rows)])


def _csv(name: str, lines: Sequence[str]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(
        (_MARK + "".join(lines)).encode(), media_type="text/csv; charset=utf-8; header=present", headers=headers
    )


def _bare(value: Cell, column: Column, locale: Locale) -> object:
    if isinstance(value, Mass):
        return in_unit(value, column.unit or MassUnit.TONNE)
    return value.of(locale) if isinstance(value, Words) else value
