"""Fill, weigh, label: what gets a digital code, and what is refused before a kilogram is booked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.refused import balances, codes_broken, events_about, rules_broken
from tests.support.world import AT, OIL, SLUDGE, TODAY, World, a_drum, drum_of, weighed
from wastetrack.auth.model import Role
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerUnknown
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import LabelContainer, Packaging, Weighing
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden, NotFound
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import ZERO, Mass


def drum(world: World, net: str = "180 kg", **changes: Any) -> LabelContainer:  # noqa: ANN401  any field of the command
    """A drum of oil, but for some changes."""
    return replace(drum_of(net, world), **changes)


def of_code(world: World, code: str, **changes: Any) -> LabelContainer:  # noqa: ANN401
    """A drum of another waste."""
    command = drum(world, **changes)
    return replace(command, description=replace(command.description, waste_code=code))


async def test_the_serial_of_the_digital_code_counts_for_each_waste_and_day(
    town_session: WriteSession, world: World
) -> None:
    owner = world.generator.owner
    drums = [
        drum(world),
        drum(world),
        of_code(world, SLUDGE),
        drum(world, generated_on=TODAY - timedelta(days=1)),
        drum(world),
    ]
    labelled = [(await label_container(town_session, owner, command, at=AT))[0] for command in drums]
    codes = [DigitalCode.parse(row.digital_code) for row in labelled]
    assert [(code.waste_code, code.generated_on.day, code.serial) for code in codes] == [
        (OIL, 2, 1),
        (OIL, 2, 2),
        (SLUDGE, 2, 1),
        (OIL, 1, 1),
        (OIL, 2, 3),
    ]
    assert {code.credit_code for code in codes} == {world.generator.credit_code}


async def test_the_thousandth_drum_of_a_day_has_no_code_left(town_session: WriteSession, world: World) -> None:
    await town_session.execute(
        text("insert into container_serials values (:unit, :code, :day, 998)"),
        {"unit": world.generator.id, "code": OIL, "day": TODAY},
    )
    assert (await a_drum(town_session, world)).digital_code.endswith("999")
    assert await codes_broken(a_drum(town_session, world)) == ["serials_used_up"]


@pytest.mark.parametrize(
    ("net", "rule"),
    [
        ("0 kg", "mass_not_positive"),
        ("-5 kg", "mass_not_positive"),
        ("200 t", "mass_absurd"),
        ("180 t", "mass_absurd"),
        ("180 g", "mass_too_light"),
    ],
)
async def test_a_mass_that_cannot_be_in_a_drum_is_refused(
    town_session: WriteSession, world: World, net: str, rule: str
) -> None:
    work = label_container(town_session, world.generator.owner, drum(world, net), at=AT)
    (broken,) = await rules_broken(work)
    assert (broken.code, broken.field) == (rule, "gross_g")
    assert broken.next_step
    assert await balances(town_session, world.generator.site.id) == {}


async def test_a_light_drum_is_taken_once_the_weigher_confirms_it(town_session: WriteSession, world: World) -> None:
    confirmed = replace(weighed("180 g"), confirmed=True)
    row, _ = await label_container(town_session, world.generator.owner, drum(world, weighing=confirmed), at=AT)
    assert row.net_g == 180


@pytest.mark.parametrize(
    ("weighing", "rule"),
    [
        (weighed("180 kg", tare="-20 kg"), "tare_negative"),
        (weighed("180 kg", tare="50 t"), "tare_absurd"),
        (weighed("180 kg", uncertainty="-1 g"), "uncertainty_negative"),
        (weighed("180 kg", uncertainty="50 t"), "uncertainty_absurd"),
    ],
)
async def test_a_tare_or_an_uncertainty_that_cannot_be_is_refused(
    town_session: WriteSession, world: World, weighing: Weighing, rule: str
) -> None:
    (broken,) = await rules_broken(
        label_container(town_session, world.generator.owner, drum(world, weighing=weighing), at=AT)
    )
    assert broken.code == rule
    assert broken.next_step


async def test_an_exact_count_has_an_uncertainty_of_nothing_not_an_unknown_one(
    town_session: WriteSession, world: World
) -> None:
    counted = Weighing(gross=Mass.parse("40 kg"), tare=ZERO, method=WeighingMethod.COUNT, uncertainty=ZERO)
    row, _ = await label_container(town_session, world.generator.owner, drum(world, weighing=counted), at=AT)
    assert row.uncertainty_g == 0
    assert (await events_about(town_session, row.id))[0]["facts"]["uncertainty_g"] == 0


async def test_an_estimate_is_marked_as_one_in_the_container_and_in_the_log(
    town_session: WriteSession, world: World
) -> None:
    judged = Weighing(gross=Mass.parse("180 kg"), tare=ZERO, method=WeighingMethod.ESTIMATE)
    row, _ = await label_container(town_session, world.generator.owner, drum(world, weighing=judged), at=AT)
    assert row.method == "estimate"
    (event,) = await events_about(town_session, row.id)
    assert (event["kind"], event["facts"]["method"], event["facts"]["scale"]) == (
        "container_labelled",
        "estimate",
        None,
    )


async def test_the_log_says_what_the_label_says(town_session: WriteSession, world: World) -> None:
    command = drum(world, store_id=world.store_id)
    row, _ = await label_container(town_session, world.generator.owner, command, at=AT)
    (event,) = await events_about(town_session, row.id)
    facts = event["facts"]
    assert (facts["waste_name"], facts["form"], facts["hazards"]) == ("废矿物油", "liquid", ["T", "I"])
    assert facts["store"] == str(world.store_id)
    assert facts["net_g"] == 180_000


@pytest.mark.parametrize("volume_l", [0, -1, 3_001])
async def test_a_drum_has_the_volume_of_a_drum(town_session: WriteSession, world: World, volume_l: int) -> None:
    codes = await codes_broken(
        label_container(town_session, world.generator.owner, drum(world, volume_l=volume_l), at=AT)
    )
    assert "volume_absurd" in codes


async def test_a_tank_may_be_as_large_as_a_tank(town_session: WriteSession, world: World) -> None:
    tank = drum(world, "20 t", volume_l=30_000, packaging=Packaging.TANK)
    row, _ = await label_container(town_session, world.generator.owner, tank, at=AT)
    assert row.net_g == 20_000_000


@pytest.mark.parametrize(
    ("code", "rule"),
    [("900-999-08", "waste_code_unknown"), ("261-100-11", "waste_code_retired"), ("oil", "waste_code_unreadable")],
)
async def test_only_a_waste_of_the_days_list_is_labelled(
    town_session: WriteSession, world: World, code: str, rule: str
) -> None:
    assert await codes_broken(label_container(town_session, world.generator.owner, of_code(world, code), at=AT)) == [
        rule
    ]


async def test_identified_waste_that_no_code_fits_is_labelled(town_session: WriteSession, world: World) -> None:
    row, _ = await label_container(town_session, world.generator.owner, of_code(world, "900-000-08"), at=AT)
    assert row.waste_code == "900-000-08"


async def test_a_code_without_its_hyphens_is_the_same_code(town_session: WriteSession, world: World) -> None:
    row, _ = await label_container(town_session, world.generator.owner, of_code(world, "90024908"), at=AT)
    assert row.waste_code == OIL
    assert await queries.standing_mass(town_session, world.generator.site.id) == {OIL: 180_000}


@pytest.mark.parametrize(
    ("at", "day", "allowed"),
    [
        (AT, TODAY, True),
        (AT, date(2026, 3, 3), False),  # nine in the morning of the second in Yantai
        (datetime(2026, 3, 2, 17, 0, tzinfo=UTC), date(2026, 3, 3), True),  # one in the night of the third
        (AT, date(2025, 3, 2), True),
        (AT, date(2025, 2, 27), False),
    ],
)
async def test_the_day_of_generation_is_counted_where_the_waste_is(
    town_session: WriteSession, world: World, at: datetime, day: date, *, allowed: bool
) -> None:
    work = label_container(town_session, world.generator.owner, drum(world, generated_on=day), at=at)
    if allowed:
        assert (await work)[0].generated_on == day
    else:
        assert await codes_broken(work) == ["generated_on_implausible"]


async def test_every_broken_rule_is_told_at_once(town_session: WriteSession, world: World) -> None:
    wrong = of_code(world, "900-999-08", net="200 t", volume_l=0, generated_on=TODAY + timedelta(days=5))
    assert await codes_broken(label_container(town_session, world.generator.owner, wrong, at=AT)) == [
        "generated_on_implausible",
        "mass_absurd",
        "volume_absurd",
        "waste_code_unknown",
    ]


async def test_a_label_needs_a_role_at_the_site(town_session: WriteSession, world: World) -> None:
    for stranger in (world.stranger.owner, world.generator.people[Role.VIEWER], world.inspector):
        with pytest.raises(Forbidden):
            await label_container(town_session, stranger, drum(world), at=AT)
    with pytest.raises(NotFound):
        await label_container(town_session, world.generator.owner, drum(world, site_id=new_id()), at=AT)


async def test_a_container_is_seen_by_its_maker_and_its_authority_alone(
    town_session: WriteSession, world: World
) -> None:
    made = await a_drum(town_session, world)
    for eye in (world.generator.owner, world.generator.people[Role.VIEWER], world.inspector):
        assert (await queries.container(town_session, eye, made.id)).id == made.id
    for eye in (world.stranger.owner, world.carrier.owner, world.receiver.owner):
        with pytest.raises(ContainerUnknown):
            await queries.container(town_session, eye, made.id)
