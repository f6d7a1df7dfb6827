"""The first page after signing in: what waits for this person today."""

from fastapi import APIRouter
from starlette.responses import Response

from wastetrack.errors import NotFound
from wastetrack.serving.deps import Reading
from wastetrack.serving.problems import EVERY_FAMILY
from wastetrack.web.rendering import AnyPage

router = APIRouter()


@router.get("/")
async def today(page: AnyPage, work: Reading) -> Response:
    """The day's work."""
    return page.show("home.html", at=work.at)


@router.get("/problems/{slug}")
async def explain(page: AnyPage, slug: str) -> Response:
    """What a kind of refusal means: the address in the `type` of problem documents."""
    family = next((family for family in EVERY_FAMILY if family.slug == slug), None)
    if family is None:
        raise NotFound("problem_unknown", "There is no such kind of problem.")
    return page.show("problem.html", family=family)
