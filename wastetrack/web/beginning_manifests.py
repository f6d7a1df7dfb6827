"""With what the form of a new manifest begins: chosen containers, an earlier manifest, a template, a reservation."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import Field

from wastetrack.catalogues import queries as catalogues
from wastetrack.containers import queries as containers
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import ContainerState
from wastetrack.containers.queries import ContainerFilter
from wastetrack.errors import NotFound
from wastetrack.manifests import reservation_queries, templates
from wastetrack.manifests.grounding import entries_for
from wastetrack.manifests.model import ManifestKind
from wastetrack.manifests.templates import Template
from wastetrack.serving.deps import ReadWork
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import EMPTY, Filled
from wastetrack.web.reading_manifests import whole


class Beginning(Search):
    """What the address of the form says; `chosen` is the same as `container_ids`, as lists send it."""

    site_id: UUID | None = None
    container_ids: list[UUID] = Field(default_factory=list, max_length=500)
    chosen: list[UUID] = Field(default_factory=list, max_length=500)
    like: UUID | None = None
    template: UUID | None = None
    reservation: UUID | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The form as it begins, and what it was made from."""

    filled: Filled
    template: Template | None = None
    cloned: str = ""
    """The number of the manifest that it repeats."""
    gone: int = 0
    """Containers of that manifest that do not stand here any more."""


async def begin(work: ReadWork, asked: Beginning) -> Begun:
    """Raises NotFound for what one does not see."""
    if asked.template is not None:
        row = await templates.template(work.session, work.actor, asked.template)
        return Begun(Filled.of(_of_template(row)), template=row)
    if asked.reservation is not None:
        return await _of_reservation(work, asked.reservation)
    if asked.like is not None:
        return await _of_manifest(work, asked.like)
    ids = [*dict.fromkeys([*asked.container_ids, *asked.chosen])]
    if not ids:
        return Begun(Filled.of({"site_id": asked.site_id}) if asked.site_id else EMPTY)
    rows = await containers.several(work.session, work.actor, ids)
    # Those of one site go on one manifest: that of the first.
    site_id = asked.site_id or next((row.site_id for row in rows if row.site_id is not None), None)
    mine = [row.id for row in rows if row.site_id == site_id]
    return Begun(Filled.of({"site_id": site_id, "container_ids": mine}), gone=len(rows) - len(mine))


async def _of_reservation(work: ReadWork, reservation_id: UUID) -> Begun:
    """What was set aside for one's own firm: receiver, method, day and ground stand already."""
    row = await reservation_queries.reservation(work.session, work.actor, reservation_id)
    if row.organisation_id != work.actor.organisation_id:
        raise NotFound("reservation_unknown", "There is no such reservation.", reservation_id=reservation_id)
    typed: dict[str, object] = {
        "site_id": row.site_id,
        "receiver_site_id": row.receiver_site_id,
        "method": row.method,
        "planned_on": row.planned_on.isoformat(),
        "waste_codes": [row.waste_code],
        "basis": row.basis,
    }
    if row.basis == TransferBasis.EXEMPT.value:
        listed = (await catalogues.snapshot(work.session)).exemptions_on(row.planned_on)
        typed["exemptions"] = [one.position for one in entries_for(listed, row.waste_code, row.method)]
    return Begun(Filled.of(typed))


def _of_template(row: Template) -> dict[str, object]:
    typed: dict[str, object] = {
        "site_id": row.shipper_site_id,
        "receiver_site_id": row.receiver_site_id,
        "method": row.method,
        "basis": row.basis,
        "exemptions": row.exemptions,
        "remarks": row.remarks,
        "waste_codes": row.waste_codes,
    }
    return typed | _legs(row.legs)


def _legs(legs: list[dict[str, Any]]) -> dict[str, object]:
    typed: dict[str, object] = {}
    if legs:
        typed |= {"carrier_id": legs[0]["carrier_id"], "plate": legs[0]["plate"]}
    if len(legs) > 1:
        typed |= {"further_carrier_id": legs[1]["carrier_id"], "further_plate": legs[1]["plate"]}
        typed |= {"handover_place": legs[1]["handover_place"]}
    return typed


async def _of_manifest(work: ReadWork, manifest_id: UUID) -> Begun:
    """An earlier manifest of one's own once more, without what has left and for another day."""
    found, _ = await whole(work, manifest_id)
    if found["shipper"]["organisation_id"] != str(work.actor.organisation_id) or found["kind"] is not ManifestKind.ROAD:
        raise NotFound("manifest_unknown", "There is no such manifest.", manifest_id=manifest_id)
    site_id = UUID(found["shipper"]["site_id"])
    ids = [UUID(line["container_id"]) for line in found["lines"]]
    here = ContainerFilter(site_id=site_id, state=ContainerState.AT_SITE, ids=tuple(ids))
    standing = await containers.matching(work.session, work.actor, here)
    typed: dict[str, object] = {
        "site_id": site_id,
        "container_ids": [one for one in ids if one in standing],
        "receiver_site_id": found["receiver"]["site_id"],
        "method": found["method"],
        "basis": found["basis"].value,
        "exemptions": found["exemptions"],
        "remarks": found["remarks"],
        "waste_codes": sorted({line["waste_code"] for line in found["lines"]}),
    }
    filled = Filled.of(typed | _legs(found["legs"]))
    return Begun(filled, cloned=found["number"] or "—", gone=len(ids) - len(standing))
