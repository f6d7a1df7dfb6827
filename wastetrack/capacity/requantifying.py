"""Another quantity of a permit item: which item a question means, and the facts as they would be. Pure.

An item is named as the permit names it, by a code or class; where several items of a plant share it, with one of their
methods behind it: `772-002-18 D1`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from wastetrack.capacity.facts import Facts, ItemFacts, PermitFacts
from wastetrack.errors import Broken
from wastetrack.i18n import message


@dataclass(frozen=True, slots=True)
class PermitLine:
    """An item of a plant's permits; what a renewed permit repeats is the same item."""

    pattern: str
    methods: tuple[str, ...]
    """Sorted."""

    @property
    def title(self) -> str:
        """As a question names it: `772-002-18 D1`."""
        return " ".join((self.pattern, *self.methods))


def meant(lines: Sequence[PermitLine], typed: str) -> tuple[PermitLine | None, list[Broken]]:
    """The one item of a plant that is meant, or why it is none."""
    known = "; ".join(one.title for one in lines) or "—"
    if not typed.strip():
        step = message("Write one of the permit items of this plant: {known}")
        facts: dict[str, object] = {"known": known}
        return None, [Broken("item", "missing", "This is needed.", next_step=step, facts=facts)]
    pattern, *methods = typed.split()
    found = [one for one in lines if one.pattern == pattern and set(methods) <= set(one.methods)]
    if len(found) == 1:
        return found[0], []
    if not found:
        step = message("Write one of the permit items of this plant: {known}")
        told = message("No permit of this plant names {value} in that year.")
        return None, [Broken("item", "item_unknown", told, typed.strip(), next_step=step, facts={"known": known})]
    step = message("Write it with its method: {known}")
    told = message("{value} stands in several items of this plant.")
    several = "; ".join(one.title for one in found)
    return None, [Broken("item", "item_ambiguous", told, typed.strip(), next_step=step, facts={"known": several})]


def with_quantity(facts: Facts, site_id: UUID, line: PermitLine, yearly_g: int) -> Facts:
    """The facts with another quantity a year in that item of each permit of the site that has it; what the permit
    allows in all, and what the plant can treat month by month, follow it."""
    holder = facts.sites[site_id].organisation_id

    def of_item(item: ItemFacts) -> ItemFacts:
        is_meant = PermitLine(item.pattern, tuple(sorted(item.methods))) == line
        return replace(item, yearly_g=yearly_g) if is_meant else item

    def of_permit(permit: PermitFacts) -> PermitFacts:
        if permit.organisation_id != holder or permit.site_id not in {None, site_id}:
            return permit
        return replace(permit, items=tuple(of_item(one) for one in permit.items))

    return replace(facts, permits=tuple(of_permit(one) for one in facts.permits))
