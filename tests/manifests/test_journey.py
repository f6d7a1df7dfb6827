"""The way of a drum of oil from the workshop to the furnace, told by the ledger."""

from datetime import timedelta
from uuid import UUID

from tests.support.acts import Receive, SignAct
from tests.support.world import AT, World, a_drum, arrived, scanned
from wastetrack.auth.model import Role
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.ledger import queries as ledger
from wastetrack.manifests import receiving
from wastetrack.manifests.model import ManifestState, Outcome


async def balances(session: WriteSession, *holders: UUID) -> dict[str, int]:
    """What the holders' accounts hold, by kind and detail."""
    return {
        f"{line.account.kind.value}:{line.account.detail}".rstrip(":"): line.balance_g
        for line in await ledger.balances_of(session, *holders)
    }


async def test_a_drum_goes_from_the_workshop_to_the_furnace(town_session: WriteSession, world: World) -> None:
    session = town_session
    drum = await a_drum(session, world, "180 kg")
    assert await balances(session, world.generator.site.id) == {"generated": -180_000, "stored": 180_000}

    manifest_id = await arrived(session, world, [drum])
    assert await balances(session, world.generator.site.id) == {"generated": -180_000}
    assert await balances(session, manifest_id) == {"in_transit": 180_000}

    scan = await scanned(session, world, manifest_id, drum, "199 kg")
    assert scan.outcome is Outcome.ACCEPTED
    assert scan.left == 0
    assert await balances(session, manifest_id) == {"discrepancy:weighing": 1_000}
    assert await balances(session, world.receiver.site.id) == {"stored": 179_000}

    row, back, _ = await receiving.receive(
        session, world.receiver.owner, Receive(manifest_id=manifest_id), at=AT + timedelta(hours=5)
    )
    assert (row.state, back) == (ManifestState.RECEIVED, None)
    row, _ = await receiving.confirm(
        session, world.receiver.owner, SignAct(manifest_id=manifest_id), at=AT + timedelta(days=1)
    )
    assert row.state == ManifestState.CLOSED

    batch, _, _ = await treat(
        session,
        world.receiver.people[Role.GATE_OPERATOR],
        Treat(site_id=world.receiver.site.id, container_ids=(drum.id,), method="D10", treated_on=AT.date()),
        at=AT + timedelta(days=2),
    )
    assert batch.input_g == 179_000
    assert await balances(session, world.receiver.site.id) == {"treated:D10": 179_000}
    await session.commit()
