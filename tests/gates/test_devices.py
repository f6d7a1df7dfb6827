"""What is known of devices: who enrolled, joined and ended them; and how long what they had kept stays."""

import json
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from tests.support.gates import GateDevice, PersonKey, enrolled
from tests.support.trade import Trade, sent
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.db.session import reading, writing
from wastetrack.gates.enrolling import join_device
from wastetrack.gates.model import JoinDevice
from wastetrack.gates.replaying import forget

_LEAVES = """
select leaf.bytes from log_leaves leaf join log_subjects subject on subject.arrival = leaf.arrival
where subject.subject_id = :id order by leaf.arrival
"""


async def device(trade: Trade) -> GateDevice:
    return await enrolled(trade, trade.world.receiver.people[Role.GATE_OPERATOR])


async def test_who_enrols_joins_and_ends_a_device_stands_in_the_log_with_the_key(trade: Trade) -> None:
    tool, other = await device(trade), PersonKey()
    owner = trade.world.receiver.owner
    async with writing(trade.served.owner) as session:
        await join_device(
            session, owner, JoinDevice(device_id=tool.id, token=tool.token, public_key=other.public), at=clock.now()
        )
    for _ in range(2):
        await sent(await trade.gate(), f"/gate-devices/{tool.id}/ending", {})
    async with reading(trade.served.owner) as session:
        told = [json.loads(leaf) for leaf in (await session.execute(text(_LEAVES), {"id": tool.id})).scalars()]
    assert [leaf["kind"] for leaf in told] == ["gate_device_enrolled", "gate_device_joined", "gate_device_ended"]
    assert told[1]["facts"]["key"] == other.raw.hex()
    # Names of devices are free words, and leaves are for ever.
    assert set(told[0]["facts"]) == {"device", "site", "key", "organisation", "role"}


async def test_scans_are_forgotten_with_their_manifest_and_what_waits_stays(trade: Trade) -> None:
    drums = [await trade.labelled() for _ in range(3)]
    manifest_id = await trade.arrived(drums[0])
    tool = await device(trade)
    taken = tool.scan(manifest_id, trade.label_text(drums[0]))
    stopped = tool.scan(None, trade.label_text(drums[1]), told="unexpected")
    waiting = tool.scan(None, trade.label_text(drums[2]))
    await tool.replay(taken, stopped, waiting)
    now, site = clock.now(), trade.world.receiver.site

    async def left(*, before: timedelta, purged: bool = False, held: bool = False) -> set[UUID]:
        async with writing(trade.served.owner) as session:
            if purged:
                statement = "update manifests set purged_at = :now where id = :id"
                await session.execute(text(statement), {"now": now, "id": UUID(manifest_id)})
            if held:
                statement = """insert into legal_holds (id, thing, subject_id, organisation_id, person_id, reason, told,
                  begun_at) select :id, 'site', :site, organisation_id, person_id, 'x', true, :now from memberships
                  where id = :member"""
                ids = {"id": tool.id, "site": site.id, "now": now, "member": tool.actor.membership_id}
                await session.execute(text(statement), ids)
            await forget(session, before=now + before)
            found = set((await session.execute(text("select id from gate_scans"))).scalars())
            await session.rollback()
            return found & {taken.scan_id, stopped.scan_id, waiting.scan_id}

    young, old = timedelta(days=-400), timedelta(days=400)
    assert await left(before=young) == {taken.scan_id, stopped.scan_id, waiting.scan_id}
    assert await left(before=old) == {taken.scan_id, waiting.scan_id}
    assert await left(before=old, held=True) == {taken.scan_id, stopped.scan_id, waiting.scan_id}
    assert await left(before=old, purged=True) == {waiting.scan_id}
