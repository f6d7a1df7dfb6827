"""What waits for somebody today: manifests on which the actor could take the next step, and the clocks that run.

One statement reads the manifests that are not finished; the same table that offers the steps on a manifest's page
(manifests/policy.py) says which of them are the actor's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.manifests.model import ManifestKind, ManifestState
from wastetrack.manifests.policy import Carriage, Parties, Step, steps_open_to

# Far more than anybody does in a day; a list of this length says so itself.
MOST = 500

_OPEN = """
select manifest.id, manifest.number, manifest.kind, manifest.on_paper, manifest.state,
  manifest.planned_on, manifest.arrived_at,
  manifest.received_at, manifest.shipper_id, manifest.receiver_id, shipper.name as shipper, receiver.name as receiver,
  count(line.container_id) as containers, coalesce(sum(line.declared_g), 0)::bigint as declared_g,
  count(line.container_id) filter (where line.outcome is null) as undecided,
  array(select carrier_id from manifest_legs where manifest_id = manifest.id order by position) as carriers,
  array(select taken_over_at is not null from manifest_legs where manifest_id = manifest.id order by position) as taken,
  array(select plate from manifest_legs leg join vehicles on vehicles.id = leg.vehicle_id
    where leg.manifest_id = manifest.id order by position) as plates,
  exists (select from manifests back where back.returns_id = manifest.id and back.state <> 'returned') as awaits_return
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id
left join manifest_containers line on line.manifest_id = manifest.id
where sighting.viewer = $1 and sighting.kind = 'manifest'
  and manifest.state in ('draft', 'running', 'filed', 'picked_up', 'in_transit', 'arrived', 'returning', 'received',
    'partly_received', 'rejected')
group by manifest.id, shipper.name, receiver.name
order by manifest.id desc limit $2
"""


@dataclass(frozen=True, slots=True)
class OpenManifest:
    """A manifest that is not finished, and what the actor may do with it now."""

    id: UUID
    number: str | None
    kind: ManifestKind
    state: ManifestState
    planned_on: date
    arrived_at: datetime | None
    received_at: datetime | None
    shipper: str
    receiver: str
    is_receiver: bool
    containers: int
    declared_g: int
    undecided: int
    plates: tuple[str, ...]
    awaits_return: bool
    steps: tuple[Step, ...]


async def open_manifests(session: ReadSession, actor: Actor) -> list[OpenManifest]:
    """The unfinished manifests that the actor sees, newest first, at most MOST."""
    driver = await session.driver()
    return [_open(actor, row) for row in await driver.fetch(_OPEN, actor.viewer, MOST)]


def _open(actor: Actor, row: Any) -> OpenManifest:  # noqa: ANN401  a record
    state = ManifestState(row["state"])
    legs = tuple(Carriage(*leg) for leg in zip(row["carriers"], row["taken"], strict=True))
    return OpenManifest(
        id=row["id"],
        number=row["number"],
        kind=ManifestKind(row["kind"]),
        state=state,
        planned_on=row["planned_on"],
        arrived_at=row["arrived_at"],
        received_at=row["received_at"],
        shipper=row["shipper"],
        receiver=row["receiver"],
        is_receiver=row["receiver_id"] == actor.organisation_id,
        containers=row["containers"],
        declared_g=row["declared_g"],
        undecided=row["undecided"],
        plates=tuple(row["plates"]),
        awaits_return=row["awaits_return"],
        steps=steps_open_to(
            actor,
            state,
            Parties(row["shipper_id"], row["receiver_id"], legs, ManifestKind(row["kind"]), row["on_paper"]),
        ),
    )
