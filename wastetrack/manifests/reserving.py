"""Numbers held in reserve for outages: given out of the same series, used by a back-entry or voided with a reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show_many, viewer_of_organisation, viewers_of_region, visible
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.db.windows import Window
from wastetrack.errors import Broken, Conflict, NotFound, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.manifests import queries
from wastetrack.manifests.numbers import ManifestNumber
from wastetrack.manifests.paper_tables import ReservedNumberRow
from wastetrack.manifests.papers import ReservedState, ReserveNumbers, check_reserving
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.transparency.appending import Appended

KIND = "reserved_number"
ORDERS: Final[Mapping[str, Any]] = {
    "number": col(ReservedNumberRow.number),
    "state": col(ReservedNumberRow.state),
    "reserved": col(ReservedNumberRow.reserved_at),
}
_MANY = Window(limit=200)
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('reserved_numbers'), hashtext($1))"


async def reserve_numbers(
    session: WriteSession, actor: Actor, command: ReserveNumbers, *, at: datetime
) -> tuple[list[ReservedNumberRow], Appended]:
    """Give a site numbers of its prefecture's series in advance; its authorities see them. Raises NotFound, Forbidden,
    RuleBroken beyond what a site may hold."""
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.SIGN, site.organisation_id)
    await (await session.driver()).execute(_ONE_AT_A_TIME, str(site.id))
    held = await session.scalar(
        select(func.count())
        .select_from(ReservedNumberRow)
        .where(col(ReservedNumberRow.site_id) == site.id, col(ReservedNumberRow.state) == ReservedState.RESERVED.value)
    )
    refuse(check_reserving(command.count, int(held or 0), jurisdiction().reserved_numbers.value))
    return await _give(session, actor, site, command.count, at=at)


async def _give(
    session: WriteSession, actor: Actor, site: Site, count: int, *, at: datetime
) -> tuple[list[ReservedNumberRow], Appended]:
    year, prefecture = legal_day(at).year, site.region_code[:4]
    rows = []
    for _ in range(count):  # a small block; each takes the next serial under the same lock
        serial = await queries.next_serial(session, year, prefecture)
        row = ReservedNumberRow(
            id=new_id(),
            number=str(ManifestNumber.make(year, site.region_code, serial)),
            organisation_id=site.organisation_id,
            site_id=site.id,
            state=ReservedState.RESERVED.value,
            reserved_at=at,
        )
        rows.append(row)
    session.add_all(rows)
    await session.flush()
    viewers = (viewer_of_organisation(site.organisation_id), *viewers_of_region(site.region_code))
    await show_many(session, KIND, [row.id for row in rows], viewers)
    leaf = await record(
        session,
        actor,
        "numbers_reserved",
        subjects=tuple(row.id for row in rows),
        moment=moment_of(None, at),
        facts={"site": str(site.id), "numbers": [row.number for row in rows]},
    )
    return rows, leaf


async def one_for_entry(session: WriteSession, actor: Actor, site: Site, number: str | None, *, at: datetime) -> UUID:
    """The reserved number that the paper bears; where none was reserved, one that is given now. Raises RuleBroken."""
    if number is None:
        rows, _ = await _give(session, actor, site, 1, at=at)
        return rows[0].id
    row = await session.scalar(
        select(ReservedNumberRow)
        .where(col(ReservedNumberRow.number) == number.strip(), col(ReservedNumberRow.site_id) == site.id)
        .with_for_update()
    )
    if row is None or row.state != ReservedState.RESERVED.value:
        message = "{value} is not a number that this site holds in reserve."
        step = "Compare it with the printed form; a number is used once."
        refuse_one("number", "number_not_reserved", message, value=number, article="令23 art. 15", next_step=step)
    assert row is not None  # noqa: S101  refused above
    return row.id


async def locked(session: WriteSession, reserved_id: UUID) -> ReservedNumberRow:
    """A reserved number, locked. Who may, the caller has decided."""
    return await session.get_one(ReservedNumberRow, reserved_id, with_for_update=True, populate_existing=True)


async def number_of(session: ReadSession, reserved_id: UUID) -> str:
    """The number itself. Who may, the caller has decided."""
    return (await session.get_one(ReservedNumberRow, reserved_id)).number


async def void_number(
    session: WriteSession, actor: Actor, number: str, reason: str, *, at: datetime
) -> tuple[ReservedNumberRow, Appended]:
    """Give a reserved number up, with a reason: the series has no gap, and everybody sees why this one moved nothing.

    Raises NotFound, Forbidden, Conflict, RuleBroken.
    """
    row = await reserved_number(session, actor, number)
    demand_own(actor, Verb.SIGN, row.organisation_id)
    row = await locked(session, row.id)
    if row.state != ReservedState.RESERVED.value:
        raise Conflict(
            "number_settled", "Number {number} is {state} already.", number=row.number, state=ReservedState(row.state)
        )
    if await _in_draft(session, row.id):
        message = "A draft of a back-entry bears this number."
        refuse([Broken("number", "number_in_draft", message, row.number, next_step="Throw the draft away first.")])
    if not reason.strip():
        refuse_one("reason", "reason_missing", "Say why the number is not used.")
    row.state, row.settled_at, row.reason = ReservedState.VOIDED.value, at, reason.strip()
    await session.flush()
    leaf = await record(
        session,
        actor,
        "reserved_number_voided",
        subjects=(row.id,),
        moment=moment_of(None, at),
        facts={"number": row.number, "site": str(row.site_id), "reason": row.reason},
    )
    return row, leaf


_DRAFT = """
select exists (
  select from manifest_papers paper join manifests manifest on manifest.id = paper.manifest_id
  where paper.reserved_id = $1 and manifest.state = 'draft'
)
"""


async def _in_draft(session: ReadSession, reserved_id: UUID) -> bool:
    return bool(await (await session.driver()).fetchval(_DRAFT, reserved_id))


async def reserved_number(session: ReadSession, actor: Actor, number: str) -> ReservedNumberRow:
    """One reserved number that the actor sees. Raises NotFound."""
    row = await session.scalar(
        select(ReservedNumberRow).where(
            col(ReservedNumberRow.number) == number, visible(actor, KIND, col(ReservedNumberRow.id))
        )
    )
    if row is None:
        raise NotFound("number_unknown", "There is no reserved number {number}.", number=number)
    return row


async def reserved_numbers(
    session: ReadSession, actor: Actor, window: Window = _MANY, *, state: ReservedState | None = None
) -> list[ReservedNumberRow]:
    """The reserved numbers that the actor sees, in an order of ORDERS or the newest first."""
    wanted = select(ReservedNumberRow).where(visible(actor, KIND, col(ReservedNumberRow.id)))
    if state is not None:
        wanted = wanted.where(col(ReservedNumberRow.state) == state.value)
    return list((await session.scalars(window.over(wanted, ORDERS, col(ReservedNumberRow.id).desc()))).all())
