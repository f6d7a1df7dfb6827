"""Every state × act × actor of every kind: it moves as the table says, or refuses with its stated reason."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.approvals import Neighbours, application, drafted, item, step
from tests.support.world import AT, World
from wastetrack.approvals.errors import OutOfTurn
from wastetrack.approvals.model import ApprovalAct, ApprovalKind, ApprovalState, Side
from wastetrack.approvals.policy import acts_open_to
from wastetrack.approvals.states import BY, FINAL, NEXT, WITH_REASON, advance, possible_acts
from wastetrack.auth.model import Actor, Role
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound, RuleBroken

GENERAL = "900-001-S17"
ACROSS = {ApprovalKind.CROSS_PROVINCE, ApprovalKind.RECORD_OF_USE}
STANDS = """
update approvals set state = $2, submitted_at = $3, accepted_at = $3, consulted_at = $3, replied_at = $3,
  noticed_at = null, valid_from = '2026-03-02', valid_to = '2027-03-02'
where id = $1
"""


@dataclass
class Named:
    """Whom an application concerns."""

    generator_id: UUID
    deciding: str
    replying: str | None


def people(world: World, neighbours: Neighbours) -> dict[str, Actor]:
    """Everybody who might try."""
    return {
        "owner": world.generator.owner,
        "signer": world.generator.people[Role.SIGNER],
        "filer": world.generator.people[Role.FILER],
        "viewer": world.generator.people[Role.VIEWER],
        "receiver": neighbours.receiver.owner,
        "stranger": world.carrier.owner,
        "shandong": neighbours.shandong,
        "jiangsu": neighbours.jiangsu,
        "yantai": neighbours.yantai,
        "inspector": world.inspector,
    }


MAY = {
    Side.APPLICANT: {"owner", "signer"},
    Side.ORIGIN: {"shandong"},
    Side.DESTINATION: {"jiangsu"},
    Side.LAW: set(),
}


def test_each_act_belongs_to_one_side() -> None:
    assert BY.keys() == set(ApprovalAct)
    assert {act for kind in ApprovalKind for _, act in NEXT[kind]} == set(ApprovalAct)


@pytest.mark.parametrize("kind", ApprovalKind)
def test_what_is_final_leads_nowhere_and_everything_else_can_end(kind: ApprovalKind) -> None:
    for state in FINAL:
        assert possible_acts(kind, state) == ()
    reachable, new = {ApprovalState.DRAFT}, {ApprovalState.DRAFT}
    while new:
        new = {after for (before, _), after in NEXT[kind].items() if before in new} - reachable
        reachable |= new
    for state in reachable - FINAL:
        assert any(before is state for before, _ in NEXT[kind]), state
    assert {before for before, _ in NEXT[kind]} <= reachable


def test_without_the_other_provinces_consent_nothing_is_approved() -> None:
    ways = {before for (before, act), _ in NEXT[ApprovalKind.CROSS_PROVINCE].items() if act is ApprovalAct.APPROVE}
    assert ways == {ApprovalState.AGREED}


@pytest.mark.parametrize("kind", ApprovalKind)
async def test_every_state_act_and_actor(
    town_session: WriteSession, world: World, neighbours: Neighbours, kind: ApprovalKind
) -> None:
    wastes = (item(GENERAL, method="R4"),) if kind is ApprovalKind.RECORD_OF_USE else ()
    row = await drafted(town_session, world, application(world, neighbours, *wastes, kind=kind))
    driver = await town_session.driver()
    approval_id = row.id
    sees = await _everybody_sees(town_session, approval_id)
    assert sees
    blind = {"stranger"} if kind in ACROSS else {"stranger", "receiver"}
    consulted = kind is ApprovalKind.CROSS_PROVINCE
    tried = 0
    for state in ApprovalState:
        await driver.execute(STANDS, approval_id, state.value, AT)
        for name, actor in people(world, neighbours).items():
            for act in ApprovalAct:
                tried += 1
                if name in blind:
                    refusal: type[Exception] | None = NotFound
                elif name not in MAY[BY[act]] or (BY[act] is Side.DESTINATION and not consulted):
                    refusal = Forbidden
                else:
                    refusal = None if (state, act) in NEXT[kind] else OutOfTurn
                if refusal is not None:  # before anything is written
                    with pytest.raises(refusal):
                        await step(town_session, actor, approval_id, act, at=AT + timedelta(minutes=1))
                    continue
                async with town_session.begin_nested() as nested:
                    await town_session.connection()
                    moved = await step(town_session, actor, approval_id, act, at=AT + timedelta(minutes=1))
                    assert moved.state == advance(kind, state, act).value
                    await nested.rollback()
    assert tried == len(ApprovalState) * len(ApprovalAct) * len(people(world, neighbours))


async def _everybody_sees(session: WriteSession, approval_id: object) -> bool:
    """As if it had been submitted; strangers still do not."""
    await session.execute(
        text(
            "insert into sightings (viewer, kind, subject_id) "
            "select viewer, 'approval', :id from unnest(array['r:37', 'r:3706', 'r:32', 'o:' || "
            "(select receiver_id from approvals where id = :id)]) as viewer on conflict do nothing"
        ),
        {"id": approval_id},
    )
    return True


@pytest.mark.parametrize("act", sorted(WITH_REASON))
async def test_what_is_refused_or_sent_back_says_why(
    town_session: WriteSession, world: World, neighbours: Neighbours, act: ApprovalAct
) -> None:
    row = await drafted(town_session, world, application(world, neighbours))
    row = await step(town_session, world.generator.owner, row.id, ApprovalAct.SUBMIT)
    state = next(before for before, name in NEXT[ApprovalKind.CROSS_PROVINCE] if name is act and before != "draft")
    row.state, row.accepted_at, row.consulted_at, row.replied_at = state.value, AT, AT, AT
    await town_session.flush()
    actor = {
        Side.APPLICANT: world.generator.owner,
        Side.ORIGIN: neighbours.shandong,
        Side.DESTINATION: neighbours.jiangsu,
    }[BY[act]]
    with pytest.raises(RuleBroken) as refused:
        await step(town_session, actor, row.id, act, reason="  ")
    assert [rule.code for rule in refused.value.broken] == ["reason_missing"]


def test_buttons_ask_what_the_use_case_asks(world: World) -> None:
    of = Named(world.generator.id, "37", "32")
    kind, state = ApprovalKind.CROSS_PROVINCE, ApprovalState.SUBMITTED
    assert acts_open_to(world.generator.owner, kind, state, of, noticed=False) == (ApprovalAct.WITHDRAW,)
    assert acts_open_to(world.inspector, kind, state, of, noticed=False) == ()
