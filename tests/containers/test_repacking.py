"""Content changes its container: one into one, several into one, one into several; never its mass without a reason."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about, rules_broken
from tests.support.world import AT, SLUDGE, TODAY, World, a_drum, arrived, received, weighed
from wastetrack.auth.model import Role
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerElsewhere, ContainerUnknown
from wastetrack.containers.model import Filling, Packaging, Repack
from wastetrack.containers.queries import Container
from wastetrack.containers.repacking import repack
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden


def a_filling(net: str, *, volume_l: int = 200) -> Filling:
    """A new drum with so much in it."""
    return Filling(packaging=Packaging.DRUM, volume_l=volume_l, weighing=weighed(net))


def repacking(parents: list[Container], *nets: str, reason: str = "", volume_l: int = 200) -> Repack:
    """The content of these into new drums."""
    return Repack(
        from_ids=tuple(parent.id for parent in parents),
        into=tuple(a_filling(net, volume_l=volume_l) for net in nets),
        repacked_on=TODAY,
        loss_reason=reason,
    )


async def lineage(session: WriteSession) -> list[tuple[str, int]]:
    """How often content went which way."""
    rows = await session.execute(text("select kind, count(*) from container_lineage group by kind order by kind"))
    return [(kind, count) for kind, count in rows]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (["180 kg"], ["180 kg"], ("repacked", 1)),
        (["80 kg", "100 kg"], ["180 kg"], ("merged", 2)),
        (["180 kg"], ["100 kg", "50 kg", "30 kg"], ("split", 3)),
    ],
)
async def test_content_goes_over_and_its_way_is_kept(
    town_session: WriteSession, world: World, before: list[str], after: list[str], kind: tuple[str, int]
) -> None:
    parents = [await a_drum(town_session, world, net) for net in before]
    children, _ = await repack(town_session, world.generator.owner, repacking(parents, *after), at=AT)
    assert await lineage(town_session) == [kind]
    assert {
        row.state for row in await queries.several(town_session, world.generator.owner, [p.id for p in parents])
    } == {"emptied"}
    assert await balances(town_session, world.generator.site.id) == {"generated": -180_000, "stored": 180_000}
    assert await books_and_containers_agree(town_session, world.generator.site.id)
    relatives = await queries.relatives(town_session, world.generator.owner, children[0].id)
    assert sorted(relative.container.id for relative in relatives) == sorted(parent.id for parent in parents)
    labelled, repacked = await events_about(town_session, children[0].id)
    assert (labelled["kind"], repacked["kind"]) == ("container_labelled", "containers_repacked")
    assert labelled["facts"]["made_by"] == repacked["id"]
    assert len({child.digital_code for child in children}) == len(after)


async def test_a_difference_without_a_reason_is_refused_and_with_one_is_booked(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    for reason in ("", "  "):
        work = repack(town_session, world.generator.owner, repacking([drum], "178 kg", reason=reason), at=AT)
        assert await codes_broken(work) == ["difference_unexplained"]
    told = repacking([drum], "178 kg", reason="桶底残留")
    await repack(town_session, world.generator.owner, told, at=AT)
    assert await balances(town_session, world.generator.site.id) == {
        "generated": -180_000,
        "stored": 178_000,
        "discrepancy:weighing": 2_000,
    }
    assert await books_and_containers_agree(town_session, world.generator.site.id)


async def test_wastes_of_unlike_codes_are_not_mixed(town_session: WriteSession, world: World) -> None:
    oil, sludge = await a_drum(town_session, world, "80 kg"), await a_drum(town_session, world, "100 kg", code=SLUDGE)
    work = repack(town_session, world.generator.owner, repacking([oil, sludge], "180 kg"), at=AT)
    assert await codes_broken(work) == ["codes_mixed"]


async def test_what_cannot_be_repacked_says_why(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    one, two = await a_drum(town_session, world, "80 kg"), await a_drum(town_session, world, "100 kg")
    several = repacking([one, two], "90 kg", "90 kg")
    assert await codes_broken(repack(town_session, owner, several, at=AT)) == ["lineage_unclear"]
    nothing = repacking([one], reason="leer")
    assert await codes_broken(repack(town_session, owner, nothing, at=AT)) == ["nothing_filled"]
    small = repacking([one], "80 kg", volume_l=5)
    assert await codes_broken(repack(town_session, owner, small, at=AT)) == ["mass_absurd"]


async def test_a_drum_named_twice_does_not_pour_twice(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "90 kg")
    work = repack(town_session, world.generator.owner, repacking([drum, drum], "180 kg"), at=AT)
    assert await codes_broken(work) == ["container_twice"]
    assert await codes_broken(repack(town_session, world.generator.owner, repacking([], "1 kg"), at=AT)) == [
        "containers_missing"
    ]


@pytest.mark.parametrize(("days", "rule"), [(1, "day_in_future"), (-1, "day_before_filling")])
async def test_the_day_of_repacking_lies_between_filling_and_today(
    town_session: WriteSession, world: World, days: int, rule: str
) -> None:
    drum = await a_drum(town_session, world)
    command = Repack(
        from_ids=(drum.id,), into=(a_filling("180 kg"),), repacked_on=TODAY + timedelta(days=days), loss_reason=""
    )
    assert await codes_broken(repack(town_session, world.generator.owner, command, at=AT)) == [rule]


async def test_only_what_stands_here_is_repacked_and_by_its_own_people(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    with pytest.raises(ContainerUnknown):
        await repack(town_session, world.stranger.owner, repacking([drum], "180 kg"), at=AT)
    for looker in (world.generator.people[Role.VIEWER], world.inspector):
        with pytest.raises(Forbidden):
            await repack(town_session, looker, repacking([drum], "180 kg"), at=AT)
    await arrived(town_session, world, [drum])
    with pytest.raises(ContainerElsewhere):
        await repack(town_session, world.generator.owner, repacking([drum], "180 kg"), at=AT)


async def test_who_holds_the_waste_repacks_it_under_its_own_code(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world, "180 kg")
    await received(town_session, world, [drum], "200 kg")
    later = AT + timedelta(hours=6)
    (child,), _ = await repack(town_session, world.receiver.owner, repacking([drum], "180 kg"), at=later)
    assert child.digital_code.startswith(world.receiver.credit_code)
    with pytest.raises(ContainerUnknown):
        await queries.container(town_session, world.generator.owner, child.id)


async def test_oil_is_not_repacked_into_a_big_bag(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    bag = replace(a_filling("180 kg", volume_l=1_000), packaging=Packaging.BIG_BAG)
    work = repack(town_session, world.generator.owner, replace(repacking([drum]), into=(bag,)), at=AT)
    (rule,) = await rules_broken(work)
    assert (rule.field, rule.code, rule.article) == ("into.0.packaging", "liquid_in_bag", "GB 18597-2023 8.1.2")
