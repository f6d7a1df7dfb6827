"""What may leave a site without a manifest: general industrial waste, where the place lets it (固废法 art. 36, 37)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import Choice
from wastetrack.errors import Broken, Malformed
from wastetrack.parties import plates

ARTICLE = "固废法 art. 36, 37"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOut:
    """Command: containers of general waste left their site without a manifest."""

    container_ids: tuple[UUID, ...]
    receiver: str
    """Who takes it, by name."""
    method: str
    plate: str
    reference: str
    """The number of the paper that goes with it: weighbridge ticket, delivery note, contract."""
    handler: str = ""
    """出厂环节经办人; empty: who acts."""
    happened_at: datetime | None = None


def why_not_without_manifest(rule: Choice, codes: Iterable[str]) -> list[Broken]:
    """Why waste of these codes does not leave a site without a manifest."""
    ordered = sorted(set(codes))
    broken = [_hazardous(code) for code in ordered if not is_general(code)]
    if rule.value == "required" and len(broken) < len(ordered):
        message = "In this place general industrial solid waste leaves a site on a manifest only."
        step = "Draft a manifest for it, on the ground “general industrial solid waste”."
        broken.append(Broken("container_ids", "general_waste_needs_manifest", message, None, rule.article, step))
    return broken


def _hazardous(code: str) -> Broken:
    message = "{value} is hazardous waste: it leaves a site on a manifest only."
    step = "Leave it out here, and draft a manifest for it."
    return Broken("container_ids", "hazardous_without_manifest", message, code, "固废法 art. 82", step)


def why_not_told(command: SendOut) -> list[Broken]:
    """What is not said of a departure: who takes it, on what vehicle, with which paper."""
    told = {"receiver": command.receiver, "reference": command.reference}
    message = "This is needed for the ledger of what left the works."
    broken = [Broken(name, "leaving_unsaid", message, None, ARTICLE) for name, said in told.items() if not said.strip()]
    try:
        plates.parse(command.plate)
    except Malformed as unreadable:
        broken.append(unreadable.as_broken("plate", command.plate, article=ARTICLE))
    return broken
