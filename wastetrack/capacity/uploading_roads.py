"""An authority uploads the distances by road on which its matchings rest, and reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand, demand_authority
from wastetrack.capacity import queries
from wastetrack.capacity.project_tables import RoadDistanceRow
from wastetrack.capacity.roads import RoadLine, UploadRoads, broken_of
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.ids import new_id

_SITES = "select id from sites where id = any($1)"
_COUNTY_DIGITS = 6
_FILLED_IN = """
select county.code as origin, site.id as site_id, known.km from unnest($1::text[]) county(code)
cross join unnest($2::uuid[]) site(id)
left join road_distances known on known.origin = county.code and known.site_id = site.id and known.organisation_id = $3
union all
select known.origin, known.site_id, known.km from road_distances known
where known.organisation_id = $3 and not (known.origin = any($1) and known.site_id = any($2))
order by 1, 2
"""


async def upload_roads(session: WriteSession, actor: Actor, command: UploadRoads, *, at: datetime) -> Recorded:
    """Take the matrix in the place of the authority's own before. Raises Forbidden, RuleBroken."""
    own = queries.region_of(actor)
    demand(actor, Verb.ASSESS_CAPACITY)
    lists = await snapshot(session)
    found = [] if command.reason.strip() else [Broken("reason", "reason_missing", "Say where the distances are from.")]
    sites = await _known(session, command.lines)
    counties = [code for code in lists.regions if len(code) == _COUNTY_DIGITS]
    refuse([*found, *broken_of(command.lines, counties=counties, sites=sites, own=own)])
    of = RoadDistanceRow
    await session.execute(sa.delete(of).where(col(of.organisation_id) == actor.organisation_id))
    rows = [
        {
            "organisation_id": actor.organisation_id,
            "origin": line.origin,
            "site_id": line.site_id,
            "km": line.km,
            "person_id": actor.person_id,
            "recorded_at": at,
        }
        for line in command.lines
    ]
    if rows:
        await session.execute(sa.insert(of), rows)
    told = "\n".join(sorted(f"{line.origin},{line.site_id},{line.km!r}" for line in command.lines))
    facts = {
        "region": own,
        "lines": len(rows),
        "sha256": sha256(told.encode()).hexdigest(),
        "reason": command.reason.strip(),
    }
    identity = new_id()
    subjects = (actor.organisation_id, identity)
    return await record(
        session, actor, "roads_uploaded", subjects=subjects, moment=moment_of(None, at), facts=facts, event_id=identity
    )


async def _known(session: ReadSession, lines: Sequence[RoadLine]) -> set[UUID]:
    """Which of the sites that are named there are."""
    named = {line.site_id for line in lines}
    for line in lines:
        try:
            named.add(UUID(line.origin))
        except ValueError:  # a county
            continue
    return {row["id"] for row in await (await session.driver()).fetch(_SITES, list(named))}


async def roads(session: ReadSession, actor: Actor) -> tuple[list[RoadLine], datetime | None]:
    """One's own matrix, and when it was uploaded. Raises Forbidden."""
    demand_authority(actor)
    of = RoadDistanceRow
    wanted = (
        sa.select(of).where(col(of.organisation_id) == actor.organisation_id).order_by(col(of.origin), col(of.site_id))
    )
    rows = list((await session.execute(wanted)).scalars())
    return [RoadLine(row.origin, row.site_id, row.km) for row in rows], (rows[0].recorded_at if rows else None)


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where, by code and by name, and what is known of it; names are empty where nobody knows them."""

    origin: str
    origin_name: str
    site_id: UUID
    plant: str
    km: float | None


async def to_fill_in(session: ReadSession, actor: Actor, *, at: datetime) -> list[Way]:
    """Each county of one's region with each of its plants, and whatever else was uploaded. Raises Forbidden."""
    own = queries.region_of(actor)
    lists = await snapshot(session)
    counties = sorted(
        code for code in lists.regions if len(code) == _COUNTY_DIGITS and code.startswith(own) and code[4:] != "00"
    )
    plants = {one.id: one.title for one in await queries.plants_of(session, own, at=at)}
    rows = await (await session.driver()).fetch(_FILLED_IN, counties, list(plants), actor.organisation_id)
    names = {one.code: one.name for one in lists.regions.values()}
    return [
        Way(row["origin"], names.get(row["origin"], ""), row["site_id"], plants.get(row["site_id"], ""), row["km"])
        for row in rows
    ]
