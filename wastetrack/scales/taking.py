"""A reading becomes the mass of one container: of this site, fresh, at rest, and not another's already."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.mass import Mass
from wastetrack.scales.model import FRESH, Reading
from wastetrack.scales.tables import ReadingUseRow


def check_taken(
    reading: Reading, *, site_id: UUID, gross: Mass, container_id: UUID | None, at: datetime
) -> list[Broken]:
    """What stands against a reading as the gross mass of a container that is weighed at a site at that instant."""
    broken: list[Broken] = []
    if reading.used_for is not None and reading.used_for != container_id:
        broken.append(_used(reading.scale_serial))
    if reading.weighed_at < at - FRESH:
        message = "This reading is older than {minutes} minutes; another container may have stood on the scale."
        facts: dict[str, object] = {"minutes": int(FRESH.total_seconds() // 60)}
        broken.append(Broken("reading_id", "reading_old", message, facts=facts, next_step="Weigh again."))
    if reading.site_id != site_id:
        message = "Scale {value} does not stand at this site."
        step = "Weigh on a scale of this site, or type the mass."
        broken.append(Broken("reading_id", "scale_elsewhere", message, reading.scale_serial, next_step=step))
    if not reading.stable:
        message = "The figure of scale {value} had not come to rest."
        broken.append(Broken("reading_id", "reading_unstable", message, reading.scale_serial, next_step="Weigh again."))
    if reading.gross != gross:
        message = "The scale said {said}, and {value} is given."
        step = "Take the reading again, or give the mass without it."
        facts = {"said": reading.gross.kg_text()}
        broken.append(Broken("gross_g", "reading_differs", message, gross.kg_text(), facts=facts, next_step=step))
    return broken


def _used(serial: str) -> Broken:
    message = "This reading of scale {value} is the mass of another container already."
    return Broken("reading_id", "reading_used", message, serial, next_step="Weigh this container again.")


async def use_reading(
    session: WriteSession, reading_id: UUID, serial: str, *, organisation_id: UUID, container_id: UUID, at: datetime
) -> None:
    """Take a reading of a scale for a container. Raises RuleBroken when another container took it meanwhile."""
    row = ReadingUseRow(reading_id=reading_id, organisation_id=organisation_id, container_id=container_id, used_at=at)
    write = (
        insert(ReadingUseRow)
        .values(**row.model_dump())
        .on_conflict_do_nothing()
        .returning(col(ReadingUseRow.reading_id))
    )
    if (await session.execute(write)).scalar_one_or_none() is not None:
        return
    taken_for = sa.select(col(ReadingUseRow.container_id)).where(col(ReadingUseRow.reading_id) == reading_id)
    if (await session.execute(taken_for)).scalar_one_or_none() != container_id:
        refuse([_used(serial)])
