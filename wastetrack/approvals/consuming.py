"""What manifests take of an approval: booked when one is filed, restated on receipt as measured, given back on
withdrawal.

The lines are locked while they are looked at, so that two filings at once cannot both take the last tonnes. A receipt
is a fact: what the receiver's scales find is written down even where it lies above the approved quantity (scales differ
by their tolerance); then nothing is left, and no further manifest can be filed on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wastetrack.approvals import queries
from wastetrack.approvals.covering import covering
from wastetrack.approvals.model import ApprovalKind, ApprovalState
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken
from wastetrack.mass import Mass


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A transfer as approvals see it: from one site to another by a method on a day, so many grams of each code."""

    generator_id: UUID
    shipper_site_id: UUID
    receiver_site_id: UUID
    method: str
    on: date
    grams_by_code: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Taking:
    """So many grams of a code from a line of an approval."""

    item_id: UUID
    approval_id: UUID
    number: str
    waste_code: str
    grams: int


_LOCK = "select id, booked_g from approval_items where id = any($1::uuid[]) order by id for update"
_LOOK = "select id, booked_g from approval_items where id = any($1::uuid[])"
_TAKE = """
with more as (
  select * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[]) as lines (item, approval, code, grams)
), used as (
  update approval_items set booked_g = booked_g + more.grams from more where approval_items.id = more.item
)
insert into approval_uses (manifest_id, item_id, approval_id, waste_code, booked_g)
select $1, item, approval, code, grams from more
"""
# The lines in the order in which a filing locks them, or the two could wait for each other.
_LOCK_TAKEN = """
select item.id from approval_items item
where item.id in (select use.item_id from approval_uses use where use.manifest_id = $1) order by item.id for update
"""
# Both tables in one statement: what the manifest has taken becomes what is given, the lines follow by the difference.
_RESTATE = """
with stated as (
  select use.item_id, coalesce(given.grams, 0) as grams, use.booked_g
  from approval_uses use left join unnest($2::text[], $3::bigint[]) as given (code, grams)
    on given.code = use.waste_code
  where use.manifest_id = $1
), kept as (
  update approval_uses set booked_g = stated.grams from stated
  where approval_uses.manifest_id = $1 and approval_uses.item_id = stated.item_id
)
update approval_items set booked_g = approval_items.booked_g + stated.grams - stated.booked_g
from stated where approval_items.id = stated.item_id
"""


async def examine(
    session: WriteSession, move: Move, kinds: Iterable[ApprovalKind], *, none: Broken
) -> tuple[list[Taking], list[Broken]]:
    """Which lines the transfer takes from, locked, and every reason why no approval covers a code (令23 art. 27, 28).

    `none` is what is said where the site has no approval of these kinds at all.
    """
    return await _judged(session, move, kinds, none, _LOCK)


async def foreseen(
    session: ReadSession, move: Move, kinds: Iterable[ApprovalKind], *, none: Broken
) -> tuple[list[Taking], list[Broken]]:
    """The same without taking a lock, for whoever is still planning."""
    return await _judged(session, move, kinds, none, _LOOK)


async def _judged(
    session: ReadSession, move: Move, kinds: Iterable[ApprovalKind], none: Broken, booked: str
) -> tuple[list[Taking], list[Broken]]:
    held = await queries.held_for(session, move.generator_id, move.shipper_site_id, kinds)
    lines = {
        item.id for one in held for code in move.grams_by_code if (item := one.item_for(code, move.method)) is not None
    }
    driver = await session.driver()
    used: dict[UUID, int] = {row["id"]: row["booked_g"] for row in await driver.fetch(booked, sorted(lines))}
    takings: list[Taking] = []
    broken: list[Broken] = []
    for code, grams in sorted(move.grams_by_code.items()):
        found, reasons = covering(
            held, code, move.method, move.receiver_site_id, on=move.on, requested=Mass(grams), used=used
        )
        if found is not None and (item := found.item_for(code, move.method)) is not None:
            used[item.id] += grams
            takings.append(Taking(item.id, found.id, found.number, code, grams))
        else:
            broken += reasons or [none]
    return takings, _once(broken)


def _once(broken: list[Broken]) -> list[Broken]:
    """Each reason once: several codes may miss the same approval."""
    told: list[Broken] = []
    for one in broken:
        if one not in told:
            told.append(one)
    return told


async def take(session: WriteSession, manifest_id: UUID, takings: Iterable[Taking]) -> None:
    """Write what a manifest takes; the lines are locked already."""
    ordered = sorted(takings, key=lambda taking: taking.item_id)
    if not ordered:
        return
    await (await session.driver()).execute(
        _TAKE,
        manifest_id,
        [taking.item_id for taking in ordered],
        [taking.approval_id for taking in ordered],
        [taking.waste_code for taking in ordered],
        [taking.grams for taking in ordered],
    )


async def restate(session: WriteSession, manifest_id: UUID, grams_by_code: Mapping[str, int]) -> None:
    """Let what a manifest has taken be what was really taken in; a code that is not named is given back whole."""
    driver = await session.driver()
    if await driver.fetch(_LOCK_TAKEN, manifest_id):
        await driver.execute(_RESTATE, manifest_id, list(grams_by_code), list(grams_by_code.values()))


async def move(session: WriteSession, manifest_id: UUID, takings: Iterable[Taking]) -> None:
    """Give back what a manifest has taken, and take it of other lines: the load goes elsewhere.

    What was taken before is not kept at nothing, or the receipt would state it anew.
    """
    await restate(session, manifest_id, {})
    await (await session.driver()).execute("delete from approval_uses where manifest_id = $1", manifest_id)
    await take(session, manifest_id, takings)


async def why_not_on(session: ReadSession, manifest_id: UUID, on: date) -> list[Broken]:
    """Which approvals of a filed manifest do not hold on the day of its pick-up."""
    broken: list[Broken] = []
    for rested in await queries.approvals_of_manifest(session, manifest_id):
        facts: dict[str, object] = {
            "number": rested.number or "—",
            "valid_from": rested.valid_from.isoformat(),
            "valid_to": rested.valid_to.isoformat(),
        }
        if not rested.valid_from <= on <= rested.valid_to or rested.state is ApprovalState.SUPERSEDED:
            message = "Approval {number} holds from {valid_from} to {valid_to}, not on {value}."
            if rested.state is ApprovalState.SUPERSEDED:
                message = "A later approval has taken the place of approval {number}."
            step = "The shipper cancels this manifest and files it on an approval that holds."
            broken.append(
                Broken(
                    "approval",
                    "approval_not_in_force",
                    message,
                    on.isoformat(),
                    article="令23 art. 27",
                    next_step=step,
                    facts=facts,
                )
            )
    return _once(broken)
