"""Where vehicles were and where none may stand, for the table of access."""

import csv
import io
import json
from datetime import timedelta

from sqlalchemy import text

from tests.support.world import World
from wastetrack import clock
from wastetrack.db.session import WriteSession
from wastetrack.positions.drawing import draw_zones
from wastetrack.positions.equipping import add_receiver
from wastetrack.positions.model import AddReceiver, DrawZones, TakePositions
from wastetrack.positions.taking_in import take_positions

Things = dict[str, str]
_SQUARE = [[121.0, 37.0], [121.1, 37.0], [121.1, 37.1], [121.0, 37.1], [121.0, 37.0]]


def zone_file(name: str) -> bytes:
    """A protection zone as GeoJSON."""
    said = {"name": name, "kind": "protection_zone_1", "authority": "烟台市"}
    geometry = {"type": "Polygon", "coordinates": [_SQUARE]}
    feature = {"type": "Feature", "properties": said, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def track_file(plate: str) -> bytes:
    """Where a lorry was an hour ago."""
    lines = io.StringIO()
    seen_at = (clock.now() - timedelta(hours=1)).isoformat()
    csv.writer(lines).writerows(
        [["plate", "seen_at", "latitude", "longitude", "frame"], [plate, seen_at, 37.5, 121.4, "wgs84"]]
    )
    return lines.getvalue().encode()


async def things_of_tracks(session: WriteSession, world: World) -> Things:
    """Of the carrier of this world: a lorry, what is in it, where it was; and a zone of its authority."""
    at, owner = clock.now(), world.carrier.owner
    statement = text("select id from vehicles where plate = :plate")
    lorry = (await session.execute(statement, {"plate": world.plate})).scalar_one()
    number = f"{lorry.int % 10**12:012d}"
    receiver = await add_receiver(session, owner, AddReceiver(vehicle_id=lorry, number=number), at=at)
    command = TakePositions(name="七月.csv", content=track_file(world.plate))
    file = await take_positions(session, owner, command, at=at, kept_days=400)
    (zone,) = await draw_zones(session, world.inspector, DrawZones(content=zone_file(number)), at=at)
    return {
        "lorry": str(lorry),
        "in_lorry": str(receiver.id),
        "track_file": str(file.id),
        "zone": str(zone.id),
    }
