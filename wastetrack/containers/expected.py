"""What a gate must know of containers before they stand there: tare, volume, which label is valid.

A receiver does not see a container yet; a function of the database tells this much of those that a paper to its site
names (migration 0040).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from wastetrack.db.session import ReadSession

_EXPECTED = "select * from containers_expected($1, $2::uuid[])"


@dataclass(frozen=True, slots=True)
class Expected:
    """A container that is on a paper to this site."""

    manifest_id: UUID
    container_id: UUID
    digital_code: str
    waste_name: str
    tare_g: int
    volume_l: int
    hazards: list[str]
    form: str
    compatibility: str | None
    label_revision: int


async def expected_at(session: ReadSession, site_id: UUID, manifest_ids: Iterable[UUID]) -> list[Expected]:
    """The containers of these papers to a site."""
    rows = await (await session.driver()).fetch(_EXPECTED, site_id, sorted(manifest_ids))
    return [Expected(*row) for row in rows]
