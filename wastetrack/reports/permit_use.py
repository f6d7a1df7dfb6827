"""How a permit is used: by line, code and month of a year what came in under it, what is on its way, what is left.

What came in is what the gate measured; it counts in the month of the receipt, of a pipe in that of the day, of medical
waste in that of the trip card. What is booked by manifests that are filed and not received yet is on its way. One
statement, for a firm or for all firms of a region; PostgreSQL shows each visitor the bookings of his own manifests.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.permits import PermitKind
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, MassUnit, Sheet, said

NEARLY = 80
"""Percent of a year's quantity from which a line is nearly used up."""

# A receipt after the turn of the year still uses the quantity of the year in which the manifest was filed.
_MONTH = "case when extract(year from {day}) > booking.year then 12 else extract(month from {day})::int end"
_LOCAL = "({instant} at time zone 'Asia/Shanghai')"
_USE = f"""
with lines as (
  select permit.id as permit_id, permit.number, permit.kind, permit.valid_from, permit.valid_to, permit.organisation_id,
    holder.name as holder, holder.region_code, permit.site_id, site.name as site, item.id as item_id, item.position,
    item.pattern, item.methods, item.yearly_g,
    coalesce((select used.held_g from permit_uses used where used.permit_item_id = item.id and used.year = $3), 0)
      as held_g
  from permits permit join permit_items item on item.permit_id = permit.id
  join organisations holder on holder.id = permit.organisation_id left join sites site on site.id = permit.site_id
  where ($1::uuid is null or permit.organisation_id = $1) and ($2::text is null or holder.region_code like $2 || '%')
    and permit.valid_from <= make_date($3, 12, 31) and permit.valid_to >= make_date($3, 1, 1)
), bookings as materialized (
  select booking.manifest_id, booking.waste_code, booking.permit_item_id, booking.year, booking.booked_g,
    paper.received_at, paper.kind
  from permit_bookings booking join lines on lines.item_id = booking.permit_item_id
  join manifests paper on paper.id = booking.manifest_id
  where booking.year = $3 and booking.booked_g > 0
), pieces as (
  select booking.permit_item_id, booking.waste_code, booking.booked_g as grams,
    case when booking.received_at is not null
      then {_MONTH.format(day=_LOCAL.format(instant="booking.received_at"))} end as month
  from bookings booking where booking.kind not in ('continuous', 'medical')
  union all
  select booking.permit_item_id, booking.waste_code, flow.received_g, {_MONTH.format(day="flow.day")}
  from bookings booking join pipe_days flow
    on flow.manifest_id = booking.manifest_id and flow.waste_code = booking.waste_code
  where booking.kind = 'continuous' and flow.moved_entry_id is not null and flow.received_g > 0
  union all
  select booking.permit_item_id, booking.waste_code, bag.measured_g,
    {_MONTH.format(day=_LOCAL.format(instant="card.received_at"))}
  from bookings booking join trip_cards card on card.manifest_id = booking.manifest_id
  join trip_card_bags bag on bag.card_id = card.id and bag.waste_code = booking.waste_code
  where booking.kind = 'medical' and card.received_at is not null and bag.measured_g > 0
)
select lines.*, pieces.waste_code, pieces.month, sum(pieces.grams)::bigint as grams
from lines left join pieces on pieces.permit_item_id = lines.item_id
group by lines.permit_id, lines.number, lines.kind, lines.valid_from, lines.valid_to, lines.organisation_id,
  lines.holder, lines.region_code, lines.site_id, lines.site, lines.item_id, lines.position, lines.pattern,
  lines.methods, lines.yearly_g, lines.held_g, pieces.waste_code, pieces.month
order by lines.holder, lines.organisation_id, lines.valid_from, lines.permit_id, lines.position, lines.pattern,
  pieces.waste_code, pieces.month
"""  # noqa: S608  put together from constants of this file


@dataclass(slots=True)
class CodeUse:
    """One code under a line: twelve months, and what is on its way."""

    waste_code: str
    months: list[Mass] = field(default_factory=lambda: [ZERO] * 12)
    coming: Mass = ZERO

    @property
    def received(self) -> Mass:
        """In the whole year."""
        return sum(self.months, ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineUse:
    """One line of a permit in a year."""

    item_id: UUID
    pattern: str
    methods: tuple[str, ...]
    yearly: Mass
    codes: tuple[CodeUse, ...]
    held: Mass = ZERO
    """Of what nobody has booked, what reservations set aside."""

    @property
    def months(self) -> tuple[Mass, ...]:
        """What came in, by month."""
        return tuple(sum((one.months[month] for one in self.codes), ZERO) for month in range(12))

    @property
    def received(self) -> Mass:
        """What came in."""
        return sum((one.received for one in self.codes), ZERO)

    @property
    def coming(self) -> Mass:
        """What is filed and on its way."""
        return sum((one.coming for one in self.codes), ZERO)

    @property
    def left(self) -> Mass:
        """Of the year's quantity, what nobody has booked; below nothing where more came in than is allowed."""
        return self.yearly - self.received - self.coming

    @property
    def percent(self) -> int:
        """Of the year's quantity, what came in or is on its way."""
        return ((self.received + self.coming).grams * 100) // self.yearly.grams

    @property
    def kind(self) -> str:
        """As badges know it: good, warn where it is nearly used, bad where it is used up."""
        return "bad" if self.left.grams <= 0 else "warn" if self.percent >= NEARLY else "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitUse:
    """A permit with the use of its lines in a year."""

    permit_id: UUID
    number: str
    kind: PermitKind
    valid_from: date
    valid_to: date
    holder_id: UUID
    holder: str
    region_code: str
    site_id: UUID | None
    site: str | None
    """None: all sites of the holder."""
    year: int
    lines: tuple[LineUse, ...]


async def use_of_holder(session: ReadSession, actor: Actor, holder_id: UUID, *, year: int) -> list[PermitUse]:
    """The permits of a firm that are valid in a year. Raises NotFound for a firm whose use the actor may not see."""
    holder = await parties.organisation(session, holder_id)
    watches = actor.viewer.startswith("r:") and holder.region_code.startswith(actor.viewer.removeprefix("r:"))
    if actor.organisation_id != holder_id and not watches:
        raise NotFound("organisation_unknown", "There is no such organisation.", organisation_id=holder_id)
    return await _use(session, holder_id=holder_id, region=None, year=year)


async def use_in_region(session: ReadSession, region: str, *, year: int) -> list[PermitUse]:
    """The permits of all firms of a region (its code's first digits) that are valid in a year, by holder."""
    return await _use(session, holder_id=None, region=region, year=year)


async def _use(session: ReadSession, *, holder_id: UUID | None, region: str | None, year: int) -> list[PermitUse]:
    rows = await (await session.driver()).fetch(_USE, holder_id, region, year)
    return permits_of_rows(rows, year)


def permits_of_rows(rows: Iterable[Any], year: int) -> list[PermitUse]:
    """Rows in the order of the statement as permits, lines and codes."""
    permits: dict[UUID, Any] = {}
    lines: dict[UUID, dict[UUID, Any]] = {}
    codes: dict[UUID, dict[str, CodeUse]] = {}
    for row in rows:
        permits.setdefault(row["permit_id"], row)
        lines.setdefault(row["permit_id"], {}).setdefault(row["item_id"], row)
        if row["waste_code"] is None:
            continue
        use = codes.setdefault(row["item_id"], {}).setdefault(row["waste_code"], CodeUse(row["waste_code"]))
        if row["month"] is None:
            use.coming += Mass(row["grams"])
        else:
            use.months[row["month"] - 1] += Mass(row["grams"])
    return [
        PermitUse(
            permit_id=permit_id,
            number=row["number"],
            kind=PermitKind(row["kind"]),
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            holder_id=row["organisation_id"],
            holder=row["holder"],
            region_code=row["region_code"],
            site_id=row["site_id"],
            site=row["site"],
            year=year,
            lines=tuple(
                LineUse(
                    item_id=item_id,
                    pattern=item["pattern"],
                    methods=tuple(item["methods"]),
                    yearly=Mass(item["yearly_g"]),
                    codes=tuple(codes.get(item_id, {}).values()),
                    held=Mass(item["held_g"]),
                )
                for item_id, item in lines[permit_id].items()
            ),
        )
        for permit_id, row in permits.items()
    ]


_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = tuple(Words(zh=f"{number}月", en=name) for number, name in enumerate(_NAMES, 1))


def sheet_of(permits: Iterable[PermitUse]) -> Sheet:
    """The same as a table to keep: a line for each code under each permit line."""
    columns = (
        Column(said("Holder"), 3),
        Column(said("Permit"), 2),
        Column(said("Code or category"), 1.5),
        Column(said("Waste code"), 1.5),
        *(Column(month, 1, "right", MassUnit.TONNE) for month in MONTHS),
        Column(said("Received in the year"), 1.2, "right", MassUnit.TONNE),
        Column(said("On its way"), 1.2, "right", MassUnit.TONNE),
        Column(said("Quantity of a year"), 1.2, "right", MassUnit.TONNE),
        Column(said("Left of the line"), 1.2, "right", MassUnit.TONNE),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            permit.holder,
            permit.number,
            line.pattern,
            code.waste_code,
            *code.months,
            code.received,
            code.coming,
            line.yearly,
            line.left,
        )
        for permit in permits
        for line in permit.lines
        for code in (line.codes or (CodeUse(""),))
    )
    return Sheet(said("Use of the permits"), columns, rows)
