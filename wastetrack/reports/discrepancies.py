"""What did not come out as declared, manifest by manifest: containers missing, refused, or weighing otherwise.

For both ends of the way; a closed manifest stands here for a while, then only on its own page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.manifests.model import ManifestState

SHOWN_FOR = timedelta(days=90)
_MANY = Window()

_FOUND = """
select manifest.id, manifest.number, manifest.state, manifest.received_at, manifest.shipper_id = $2 as sent,
  shipper.name as shipper, receiver.name as receiver,
  count(*) filter (where line.outcome = 'missing') as missing,
  coalesce(sum(line.declared_g) filter (where line.outcome = 'missing'), 0)::bigint as missing_g,
  count(*) filter (where line.outcome = 'rejected') as rejected,
  coalesce(sum(line.declared_g) filter (where line.outcome = 'rejected'), 0)::bigint as rejected_g,
  count(*) filter (where line.outcome = 'accepted_with_difference') as differing,
  coalesce(sum(line.measured_g - line.declared_g) filter (where line.outcome = 'accepted_with_difference'), 0)::bigint
    as difference_g
from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
join manifest_containers line on line.manifest_id = manifest.id
join organisations shipper on shipper.id = manifest.shipper_id
join organisations receiver on receiver.id = manifest.receiver_id
where sighting.viewer = $1 and sighting.kind = 'manifest' and $2 in (manifest.shipper_id, manifest.receiver_id)
  and line.outcome in ('missing', 'rejected', 'accepted_with_difference')
  and manifest.received_at is not null and (manifest.state not in ('closed', 'returned') or manifest.received_at > $3)
  and ($4::text is null or manifest.state = $4)
group by manifest.id, shipper.name, receiver.name
"""
_OPEN_FIRST = "manifest.state in ('closed', 'returned'), manifest.received_at desc, manifest.id"
ORDERS: Final[Mapping[str, str]] = {
    "number": "manifest.number",
    "received": "manifest.received_at",
    "missing": "missing_g",
    "rejected": "rejected_g",
    "differing": "difference_g",
    "state": "manifest.state",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """A manifest whose gate found something else than was declared."""

    id: UUID
    number: str | None
    state: ManifestState
    received_at: datetime
    sent: bool
    """One's own organisation sent it; else it received it."""
    shipper: str
    receiver: str
    missing: int
    missing_g: int
    rejected: int
    rejected_g: int
    differing: int
    difference_g: int

    @property
    def other(self) -> str:
        """The other end."""
        return self.receiver if self.sent else self.shipper

    @property
    def is_open(self) -> bool:
        """Whether it is not over yet."""
        return self.state not in {ManifestState.CLOSED, ManifestState.RETURNED}


async def discrepancies(
    session: ReadSession,
    actor: Actor,
    window: Window = _MANY,
    *,
    state: ManifestState | None = None,
    at: datetime,
) -> list[Discrepancy]:
    """Those of one's own manifests, in an order of ORDERS or the open ones first, in one statement."""
    if actor.is_regulator:
        return []
    driver, named = await session.driver(), None if state is None else state.value
    statement = _FOUND + window.clause(ORDERS, _OPEN_FIRST)
    rows = await driver.fetch(statement, actor.viewer, actor.organisation_id, at - SHOWN_FOR, named)
    return [_discrepancy(row) for row in rows]


def _discrepancy(row: Any) -> Discrepancy:  # noqa: ANN401  a record
    return Discrepancy(**{**row, "state": ManifestState(row["state"])})
