"""Setting quantity aside with receivers that need no permit: exempt users of the plan, approvals point to point."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.manifests.test_grounds import IRON_DRUMS, entry
from tests.support.acts import SignAct
from tests.support.approvals import agree, application, approved, build_neighbours, item
from tests.support.plans import plan_for as plan_filed
from tests.support.refused import codes_broken, events_about, rules_broken
from tests.support.reservations import reserved
from tests.support.world import AT, OIL, TODAY, World, a_drum, plan_for
from wastetrack.approvals.model import ApprovalKind
from wastetrack.capacity.offering import Offered, Sought, offers
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import WriteSession
from wastetrack.manifests import filing, publishing_intake, reservation_queries, setting_aside
from wastetrack.manifests.reservation_queries import Reservation
from wastetrack.manifests.reservations import EndReservation, FreeDay, PublishDays, PublishTerms
from wastetrack.mass import Mass
from wastetrack.plans.model import ReceiverKind, TransferKind

EXEMPT: dict[str, Any] = {"kind": TransferKind.WITHIN, "receiver_kind": ReceiverKind.EXEMPT_USER}
DRUMS: dict[str, Any] = {"waste_code": IRON_DRUMS, "method": "R4"}
LATER = AT + timedelta(hours=1)


@pytest.fixture
async def user(town_session: WriteSession, world: World) -> World:
    """The stranger uses what others send it, and takes reservations."""
    kinds = text("update organisations set kinds = '{generator,disposer}' where id = :id")
    await town_session.execute(kinds, {"id": world.stranger.id})
    terms = PublishTerms(site_id=world.stranger.site.id, is_open=True, hold_days=7)
    await publishing_intake.publish_terms(town_session, world.stranger.owner, terms, at=AT)
    return world


async def planned(session: WriteSession, world: World, mass: str = "5 t", **changes: Any) -> None:  # noqa: ANN401
    """The workshop's filed plan sends so much of its drums to the stranger."""
    await agree(session, world, world.stranger, IRON_DRUMS, methods=("R4",), **EXEMPT)
    codes, owner = (IRON_DRUMS,), world.generator.owner
    said = {"methods": ("R4",), **EXEMPT, **changes}
    await plan_filed(session, world.generator.site, world.stranger.id, codes, Mass.parse(mass), actor=owner, **said)


async def aside(session: WriteSession, world: World, mass: str, **changes: Any) -> Reservation:  # noqa: ANN401
    """So much of the drums with the stranger."""
    return await reserved(session, world, mass, receiver_site_id=world.stranger.site.id, **DRUMS | changes)


async def offered(session: WriteSession, world: World, mass: str, code: str = IRON_DRUMS) -> Offered:
    """The stranger as a receiver."""
    site_id = world.generator.site.id
    asked = Sought(site_id=site_id, waste_code=code, mass=Mass.parse(mass), on=TODAY, method="")
    found = await offers(session, world.generator.owner, asked, at=AT)
    return next(one for one in (*found.possible, *found.excluded) if one.site_id == world.stranger.site.id)


async def test_an_exempt_user_keeps_what_the_plan_still_sends_there_and_no_more(
    town_session: WriteSession, user: World
) -> None:
    await planned(town_session, user)
    assert (await offered(town_session, user, "4 t")).can_reserve
    row = await aside(town_session, user, "4 t")
    assert (row.basis, row.permit_item_id, row.net_g, row.state) == ("exempt", None, 4_000_000, "held")
    (event,) = await events_about(town_session, row.id)
    assert (event["kind"], event["facts"]["basis"], event["facts"]["permit_item"]) == (
        "quantity_reserved",
        "exempt",
        None,
    )
    (told,) = await rules_broken(aside(town_session, user, "2 t"))
    assert (told.code, told.facts) == ("reservation_beyond_rest", {"left": "5 t", "aside": "4 t"})
    seen = await offered(town_session, user, "2 t")
    assert (seen.free, seen.can_reserve) == (Mass.parse("1 t"), False)
    assert [one.code for one in seen.unreservable] == ["reservation_beyond_rest"]
    assert await codes_broken(aside(town_session, user, "6 t")) == ["plan_quantity_exceeded"]
    await aside(town_session, user, "1 t")


async def test_the_filing_takes_it_and_a_withdrawal_gives_it_back(town_session: WriteSession, user: World) -> None:
    await planned(town_session, user)
    row = await aside(town_session, user, "0.2 t")
    drum = await a_drum(town_session, user, code=IRON_DRUMS)
    way = replace(
        plan_for(user, [drum]),
        receiver_site_id=user.stranger.site.id,
        method="R4",
        basis=TransferBasis.EXEMPT,
        exemptions=(await entry(town_session, IRON_DRUMS, "利用"),),
    )
    owner = user.generator.owner
    draft = await filing.draft_manifest(town_session, owner, way, at=AT)
    await filing.file_manifest(town_session, owner, SignAct(manifest_id=draft.id), at=AT)
    await town_session.refresh(row)
    assert (row.state, row.used_g) == ("held", drum.net_g)
    assert [one.manifest_id for one in await reservation_queries.uses_of(town_session, row.id)] == [draft.id]
    await filing.cancel_manifest(town_session, owner, SignAct(manifest_id=draft.id, reason="改期"), at=LATER)
    await town_session.refresh(row)
    assert (row.state, row.used_g) == ("held", 0)
    given_up = EndReservation(reservation_id=row.id, reason="不再需要")
    row, _ = await setting_aside.give_up(town_session, owner, given_up, at=LATER)
    assert row.state == "given_up"
    await aside(town_session, user, "5 t")


async def test_it_lapses_as_any_other(town_session: WriteSession, user: World) -> None:
    await planned(town_session, user)
    row = await aside(town_session, user, "5 t")
    await setting_aside.let_lapse(town_session, at=row.until)
    await town_session.refresh(row)
    assert row.state == "lapsed"
    await aside(town_session, user, "5 t", at=row.until - timedelta(hours=1))


async def test_the_day_of_the_exempt_user_counts(town_session: WriteSession, user: World) -> None:
    await planned(town_session, user)
    days = PublishDays(site_id=user.stranger.site.id, days=(FreeDay(day=TODAY, free=Mass.parse("3 t")),))
    await publishing_intake.publish_days(town_session, user.stranger.owner, days, at=AT)
    await aside(town_session, user, "2 t")
    assert await codes_broken(aside(town_session, user, "2 t")) == ["day_full"]


async def test_without_plan_or_entry_it_is_refused_and_says_which_is_missing(
    town_session: WriteSession, user: World
) -> None:
    """The list frees the use of these drums: without the plan that is what is missing. With the plan, disposal is not
    freed; and in a year without a plan nothing is."""
    assert await codes_broken(aside(town_session, user, "1 t")) == ["exempt_user_unplanned", "permit_missing"]
    await planned(town_session, user, methods=("R4", "D10"))
    for_disposal = aside(town_session, user, "1 t", method="D10")
    assert await codes_broken(for_disposal) == ["exemption_of_other_link", "permit_missing"]
    await aside(town_session, user, "1 t")
    # The incinerator holds a permit for these drums; the plan names it as no exempt user.
    assert (
        await reserved(town_session, await _with_terms(town_session, user), "1 t", waste_code=OIL)
    ).basis == "permit"


async def _with_terms(session: WriteSession, world: World) -> World:
    terms = PublishTerms(site_id=world.receiver.site.id, is_open=True)
    await publishing_intake.publish_terms(session, world.receiver.owner, terms, at=AT)
    return world


async def test_an_approval_point_to_point_keeps_its_own_quantity(town_session: WriteSession, user: World) -> None:
    """10 t of oil by R9 are approved; what the approval does not name is refused in its words."""
    neighbours = await build_neighbours(town_session)
    command = application(user, neighbours, item(method="R9"), kind=ApprovalKind.POINT_TO_POINT)
    row = await approved(town_session, user, neighbours, command)
    oil = {"waste_code": OIL, "method": "R9"}
    assert (await offered(town_session, user, "7 t", OIL)).can_reserve
    held = await aside(town_session, user, "7 t", **oil)
    assert (held.basis, held.permit_item_id) == ("point_to_point", None)
    (told,) = await rules_broken(aside(town_session, user, "4 t", **oil))
    assert told.facts == {"left": "10 t", "aside": "7 t"}
    assert "approval_quantity_exceeded" in await codes_broken(aside(town_session, user, "11 t", **oil))
    by_fire = aside(town_session, user, "1 t", waste_code=OIL, method="D10")
    assert await codes_broken(by_fire) == ["approval_of_other_method", "permit_missing"]
    await town_session.execute(
        text("update approvals set valid_to = :day where id = :id"), {"day": TODAY, "id": row.id}
    )
    tomorrow = TODAY + timedelta(days=1)
    assert "approval_not_in_force" in await codes_broken(aside(town_session, user, "1 t", planned_on=tomorrow, **oil))
