"""Loading through the API: labels read at the vehicle, containers without one, how far the load is counted."""

from datetime import datetime
from uuid import UUID

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import HappenedAt, answer
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.manifests import loading, queries
from wastetrack.manifests.loading_model import LoadCount, LoadingFound, MarkAtPickUp, ScanAtPickUp
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Prose

router = RoomRouter(prefix="/loads/{manifest_id}", route_class=AnsweringRoute, tags=["loading"])

_REFUSALS = problems(400, 403, 404, 409, 422)


class LoadingScan(Body):
    """A label read at the vehicle. The Idempotency-Key is the scan's own id."""

    label: str = Field(min_length=1, max_length=LONGEST_TEXT)
    happened_at: HappenedAt = None


class LoadingMark(Body):
    """A container whose label is not read: `unread`, it is aboard; `left`, it stays behind."""

    container_id: UUID
    found: LoadingFound
    reason: Prose


class CountShown(Shown):
    """How many stand on the manifest, are aboard, stay behind, are not spoken of yet."""

    on_list: int
    loaded: int
    left: int
    missing: int
    matches: bool


class SeenShown(Shown):
    """What was seen last of a container."""

    container_id: UUID
    found: LoadingFound
    happened_at: datetime
    reason: str


class LoadShown(Shown):
    """The count, and what it is made of."""

    count: CountShown
    seen: list[SeenShown]


class ScanAnswer(Shown):
    """What the label was, and the count after it."""

    scan_id: UUID
    found: LoadingFound
    container_id: UUID | None
    label: str
    count: CountShown


def _scanned(row: loading.LoadingScan, count: LoadCount) -> Response:
    shown = ScanAnswer(
        scan_id=row.id,
        found=LoadingFound(row.found),
        container_id=row.container_id,
        label=row.label,
        count=CountShown.model_validate(count),
    )
    return answer(shown, 201)


@router.get("", response_model=LoadShown, responses=problems(404, 422))
async def load(work: Reading, manifest_id: UUID) -> Response:
    """How far one's own firm has counted the load of a manifest."""
    await queries.manifest_row(work.session, work.actor, manifest_id)
    seen = await loading.seen_at_pick_up(work.session, work.actor.organisation_id, manifest_id)
    count = await loading.count_of(work.session, work.actor, manifest_id)
    told = [SeenShown(container_id=one, **found._asdict()) for one, found in seen.items()]
    return answer(LoadShown(count=CountShown.model_validate(count), seen=told))


@router.post("/scans", status_code=201, response_model=ScanAnswer, responses=_REFUSALS)
async def scan(request: Request, work: Writing, keys: DeploymentKeys, manifest_id: UUID, body: LoadingScan) -> Response:
    """A label was read while the load was put on the vehicle. Right or wrong, it is a fact in the log."""
    command = ScanAtPickUp(
        scan_id=key_of(request),
        manifest_id=manifest_id,
        code=read_label_text(body.label, keys.base_url, keys.label_key),
        happened_at=body.happened_at,
    )
    row, _ = await loading.scan_at_pick_up(work.session, work.actor, command, at=work.at)
    return _scanned(row, await loading.count_of(work.session, work.actor, manifest_id))


@router.post("/marks", status_code=201, response_model=ScanAnswer, responses=_REFUSALS)
async def mark(request: Request, work: Writing, manifest_id: UUID, body: LoadingMark) -> Response:
    """Why a label was not read: it cannot be, or the container stays behind."""
    command = MarkAtPickUp(mark_id=key_of(request), manifest_id=manifest_id, **dict(body))
    row, _ = await loading.mark_at_pick_up(work.session, work.actor, command, at=work.at)
    return _scanned(row, await loading.count_of(work.session, work.actor, manifest_id))
