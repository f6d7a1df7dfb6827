"""Which links of a transfer the named items of the exemption list set free, code by code. Pure.

The list (名录 annex) frees a waste from being managed as hazardous in some links only: collection, transport, use,
disposal. The shipper names the entries whose conditions he declares to hold; what they do not free is checked as ever.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wastetrack.catalogues.model import Exemption, ExemptionScope
from wastetrack.catalogues.treatments import MethodGroup
from wastetrack.catalogues.waste_codes import parse
from wastetrack.errors import Broken

ARTICLE = "危险废物豁免管理清单"


class Link(StrEnum):
    """A part of a waste's way."""

    COLLECTION = "collection"
    TRANSPORT = "transport"
    USE = "use"
    DISPOSAL = "disposal"


_LINKS: dict[str, frozenset[Link]] = {
    "收集": frozenset({Link.COLLECTION}),
    "运输": frozenset({Link.TRANSPORT}),
    "利用": frozenset({Link.USE}),
    "处置": frozenset({Link.DISPOSAL}),
    "全部环节": frozenset(Link),
}
_USING = frozenset({MethodGroup.RECOVERY.value, MethodGroup.OTHER.value})
_KILN = "C1"
_BY_PLAN = frozenset({ExemptionScope.EMERGENCY, ExemptionScope.LEGACY})
"""What an authority's plan names by itself, whatever its code."""


def links_of(entry: Exemption) -> frozenset[Link]:
    """The links that an entry frees: `利用、处置` is two of them."""
    found: frozenset[Link] = frozenset()
    for word, links in _LINKS.items():
        if word in entry.stage:
            found |= links
    return found


def frees(entry: Exemption, code: str) -> bool:
    """Whether an entry speaks of a code."""
    if entry.scope is ExemptionScope.CODES:
        known = parse(code)
        return not {str(known), known.category}.isdisjoint(entry.patterns)
    return entry.scope in _BY_PLAN


def link_of(method: str) -> Link:
    """Whether a method uses the waste or disposes of it."""
    return Link.USE if method[:1] in _USING else Link.DISPOSAL


def listed_link(method: str) -> Link:
    """Under which link the exemption list names a method: what a cement kiln burns with it (C1) stands under 处置 in
    every entry that speaks of kilns, though it is no method of group D."""
    return Link.DISPOSAL if method == _KILN else link_of(method)


@dataclass(frozen=True, slots=True)
class Freed:
    """What is free, by code."""

    links: Mapping[str, frozenset[Link]]

    def in_link(self, code: str, link: Link) -> bool:
        """Whether a code is free in a link."""
        return link in self.links.get(code, frozenset())

    def all_in(self, codes: Collection[str], link: Link) -> bool:
        """Whether all of these are."""
        return bool(codes) and all(self.in_link(code, link) for code in codes)


NOTHING_FREED = Freed({})


def free(entries: Sequence[Exemption], codes: Collection[str]) -> Freed:
    """What these entries free of these codes."""
    return Freed(
        {
            code: frozenset(link for entry in entries if frees(entry, code) for link in links_of(entry))
            for code in sorted(codes)
        }
    )


def check_named(
    positions: Collection[int], listed: Sequence[Exemption], codes: Collection[str], method: str
) -> list[Broken]:
    """What is wrong with the entries that a manifest names: none, unknown ones, or ones that free nothing here."""
    if not positions:
        return [
            Broken(
                "exemptions",
                "exemption_missing",
                "Name the entries of the exemption list whose conditions hold.",
                article=ARTICLE,
                next_step="Choose them, or let the transfer rest on the receiver's permit.",
            )
        ]
    by_position = {entry.position: entry for entry in listed}
    useful = {Link.COLLECTION, Link.TRANSPORT, listed_link(method)}
    broken: list[Broken] = []
    for position in sorted(positions):
        entry = by_position.get(position)
        if entry is None:
            message = "The exemption list of the day has no entry {value}."
            broken.append(Broken("exemptions", "exemption_unknown", message, position, article=ARTICLE))
            continue
        facts: dict[str, object] = {"item": entry.item, "waste": entry.waste, "stage": entry.stage}
        if not any(frees(entry, code) for code in codes):
            message = "Entry {item} of the exemption list ({waste}) speaks of none of these wastes."
            step = "Take it off the manifest."
            broken.append(Broken("exemptions", "exemption_of_other_waste", message, position, ARTICLE, step, facts))
        elif useful.isdisjoint(links_of(entry)):
            message = "Entry {item} of the exemption list ({waste}) frees {stage} only, which method {method} is not."
            step = "Take it off the manifest, or choose another method."
            facts = {**facts, "method": method}
            broken.append(Broken("exemptions", "exemption_of_other_link", message, position, ARTICLE, step, facts))
    return broken
