"""“This was not me”: a signature that its supposed signer disowns. It stays in the log; so does what he says of it.

The organisation's owner and the authorities that see the manifest find it (40 CFR 3.2000(b)(5)(iv), CROMERR item 12).
"""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor, Role
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Conflict, NotFound, refuse_one
from wastetrack.ids import new_id
from wastetrack.manifests import notices
from wastetrack.manifests.notices import Notice
from wastetrack.transparency.appending import Appended

_LOCK = """
select manifest_id, repudiated_at from signed_acts where event_id = $1 and person_id = $2 for update
"""
_DISOWN = "update signed_acts set repudiated_at = $2, repudiation_id = $3 where event_id = $1"
_MOST = 100


async def repudiate(session: WriteSession, actor: Actor, event_id: UUID, reason: str, *, at: datetime) -> Appended:
    """Record that the actor did not give a signature that bears his name.

    Raises NotFound for one that does not, Conflict where he has said so already, RuleBroken without a reason.
    """
    driver = await session.driver()
    row = await driver.fetchrow(_LOCK, event_id, actor.person_id)
    if row is None:
        raise NotFound("signature_unknown", "There is no such signature of yours.")
    if row["repudiated_at"] is not None:
        raise Conflict("already_repudiated", "You have said so already.")
    if not reason.strip():
        step = "Say what happened: a lost phone, a password that others know, a day on which you were away."
        refuse_one("reason", "reason_missing", "Say how you know that it was not you.", next_step=step)
    repudiation_id = new_id()
    await driver.execute(_DISOWN, event_id, at, repudiation_id)
    return await record(
        session,
        actor,
        "signature_repudiated",
        subjects=(row["manifest_id"],),
        moment=Moment(happened_at=at, recorded_at=at),
        facts={"repudiates": str(event_id), "reason": reason.strip()},
        event_id=repudiation_id,
    )


async def repudiated_before(session: ReadSession, actor: Actor) -> list[Notice]:
    """Disowned signatures that the actor must know of: of his firm for its owner, of what they see for authorities."""
    if actor.is_regulator:
        return await notices.repudiated_seen(session, actor.viewer, limit=_MOST)
    if actor.role is Role.OWNER:
        return await notices.repudiated_of(session, actor.organisation_id, limit=_MOST)
    return []
