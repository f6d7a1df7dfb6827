"""A trip with its stops, and the loads that could become one: for its page and its API, in one statement each."""

import json
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession

# What a carrier may tie together: filed, its own first leg, on no trip.
_READY = """
select manifest.id, manifest.number, manifest.planned_on, vehicle.plate, shipper.name as shipper,
  receiver.name as receiver, count(line.container_id) as containers,
  sum(line.declared_g + container.tare_g)::bigint as gross_g
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
join manifest_legs leg on leg.manifest_id = manifest.id and leg.position = 1 and leg.carrier_id = $2
join vehicles vehicle on vehicle.id = leg.vehicle_id
join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id
join manifest_containers line on line.manifest_id = manifest.id
join containers container on container.id = line.container_id
where sighting.viewer = $1 and sighting.kind = 'manifest' and manifest.state = 'filed'
  and not exists (select from trip_stops stop where stop.manifest_id = manifest.id)
group by manifest.id, vehicle.plate, shipper.name, receiver.name
order by vehicle.plate, manifest.planned_on, manifest.id limit 200
"""
_STOPS = """
select json_build_object(
  'carrier', (select name from organisations where id = trip.carrier_id),
  'receiver', (select name from organisations where id = trip.receiver_id),
  'plate', vehicle.plate, 'rated_g', vehicle.rated_load_g,
  'driver', (select name from drivers where id = trip.driver_id),
  'stops', coalesce((
    select json_agg(json_build_object(
      'position', stop.position, 'manifest_id', manifest.id, 'number', manifest.number, 'state', manifest.state,
      'shipper', shipper.name, 'place', site.address, 'latitude', site.latitude, 'longitude', site.longitude,
      'contact_name', shipper.contact_name, 'contact_phone', shipper.contact_phone,
      'containers', loads.containers, 'declared_g', loads.declared_g,
      'gross_g', loads.gross_g, 'undecided', loads.undecided, 'differs', loads.differs) order by stop.position)
    from trip_stops stop join manifests manifest on manifest.id = stop.manifest_id
    join organisations shipper on shipper.id = manifest.shipper_id join sites site on site.id = manifest.shipper_site_id
    cross join lateral (
      select count(*) as containers, sum(line.declared_g) as declared_g,
        sum(line.declared_g - line.spilled_g + container.tare_g) as gross_g,
        count(*) filter (where line.outcome is null) as undecided,
        count(*) filter (where line.outcome is not null and line.outcome <> 'accepted') as differs
      from manifest_containers line join containers container on container.id = line.container_id
      where line.manifest_id = manifest.id
    ) loads
    where stop.trip_id = trip.id), '[]'::json)
)::text
from trips trip join vehicles vehicle on vehicle.id = trip.vehicle_id where trip.id = $1
"""


async def ready(session: ReadSession, actor: Actor) -> list[Any]:
    """Manifests that this carrier could fetch on one trip, by vehicle."""
    return list(await (await session.driver()).fetch(_READY, actor.viewer, actor.organisation_id))


async def whole_trip(session: ReadSession, trip_id: UUID) -> dict[str, Any]:
    """Carrier, vehicle and stops. Who may see the trip is the caller's rule."""
    told: dict[str, Any] = json.loads(await (await session.driver()).fetchval(_STOPS, trip_id))
    return told
