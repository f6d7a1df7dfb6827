"""Pages of long work: one's own tasks, one with its progress, its end, the file that it left."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Query
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from wastetrack import clock
from wastetrack.db.session import writing
from wastetrack.i18n import message
from wastetrack.serving.deps import Reading, ReadWork, Writing, engine_of
from wastetrack.serving.files import SANDBOX
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.tasks import queries, stepping
from wastetrack.tasks.model import LongTask, LongTaskState, ResultFile
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import TASKS
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/tasks", route_class=AnsweringRoute)


class Wanted(Asked):
    """Which tasks."""

    state: LongTaskState | None = None


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task as the list shows it."""

    task: LongTask
    title: str


@router.get("")
async def listed(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """One's own, the newest first."""
    view = await TASKS.view(page, work, wanted)
    found = await queries.tasks_of(work.session, work.actor, view.window, state=wanted.state)
    rows = [ListedTask(one, page.translate(one.title, **one.title_facts)) for one in found]
    return await view.answer("tasks/tasks.html", rows)


@router.get("/{task_id:uuid}")
async def one(page: AnyPage, work: Reading, task_id: UUID) -> Response:
    """One of them; a browser with script asks for the block of its progress every two seconds."""
    task = await queries.task(work.session, work.actor, task_id)
    return seen(page, work, task, page.show("tasks/task.html", task=task, states=LongTaskState))


@router.post("/{task_id:uuid}/cancel")
async def cancel(page: AnyPage, work: Writing, task_id: UUID) -> Response:
    """Ask for its end."""
    await stepping.cancel(work.session, work.actor, task_id, at=work.at)
    return page.go(f"/tasks/{task_id}", message("It will stop. Nothing of it will have been done."))


@router.get("/{task_id:uuid}/result")
async def result(work: Reading, task_id: UUID) -> Response:
    """The file that it left."""
    return download(await queries.result_file(work.session, work.actor, task_id))


def download(file: ResultFile) -> Response:
    """A file to keep: never shown in the browser, never run."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "private, no-store",
    }
    response = Response(file.content, headers=headers)
    response.headers["content-type"] = file.media_type
    return response


def seen(page: Page, work: ReadWork, task: LongTask | None, response: Response) -> Response:
    """An answer that shows how a task has ended: once it is sent, the first page need not tell it any more."""
    if task is not None and task.is_over and task.seen_at is None:
        response.background = BackgroundTask(_seen(page.request, work, task.id))
    return response


def _seen(request: Request, work: ReadWork, task_id: UUID) -> Callable[[], Awaitable[None]]:
    """After the answer, in a transaction of its own: the page itself only reads."""

    async def note() -> None:
        async with writing(engine_of(request)) as session:
            actor = work.actor
            await session.look_as(actor.viewer, actor.organisation_id, actor.person_id)
            await stepping.note_seen(session, actor, task_id, at=clock.now())

    return note
