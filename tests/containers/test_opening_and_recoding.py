"""Stock from before the records, waste that gets another code, and terms that an authority extends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.support import parties as made
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.storage import ACID, CUTTING_FLUID, CYANIDE, a_store, labelled, old_drum
from tests.support.world import AT, OIL, TODAY, World, a_drum, filed
from wastetrack.auth.model import Role
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerElsewhere
from wastetrack.containers.extending import ExtendStorage, extend_storage, extensions_of
from wastetrack.containers.model import Description, Form
from wastetrack.containers.opening_stock import close_opening, open_stock, opening_closed_at
from wastetrack.containers.recoding import Recode, recode
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict, Forbidden
from wastetrack.reports.duties_storage import storage_duties
from wastetrack.reports.storage_clocks import clocks_for

LONG_AGO = date(2019, 5, 6)


async def test_old_drums_come_in_as_opening_stock_with_their_own_day(town_session: WriteSession, world: World) -> None:
    owner, site_id = world.generator.owner, world.generator.site.id
    row, _ = await open_stock(town_session, owner, old_drum(world, LONG_AGO, store_id=world.store_id), at=AT)
    assert (row.generated_on, row.digital_code[26:34]) == (LONG_AGO, "20190506")
    assert await balances(town_session, site_id) == {"opening": -180_000, "stored": 180_000}
    assert await books_and_containers_agree(town_session, site_id)
    (clock,) = (await clocks_for(town_session, owner, [row.id], at=AT))[row.id]
    assert clock.due_on == date(2020, 5, 6)
    assert clock.overdue(AT)


async def test_opening_stock_ends_when_the_site_says_so_and_then_needs_a_reason(
    town_session: WriteSession, world: World
) -> None:
    owner, site_id = world.generator.owner, world.generator.site.id
    await close_opening(town_session, owner, site_id, at=AT)
    assert await opening_closed_at(town_session, site_id) == AT
    with pytest.raises(Conflict):
        await close_opening(town_session, owner, site_id, at=AT)
    assert await codes_broken(open_stock(town_session, owner, old_drum(world, LONG_AGO), at=AT)) == ["opening_closed"]
    late = old_drum(world, LONG_AGO, reason="清库时发现")
    row, _ = await open_stock(town_session, owner, late, at=AT)
    assert [event["kind"] for event in await events_about(town_session, row.id)] == ["container_labelled"]


async def test_what_opening_stock_may_not_be(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    for day in (TODAY + timedelta(days=1), date(1970, 1, 1)):
        assert await codes_broken(open_stock(town_session, owner, old_drum(world, day), at=AT)) == [
            "generated_on_implausible"
        ]
    for nobody in (world.stranger.owner, world.generator.people[Role.VIEWER], world.inspector):
        with pytest.raises(Forbidden):
            await open_stock(town_session, nobody, old_drum(world, LONG_AGO), at=AT)
        with pytest.raises(Forbidden):
            await close_opening(town_session, nobody, world.generator.site.id, at=AT)


def as_acid(reason: str = "鉴别报告 2026-017") -> Description:
    """What the identification found."""
    del reason
    return Description(waste_code=ACID, waste_name="废酸", form=Form.LIQUID, hazards=("C", "T"))


async def test_recoded_waste_gets_a_new_code_and_keeps_its_mass_its_day_and_its_term(
    town_session: WriteSession, world: World
) -> None:
    owner, site_id = world.generator.owner, world.generator.site.id
    store = await a_store(town_session, world)
    old = await labelled(town_session, world, code=CUTTING_FLUID, store_id=store.id)
    command = Recode(container_id=old.id, description=as_acid(), reason="鉴别报告 2026-017")
    new, _ = await recode(town_session, owner, command, at=AT + timedelta(days=3))
    assert (old.state, old.site_id, old.store_id) == ("emptied", None, None)
    assert (new.waste_code, new.net_g, new.generated_on, new.stands_since, new.store_id) == (
        ACID,
        180_000,
        old.generated_on,
        old.stands_since,
        store.id,
    )
    assert new.digital_code[18:26] == "90030034"
    assert await balances(town_session, site_id) == {
        "generated": -180_000,
        "stored": 180_000,
        "reclassified": 0,
    }
    assert await books_and_containers_agree(town_session, site_id)
    (relative,) = await queries.relatives(town_session, owner, new.id)
    assert (relative.container.id, relative.kind, relative.is_parent) == (old.id, "recoded", True)
    recoded = (await events_about(town_session, old.id))[-1]
    assert recoded["kind"] == "container_recoded"
    assert len(recoded["postings"]) == 4
    assert "reason" not in recoded["facts"]  # own words can be erased


async def test_what_recoding_refuses(town_session: WriteSession, world: World) -> None:
    owner = world.generator.owner
    store = await a_store(town_session, world)
    await labelled(town_session, world, code=CYANIDE, store_id=store.id)
    old = await labelled(town_session, world, code=CUTTING_FLUID, store_id=store.id)
    dangerous = Recode(container_id=old.id, description=as_acid(), reason="鉴别")
    assert await codes_broken(recode(town_session, owner, dangerous, at=AT)) == ["incompatible"]
    silent = Recode(container_id=old.id, description=as_acid(), reason=" ")
    assert await codes_broken(recode(town_session, owner, silent, at=AT)) == ["recoding_unexplained"]
    same = Description(waste_code="90000609", waste_name="乳化液", form=Form.LIQUID, hazards=("T",))
    unchanged = Recode(container_id=old.id, description=same, reason="鉴别")
    assert await codes_broken(recode(town_session, owner, unchanged, at=AT)) == ["same_code"]
    unlisted = Description(waste_code="999-999-08", waste_name="油", form=Form.LIQUID, hazards=("T",))
    strange = Recode(container_id=old.id, description=unlisted, reason="鉴别")
    assert await codes_broken(recode(town_session, owner, strange, at=AT)) != []
    with pytest.raises(Forbidden):
        await recode(town_session, world.inspector, dangerous, at=AT)
    waiting = await a_drum(town_session, world)
    await filed(town_session, world, [waiting])
    with pytest.raises(ContainerElsewhere):
        await recode(town_session, owner, Recode(container_id=waiting.id, description=as_acid(), reason="鉴别"), at=AT)


async def test_an_authority_of_the_region_extends_the_year_with_reason_and_end(
    town_session: WriteSession, world: World
) -> None:
    authority = world.inspector.organisation_id
    approver, site_id = replace(made.approver("3706"), organisation_id=authority), world.generator.site.id
    row = await labelled(town_session, world)
    until = date(2027, 8, 31)
    granted = ExtendStorage(
        site_id=site_id, waste_code=OIL, until=until, document="烟环函〔2026〕12号", reason="接收单位检修"
    )
    extension, _ = await extend_storage(town_session, approver, granted, at=AT)
    assert [one.id for one in await extensions_of(town_session, world.generator.owner, site_id)] == [extension.id]
    (clock,) = (await clocks_for(town_session, world.generator.owner, [row.id], at=AT))[row.id]
    assert clock.due_on == until
    other = await labelled(town_session, world, code=CUTTING_FLUID)
    (clock,) = (await clocks_for(town_session, world.generator.owner, [other.id], at=AT))[other.id]
    assert clock.due_on == date(2027, 3, 2)
    told = (await events_about(town_session, extension.id))[-1]
    assert (told["kind"], told["facts"]["until"]) == ("storage_extended", "2027-08-31")
    for nobody in (world.generator.owner, world.inspector, made.approver("1101")):
        with pytest.raises(Forbidden):
            await extend_storage(town_session, nobody, granted, at=AT)
    odd = ExtendStorage(site_id=site_id, waste_code="油", until=TODAY, document="", reason="")
    assert await codes_broken(extend_storage(town_session, approver, odd, at=AT)) == [
        "extension_implausible",
        "field_empty",
        "field_empty",
        "waste_code_unreadable",
    ]


async def test_what_stands_too_long_is_a_duty_of_its_holder_grouped_and_soonest_first(
    town_session: WriteSession, world: World
) -> None:
    owner = world.generator.owner
    for day in (date(2025, 3, 20), date(2025, 3, 20), date(2024, 1, 5), date(2025, 9, 1)):
        await open_stock(town_session, owner, old_drum(world, day), at=AT)
    duties = sorted(await storage_duties(town_session, owner, AT), key=lambda duty: duty.last_day())
    assert [(duty.due_on, duty.facts["containers"], duty.facts["mass"]) for duty in duties] == [
        (date(2025, 1, 5), 1, "180 kg"),
        (date(2026, 3, 20), 2, "360 kg"),
    ]
    assert [duty.overdue(AT) for duty in duties] == [True, False]
    assert duties[0].what == world.generator.site.name
    for other in (world.receiver.owner, world.generator.people[Role.VIEWER], world.inspector):
        assert await storage_duties(town_session, other, AT) == []


async def test_only_the_holder_and_its_authorities_see_how_long_a_drum_may_stand(
    town_session: WriteSession, world: World
) -> None:
    row = await labelled(town_session, world)
    assert await clocks_for(town_session, world.stranger.owner, [row.id], at=AT) == {}
    assert row.id in await clocks_for(town_session, world.inspector, [row.id], at=AT)
    assert await clocks_for(town_session, world.generator.owner, [], at=AT) == {}
