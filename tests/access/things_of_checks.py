"""What the checks found, and where vehicles were, for the table of access."""

import csv
import io
import json
from datetime import timedelta

from sqlalchemy import text

from tests.support.findings import NIGHT, SKIM, fact, rule, run
from tests.support.world import World
from wastetrack import clock
from wastetrack.db.session import WriteSession
from wastetrack.findings.model import FindingQueue
from wastetrack.findings.publishing import publish
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


async def things_of_checks(session: WriteSession, manifests: tuple[str, str]) -> tuple[Things, Things]:
    """Of one's own manifest and of a foreign one: a finding to be closed, one to be put off, one that is closed."""
    rules = (rule(), rule(SKIM, FindingQueue.SKIM), rule(NIGHT, FindingQueue.DOCUMENTS))
    facts = [fact(manifest, name=one.rule) for manifest in manifests for one in rules]
    published = await publish(session, run(*facts, rules=rules), at=clock.now())
    await session.execute(text(_CLOSED), {"rule": NIGHT, "at": clock.now()})
    made: list[Things] = []
    for manifest in manifests:
        found = await session.execute(text("select rule, id from findings where subject_id = :id"), {"id": manifest})
        by_rule = {row.rule: str(row.id) for row in found}
        made.append(
            {
                "finding": by_rule[rule().rule],
                "slow_finding": by_rule[SKIM],
                "closed_finding": by_rule[NIGHT],
                "check_run": str(published.run_id),
            }
        )
    return made[0], made[1]


_CLOSED = "update findings set state = 'closed', outcome = 'unfounded', closed_at = :at where rule = :rule"


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
