"""A treatment batch as it is told: its containers, readings and products, and where its grams went."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wastetrack.containers import queries
from wastetrack.containers.batch_rules import Balance, Product, Reading, ReadingKind, balance
from wastetrack.containers.queries import Batch, BatchProduct, BatchReading, Container
from wastetrack.db.session import ReadSession
from wastetrack.mass import Mass


@dataclass(frozen=True, slots=True)
class BatchTold:
    """All that the tables know of a batch."""

    batch: Batch
    containers: Sequence[Container]
    readings: Sequence[BatchReading]
    products: Sequence[BatchProduct]
    balance: Balance


async def batch_told(session: ReadSession, batch_id: UUID) -> BatchTold:
    """A batch at a site of one's own or of one's region, in four statements. Raises BatchUnknown."""
    batch = await queries.batch(session, batch_id)
    readings = await queries.readings_of(session, batch_id)
    products = await queries.products_of(session, batch_id)
    whole = balance(
        Mass(batch.input_g),
        (Reading(kind=ReadingKind(row.kind), name=row.name, quantity=row.quantity, unit=row.unit) for row in readings),
        (Product(name=row.name, mass=Mass(row.mass_g)) for row in products),
        [Mass(batch.residue_g)],
    )
    return BatchTold(batch, await queries.in_batch(session, batch_id), readings, products, whole)
