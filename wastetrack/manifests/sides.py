"""One person does not sign for two sides of a manifest, unless both are one organisation; then that is recorded.

Shipper, carrier and receiver each confirm what they saw (令23 art. 10–13); one person who signs for two of them only
confirms his own word. A firm that carries its own waste in its own licensed vehicle, or moves it between its own
sites, is one organisation on both sides: its people may sign for both, and the event says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from wastetrack.errors import Broken, refuse
from wastetrack.manifests.model import PartyRole


class BothSides(StrEnum):
    """Why one person may sign for two sides."""

    OWN_TRANSPORT = "own_transport"
    ONE_ORGANISATION = "one_organisation"


@dataclass(frozen=True, slots=True)
class SignedBefore:
    """A signature that the same person gave on the same manifest."""

    side: PartyRole
    organisation_id: UUID


def why_both(side: PartyRole, organisation_id: UUID, before: Iterable[SignedBefore]) -> BothSides | None:
    """The exception that applies to a second signature by the same person; None for none needed. Raises RuleBroken."""
    others = [signed for signed in before if signed.side is not side]
    strange = next((signed for signed in others if signed.organisation_id != organisation_id), None)
    if strange is not None:
        message = "You have signed this manifest for the {other} already; one person does not sign for two sides."
        refuse(
            [
                Broken(
                    "factor",
                    "same_person_two_sides",
                    message,
                    article="令23 art. 10–13",
                    facts={"other": strange.side},
                    next_step="Let somebody else of this organisation sign.",
                )
            ]
        )
    if not others:
        return None
    carried = PartyRole.CARRIER in {side, *(signed.side for signed in others)}
    return BothSides.OWN_TRANSPORT if carried else BothSides.ONE_ORGANISATION
