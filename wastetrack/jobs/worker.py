"""The worker: the sequencer, and jobs from the queue and by the clock. In the server's process, or in one of its own.

Any number of processes may run it: the sequencer takes turns, the queue gives each job once, and a job by the clock is
queued once for each time however many clocks there are.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from uuid import UUID

import procrastinate
import psycopg
from procrastinate.exceptions import ProcrastinateException
from psycopg_pool import PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack import clock
from wastetrack.auth.inviting import DELIVER
from wastetrack.db.session import Sight
from wastetrack.errors import Forbidden, Unauthenticated
from wastetrack.jobs.copying import check_live, pass_night
from wastetrack.jobs.delivering import deliver
from wastetrack.jobs.delivery import delivery_of
from wastetrack.jobs.handlers import HANDLERS
from wastetrack.jobs.housekeeping import sweep
from wastetrack.jobs.lapsing import lapse_reservations
from wastetrack.jobs.long_work import Handler, perform, watch
from wastetrack.jobs.purging import lines_of, purge_all
from wastetrack.jobs.sequencing import sequencing
from wastetrack.settings import Settings
from wastetrack.tasks.model import RUN
from wastetrack.transparency import signing_key

_log = logging.getLogger(__name__)

# 03:17 in China, when nobody files; the clock of the queue is UTC.
_NIGHTLY = "17 19 * * *"
_LATER_AT_NIGHT = "47 19 * * *"
_LAST_AT_NIGHT = "17 20 * * *"
_EACH_MINUTE = "* * * * *"
_POLL_SECONDS = 30.0
_GRACE_SECONDS = 10.0
_PAUSE_SECONDS = 5.0
_AT_ONCE = 3
"""Jobs of one worker at once: long work does not keep an invitation waiting."""
_JOBS_KEPT_HOURS = 24 * 14
# A mail server that is away for an hour is found again: 5, 25, 125, 625, 3125 seconds.
_SENDINGS = 6
_WAIT_GROWS = 5
_TROUBLE = (ProcrastinateException, psycopg.Error, PoolTimeout, OSError)


def make_queue(
    settings: Settings, *, dsn: str, engine: AsyncEngine, handlers: Mapping[str, Handler] = HANDLERS
) -> procrastinate.App:
    """The queue with all jobs that exist. `dsn` is the database's, without SQLAlchemy's driver in it."""
    connector = procrastinate.PsycopgConnector(
        conninfo=dsn, min_size=1, max_size=3, kwargs={"application_name": "wastetrack jobs"}
    )
    queue = procrastinate.App(connector=connector)

    @queue.periodic(cron=_NIGHTLY)
    @queue.task(name="sweep", queueing_lock="sweep")
    async def sweep_nightly(timestamp: int) -> None:  # noqa: ARG001  the queue tells the time it meant
        kept = timedelta(days=settings.position_days)
        await sweep(engine, idle=timedelta(hours=settings.session_idle_hours), at=clock.now(), positions=kept)
        await queue.job_manager.delete_old_jobs(nb_hours=_JOBS_KEPT_HOURS, include_failed=True)

    @queue.periodic(cron=_LATER_AT_NIGHT)
    @queue.task(name="purge", queueing_lock="purge")
    async def purge_nightly(timestamp: int) -> None:  # noqa: ARG001  the same
        await _purge(settings, engine)

    @queue.periodic(cron=_LAST_AT_NIGHT)
    @queue.task(name="copy", queueing_lock="copy")
    async def copy_nightly(timestamp: int) -> None:  # noqa: ARG001  the same
        await pass_night(settings)

    @queue.periodic(cron=_EACH_MINUTE)
    @queue.task(name="urgent checks", queueing_lock="urgent checks", lock="urgent checks")
    async def check_each_minute(timestamp: int) -> None:  # noqa: ARG001  the same
        await check_live(settings)

    @queue.periodic(cron=_EACH_MINUTE)
    @queue.task(name="lapse", queueing_lock="lapse", lock="lapse")
    async def lapse_each_minute(timestamp: int) -> None:  # noqa: ARG001  the same
        await lapse_reservations(engine, at=clock.now())

    delivery = delivery_of(settings)
    again = procrastinate.RetryStrategy(
        max_attempts=_SENDINGS, exponential_wait=_WAIT_GROWS, retry_exceptions=(OSError,)
    )

    @queue.task(name=DELIVER, retry=again)
    async def deliver_invitation(invitation_id: str) -> None:
        await deliver(engine, delivery, settings, UUID(invitation_id), at=clock.now())

    @queue.task(name=RUN)
    async def do_long_work(task_id: str, viewer: str, organisation_id: str, person_id: str) -> None:
        sight = Sight(viewer, UUID(organisation_id), UUID(person_id))
        await perform(engine, settings, handlers, sight, UUID(task_id))

    return queue


async def _purge(settings: Settings, engine: AsyncEngine) -> None:
    """Take away what has served its time, where the operator has given a token for it."""
    if settings.purge_token is None:
        return
    try:
        gone = await purge_all(engine, settings, settings.purge_token.get_secret_value(), at=clock.now())
    except (Forbidden, Unauthenticated) as refused:
        _log.error("Nothing is purged, WASTETRACK_PURGE_TOKEN is refused: %s", refused)
        return
    for line in lines_of(gone):
        _log.info("Purged. %s", line)


@asynccontextmanager
async def working(settings: Settings, *, dsn: str, engine: AsyncEngine) -> AsyncIterator[None]:
    """Run jobs as long as this is open; the one under way gets ten seconds to finish."""
    running = (
        asyncio.create_task(_work(make_queue(settings, dsn=dsn, engine=engine)), name="jobs"),
        asyncio.create_task(watch(engine), name="watch over long work"),
    )
    try:
        yield
    finally:
        for each in running:
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await each


async def _work(queue: procrastinate.App) -> None:
    """The queue's own worker, begun again when the database was away."""
    while True:
        try:
            async with queue.open_async():
                await queue.run_worker_async(
                    install_signal_handlers=False,
                    concurrency=_AT_ONCE,
                    fetch_job_polling_interval=_POLL_SECONDS,
                    shutdown_graceful_timeout=_GRACE_SECONDS,
                    delete_jobs="never",
                )
        except _TROUBLE as error:
            _log.warning("Jobs cannot be run, next try in %s s: %s", _PAUSE_SECONDS, error)
            await asyncio.sleep(_PAUSE_SECONDS)


def beside_requests(
    settings: Settings, *, dsn: str
) -> tuple[Callable[[AsyncEngine], AbstractAsyncContextManager[object]], ...]:
    """What the server starts beside its requests: nothing where a worker of its own is to do it."""
    if not settings.worker_in_server:
        return ()
    return (lambda engine: both(settings, dsn=dsn, engine=engine),)


@asynccontextmanager
async def both(settings: Settings, *, dsn: str, engine: AsyncEngine) -> AsyncIterator[None]:
    """The sequencer and the jobs."""
    signer = signing_key.load_or_create(settings.log_key_path, origin=settings.log_origin)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(sequencing(engine, signer))
        await stack.enter_async_context(working(settings, dsn=dsn, engine=engine))
        yield
