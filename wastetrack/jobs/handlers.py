"""Who does which kind of long work; a room's handler is registered here under its kind."""

from collections.abc import Mapping
from uuid import UUID

from wastetrack.capacity import (
    answering_surges,
    foreseeing,
    ordering_forecasts,
    questioning,
    running,
    running_surges,
)
from wastetrack.db.session import WriteSession
from wastetrack.i18n import message
from wastetrack.imports import taking_in
from wastetrack.imports.model import CHECK, TAKE_IN
from wastetrack.jobs.long_work import Handler, Run
from wastetrack.reports.chains.case_making import KIND as CASE_PACK
from wastetrack.reports.chains.case_making import CaseWanted, make_pack
from wastetrack.tasks.model import Outcome, ResultFile
from wastetrack.transparency import signing_key
from wastetrack.web.histories import TITLES


async def _check_import(session: WriteSession, run: Run) -> Outcome:
    import_id = UUID(run.task.arguments["import_id"])
    return await taking_in.check_import(session, run.actor, import_id, at=run.at, progress=run.progress)


async def _take_in_import(session: WriteSession, run: Run) -> Outcome:
    import_id = UUID(run.task.arguments["import_id"])
    return await taking_in.take_in(session, run.actor, import_id, at=run.at, progress=run.progress)


async def _case_pack(session: WriteSession, run: Run) -> Outcome:  # noqa: ARG001  it reads in a session of its own
    told = run.task.arguments
    signer = signing_key.load(run.settings.log_key_path, origin=run.settings.log_origin)
    name, content = await make_pack(
        run.engine, run.actor, CaseWanted.read(told), signer=signer, titles=TITLES, at=run.at, progress=run.progress
    )
    file = ResultFile(name, "application/zip", content)
    return Outcome(message=message("The case pack is made. Verify it offline before you rely on it."), file=file)


async def _surge(session: WriteSession, run: Run) -> Outcome:
    return await answering_surges.work_out(session, run.actor, UUID(run.task.arguments["surge_id"]), at=run.at)


async def _match_capacity(session: WriteSession, run: Run) -> Outcome:
    run_id = UUID(run.task.arguments["run_id"])
    return await running.match_run(session, run.actor, run_id, at=run.at, progress=run.progress)


async def _forecast(session: WriteSession, run: Run) -> Outcome:
    region = str(run.task.arguments["region"])
    return await foreseeing.make_forecast(session, run.actor, region, at=run.at, progress=run.progress)


HANDLERS: Mapping[str, Handler] = {
    CHECK: _check_import,
    TAKE_IN: _take_in_import,
    CASE_PACK: _case_pack,
    running_surges.TASK: _surge,
    questioning.KIND: _match_capacity,
    ordering_forecasts.KIND: _forecast,
}
"""The kind of a long task → who does it."""
