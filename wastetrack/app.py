"""Builds the web application: a table of contents of what stands elsewhere."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

import wastetrack
from wastetrack.api import routes as api
from wastetrack.api.describing import describe
from wastetrack.catalogues.jurisdiction import differ
from wastetrack.db.engine import make_engine
from wastetrack.reports import label_rules
from wastetrack.serving import problems
from wastetrack.serving.assets import Assets
from wastetrack.serving.keys import load_keys
from wastetrack.serving.middleware import FrontDoor
from wastetrack.serving.sign_in_rules import rules_from
from wastetrack.settings import Settings
from wastetrack.web import routes as web
from wastetrack.web.refusing import page_answer
from wastetrack.web.rendering import Renderer

Background = Callable[[AsyncEngine], AbstractAsyncContextManager[object]]
"""Something that runs beside the requests as long as the application does: the sequencer, the worker."""


def make_app(settings: Settings, *, database_url: str, background: Sequence[Background] = ()) -> FastAPI:
    """The application on a migrated database (`postgresql+asyncpg://…`), with what runs beside it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = make_engine(database_url, pool_size=settings.pool_size)
        app.state.engine = engine
        app.state.keys = load_keys(settings)
        async with AsyncExitStack() as beside:
            beside.push_async_callback(engine.dispose)
            for start in background:
                await beside.enter_async_context(start(engine))
            yield

    app = FastAPI(
        title="wastetrack",
        version=wastetrack.__version__,
        summary="Manifests and a mass ledger in which every kilogram is in exactly one account",
        lifespan=lifespan,
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    assets = Assets(settings.outline_dir)
    app.state.settings = settings
    differ(settings.jurisdiction_file)
    label_rules.differ(settings.label_rules_file)
    app.state.assets = assets
    app.state.sign_in_rules = rules_from(settings)
    app.state.renderer = Renderer(settings, assets)
    answer = problems.answering(page_answer)
    app.add_middleware(FrontDoor, settings=settings, answer=answer)
    problems.register(app, answer)
    app.include_router(api.router)
    app.include_router(web.router)
    app.mount("/static", assets)
    describe(app)
    return app
