"""For whom a delegate acts and from where: found with the actor, shown on every page."""

import dataclasses

from starlette.requests import Request

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.parties import queries


@dataclasses.dataclass(frozen=True, slots=True)
class ActingFor:
    """The names of the organisation acted for and of the delegate's own firm."""

    organisation: str
    delegate_of: str


async def note_delegation(request: Request, session: ReadSession, actor: Actor) -> None:
    """Keep with the request for whom a delegate acts; one statement, and none for everybody else."""
    if actor.delegate_of is None:
        return
    firms = await queries.organisations_by_id(session, (actor.organisation_id, actor.delegate_of))
    names = [firms[one].name if one in firms else "—" for one in (actor.organisation_id, actor.delegate_of)]
    request.state.acting_for = ActingFor(*names)


def acting_for(request: Request) -> ActingFor | None:
    """What has been kept; None for whoever acts for the own organisation."""
    found: ActingFor | None = getattr(request.state, "acting_for", None)
    return found
