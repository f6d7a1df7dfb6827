"""Whether a storage area can take more: it is of the site, and not over its limit (GB 18597-2023, 8.3.5)."""

from uuid import UUID

from wastetrack.containers import queries
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties


async def check_store(session: WriteSession, store_id: UUID, site_id: UUID, *, adding: Mass) -> list[Broken]:
    """Why these kilograms may not go there; empty when they may. Raises NotFound for an unknown store."""
    store = await parties.store_for_use(session, store_id)
    if store.site_id != site_id:
        message = "Store {value} is not at this site."
        return [Broken("store_id", "store_elsewhere", message, store.code, next_step="Choose a store of this site.")]
    held = await queries.store_mass(session, store_id)
    if held + adding <= store.limit:
        return []
    message = "Store {value} may hold {limit}; it holds {held}, and {adding} would be added."
    facts: dict[str, object] = {
        "limit": store.limit.kg_text(),
        "held": held.kg_text(),
        "adding": adding.kg_text(),
    }
    step = "Choose another store, or send waste away first."
    return [Broken("store_id", "store_full", message, store.code, article="GB 18597-2023", facts=facts, next_step=step)]
