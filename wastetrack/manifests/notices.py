"""What was signed in a person's name: told to him, so that he can say that it was not he (40 CFR 3.2000(b)(5)(iv))."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.statements import Words
from wastetrack.db.session import ReadSession, WriteSession

if TYPE_CHECKING:
    import asyncpg

_KEEP = """
insert into signed_acts (event_id, person_id, membership_id, organisation_id, manifest_id, kind, words, signed_at)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8)
"""
_NOTICES = """
select act.event_id, act.manifest_id, manifest.number, act.kind, act.words::text as words, act.signed_at,
  act.repudiated_at, person.name as signer
from signed_acts act join manifests manifest on manifest.id = act.manifest_id
join people person on person.id = act.person_id
"""
_NEWEST = "order by act.signed_at desc, act.event_id desc limit"
_OF_PERSON = f"{_NOTICES} where act.person_id = $1 and act.organisation_id = $2 {_NEWEST} $3"
_REPUDIATED_OF = f"{_NOTICES} where act.repudiated_at is not null and act.organisation_id = $1 {_NEWEST} $2"
_REPUDIATED_SEEN = f"""
{_NOTICES} join sightings sighting on sighting.subject_id = act.manifest_id and sighting.kind = 'manifest'
where act.repudiated_at is not null and sighting.viewer = $1 {_NEWEST} $2
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """One act that bears a person's name."""

    event_id: UUID
    manifest_id: UUID
    number: str | None
    kind: str
    words: Words
    signed_at: datetime
    repudiated_at: datetime | None
    signer: str


async def keep(
    session: WriteSession,
    actor: Actor,
    event_id: UUID,
    *,
    kind: str,
    manifest_id: UUID,
    words: Words,
    at: datetime,
) -> None:
    """Write the notice, in the transaction of the act."""
    told = json.dumps(dict(words), ensure_ascii=False)
    driver = await session.driver()
    await driver.execute(
        _KEEP, event_id, actor.person_id, actor.membership_id, actor.organisation_id, manifest_id, kind, told, at
    )


async def of_person(session: ReadSession, actor: Actor, *, limit: int = 50) -> list[Notice]:
    """What the actor has signed for this organisation, the newest first."""
    driver = await session.driver()
    return [_notice(row) for row in await driver.fetch(_OF_PERSON, actor.person_id, actor.organisation_id, limit)]


async def repudiated_of(session: ReadSession, organisation_id: UUID, *, limit: int) -> list[Notice]:
    """Disowned signatures that were given for an organisation."""
    driver = await session.driver()
    return [_notice(row) for row in await driver.fetch(_REPUDIATED_OF, organisation_id, limit)]


async def repudiated_seen(session: ReadSession, viewer: str, *, limit: int) -> list[Notice]:
    """Disowned signatures under manifests that these eyes see."""
    driver = await session.driver()
    return [_notice(row) for row in await driver.fetch(_REPUDIATED_SEEN, viewer, limit)]


def _notice(row: "asyncpg.Record") -> Notice:
    return Notice(
        row["event_id"],
        row["manifest_id"],
        row["number"],
        row["kind"],
        json.loads(row["words"]),
        row["signed_at"],
        row["repudiated_at"],
        row["signer"],
    )
