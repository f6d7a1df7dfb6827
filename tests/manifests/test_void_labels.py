"""A label that was replaced is told at the gate, and stops nobody: the valid one, or the typed code, goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.manifests.test_at_the_gate import NOW, a_scan
from tests.support.refused import balances, events_about
from tests.support.world import AT, World, a_drum, arrived
from wastetrack.auth.model import Role
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import PrintLabels, PrintReason
from wastetrack.containers.printing import print_labels
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.manifests import gate
from wastetrack.manifests.model import Outcome


def read(drum: Container, revision: int | None) -> DigitalCode:
    """What a scanner reads of a label of this revision; None: the code was typed."""
    return replace(DigitalCode.parse(drum.digital_code), revision=revision)


async def relabelled(session: WriteSession, world: World) -> Container:
    drum = await a_drum(session, world)
    again = PrintLabels(container_ids=(drum.id,), why=PrintReason.DAMAGED, paper="single")
    await print_labels(session, world.generator.owner, again, at=AT + timedelta(minutes=5))
    return drum


async def test_a_void_label_is_an_outcome_of_its_own_and_moves_nothing(
    town_session: WriteSession, world: World
) -> None:
    drum = await relabelled(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    operator = world.receiver.people[Role.GATE_OPERATOR]
    void = a_scan(manifest_id, drum, code=read(drum, 1))
    found = await gate.scan_at_gate(town_session, operator, void, at=NOW)
    assert (found.outcome, found.left, found.measured) == (Outcome.VOID_LABEL, 1, None)
    assert "number 1" in found.reason
    assert "number 2 is valid" in found.reason
    assert await balances(town_session, manifest_id) == {"in_transit": 180_000}
    facts = (await events_about(town_session, drum.id))[-1]["facts"]
    assert (facts["outcome"], facts["rules"][0]["facts"]["valid"]) == ("void_label", "2")
    await town_session.commit()


@pytest.mark.parametrize("revision", [2, None], ids=["valid", "typed"])
async def test_the_valid_label_and_the_typed_code_go_on(
    town_session: WriteSession, world: World, revision: int | None
) -> None:
    drum = await relabelled(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    operator = world.receiver.people[Role.GATE_OPERATOR]
    await gate.scan_at_gate(town_session, operator, a_scan(manifest_id, drum, code=read(drum, 1)), at=NOW)
    scan = a_scan(manifest_id, drum, code=read(drum, revision))
    found = await gate.scan_at_gate(town_session, operator, scan, at=NOW)
    assert (found.outcome, found.left) == (Outcome.ACCEPTED, 0)


async def test_a_container_with_a_void_label_can_be_rejected(town_session: WriteSession, world: World) -> None:
    drum = await relabelled(town_session, world)
    manifest_id = await arrived(town_session, world, [drum])
    operator = world.receiver.people[Role.GATE_OPERATOR]
    scan = a_scan(manifest_id, drum, code=read(drum, 1), reject_reason="标签作废，容器不符")
    found = await gate.scan_at_gate(town_session, operator, scan, at=NOW)
    assert found.outcome is Outcome.REJECTED
