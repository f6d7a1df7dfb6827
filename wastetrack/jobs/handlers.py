"""Who does which kind of long work; a room's handler is registered here under its kind."""

from collections.abc import Mapping
from uuid import UUID

from wastetrack.db.session import WriteSession
from wastetrack.imports import taking_in
from wastetrack.imports.model import CHECK, TAKE_IN
from wastetrack.jobs.long_work import Handler, Run
from wastetrack.tasks.model import Outcome


async def _check_import(session: WriteSession, run: Run) -> Outcome:
    import_id = UUID(run.task.arguments["import_id"])
    return await taking_in.check_import(session, run.actor, import_id, at=run.at, progress=run.progress)


async def _take_in_import(session: WriteSession, run: Run) -> Outcome:
    import_id = UUID(run.task.arguments["import_id"])
    return await taking_in.take_in(session, run.actor, import_id, at=run.at, progress=run.progress)


HANDLERS: Mapping[str, Handler] = {CHECK: _check_import, TAKE_IN: _take_in_import}
"""The kind of a long task → who does it."""
