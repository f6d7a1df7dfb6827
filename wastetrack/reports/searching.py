"""Search over everything: one line of words, grouped answers, each kind by its own rule of sight.

What stands in the table of words comes by one statement and is told by a second, under row-level security; the official
lists are at hand in this process; colleagues are few. A label that was scanned into the field is its digital code.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import GRANTS, Verb
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.model import Region
from wastetrack.catalogues.queries import snapshot
from wastetrack.catalogues.searching import search as search_wastes
from wastetrack.containers.model import ContainerState
from wastetrack.db.session import ReadSession
from wastetrack.manifests.model import ManifestState
from wastetrack.search import queries
from wastetrack.search.model import KEPT, FoundKind, Match, long_enough, words_of

FEW, MANY = 6, 100
"""How many of each kind beside each other, and of one kind alone."""
_LABEL = re.compile(r"/91/([0-9A-Za-z]{20,40})(?:/|$)")
_TELL = """
select 'manifest' as kind, manifest.id, manifest.number as title, shipper.name || ' → ' || receiver.name as detail,
  manifest.state, null::uuid as of
from manifests manifest join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id where manifest.id = any($1)
union all select 'container', held.id, held.digital_code, concat_ws(' ', held.waste_code, held.waste_name),
  held.state, null
from containers held where held.id = any($2)
union all select 'organisation', firm.id, firm.name, concat_ws(' · ', firm.credit_code, firm.address), null, null
from organisations firm where firm.id = any($3)
union all select 'site', site.id, site.name, concat_ws(' · ', firm.name, site.address), null, firm.id
from sites site join organisations firm on firm.id = site.organisation_id where site.id = any($4)
union all select 'vehicle', vehicle.id, vehicle.plate, firm.name, null, firm.id
from vehicles vehicle join organisations firm on firm.id = vehicle.organisation_id where vehicle.id = any($5)
union all select 'permit', permit.id, permit.number, firm.name, null, firm.id
from permits permit join organisations firm on firm.id = permit.organisation_id where permit.id = any($6)
"""
_COLLEAGUES = """
select person.id, person.name, person.login, count(*) over () as total
from memberships member join people person on person.id = member.person_id
where member.organisation_id = $1 and member.ended_at is null and person.kind = 'human' and (
  select bool_and(strpos(search_fold(person.name) || ' ' || search_fold(person.login), search_fold(word)) > 0)
  from unnest($2::text[]) word)
order by person.name, person.id limit $3
"""
_STATES: dict[FoundKind, type[StrEnum]] = {
    FoundKind.MANIFEST: ManifestState,
    FoundKind.CONTAINER: ContainerState,
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. `key` names it in addresses: an id, or the code of an official list."""

    kind: FoundKind
    key: str
    title: str
    detail: str = ""
    state: StrEnum | None = None
    of: UUID | None = None
    """The firm it belongs to, where its page is the firm's."""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind, the best first; `total` may be more than are told."""

    kind: FoundKind
    total: int
    hits: tuple[Hit, ...]

    @property
    def more(self) -> int:
        """How many are not told."""
        return self.total - len(self.hits)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer. `too_short`: there was too little to look for."""

    groups: tuple[Group, ...]
    too_short: bool = False


async def search(
    session: ReadSession,
    actor: Actor,
    text: str,
    *,
    kind: FoundKind | None = None,
    limit: int | None = None,
    at: datetime,
) -> Found:
    """Everything that the actor may see in which each word of the text stands."""
    scanned = _LABEL.search(text)
    words = words_of(scanned[1] if scanned else text)
    if not long_enough(" ".join(words)):
        return Found((), too_short=True)
    most = limit or (MANY if kind else FEW)
    groups = []
    if kind is None or kind in KEPT:
        groups += await _kept(session, await queries.find(session, words, most=most), kind)
    lists = await snapshot(session)
    if kind in {None, FoundKind.WASTE}:
        groups.append(_wastes(lists, " ".join(words), most, at))
    if kind in {None, FoundKind.REGION}:
        groups.append(_regions(lists, words, most))
    if kind in {None, FoundKind.PERSON} and Verb.MANAGE_PEOPLE in GRANTS[actor.role]:
        groups.append(await _colleagues(session, actor, words, most))
    return Found(tuple(group for group in groups if group.hits))


async def _kept(session: ReadSession, matches: Sequence[Match], asked: FoundKind | None) -> list[Group]:
    """What stands in the table of words, in the order found. What row-level security keeps back is not counted."""
    wanted = [match for match in matches if asked in {None, match.kind}]
    if not wanted:
        return []
    ids = [[match.subject_id for match in wanted if match.kind is kind] for kind in KEPT]
    rows = {(row["kind"], row["id"]): row for row in await (await session.driver()).fetch(_TELL, *ids)}
    groups = []
    for kind in KEPT:
        of_kind = [match for match in wanted if match.kind is kind]
        hits = tuple(
            _hit(kind, rows[kind.value, match.subject_id])
            for match in of_kind
            if (kind.value, match.subject_id) in rows
        )
        if hits:
            groups.append(Group(kind, of_kind[0].total - len(of_kind) + len(hits), hits))
    return groups


def _hit(kind: FoundKind, row: Any) -> Hit:  # noqa: ANN401  a record
    state = _STATES[kind](row["state"]) if row["state"] is not None else None
    return Hit(kind, str(row["id"]), row["title"] or "—", row["detail"], state, row["of"])


def _wastes(lists: Catalogue, text: str, most: int, at: datetime) -> Group:
    found = search_wastes(lists.wastes_on(legal_day(at)), text, limit=MANY)
    hits = tuple(Hit(FoundKind.WASTE, str(one.code), str(one.code), one.description) for one in found[:most])
    return Group(FoundKind.WASTE, len(found), hits)


def _regions(lists: Catalogue, words: Sequence[str], most: int) -> Group:
    found = [one for one in lists.regions.values() if all(_named(one, word) for word in words)]
    found.sort(key=lambda one: (one.level, one.code))
    hits = tuple(Hit(FoundKind.REGION, one.code, one.name, one.code) for one in found[:most])
    return Group(FoundKind.REGION, len(found), hits)


def _named(region: Region, word: str) -> bool:
    lower = word.lower()
    return word in region.name or region.code.startswith(word) or region.initials.startswith(lower)


async def _colleagues(session: ReadSession, actor: Actor, words: Iterable[str], most: int) -> Group:
    rows = await (await session.driver()).fetch(_COLLEAGUES, actor.organisation_id, list(words), most)
    hits = tuple(
        Hit(FoundKind.PERSON, str(row["id"]), row["name"], row["login"], of=actor.organisation_id) for row in rows
    )
    return Group(FoundKind.PERSON, rows[0]["total"] if rows else 0, hits)
