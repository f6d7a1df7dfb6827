"""What the thing is called of which a chain is asked for; and that it is in sight."""

from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers import queries as containers
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.manifests import queries as manifests
from wastetrack.parties import permit_queries
from wastetrack.parties import queries as parties
from wastetrack.reports import proving
from wastetrack.reports.chains.gathering import ChainOf, vehicle


async def title_of(session: ReadSession, actor: Actor, of: ChainOf, subject_id: UUID) -> str:  # noqa: PLR0911  one line per kind
    """Its number, code, plate or name. Raises NotFound for what is not there or not in sight.

    Firms, sites and permits are in the public register; what of theirs is shown goes by sight.
    """
    match of:
        case ChainOf.MANIFEST:
            return (await manifests.manifest_row(session, actor, subject_id)).number or str(subject_id)
        case ChainOf.CONTAINER:
            return (await containers.container(session, actor, subject_id)).digital_code
        case ChainOf.SITE:
            return (await parties.site(session, subject_id)).name
        case ChainOf.ORGANISATION:
            return (await parties.organisation(session, subject_id)).name
        case ChainOf.PERMIT:
            return (await permit_queries.permit(session, subject_id)).number
        case ChainOf.VEHICLE:
            return (await vehicle(session, actor, vehicle_id=subject_id))[1]
        case ChainOf.BATCH:
            return await _batch(session, actor, subject_id)


async def _batch(session: ReadSession, actor: Actor, batch_id: UUID) -> str:
    found = await proving.event_seen(session, actor, batch_id)
    if found.leaf.kind != "batch_treated":
        raise NotFound("batch_unknown", "There is no such batch.", batch_id=str(batch_id))
    return f"{found.leaf.facts['method']} · {found.leaf.facts['treated_on']}"
