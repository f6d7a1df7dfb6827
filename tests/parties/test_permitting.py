"""Granting, renewing and suspending permits, on a real database."""

from datetime import date

import pytest

from tests.support.parties import (
    AT,
    actor,
    approver,
    item,
    member,
    permit_command,
    platform_operator,
    registered,
    site_added,
)
from wastetrack.auth.model import Actor, Role
from wastetrack.catalogues import waste_codes
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound, RuleBroken
from wastetrack.ids import new_id
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.commands import LiftSuspension, RenewPermit, SuspendPermit
from wastetrack.parties.model import Organisation, OrganisationKind
from wastetrack.parties.permit_queries import permit, permits_by_holder, permits_of
from wastetrack.parties.permits import Permit
from wastetrack.parties.permitting import grant_permit, lift_suspension, renew_permit, suspend_permit

pytestmark = pytest.mark.usefixtures("official_lists")

OIL = waste_codes.parse("900-249-08")
A_DAY = date(2026, 3, 2)


async def disposer(session: WriteSession) -> Organisation:
    return await registered(session, OrganisationKind.DISPOSER)


async def granted(session: WriteSession, holder: Organisation) -> Permit:
    return await grant_permit(session, approver(), permit_command(holder.id), at=AT)


async def suspended(session: WriteSession, held: Permit, from_on: date, to_on: date | None = None) -> Permit:
    command = SuspendPermit(permit_id=held.id, from_on=from_on, to_on=to_on, reason="超量贮存")
    return await suspend_permit(session, approver(), command, at=AT)


async def test_a_granted_permit_is_read_back_whole(session: WriteSession) -> None:
    holder = await disposer(session)
    site = await site_added(session, holder)
    command = permit_command(
        holder.id, site_id=site.id, items=(item("９００－２４９－０８", "r9", "500 t"), item("hw08", "D10 R9", "0.5 t"))
    )

    held = await grant_permit(session, approver("37"), command, at=AT)

    assert [(line.pattern, set(line.methods), line.yearly) for line in held.items] == [
        ("900-249-08", {"R9"}, Mass.parse("500 t")),
        ("HW08", {"D10", "R9"}, Mass.parse("500 kg")),
    ]
    assert await permits_of(session, holder.id, site_id=site.id, on=A_DAY) == (held,)
    assert await permits_of(session, holder.id, site_id=new_id(), on=A_DAY) == ()


@pytest.mark.parametrize(
    "who",
    [approver("3702"), approver("370683"), platform_operator(), actor(Role.INSPECTOR, "r:3706"), member(new_id())],
)
async def test_only_an_approver_of_the_region_grants(session: WriteSession, who: Actor) -> None:
    holder = await disposer(session)

    with pytest.raises(Forbidden):
        await grant_permit(session, who, permit_command(holder.id), at=AT)


async def test_everything_wrong_with_a_permit_is_told_at_once(session: WriteSession) -> None:
    holder, other = await disposer(session), await disposer(session)
    foreign = await site_added(session, other)
    command = permit_command(
        holder.id,
        site_id=foreign.id,
        valid_to=date(2031, 1, 1),
        items=(item("336-100-21"), item("900-041-49", "Y10"), item("HW08", "D99"), item("123-456-08")),
    )

    with pytest.raises(RuleBroken) as refusal:
        await grant_permit(session, approver(), command, at=AT)

    assert {(rule.field, rule.code) for rule in refusal.value.broken} == {
        ("site_id", "permit_site_of_other_organisation"),
        ("valid_to", "permit_too_long"),
        ("items.0.pattern", "waste_code_retired"),
        ("items.1.methods", "method_of_other_waste"),
        ("items.2.methods", "method_unknown"),
        ("items.3.pattern", "waste_code_unknown"),
    }


async def test_a_number_holds_only_once_on_a_day(session: WriteSession) -> None:
    holder, other = await disposer(session), await disposer(session)
    held = await granted(session, holder)

    with pytest.raises(Conflict) as refusal:
        await grant_permit(session, approver(), permit_command(other.id, number=held.number), at=AT)

    assert refusal.value.code == "permit_number_taken"


async def test_a_renewal_keeps_the_lines_and_may_keep_the_number(session: WriteSession) -> None:
    old = await granted(session, await disposer(session))
    command = RenewPermit(permit_id=old.id, number=old.number, valid_from=date(2030, 1, 1), valid_to=date(2034, 12, 31))

    new = await renew_permit(session, approver(), command, at=AT)

    assert [(line.pattern, line.methods, line.yearly) for line in new.items] == [
        (line.pattern, line.methods, line.yearly) for line in old.items
    ]
    assert await permits_of(session, old.organisation_id) == (new, old)
    assert await permits_of(session, old.organisation_id, on=date(2030, 1, 1)) == (new,)
    with pytest.raises(Conflict):
        await renew_permit(
            session,
            approver(),
            RenewPermit(
                permit_id=old.id, number="烟台危证999号", valid_from=date(2035, 1, 1), valid_to=date(2036, 1, 1)
            ),
            at=AT,
        )


async def test_a_renewal_does_not_begin_before_what_it_renews(session: WriteSession) -> None:
    old = await granted(session, await disposer(session))
    command = RenewPermit(
        permit_id=old.id, number="烟台危证998号", valid_from=date(2024, 1, 1), valid_to=date(2026, 1, 1)
    )

    with pytest.raises(RuleBroken) as refusal:
        await renew_permit(session, approver(), command, at=AT)

    assert [rule.code for rule in refusal.value.broken] == ["renewal_not_later"]


async def test_a_suspended_permit_covers_nothing_until_it_is_lifted(session: WriteSession) -> None:
    held = await suspended(session, await granted(session, await disposer(session)), date(2026, 3, 1))
    assert [rule.code for rule in held.covers(OIL, "R9", A_DAY, Mass(1), ZERO)] == ["permit_suspended"]

    command = LiftSuspension(permit_id=held.id, suspension_id=held.suspensions[0].id, last_on=date(2026, 3, 1))
    held = await lift_suspension(session, approver(), command, at=AT)

    assert held.covers(OIL, "R9", A_DAY, Mass(1), ZERO) == ()
    assert await permit(session, held.id) == held


async def test_a_permit_is_not_suspended_twice_on_a_day(session: WriteSession) -> None:
    held = await granted(session, await disposer(session))
    held = await suspended(session, held, date(2026, 3, 1), date(2026, 3, 31))
    held = await suspended(session, held, date(2026, 4, 1))

    with pytest.raises(Conflict):
        await suspended(session, held, date(2026, 3, 31), date(2026, 3, 31))
    with pytest.raises(Conflict):
        await suspended(session, held, date(2026, 12, 1))
    assert len(held.suspensions) == 2


async def test_a_suspension_lies_within_the_validity(session: WriteSession) -> None:
    held = await granted(session, await disposer(session))

    with pytest.raises(RuleBroken) as refusal:
        await suspended(session, held, date(2030, 1, 1))

    assert [rule.code for rule in refusal.value.broken] == ["suspension_outside_validity"]


async def test_a_suspension_is_lifted_once_and_not_before_it_began(session: WriteSession) -> None:
    held = await suspended(session, await granted(session, await disposer(session)), date(2026, 3, 1))
    suspension_id = held.suspensions[0].id

    async def lift(last_on: date, which: object = suspension_id) -> None:
        command = LiftSuspension(permit_id=held.id, suspension_id=which, last_on=last_on)  # type: ignore[arg-type]
        await lift_suspension(session, approver(), command, at=AT)

    with pytest.raises(RuleBroken):
        await lift(date(2026, 2, 28))
    with pytest.raises(NotFound):
        await lift(date(2026, 3, 5), new_id())
    await lift(date(2026, 3, 5))
    with pytest.raises(Conflict):
        await lift(date(2026, 3, 6))


async def test_strangers_neither_suspend_nor_lift_nor_renew(session: WriteSession) -> None:
    held = await suspended(session, await granted(session, await disposer(session)), date(2026, 3, 1))
    stranger = approver("3702")

    with pytest.raises(Forbidden):
        await suspend_permit(
            session, stranger, SuspendPermit(permit_id=held.id, from_on=A_DAY, reason="超量贮存"), at=AT
        )
    with pytest.raises(Forbidden):
        await lift_suspension(
            session,
            stranger,
            LiftSuspension(permit_id=held.id, suspension_id=held.suspensions[0].id, last_on=A_DAY),
            at=AT,
        )
    with pytest.raises(Forbidden):
        await renew_permit(
            session,
            stranger,
            RenewPermit(permit_id=held.id, number="新", valid_from=date(2030, 1, 1), valid_to=date(2031, 1, 1)),
            at=AT,
        )


async def test_the_permits_of_several_holders_come_together(session: WriteSession) -> None:
    holders = [await disposer(session) for _ in range(3)]
    held = [await granted(session, holder) for holder in holders[:2]]

    found = await permits_by_holder(session, [holder.id for holder in holders], on=A_DAY)

    assert found == {holders[0].id: (held[0],), holders[1].id: (held[1],)}
