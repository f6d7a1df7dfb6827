"""Long work: how far one's own tasks are, their end, the files that they left."""

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.files import SANDBOX
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.tasks import queries, stepping
from wastetrack.tasks.model import LongTask, LongTaskState

router = RoomRouter(prefix="/tasks", route_class=AnsweringRoute, tags=["tasks"])

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


class TaskRule(Shown):
    """A rule that stood in the way."""

    field: str
    code: str
    message: str
    value: str | int | bool | None
    article: str | None
    next_step: str


class TaskShown(Shown):
    """A task as it stands; ask again every few seconds until it has ended."""

    id: UUID
    kind: str
    title: str
    state: LongTaskState
    done: int
    total: int | None
    percent: int | None
    message: str
    result_address: str | None
    result_name: str | None
    broken: list[TaskRule]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class TaskList(Shown):
    """One's own, the newest first."""

    items: list[TaskShown]


def shown(task: LongTask) -> TaskShown:
    """The task with its sentences in English."""
    return TaskShown(
        id=task.id,
        kind=task.kind,
        title=task.title.format(**task.title_facts),
        state=task.state,
        done=task.done,
        total=task.total,
        percent=task.percent,
        message=task.message.format(**task.message_facts),
        result_address=task.result_address,
        result_name=task.result_name,
        broken=[
            TaskRule(
                field=one.field,
                code=one.code,
                message=one.sentence(),
                value=one.value if isinstance(one.value, str | int | bool) else None,
                article=one.article,
                next_step=one.next_step,
            )
            for one in task.broken
        ],
        created_at=task.created_at,
        started_at=task.started_at,
        finished_at=task.finished_at,
    )


@router.get("", response_model=TaskList, responses=problems(422))
async def listed(work: Reading) -> Response:
    """The newest hundred of one's own."""
    found = await queries.tasks_of(work.session, work.actor)
    return answer(TaskList(items=[shown(one) for one in found]))


@router.get("/{task_id}", response_model=TaskShown, responses=problems(404, 422))
async def one(work: Reading, task_id: UUID) -> Response:
    """One of them."""
    return answer(shown(await queries.task(work.session, work.actor, task_id)))


@router.get("/{task_id}/result", response_class=Response, responses={**_FILE, **problems(404, 422)})
async def result(work: Reading, task_id: UUID) -> Response:
    """The file that it left."""
    file = await queries.result_file(work.session, work.actor, task_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": SANDBOX,
    }
    response = Response(file.content, headers=headers)
    response.headers["content-type"] = file.media_type
    return response


@router.post("/{task_id}/cancellation", response_model=TaskShown, responses=problems(403, 404, 409, 422))
async def cancel(work: Writing, task_id: UUID) -> Response:
    """Ask for its end: at once where no worker has it yet. Nothing of it will have been done."""
    return answer(shown(await stepping.cancel(work.session, work.actor, task_id, at=work.at)))
