"""The end of a container's kilograms in the furnace, and the beginning of the ash's."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support import parties as made
from tests.support.refused import balances, books_and_containers_agree, codes_broken, events_about
from tests.support.world import AT, OIL, SLUDGE, TODAY, World, a_drum, received, weighed
from wastetrack.auth.model import Role
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerElsewhere, ContainerUnknown
from wastetrack.containers.model import Description, Form, Packaging, Residue, Treat
from wastetrack.containers.queries import Container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.permitting import suspend_permit

ASH = "772-003-18"
LATER = AT + timedelta(days=2)


def a_residue(net: str, code: str = ASH) -> Residue:
    """A big bag of fly ash."""
    return Residue(
        description=Description(waste_code=code, waste_name="焚烧飞灰", form=Form.SOLID, hazards=("T",)),
        packaging=Packaging.BIG_BAG,
        volume_l=1_000,
        weighing=weighed(net),
    )


def burning(world: World, containers: list[Container], **changes: Any) -> Treat:  # noqa: ANN401  any field
    """These in the furnace of the receiver."""
    command = Treat(
        site_id=world.receiver.site.id,
        container_ids=tuple(container.id for container in containers),
        method="D10",
        treated_on=TODAY + timedelta(days=1),
    )
    return replace(command, **changes)


async def at_the_plant(session: WriteSession, world: World, *nets: str, code: str = OIL) -> list[Container]:
    """Drums that the receiver has taken in as declared."""
    drums = [await a_drum(session, world, net, code=code) for net in nets]
    await received(session, world, drums, *(f"{int(net.split()[0]) + 20} kg" for net in nets))
    return drums


async def test_a_batch_ends_its_drums_and_leaves_its_residues(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg", "90 kg")
    operator = world.receiver.people[Role.GATE_OPERATOR]
    command = burning(world, drums, residues=(a_residue("40 kg"), a_residue("10 kg")))
    batch, residues, _ = await treat(town_session, operator, command, at=LATER)
    assert (batch.input_g, batch.residue_g) == (270_000, 50_000)
    assert await balances(town_session, world.receiver.site.id) == {
        "treated:D10": 270_000,
        "stored": 50_000,
        "residue_source": -50_000,
    }
    assert await queries.standing_mass(town_session, world.receiver.site.id) == {ASH: 50_000}
    assert await books_and_containers_agree(town_session, world.receiver.site.id)
    rows = await queries.several(town_session, world.receiver.owner, [drum.id for drum in drums])
    assert {(row.state, row.site_id, row.treatment_batch_id) for row in rows} == {("treated", None, batch.id)}
    treated = (await events_about(town_session, drums[0].id))[-1]
    assert (treated["id"], treated["facts"]["residue_g"]) == (str(batch.id), 50_000)
    assert treated["facts"]["residues"] == [row.digital_code for row in residues]
    (ash,) = await events_about(town_session, residues[0].id)
    assert ash["facts"]["made_by"] == str(batch.id)
    await town_session.commit()


async def test_a_drum_is_treated_once(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg")
    operator = world.receiver.people[Role.GATE_OPERATOR]
    await treat(town_session, operator, burning(world, drums), at=LATER)
    with pytest.raises(ContainerElsewhere):
        await treat(town_session, operator, burning(world, drums), at=LATER)


async def test_a_drum_named_twice_does_not_burn_twice(town_session: WriteSession, world: World) -> None:
    first, second = await at_the_plant(town_session, world, "180 kg", "180 kg")
    operator = world.receiver.people[Role.GATE_OPERATOR]
    assert await codes_broken(treat(town_session, operator, burning(world, [first, first]), at=LATER)) == [
        "container_twice"
    ]
    assert await codes_broken(treat(town_session, operator, burning(world, []), at=LATER)) == ["containers_missing"]
    assert await balances(town_session, world.receiver.site.id) == {"stored": 360_000}
    del second


async def test_every_reason_against_a_batch_is_told_at_once(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg")
    wrong = burning(
        world,
        drums,
        method="C1",
        treated_on=TODAY + timedelta(days=3),
        residues=(a_residue("200 t"), a_residue("10 kg", code="900-999-18"), a_residue("10 kg", code="ash")),
    )
    operator = world.receiver.people[Role.GATE_OPERATOR]
    assert await codes_broken(treat(town_session, operator, wrong, at=LATER)) == [
        "day_in_future",
        "mass_absurd",
        "permit_without_method",
        "waste_code_unknown",
        "waste_code_unreadable",
    ]


@pytest.mark.parametrize(("days", "rule"), [(3, "day_in_future"), (-1, "day_before_filling")])
async def test_the_day_of_treatment_lies_between_filling_and_today(
    town_session: WriteSession, world: World, days: int, rule: str
) -> None:
    drums = await at_the_plant(town_session, world, "180 kg")
    wrong = burning(world, drums, treated_on=TODAY + timedelta(days=days))
    operator = world.receiver.people[Role.GATE_OPERATOR]
    assert await codes_broken(treat(town_session, operator, wrong, at=LATER)) == [rule]


async def test_what_the_permit_does_not_name_is_not_treated(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg", code=SLUDGE)
    operator = world.receiver.people[Role.GATE_OPERATOR]
    recovered = burning(world, drums, method="R9")  # named for oil, not for sludge
    assert await codes_broken(treat(town_session, operator, recovered, at=LATER)) == ["permit_without_method"]
    ashes = await a_drum(town_session, world)
    own = replace(burning(world, [ashes]), site_id=world.generator.site.id, treated_on=TODAY)
    assert await codes_broken(treat(town_session, world.generator.owner, own, at=LATER)) == ["permit_missing"]


async def test_nothing_is_treated_while_the_permit_is_suspended(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg")
    suspension = SuspendPermit(permit_id=world.permit_id, from_on=TODAY + timedelta(days=1), reason="超标排放")
    await suspend_permit(town_session, made.approver(), suspension, at=AT)
    operator = world.receiver.people[Role.GATE_OPERATOR]
    assert await codes_broken(treat(town_session, operator, burning(world, drums), at=LATER)) == ["permit_suspended"]


async def test_a_drum_of_another_site_is_not_treated_here(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg")
    elsewhere = burning(world, drums, site_id=world.generator.site.id)
    codes = await codes_broken(treat(town_session, world.generator.owner, elsewhere, at=LATER))
    assert "other_site" in codes


async def test_only_the_plants_own_people_treat(town_session: WriteSession, world: World) -> None:
    drums = await at_the_plant(town_session, world, "180 kg")
    with pytest.raises(ContainerUnknown):
        await treat(town_session, world.stranger.owner, burning(world, drums), at=LATER)
    for other in (world.receiver.people[Role.SIGNER], world.generator.owner, world.inspector):
        with pytest.raises(Forbidden):
            await treat(town_session, other, burning(world, drums), at=LATER)
