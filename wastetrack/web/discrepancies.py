"""What did not come out as declared: what waits for an answer, what one has asked for, what gates found."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.model import CorrectionField, ManifestState
from wastetrack.parties import queries as parties
from wastetrack.reports.discrepancies import discrepancies
from wastetrack.reports.duties_journeys import journeys_duties
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import DISCREPANCIES
from wastetrack.web.rendering import AnyPage

router = RoomRouter()


class Wanted(Asked):
    """Which manifests."""

    state: ManifestState | None = None


@router.get("/discrepancies")
async def listed(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The page."""
    view = await DISCREPANCIES.view(page, work, wanted)
    rows = await discrepancies(work.session, work.actor, view.window, state=wanted.state, at=work.at)
    if view.file:
        return await view.saved(rows)
    own = work.actor.organisation_id
    corrections = await manifests.corrections_open_for(work.session, work.actor)
    duties = await journeys_duties(work.session, work.actor, work.at)
    return await view.answer(
        "discrepancies.html",
        rows,
        to_answer=[(one, of) for one, of in corrections if one.answerer_id == own],
        asked=[(one, of) for one, of in corrections if one.answerer_id != own],
        firms=await parties.organisations_by_id(work.session, {one.answerer_id for one, _ in corrections}),
        fields=CorrectionField,
        mismatches=[duty for duty in duties if duty.address.startswith("/mismatches/")],
        now=work.at,
        may_answer=any(may(work.actor, verb) for verb in (Verb.CORRECT, Verb.RECEIVE, Verb.CARRY)),
    )
