"""What is held of a person, and who has asked to be erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.privacy.model import Held, RecordKind, kind_of
from wastetrack.transparency.erasing import openings_that_name

# A driver stands on the papers of his trips; the last of them says how long he has to stay there.
_TRIPS = "select driver_id as leaf_id, last_at as recorded_at from privacy_trips($1)"
_REQUESTS = """
select request.id, request.person_id, person.login, person.name, request.asked_at
from erasure_requests request join people person on person.id = request.person_id
where request.answered_at is null order by request.asked_at, request.id limit $1
"""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Somebody who waits for his erasure."""

    id: UUID
    person_id: UUID
    login: str
    name: str
    asked_at: datetime


async def held_of(session: ReadSession, person_id: UUID, driver_ids: Sequence[UUID] = ()) -> list[Held]:
    """Every record with the person's signature, and the last trip of each of his drivers' records."""
    from_log = await openings_that_name(session, person_id)
    driver = await session.driver()
    trips = [Held(kind=RecordKind.MANIFEST, **dict(row)) for row in await driver.fetch(_TRIPS, list(driver_ids))]
    return [
        Held(leaf_id=one.leaf_id, kind=kind_of(one.event_kind), recorded_at=one.recorded_at) for one in from_log
    ] + trips


async def open_requests(session: ReadSession, *, limit: int) -> list[OpenRequest]:
    """Requests that nobody has answered, the oldest first. Who may see them is the caller's rule."""
    driver = await session.driver()
    return [OpenRequest(**dict(row)) for row in await driver.fetch(_REQUESTS, limit)]


async def held_back(session: ReadSession, person_id: UUID) -> list[Broken]:
    """Why a person may not be erased yet: a hold covers what he has signed, or where he works."""
    count = await (await session.driver()).fetchval("select privacy_holds_on($1)", person_id)
    if not count:
        return []
    message = "{value} legal holds cover records with this person's signature."
    step = "Ask the authority; erase once they have ended."
    return [Broken("person_id", "under_hold", message, count, article="行政处罚法 art. 56", next_step=step)]
