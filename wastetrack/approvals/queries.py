"""Reading applications: one with all that belongs to it, a page of them, one to be locked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.approvals.clocks import ApprovalClock, Days, clock_of, standing
from wastetrack.approvals.covering import Held, HeldItem
from wastetrack.approvals.errors import ApprovalUnknown
from wastetrack.approvals.model import ApprovalKind, ApprovalState, DocumentKind, ItemWanted
from wastetrack.approvals.tables import ApprovalDocumentRow, ApprovalItemRow, ApprovalRow
from wastetrack.attachments.model import Subject
from wastetrack.attachments.queries import Attachment, attachments_of
from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.model import Form
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.db.windows import Window
from wastetrack.mass import Mass

KIND = "approval"
Approval = ApprovalRow
"""An application as other rooms read it."""
ORDERS: Final[Mapping[str, Any]] = {
    "number": col(ApprovalRow.number),
    "kind": col(ApprovalRow.kind),
    "state": col(ApprovalRow.state),
    "valid_to": col(ApprovalRow.valid_to),
}
_FIFTY = Window(limit=50)


@dataclass(frozen=True, slots=True)
class Document:
    """A file beside an application, and what it is."""

    file: Attachment
    kind: DocumentKind | None


@dataclass(frozen=True, slots=True)
class WholeApproval:
    """An application with its lines and documents."""

    row: ApprovalRow
    items: tuple[ApprovalItemRow, ...]
    documents: tuple[Document, ...]


def days_of(row: ApprovalRow) -> Days:
    """The days that its clocks count from."""

    def day(at: datetime | None) -> date | None:
        return None if at is None else legal_day(at)

    return Days(
        submitted_on=day(row.submitted_at),
        accepted_on=day(row.accepted_at),
        consulted_on=day(row.consulted_at),
        replied_on=day(row.replied_at),
        valid_to=row.valid_to,
        noticed=row.noticed_at is not None,
    )


def standing_of(row: ApprovalRow, at: datetime) -> ApprovalState:
    """Its state as the law has it at an instant."""
    return standing(ApprovalKind(row.kind), ApprovalState(row.state), days_of(row), legal_day(at))


def clock_for(row: ApprovalRow, at: datetime) -> ApprovalClock | None:
    """The term that runs at an instant."""
    return clock_of(ApprovalKind(row.kind), ApprovalState(row.state), days_of(row), legal_day(at))


def _seen(actor: Actor) -> sa.Select[ApprovalRow]:
    return sa.select(ApprovalRow).where(visible(actor, KIND, col(ApprovalRow.id)))


def _found(row: ApprovalRow | None, approval_id: UUID) -> ApprovalRow:
    if row is None:
        raise ApprovalUnknown("approval_unknown", "There is no such application.", approval_id=approval_id)
    return row


async def approval_row(session: ReadSession, actor: Actor, approval_id: UUID) -> ApprovalRow:
    """The application alone. Raises ApprovalUnknown."""
    return _found(await session.scalar(_seen(actor).where(col(ApprovalRow.id) == approval_id)), approval_id)


async def locked(session: WriteSession, actor: Actor, approval_id: UUID) -> ApprovalRow:
    """The application, locked until the unit of work ends. Raises ApprovalUnknown."""
    statement = _seen(actor).where(col(ApprovalRow.id) == approval_id).with_for_update(of=ApprovalRow)
    found = await session.scalar(statement.execution_options(populate_existing=True))
    return _found(found, approval_id)


async def approval(session: ReadSession, actor: Actor, approval_id: UUID) -> WholeApproval:
    """An application with everything, in four statements. Raises ApprovalUnknown."""
    row = await approval_row(session, actor, approval_id)
    return WholeApproval(row, tuple(await items(session, row.id)), tuple(await documents(session, row.id)))


async def items(session: ReadSession, approval_id: UUID) -> list[ApprovalItemRow]:
    """Its lines, in order."""
    statement = sa.select(ApprovalItemRow).where(col(ApprovalItemRow.approval_id) == approval_id)
    return list((await session.scalars(statement.order_by(col(ApprovalItemRow.position)))).all())


def wanted(rows: Iterable[ApprovalItemRow]) -> tuple[ItemWanted, ...]:
    """The lines as a command has them."""
    return tuple(
        ItemWanted(
            waste_code=row.waste_code,
            waste_name=row.waste_name,
            form=Form(row.form),
            quantity=Mass(row.quantity_g),
            method=row.method,
        )
        for row in rows
    )


async def documents(session: ReadSession, approval_id: UUID) -> list[Document]:
    """The files beside it, oldest first."""
    statement = sa.select(col(ApprovalDocumentRow.attachment_id), col(ApprovalDocumentRow.kind)).where(
        col(ApprovalDocumentRow.approval_id) == approval_id
    )
    kinds = {row.attachment_id: DocumentKind(row.kind) for row in await session.execute(statement)}
    files = await attachments_of(session, Subject(KIND, approval_id))
    return [Document(file, kinds.get(file.id)) for file in files]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFilter:
    """What to list; None means all."""

    kind: ApprovalKind | None = None
    state: ApprovalState | None = None
    """As it is written down: what the law says meanwhile the page tells."""
    number: str = ""
    """A part of its number."""


async def page(
    session: ReadSession,
    actor: Actor,
    wanted_ones: ApprovalFilter,
    window: Window = _FIFTY,
    *,
    before: UUID | None = None,
) -> list[ApprovalRow]:
    """Applications that the actor sees, in an order of ORDERS or the newest first."""
    statement = window.over(_seen(actor), ORDERS, col(ApprovalRow.id).desc())
    if wanted_ones.kind is not None:
        statement = statement.where(col(ApprovalRow.kind) == wanted_ones.kind.value)
    if wanted_ones.state is not None:
        statement = statement.where(col(ApprovalRow.state) == wanted_ones.state.value)
    if wanted_ones.number:
        statement = statement.where(col(ApprovalRow.number).icontains(wanted_ones.number, autoescape=True))
    if before is not None:
        statement = statement.where(col(ApprovalRow.id) < before)
    return list((await session.scalars(statement)).all())


_HELD = """
select held.id, held.kind, held.state, held.number, held.receiver_site_id, held.valid_from, held.valid_to,
  item.id as item_id, item.waste_code, item.method, item.quantity_g
from approvals held join approval_items item on item.approval_id = held.id
where held.generator_id = $1 and held.shipper_site_id = $2 and held.kind = any($3::text[])
  and held.state in ('approved', 'expired', 'superseded')
order by held.valid_to desc, held.id, item.position
"""


async def held_for(
    session: ReadSession, generator_id: UUID, shipper_site_id: UUID, kinds: Iterable[ApprovalKind]
) -> list[Held]:
    """The approvals of a site, past ones too, so that a refusal can say which one is over; the longest-lived first."""
    driver = await session.driver()
    found: dict[UUID, Held] = {}
    lines: dict[UUID, list[HeldItem]] = {}
    for row in await driver.fetch(_HELD, generator_id, shipper_site_id, [kind.value for kind in kinds]):
        lines.setdefault(row["id"], []).append(
            HeldItem(row["item_id"], row["waste_code"], row["method"], Mass(row["quantity_g"]))
        )
        found[row["id"]] = Held(
            id=row["id"],
            kind=ApprovalKind(row["kind"]),
            state=ApprovalState(row["state"]),
            number=row["number"],
            receiver_site_id=row["receiver_site_id"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            items=tuple(lines[row["id"]]),
        )
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Rested:
    """What a manifest rests on: an approval, and so many grams of a code of it."""

    approval_id: UUID
    kind: ApprovalKind
    number: str
    state: ApprovalState
    valid_from: date
    valid_to: date
    waste_code: str
    booked: Mass


async def approvals_of_manifest(session: ReadSession, manifest_id: UUID) -> list[Rested]:
    """The approvals of a manifest that one sees, whether or not one sees the applications."""
    driver = await session.driver()
    return [
        Rested(
            row["approval_id"],
            ApprovalKind(row["kind"]),
            row["number"],
            ApprovalState(row["state"]),
            row["valid_from"],
            row["valid_to"],
            row["waste_code"],
            Mass(row["booked_g"]),
        )
        for row in await driver.fetch("select * from manifest_approvals($1)", manifest_id)
    ]


_USES = """
select use.manifest_id, manifest.number, manifest.state, use.waste_code, use.booked_g, manifest.filed_at
from approval_uses use join manifests manifest on manifest.id = use.manifest_id
where use.approval_id = $1 order by manifest.filed_at desc, use.waste_code limit $2
"""


@dataclass(frozen=True, slots=True)
class Use:
    """What a manifest took of an approval."""

    manifest_id: UUID
    number: str
    state: str
    waste_code: str
    booked: Mass
    filed_at: datetime


async def uses_of(session: ReadSession, approval_id: UUID, *, limit: int = 200) -> list[Use]:
    """The manifests that rest on an approval, as far as one sees them; the newest first."""
    rows = await (await session.driver()).fetch(_USES, approval_id, limit)
    return [
        Use(row["manifest_id"], row["number"], row["state"], row["waste_code"], Mass(row["booked_g"]), row["filed_at"])
        for row in rows
    ]


_RUNNING = ("submitted", "accepted", "reviewed", "consulted", "agreed_by_destination", "declined_by_destination")
_MOST_RUNNING = 500


async def running(session: ReadSession, actor: Actor) -> list[tuple[ApprovalRow, str]]:
    """The applications that the actor sees in which a term runs, or soon may, each with the names of their wastes."""
    named = (
        sa.select(sa.func.string_agg(sa.distinct(col(ApprovalItemRow.waste_name)), sa.literal("、")))
        .where(col(ApprovalItemRow.approval_id) == col(ApprovalRow.id))
        .scalar_subquery()
    )
    soon = sa.and_(
        col(ApprovalRow.state) == ApprovalState.APPROVED.value,
        col(ApprovalRow.generator_id) == actor.organisation_id,
    )
    statement = (
        sa.select(ApprovalRow, named)
        .where(visible(actor, KIND, col(ApprovalRow.id)), sa.or_(col(ApprovalRow.state).in_(_RUNNING), soon))
        .order_by(col(ApprovalRow.id))
        .limit(_MOST_RUNNING)
    )
    return [(row, what or "") for row, what in await session.execute(statement)]
