"""Who may do what with containers: a role that grants the verb, in the organisation at whose site they stand."""

from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.errors import Forbidden


def demand_own(actor: Actor, verb: Verb, organisation_id: UUID) -> None:
    """Raise Forbidden unless the actor acts for this organisation in a role that grants the verb."""
    demand(actor, verb)
    if actor.organisation_id != organisation_id:
        raise Forbidden("other_organisation", "Only the organisation whose site, vehicle or paper this is may do this.")
