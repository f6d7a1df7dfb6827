"""Whose books an actor may open: those of its own sites, of sites in its region, of manifests that it sees."""

from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.errors import NotFound
from wastetrack.manifests import queries as manifests
from wastetrack.parties import queries as parties


async def site_with_books(session: ReadSession, actor: Actor, site_id: UUID) -> UUID:
    """The holder of a site's accounts. Raises NotFound where the actor may not know what stands there."""
    site = await parties.site(session, site_id)
    own = site.organisation_id == actor.organisation_id and actor.viewer.startswith("o:")
    watched = actor.is_regulator and site.region_code.startswith(actor.viewer.removeprefix("r:"))
    if not (own or watched):
        raise NotFound("site_unknown", "There is no such site.", site_id=site_id)
    return site.id


async def manifest_with_books(session: ReadSession, actor: Actor, manifest_id: UUID) -> UUID:
    """The holder of a manifest's accounts. Raises ManifestUnknown."""
    return (await manifests.manifest_row(session, actor, manifest_id)).id
