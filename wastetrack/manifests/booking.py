"""Yearly quantities of permits: booked when a manifest is filed, restated on receipt, given back on withdrawal.

The lines of the permit are locked while they are looked at, so that two filings at once cannot both take the last
tonnes. What is set aside for others is not there; what is set aside for oneself is taken first.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wastetrack.catalogues.waste_codes import parse
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Malformed
from wastetrack.manifests import held_quantities
from wastetrack.manifests.checking import Transfer
from wastetrack.manifests.held_quantities import Claim, Claimed, Line
from wastetrack.manifests.model import TAKEN_IN, Outcome
from wastetrack.manifests.tables import LineRow
from wastetrack.mass import Mass
from wastetrack.parties import permits as rules
from wastetrack.parties.permit_queries import permits_for_site
from wastetrack.parties.permits import Permit, PermitItem
from wastetrack.plans import checking as plans


@dataclass(frozen=True, slots=True)
class Booking:
    """So many grams of a code onto a permit line in a calendar year."""

    waste_code: str
    permit_item_id: UUID
    year: int
    grams: int


# Writing the row with its own value takes its lock and makes it where it is not; in id order, against lock-ups.
_LOCK = """
insert into permit_uses (permit_item_id, year, booked_g)
select item, $2, 0 from unnest($1::uuid[]) as item order by item
on conflict (permit_item_id, year) do update set booked_g = permit_uses.booked_g
returning permit_item_id, booked_g, held_g
"""
_LOOK = "select permit_item_id, booked_g, held_g from permit_uses where permit_item_id = any($1::uuid[]) and year = $2"
_BOOK = """
with more as (
  select * from unnest($2::text[], $3::uuid[], $4::smallint[], $5::bigint[]) as lines (code, item, year, grams)
), used as (
  update permit_uses set booked_g = permit_uses.booked_g + summed.grams
  from (select item, year, sum(grams) as grams from more group by item, year) summed
  where permit_item_id = summed.item and permit_uses.year = summed.year
)
insert into permit_bookings (manifest_id, waste_code, permit_item_id, year, booked_g)
select $1, code, item, year, grams from more
"""
# The lines in the order in which a filing locks them, or the two could wait for each other.
_LOCK_BOOKED = """
select from permit_uses u
where exists (
  select from permit_bookings b
  where b.manifest_id = $1 and b.permit_item_id = u.permit_item_id and b.year = u.year
)
order by u.permit_item_id, u.year for update
"""
_OVER = """
select booking.waste_code from permit_bookings booking
join permit_uses used on used.permit_item_id = booking.permit_item_id and used.year = booking.year
join permit_items item on item.id = booking.permit_item_id
where booking.manifest_id = $1 and used.booked_g > item.yearly_g order by booking.waste_code
"""
# Both tables in one statement: what the manifest has booked becomes what is given, the lines follow by the difference.
_RESTATE = """
with stated as (
  select b.waste_code, b.permit_item_id, b.year, coalesce(t.grams, 0) as grams, b.booked_g
  from permit_bookings b left join unnest($2::text[], $3::bigint[]) as t (code, grams) on t.code = b.waste_code
  where b.manifest_id = $1
), kept as (
  update permit_bookings set booked_g = stated.grams from stated
  where permit_bookings.manifest_id = $1 and permit_bookings.waste_code = stated.waste_code
)
update permit_uses set booked_g = permit_uses.booked_g + moved.grams
from (
  select permit_item_id, year, sum(grams - booked_g) as grams from stated group by permit_item_id, year
) moved
where permit_uses.permit_item_id = moved.permit_item_id and permit_uses.year = moved.year
"""


@dataclass(frozen=True, slots=True)
class Quantities:
    """What a transfer books on permit lines, what it takes of its shipper's reservations, and what forbids it."""

    bookings: list[Booking]
    claimed: list[Claimed]
    broken: list[Broken]


async def quantities(
    session: WriteSession, transfer: Transfer, *, at: datetime, shipper_id: UUID | None = None
) -> Quantities:
    """Which permit lines the transfer counts against, locked, and every reason why no permit covers a code or its
    quantity. Reservations of `shipper_id` are its own to take.

    A code that cannot be read is grounds.examine's to tell, and is left out here.
    """
    return await _judged(session, transfer, Claim(shipper_id, at, locks=True))


async def foreseen(
    session: ReadSession, transfer: Transfer, *, at: datetime, shipper_id: UUID | None = None
) -> Quantities:
    """The same without taking a lock, for whoever is still planning."""
    return await _judged(session, transfer, Claim(shipper_id, at, locks=False))


async def _judged(session: ReadSession, transfer: Transfer, claim: Claim) -> Quantities:
    held = await permits_for_site(session, transfer.receiver_id, transfer.receiver_site_id)
    codes = []
    for text in sorted(transfer.grams_by_code):
        try:
            codes.append(parse(text))
        except Malformed:
            continue
    wanted = {
        item.id for permit in held for code in codes if (item := permit.item_for(code, transfer.method)) is not None
    }
    driver, year = await session.driver(), transfer.on.year
    lines: dict[UUID, Line] = defaultdict(Line)
    for row in await driver.fetch(_LOCK if claim.locks else _LOOK, sorted(wanted), year):
        lines[row["permit_item_id"]] = Line(row["booked_g"], row["held_g"])
    own = await held_quantities.settle(session, lines, claim, year=year)
    found = Quantities([], [], [])
    for code in codes:
        grams = transfer.grams_by_code[str(code)]

        def taken(_permit: Permit, item: PermitItem, code: str = str(code)) -> Mass:
            return Mass(lines[item.id].booked_g + lines[item.id].held_g - own.left_g(item.id, code))

        permit, reasons = rules.covering(held, code, transfer.method, transfer.on, requested=Mass(grams), used=taken)
        if permit is not None and (item := permit.item_for(code, transfer.method)) is not None:
            claimed = own.claim(item.id, str(code), grams, year=year)
            lines[item.id] = lines[item.id].booking(grams, sum(one.grams for one in claimed))
            found.bookings.append(Booking(str(code), item.id, year, grams))
            found.claimed.extend(claimed)
        found.broken.extend(held_quantities.telling(reasons, held, lines, own))
    return found


async def book(session: WriteSession, manifest_id: UUID, bookings: list[Booking]) -> None:
    """Write what a manifest takes; the lines are locked already."""
    codes = [booking.waste_code for booking in bookings]
    items = [booking.permit_item_id for booking in bookings]
    years = [booking.year for booking in bookings]
    grams = [booking.grams for booking in bookings]
    await (await session.driver()).execute(_BOOK, manifest_id, codes, items, years, grams)


def taken_in(lines: Iterable[LineRow]) -> dict[str, int]:
    """What a receiver took in, by code, in measured grams."""
    grams: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.outcome is not None and Outcome(line.outcome) in TAKEN_IN:
            grams[line.waste_code] += line.measured_g or 0
    return grams


def nothing_of(booked: Booking) -> Booking:
    """The line of a booking, with nothing on it yet."""
    return replace(booked, grams=0)


async def lock_booked(session: WriteSession, manifest_id: UUID) -> None:
    """Lock the permit lines on which a manifest has booked."""
    await (await session.driver()).execute(_LOCK_BOOKED, manifest_id)


async def codes_over(session: WriteSession, manifest_id: UUID) -> list[str]:
    """The codes of a manifest whose permit line is used beyond its yearly quantity."""
    return [row[0] for row in await (await session.driver()).fetch(_OVER, manifest_id)]


async def restate(session: WriteSession, manifest_id: UUID, grams_by_code: dict[str, int]) -> None:
    """Let a manifest's bookings be what was really taken in; a code that is not named is given back whole.

    Of plan and contract first: their lines are locked before those of permits, everywhere.
    """
    await plans.restate(session, manifest_id, grams_by_code)
    await _restate_permits(session, manifest_id, grams_by_code)


async def _restate_permits(session: WriteSession, manifest_id: UUID, grams_by_code: dict[str, int]) -> None:
    driver = await session.driver()
    await driver.execute(_LOCK_BOOKED, manifest_id)
    await driver.execute(_RESTATE, manifest_id, list(grams_by_code), list(grams_by_code.values()))


_UPSERT = """
on conflict (manifest_id, waste_code) do update
  set permit_item_id = excluded.permit_item_id, year = excluded.year, booked_g = excluded.booked_g
"""


async def move(session: WriteSession, manifest_id: UUID, bookings: list[Booking]) -> None:
    """Give back what a manifest has booked with one receiver, and book it with another; the new lines are locked.

    Plan and contract stay used by the line under which the load left.
    """
    await _restate_permits(session, manifest_id, {})
    codes = [booking.waste_code for booking in bookings]
    items = [booking.permit_item_id for booking in bookings]
    years = [booking.year for booking in bookings]
    grams = [booking.grams for booking in bookings]
    await (await session.driver()).execute(_BOOK + _UPSERT, manifest_id, codes, items, years, grams)
