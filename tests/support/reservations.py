"""What is set aside at the incinerator of the small world: its terms, and reservations with it."""

from datetime import datetime
from typing import Any

from tests.support.world import AT, SLUDGE, TODAY, World
from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.manifests import publishing_intake, setting_aside
from wastetrack.manifests.reservation_queries import Reservation
from wastetrack.manifests.reservations import Price, PublishTerms, ReserveQuantity
from wastetrack.mass import Mass

OIL_PRICE = Price(pattern="HW08", fen_per_t=120_000)


async def open_terms(session: WriteSession, world: World, *, at: datetime = AT, **changes: Any) -> None:  # noqa: ANN401
    """The incinerator takes reservations."""
    said: dict[str, Any] = {"site_id": world.receiver.site.id, "is_open": True, "prices": (OIL_PRICE,)}
    await publishing_intake.publish_terms(session, world.receiver.owner, PublishTerms(**said | changes), at=at)


def wanted(world: World, mass: str = "4 t", **changes: Any) -> ReserveQuantity:  # noqa: ANN401
    """The workshop asks for sludge, of which the incinerator takes 10 t a year."""
    said: dict[str, Any] = {
        "site_id": world.generator.site.id,
        "receiver_site_id": world.receiver.site.id,
        "waste_code": SLUDGE,
        "method": "D10",
        "mass": Mass.parse(mass),
        "planned_on": TODAY,
    }
    return ReserveQuantity(**said | changes)


async def reserved(
    session: WriteSession,
    world: World,
    mass: str = "4 t",
    *,
    actor: Actor | None = None,
    at: datetime = AT,
    **changes: Any,  # noqa: ANN401
) -> Reservation:
    """A reservation of the workshop, or of another firm."""
    command = wanted(world, mass, **changes)
    row, _ = await setting_aside.reserve(session, actor or world.generator.owner, command, at=at)
    return row


async def of_stranger(session: WriteSession, world: World, mass: str, **changes: Any) -> Reservation:  # noqa: ANN401
    """A reservation of another firm."""
    return await reserved(session, world, mass, actor=world.stranger.owner, site_id=world.stranger.site.id, **changes)
