"""Reading the register costs the same number of statements for one thing as for many."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.parties import (
    AT,
    approver,
    item,
    member,
    permit_command,
    registered,
    vehicle_command,
)
from tests.support.statements import counted
from wastetrack.db.session import WriteSession
from wastetrack.parties import queries
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.model import OrganisationKind
from wastetrack.parties.permit_queries import permits_of
from wastetrack.parties.permitting import grant_permit, suspend_permit
from wastetrack.parties.registering import add_vehicle

pytestmark = pytest.mark.usefixtures("official_lists")


async def test_permits_with_lines_and_suspensions_come_in_one_statement(
    session: WriteSession, engine: AsyncEngine
) -> None:
    holder = await registered(session, OrganisationKind.DISPOSER)
    items = tuple(item(f"HW{number:02}") for number in range(2, 40))
    for _ in range(5):
        held = await grant_permit(session, approver(), permit_command(holder.id, items=items), at=AT)
        for day in (1, 10, 20):
            command = SuspendPermit(
                permit_id=held.id, from_on=date(2026, 3, day), to_on=date(2026, 3, day + 1), reason="整改"
            )
            await suspend_permit(session, approver(), command, at=AT)

    with counted(engine) as sent:
        found = await permits_of(session, holder.id, on=date(2026, 3, 2))

    assert len(sent) == 1
    assert [(len(permit.items), len(permit.suspensions)) for permit in found] == [(38, 3)] * 5


async def test_the_vehicles_of_a_carrier_come_in_one_statement(session: WriteSession, engine: AsyncEngine) -> None:
    carrier = await registered(session, OrganisationKind.TRANSPORTER)
    owner = member(carrier.id)
    for _ in range(20):
        await add_vehicle(session, owner, vehicle_command(carrier.id), at=AT)

    with counted(engine) as sent:
        found = await queries.vehicles_of(session, owner, carrier.id)

    assert len(sent) == 1
    assert len(found) == 20


async def test_granting_a_long_permit_sends_as_many_statements_as_a_short_one(
    session: WriteSession, engine: AsyncEngine
) -> None:
    holder = await registered(session, OrganisationKind.DISPOSER)
    long_items = tuple(item(f"HW{number:02}") for number in range(2, 40))

    with counted(engine) as for_short:
        await grant_permit(session, approver(), permit_command(holder.id), at=AT)
    with counted(engine) as for_long:
        await grant_permit(session, approver(), permit_command(holder.id, items=long_items), at=AT)

    assert len(for_short) == len(for_long)
