"""What is expected at a site, for devices that must decide without network: papers, containers, and on which days the
site's permits cover them. Four statements, however many papers there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.waste_codes import parse
from wastetrack.containers.bases import CHECKS, TransferBasis
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.manifests import exempting
from wastetrack.manifests.model import ManifestKind, ManifestState, Outcome
from wastetrack.mass import ZERO
from wastetrack.parties import permits as rules
from wastetrack.parties.permit_queries import permits_for_site
from wastetrack.parties.permits import Permit

ANNOUNCED_DAYS = 3
"""So many days before its planned day a filed load is on the list: trucks come early."""
MOST = 200
_MANIFESTS = """
select manifest.id, manifest.number, manifest.kind, manifest.state, manifest.basis, manifest.method,
  shipper.name as shipper, manifest.planned_on, coalesce(manifest.arrived_at, manifest.picked_up_at) as since,
  array(select vehicle.plate from manifest_legs leg join vehicles vehicle on vehicle.id = leg.vehicle_id
    where leg.manifest_id = manifest.id order by leg.position) as plates,
  array(select position from manifest_exemptions where manifest_id = manifest.id) as exemptions
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
join organisations shipper on shipper.id = manifest.shipper_id
where sighting.viewer = $1 and sighting.kind = 'manifest' and manifest.receiver_site_id = $2
  and (manifest.state in ('picked_up', 'in_transit', 'arrived', 'returning')
    or manifest.state = 'filed' and manifest.planned_on <= $3)
order by manifest.state <> 'arrived', manifest.id desc limit $4
"""
_LINES = """
select line.manifest_id, line.container_id, line.waste_code, line.declared_g - line.spilled_g as declared_g,
  line.declared_uncertainty_g, line.outcome,
  exists (select from mismatch_reports report where report.manifest_id = line.manifest_id
    and report.state = 'reported' and coalesce(report.container_id, line.container_id) = line.container_id) as mismatch
from manifest_containers line where line.manifest_id = any ($1::uuid[])
order by line.manifest_id, line.position
"""


@dataclass(frozen=True, slots=True)
class Coming:
    """A paper whose load comes here, or stands here already."""

    id: UUID
    number: str | None
    kind: ManifestKind
    state: ManifestState
    basis: TransferBasis
    method: str
    shipper: str
    planned_on: date
    since: datetime | None
    plates: tuple[str, ...]
    exemptions: frozenset[int]

    @property
    def comes_back(self) -> bool:
        """Whether it is this site's own waste on its way home."""
        return self.kind is ManifestKind.RETURN


@dataclass(frozen=True, slots=True)
class ComingLine:
    """A container on such a paper."""

    manifest_id: UUID
    container_id: UUID
    waste_code: str
    declared_g: int
    declared_uncertainty_g: int | None
    outcome: Outcome | None
    mismatch: bool


@dataclass(frozen=True, slots=True)
class Spell:
    """From a day to a day, both of them in it, the same rules forbid it; none: it may come in."""

    from_on: date
    to_on: date
    broken: tuple[Broken, ...]


async def coming_to(session: ReadSession, actor: Actor, site_id: UUID, *, on: date) -> list[Coming]:
    """The papers whose loads may come to a site from this day on, those that stand there first; at most MOST."""
    until = on + timedelta(days=ANNOUNCED_DAYS)
    rows = await (await session.driver()).fetch(_MANIFESTS, actor.viewer, site_id, until, MOST)
    return [_coming(row) for row in rows]


def _coming(row: Any) -> Coming:  # noqa: ANN401  a record
    return Coming(
        id=row["id"],
        number=row["number"],
        kind=ManifestKind(row["kind"]),
        state=ManifestState(row["state"]),
        basis=TransferBasis(row["basis"]),
        method=row["method"],
        shipper=row["shipper"],
        planned_on=row["planned_on"],
        since=row["since"],
        plates=tuple(row["plates"]),
        exemptions=frozenset(row["exemptions"]),
    )


async def lines_coming(session: ReadSession, manifest_ids: Iterable[UUID]) -> list[ComingLine]:
    """The containers of these papers, in order."""
    rows = await (await session.driver()).fetch(_LINES, sorted(manifest_ids))
    return [
        ComingLine(
            row["manifest_id"],
            row["container_id"],
            row["waste_code"],
            row["declared_g"],
            row["declared_uncertainty_g"],
            None if row["outcome"] is None else Outcome(row["outcome"]),
            row["mismatch"],
        )
        for row in rows
    ]


async def permitted_on(
    session: ReadSession,
    receiver: tuple[UUID, UUID],
    coming: Iterable[Coming],
    lines: Iterable[ComingLine],
    days: tuple[date, ...],
) -> Mapping[UUID, Mapping[str, tuple[Spell, ...]]]:
    """For each paper and code on which days the receiver (organisation and site) may take it in: what grounds.py says
    of a single scan, for all of them and every day."""
    codes: dict[UUID, set[str]] = defaultdict(set)
    for line in lines:
        codes[line.manifest_id].add(line.waste_code)
    held = await permits_for_site(session, *receiver)
    lists = await catalogues.snapshot(session)
    return {
        paper.id: {
            code: _spells([(day, _why_not(lists, held, paper, code, day)) for day in days])
            for code in sorted(codes[paper.id])
        }
        for paper in coming
    }


def _why_not(lists: Catalogue, held: Iterable[Permit], paper: Coming, code: str, on: date) -> tuple[Broken, ...]:
    checks = CHECKS[paper.basis]
    if paper.comes_back or not checks.permit:
        return ()
    if checks.exemption:
        entries = [entry for entry in lists.exemptions_on(on) if entry.position in paper.exemptions]
        if exempting.free(entries, (code,)).in_link(code, exempting.listed_link(paper.method)):
            return ()
    _, reasons = rules.covering(held, parse(code), paper.method, on, requested=ZERO, used=lambda _permit, _item: ZERO)
    return reasons


def _spells(days: list[tuple[date, tuple[Broken, ...]]]) -> tuple[Spell, ...]:
    """Days that follow one another under the same rules, together."""
    found = []
    for broken, group in groupby(days, key=lambda one: one[1]):
        together = [day for day, _ in group]
        found.append(Spell(together[0], together[-1], broken))
    return tuple(found)
