"""Stores, zones and drums of all kinds for the tests of storage, in the small world."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from tests.support import parties as made
from tests.support.world import AT, OIL, TODAY, World, drum_of, weighed
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import Description, Form, LabelContainer, Packaging
from wastetrack.containers.opening_stock import OpenStock
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.mass import Mass
from wastetrack.parties.model import Store
from wastetrack.parties.registering import add_store
from wastetrack.parties.storerooms import Room, StoreKind

ACID = "900-300-34"
CYANIDE = "336-104-33"
INFECTIOUS = "841-001-01"
CUTTING_FLUID = "900-006-09"
_HAZARDS = {ACID: ("C", "T"), CYANIDE: ("R", "T"), INFECTIOUS: ("In",), CUTTING_FLUID: ("T",), OIL: ("T", "I")}


async def a_store(
    session: WriteSession,
    world: World,
    limit: str = "20 t",
    *,
    site_id: UUID | None = None,
    **room: Any,  # noqa: ANN401
) -> Store:
    """A store of the workshop, entered by its owner."""
    command = made.store_command(site_id or world.generator.site.id, limit=Mass.parse(limit), room=Room(**room))
    actor = world.generator.owner if site_id is None else made.platform_operator()
    return await add_store(session, actor, command, at=AT)


async def a_zone(
    session: WriteSession,
    world: World,
    facility: Store,
    limit: str = "5 t",
    **room: Any,  # noqa: ANN401
) -> Store:
    """A zone of a facility."""
    return await a_store(session, world, limit, kind=StoreKind.ZONE, parent_id=facility.id, **room)


def drum(
    world: World,
    net: str = "180 kg",
    *,
    code: str = OIL,
    store_id: UUID | None = None,
    form: Form = Form.LIQUID,
    volume_l: int = 200,
    compatibility: CompatibilityClass | None = None,
    generated_on: date = TODAY,
) -> LabelContainer:
    """A drum of some waste to be labelled at the workshop."""
    command = drum_of(net, world)
    return replace(
        command,
        description=Description(
            waste_code=code, waste_name=f"废物{code}", form=form, hazards=_HAZARDS[code], compatibility=compatibility
        ),
        volume_l=volume_l,
        packaging=Packaging.DRUM if volume_l <= 3000 else Packaging.TANK,
        weighing=weighed(net),
        store_id=store_id,
        generated_on=generated_on,
    )


async def labelled(
    session: WriteSession,
    world: World,
    net: str = "180 kg",
    **more: Any,  # noqa: ANN401
) -> Container:
    """The same, labelled by the workshop's owner."""
    row, _ = await label_container(session, world.generator.owner, drum(world, net, **more), at=AT)
    return row


def old_drum(world: World, generated_on: date, *, reason: str = "", **more: Any) -> OpenStock:  # noqa: ANN401
    """A drum of the opening stock."""
    return OpenStock(container=drum(world, generated_on=generated_on, **more), reason=reason)
