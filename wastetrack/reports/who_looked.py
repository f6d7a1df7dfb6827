"""Who looked: what the record of looks tells the firm whose data was looked at.

Of an authority it tells the region, the day and the thing; the person and the exact time only after some days, and
nothing at all of looks for reasons that are kept from whom they concern (with all that the same sign-in saw of the
same thing). Lists are ordered by day and within a day by a digest, so that neither order nor cursor gives the time
away.
"""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from wastetrack.auth.model import Actor, Role
from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.containers import queries as containers
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.looks.model import Channel, LookKind, Why
from wastetrack.manifests import queries as manifests

if TYPE_CHECKING:
    import asyncpg


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """How much is told: the person's name after `hide_person`; looks for these reasons never."""

    hide_person: timedelta
    never: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SeenLook:
    """A look, as it may be told. `looked_at` and `person` are None as long as they are kept back."""

    looked_on: date
    looked_at: datetime | None
    region: str | None
    """Prefix of an authority's region; None for the platform's operator and for delegates."""
    organisation: str | None
    """Of whom, for the operator and for delegates."""
    role: Role
    person: str | None
    kind: LookKind
    subject_id: UUID
    subject: str
    """A manifest's number, a container's code, a site's name; empty for others."""
    why: Why | None
    channel: Channel
    place: str
    """Where in the day's list it stands."""


Key = tuple[date, str]

_LOOKS = """
with thing (id) as (
  select subject_id from sightings where viewer = $1 and ($3::uuid is null or subject_id = $3)
  union select $2::uuid where $3::uuid is null
  union select id from sites where organisation_id = $2 and $3::uuid is null
), look as (
  select looks.* from thing join looks on looks.subject_id = thing.id
  union all
  select looks.* from looks where looks.kind = 'event' and exists (
    select from log_leaves leaf join log_subjects subject using (arrival) join thing on thing.id = subject.subject_id
    where leaf.id = looks.subject_id
  )
), told as (
  select look.*, (look.looked_at at time zone $4)::date as looked_on,
    encode(sha256(look.id::text::bytea), 'hex') as place
  from look
  where (look.delegate_of is null or look.organisation_id = $2)
  and not exists (
    select from looks secret where secret.session = look.session and secret.subject_id = look.subject_id
    and secret.why = any($5)
  )
)
select told.looked_on, told.place, told.looked_at, told.role, told.viewer, told.kind, told.subject_id, told.why,
  told.channel, told.delegate_of, person.name as person, looker.name as organisation,
  coalesce(manifest.number, container.digital_code, site.name, '') as subject
from told left join people person on person.id = told.person_id
left join organisations looker on looker.id = coalesce(told.delegate_of, told.organisation_id)
left join manifests manifest on manifest.id = told.subject_id
left join containers container on container.id = told.subject_id
left join sites site on site.id = told.subject_id
where $6::date is null or told.looked_on < $6 or (told.looked_on = $6 and told.place > $7)
order by told.looked_on desc, told.place limit $8 offset $9
"""


async def who_looked(
    session: ReadSession,
    actor: Actor,
    disclosure: Disclosure,
    *,
    subject_id: UUID | None = None,
    after: Key | None = None,
    limit: int,
    offset: int = 0,
    at: datetime,
) -> list[SeenLook]:
    """Looks at what the actor's organisation sees, or at one thing of it, the newest day first, in one statement.

    Who may ask is the caller's rule.
    """
    driver = await session.driver()
    day, place = after or (None, None)
    never = sorted(disclosure.never)
    rows = await driver.fetch(
        _LOOKS, actor.viewer, actor.organisation_id, subject_id, LEGAL_ZONE.key, never, day, place, limit, offset
    )
    return [_seen(row, told_before=at - disclosure.hide_person) for row in rows]


def _seen(row: "asyncpg.Record", *, told_before: datetime) -> SeenLook:
    viewer, looked_at = str(row["viewer"]), row["looked_at"]
    of_authority = viewer.startswith("r:")
    # A client knows whom it has let in; only officials are kept back.
    whole = row["delegate_of"] is not None or looked_at <= told_before
    return SeenLook(
        looked_on=row["looked_on"],
        looked_at=looked_at if whole else None,
        region=viewer.removeprefix("r:") if of_authority else None,
        organisation=None if of_authority else row["organisation"],
        role=Role(row["role"]),
        person=row["person"] if whole else None,
        kind=LookKind(row["kind"]),
        subject_id=row["subject_id"],
        subject=row["subject"],
        why=None if row["why"] is None else Why(row["why"]),
        channel=Channel(row["channel"]),
        place=row["place"],
    )


async def whose_looks(
    session: ReadSession, actor: Actor, manifest_id: UUID | None, container_id: UUID | None
) -> UUID | None:
    """The one thing that is asked about, if it is one. Raises Forbidden for all but owners, NotFound for the unseen."""
    demand(actor, Verb.MANAGE_ORGANISATION)
    if manifest_id is not None:
        return (await manifests.manifest_row(session, actor, manifest_id)).id
    if container_id is not None:
        return (await containers.container(session, actor, container_id)).id
    return None


_OWN = """
select look.looked_at, look.id, look.kind, look.subject_id, look.terms, look.why, look.why_words, look.channel,
  coalesce(manifest.number, container.digital_code, site.name, firm.name, '') as subject
from looks look
left join manifests manifest on manifest.id = look.subject_id
left join containers container on container.id = look.subject_id
left join sites site on site.id = look.subject_id
left join organisations firm on firm.id = look.subject_id
where look.person_id = $1 and ($2::text is null or look.kind = $2)
"""
OWN_ORDERS: Final[Mapping[str, str]] = {"looked": "look.looked_at", "what": "look.kind", "how": "look.channel"}
_NEWEST = "look.looked_at desc, look.id"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OwnLook:
    """A look of one's own, as an official answers for it."""

    looked_at: datetime
    kind: LookKind
    subject_id: UUID | None
    subject: str
    terms: str
    why: Why | None
    why_words: str
    channel: Channel


async def own_looks(
    session: ReadSession, actor: Actor, window: Window, *, kind: LookKind | None = None
) -> list[OwnLook]:
    """What the actor looked at himself, in an order of OWN_ORDERS or the newest first."""
    driver, named = await session.driver(), None if kind is None else kind.value
    rows = await driver.fetch(_OWN + window.clause(OWN_ORDERS, _NEWEST), actor.person_id, named)
    return [
        OwnLook(
            looked_at=row["looked_at"],
            kind=LookKind(row["kind"]),
            subject_id=row["subject_id"],
            subject=row["subject"],
            terms=row["terms"],
            why=None if row["why"] is None else Why(row["why"]),
            why_words=row["why_words"],
            channel=Channel(row["channel"]),
        )
        for row in rows
    ]
