"""A carrier's day: the stops that its vehicles have to make, in the order that it has chosen. In three statements.

What is to be loaded (filed manifests, calls for collection, trip cards handed over by hospitals), what another carrier
brings, and what is aboard and has to be delivered. Stops of one trip that are aboard are one delivery.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.collections.model import StopKind
from wastetrack.collections.ordering import order_of
from wastetrack.db.session import ReadSession

MOST = 300
_PLACE = """
  site.name as site_name, site.address, site.latitude, site.longitude,
  firm.name as firm, firm.contact_name, firm.contact_phone
"""
_LOADS = f"""
select manifest.id, manifest.number, manifest.state, manifest.planned_on, trip.id as trip_id,
  stop.position as trip_position, vehicle.id as vehicle_id, vehicle.plate, next.handover_place, next.handover_at,
  next.carrier_id = $2 as is_next, loads.containers, loads.declared_g, loads.gross_g, scans.loaded, {_PLACE}
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
left join lateral (
  select * from manifest_legs leg where leg.manifest_id = manifest.id and leg.taken_over_at is null
  order by leg.position limit 1
) next on true
left join lateral (
  select * from manifest_legs leg where leg.manifest_id = manifest.id and leg.taken_over_at is not null
  order by leg.position desc limit 1
) held on true
join vehicles vehicle on vehicle.id = case when next.carrier_id = $2 then next.vehicle_id else held.vehicle_id end
left join trip_stops stop on stop.manifest_id = manifest.id
left join trips trip on trip.id = stop.trip_id and trip.carrier_id = $2
join sites site on site.id = case when manifest.state = 'filed' then manifest.shipper_site_id
  else manifest.receiver_site_id end
join organisations firm on firm.id = site.organisation_id
cross join lateral (
  select count(*) as containers, sum(line.declared_g)::bigint as declared_g,
    sum(line.declared_g - line.spilled_g + container.tare_g)::bigint as gross_g
  from manifest_containers line join containers container on container.id = line.container_id
  where line.manifest_id = manifest.id
) loads
cross join lateral (
  select count(distinct scan.container_id) as loaded from loading_scans scan
  where scan.manifest_id = manifest.id and scan.organisation_id = $2 and scan.found in ('on_list', 'unread')
) scans
where sighting.viewer = $1 and sighting.kind = 'manifest' and manifest.kind = 'road'
  and (manifest.state = 'filed' and next.carrier_id = $2 and next.position = 1
    or manifest.state in ('picked_up', 'in_transit') and (next.carrier_id = $2 or held.carrier_id = $2))
order by manifest.id limit {MOST}
"""  # noqa: S608  put together from constants of this file
_OTHERS = f"""
select 'call' as kind, call.id, call.planned_on, call.containers, call.net_g as declared_g, call.due_on, call.due_at,
  vehicle.id as vehicle_id, vehicle.plate, '' as receiver, {_PLACE}
from collection_calls call
join sites site on site.id = call.site_id join organisations firm on firm.id = site.organisation_id
left join vehicles vehicle on vehicle.id = call.vehicle_id
where call.state = 'accepted' and coalesce(call.carrier_id, call.collector_id) = $1
  and not exists (select from collection_call_containers called
    join manifest_containers line on line.container_id = called.container_id and line.open
    where called.call_id = call.id)
union all
select case card.state when 'on_the_road' then 'delivery' else 'card' end, card.id,
  (card.created_at at time zone 'Asia/Shanghai')::date, card.bags, card.declared_g, null, null,
  vehicle.id, vehicle.plate, '', {_PLACE}
from trip_cards card
join sites site on site.id = case card.state when 'on_the_road' then card.receiver_site_id else card.site_id end
join organisations firm on firm.id = site.organisation_id
join vehicles vehicle on vehicle.id = card.vehicle_id
where card.carrier_id = $1 and card.state in ('handed_over', 'on_the_road')
order by 3, 2 limit {MOST}
"""  # noqa: S608  the same


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStop:
    """One stop."""

    kind: StopKind
    subject_id: UUID
    address: str
    """The page on which it is done."""
    number: str
    firm: str
    site: str
    place: str
    latitude: float
    longitude: float
    contact_name: str
    contact_phone: str
    plate: str
    vehicle_id: UUID | None
    planned_on: date
    containers: int
    declared_g: int
    loaded: int = 0
    """How many labels were read at the vehicle."""
    trip_id: UUID | None = None
    trip_position: int = 0
    manifests: int = 1
    due_on: date | None = None

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"{self.kind.value}.{self.subject_id}"


async def stops_of_day(session: ReadSession, actor: Actor, day: date) -> list[RunStop]:
    """The stops of a carrier up to a day, those that it is behind with too, in its order."""
    driver = await session.driver()
    loads = await driver.fetch(_LOADS, actor.viewer, actor.organisation_id)
    others = await driver.fetch(_OTHERS, actor.organisation_id)
    found = _deliveries_together([_load(row) for row in loads]) + [_other(row) for row in others]
    order = await order_of(session, actor, day)
    return sorted(found, key=lambda stop: _place(stop, order, day))


def _place(stop: RunStop, order: dict[tuple[StopKind, UUID], int], day: date) -> tuple[Any, ...]:
    """Days to come after this one; what was put in order first, the rest as planned; what is aboard at the end."""
    chosen = order.get((stop.kind, stop.subject_id))
    return (
        stop.planned_on > day and stop.kind is not StopKind.DELIVERY,
        chosen is None,
        chosen or 0,
        stop.kind is StopKind.DELIVERY,
        stop.planned_on,
        stop.trip_position,
        stop.place,
        str(stop.subject_id),
    )


def _where(row: Any) -> dict[str, Any]:  # noqa: ANN401  a record
    return {
        "firm": row["firm"],
        "site": row["site_name"],
        "place": row["address"],
        "latitude": float(row["latitude"]),
        "longitude": float(row["longitude"]),
        "contact_name": row["contact_name"],
        "contact_phone": row["contact_phone"],
        "plate": row["plate"] or "",
        "vehicle_id": row["vehicle_id"],
        "planned_on": row["planned_on"],
        "containers": row["containers"],
        "declared_g": row["declared_g"] or 0,
    }


def _load(row: Any) -> RunStop:  # noqa: ANN401  a record
    kind = StopKind.DELIVERY
    place = _where(row)
    if row["state"] == "filed":
        kind = StopKind.LOAD
    elif row["is_next"]:
        kind = StopKind.HAND_OVER
        place["place"] = row["handover_place"] or place["place"]
    elif row["handover_place"]:
        place["place"] = row["handover_place"]
    return RunStop(
        kind=kind,
        subject_id=row["id"],
        address=f"/run/stops/{row['id']}",
        number=row["number"] or "",
        loaded=row["loaded"],
        trip_id=row["trip_id"],
        trip_position=row["trip_position"] or 0,
        **place,
    )


def _other(row: Any) -> RunStop:  # noqa: ANN401  a record
    kind = StopKind(row["kind"])
    address = f"/calls/{row['id']}" if kind is StopKind.CALL else f"/medical/cards/{row['id']}"
    return RunStop(kind=kind, subject_id=row["id"], address=address, number="", due_on=row["due_on"], **_where(row))


def _deliveries_together(stops: list[RunStop]) -> list[RunStop]:
    """What is aboard of one trip is delivered at once, on the trip's own page."""
    found: dict[tuple[StopKind, UUID], list[RunStop]] = {}
    for stop in stops:
        of_trip = stop.kind is StopKind.DELIVERY and stop.trip_id is not None
        found.setdefault((stop.kind, stop.trip_id if of_trip and stop.trip_id else stop.subject_id), []).append(stop)
    together = []
    for (kind, subject_id), ones in found.items():
        first = ones[0]
        if kind is not StopKind.DELIVERY or first.trip_id is None:
            together.append(first)
            continue
        told = {name: getattr(first, name) for name in RunStop.__dataclass_fields__}
        told |= {
            "subject_id": subject_id,
            "address": f"/trips/{subject_id}",
            "number": "",
            "containers": sum(one.containers for one in ones),
            "declared_g": sum(one.declared_g for one in ones),
            "manifests": len(ones),
        }
        together.append(RunStop(**told))
    return together
