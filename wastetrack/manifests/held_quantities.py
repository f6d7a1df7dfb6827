"""What reservations set aside of permit lines, as whoever books or reserves on them meets it.

Others' holds are not there to be taken; one's own are taken first. The lines are locked before the reservations on
them, everywhere, so what is read here stays so until the end of the transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties.permits import Permit

_LAPSE: Final = "select permit_item_id, grams from reservations_lapse($1, $2::uuid[], $3::smallint)"
_OVERDUE: Final = "select permit_item_id, grams from reservations_overdue($1, $2::uuid[], $3::smallint)"
_OWN: Final = """
select id, permit_item_id, waste_code, net_g - used_g as left_g from reservations
where organisation_id = $1 and permit_item_id = any($2::uuid[]) and year = $3 and state = 'held' and until > $4
order by planned_on, id
"""
_OWN_LOCKED: Final = _OWN + "for update"
_DIRECT: Final = """
select id, waste_code, year, net_g - used_g as left_g from reservations
where organisation_id = $1 and receiver_site_id = $2 and method = $3 and basis = $4 and waste_code = any($5::text[])
  and (basis <> 'exempt' or year = $6) and state = 'held' and until > $7
order by planned_on, id for update
"""
_CLAIM = """
with more as (
  select * from unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::bigint[]) as claimed (reservation, item, year, grams)
), used as (
  update reservations held set used_g = held.used_g + more.grams,
    state = case when held.used_g + more.grams = held.net_g then 'used' else held.state end,
    ended_at = case when held.used_g + more.grams = held.net_g then $6 else held.ended_at end
  from more where held.id = more.reservation
), lines as (
  update permit_uses line set held_g = line.held_g - summed.grams
  from (select item, year, sum(grams) as grams from more group by item, year) summed
  where line.permit_item_id = summed.item and line.year = summed.year
)
insert into reservation_uses (reservation_id, manifest_id, used_g) select reservation, $1, grams from more
on conflict (reservation_id, manifest_id) do update set used_g = reservation_uses.used_g + excluded.used_g
"""
# The lines are locked already: what the manifest had booked on them was given back.
_GIVE_BACK = """
with back as (
  update reservation_uses use set used_g = 0
  from (select reservation_id, used_g as grams from reservation_uses where manifest_id = $1 and used_g > 0) before
  where use.manifest_id = $1 and use.reservation_id = before.reservation_id
  returning use.reservation_id, before.grams
), held as (
  update reservations of set used_g = of.used_g - back.grams,
    state = case when of.state = 'used' and of.until > $2 then 'held' when of.state = 'used' then 'lapsed'
      else of.state end,
    ended_at = case when of.state = 'used' and of.until > $2 then null when of.state = 'used' then $2
      else of.ended_at end
  from back where of.id = back.reservation_id
  returning of.permit_item_id, of.year, case when of.state = 'held' then back.grams else 0 end as grams
)
update permit_uses line set held_g = line.held_g + summed.grams
from (select permit_item_id, year, sum(grams) as grams from held group by permit_item_id, year) summed
where line.permit_item_id = summed.permit_item_id and line.year = summed.year
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks for quantities, and when. Nobody's reservations are its own to take where `holder_id` is None."""

    holder_id: UUID | None
    at: datetime
    locks: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A permit's line in a year: what is booked by manifests, what is set aside."""

    booked_g: int = 0
    held_g: int = 0

    def booking(self, grams: int, of_held: int) -> "Line":
        """The same once so much more is booked, so much of that out of what was set aside."""
        return Line(self.booked_g + grams, self.held_g - of_held)


@dataclass(frozen=True, slots=True)
class Claimed:
    """So many grams out of a reservation."""

    reservation_id: UUID
    waste_code: str
    permit_item_id: UUID | None
    """None where its receiver needs no permit."""
    year: int
    grams: int


@dataclass(frozen=True, slots=True)
class _Hold:
    reservation_id: UUID
    left_g: int


@dataclass(slots=True)
class Own:
    """One's own reservations on some lines, the nearest day first; shrinks as they are claimed."""

    holds: dict[tuple[UUID, str], list[_Hold]] = field(default_factory=dict)

    def left_g(self, item_id: UUID, code: str) -> int:
        """How much of a line is kept for oneself and this waste."""
        return sum(one.left_g for one in self.holds.get((item_id, code), ()))

    def on_line(self, item_id: UUID) -> int:
        """How much of a line is kept for oneself."""
        return sum(one.left_g for (item, _), holds in self.holds.items() if item == item_id for one in holds)

    def claim(self, item_id: UUID, code: str, grams: int, *, year: int) -> list[Claimed]:
        """Take up to so much of what is kept."""
        claimed: list[Claimed] = []
        left: list[_Hold] = []
        for one in self.holds.get((item_id, code), ()):
            taken = min(one.left_g, grams)
            grams -= taken
            if taken:
                claimed.append(Claimed(one.reservation_id, code, item_id, year, taken))
            if one.left_g > taken:
                left.append(replace(one, left_g=one.left_g - taken))
        self.holds[item_id, code] = left
        return claimed


async def settle(session: ReadSession, lines: dict[UUID, Line], claim: Claim, *, year: int) -> Own:
    """Leave what has lapsed out of the lines, and find one's own reservations on them. Costs nothing where nothing is
    set aside."""
    items = sorted(item for item, line in lines.items() if line.held_g)
    own = Own()
    if not items:
        return own
    driver = await session.driver()
    for row in await driver.fetch(_LAPSE if claim.locks else _OVERDUE, claim.at, items, year):
        line = lines[row["permit_item_id"]]
        lines[row["permit_item_id"]] = replace(line, held_g=line.held_g - row["grams"])
    if claim.holder_id is not None:
        statement = _OWN_LOCKED if claim.locks else _OWN
        for row in await driver.fetch(statement, claim.holder_id, items, year, claim.at):
            place = row["permit_item_id"], row["waste_code"]
            own.holds.setdefault(place, []).append(_Hold(row["id"], row["left_g"]))
    return own


async def claim_without_permit(
    session: WriteSession,
    claim: Claim,
    receiver_site_id: UUID,
    method: str,
    basis: TransferBasis,
    *,
    grams_by_code: Mapping[str, int],
    year: int,
) -> list[Claimed]:
    """What a transfer takes of its shipper's own reservations with a receiver that needs no permit, locked, the nearest
    day first."""
    held = await (await session.driver()).fetch(
        _DIRECT, claim.holder_id, receiver_site_id, method, basis.value, list(grams_by_code), year, claim.at
    )
    left, claimed = dict(grams_by_code), list[Claimed]()
    for row in held:
        taken = min(row["left_g"], left[row["waste_code"]])
        left[row["waste_code"]] -= taken
        if taken:
            claimed.append(Claimed(row["id"], row["waste_code"], None, row["year"], taken))
    return claimed


def telling(reasons: Iterable[Broken], permits: Iterable[Permit], lines: Mapping[UUID, Line], own: Own) -> list[Broken]:
    """The same reasons; one of quantity says how much of it is set aside for others. Pure."""
    aside = {
        (permit.number, item.pattern): lines[item.id].held_g - own.on_line(item.id)
        for permit in permits
        for item in permit.items
        if item.id in lines
    }
    told = []
    for one in reasons:
        others = aside.get((str(one.facts.get("number")), str(one.facts.get("pattern"))), 0)
        if one.code == "permit_quantity_exceeded" and others > 0:
            message = (
                "Permit {number} allows {yearly} of {pattern} in {year}; {used} are taken, {aside} of them set aside "
                "for others; {left} are left, {requested} are asked for."
            )
            one = replace(one, message=message, facts={**one.facts, "aside": Mass(others).tonne_text()})  # noqa: PLW2901
        told.append(one)
    return told


def facts_of_claimed(claimed: Iterable[Claimed]) -> dict[str, object]:
    """What of a filing was set aside before, as its event states it."""
    taken = [{"waste_code": one.waste_code, "reservation": str(one.reservation_id), "g": one.grams} for one in claimed]
    return {"reservations": taken} if taken else {}


async def take(session: WriteSession, manifest_id: UUID, claimed: Iterable[Claimed], *, at: datetime) -> None:
    """Write what a manifest takes of reservations; lines and reservations are locked already."""
    taken = list(claimed)
    if not taken:
        return
    await (await session.driver()).execute(
        _CLAIM,
        manifest_id,
        [one.reservation_id for one in taken],
        [one.permit_item_id for one in taken],
        [one.year for one in taken],
        [one.grams for one in taken],
        at,
    )


async def give_back(session: WriteSession, manifest_id: UUID, *, at: datetime) -> None:
    """The manifest is withdrawn: what it took is kept for its shipper again, as long as the hold lasts."""
    await (await session.driver()).execute(_GIVE_BACK, manifest_id, at)
