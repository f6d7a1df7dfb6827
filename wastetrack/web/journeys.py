"""What the page of a manifest tells of its way: trip, incidents, mismatches, other receivers."""

from typing import Any
from uuid import UUID

from wastetrack.manifests import finding, journey_queries
from wastetrack.manifests.journey_model import IncidentKind, IncidentState, MismatchState
from wastetrack.manifests.model import Outcome
from wastetrack.manifests.policy import Step
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import ReadWork


async def journey_of(work: ReadWork, found: Any, steps: tuple[Step, ...]) -> dict[str, Any]:  # noqa: ANN401
    """What the page of a manifest tells of its way."""
    manifest_id = UUID(found["id"])
    own = work.actor.organisation_id
    redirections = await journey_queries.redirections_of(work.session, manifest_id)
    return {
        "trip": await journey_queries.trip_of(work.session, manifest_id),
        "incidents": [
            (row, IncidentKind(row.kind), IncidentState(row.state))
            for row in await journey_queries.incidents_of(work.session, manifest_id)
        ],
        "mismatches": [
            (row, MismatchState(row.state)) for row in await journey_queries.mismatches_of(work.session, manifest_id)
        ],
        "redirections": redirections,
        "former": await parties.organisations_by_id(work.session, {one.old_receiver_id for one in redirections}),
        "untold": next((one for one in redirections if one.old_receiver_id == own and one.noted_at is None), None),
        "may_report_incident": Step.REPORT_INCIDENT in steps,
        "may_redirect": Step.REDIRECT in steps,
        "may_find": await _may_find(work, found),
    }


async def _may_find(work: ReadWork, found: Any) -> bool:  # noqa: ANN401
    """Whether something is missing that the actor could say he has found."""
    if not any(line["outcome"] == Outcome.MISSING for line in found["lines"]):
        return False
    manifest_id = UUID(found["id"])
    if await finding.finder_now(work.session, work.actor, manifest_id) is None:
        return False
    return bool(await finding.missing_from(work.session, manifest_id))
