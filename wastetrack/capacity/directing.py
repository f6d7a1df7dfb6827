"""Receivers that hold no permit: who may take what from one site alone, and as plants of an instance. Pure.

Point to point (点对点) an approval names both sites, the waste and the quantity; under the exemption list (豁免清单) an
entry frees the use or disposal of a code, and the site's filed plan says to whom it goes (HJ 1259 5.5.5 f). Without
one of both nobody is a receiver.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import orjson

from wastetrack.capacity.facts import MONTHS, DirectedFacts, SiteFacts
from wastetrack.capacity.placing import Line, LineSource, Plant, Rows
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.model import Exemption, ExemptionScope
from wastetrack.containers.bases import TransferBasis
from wastetrack.manifests.exempting import free, listed_link
from wastetrack.parties.model import SiteKind
from wastetrack.plans.content import TransferLine
from wastetrack.plans.model import ReceiverKind

_PROVINCE: Final = 2


def directed_by(approved: Iterable[Mapping[str, Any]], sites: Mapping[UUID, SiteFacts]) -> Iterator[DirectedFacts]:
    """By approvals; across a province's border it is the approval for that which counts."""
    for row in approved:
        ends = (row["shipper_site_id"], row["receiver_site_id"])
        if row["kind"] == TransferBasis.POINT_TO_POINT.value and _together(sites, *ends):
            yield DirectedFacts(
                *ends, row["waste_code"], row["method"], row["quantity_g"], TransferBasis.POINT_TO_POINT
            )


def exempted_by(
    plans: Iterable[Mapping[str, Any]], sites: Mapping[UUID, SiteFacts], listed: Iterable[Exemption]
) -> Iterator[DirectedFacts]:
    """By filed plans to exempt users, as far as an entry that speaks of the code frees the method's link."""
    entries = [entry for entry in listed if entry.scope is ExemptionScope.CODES]
    for row in plans:
        for told in orjson.loads(row["transfer"] or "[]"):
            line = TransferLine.model_validate(told)
            if line.receiver_kind is not ReceiverKind.EXEMPT_USER or not line.method or is_general(line.waste_code):
                continue
            own = [site for site in sites.values() if site.organisation_id == line.receiver_id]
            user = min(own, key=lambda site: (site.kind is not SiteKind.TREATMENT, str(site.id)), default=None)
            freed = free(entries, (line.waste_code,)).in_link(line.waste_code, listed_link(line.method))
            if user is not None and freed and _together(sites, row["site_id"], user.id):
                grams = line.planned.mass().grams
                yield DirectedFacts(row["site_id"], user.id, line.waste_code, line.method, grams, TransferBasis.EXEMPT)


def _together(sites: Mapping[UUID, SiteFacts], *ends: UUID) -> bool:
    return len({sites[end].region_code[:_PROVINCE] if end in sites else str(end) for end in ends}) == 1


def add_directed(rows: Rows) -> None:
    """Their plants; each line takes from the place of its one site."""
    found: dict[tuple[UUID, TransferBasis], list[DirectedFacts]] = defaultdict(list)
    for one in rows.facts.directed:
        if one.quantity_g and not _shared(rows, one):
            found[one.receiver_site_id, one.ground].append(one)
    for (site_id, ground), lines in found.items():
        site, total = rows.facts.sites[site_id], sum(one.quantity_g for one in lines)
        rows.plants.append(
            Plant(f"{ground.value}:{site_id}", site.organisation, rows.place_of(site), (total,) * MONTHS, total)
        )
        rows.lines += [
            Line(
                len(rows.plants) - 1,
                LineSource(one.waste_code, (one.method,)),
                f"{ground.value}:{site_id}:{one.site_id}:{one.waste_code}:{one.method}",
                one.quantity_g,
                group=rows.group_of(rows.facts.sites[one.site_id]),
                residue_site=site_id,
                only=one.waste_code,
            )
            for one in lines
        ]
        rows.without_permit += 1


def _shared(rows: Rows, one: DirectedFacts) -> bool:
    """Where groups share, a sister that makes the same would be let in too: then nobody is."""
    group = rows.group_of(rows.facts.sites[one.site_id])
    return rows.sharing and any(
        code == one.waste_code and site_id != one.site_id and rows.group_of(rows.facts.sites[site_id]) == group
        for site_id, code in rows.supply
    )
