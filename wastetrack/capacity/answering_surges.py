"""The worker's part of simulated epidemics; the only one that needs the solver."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.capacity.running_surges import surge_row
from wastetrack.capacity.surge_model import TONNE, SurgeQuestion
from wastetrack.db.session import WriteSession
from wastetrack.errors import Unavailable
from wastetrack.i18n import message
from wastetrack.tasks.model import Outcome

_DONE = message("The simulation is done: {unmatched} t on {days} day(s) would go nowhere.")
_FITS = message("The simulation is done: everything would be taken.")


async def work_out(session: WriteSession, actor: Actor, surge_id: UUID, *, at: datetime) -> Outcome:
    """Answer a question that waits. Raises NotFound, Unavailable where no solver is installed."""
    row = await surge_row(session, actor, surge_id)
    try:
        from wastetrack.capacity import surging  # noqa: PLC0415  needs the extra
    except ModuleNotFoundError as error:
        sentence = "{name} is missing: pip install 'wastetrack[capacity]'."
        raise Unavailable("capacity_missing", sentence, name=error.name or "A package") from error
    found = await asyncio.to_thread(surging.surge, SurgeQuestion.from_json(row.asked))
    row.answer, row.answered_at = found.as_json(), at
    await session.flush()
    facts: dict[str, Any] = {"unmatched": found.unmatched_g // TONNE, "days": found.unmatched_days}
    return Outcome(message=_DONE if found.unmatched_g else _FITS, facts=facts, address=f"/medical/surges/{row.id}")
