"""A file is read and judged from its first byte to its last rule, by kind; nothing is written."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.labelling_many import Told
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, RuleBroken
from wastetrack.imports import checking_containers, checking_contracts, checking_entries, checking_manifests
from wastetrack.imports.checking_containers import Containers
from wastetrack.imports.checking_entries import Entries
from wastetrack.imports.checking_manifests import Loads
from wastetrack.imports.columns import COLUMNS
from wastetrack.imports.headings import Layout, lay_out
from wastetrack.imports.model import MOST_FINDINGS, Finding, ImportKind, Severity
from wastetrack.imports.reading import Grid, read
from wastetrack.imports.rows import Table, read_rows

Progress = Callable[[int, int | None], Awaitable[None]]
"""Hears how many rows are behind us, of how many."""
Plan = Containers | Loads | Entries
"""What a file asks for."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds, and what is wrong with it. Without a plan where it could not be read at all."""

    grid: Grid | None
    layout: Layout | None
    rows: int
    findings: tuple[Finding, ...]
    plan: Plan | None

    @property
    def errors(self) -> list[Finding]:
        """What forbids the import."""
        return [one for one in self.findings if one.severity is Severity.ERROR]


async def nobody_waits(_done: int, _total: int | None) -> None:
    """Where nobody asks how far it is."""


class _OfASite(Protocol):
    async def __call__(
        self,
        session: WriteSession,
        actor: Actor,
        site_id: UUID,
        table: Table,
        *,
        findings: list[Finding],
        at: datetime,
        told: Told,
    ) -> Plan: ...


class _OfAFirm(Protocol):
    async def __call__(
        self, session: WriteSession, actor: Actor, table: Table, *, findings: list[Finding], at: datetime, told: Told
    ) -> Plan: ...


_OF_A_SITE: Mapping[ImportKind, _OfASite] = {
    ImportKind.CONTAINERS: checking_containers.check,
    ImportKind.MANIFESTS: checking_manifests.check,
    ImportKind.STOCK: checking_containers.check_stock,
}
_OF_A_FIRM: Mapping[ImportKind, _OfAFirm] = {
    ImportKind.VEHICLES: checking_entries.check_vehicles,
    ImportKind.DRIVERS: checking_entries.check_drivers,
    ImportKind.CONTRACTS: checking_contracts.check,
}


async def check_file(
    session: WriteSession,
    actor: Actor,
    kind: ImportKind,
    site_id: UUID | None,
    content: bytes,
    *,
    at: datetime,
    progress: Progress = nobody_waits,
) -> Checked:
    """Read and judge. What is wrong with the file is a finding; raises NotFound and Forbidden alone."""
    findings: list[Finding] = []
    try:
        grid, table = await asyncio.to_thread(_read, kind, content, findings)
    except RuleBroken as unreadable:
        return Checked(
            None, None, 0, tuple(Finding(1, None, "", Severity.ERROR, one) for one in unreadable.broken), None
        )

    async def told(done: int) -> None:
        await progress(done, len(table.rows))

    await told(0)
    plan: Plan
    if site_id is None:
        plan = await _OF_A_FIRM[kind](session, actor, table, findings=findings, at=at, told=told)
    else:
        plan = await _OF_A_SITE[kind](session, actor, site_id, table, findings=findings, at=at, told=told)
    ordered = sorted(findings, key=lambda one: (one.row, one.column or 0))
    return Checked(grid, table.layout, len(table.rows), tuple(ordered[:MOST_FINDINGS]), plan)


def _read(kind: ImportKind, content: bytes, findings: list[Finding]) -> tuple[Grid, Table]:
    grid = read(content)
    layout = lay_out(grid, COLUMNS[kind])
    findings += layout.odd
    rows = tuple(read_rows(grid, layout, findings))
    if not rows:
        findings.append(Finding(layout.heading_row, None, "", Severity.ERROR, _no_rows()))
    return grid, Table(rows, layout)


def _no_rows() -> Broken:
    return Broken("file", "rows_missing", "Under the headings there is no row.", next_step="Fill in your rows.")
