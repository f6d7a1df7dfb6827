"""Reading wards, scales, bags and rounds: what one's own institution has, or what stands in the region one watches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, jurisdiction
from wastetrack.containers.packaging_rules import MedicalClass
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.medical.model import Found
from wastetrack.medical.tables import RoundRow, WardRow

Ward = WardRow
"""Rows under the names by which other rooms know them."""
Round = RoundRow


def _watched(actor: Actor) -> str:
    """The prefix of regions that an authority watches; for a firm one that no region has."""
    return f"{actor.viewer.removeprefix('r:')}%" if actor.is_regulator else "-"


_WARDS = sa.text("""
select ward.id, ward.site_id, ward.code, ward.name, ward.kind, ward.location, ward.active,
  count(bag.container_id) filter (where bag.collected_at is null) as waiting,
  coalesce(sum(container.net_g) filter (where bag.collected_at is null), 0)::bigint as waiting_g,
  coalesce(bool_or(bag.highly_infectious) filter (where bag.collected_at is null), false) as infectious,
  min(bag.packed_at) filter (where bag.collected_at is null) as oldest_at
from wards ward join sites site on site.id = ward.site_id
left join medical_bags bag on bag.ward_id = ward.id and bag.collected_at is null
left join containers container on container.id = bag.container_id and container.state = 'at_site'
where (ward.organisation_id = :organisation_id or site.region_code like :watched)
  and (cast(:site_id as uuid) is null or ward.site_id = :site_id)
  and (cast(:ward_id as uuid) is null or ward.id = :ward_id)
group by ward.id order by infectious desc, ward.code
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class WardNow:
    """A ward, and what waits there for a collector."""

    id: UUID
    site_id: UUID
    code: str
    name: str
    kind: str
    location: str
    active: bool
    waiting: int
    waiting_g: int
    infectious: bool
    oldest_at: datetime | None


async def wards(session: ReadSession, actor: Actor, *, site_id: UUID | None = None) -> list[WardNow]:
    """The wards that the actor sees, those with something highly infectious first."""
    return await _wards(session, actor, site_id=site_id, ward_id=None)


async def ward(session: ReadSession, actor: Actor, ward_id: UUID) -> WardNow:
    """One ward. Raises NotFound."""
    found = await _wards(session, actor, site_id=None, ward_id=ward_id)
    if not found:
        raise NotFound("ward_unknown", "There is no such ward.", ward_id=ward_id)
    return found[0]


async def _wards(session: ReadSession, actor: Actor, *, site_id: UUID | None, ward_id: UUID | None) -> list[WardNow]:
    asked = {
        "organisation_id": actor.organisation_id,
        "watched": _watched(actor),
        "site_id": site_id,
        "ward_id": ward_id,
    }
    return [WardNow(**row) for row in (await session.execute(_WARDS, asked)).mappings()]


async def ward_row(session: ReadSession, ward_id: UUID) -> WardRow:
    """The ward as use cases know it; who may see it is the caller's rule. Raises NotFound."""
    row = await session.get(WardRow, ward_id)
    if row is None:
        raise NotFound("ward_unknown", "There is no such ward.", ward_id=ward_id)
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class BagFilter:
    """What to list; None means all."""

    site_id: UUID | None = None
    ward_id: UUID | None = None
    round_id: UUID | None = None
    waiting: bool = False
    """Not collected yet."""
    standing: bool = False
    """Still at the institution."""
    ready: bool = False
    """Stands at the institution and is on no card."""
    infectious: bool = False
    emergency: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bag:
    """A bag or box of medical waste, with its clock."""

    container_id: UUID
    digital_code: str
    kind: MedicalClass
    packaging: str
    net_g: int
    tare_g: int
    state: str
    highly_infectious: bool
    emergency: bool
    origin: str
    """Its ward, or its small institution."""
    handler: str
    packed_at: datetime
    collected_at: datetime | None
    stored_at: datetime | None
    found: Found | None
    due_at: datetime
    """Until when it may stay at the institution (条例 art. 17)."""


_BAGS = """
select bag.container_id, container.digital_code, bag.kind, container.packaging, container.net_g, container.tare_g,
  container.state, bag.highly_infectious, bag.emergency_id is not null as emergency,
  coalesce(ward.name, small.name, '') as origin, person.name as handler, bag.packed_at, bag.collected_at,
  bag.stored_at, line.found
from medical_bags bag join containers container on container.id = bag.container_id
join sightings sight on sight.subject_id = bag.container_id and sight.kind = 'container' and sight.viewer = :viewer
join people person on person.id = bag.handler_id
left join wards ward on ward.id = bag.ward_id left join small_institutions small on small.id = bag.institution_id
left join round_bags line on line.container_id = bag.container_id
where (cast(:site_id as uuid) is null or bag.site_id = :site_id or container.site_id = :site_id)
  and (cast(:ward_id as uuid) is null or bag.ward_id = :ward_id)
  and (cast(:round_id as uuid) is null or line.round_id = :round_id)
  and (not :waiting or (bag.collected_at is null and container.state = 'at_site'))
  and (not :standing or (container.state = 'at_site' and (bag.site_id = container.site_id
    or container.site_id = :site_id)))
  and (not :ready or (container.state = 'at_site' and container.held_for is null and container.site_id = :site_id))
  and (not :infectious or bag.highly_infectious) and (not :emergency or bag.emergency_id is not null)
  and (cast(:before as uuid) is null or bag.container_id < :before)
"""
BAG_ORDERS: Final[Mapping[str, str]] = {
    "kind": "bag.kind",
    "net": "container.net_g",
    "packed": "bag.packed_at",
    "state": "container.state",
}
_INFECTIOUS_FIRST = "bag.highly_infectious desc, bag.container_id desc"
_MANY = Window(limit=200)


async def bags(
    session: ReadSession, actor: Actor, wanted: BagFilter, window: Window = _MANY, *, before: UUID | None = None
) -> list[Bag]:
    """Bags that the actor sees, in an order of BAG_ORDERS or the highly infectious first, then the newest."""
    asked = {
        "viewer": actor.viewer,
        "before": before,
        **{name: getattr(wanted, name) for name in wanted.__slots__},
    }
    statement = sa.text(_BAGS + window.clause(BAG_ORDERS, _INFECTIOUS_FIRST))
    hours = timedelta(hours=jurisdiction().medical_hours_at_source.value)
    return [
        Bag(
            **{
                **row,
                "kind": MedicalClass(row["kind"]),
                "found": None if row["found"] is None else Found(row["found"]),
                "due_at": row["packed_at"] + hours,
            }
        )
        for row in (await session.execute(statement, asked)).mappings()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundNow:
    """A round, and what is on it."""

    id: UUID
    site_id: UUID
    collector_id: UUID
    collector: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    bags: int
    mass_g: int
    differing: int
    first_packed_at: datetime | None


_ROUNDS = sa.text("""
select walk.id, walk.site_id, walk.collector_id, person.name as collector, walk.state, walk.started_at, walk.ended_at,
  count(line.container_id) as bags, coalesce(sum(line.ward_g), 0)::bigint as mass_g,
  count(line.container_id) filter (where line.found <> 'as_declared') as differing,
  min(bag.packed_at) as first_packed_at
from ward_rounds walk join sites site on site.id = walk.site_id join people person on person.id = walk.collector_id
left join round_bags line on line.round_id = walk.id left join medical_bags bag on bag.container_id = line.container_id
where (walk.organisation_id = :organisation_id or site.region_code like :watched)
  and (cast(:round_id as uuid) is null or walk.id = :round_id)
  and (cast(:collector_id as uuid) is null or walk.collector_id = :collector_id)
group by walk.id, person.name order by walk.id desc limit :most
""")


async def rounds(
    session: ReadSession, actor: Actor, *, collector_id: UUID | None = None, limit: int = 30
) -> list[RoundNow]:
    """The newest rounds that the actor sees."""
    return await _rounds(session, actor, round_id=None, collector_id=collector_id, limit=limit)


async def round_now(session: ReadSession, actor: Actor, round_id: UUID) -> RoundNow:
    """One round. Raises NotFound."""
    found = await _rounds(session, actor, round_id=round_id, collector_id=None, limit=1)
    if not found:
        raise NotFound("round_unknown", "There is no such round.", round_id=round_id)
    return found[0]


async def _rounds(
    session: ReadSession, actor: Actor, *, round_id: UUID | None, collector_id: UUID | None, limit: int
) -> list[RoundNow]:
    asked = {
        "organisation_id": actor.organisation_id,
        "watched": _watched(actor),
        "round_id": round_id,
        "collector_id": collector_id,
        "most": limit,
    }
    return [RoundNow(**row) for row in (await session.execute(_ROUNDS, asked)).mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverNow:
    """A ward's hand-over on a round, with its names."""

    id: UUID
    ward: str
    nurse_name: str
    nurse_confirmed: str
    bags: int
    mass_g: int
    happened_at: datetime


_HANDOVERS = sa.text("""
select one.id, ward.name as ward, one.nurse_name, one.nurse_confirmed, one.bags, one.mass_g, one.happened_at
from ward_handovers one join wards ward on ward.id = one.ward_id where one.round_id = :round_id order by one.id
""")


async def handovers(session: ReadSession, round_id: UUID) -> list[HandoverNow]:
    """The hand-overs of a round; who may see it is the caller's rule."""
    found = await session.execute(_HANDOVERS, {"round_id": round_id})
    return [HandoverNow(**row) for row in found.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLine:
    """One line of the register of medical waste (条例 art. 12): each bag from its source to where it went."""

    packed_at: datetime
    source: str
    kind: MedicalClass
    digital_code: str
    net_g: int
    handed_over_at: datetime | None
    """To the carrier; until then None."""
    method: str | None
    destination: str | None
    handler: str
    handed_over_by: str | None
    carrier: str | None


_REGISTER = sa.text("""
select bag.packed_at, coalesce(ward.name, small.name, '') as source, bag.kind, container.digital_code,
  coalesce(line.declared_g, container.net_g)::bigint as net_g, card.picked_up_at as handed_over_at, card.method,
  plant.name as destination, person.name as handler, giver.name as handed_over_by, firm.name as carrier
from medical_bags bag join containers container on container.id = bag.container_id
join sightings sight on sight.subject_id = bag.container_id and sight.kind = 'container' and sight.viewer = :viewer
join people person on person.id = bag.handler_id
left join wards ward on ward.id = bag.ward_id left join small_institutions small on small.id = bag.institution_id
left join trip_card_bags line on line.container_id = bag.container_id
  and exists (select from trip_cards live where live.id = line.card_id and live.picked_up_at is not null)
left join trip_cards card on card.id = line.card_id
left join organisations plant on plant.id = card.receiver_id left join organisations firm on firm.id = card.carrier_id
left join people giver on giver.id = card.handed_over_by
where bag.site_id = :site_id and bag.packed_at >= :since and bag.packed_at < :until
order by bag.packed_at, bag.container_id
""")


async def register_lines(
    session: ReadSession, actor: Actor, site_id: UUID, *, begins_on: date, ends_on: date
) -> list[RegisterLine]:
    """The register of a site for some days, both included, in the order of packing."""
    since = datetime.combine(begins_on, datetime.min.time(), LEGAL_ZONE)
    until = datetime.combine(ends_on + timedelta(days=1), datetime.min.time(), LEGAL_ZONE)
    asked = {"viewer": actor.viewer, "site_id": site_id, "since": since, "until": until}
    return [
        RegisterLine(**{**row, "kind": MedicalClass(row["kind"])})
        for row in (await session.execute(_REGISTER, asked)).mappings()
    ]
