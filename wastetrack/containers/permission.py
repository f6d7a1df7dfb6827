"""Whether a site may take a code by a method on a day, quantities left aside."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from wastetrack.catalogues.waste_codes import parse
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.mass import ZERO
from wastetrack.parties import permits as rules
from wastetrack.parties.permit_queries import permits_for_site


async def why_not_permitted(
    session: ReadSession, holder_id: UUID, site_id: UUID, waste_codes: Iterable[str], *, method: str, on: date
) -> list[Broken]:
    """Every reason why none of the holder's permits for the site covers each of these codes; empty when one does.

    The codes are those of the lists; Malformed otherwise.
    """
    held = await permits_for_site(session, holder_id, site_id)
    broken: list[Broken] = []
    for code in sorted(set(waste_codes)):
        _, reasons = rules.covering(held, parse(code), method, on, requested=ZERO, used=lambda _permit, _item: ZERO)
        broken += reasons
    return broken
