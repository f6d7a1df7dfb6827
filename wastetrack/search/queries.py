"""The one way into the table of words: a function of the database that looks with the eyes of whoever asks."""

from collections.abc import Sequence

from wastetrack.db.session import ReadSession
from wastetrack.search.model import FoundKind, Match

_FIND = "select kind, subject_id, total from search_find($1, $2)"


async def find(session: ReadSession, words: Sequence[str], *, most: int) -> list[Match]:
    """What these eyes may see in which all the words stand: at most so many of each kind, the best first."""
    rows = await (await session.driver()).fetch(_FIND, list(words), most)
    return [Match(FoundKind(row["kind"]), row["subject_id"], row["total"]) for row in rows]
