"""The first page after signing in: what waits for this person today."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.auth.policy import Verb, may
from wastetrack.errors import NotFound
from wastetrack.i18n import message
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.model import ON_THE_ROAD, ManifestKind, ManifestState
from wastetrack.manifests.policy import EXITS, Step
from wastetrack.reports.duties import duties_of
from wastetrack.reports.tasks import OpenManifest, open_manifests
from wastetrack.serving.deps import Reading
from wastetrack.serving.problems import EVERY_FAMILY
from wastetrack.web import oversight
from wastetrack.web.rendering import AnyPage

router = APIRouter()

NAMED = 6
"""Manifests named under a task; the rest are behind its link."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, for each of these manifests. `at_gate` leads to the gate's screen."""

    title: str
    manifests: list[OpenManifest]
    address: str
    kind: str = "plain"
    at_gate: bool = False


def tasks_of(found: list[OpenManifest]) -> list[Task]:
    """The tasks in the order of urgency; only those with something in them."""

    def that(*steps: Step, kind: ManifestKind = ManifestKind.ROAD) -> list[OpenManifest]:
        return [one for one in found if one.kind is kind and any(step in one.steps for step in steps)]

    signed = {Step.FILE, Step.OPEN, Step.BACK_ENTER, Step.AMEND}
    drafts = [one for one in found if one.state is ManifestState.DRAFT and signed & set(one.steps)]
    returns = [one for one in found if one.kind is ManifestKind.RETURN and one.state is ManifestState.RETURNING]
    tasks = [
        Task(message("To scan and receive at the gate"), that(Step.SCAN), "/gate", "warn", at_gate=True),
        Task(message("Drafts to sign and file"), drafts, "/manifests?state=draft"),
        Task(message("Loads to pick up"), that(Step.PICK_UP), "/manifests?state=filed"),
        Task(message("Loads to take over"), that(Step.HAND_OVER), "/manifests?state=picked_up&role=carrier"),
        Task(message("Arrivals to report"), that(Step.ARRIVE), "/manifests?state=picked_up"),
        Task(message("Returns under way"), returns, "/manifests?state=returning", "warn"),
    ]
    return [task for task in tasks if task.manifests]


@router.get("/")
async def today(page: AnyPage, work: Reading) -> Response:
    """The day's work."""
    if work.actor.is_regulator:
        return await oversight.overview(page, work)
    found = [] if work.actor.role is Role.OPERATOR else await open_manifests(work.session, work.actor)
    corrections = await manifests.corrections_open_for(work.session, work.actor)
    return page.show(
        "home.html",
        tasks=tasks_of(found),
        duties=await duties_of(work.session, work.actor, at=clock.now()),
        now=clock.now(),
        named=NAMED,
        corrections=[
            (one, of)
            for one, of in corrections
            if one.answerer_id == work.actor.organisation_id
            and any(may(work.actor, verb) for verb in (Verb.CORRECT, Verb.RECEIVE, Verb.CARRY))
        ],
        under_way=[one for one in found if one.state in _UNDER_WAY and not set(one.steps) - EXITS],
        may_label=bool(may(work.actor, Verb.LABEL)),
        may_file=bool(may(work.actor, Verb.FILE)),
    )


_UNDER_WAY = frozenset({ManifestState.FILED, ManifestState.ARRIVED}) | ON_THE_ROAD


@router.get("/problems/{slug}")
async def explain(page: AnyPage, slug: str) -> Response:
    """What a kind of refusal means: the address in the `type` of problem documents."""
    family = next((family for family in EVERY_FAMILY if family.slug == slug), None)
    if family is None:
        raise NotFound("problem_unknown", "There is no such kind of problem.")
    return page.show("problem.html", family=family)
