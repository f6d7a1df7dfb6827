"""Whether somebody has confirmed that an organisation is the one it says: without that it signs nothing."""

from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.errors import refuse_one

_VERIFIED = "select verified_at is not null from organisations where id = $1"


async def is_verified(session: ReadSession, organisation_id: UUID) -> bool:
    """Whether the operator or an authority has seen its papers."""
    return bool(await (await session.driver()).fetchval(_VERIFIED, organisation_id))


async def demand_verified(session: ReadSession, organisation_id: UUID) -> None:
    """Raise RuleBroken for an organisation that nobody has verified."""
    if not await is_verified(session, organisation_id):
        refuse_one(
            "organisation",
            "organisation_unverified",
            "Your organisation is not verified yet, so it cannot sign.",
            next_step="Claim the organisation with its credit code and papers; the authority of its region decides.",
        )
