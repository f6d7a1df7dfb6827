"""What is held ready for an epidemic, for the table of access: facilities, a call, supplies, a simulation."""

import dataclasses
from datetime import timedelta
from uuid import UUID

from tests.support.trade import today
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.capacity.answering_surges import work_out
from wastetrack.capacity.running_surges import AskSurge, ask_surge
from wastetrack.capacity.surge_model import SurgePreset
from wastetrack.db.session import WriteSession
from wastetrack.mass import Mass
from wastetrack.medical.designating import call_helper, designate
from wastetrack.medical.reserve_model import (
    AddSupply,
    CallHelper,
    Designate,
    HelperKind,
    MoveSupply,
    StockMove,
    SupplyKind,
)
from wastetrack.medical.stocking import add_supply, move_supply

Things = dict[str, str]


async def things_of_epidemic(session: WriteSession, world: World, emergency: str) -> Things:
    """Of the authority of this world, under its emergency; and a reserve of its generator."""
    at, approver = clock.now(), dataclasses.replace(world.inspector, role=Role.APPROVER)
    listed = Designate(
        region_code=world.generator.site.region_code[:4],
        kind=HelperKind.CEMENT_KILN,
        name="水泥窑",
        longitude=121.3,
        latitude=37.4,
        daily=Mass.parse("30 t"),
        lead_hours=24,
        agreement_number="协议1号",
        agreement_from=today() - timedelta(days=1),
        agreement_to=today() + timedelta(days=700),
        contact_name="值班室",
        contact_phone="0535-6000000",
    )
    free, _ = await designate(session, approver, listed, at=at)
    busy, _ = await designate(session, approver, listed, at=at)
    command = CallHelper(emergency_id=UUID(emergency), helper_id=busy.id, daily=Mass.parse("20 t"), from_at=at)
    call, _ = await call_helper(session, approver, command, at=at)
    held = AddSupply(
        kind=SupplyKind.PROTECTION,
        name="防护手套",
        unit="双",
        place="库房",
        minimum=10,
        site_id=world.generator.site.id,
    )
    supply, _ = await add_supply(session, world.generator.owner, held, at=at)
    came = MoveSupply(supply_id=supply.id, kind=StockMove.IN, quantity=20, happened_on=today())
    await move_supply(session, world.generator.owner, came, at=at)
    question = AskSurge(region_code=listed.region_code, preset=SurgePreset.WUHAN, begins_on=today(), base_g=9_000_000)
    surge = await ask_surge(session, world.inspector, question, at=at)
    await work_out(session, world.inspector, surge.id, at=at)
    return {"helper": str(free.id), "emergency_call": str(call.id), "supply": str(supply.id), "surge": str(surge.id)}
