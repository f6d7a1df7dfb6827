"""A walk through all kinds of manifest, step by random step, with a ledger model beside it.

The model is a dictionary of accounts and one line of arithmetic per step; after each step the real ledger on
PostgreSQL, built by migrations and written by the use cases, must hold exactly the same grams, the containers that
stand at a site must weigh what its account says, and all accounts together must be nothing.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from tests.regulations.walker import MORNING, Trip, Walker
from tests.support import medical
from tests.support.acts import Receive, SignAct
from tests.support.databases import Cluster
from tests.support.medical import Hospital, SignCard
from tests.support.pipes import Pipe, a_pipe
from tests.support.refused import balances, books_and_containers_agree
from tests.support.world import World, a_drum, plan_for, weighed
from wastetrack.auth.model import Role
from wastetrack.containers import storing, treating
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Treat, WeighContainer
from wastetrack.db.addresses import Address
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import filing, gate, receiving, transporting
from wastetrack.manifests.model import ManifestState, ScanAtGate
from wastetrack.mass import Mass
from wastetrack.medical import carrying, plant

if TYPE_CHECKING:
    from wastetrack.containers.queries import Container

MASSES = st.integers(50, 190)


class Walk(Walker):
    """One day of everybody, in any order that the law lets them."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.yard: list[Container] = []
        self.plant: list[Container] = []
        self.trips: list[Trip] = []
        self.pipe: Pipe | None = None
        self.pipe_day = 0
        self.hospital: Hospital | None = None
        self.ward: list[Container] = []

    # At the workshop.

    @rule(kilograms=MASSES)
    def label(self, kilograms: int) -> None:
        """A drum is filled."""
        drum = self.do(lambda session: a_drum(session, self.world, f"{kilograms} kg"))
        self.yard.append(drum)
        self.move(self.world.generator.site.id, "stored", drum.net_g)
        self.move(self.world.generator.site.id, "generated", -drum.net_g)

    @precondition(lambda self: self.yard)
    @rule(pick=st.integers(0), kilograms=MASSES)
    def weigh_again(self, pick: int, kilograms: int) -> None:
        """A drum in the yard is put on the scale again."""
        drum, before = self.yard[pick % len(self.yard)], self.yard[pick % len(self.yard)].net_g
        command = WeighContainer(container_id=drum.id, weighing=weighed(f"{kilograms} kg"))
        at = self.now()
        self.do(lambda session: storing.weigh_container(session, self.world.generator.owner, command, at=at))
        drum.net_g = kilograms * 1000
        self.move(self.world.generator.site.id, "stored", drum.net_g - before)
        self.move(self.world.generator.site.id, "generated", before - drum.net_g)

    @precondition(lambda self: self.yard)
    @rule(count=st.integers(1, 3), legs=st.integers(1, 2))
    def file(self, count: int, legs: int) -> None:
        """Some drums are declared; no mass moves."""
        drums, self.yard = self.yard[:count], self.yard[count:]
        at, owner = self.now(), self.world.generator.owner

        async def work(session: WriteSession) -> UUID:
            row = await filing.draft_manifest(session, owner, plan_for(self.world, drums, legs=legs), at=at)
            await filing.file_manifest(session, owner, SignAct(manifest_id=row.id), at=at)
            return row.id

        self.trips.append(Trip(self.do(work), drums, ManifestState.FILED, legs))

    def _trip(self, pick: int, *states: ManifestState, back: bool = False) -> Trip | None:
        fitting = [one for one in self.trips if one.state in states and (one.returns is not None) is back]
        return fitting[pick % len(fitting)] if fitting else None

    @rule(pick=st.integers(0), void=st.booleans())
    def withdraw(self, pick: int, *, void: bool) -> None:
        """Before the truck comes a manifest is cancelled, or its number burnt."""
        trip = self._trip(pick, ManifestState.FILED)
        if trip is None:
            return
        verb = filing.void_manifest if void else filing.cancel_manifest
        command, at = SignAct(manifest_id=trip.id, reason="改期"), self.now()
        self.do(lambda session: verb(session, self.world.generator.owner, command, at=at))
        trip.state = ManifestState.VOID if void else ManifestState.CANCELLED
        self.yard += trip.drums

    # On the road.

    @rule(pick=st.integers(0))
    def load(self, pick: int) -> None:
        """The first carrier takes the load."""
        trip = self._trip(pick, ManifestState.FILED)
        if trip is None:
            return
        at = self.now()
        command = SignAct(manifest_id=trip.id)
        self.do(lambda session: transporting.pick_up(session, self.world.carrier.owner, command, at=at))
        trip.state = ManifestState.PICKED_UP
        declared = sum(drum.net_g for drum in trip.drums)
        self.move(self.world.generator.site.id, "stored", -declared)
        self.move(trip.id, "in_transit", declared)

    @rule(pick=st.integers(0))
    def hand_over(self, pick: int) -> None:
        """The second carrier takes it over; the mass stays on the road."""
        trip = self._trip(pick, ManifestState.PICKED_UP)
        if trip is None or trip.legs == 1:
            return
        command, at = SignAct(manifest_id=trip.id), self.now()
        self.do(lambda session: transporting.hand_over(session, self.world.second_carrier.owner, command, at=at))
        trip.state, trip.handed = ManifestState.IN_TRANSIT, True

    @rule(pick=st.integers(0))
    def arrive(self, pick: int) -> None:
        """The truck stands at the gate."""
        trip = self._trip(pick, ManifestState.PICKED_UP, ManifestState.IN_TRANSIT)
        if trip is None:
            return
        carrier = self.world.second_carrier if trip.handed else self.world.carrier
        command, at = SignAct(manifest_id=trip.id), self.now()
        self.do(lambda session: transporting.arrive(session, carrier.owner, command, at=at))
        trip.state = ManifestState.ARRIVED

    # At the gate.

    @rule(pick=st.integers(0), off=st.integers(-3000, 3000), reject=st.booleans())
    def scan(self, pick: int, off: int, *, reject: bool) -> None:
        """A drum is weighed in or refused."""
        trip = self._trip(pick, ManifestState.ARRIVED)
        drum = None if trip is None else next((one for one in trip.drums if one.id not in trip.decided), None)
        if trip is None or drum is None:
            return
        gross = None if reject else Mass(drum.gross_g + off)
        at, operator = self.now(), self.world.receiver.people[Role.GATE_OPERATOR]
        command = ScanAtGate(
            manifest_id=trip.id,
            scan_id=new_id(),
            code=DigitalCode.parse(drum.digital_code),
            gross=gross,
            reject_reason="标签不符" if reject else "",
        )
        self.do(lambda session: gate.scan_at_gate(session, operator, command, at=at))
        trip.decided[drum.id] = None if reject else drum.net_g + off
        if not reject:
            site = self.world.receiver.site.id
            self.move(trip.id, "in_transit", -drum.net_g)
            self.move(site, "stored", drum.net_g + off)
            self.move(trip.id, "discrepancy:weighing", -off)
            self.plant.append(drum)

    @rule(pick=st.integers(0))
    def receive(self, pick: int) -> None:
        """The receiver signs: what nobody scanned is missing, what was refused goes home."""
        trip = self._trip(pick, ManifestState.ARRIVED)
        if trip is None:
            return
        missing = [drum for drum in trip.drums if drum.id not in trip.decided]
        rejected = [drum for drum in trip.drums if drum.id in trip.decided and trip.decided[drum.id] is None]
        command = Receive(manifest_id=trip.id, missing_ids=tuple(drum.id for drum in missing))
        at = self.now()
        row, back, _ = self.do(lambda session: receiving.receive(session, self.world.receiver.owner, command, at=at))
        trip.state = ManifestState(row.state)
        for drum in missing:
            self.move(trip.id, "in_transit", -drum.net_g)
            self.move(trip.id, "discrepancy:missing_container", drum.net_g)
        assert (back is not None) == bool(rejected)
        if back is not None:
            trip.back = back.id
            declared = sum(drum.net_g for drum in rejected)
            self.move(trip.id, "in_transit", -declared)
            self.move(back.id, "in_transit", declared)
            self.trips.append(Trip(back.id, rejected, ManifestState.RETURNING, 1, returns=trip.id))

    @rule(pick=st.integers(0))
    def come_home(self, pick: int) -> None:
        """What was refused is taken in by the workshop again, under its declared mass."""
        trip = self._trip(pick, ManifestState.RETURNING, back=True)
        if trip is None:
            return
        owner = self.world.generator.owner
        for drum in trip.drums:
            command = ScanAtGate(
                manifest_id=trip.id, scan_id=new_id(), code=DigitalCode.parse(drum.digital_code), happened_at=None
            )
            at = self.now()
            self.do(lambda session, command=command, at=at: gate.scan_at_gate(session, owner, command, at=at))  # type: ignore[misc]
        at = self.now()
        self.do(lambda session: receiving.receive(session, owner, Receive(manifest_id=trip.id), at=at))
        trip.state = ManifestState.RETURNED
        declared = sum(drum.net_g for drum in trip.drums)
        self.move(trip.id, "in_transit", -declared)
        self.move(self.world.generator.site.id, "stored", declared)

    @rule(pick=st.integers(0))
    def confirm(self, pick: int) -> None:
        """The receiver confirms, once everything is home."""
        done = (ManifestState.RECEIVED, ManifestState.PARTLY_RECEIVED, ManifestState.REJECTED)
        trip = self._trip(pick, *done)
        if trip is None or any(one.returns == trip.id and one.state is ManifestState.RETURNING for one in self.trips):
            return
        command, at = SignAct(manifest_id=trip.id), self.now()
        self.do(lambda session: receiving.confirm(session, self.world.receiver.owner, command, at=at))
        trip.state = ManifestState.CLOSED

    @precondition(lambda self: self.plant)
    @rule()
    def burn(self) -> None:
        """Everything that stands at the plant from drums is treated."""
        site = self.world.receiver.site.id
        command = Treat(
            site_id=site,
            container_ids=tuple(drum.id for drum in self.plant),
            method="D10",
            treated_on=date(2026, 3, 2),
        )
        at = self.now()
        batch, _, _ = self.do(lambda session: treating.treat(session, self.world.receiver.owner, command, at=at))
        self.move(site, "stored", -batch.input_g)
        self.move(site, "treated:D10", batch.input_g)
        self.plant = []

    # Through the pipe, and from the hospital.

    @rule(sent=st.integers(100, 900), lost=st.integers(-20, 20))
    def pump(self, sent: int, lost: int) -> None:
        """A day at both meters of a pipe, in kilograms."""
        if self.pipe is None:
            self.pipe = self.do(lambda session: a_pipe(session, self.world))
        if self.pipe_day >= 2:  # the walk's own day is the second of March
            return
        self.pipe_day += 1
        pipe, day, at = self.pipe, date(2026, 3, self.pipe_day), MORNING + timedelta(hours=12)
        tonnes = (f"{sent / 1000:.3f}", f"{(sent - lost) / 1000:.3f}")
        self.do(lambda _: pipe.both(day, *tonnes, at=at))
        self.move(self.world.generator.site.id, "generated", -sent * 1000)
        self.move(self.world.receiver.site.id, "stored", (sent - lost) * 1000)
        self.move(pipe.id, "discrepancy:metering", lost * 1000)

    @rule(grams=st.integers(800, 9000))
    def pack(self, grams: int) -> None:
        """A nurse closes a yellow bag."""
        if self.hospital is None:
            self.hospital = self.do(lambda session: medical.build_hospital(session, self.world))
        hospital = self.hospital
        weighing = medical.weighed(f"{grams + 50} g")
        bag = self.do(lambda session: medical.packed(session, hospital, weighing=weighing))
        self.ward.append(bag)
        self.move(hospital.site_id, "stored", bag.net_g)
        self.move(hospital.site_id, "generated", -bag.net_g)

    @precondition(lambda self: self.ward)
    @rule(off=st.integers(-40, 40))
    def collect(self, off: int) -> None:
        """The bags go into the store, on a trip card, over the road and into the plant, weighed there as a whole."""
        hospital, bags, self.ward = self.hospital, self.ward, []
        assert hospital is not None
        total = sum(bag.net_g for bag in bags)

        async def work(session: WriteSession) -> UUID:
            await medical.in_store(session, hospital, bags)
            card_id = await medical.drafted(session, hospital, self.world, bags)
            at, sign = MORNING + timedelta(hours=6), SignCard(card_id=card_id)
            await carrying.hand_over(session, hospital.office, sign, at=at)
            await carrying.pick_up(session, self.world.carrier.people[Role.DRIVER], sign, at=at)
            operator = self.world.receiver.people[Role.GATE_OPERATOR]
            await carrying.arrive(session, operator, card_id, at=at + timedelta(hours=1))
            signer = self.world.receiver.people[Role.SIGNER]
            mass, late = Mass(total + off), at + timedelta(hours=2)
            await plant.receive_card(session, signer, sign, total=mass, at=late)
            statement = text("select manifest_id from trip_cards where id = :id")
            found: UUID = (await session.execute(statement, {"id": card_id})).scalar_one()
            return found

        manifest_id = self.do(work)
        self.move(hospital.site_id, "stored", -total)
        self.move(self.world.receiver.site.id, "stored", total + off)
        self.move(manifest_id, "discrepancy:weighing", -off)

    # What always holds.

    @invariant()
    def the_ledger_holds_what_the_model_holds(self) -> None:
        """Account by account, to the gram."""
        holders = {holder for holder, _ in self.books}
        for holder in holders:
            expected = {name: grams for (of, name), grams in self.books.items() if of == holder and grams}
            found = self.runner.run(balances(self.session, holder))
            assert {name: grams for name, grams in found.items() if grams} == expected

    @invariant()
    def nothing_is_made_of_nothing(self) -> None:
        """All accounts add to nothing, and containers weigh what the books say."""
        world = self.world
        sites = [world.generator.site.id, world.receiver.site.id]
        if self.hospital is not None:
            sites.append(self.hospital.site_id)

        async def look() -> tuple[int, bool]:
            total = await self.session.scalar(text("select coalesce(sum(balance_g), 0) from accounts"))
            return int(total or 0), await books_and_containers_agree(self.session, *sites)

        assert self.runner.run(look()) == (0, True)

    @invariant()
    def what_has_ended_is_off_the_road(self) -> None:
        """A manifest that is closed, withdrawn or home again holds nothing."""
        ended = {ManifestState.CLOSED, ManifestState.CANCELLED, ManifestState.VOID, ManifestState.RETURNED}
        assert all(self.books[trip.id, "in_transit"] == 0 for trip in self.trips if trip.state in ended)


def test_whatever_everybody_does_no_kilogram_is_lost_or_made(cluster: Cluster, town: tuple[World, Address]) -> None:
    Walk.world, address = town
    Walk.address = cluster.clone(address.database)
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),  # shrinking costs minutes where each step is a transaction
            suppress_health_check=list(HealthCheck),
            derandomize=False,
        ),
    )
