"""Scales of every site push what they say; a weighing that rests on a reading names scale, method, uncertainty."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.refused import codes_broken
from tests.support.scales import a_platform, said, scale_at
from tests.support.statements import counted
from tests.support.world import AT, World, a_drum, arrived, drum_of
from wastetrack.auth.model import Role
from wastetrack.containers.counting import begin_stock_take, count_container
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Filling, LabelContainer, Packaging, Repack, WeighContainer, Weighing
from wastetrack.containers.repacking import repack
from wastetrack.containers.stock_takes import BeginStockTake, CountContainer
from wastetrack.containers.storing import weigh_container
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests.gate import scan_at_gate
from wastetrack.manifests.model import ScanAtGate
from wastetrack.mass import Mass
from wastetrack.scales import queries
from wastetrack.scales.model import ChangeScale, PushReading, ScaleKind
from wastetrack.scales.pushing import push_reading
from wastetrack.scales.registering import add_scale, change_scale, end_scale


def by_reading(reading_id: UUID, gross: str = "200 kg", tare: str = "20 kg") -> Weighing:
    """What a form says that was filled by a scale: its method is the form's own, and wrong."""
    return Weighing(gross=Mass.parse(gross), tare=Mass.parse(tare), method=WeighingMethod.COUNT, reading_id=reading_id)


def weighed_by(world: World, reading_id: UUID, gross: str = "200 kg") -> LabelContainer:
    return replace(drum_of("180 kg", world), weighing=by_reading(reading_id, gross))


async def test_a_label_takes_scale_method_and_uncertainty_from_the_reading(
    town_session: WriteSession, world: World
) -> None:
    scale = await scale_at(town_session, world.generator, kind=ScaleKind.TRUCK)
    reading = await said(town_session, world.generator, scale, "200 kg")
    row, _ = await label_container(town_session, world.generator.owner, weighed_by(world, reading.id), at=AT)
    assert (row.net_g, row.method, row.scale_id, row.uncertainty_g) == (180_000, "truck_scale", "PS-2", 58)
    again = label_container(town_session, world.generator.owner, weighed_by(world, reading.id), at=AT)
    assert await codes_broken(again) == ["reading_used"]


async def test_a_reading_that_is_not_this_containers_is_refused_with_every_reason(
    town_session: WriteSession, world: World
) -> None:
    elsewhere = await scale_at(town_session, world.receiver, "RS-1")
    old = AT - timedelta(minutes=31)
    reading = await said(town_session, world.receiver, elsewhere, "10 kg", weighed_at=old, stable=False)
    drum = label_container(town_session, world.generator.owner, weighed_by(world, reading.id), at=AT)
    assert await codes_broken(drum) == ["reading_differs", "reading_old", "reading_unstable", "scale_elsewhere"]
    with pytest.raises(NotFound):
        await label_container(town_session, world.generator.owner, weighed_by(world, new_id()), at=AT)


async def test_weighing_again_repacking_and_counting_take_readings(town_session: WriteSession, world: World) -> None:
    firm = world.generator
    scale = await scale_at(town_session, firm)
    drum = await a_drum(town_session, world)
    first = await said(town_session, firm, scale, "201 kg")
    command = WeighContainer(container_id=drum.id, weighing=by_reading(first.id, "201 kg"))
    again, _ = await weigh_container(town_session, firm.owner, command, at=AT)
    assert (again.net_g, again.scale_id, again.method) == (181_000, "PS-2", "platform_scale")
    # The same container by the same reading is the same weighing, not a second use of it.
    await weigh_container(town_session, firm.owner, command, at=AT)
    second = await said(town_session, firm, scale, "201 kg")
    filling = Filling(packaging=Packaging.DRUM, volume_l=200, weighing=by_reading(second.id, "201 kg"))
    (made,), _ = await repack(
        town_session, firm.owner, Repack(from_ids=(drum.id,), into=(filling,), repacked_on=AT.date()), at=AT
    )
    assert (made.net_g, made.scale_id) == (181_000, "PS-2")
    take, _ = await begin_stock_take(town_session, firm.owner, BeginStockTake(site_id=firm.site.id), at=AT)
    third = await said(town_session, firm, scale, "200.8 kg")
    counted = CountContainer(
        stock_take_id=take.id, digital_code=made.digital_code, gross=Mass.parse("200.8 kg"), reading_id=third.id
    )
    line = await count_container(town_session, firm.owner, counted, at=AT)
    assert (line.gross_g, line.scale_id, line.uncertainty_g) == (200_800, "PS-2", 58)
    other = replace(counted, reading_id=second.id, gross=Mass.parse("201 kg"))
    fresh = await a_drum(town_session, world)
    used = count_container(town_session, firm.owner, replace(other, digital_code=fresh.digital_code), at=AT)
    assert await codes_broken(used) == ["reading_used"]


async def test_the_gate_weighs_on_its_own_scale(town_session: WriteSession, world: World) -> None:
    scale = await scale_at(town_session, world.receiver, "GATE-9")
    drum = await a_drum(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    at = AT + timedelta(hours=8)
    gate = world.receiver.people[Role.GATE_OPERATOR]
    push = PushReading(reading_id=new_id(), scale_id=scale.id, gross=Mass.parse("199.9 kg"))
    reading = await push_reading(town_session, gate, push, at=at)
    scanned = await scan_at_gate(
        town_session,
        gate,
        ScanAtGate(
            manifest_id=manifest_id,
            scan_id=new_id(),
            code=DigitalCode.parse(drum.digital_code),
            gross=Mass(reading.gross_g),
            reading_id=reading.id,
        ),
        at=at,
    )
    assert scanned.measured == Mass(179_900)
    kept = await queries.reading(town_session, reading.id)
    assert kept.used_for == drum.id


async def test_the_newest_reading_of_each_scale_is_one_statement(
    town_session: WriteSession, town_engine: AsyncEngine, world: World
) -> None:
    firm = world.generator
    scales = [await scale_at(town_session, firm, f"PS-{number}") for number in range(3)]
    await said(town_session, firm, scales[0], "10 kg", weighed_at=AT - timedelta(minutes=2))
    await said(town_session, firm, scales[0], "12 kg", stable=False)
    await said(town_session, firm, scales[1], "0 kg")
    await said(town_session, firm, scales[2], "7 kg", weighed_at=AT - timedelta(hours=1))
    with counted(town_engine) as statements:
        found = await queries.newest(town_session, [one.id for one in scales], since=AT - timedelta(minutes=30))
    assert len(statements) == 1
    assert {one.scale_serial: (one.gross, one.stable) for one in found.values()} == {
        "PS-0": (Mass.parse("12 kg"), False),
        "PS-1": (Mass(0), True),
    }
    still = await queries.newest(
        town_session, [one.id for one in scales], since=AT - timedelta(minutes=30), stable=True
    )
    assert still[scales[0].id].gross == Mass.parse("10 kg")
    assert await queries.newest(town_session, [], since=AT) == {}


async def test_scales_are_entered_verified_anew_and_ended_by_the_owner(
    town_session: WriteSession, world: World
) -> None:
    firm = world.generator
    scale = await scale_at(town_session, firm)
    with pytest.raises(Conflict):
        await scale_at(town_session, firm)
    with pytest.raises(Forbidden):
        await add_scale(town_session, firm.people[Role.FILER], a_platform(firm.site.id, "PS-3"), at=AT)
    with pytest.raises(Forbidden):
        await add_scale(town_session, world.stranger.owner, a_platform(firm.site.id, "PS-3"), at=AT)
    nothing = {"name": "", "division": Mass(0), "uncertainty": Mass(0)}
    wrong = a_platform(firm.site.id, "", **nothing, verified_until=date(2020, 1, 1))
    assert await codes_broken(add_scale(town_session, firm.owner, wrong, at=AT)) == [
        "division_not_positive",
        "name_missing",
        "serial_missing",
        "uncertainty_not_positive",
        "verification_ends_early",
    ]
    told = {name: getattr(a_platform(firm.site.id), name) for name in ("kind", "unit", "accuracy", "verified_on")}
    change = ChangeScale(scale_id=scale.id, name="新台秤", verified_until=date(2099, 12, 31), **told)
    assert (await change_scale(town_session, firm.owner, change)).verified_until == date(2099, 12, 31)
    with pytest.raises(NotFound):
        await change_scale(town_session, firm.owner, replace(change, scale_id=new_id()))
    await end_scale(town_session, firm.owner, scale.id, at=AT)
    with pytest.raises(Conflict):
        await change_scale(town_session, firm.owner, change)
    with pytest.raises(NotFound):
        await said(town_session, firm, scale, "10 kg")
    assert [one.serial for one in await queries.scales(town_session, firm.owner)] == []
    assert [one.serial for one in await queries.scales(town_session, firm.owner, ended=True)] == ["PS-2"]


async def test_what_a_scale_cannot_say(town_session: WriteSession, world: World) -> None:
    firm = world.generator
    scale = await scale_at(town_session, firm)
    bridge = await scale_at(town_session, firm, "TS-1", kind=ScaleKind.TRUCK)
    assert await codes_broken(said(town_session, firm, scale, "60 t")) == ["reading_absurd"]
    await said(town_session, firm, bridge, "60 t")
    ahead = PushReading(reading_id=new_id(), scale_id=scale.id, gross=Mass(1), weighed_at=AT + timedelta(hours=1))
    assert await codes_broken(push_reading(town_session, firm.owner, ahead, at=AT)) == ["dated_in_future"]
    with pytest.raises(NotFound):
        await push_reading(town_session, world.stranger.owner, replace(ahead, weighed_at=None), at=AT)
