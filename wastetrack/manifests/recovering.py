"""What was missing is on the road again: the line is open as before, and the mass comes back from the discrepancies."""

from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.ledger import rules
from wastetrack.manifests import journey_queries
from wastetrack.manifests.model import Outcome
from wastetrack.manifests.tables import LineRow
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended

KIND = "container_found"


async def missed(
    session: WriteSession, manifest_id: UUID, container_id: UUID
) -> tuple[LineRow, Container, Mass] | None:
    """A container that is missing from a manifest, locked, its line, and the mass that is missing; None where it is
    not, or has been found already."""
    line = await journey_queries.line_of(session, manifest_id, container_id)
    if line is None or line.outcome != Outcome.MISSING.value:
        return None
    (container,) = await containers.locked_on_paper(session, (container_id,))
    if container.state != ContainerState.LOST.value:
        return None
    return line, container, Mass(line.carried_g)


async def put_back(
    session: WriteSession,
    actor: Actor,
    found: tuple[LineRow, Container, Mass],
    *,
    number: str | None,
    what: str,
    moment: Moment,
    event_id: UUID | None = None,
) -> Appended:
    """On the road it goes, under the manifest that it was missing from, which is locked already."""
    line, container, mass = found
    line.outcome, line.open, line.scanned_at, line.reason = None, True, None, ""
    container.state, container.manifest_id = ContainerState.IN_TRANSIT.value, line.manifest_id
    await session.flush()
    return await record(
        session,
        actor,
        KIND,
        subjects=(line.manifest_id, container.id),
        moment=moment,
        facts=told(found, number, what),
        entry=rules.back_on_the_road(line.manifest_id, line.waste_code, mass),
        event_id=event_id,
    )


def told(found: tuple[LineRow, Container, Mass], number: str | None, what: str) -> dict[str, object]:
    """What the event says however it was found."""
    line, container, mass = found
    return {
        "manifest": str(line.manifest_id),
        "number": number,
        "container": str(container.id),
        "digital_code": container.digital_code,
        "waste_code": line.waste_code,
        "missed_g": mass.grams,
        "reason": what.strip() or None,
    }
