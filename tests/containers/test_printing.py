"""Each print of a label is counted and stands in the log; a label that replaces another makes it void."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.refused import codes_broken, events_about
from tests.support.world import AT, World, a_drum, arrived, received, weighed
from wastetrack.auth.model import Role
from wastetrack.containers import queries
from wastetrack.containers.errors import ContainerElsewhere, ContainerUnknown
from wastetrack.containers.model import PrintLabels, PrintReason, Treat, WeighContainer
from wastetrack.containers.printing import print_labels
from wastetrack.containers.queries import Container
from wastetrack.containers.storing import weigh_container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.errors import Forbidden

LATER = AT + timedelta(days=1)


def order(*drums: Container, why: PrintReason = PrintReason.FIRST, **changes: Any) -> PrintLabels:  # noqa: ANN401
    return PrintLabels(container_ids=tuple(drum.id for drum in drums), why=why, paper="single", **changes)


async def printed(
    session: WriteSession, world: World, drum: Container, why: PrintReason, *, reason: str = ""
) -> tuple[int, int]:
    """The revision and the number of the print."""
    command = order(drum, why=why, reason=reason)
    ((one,), _) = await print_labels(session, world.generator.owner, command, at=LATER)
    return one.revision, one.print_number


async def test_prints_of_one_label_are_counted_and_a_new_label_begins_anew(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    whys = (PrintReason.FIRST, PrintReason.REPRINT, PrintReason.DAMAGED, PrintReason.REPRINT, PrintReason.CHANGED)
    told = [await printed(town_session, world, drum, why, reason="雨淋") for why in whys]
    assert told == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1)]
    assert drum.label_revision == 3
    (_, *events) = await events_about(town_session, drum.id)
    assert {event["kind"] for event in events} == {"label_printed"}
    assert [event["facts"]["why"] for event in events] == [why.value for why in whys]
    assert events[-1]["facts"]["labels"] == [{"digital_code": drum.digital_code, "revision": 3, "print_number": 1}]
    await town_session.commit()


async def test_several_are_printed_as_one_event_in_their_order(town_session: WriteSession, world: World) -> None:
    drums = [await a_drum(town_session, world) for _ in range(3)]
    prints, leaf = await print_labels(town_session, world.generator.owner, order(*drums[::-1]), at=LATER)
    assert [one.container_id for one in prints] == [drum.id for drum in drums[::-1]]
    found = await queries.printed_together(town_session, world.generator.owner, leaf.id)
    assert [row.id for _, row in found] == [drum.id for drum in drums[::-1]]
    with pytest.raises(ContainerUnknown):
        await queries.printed_together(town_session, world.stranger.owner, leaf.id)


async def test_a_first_print_is_the_first(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    await printed(town_session, world, drum, PrintReason.FIRST)
    again = print_labels(town_session, world.generator.owner, order(drum), at=LATER)
    assert await codes_broken(again) == ["label_printed_before"]


async def test_a_label_whose_mass_is_no_longer_true_is_printed_as_changed(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    await printed(town_session, world, drum, PrintReason.FIRST)
    await weigh_container(
        town_session, world.generator.owner, WeighContainer(container_id=drum.id, weighing=weighed("181 kg")), at=LATER
    )
    again = print_labels(town_session, world.generator.owner, order(drum, why=PrintReason.REPRINT), at=LATER)
    assert await codes_broken(again) == ["label_outdated"]
    assert await printed(town_session, world, drum, PrintReason.CHANGED) == (2, 1)


async def test_whoever_has_the_container_prints_and_nobody_else(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    with pytest.raises(ContainerUnknown):
        await print_labels(town_session, world.stranger.owner, order(drum), at=LATER)
    with pytest.raises(Forbidden):
        await print_labels(town_session, world.generator.people[Role.VIEWER], order(drum), at=LATER)
    await arrived(town_session, world, [drum])  # on the road it is still its maker's
    with pytest.raises(ContainerUnknown):
        await print_labels(town_session, world.receiver.owner, order(drum), at=LATER)
    assert await printed(town_session, world, drum, PrintReason.FIRST) == (1, 1)


async def test_the_receiver_labels_what_it_took_in_until_it_is_treated(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    await received(town_session, world, [drum], "200 kg")
    gate = world.receiver.people[Role.GATE_OPERATOR]
    ((one,), _) = await print_labels(town_session, gate, order(drum, why=PrintReason.DAMAGED), at=LATER)
    assert (one.revision, one.print_number) == (2, 1)
    with pytest.raises(Forbidden):
        await printed(town_session, world, drum, PrintReason.REPRINT)
    burnt = Treat(site_id=world.receiver.site.id, container_ids=(drum.id,), method="D10", treated_on=LATER.date())
    await treat(town_session, gate, burnt, at=LATER)
    with pytest.raises(ContainerElsewhere):
        await print_labels(town_session, gate, order(drum, why=PrintReason.REPRINT), at=LATER)
