"""Containers in every order, page after page; by the days that they may still stand."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.world import AT, TODAY, World, a_drum, drum_of
from wastetrack.containers import queries
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import ContainerOrder
from wastetrack.containers.queries import Container, ContainerFilter
from wastetrack.db.session import WriteSession
from wastetrack.reports import container_dues


async def filled_days_ago(session: WriteSession, world: World, days: int, net: str = "180 kg") -> Container:
    command = replace(drum_of(net, world), generated_on=TODAY - timedelta(days=days))
    row, _ = await label_container(session, world.generator.owner, command, at=AT)
    return row


async def drums(session: WriteSession, world: World) -> list[Container]:
    """Filled 300, 10, 355 and 10 days ago; the second and the last are twins."""
    given = ((300, "100 kg"), (10, "180 kg"), (355, "140 kg"), (10, "180 kg"))
    return [await filled_days_ago(session, world, days, net) for days, net in given]


async def in_pages(
    session: WriteSession, world: World, order: ContainerOrder, made: list[Container], *, descending: bool
) -> list[UUID]:
    """The ids of all pages of two."""
    wanted = ContainerFilter(ids=tuple(one.id for one in made), order=order, descending=descending)
    found: list[UUID] = []
    while True:
        page = await container_dues.page(
            session, world.generator.owner, wanted, at=AT, before=found[-1] if found else None, limit=2
        )
        found += [one.id for one in page]
        if len(page) < 2:
            return found


@pytest.mark.parametrize(
    ("order", "places"),
    [
        (ContainerOrder.MADE, [0, 1, 2, 3]),
        (ContainerOrder.FILLED, [2, 0, 1, 3]),
        (ContainerOrder.NET, [0, 2, 1, 3]),
        (ContainerOrder.WASTE, [0, 1, 2, 3]),
        (ContainerOrder.DUE, [2, 0, 1, 3]),
    ],
)
async def test_each_order_is_whole_over_its_pages(
    town_session: WriteSession, world: World, order: ContainerOrder, places: list[int]
) -> None:
    made = await drums(town_session, world)
    expected = [made[place].id for place in places]
    assert await in_pages(town_session, world, order, made, descending=False) == expected
    assert await in_pages(town_session, world, order, made, descending=True) == expected[::-1]


async def test_containers_by_days_left_and_age(town_session: WriteSession, world: World) -> None:
    made = await drums(town_session, world)
    owner = world.generator.owner
    soon = await container_dues.due_within(town_session, owner, days=30, at=AT)
    assert made[2].id in soon
    assert made[0].id not in soon
    assert made[0].id in await container_dues.due_within(town_session, owner, days=70, at=AT)
    mine = tuple(one.id for one in made)
    old = ContainerFilter(ids=mine, filled_until=TODAY - timedelta(days=100))
    assert {one.id for one in await queries.page(town_session, owner, old)} == {made[0].id, made[2].id}
    in_store = ContainerFilter(ids=mine, store_ids=(world.store_id,))
    assert await queries.page(town_session, owner, in_store) == [
        one for one in reversed(made) if one.store_id == world.store_id
    ]
    assert await queries.page(town_session, owner, replace(in_store, store_ids=())) == []


async def test_nobody_else_has_terms_of_what_stands_here(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    assert drum.id in await container_dues.terms(town_session, world.generator.owner, at=AT)
    assert drum.id not in await container_dues.terms(town_session, world.receiver.owner, at=AT)
