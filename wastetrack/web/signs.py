"""Signs to be hung up at a site: which there are, and each as PDF in the size for its distance."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.parties import queries as parties
from wastetrack.parties.facility_queries import facilities_of
from wastetrack.reports.label_rules import label_rules
from wastetrack.reports.signs import PURPOSES, SignKind, sign
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.rendering import AnyPage

router = RoomRouter(prefix="/sites/{site_id:uuid}/signs")

FARTHEST = 1000


@router.get("")
async def signs(page: AnyPage, work: Reading, site_id: UUID) -> Response:
    """The signs of the site's stores and facilities that the visitor may see."""
    site = await parties.site(work.session, site_id)
    rules = label_rules()
    found = await facilities_of(work.session, work.actor, site_id)
    return page.show(
        "parties/signs.html",
        site=site,
        stores=await parties.stores_of(work.session, work.actor, site_id),
        facilities=[one for one in found if one.kind in PURPOSES and one.until is None],
        zone_sizes=rules.zone_sizes.value,
        facility_sizes=rules.facility_sizes.value,
        farthest=FARTHEST,
        kinds=SignKind,
    )


@router.get("/{kind}.pdf")
async def one_sign(
    work: Reading,
    site_id: UUID,
    kind: SignKind,
    of: UUID,
    metres: Annotated[float, Query(gt=0, le=FARTHEST)] = 2.5,
) -> Response:
    """One sign of a store or facility (`of`), to be read from so many metres."""
    pdf = await sign(work.session, work.actor, site_id, kind, of, metres=metres)
    headers = {"Content-Disposition": f'inline; filename="sign-{kind.value}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
