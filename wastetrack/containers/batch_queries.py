"""Reading the treatment batches that have ended, as a list."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from wastetrack.containers.batch_rules import BatchState
from wastetrack.containers.tables import TreatmentBatchRow
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window

Batch = TreatmentBatchRow
"""A batch as others read it."""
ORDERS: Final[Mapping[str, Any]] = {
    "treated_on": col(TreatmentBatchRow.treated_on),
    "state": col(TreatmentBatchRow.state),
    "method": col(TreatmentBatchRow.method),
    "input": col(TreatmentBatchRow.input_g),
    "products": col(TreatmentBatchRow.product_g),
    "residue": col(TreatmentBatchRow.residue_g),
}


async def ended_batches(
    session: ReadSession, site_id: UUID, window: Window, *, state: BatchState | None = None
) -> list[TreatmentBatchRow]:
    """Those of a site, in an order of ORDERS or the newest first. Who may see the site is the caller's rule."""
    which = (BatchState.FINISHED, BatchState.WITHDRAWN) if state is None else (state,)
    query = select(TreatmentBatchRow).where(
        col(TreatmentBatchRow.site_id) == site_id, col(TreatmentBatchRow.state).in_([one.value for one in which])
    )
    return list((await session.scalars(window.over(query, ORDERS, col(TreatmentBatchRow.id).desc()))).all())
