"""The firm that a cell names by its credit code."""

from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken, Malformed
from wastetrack.i18n import message
from wastetrack.parties import queries as parties

_NEXT_STEP = message("Check the code in the directory of organisations.")


async def firm_of(session: ReadSession, field: str, word: str) -> UUID | Broken:
    """The firm, or why there is none."""
    try:
        firm = await parties.organisation_by_credit_code(session, word)
    except Malformed as unreadable:
        return unreadable.as_broken(field, word, next_step=_NEXT_STEP)
    if firm is None:
        words = message("No organisation has the credit code {value}.")
        return Broken(field, "firm_unknown", words, word, next_step=_NEXT_STEP)
    return firm.id
