"""Random journeys against a slow model in memory.

After each step: everything adds to zero, nobody holds less than nothing, each account holds what the model says, and
the containers standing at a site weigh what its account holds.
"""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from tests.support import world as people
from tests.support.acts import AnswerCorrection, Receive, RequestCorrection, SignAct
from tests.support.databases import Cluster
from tests.support.sessions import undone
from wastetrack.auth.model import Role
from wastetrack.containers import queries as containers
from wastetrack.containers.batch_rules import BatchOutcome, Heel
from wastetrack.containers.batching import begin_batch, finish_batch, withdraw_batch
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import (
    BeginBatch,
    Filling,
    FinishBatch,
    Packaging,
    Repack,
    Treat,
    WeighContainer,
    WithdrawBatch,
)
from wastetrack.containers.repacking import repack
from wastetrack.containers.storing import weigh_container
from wastetrack.containers.treating import treat
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.ids import new_id
from wastetrack.manifests import correcting, filing, gate, receiving, transporting
from wastetrack.manifests.model import DraftManifest, ScanAtGate
from wastetrack.mass import Mass

kilograms = st.integers(3, 900).map(lambda kg: Mass(kg * 1_000))


class Journeys(RuleBasedStateMachine):
    """Drives the real use cases in a transaction that is undone, beside sums kept by hand."""

    world: people.World
    address: Address
    at_workshop: Bundle[UUID] = Bundle("at_workshop")
    at_gate: Bundle[tuple[UUID, tuple[UUID, ...]]] = Bundle("at_gate")
    at_plant: Bundle[tuple[UUID, UUID]] = Bundle("at_plant")
    left_over: Bundle[UUID] = Bundle("left_over")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.address.url, pool_size=1)
        self.undone = undone(self.engine)
        self.session = self.run(self.undone.__aenter__())
        self.expected: dict[tuple[str, UUID], int] = defaultdict(int)
        self.net: dict[UUID, int] = {}
        self.clock = people.AT

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
        """One step in this machine's own loop."""
        return self.runner.run(step)

    def teardown(self) -> None:
        """Undo everything."""
        self.run(self.undone.__aexit__(None, None, None))
        self.run(self.engine.dispose())
        self.runner.close()

    def later(self) -> Any:  # noqa: ANN401
        """A minute has passed."""
        self.clock += timedelta(minutes=1)
        return self.clock

    def today(self) -> date:
        """The day on which something is done."""
        return people.TODAY

    def planned(self) -> date:
        """The day for which a truck is called."""
        return people.TODAY

    def move(self, source: tuple[str, UUID], target: tuple[str, UUID], grams: int) -> None:
        """The model's whole arithmetic."""
        self.expected[source] -= grams
        self.expected[target] += grams

    @initialize()
    def places(self) -> None:
        """Who stands where."""
        self.workshop, self.plant = self.world.generator.site.id, self.world.receiver.site.id

    @rule(target=at_workshop, net=kilograms)
    def label(self, net: Mass) -> UUID:
        """The workshop fills a tank box."""
        command = people.drum_of(net.kg_text(), self.world, volume_l=1_000)
        row, _ = self.run(label_container(self.session, self.world.generator.owner, command, at=self.later()))
        self.net[row.id] = net.grams
        self.move(("generated", self.workshop), ("stored", self.workshop), net.grams)
        labelled: UUID = row.id
        return labelled

    @rule(container=at_workshop, net=kilograms)
    def weigh_again(self, container: UUID, net: Mass) -> None:
        """It is weighed again, where it still stands."""
        if self.net.get(container) is None or container not in self.standing():
            return
        command = WeighContainer(container_id=container, weighing=people.weighed(net.kg_text()))
        self.run(weigh_container(self.session, self.world.generator.owner, command, at=self.later()))
        self.move(("generated", self.workshop), ("stored", self.workshop), net.grams - self.net[container])
        self.net[container] = net.grams

    def standing(self) -> set[UUID]:
        """What stands at the workshop, by the database."""
        rows = self.run(
            self.session.execute(text("select id from containers where site_id = :s"), {"s": self.workshop})
        )
        return {row[0] for row in rows}

    @rule(target=at_workshop, container=consumes(at_workshop), part=st.integers(1, 99), loss=st.integers(0, 500))
    def split(self, container: UUID, part: int, loss: int) -> UUID:
        """Its content goes into two; a little is spilt."""
        whole = self.net[container] - loss
        first = max(whole * part // 100, 2_100)
        if whole - first < 2_100:
            return container
        command = Repack(
            from_ids=(container,),
            into=tuple(
                Filling(packaging=Packaging.OTHER, volume_l=1_000, weighing=people.weighed(Mass(grams).kg_text()))
                for grams in (first, whole - first)
            ),
            repacked_on=self.today(),
            loss_reason="spilt" if loss else "",
        )
        children, _ = self.run(repack(self.session, self.world.generator.owner, command, at=self.later()))
        for child in children:
            self.net[child.id] = child.net_g
        if loss:
            self.move(("stored", self.workshop), ("discrepancy", self.workshop), loss)
        first_child: UUID = children[0].id
        return first_child

    @rule(target=at_gate, load=st.lists(consumes(at_workshop), min_size=1, max_size=3, unique=True))
    def send(self, load: list[UUID]) -> tuple[UUID, tuple[UUID, ...]]:
        """A truck takes them to the plant."""
        owner, carrier = self.world.generator.owner, self.world.carrier.owner
        rows = self.run(containers.several(self.session, owner, load))
        plan: DraftManifest = replace(people.plan_for(self.world, rows), planned_on=self.planned())
        manifest = self.run(filing.draft_manifest(self.session, owner, plan, at=self.later()))
        act = SignAct(manifest_id=manifest.id)
        self.run(filing.file_manifest(self.session, owner, act, at=self.later()))
        self.run(transporting.pick_up(self.session, carrier, act, at=self.later()))
        self.run(transporting.arrive(self.session, carrier, act, at=self.later()))
        for container in load:
            self.move(("stored", self.workshop), ("in_transit", manifest.id), self.net[container])
        return manifest.id, tuple(load)

    @rule(target=at_plant, visit=consumes(at_gate), found=st.lists(kilograms, min_size=3, max_size=3), choice=st.data())
    def receive(
        self, visit: tuple[UUID, tuple[UUID, ...]], found: list[Mass], choice: st.DataObject
    ) -> tuple[UUID, UUID]:
        """The gate takes in, rejects, or misses each; the rejected ones go home again."""
        manifest, load = visit
        missing = []
        rejected = []
        for container, measured in zip(load, found, strict=False):
            fate = choice.draw(st.sampled_from(["taken", "taken", "rejected", "missing"]))
            if fate == "missing":
                missing.append(container)
                self.move(("in_transit", manifest), ("discrepancy", manifest), self.net[container])
                continue
            self.scan(manifest, container, measured, self.world.receiver.owner, reject=fate == "rejected")
            if fate == "rejected":
                rejected.append(container)
            else:
                self.take_in(manifest, container, measured, self.plant)
        _, back, _ = self.run(
            receiving.receive(
                self.session,
                self.world.receiver.owner,
                Receive(manifest_id=manifest, missing_ids=tuple(missing)),
                at=self.later(),
            )
        )
        if back is not None:
            for container in rejected:
                self.move(("in_transit", manifest), ("in_transit", back.id), self.net[container])
                measured = Mass(self.net[container] - 100)
                self.scan(back.id, container, measured, self.world.generator.owner, reject=False)
                self.take_in(back.id, container, measured, self.workshop)
            self.run(
                receiving.receive(
                    self.session, self.world.generator.owner, Receive(manifest_id=back.id), at=self.later()
                )
            )
        return manifest, load[0]

    def scan(self, manifest: UUID, container: UUID, measured: Mass, who: Any, *, reject: bool) -> None:  # noqa: ANN401
        """One container over the gate's scale."""
        (row,) = self.run(containers.locked_on_paper(self.session, (container,)))
        command = ScanAtGate(
            manifest_id=manifest,
            scan_id=new_id(),
            code=DigitalCode.parse(row.digital_code),
            gross=measured + Mass(row.tare_g),
            reject_reason="leaking" if reject else "",
        )
        self.run(gate.scan_at_gate(self.session, who, command, at=self.later()))

    def take_in(self, manifest: UUID, container: UUID, measured: Mass, site: UUID) -> None:
        """What the model makes of an accepted container."""
        difference = self.net[container] - measured.grams
        self.move(("in_transit", manifest), ("stored", site), measured.grams)
        self.move(("in_transit", manifest), ("discrepancy", manifest), difference)
        self.net[container] = measured.grams

    @rule(taken=at_plant, measured=kilograms, consent=st.booleans())
    def correct(self, taken: tuple[UUID, UUID], measured: Mass, consent: bool) -> None:  # noqa: FBT001
        """The plant had misread its scale; the workshop consents or not."""
        manifest, container = taken
        (row,) = self.run(containers.locked_on_paper(self.session, (container,)))
        if row.site_id != self.plant or row.net_g == measured.grams:
            return
        asked, _ = self.run(
            correcting.request_correction(
                self.session,
                self.world.receiver.owner,
                RequestCorrection(manifest_id=manifest, container_id=container, measured=measured, reason="misread"),
                at=self.later(),
            )
        )
        answer = AnswerCorrection(correction_id=asked.id, consent=consent, reason="seen")
        self.run(correcting.answer_correction(self.session, self.world.generator.owner, answer, at=self.later()))
        if consent:
            self.move(("discrepancy", manifest), ("stored", self.plant), measured.grams - self.net[container])
            self.net[container] = measured.grams

    @rule(taken=consumes(at_plant))
    def burn(self, taken: tuple[UUID, UUID]) -> None:
        """The plant burns it."""
        _, container = taken
        (row,) = self.run(containers.locked_on_paper(self.session, (container,)))
        if row.site_id != self.plant:
            return
        command = Treat(site_id=self.plant, container_ids=(container,), method="D10", treated_on=self.today())
        gate_operator = self.world.receiver.people[Role.GATE_OPERATOR]
        self.run(treat(self.session, gate_operator, command, at=self.later()))
        self.move(("stored", self.plant), ("treated", self.plant), self.net[container])

    @rule(target=left_over, taken=consumes(at_plant), percent=st.integers(1, 99), gives_up=st.booleans())
    def burn_in_part(self, taken: tuple[UUID, UUID], percent: int, gives_up: bool) -> Any:  # noqa: ANN401, FBT001
        """A batch of the plant takes its time, is given up once, and does not empty the container."""
        _, container = taken
        (row,) = self.run(containers.locked_on_paper(self.session, (container,)))
        left = Mass(self.net[container] * percent // 100)
        if row.site_id != self.plant or not 0 < left.grams < self.net[container]:
            return multiple()
        gate_operator = self.world.receiver.people[Role.GATE_OPERATOR]
        begun = BeginBatch(site_id=self.plant, container_ids=(container,), method="D10", begun_on=self.today())
        batch, _ = self.run(begin_batch(self.session, gate_operator, begun, at=self.later()))
        if gives_up:
            withdrawn = WithdrawBatch(batch_id=batch.id, reason="停炉")
            self.run(withdraw_batch(self.session, gate_operator, withdrawn, at=self.later()))
            batch, _ = self.run(begin_batch(self.session, gate_operator, begun, at=self.later()))
        outcome = BatchOutcome(heels=(Heel(container_id=container, gross=left + Mass(row.tare_g)),))
        ended = FinishBatch(batch_id=batch.id, treated_on=self.today(), outcome=outcome)
        done, _, _ = self.run(finish_batch(self.session, gate_operator, ended, at=self.later()))
        assert done.input_g == self.net[container] - left.grams
        self.move(("stored", self.plant), ("treated", self.plant), done.input_g)
        self.net[container] = left.grams
        return container

    @rule(container=consumes(left_over))
    def burn_what_was_left(self, container: UUID) -> None:
        """The next batch burns what was left in it."""
        command = Treat(site_id=self.plant, container_ids=(container,), method="D10", treated_on=self.today())
        gate_operator = self.world.receiver.people[Role.GATE_OPERATOR]
        self.run(treat(self.session, gate_operator, command, at=self.later()))
        self.move(("stored", self.plant), ("treated", self.plant), self.net[container])

    @invariant()
    def the_books_agree(self) -> None:
        """Everything that must always hold."""
        rows = self.run(
            self.session.execute(text("select kind, holder_id, sum(balance_g) from accounts group by kind, holder_id"))
        ).all()
        held = {(kind, holder): int(grams) for kind, holder, grams in rows if grams}
        assert sum(held.values()) == 0
        assert held == {account: grams for account, grams in self.expected.items() if grams}
        assert all(grams > 0 for (kind, _), grams in held.items() if kind in {"stored", "in_transit", "treated"})
        for site in {self.world.generator.site.id, self.world.receiver.site.id}:
            standing = self.run(containers.standing_mass(self.session, site))
            assert sum(standing.values()) == held.get(("stored", site), 0)


@pytest.fixture(scope="module")
def copy_of_town(cluster: Cluster, town: tuple[people.World, Address]) -> Address:
    """A database of the machine's own: its loop is not the tests'."""
    return cluster.clone(town[1].database)


def test_no_journey_loses_a_gram(copy_of_town: Address, world: people.World) -> None:
    Journeys.world, Journeys.address = world, copy_of_town
    run_state_machine_as_test(
        Journeys,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
