"""What a firm keeps for itself: a template of a usual transfer."""

from tests.support.world import AT, World, a_drum, filed
from wastetrack.db.session import WriteSession
from wastetrack.manifests.templates import KeepTemplate, keep_template

Things = dict[str, str]


async def things_of_enterprise(session: WriteSession, world: World) -> Things:
    """Of the workshop of this world."""
    manifest_id = await filed(session, world, [await a_drum(session, world)])
    command = KeepTemplate(manifest_id=manifest_id, name="每季废油")
    row = await keep_template(session, world.generator.owner, command, at=AT)
    return {"template": str(row.id)}
