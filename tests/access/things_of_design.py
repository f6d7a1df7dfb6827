"""What somebody keeps of lists."""

from wastetrack import clock
from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.searches.keeping import choose_columns, save_search
from wastetrack.searches.model import SaveSearch


async def things_of_design(session: WriteSession, person: Actor) -> dict[str, str]:
    """A saved search, and columns that were chosen."""
    command = SaveSearch(page="/manifests", name="在途", query="state=in_transit")
    saved = await save_search(session, person, command, at=clock.now())
    await choose_columns(session, person, "/manifests", ("number",))
    return {"search": str(saved.id)}
