"""Receivers without a permit: by an approval point to point or the exemption list, for one site's waste alone."""

from dataclasses import replace
from typing import Any

import pytest

from tests.capacity.test_assembling import made
from tests.support.approvals import Neighbours, agree, application, approved, build_neighbours, item
from tests.support.capacity import ASH, DRUMS, MAKER, SECOND_MAKER, TONNE, a_site, facts, question
from tests.support.world import AT, OIL, SLUDGE, World
from wastetrack.approvals.model import ApprovalKind
from wastetrack.capacity.answering import answer
from wastetrack.capacity.facts import DirectedFacts, Facts
from wastetrack.capacity.gathering import facts_of
from wastetrack.capacity.result import GatheringCaution, ScenarioKind
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import WriteSession
from wastetrack.parties.model import SiteKind
from wastetrack.plans.model import ReceiverKind, TransferKind

IRON_DRUMS = OIL
USER = a_site(SiteKind.PRODUCTION, "370602", 121.4, 37.5)
SISTER = replace(MAKER, id=a_site(SiteKind.PRODUCTION, "370702", 119.0, 36.7).id, region_code="370702")


def directed(ground: TransferBasis = TransferBasis.POINT_TO_POINT, **changed: Any) -> Facts:  # noqa: ANN401  the fields of a dataclass
    """The region, where MAKER's ash may go to a user: 4,000 t of it."""
    told = facts(directed=(DirectedFacts(MAKER.id, USER.id, ASH, "R5", 4_000 * TONNE, ground),), **changed)
    return replace(told, sites={**told.sites, USER.id: USER, SISTER.id: SISTER})


@pytest.mark.parametrize("ground", [TransferBasis.POINT_TO_POINT, TransferBasis.EXEMPT])
def test_it_takes_its_quantity_of_that_site_and_code_and_nothing_of_others(ground: TransferBasis) -> None:
    told = answer(directed(ground), question(), made_at=AT, progress=lambda _share: None)
    (user,) = [one for one in told.plants if one.plant == f"{ground.value}:{USER.id}"]
    assert (user.treated_g, user.permitted_g) == (4_000 * TONNE, 4_000 * TONNE)
    assert {one.region for one in told.flows if one.plant == user.plant} == {"370600"}
    assert {one.kind: one.count for one in told.cautions}[GatheringCaution.WITHOUT_PERMIT] == 1
    # The landfill's 6,000 t and the user's 4,000 t of 21,000 t; without him 4,000 t more find nothing.
    without = answer(facts(), question(), made_at=AT, progress=lambda _share: None)
    assert without.totals.unmatched_g - told.totals.unmatched_g == 4_000 * TONNE
    assert GatheringCaution.WITHOUT_PERMIT not in {one.kind for one in without.cautions}


def test_only_he_makes_it_of_whom_it_was_told() -> None:
    """All ash arises at the second maker: the user gets none."""
    told = directed(planned_g={(SECOND_MAKER.id, ASH): 9_000 * TONNE, (MAKER.id, DRUMS): TONNE})
    found = answer(told, question(), made_at=AT, progress=lambda _share: None)
    assert [one.treated_g for one in found.plants if one.plant.endswith(str(USER.id))] == [0]


def test_a_sister_of_the_group_is_not_let_in() -> None:
    alone = directed()
    both = directed(planned_g={(MAKER.id, ASH): 12_000 * TONNE, (SISTER.id, ASH): 500 * TONNE})
    user = f"point_to_point:{USER.id}"
    assert user in made(both).instance.plants.ids
    assert user in made(alone, sharing=True).instance.plants.ids
    assert user not in made(both, sharing=True).instance.plants.ids
    sharing = question(scenario=ScenarioKind.SHARING)
    assert answer(both, sharing, made_at=AT, progress=lambda _share: None).proven


@pytest.fixture
async def neighbours(town_session: WriteSession) -> Neighbours:
    """Who decides on applications."""
    return await build_neighbours(town_session)


async def gathered(session: WriteSession) -> tuple[DirectedFacts, ...]:
    return (await facts_of(session, await snapshot(session), "3706", 2026, at=AT)).directed


async def test_an_approval_point_to_point_makes_a_receiver_and_a_plan_alone_does_not(
    town_session: WriteSession, world: World, neighbours: Neighbours
) -> None:
    user = ReceiverKind.APPROVED_USER
    await agree(town_session, world, world.stranger, methods=("R9",), kind=TransferKind.WITHIN, receiver_kind=user)
    assert await gathered(town_session) == ()
    command = application(world, neighbours, item(method="R9"), kind=ApprovalKind.POINT_TO_POINT)
    held = await approved(town_session, world, neighbours, command)
    (found,) = await gathered(town_session)
    ends = (world.generator.site.id, world.stranger.site.id)
    assert found == DirectedFacts(*ends, OIL, "R9", 10 * TONNE, TransferBasis.POINT_TO_POINT)
    held.state = "superseded"
    await town_session.flush()
    assert await gathered(town_session) == ()


@pytest.mark.parametrize(
    ("code", "method", "count"), [(IRON_DRUMS, "R4", 1), (IRON_DRUMS, "D10", 0), (SLUDGE, "R4", 0)]
)
async def test_an_exempt_user_is_one_where_the_list_frees_the_link(
    town_session: WriteSession, world: World, code: str, method: str, count: int
) -> None:
    user, within = ReceiverKind.EXEMPT_USER, TransferKind.WITHIN
    await agree(town_session, world, world.stranger, code, methods=(method,), kind=within, receiver_kind=user)
    found = await gathered(town_session)
    ends = (world.generator.site.id, world.stranger.site.id)
    assert found == (DirectedFacts(*ends, code, method, 1_000 * TONNE, TransferBasis.EXEMPT),) * count
