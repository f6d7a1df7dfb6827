"""Where containers may come to stand: zones, limits, storage spots, containment, and what must not stand together."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.refused import codes_broken, events_about, rules_broken
from tests.support.storage import ACID, CUTTING_FLUID, CYANIDE, INFECTIOUS, a_store, a_zone, drum, labelled
from tests.support.world import AT, World, arrived
from wastetrack.auth.model import Role
from wastetrack.catalogues.compatibility import CompatibilityClass, Danger
from wastetrack.containers.keeping_stores import change_store, close_store
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Form, Packaging, Packed, StoreContainers
from wastetrack.containers.queries import Container
from wastetrack.containers.stores import standing_in
from wastetrack.containers.storing import store_containers
from wastetrack.db.session import WriteSession, reading, writing
from wastetrack.errors import Conflict, Forbidden, RuleBroken
from wastetrack.ids import new_id
from wastetrack.manifests import gate
from wastetrack.manifests.model import ScanAtGate
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import store_queries
from wastetrack.parties.storerooms import ChangeStore, Room, StoreKind


async def test_acid_does_not_come_beside_cyanide_and_both_are_named(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    store = await a_store(town_session, world)
    cyanide = await labelled(town_session, world, code=CYANIDE, store_id=store.id)
    acid = await labelled(town_session, world, code=ACID)
    into = StoreContainers(container_ids=(acid.id,), store_id=store.id)
    (rule,) = await rules_broken(store_containers(town_session, owner, into, at=AT))
    assert (rule.code, rule.value, rule.facts["other"]) == ("incompatible", acid.digital_code, cyanide.digital_code)
    assert acid.digital_code in rule.sentence()
    assert cyanide.digital_code in rule.sentence()
    assert "6.1.2" in str(rule.article)
    direct = drum(world, code=ACID, store_id=store.id)
    assert await codes_broken(label_container(town_session, owner, direct, at=AT)) == ["incompatible"]
    together = StoreContainers(container_ids=(acid.id, cyanide.id), store_id=world.store_id)
    assert await codes_broken(store_containers(town_session, owner, together, at=AT)) == ["incompatible"]


async def test_zones_of_one_facility_hold_what_must_not_stand_together(
    town_session: WriteSession, world: World
) -> None:
    facility = await a_store(town_session, world)
    for_acid, for_cyanide = [await a_zone(town_session, world, facility) for _ in range(2)]
    await labelled(town_session, world, code=ACID, store_id=for_acid.id)
    row = await labelled(town_session, world, code=CYANIDE, store_id=for_cyanide.id)
    assert row.store_id == for_cyanide.id
    undivided = drum(world, code=ACID, store_id=facility.id)
    work = label_container(town_session, world.generator.owner, undivided, at=AT)
    assert await codes_broken(work) == ["store_has_zones"]


async def test_medical_waste_stands_apart_from_all_other(town_session: WriteSession, world: World) -> None:
    store = await a_store(town_session, world)
    await labelled(town_session, world, code=CUTTING_FLUID, store_id=store.id)
    bag = replace(
        drum(world, "3 kg", code=INFECTIOUS, store_id=store.id, form=Form.SOLID, volume_l=60),
        packaging=Packaging.BAG,
        packed=Packed(filled_percent=50),
    )
    (rule,) = await rules_broken(label_container(town_session, world.generator.owner, bag, at=AT))
    assert (rule.code, rule.facts["one"]) == ("incompatible", CompatibilityClass.INFECTIOUS)


async def test_what_the_container_states_goes_before_its_code(town_session: WriteSession, world: World) -> None:
    store = await a_store(town_session, world)
    await labelled(town_session, world, code=CYANIDE, store_id=store.id)
    neutral = await labelled(town_session, world, code=ACID)
    owner = world.generator.owner
    into = StoreContainers(container_ids=(neutral.id,), store_id=store.id, compatibility=CompatibilityClass.INERT)
    (row,), _ = await store_containers(town_session, owner, into, at=AT)
    assert (row.store_id, row.compatibility) == (store.id, "inert")
    assert (await events_about(town_session, row.id))[-1]["facts"]["compatibility"] == "inert"
    strange = drum(world, code=CUTTING_FLUID, store_id=store.id, compatibility=CompatibilityClass.ACID)
    assert await codes_broken(label_container(town_session, owner, strange, at=AT)) == ["incompatible"]


async def test_a_storage_spot_holds_three_tonnes_whatever_its_owner_wrote(
    town_session: WriteSession, world: World
) -> None:
    owner = world.generator.owner
    spot = await a_store(town_session, world, "20 t", kind=StoreKind.SPOT)
    await labelled(town_session, world, "2999.99 kg", volume_l=3000, store_id=spot.id)
    (rule,) = await rules_broken(label_container(town_session, owner, drum(world, "2 kg", store_id=spot.id), at=AT))
    assert (rule.code, rule.article) == ("storage_spot_full", "GB 18597-2023 8.3.5")
    fits = await labelled(town_session, world, "10 g", volume_l=1, store_id=spot.id)
    assert fits.store_id == spot.id


async def test_zones_share_the_limit_of_their_facility(town_session: WriteSession, world: World) -> None:
    facility = await a_store(town_session, world, "300 kg")
    first, second = [await a_zone(town_session, world, facility, "250 kg") for _ in range(2)]
    standing = await labelled(town_session, world, "200 kg", store_id=first.id)
    owner = world.generator.owner
    more = drum(world, "101 kg", store_id=second.id)
    (rule,) = await rules_broken(label_container(town_session, owner, more, at=AT))
    assert (rule.code, rule.value) == ("store_full", facility.code)
    # From one zone to another it is not counted twice.
    across = StoreContainers(container_ids=(standing.id,), store_id=second.id)
    (moved,), _ = await store_containers(town_session, owner, across, at=AT)
    assert moved.store_id == second.id


async def test_liquid_needs_a_bund_for_the_largest_drum_or_a_tenth_of_all(
    town_session: WriteSession, world: World
) -> None:
    owner = world.generator.owner
    store = await a_store(town_session, world, containment_l=200)
    for _ in range(10):
        await labelled(town_session, world, store_id=store.id)  # 10 x 200 L: a tenth is 200 L, and so is the largest
    (rule,) = await rules_broken(label_container(town_session, owner, drum(world, store_id=store.id), at=AT))
    assert (rule.code, rule.article) == ("containment_too_small", "GB 18597-2023 6.2.2")
    assert (rule.facts["held"], rule.facts["needed"]) == (200, 220)
    solid = await labelled(town_session, world, code=CUTTING_FLUID, form=Form.SOLID, store_id=store.id)
    assert solid.store_id == store.id
    small = await a_store(town_session, world, containment_l=199)
    assert await codes_broken(label_container(town_session, owner, drum(world, store_id=small.id), at=AT)) == [
        "containment_too_small"
    ]
    tanks = await a_store(town_session, world, containment_l=1000, kind=StoreKind.TANK_FARM)
    for _ in range(12):
        await labelled(town_session, world, "900 kg", volume_l=1000, store_id=tanks.id)
    too_large = drum(world, "900 kg", volume_l=1001, store_id=tanks.id)
    (rule,) = await rules_broken(label_container(town_session, owner, too_large, at=AT))
    assert (rule.code, rule.article) == ("containment_too_small", "GB 18597-2023 6.5.2")


async def test_a_pool_holds_one_category(town_session: WriteSession, world: World) -> None:
    pool = await a_store(town_session, world, kind=StoreKind.POOL)
    await labelled(town_session, world, store_id=pool.id)
    other = drum(world, code=CUTTING_FLUID, store_id=pool.id)
    assert await codes_broken(label_container(town_session, world.generator.owner, other, at=AT)) == ["pool_of_one"]


async def test_a_store_is_changed_as_long_as_what_stands_there_fits(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    store = await a_store(town_session, world, containment_l=500)
    await labelled(town_session, world, store_id=store.id)

    def changed(limit: str, **room: object) -> ChangeStore:
        values = {"containment_l": 500, **room}
        return ChangeStore(
            store_id=store.id,
            code="TS100",
            name="新库",
            limit=Mass.parse(limit),
            room=Room(**values),  # type: ignore[arg-type]
        )

    assert await codes_broken(change_store(town_session, owner, changed("179 kg"), at=AT)) == ["limit_below_stock"]
    shallow = changed("1 t", containment_l=150)
    assert await codes_broken(change_store(town_session, owner, shallow, at=AT)) == ["containment_too_small"]
    as_zone = changed("1 t", kind=StoreKind.ZONE, parent_id=world.store_id)
    assert await codes_broken(change_store(town_session, owner, as_zone, at=AT)) == ["zone_fixed"]
    new, _ = await change_store(town_session, owner, changed("180 kg", facility_code="TS001"), at=AT)
    assert (new.code, new.limit, new.room.facility_code) == ("TS100", Mass.parse("180 kg"), "TS001")
    stored = (await store_queries.place_for_use(town_session, store.id)).store
    assert stored == new
    told = (await events_about(town_session, store.id))[-1]
    assert (told["kind"], told["facts"]["before"]["limit_g"], told["facts"]["after"]["limit_g"]) == (
        "store_changed",
        20_000_000,
        180_000,
    )
    other = await a_store(town_session, world)
    taken = ChangeStore(store_id=other.id, code="TS100", name="重名", limit=Mass.parse("1 t"), room=Room())
    with pytest.raises(Conflict):
        await change_store(town_session, owner, taken, at=AT)
    for stranger in (world.stranger.owner, world.generator.people[Role.FILER], world.inspector):
        with pytest.raises(Forbidden):
            await change_store(town_session, stranger, changed("1 t"), at=AT)


async def test_a_store_closes_when_nothing_stands_there_and_takes_nothing_after(
    town_session: WriteSession, world: World
) -> None:
    owner = world.generator.owner
    facility = await a_store(town_session, world)
    zone = await a_zone(town_session, world, facility)
    row = await labelled(town_session, world, store_id=zone.id)
    assert await codes_broken(close_store(town_session, owner, zone.id, at=AT)) == ["store_not_empty"]
    assert await codes_broken(close_store(town_session, owner, facility.id, at=AT)) == ["store_has_zones"]
    out = StoreContainers(container_ids=(row.id,), store_id=None)
    await store_containers(town_session, owner, out, at=AT)
    await close_store(town_session, owner, zone.id, at=AT)
    assert await codes_broken(close_store(town_session, owner, zone.id, at=AT)) == ["store_closed"]
    into = StoreContainers(container_ids=(row.id,), store_id=zone.id)
    assert await codes_broken(store_containers(town_session, owner, into, at=AT)) == ["store_closed"]
    # Without zones in use it is a store like any other again.
    whole = StoreContainers(container_ids=(row.id,), store_id=facility.id)
    (moved,), _ = await store_containers(town_session, owner, whole, at=AT)
    assert moved.store_id == facility.id
    with pytest.raises(Forbidden):
        await close_store(town_session, world.stranger.owner, world.store_id, at=AT)


async def test_a_zone_lies_in_a_facility_of_its_own_site(town_session: WriteSession, world: World) -> None:
    facility = await a_store(town_session, world)
    zone = await a_zone(town_session, world, facility)
    within_zone = a_zone(town_session, world, zone)
    assert await codes_broken(within_zone) == ["no_facility"]
    elsewhere = await a_store(town_session, world, site_id=world.receiver.site.id)
    assert await codes_broken(a_zone(town_session, world, elsewhere)) == ["no_facility"]
    assert await codes_broken(a_store(town_session, world, kind=StoreKind.ZONE)) == ["zone_without_facility"]
    odd = a_store(town_session, world, facility_code="仓库1", temperature_c=-80, area_m2=0, containment_l=-1)
    assert await codes_broken(odd) == ["facility_code_unreadable", *["figure_absurd"] * 3]


@pytest.mark.commits
async def test_two_clerks_fill_the_last_kilograms_of_a_spot_and_one_of_them_is_told(
    fresh_town: AsyncEngine, world: World
) -> None:
    async with writing(fresh_town) as session:
        spot = await a_store(session, world, kind=StoreKind.SPOT)
        zones = [await a_zone(session, world, spot) for _ in range(2)]
        await labelled(session, world, "2700 kg", volume_l=3000, store_id=zones[0].id)
        drums = [await labelled(session, world, "200 kg") for _ in range(4)]

    together = asyncio.Barrier(4)

    async def put(number: int) -> None:
        async with writing(fresh_town) as session:
            # Everybody's connection has its statements ready before the first begins, or one would be far ahead.
            into = StoreContainers(container_ids=(drums[number].id,), store_id=None)
            await store_containers(session, world.generator.owner, into, at=AT)
            await standing_in(session, [spot.id])
            await together.wait()
            into = StoreContainers(container_ids=(drums[number].id,), store_id=zones[number % 2].id)
            await store_containers(session, world.generator.owner, into, at=AT)

    done = await asyncio.gather(*(put(number) for number in range(4)), return_exceptions=True)
    refused = [one for one in done if one is not None]
    assert [type(one) for one in refused] == [RuleBroken] * 3
    assert {rule.code for one in refused if isinstance(one, RuleBroken) for rule in one.broken} == {"storage_spot_full"}
    async with reading(fresh_town) as books:
        held = await standing_in(books, [spot.id])
        assert sum((one.net for one in held), ZERO) == Mass.parse("2900 kg")


async def test_the_gate_does_not_put_what_came_beside_what_it_must_not_touch(
    town_session: WriteSession, world: World
) -> None:
    oil = await labelled(town_session, world)
    strange = await labelled(town_session, world, compatibility=CompatibilityClass.OXIDISER)
    manifest_id = await arrived(town_session, world, [oil, strange])

    async def taken_in(container: Container) -> Container:
        scan = ScanAtGate(
            manifest_id=manifest_id,
            scan_id=new_id(),
            code=DigitalCode.parse(container.digital_code),
            gross=Mass.parse("200 kg"),
            store_id=world.receiver_store_id,
        )
        later = AT + timedelta(hours=4)
        await gate.scan_at_gate(town_session, world.receiver.people[Role.GATE_OPERATOR], scan, at=later)
        await town_session.refresh(container)
        return container

    row = await taken_in(oil)
    assert (row.store_id, row.stands_since) == (world.receiver_store_id, AT + timedelta(hours=4))
    (rule,) = await rules_broken(taken_in(strange))
    assert (rule.code, rule.value, rule.facts["danger"]) == ("incompatible", strange.digital_code, Danger.FIRE)
