"""Containers found by what was scanned off their labels."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.containers.queries import KIND, Container
from wastetrack.db.session import ReadSession


async def by_digital_codes(session: ReadSession, actor: Actor, digital_codes: Collection[str]) -> dict[str, Container]:
    """Those containers that the actor may see, by their codes."""
    rows = await session.scalars(
        sa.select(Container).where(
            visible(actor, KIND, col(Container.id)), col(Container.digital_code).in_(digital_codes)
        )
    )
    return {row.digital_code: row for row in rows}
