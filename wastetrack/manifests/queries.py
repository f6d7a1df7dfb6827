"""Reading manifests: one with all that belongs to it, a page of them, one to be locked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Select, Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible, visible_to
from wastetrack.containers.custody import Load
from wastetrack.containers.queries import Face, faces
from wastetrack.db.hot import Hot
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.manifests.errors import ManifestUnknown
from wastetrack.manifests.model import CorrectionState, ManifestState, PartyRole
from wastetrack.manifests.tables import CorrectionRow, LegRow, LineRow, ManifestRow, SignatureRow

KIND = "manifest"


@dataclass(frozen=True, slots=True)
class Line:
    """A container on a manifest, with what its label says."""

    row: LineRow
    face: Face


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest with its legs, containers and signatures, each in their order."""

    row: ManifestRow
    legs: tuple[LegRow, ...]
    lines: tuple[Line, ...]
    signatures: tuple[SignatureRow, ...]
    corrections: tuple[CorrectionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFilter:
    """What to list; None means all."""

    state: ManifestState | None = None
    number: str | None = None
    """The beginning of a manifest number."""
    shipper_id: UUID | None = None
    receiver_id: UUID | None = None
    role: PartyRole | None = None
    """What the actor's own organisation is on the manifest."""


def _seen(actor: Actor) -> Select[ManifestRow]:
    return select(ManifestRow).where(visible(actor, KIND, col(ManifestRow.id)))


async def manifest_row(session: ReadSession, actor: Actor, manifest_id: UUID) -> ManifestRow:
    """The manifest alone. Raises ManifestUnknown."""
    row = await session.scalar(_seen(actor).where(col(ManifestRow.id) == manifest_id))
    return _found(row, manifest_id)


_ID = bindparam("manifest_id", type_=Uuid)
_LOCKED = Hot(
    select(*ManifestRow.__table__.columns)  # type: ignore[attr-defined]
    .where(col(ManifestRow.id) == _ID, visible_to(bindparam("viewer"), KIND, col(ManifestRow.id)))
    .with_for_update(of=ManifestRow)
)
_LEGS = Hot(
    select(*LegRow.__table__.columns)  # type: ignore[attr-defined]
    .where(col(LegRow.manifest_id) == _ID)
    .order_by(col(LegRow.position))
)
_CONTAINERS = Hot(
    select(col(LineRow.container_id)).where(col(LineRow.manifest_id) == _ID).order_by(col(LineRow.position))
)
_TAKE_OVER = "update manifest_legs set taken_over_at = $3 where manifest_id = $1 and position = $2"


async def locked(session: WriteSession, actor: Actor, manifest_id: UUID) -> ManifestRow:
    """The manifest, locked until the unit of work ends: two signers queue up. Raises ManifestUnknown.

    The row stands apart from the session: what a use case changes on it is written by signing.keep.
    """
    found = await _LOCKED.row(session, manifest_id=manifest_id, viewer=actor.viewer)
    return _found(None if found is None else ManifestRow(**dict(found)), manifest_id)


def _found(row: ManifestRow | None, manifest_id: UUID) -> ManifestRow:
    if row is None:
        raise ManifestUnknown("manifest_unknown", "There is no such manifest.", manifest_id=manifest_id)
    return row


async def by_number(session: ReadSession, actor: Actor, number: str) -> ManifestRow:
    """The manifest of a number. Raises ManifestUnknown."""
    row = await session.scalar(_seen(actor).where(col(ManifestRow.number) == number))
    if row is None:
        raise ManifestUnknown("manifest_unknown", "There is no manifest {number}.", number=number)
    return row


async def manifest(session: ReadSession, actor: Actor, manifest_id: UUID) -> Manifest:
    """A manifest with everything. Raises ManifestUnknown."""
    row = await manifest_row(session, actor, manifest_id)
    return Manifest(
        row,
        tuple(await legs(session, manifest_id)),
        tuple(await lines(session, manifest_id)),
        tuple(await _ordered(session, SignatureRow, manifest_id, SignatureRow.position)),
        tuple(await _ordered(session, CorrectionRow, manifest_id, CorrectionRow.id)),
    )


async def _ordered(session: ReadSession, table: Any, manifest_id: UUID, by: Any) -> list[Any]:  # noqa: ANN401
    return list(
        (await session.scalars(select(table).where(col(table.manifest_id) == manifest_id).order_by(col(by)))).all()
    )


async def legs(session: ReadSession, manifest_id: UUID) -> list[LegRow]:
    """The transport legs in order, apart from the session."""
    return [LegRow(**dict(row)) for row in await _LEGS.rows(session, manifest_id=manifest_id)]


async def take_over(session: WriteSession, leg: LegRow, at: datetime) -> None:
    """The carrier of a leg has the load from now on."""
    leg.taken_over_at = at
    await (await session.driver()).execute(_TAKE_OVER, leg.manifest_id, leg.position, at)


async def container_ids(session: ReadSession, manifest_id: UUID) -> tuple[UUID, ...]:
    """The containers of a manifest, in order."""
    return tuple(row[0] for row in await _CONTAINERS.rows(session, manifest_id=manifest_id))


async def line_rows(session: ReadSession, manifest_id: UUID) -> list[LineRow]:
    """The containers in order, alone."""
    return await _ordered(session, LineRow, manifest_id, LineRow.position)


async def lines(session: ReadSession, manifest_id: UUID) -> list[Line]:
    """The containers in order, with what their labels say."""
    rows = await line_rows(session, manifest_id)
    known = await faces(session, [row.container_id for row in rows])
    return [Line(row, known[row.container_id]) for row in rows]


_OPEN = Hot(
    select(col(LineRow.container_id), func.coalesce(col(ManifestRow.number), "—"))
    .join(ManifestRow, col(ManifestRow.id) == col(LineRow.manifest_id))
    .where(col(LineRow.container_id) == any_(bindparam("container_ids", type_=ARRAY(Uuid))), col(LineRow.open))
)


async def open_elsewhere(session: ReadSession, container_ids: list[UUID]) -> dict[UUID, str]:
    """Which of these containers are on an open manifest, and on which (its number)."""
    return {row[0]: row[1] for row in await _OPEN.rows(session, container_ids=container_ids)}


async def returns_of(session: ReadSession, manifest_id: UUID) -> list[ManifestRow]:
    """The manifests that bring rejected goods of this one back."""
    return list(
        (
            await session.scalars(
                select(ManifestRow).where(col(ManifestRow.returns_id) == manifest_id).order_by(col(ManifestRow.id))
            )
        ).all()
    )


_MOVED = "select exists (select from manifest_totals where manifest_id = $1 and records > 0)"


async def moved_under(session: ReadSession, manifest_id: UUID) -> bool:
    """Whether a manifest that runs for a period has a record of mass that moved."""
    return bool(await (await session.driver()).fetchval(_MOVED, manifest_id))


_NEXT = """
insert into manifest_numbers (year, prefecture, last) values ($1, $2, 1)
on conflict (year, prefecture) do update set last = manifest_numbers.last + 1 returning last
"""
_SEAL = """
update manifest_containers set open = true, waste_code = loads.code, declared_g = loads.grams,
  declared_uncertainty_g = loads.uncertainty
from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[]) as loads (container, code, grams, uncertainty)
where manifest_id = $1 and container_id = loads.container
"""


async def next_serial(session: WriteSession, year: int, prefecture: str) -> int:
    """The next serial of a prefecture and year. The last lock of a use case: a number that is rolled back is free
    again, so there is no gap."""
    return int(await (await session.driver()).fetchval(_NEXT, year, prefecture))


async def seal_lines(session: WriteSession, manifest_id: UUID, loads: list[Load]) -> bool:
    """Declare what the containers weigh now and hold them for this manifest; False when another one just took one of
    them (the transaction is then lost)."""
    try:
        await (await session.driver()).execute(
            _SEAL,
            manifest_id,
            [load.id for load in loads],
            [load.waste_code for load in loads],
            [load.net_g for load in loads],
            [load.uncertainty_g for load in loads],
        )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def close_lines(session: WriteSession, manifest_id: UUID) -> None:
    """Free the containers of a manifest for another one."""
    await session.execute(update(LineRow).where(col(LineRow.manifest_id) == manifest_id).values(open=False))


async def correction(session: ReadSession, actor: Actor, correction_id: UUID) -> CorrectionRow | None:
    """A correction, not locked; None too where the actor does not see its manifest, in the same statement."""
    row: CorrectionRow | None = await session.scalar(
        select(CorrectionRow).where(
            col(CorrectionRow.id) == correction_id, visible(actor, KIND, col(CorrectionRow.manifest_id))
        )
    )
    return row


async def correction_locked(session: WriteSession, correction_id: UUID) -> CorrectionRow:
    """The same, locked; after its manifest is."""
    return await session.get_one(CorrectionRow, correction_id, with_for_update=True, populate_existing=True)


async def correction_waiting(session: WriteSession, manifest_id: UUID, container_id: UUID) -> CorrectionRow | None:
    """The correction of this container that nobody has answered, locked; its manifest is locked already."""
    row: CorrectionRow | None = await session.scalar(
        select(CorrectionRow)
        .where(
            col(CorrectionRow.manifest_id) == manifest_id,
            col(CorrectionRow.container_id) == container_id,
            col(CorrectionRow.state) == CorrectionState.REQUESTED.value,
        )
        .with_for_update()
    )
    return row


async def corrections_open_for(session: ReadSession, actor: Actor) -> list[tuple[CorrectionRow, ManifestRow]]:
    """Corrections that wait for an answer on manifests that the actor sees."""
    rows = await session.execute(
        select(CorrectionRow, ManifestRow)
        .join(ManifestRow, col(ManifestRow.id) == col(CorrectionRow.manifest_id))
        .where(
            col(CorrectionRow.state) == CorrectionState.REQUESTED.value,
            col(CorrectionRow.answer_due_at) >= func.now(),  # afterwards it has lapsed
            visible(actor, KIND, col(ManifestRow.id)),
        )
        .order_by(col(CorrectionRow.answer_due_at))
    )
    return [(row, of) for row, of in rows]


async def counts_by_state(session: ReadSession, actor: Actor) -> dict[ManifestState, int]:
    """How many manifests the actor sees in each state."""
    rows = await session.execute(
        select(col(ManifestRow.state), func.count())
        .where(visible(actor, KIND, col(ManifestRow.id)))
        .group_by(col(ManifestRow.state))
    )
    return {ManifestState(state): count for state, count in rows}


def planned_leg(manifest_id: UUID, carrier_id: UUID, vehicle_id: UUID, driver_id: UUID | None) -> LegRow:
    """A trip that stands on another paper than a leg of a manifest, for the checks of a leg; it is never written."""
    return LegRow(
        manifest_id=manifest_id,
        position=1,
        carrier_id=carrier_id,
        vehicle_id=vehicle_id,
        driver_id=driver_id,
        start="",
        end="",
    )


_SIGNERS = """
select signature.act, person.name, signature.happened_at from manifest_signatures signature
join people person on person.id = signature.person_id where signature.manifest_id = $1 order by signature.position
"""


async def signers_of(session: ReadSession, manifest_id: UUID) -> list[tuple[str, str, datetime]]:
    """Act, signer's name and time; who may see the manifest is the caller's rule."""
    return [tuple(row) for row in await (await session.driver()).fetch(_SIGNERS, manifest_id)]
