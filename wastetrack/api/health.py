"""Whether this process lives, and whether it can work."""

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy import text

import wastetrack
from wastetrack.db.session import reading
from wastetrack.serving.deps import engine_of
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(tags=["health"])


class Health(BaseModel):
    """Alive."""

    status: str
    version: str


@router.get("/health")
async def health() -> Health:
    """The process answers. Looks at nothing else: restarting it would not mend a database."""
    return Health(status="ok", version=wastetrack.__version__)


@router.get("/ready")
async def ready(request: Request) -> Health:
    """The process can work: the database answers. Otherwise 503."""
    async with reading(engine_of(request)) as session:
        await session.execute(text("select 1"))
    return Health(status="ready", version=wastetrack.__version__)
