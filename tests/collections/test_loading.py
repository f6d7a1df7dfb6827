"""Labels read at the vehicle: what they turn out to be, when the count matches, what the log holds of them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.support.acts import SignAct
from tests.support.refused import codes_broken, rules_broken
from tests.support.trade import Trade, asked, sent
from tests.support.world import AT, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden
from wastetrack.ids import new_id
from wastetrack.manifests import loading, transporting
from wastetrack.manifests.errors import OutOfOrder
from wastetrack.manifests.loading_model import LoadCount, LoadingFound, MarkAtPickUp, ScanAtPickUp, why_not_loaded

LOADED = AT + timedelta(hours=1)


async def read(
    session: WriteSession, world: World, manifest_id: UUID, drum: Container, *, revision: int | None = 1
) -> LoadingFound:
    """The driver reads a label."""
    code = replace(DigitalCode.parse(drum.digital_code), revision=revision)
    command = ScanAtPickUp(scan_id=new_id(), manifest_id=manifest_id, code=code)
    row, leaf = await loading.scan_at_pick_up(session, world.carrier.people[Role.DRIVER], command, at=LOADED)
    assert leaf is not None
    return LoadingFound(row.found)


async def events_about(session: WriteSession, subject_id: UUID) -> list[str]:
    """The kinds of events about something."""
    rows = await session.execute(
        text("select kind from log_leaves join log_subjects using (arrival) where subject_id = :id order by arrival"),
        {"id": subject_id},
    )
    return [kind for (kind,) in rows]


async def test_each_label_is_a_fact_right_or_wrong(town_session: WriteSession, world: World) -> None:
    listed, other = [await a_drum(town_session, world) for _ in range(2)]
    manifest_id = await filed(town_session, world, [listed])
    assert await read(town_session, world, manifest_id, other) is LoadingFound.NOT_ON_LIST
    assert await read(town_session, world, manifest_id, listed, revision=2) is LoadingFound.VOID_LABEL
    driver = world.carrier.people[Role.DRIVER]
    assert await loading.count_of(town_session, driver, manifest_id) == LoadCount(1, 0, 0)
    for _ in range(2):
        assert await read(town_session, world, manifest_id, listed, revision=None) is LoadingFound.ON_LIST
    assert (await loading.demand_loaded(town_session, driver, manifest_id)).matches
    assert (await events_about(town_session, manifest_id)).count("scanned_at_pickup") == 4
    assert (await events_about(town_session, listed.id)).count("scanned_at_pickup") == 3
    assert "scanned_at_pickup" not in await events_about(town_session, other.id)


async def test_nobody_drives_off_before_everything_is_accounted_for(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world) for _ in range(3)]
    manifest_id = await filed(town_session, world, drums)
    driver = world.carrier.people[Role.DRIVER]
    await read(town_session, world, manifest_id, drums[0])
    (rule,) = await rules_broken(loading.demand_loaded(town_session, driver, manifest_id))
    assert (rule.code, rule.value) == ("load_not_counted", 2)
    marks = ((drums[1], LoadingFound.UNREAD, "标签破损"), (drums[2], LoadingFound.LEFT, "未备妥"))
    for drum, found, reason in marks:
        command = MarkAtPickUp(
            mark_id=new_id(), manifest_id=manifest_id, container_id=drum.id, found=found, reason=reason
        )
        await loading.mark_at_pick_up(town_session, driver, command, at=LOADED)
    assert await codes_broken(loading.demand_loaded(town_session, driver, manifest_id)) == ["load_left_behind"]
    assert await loading.demand_loaded(town_session, driver, manifest_id, may_leave=True) == LoadCount(3, 2, 1)
    # It is loaded after all: what was seen last counts.
    await read(town_session, world, manifest_id, drums[2])
    assert (await loading.demand_loaded(town_session, driver, manifest_id)).matches
    wrong = MarkAtPickUp(
        mark_id=new_id(), manifest_id=manifest_id, container_id=new_id(), found=LoadingFound.ON_LIST, reason=" "
    )
    work = loading.mark_at_pick_up(town_session, driver, wrong, at=LOADED)
    assert await codes_broken(work) == ["mark_unclear", "not_on_list", "reason_missing"]
    long = replace(wrong, container_id=drums[0].id, found=LoadingFound.LEFT, reason="x" * 501)
    assert await codes_broken(loading.mark_at_pick_up(town_session, driver, long, at=LOADED)) == ["text_long"]


async def test_a_scan_sent_twice_is_one_scan(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world) for _ in range(2)]
    first, second = [await filed(town_session, world, [drum]) for drum in drums]
    driver = world.carrier.people[Role.DRIVER]
    code = DigitalCode.parse(drums[0].digital_code)
    command = ScanAtPickUp(scan_id=new_id(), manifest_id=first, code=code)
    _, leaf = await loading.scan_at_pick_up(town_session, driver, command, at=LOADED)
    row, again = await loading.scan_at_pick_up(town_session, driver, command, at=LOADED)
    assert (leaf is None, again, row.found) == (False, None, "on_list")
    with pytest.raises(Conflict):
        await loading.scan_at_pick_up(town_session, driver, replace(command, manifest_id=second), at=LOADED)
    mark = MarkAtPickUp(
        mark_id=command.scan_id,
        manifest_id=first,
        container_id=drums[0].id,
        found=LoadingFound.LEFT,
        reason="未备妥",
    )
    assert (await loading.mark_at_pick_up(town_session, driver, mark, at=LOADED))[1] is None


async def test_labels_are_read_by_whoever_takes_the_load_over_next(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await filed(town_session, world, [drum], legs=2)
    code = DigitalCode.parse(drum.digital_code)
    further = world.second_carrier.people[Role.DRIVER]

    def scan() -> ScanAtPickUp:
        return ScanAtPickUp(scan_id=new_id(), manifest_id=manifest_id, code=code)

    with pytest.raises(Forbidden):
        await loading.scan_at_pick_up(town_session, further, scan(), at=LOADED)
    await read(town_session, world, manifest_id, drum)
    await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=manifest_id), at=LOADED)
    with pytest.raises(Forbidden):
        await read(town_session, world, manifest_id, drum)
    await loading.scan_at_pick_up(town_session, further, scan(), at=LOADED)
    assert (await loading.count_of(town_session, further, manifest_id)).matches
    alone = await filed(town_session, world, [await a_drum(town_session, world)])
    await transporting.pick_up(town_session, world.carrier.owner, SignAct(manifest_id=alone), at=LOADED)
    with pytest.raises(OutOfOrder):
        await read(town_session, world, alone, drum)


def test_an_empty_list_matches_nothing() -> None:
    assert not LoadCount(0, 0, 0).matches
    assert why_not_loaded(LoadCount(2, 2, 0)) == []


async def test_loading_through_the_api(trade: Trade) -> None:
    drum, other = await trade.labelled(), await trade.labelled()
    manifest_id = await trade.filed(drum)
    carrier, path = await trade.carrier(), f"/loads/{manifest_id}"
    wrong = await sent(carrier, f"{path}/scans", {"label": other["digital_code"]}, expect=201)
    assert (wrong["found"], wrong["container_id"], wrong["count"]["missing"]) == ("not_on_list", None, 1)
    mark = {"container_id": drum["id"], "found": "left", "reason": "未备妥"}
    assert (await sent(carrier, f"{path}/marks", mark, expect=201))["count"]["left"] == 1
    right = await sent(carrier, f"{path}/scans", {"label": drum["digital_code"]}, expect=201)
    assert (right["found"], right["count"]["matches"]) == ("on_list", True)
    told = await asked(carrier, path)
    assert [one["found"] for one in told["seen"]] == ["on_list"]
    assert told["count"]["loaded"] == 1
    await sent(carrier, f"{path}/scans", {"label": "no label"}, expect=400)
    stranger, nobody = await trade.stranger(), await trade.nobody()
    for visitor, status in ((stranger, 404), (nobody, 401)):
        assert (await visitor.get(f"/api/v1{path}")).status_code == status
        await sent(visitor, f"{path}/scans", {"label": drum["digital_code"]}, expect=status)
        await sent(visitor, f"{path}/marks", mark, expect=status)
    # The chain of the container tells it to the shipper.
    history = await asked(await trade.shipper(), f"/containers/{drum['id']}/history")
    assert "scanned_at_pickup" in str(history)
