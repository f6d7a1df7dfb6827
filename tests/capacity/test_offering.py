"""Who can take a waste on a day: ranking, what is free, why the others cannot."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support import parties as made
from tests.support.approvals import application, approved, build_neighbours, item
from tests.support.refused import codes_broken
from tests.support.reservations import OIL_PRICE, of_stranger, open_terms, reserved
from tests.support.statements import counted
from tests.support.world import AT, OIL, SLUDGE, TODAY, World, filed
from tests.support.world import a_drum as labelled
from wastetrack.approvals.model import ApprovalKind
from wastetrack.capacity.offering import Offered, OfferOrder, Sought, offers, standing
from wastetrack.capacity.reaching import road_km
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.manifests import publishing_intake
from wastetrack.manifests.reservations import FreeDay, Price, PublishDays, PublishTerms
from wastetrack.mass import Mass
from wastetrack.parties.commands import ItemToGrant
from wastetrack.parties.model import Organisation, OrganisationKind, SiteKind
from wastetrack.parties.permitting import grant_permit
from wastetrack.parties.registering import add_site, register_organisation

JINAN = "370102"
NANJING = "320102"


def sought(world: World, code: str = SLUDGE, mass: str = "4 t", **changes: Any) -> Sought:  # noqa: ANN401
    """The workshop looks for somebody."""
    return replace(Sought(site_id=world.generator.site.id, waste_code=code, mass=Mass.parse(mass), on=TODAY), **changes)


async def plant(
    session: WriteSession,
    region: str,
    latitude: str,
    longitude: str,
    *items: ItemToGrant,
    **changes: Any,  # noqa: ANN401
) -> Organisation:
    """Another incinerator."""
    kinds = frozenset({OrganisationKind.DISPOSER})
    command = made.firm_command(kinds=kinds, region_code=region)
    firm = await register_organisation(session, made.platform_operator(), command, at=AT)
    place = {"region_code": region, "latitude": Decimal(latitude), "longitude": Decimal(longitude)}
    site = made.site_command(firm.id, kind=SiteKind.TREATMENT, **place)
    await add_site(session, made.platform_operator(), site, at=AT)
    permit = made.permit_command(firm.id, items=items, **changes)
    await grant_permit(session, made.approver(region[:4]), permit, at=AT)
    return firm


async def ranked(session: WriteSession, world: World, asked: Sought) -> tuple[list[Offered], dict[str, list[str]]]:
    """Those that can, and the codes of the reasons of those that cannot, by firm."""
    found = await offers(session, world.generator.owner, asked, at=AT)
    return list(found.possible), {one.firm: [why.code for why in one.broken] for one in found.excluded}


async def test_what_is_free_is_neither_booked_nor_set_aside(town_session: WriteSession, world: World) -> None:
    (one,), _ = await ranked(town_session, world, sought(world))
    assert (one.firm_id, one.method, one.yearly, one.free) == (
        world.receiver.id,
        "D10",
        Mass.parse("10 t"),
        Mass.parse("10 t"),
    )
    assert (one.storage, one.fen_per_t, one.can_reserve, one.has_contract) == (None, None, False, True)
    await open_terms(town_session, world)
    await filed(town_session, world, [await labelled(town_session, world, "180 kg", code=SLUDGE)])
    await reserved(town_session, world, "2 t")
    await of_stranger(town_session, world, "3 t")
    (one,), _ = await ranked(town_session, world, sought(world))
    assert one.free == Mass.parse("4.82 t")
    assert (one.storage, one.can_reserve) == (Mass.parse("20 t"), True)
    _, excluded = await ranked(town_session, world, sought(world, mass="5 t"))
    assert list(excluded.values()) == [["permit_quantity_exceeded"]]


async def test_what_has_lapsed_is_free_before_the_job_comes(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world, at=AT - timedelta(days=3), hold_days=1)
    await of_stranger(town_session, world, "10 t", at=AT - timedelta(days=2))
    (one,), _ = await ranked(town_session, world, sought(world))
    assert one.free == Mass.parse("10 t")
    assert await town_session.scalar(text("select sum(held_g) from permit_uses")) == 10_000_000


async def test_the_nearest_first_and_the_province_before_all(town_session: WriteSession, world: World) -> None:
    sludge = made.item(SLUDGE, "D10", "50 t")
    jinan = await plant(town_session, JINAN, "36.6512", "117.1201", sludge)
    nanjing = await plant(town_session, NANJING, "32.0603", "118.7969", sludge)
    possible, excluded = await ranked(town_session, world, sought(world))
    assert [one.firm_id for one in possible] == [world.receiver.id, jinan.id]
    assert excluded == {nanjing.name: ["cross_province_approval_missing"]}
    # Great circle from 37.540925 N 121.391382 E, times 1.3.
    assert [one.km for one in possible] == [0, 509]
    assert possible[1].is_across is False


async def test_why_the_others_cannot(town_session: WriteSession, world: World) -> None:
    other = await plant(town_session, JINAN, "36.6512", "117.1201", made.item("HW34", "D10", "50 t"))
    method = await plant(town_session, JINAN, "36.6513", "117.1202", made.item(SLUDGE, "R4", "50 t"))
    ended = await plant(
        town_session,
        JINAN,
        "36.6514",
        "117.1203",
        made.item(SLUDGE, "D10", "50 t"),
        valid_from=date(2025, 2, 1),
        valid_to=date(2026, 2, 28),
    )
    _, excluded = await ranked(town_session, world, sought(world, method="D10"))
    assert excluded == {
        other.name: ["permit_without_code"],
        method.name: ["permit_without_method"],
        ended.name: ["permit_expired"],
    }
    # Without a method each is asked for its own.
    possible, excluded = await ranked(town_session, world, sought(world))
    assert [(one.firm_id, one.method) for one in possible] == [(world.receiver.id, "D10"), (method.id, "R4")]


async def test_by_price_and_by_what_is_free(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    jinan = await plant(town_session, JINAN, "36.6512", "117.1201", made.item("HW08", "D10", "500 t"))
    site_id = await town_session.scalar(text("select id from sites where organisation_id = :id"), {"id": jinan.id})
    cheap = Price(pattern=OIL, fen_per_t=-5_000)
    terms = PublishTerms(site_id=site_id, is_open=True, prices=(cheap, OIL_PRICE))
    # As a real member of it: the town's receiver has people, this one has none.
    actor = replace(world.receiver.owner, organisation_id=jinan.id)
    await publishing_intake.publish_terms(town_session, actor, terms, at=AT)
    for order, first in (
        (OfferOrder.DISTANCE, world.receiver.id),
        (OfferOrder.PRICE, jinan.id),
        (OfferOrder.FREE, jinan.id),
    ):
        possible, _ = await ranked(town_session, world, sought(world, OIL, order=order))
        assert possible[0].firm_id == first, order
        prices = {one.firm_id: one.fen_per_t for one in possible}
        assert prices == {world.receiver.id: 120_000, jinan.id: -5_000}


async def test_a_full_day_is_told_beside_the_receiver(town_session: WriteSession, world: World) -> None:
    await open_terms(town_session, world)
    days = PublishDays(site_id=world.receiver.site.id, days=(FreeDay(day=TODAY, free=Mass.parse("5 t")),))
    await publishing_intake.publish_days(town_session, world.receiver.owner, days, at=AT)
    await of_stranger(town_session, world, "3 t")
    (one,), _ = await ranked(town_session, world, sought(world, OIL))
    assert one.day is not None
    assert one.day.left == Mass.parse("2 t")
    assert [why.code for why in one.unreservable] == ["day_full"]
    assert not one.can_reserve


async def test_only_for_one_s_own_site_and_a_listed_waste(town_session: WriteSession, world: World) -> None:
    with pytest.raises(Forbidden):
        await offers(town_session, world.stranger.owner, sought(world), at=AT)
    odd = offers(town_session, world.generator.owner, sought(world, "900-998-08", "0 t"), at=AT)
    assert await codes_broken(odd) == ["mass_not_positive", "waste_code_unknown"]


async def test_many_receivers_cost_as_many_statements_as_one(
    town_session: WriteSession, town_engine: AsyncEngine, world: World
) -> None:
    await open_terms(town_session, world)
    driver, asked = await town_session.driver(), []
    for number in range(3):
        past_it: list[object] = []
        driver.add_query_logger(past_it.append)
        with counted(town_engine) as by_alchemy:
            await ranked(town_session, world, sought(world))
        await asyncio.sleep(0)  # it is told of the last one in the loop's next turn
        driver.remove_query_logger(past_it.append)
        asked.append((len(by_alchemy), len(past_it)))
        await plant(town_session, JINAN, f"36.6{number}", "117.12", made.item(SLUDGE, "D10", "50 t"))
    # Site, permits, terms, prices and days; exempt users, near, used, overdue, storage, approvals, days taken,
    # contracts, roads.
    assert asked == [(5, 9)] * 3


async def test_what_stands_there_is_told_by_code(town_session: WriteSession, world: World) -> None:
    for net, code in (("180 kg", OIL), ("20 kg", OIL), ("50 kg", SLUDGE)):
        await labelled(town_session, world, net, code=code)
    rows = await standing(town_session, world.generator.owner, world.generator.site.id)
    assert [(row.waste_code, row.net.grams) for row in rows] == [(OIL, 200_000), (SLUDGE, 50_000)]
    assert await standing(town_session, world.stranger.owner, world.generator.site.id) == []


def test_the_road_is_a_great_circle_times_1_3() -> None:
    assert road_km(0, 0, 0, 0) == 0
    # A quarter of the equator, 10 007.557 km on a sphere of 6371.0088 km.
    assert road_km(0, 0, 0, 90) == pytest.approx(13_009.82, abs=0.01)


async def test_who_is_named_by_an_approval_point_to_point_needs_no_permit(
    town_session: WriteSession, world: World
) -> None:
    """The stranger holds no permit: for this site's oil by R9 it is a receiver once that is approved, for 10 t."""
    asked = sought(world, OIL, "4 t", method="R9")
    possible, _ = await ranked(town_session, world, asked)
    stranger = world.stranger.site.id
    assert stranger not in {one.site_id for one in possible}
    neighbours = await build_neighbours(town_session)
    command = application(world, neighbours, item(method="R9"), kind=ApprovalKind.POINT_TO_POINT)
    await approved(town_session, world, neighbours, command)
    possible, _ = await ranked(town_session, world, asked)
    (found,) = [one for one in possible if one.site_id == stranger]
    assert (found.basis, found.method, found.free, found.can_reserve) == (
        TransferBasis.POINT_TO_POINT,
        "R9",
        Mass.parse("10 t"),
        False,
    )
    assert found.unreservable == ()
    # By whatever method; but no more than is approved, no other waste, and nobody else's.
    by_any, _ = await ranked(town_session, world, replace(asked, method=""))
    assert stranger in {one.site_id for one in by_any}
    for other in (replace(asked, mass=Mass.parse("11 t")), replace(asked, waste_code=SLUDGE)):
        possible, _ = await ranked(town_session, world, other)
        assert stranger not in {one.site_id for one in possible}
