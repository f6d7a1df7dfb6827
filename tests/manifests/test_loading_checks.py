"""The shipper looks at carrier, vehicle, crew and labels before it hands a load out, and signs it (令23 art. 13)."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.plans.test_at_filing import ruled
from tests.support.acts import BY_PASSWORD, SignAct
from tests.support.refused import balances, codes_broken, events_about, rules_broken
from tests.support.world import AT, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden
from wastetrack.manifests import checking_loading, queries, transporting
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.checking_loading import LoadingPoint
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.model import SignedStep
from wastetrack.manifests.preparing import prepare

LOADED = AT + timedelta(hours=1)
CheckLoading = partial(checking_loading.CheckLoading, signing=BY_PASSWORD, seen=frozenset(LoadingPoint))


async def test_what_was_looked_at_stands_in_the_log_and_nothing_moves(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await filed(town_session, world, [drum])
    before = await balances(town_session)
    row, leaf = await checking_loading.check_loading(
        town_session, world.generator.people[Role.SIGNER], CheckLoading(manifest_id=manifest_id), at=LOADED
    )
    assert (row.state, row.picked_up_at, await balances(town_session)) == ("filed", None, before)
    event = (await events_about(town_session, manifest_id))[-1]
    assert (event["kind"], event["id"]) == ("manifest_loading_checked", str(leaf.id))
    facts = event["facts"]
    assert facts["seen"] == ["crew", "labels", "packages", "emergency"]
    leg = (await queries.legs(town_session, manifest_id))[0]
    assert (facts["carrier"], facts["vehicle"]) == (str(leg.carrier_id), str(leg.vehicle_id))
    with pytest.raises(Conflict, match="already"):
        await checking_loading.check_loading(
            town_session, world.generator.owner, CheckLoading(manifest_id=manifest_id), at=LOADED
        )
    gone, _ = await transporting.pick_up(
        town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED + timedelta(minutes=5)
    )
    assert gone.state == "picked_up"
    with pytest.raises(OutOfOrder):
        await checking_loading.check_loading(
            town_session, world.generator.owner, CheckLoading(manifest_id=manifest_id), at=LOADED
        )


async def test_each_point_that_nobody_looked_at_is_told_with_its_article(
    town_session: WriteSession, world: World
) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    command = CheckLoading(manifest_id=manifest_id, seen=frozenset({LoadingPoint.LABELS}))
    broken = await rules_broken(checking_loading.check_loading(town_session, world.generator.owner, command, at=LOADED))
    assert [(one.field, one.code) for one in broken] == [
        (point, "loading_unseen") for point in ("crew", "packages", "emergency")
    ]
    assert {one.article for one in broken} == {"令23 art. 13"}
    assert all("do not load" in one.next_step for one in broken)


async def test_a_vehicle_whose_certificate_is_over_is_not_loaded(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    over = text("update vehicles set licence_valid_to = :day where plate = :plate")
    await town_session.execute(over, {"day": (AT - timedelta(days=1)).date(), "plate": world.plate})
    for work in (
        checking_loading.check_loading(
            town_session, world.generator.owner, CheckLoading(manifest_id=manifest_id), at=LOADED
        ),
        transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED),
    ):
        (broken,) = await rules_broken(work)
        assert (broken.code, bool(broken.article), bool(broken.next_step)) == ("vehicle_licence_expired", True, True)


async def test_only_the_shipper_s_signers_sign_it(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    for actor in (world.generator.people[Role.FILER], world.carrier.owner, world.receiver.owner):
        with pytest.raises(Forbidden):
            await checking_loading.check_loading(town_session, actor, CheckLoading(manifest_id=manifest_id), at=LOADED)


async def test_its_words_say_what_was_seen_and_by_whom(town_session: WriteSession, world: World) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    asked = Asked(
        step=SignedStep.LOADING_CHECK, subject_id=manifest_id, told={"seen": [one.value for one in LoadingPoint]}
    )
    intent = await prepare(town_session, world.generator.owner, asked, at=LOADED)
    assert "have seen that carrier, vehicle and crew hold valid permits" in intent.words["en"]
    assert "装载时已核实" in intent.words["zh"]
    assert world.plate in intent.words["zh"]


async def test_a_place_may_ask_for_it_before_every_pick_up(
    town_session: WriteSession, world: World, tmp_path: Path
) -> None:
    manifest_id = await filed(town_session, world, [await a_drum(town_session, world)])
    with ruled(tmp_path, loading_check_rule="refuse"):
        pick_up = SignAct(manifest_id=manifest_id)
        work = transporting.pick_up(town_session, world.carrier.owner, pick_up, at=LOADED)
        assert await codes_broken(work) == ["loading_unchecked"]
        await checking_loading.check_loading(
            town_session, world.generator.owner, CheckLoading(manifest_id=manifest_id), at=LOADED
        )
        row, _ = await transporting.pick_up(town_session, world.carrier.owner, pick_up, at=LOADED)
    assert row.state == "picked_up"
