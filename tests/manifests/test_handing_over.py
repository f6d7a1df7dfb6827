"""Between two carriers: place and time are agreed beforehand, and the next one looks before it signs (令23 art. 17)."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID

from tests.support.acts import BY_PASSWORD, SignAct
from tests.support.refused import balances, codes_broken, events_about, rules_broken
from tests.support.world import AT, World, a_drum, filed, plan_for
from wastetrack.auth.model import Role
from wastetrack.containers.queries import Container
from wastetrack.containers.recording import said
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import filing, queries, transporting
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.handing_over import read_check
from wastetrack.manifests.journey_model import Difference, DifferenceKind, HandOverCheck
from wastetrack.manifests.journey_model import HandOver as Command
from wastetrack.manifests.model import SignedStep
from wastetrack.manifests.preparing import prepare

LOADED, HANDED = AT + timedelta(hours=1), AT + timedelta(hours=2)
HandOver = partial(Command, signing=BY_PASSWORD)


async def on_the_first_leg(session: WriteSession, world: World, drums: list[Container]) -> UUID:
    """A load with the first of two carriers."""
    manifest_id = await filed(session, world, drums, legs=2)
    await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED)
    return manifest_id


async def test_each_boundary_needs_an_agreed_place_and_time_to_be_filed(
    town_session: WriteSession, world: World
) -> None:
    plan = plan_for(world, [await a_drum(town_session, world)], legs=2)
    first, second = plan.legs
    for wrong, rules in (
        (replace(second, handover_place=" "), ["handover_place_missing"]),
        (replace(second, handover_at=None), ["handover_time_missing"]),
        (replace(second, handover_place="", handover_at=None), ["handover_place_missing", "handover_time_missing"]),
        (replace(second, handover_at=AT - timedelta(days=1)), ["handover_too_early"]),
    ):
        command = replace(plan, legs=(first, wrong))
        row = await filing.draft_manifest(town_session, world.generator.owner, command, at=AT)
        work = filing.file_manifest(town_session, world.generator.owner, SignAct(manifest_id=row.id), at=AT)
        broken = await rules_broken(work)
        assert sorted(rule.code for rule in broken) == rules
        assert {rule.article for rule in broken} == {"令23 art. 17"}
    # A third carrier does not take over before the second.
    third = replace(second, handover_at=second.handover_at)
    row = await filing.draft_manifest(
        town_session, world.generator.owner, replace(plan, legs=(first, second, third)), at=AT
    )
    work = filing.file_manifest(town_session, world.generator.owner, SignAct(manifest_id=row.id), at=AT)
    assert await codes_broken(work) == ["handover_too_early"]


async def test_what_was_agreed_stands_on_the_paper_and_in_the_log(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)], legs=2)
    first, second = await queries.legs(town_session, manifest_id)
    assert (first.handover_place, first.handover_at) == ("", None)
    assert (second.handover_place, second.handover_at) == ("芝罘区交接点", HANDED)
    (event,) = await events_about(town_session, manifest_id)
    assert [leg["handover_place"] for leg in event["facts"]["legs"]] == [None, "芝罘区交接点"]


async def test_the_next_carrier_reads_what_it_states(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world), await a_drum(town_session, world)]
    manifest_id = await on_the_first_leg(town_session, world, drums)
    told = {
        "counted": 1,
        "differences": [{"container_id": str(drums[0].id), "kind": "missing", "note": "未交接"}],
    }
    asked = Asked(step=SignedStep.HAND_OVER, subject_id=manifest_id, told=told)
    intent = await prepare(town_session, world.second_carrier.people[Role.DRIVER], asked, at=HANDED)
    english = intent.words["en"]
    assert "counted 1 containers" in english
    assert f"Missing at the hand-over: container {drums[0].digital_code}" in english
    assert "I answer for the rest" in english
    assert "all containers" not in english
    again = Asked.read(asked.step, manifest_id, intent.asked)
    assert read_check(again.told) == read_check(told)


async def test_a_difference_is_recorded_and_the_mass_stays_on_the_road(
    town_session: WriteSession, world: World
) -> None:
    drums = [await a_drum(town_session, world) for _ in range(3)]
    manifest_id = await on_the_first_leg(town_session, world, drums)
    check = HandOverCheck(
        scanned=(drums[1].id, drums[2].id),
        differences=(
            Difference(drums[0].id, DifferenceKind.MISSING),
            Difference(drums[1].id, DifferenceKind.DAMAGED, "桶盖松动"),
        ),
        reweighed=((drums[2].id, 199_000),),
    )
    command = HandOver(manifest_id=manifest_id, check=check)
    await transporting.hand_over(town_session, world.second_carrier.owner, command, at=HANDED)
    event = (await events_about(town_session, manifest_id))[-1]
    facts = event["facts"]
    assert (facts["checked"], facts["counted"], facts["place"]) == ("scan", 2, "芝罘区交接点")
    assert [one["kind"] for one in facts["differences"]] == ["missing", "damaged"]
    assert facts["reweighed"] == [{"container": str(drums[2].id), "gross_g": 199_000}]
    assert event["postings"] == []  # told, and not booked
    assert "桶盖松动" not in str(event)
    assert (await said(town_session, [UUID(event["id"])]))[UUID(event["id"])] == {"reasons": ["桶盖松动"]}
    assert await balances(town_session, manifest_id) == {"in_transit": 540_000}
    checked = (await queries.legs(town_session, manifest_id))[1].checked
    assert checked is not None
    assert checked["counted"] == 2


async def test_what_does_not_come_out_is_refused(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world), await a_drum(town_session, world)]
    manifest_id = await on_the_first_leg(town_session, world, drums)
    one, other = drums[0].id, drums[1].id
    gone = Difference(one, DifferenceKind.MISSING)
    for check, rules in (
        (HandOverCheck(counted=1), ["count_differs"]),
        (HandOverCheck(counted=2, differences=(gone,)), ["count_differs"]),
        (HandOverCheck(scanned=(one,)), ["containers_not_checked"]),
        (HandOverCheck(scanned=(one, other), differences=(gone,)), ["containers_not_checked"]),
        (HandOverCheck(scanned=(one, other, new_id())), ["containers_not_checked", "containers_strange"]),
        (HandOverCheck(differences=(gone, gone)), ["difference_twice"]),
        (HandOverCheck(differences=(Difference(one, DifferenceKind.DAMAGED),)), ["damage_unsaid"]),
        (HandOverCheck(reweighed=((new_id(), 1),)), ["containers_strange"]),
    ):
        command = HandOver(manifest_id=manifest_id, check=check)
        work = transporting.hand_over(town_session, world.second_carrier.owner, command, at=HANDED)
        assert await codes_broken(work) == rules
    command = HandOver(manifest_id=manifest_id, check=HandOverCheck(counted=1, differences=(gone,)))
    row, _ = await transporting.hand_over(town_session, world.second_carrier.owner, command, at=HANDED)
    assert row.state == "in_transit"
