"""The transparency log. What it publishes about itself is for everybody; its events are for whoever sees a subject.

Checkpoints, the key and consistency proofs say nothing about waste, and a witness who had to sign in would be none.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import PlainTextResponse, Response

from wastetrack.api.fields import answer, json_answer
from wastetrack.api.histories import EventShown, event
from wastetrack.api.schemas import Shown, problems
from wastetrack.containers.recording import said
from wastetrack.db.session import reading
from wastetrack.errors import NotFound
from wastetrack.reports import proving
from wastetrack.serving.deps import Reading, engine_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.transparency import queries
from wastetrack.transparency.note import write_base64

router = RoomRouter(prefix="/log", tags=["log"])

_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}
Size = Annotated[int, Query(ge=1, le=2**62)]


class InclusionShown(Shown):
    """Proof that an event stands at `log_index` of the tree of this size; hashes in base64, the lowest first."""

    event_id: UUID
    log_index: int
    leaf_hash: str
    size: int
    root: str
    proof: list[str]
    checkpoint: str | None
    """The signed note of this size; null where none was published."""


class ConsistencyShown(Shown):
    """Proof that the smaller tree is the beginning of the larger."""

    from_size: int
    from_root: str
    to_size: int
    to_root: str
    proof: list[str]


class LeafShown(EventShown):
    """An event with the very bytes that were hashed."""

    leaf: str


@router.get("/checkpoint", response_class=PlainTextResponse, responses={**_TEXT, **problems(404)})
async def checkpoint(request: Request, size: Size | None = None) -> PlainTextResponse:
    """The newest signed checkpoint (C2SP tlog-checkpoint), or that of a size."""
    async with reading(engine_of(request)) as session:
        found = await (queries.latest_checkpoint(session) if size is None else queries.checkpoint_at(session, size))
    if found is None:
        raise NotFound("log.empty", "The log has not published a checkpoint yet.")
    return PlainTextResponse(found.note)


@router.get("/key", response_class=PlainTextResponse, responses={**_TEXT, **problems()})
async def key(keys: DeploymentKeys) -> PlainTextResponse:
    """The verifier key of the log. Get it a second way before you rely on it."""
    return PlainTextResponse(f"{keys.signer.verifier}\n")


@router.get("/proofs/consistency", response_model=ConsistencyShown, responses=problems(404, 409, 422))
async def consistency(
    request: Request,
    from_size: Annotated[int, Query(alias="from", ge=1, le=2**62)],
    to_size: Annotated[int, Query(alias="to", ge=1, le=2**62)],
) -> Response:
    """Proof that nothing before a checkpoint was changed since."""
    async with reading(engine_of(request)) as session:
        found = await queries.consistency(session, from_size, to_size)
    shown = ConsistencyShown(
        from_size=found.size1,
        from_root=write_base64(found.root1),
        to_size=found.size2,
        to_root=write_base64(found.root2),
        proof=[write_base64(one) for one in found.proof],
    )
    return answer(shown)


@router.get("/proofs/inclusion", response_model=InclusionShown, responses=problems(404, 422, 503))
async def inclusion(
    request: Request, work: Reading, keys: DeploymentKeys, event_id: UUID, size: Size | None = None
) -> Response:
    """Proof that the log holds an event, at a size or at the newest checkpoint."""
    await proving.event_seen(work.session, work.actor, event_id)
    await proving.ensure_placed(work.session, (event_id,), engine=engine_of(request), signer=keys.signer)
    found = await queries.inclusion(work.session, event_id, size)
    note = await proving.note_of_size(work.session, found.size)
    shown = InclusionShown(
        event_id=found.event_id,
        log_index=found.log_index,
        leaf_hash=found.leaf_hash.hex(),
        size=found.size,
        root=write_base64(found.root),
        proof=[write_base64(one) for one in found.proof],
        checkpoint=note,
    )
    return answer(shown)


@router.get("/leaves/{event_id}", response_model=LeafShown, responses=problems(404))
async def leaf(work: Reading, event_id: UUID) -> Response:
    """An event as the log keeps it, with the bytes of which `leaf_hash` is the hash."""
    stored = await proving.event_seen(work.session, work.actor, event_id)
    words = (await said(work.session, (event_id,))).get(event_id, {})
    return json_answer({**event(stored, words), "leaf": stored.content.decode()})
