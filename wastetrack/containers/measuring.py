"""A weighing whose gross mass a scale has sent: method, scale and uncertainty are then what is known of the scale."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wastetrack.containers.model import Residue, Weighing
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken
from wastetrack.scales import queries as scales
from wastetrack.scales.taking import check_taken, use_reading


@dataclass(frozen=True, slots=True)
class Measured:
    """A weighing, as the scale stands for it if it sent the mass."""

    weighing: Weighing
    broken: tuple[Broken, ...] = ()
    """What stands against the reading; the use case refuses it with its own rules."""

    async def keep(self, session: WriteSession, organisation_id: UUID, container_id: UUID, *, at: datetime) -> None:
        """Say that the reading is the mass of this container. Raises RuleBroken when it has become another's."""
        await keep_reading(session, self.weighing, organisation_id, container_id, at=at)


async def keep_reading(
    session: WriteSession, weighing: Weighing, organisation_id: UUID, container_id: UUID, *, at: datetime
) -> None:
    """Say that the reading on which a weighing rests, if it does, is the mass of this container."""
    if weighing.reading_id is not None:
        serial = weighing.scale_id or ""
        await use_reading(
            session, weighing.reading_id, serial, organisation_id=organisation_id, container_id=container_id, at=at
        )


async def measured(
    session: WriteSession,
    weighing: Weighing,
    *,
    site_id: UUID,
    at: datetime,
    container_id: UUID | None = None,
    field: str = "",
) -> Measured:
    """The weighing as the scale stands for it; one that was typed stays as it is. `at`: when it was weighed.

    Raises NotFound for a reading that is nobody's, or another firm's.
    """
    if weighing.reading_id is None:
        return Measured(weighing)
    reading = await scales.reading(session, weighing.reading_id)
    broken = check_taken(reading, site_id=site_id, gross=weighing.gross, container_id=container_id, at=at)
    told = replace(
        weighing,
        method=reading.kind.method,
        scale_id=reading.scale_serial,
        uncertainty=reading.uncertainty,
        confirmed=True,  # light or not, this is what stood on the scale
    )
    return Measured(told, tuple(replace(rule, field=f"{field}{rule.field}") for rule in broken))


async def measured_residues(
    session: WriteSession, residues: Sequence[Residue], *, site_id: UUID, at: datetime
) -> tuple[tuple[Residue, ...], tuple[Broken, ...]]:
    """What treatment left, each as its scale stands for it, and what stands against the readings."""
    measures = [
        await measured(session, residue.weighing, site_id=site_id, at=at, field=f"residues.{index}.")
        for index, residue in enumerate(residues)
    ]
    told = tuple(
        replace(residue, weighing=measure.weighing) for residue, measure in zip(residues, measures, strict=True)
    )
    return told, tuple(rule for measure in measures for rule in measure.broken)
