"""The unit of work of a request: commits before it answers, tells a refused commit, needs one connection."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from fastapi import APIRouter
from sqlalchemy import text

from tests.support.served import Served, Visitor
from wastetrack.app import make_app
from wastetrack.ids import new_id
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute

API = "/api/v1"

router = APIRouter(prefix=API, route_class=AnsweringRoute)


@router.post("/too-late")
async def too_late(work: Writing) -> dict[str, str]:
    """Does what only the commit finds wrong."""
    await work.session.execute(
        text("create temporary table twice (id int unique deferrable initially deferred) on commit drop")
    )
    await work.session.execute(text("insert into twice values (1), (1)"))
    return {"said": "done"}


@router.post("/half-way")
async def half_way(work: Writing) -> None:
    """Breaks down after it has written."""
    await work.session.execute(text("update people set name = 'half' where id = :id"), {"id": work.actor.person_id})
    msg = "half way"
    raise LookupError(msg)


@router.get("/writing-while-reading")
async def writing_while_reading(work: Reading) -> None:
    """Tries what a reading session may not."""
    await work.session.execute(text("update people set name = 'read' where id = :id"), {"id": work.actor.person_id})


@pytest.fixture
async def visitor(served: Served) -> AsyncIterator[Visitor]:
    """A signed-in program at an application with the addresses above and one connection to the shared database."""
    url = served.app.state.engine.url.render_as_string(hide_password=False)
    settings = served.app.state.settings.model_copy(update={"pool_size": 1})
    app = make_app(settings, database_url=url)
    app.include_router(router)
    async with app.router.lifespan_context(app):
        visitor = Visitor(app)
        visitor.bearer = (await served.api_visitor("signer")).bearer
        yield visitor
        await visitor.http.aclose()


async def name_of_me(visitor: Visitor) -> str:
    return str((await visitor.get(f"{API}/me")).json()["person_name"])


async def test_a_commit_that_is_refused_is_told_instead_of_the_answer(visitor: Visitor) -> None:
    key = new_id()
    for _ in range(2):
        response = await visitor.send_json(f"{API}/too-late", {}, key=key)
        # Not kept under the key: nothing has happened.
        assert (response.status_code, response.json()["code"]) == (409, "does_not_fit")


async def test_what_breaks_down_half_way_leaves_nothing(visitor: Visitor) -> None:
    assert (await visitor.send_json(f"{API}/half-way", {})).status_code == 500
    assert await name_of_me(visitor) == "张伟"


async def test_postgresql_itself_refuses_a_write_while_reading(visitor: Visitor) -> None:
    assert (await visitor.get(f"{API}/writing-while-reading")).status_code == 500
    assert await name_of_me(visitor) == "张伟"


async def test_one_connection_is_enough_even_when_the_use_of_the_session_is_noted(
    visitor: Visitor, served: Served
) -> None:
    async with served.owner.begin() as connection:
        await connection.exec_driver_sql(
            "update sign_in_sessions set last_seen_at = last_seen_at - $1::interval", (timedelta(minutes=5),)
        )
    assert await name_of_me(visitor) == "张伟"
    body = {"name": f"one {new_id()}", "days": 1}
    assert (await visitor.send_json(f"{API}/tokens", body)).status_code == 201
