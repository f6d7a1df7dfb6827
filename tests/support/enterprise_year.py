"""One workshop's year by the real use cases, on fixed days: several wastes, a store, its own treatment, trips outside,
a drum that comes back, a loss in repacking, second weighings, a correction of a receipt, labels that are dated back.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support import parties as made
from tests.support.acts import AnswerCorrection, Receive, RequestCorrection, SignAct
from tests.support.world import OIL, SLUDGE, World, plan_for, weighed
from wastetrack.auth.model import Role
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.ledger_facts import Generation, Handling, Operation
from wastetrack.containers.model import (
    Description,
    Filling,
    Form,
    LabelContainer,
    Packaging,
    Repack,
    Residue,
    StoreContainers,
    Treat,
    WeighContainer,
)
from wastetrack.containers.queries import Container
from wastetrack.containers.repacking import repack
from wastetrack.containers.storing import store_containers, weigh_container
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import filing, gate, receiving, transporting
from wastetrack.manifests.correcting import answer_correction, request_correction
from wastetrack.manifests.model import ScanAtGate
from wastetrack.mass import Mass
from wastetrack.parties.permitting import grant_permit

YEAR = 2026
ASH = "772-003-18"
_NAMES = {OIL: "废矿物油", SLUDGE: "含锌污泥", ASH: "焚烧飞灰"}


def clock(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment by the wall clock in China."""
    return datetime(YEAR, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@dataclass
class Year:
    """The workshop at work; what it makes is kept by a letter."""

    session: WriteSession
    world: World
    drums: dict[str, Container]

    async def label(
        self,
        letter: str,
        code: str,
        net: str,
        at: datetime,
        *,
        on: date | None = None,
        store: bool = False,
        generation: Generation | None = None,
    ) -> None:
        """A drum that is filled, weighed and labelled."""
        command = LabelContainer(
            site_id=self.world.generator.site.id,
            description=Description(
                waste_code=code,
                waste_name=_NAMES[code],
                form=Form.LIQUID,
                hazards=("T", "I")[: 1 + (code == OIL)],
            ),
            packaging=Packaging.DRUM,
            volume_l=200,
            weighing=weighed(net),
            generated_on=on or (at + timedelta(hours=8)).date(),
            store_id=self.world.store_id if store else None,
            generation=generation or Generation(),
        )
        self.drums[letter], _ = await label_container(self.session, self.world.generator.owner, command, at=at)

    async def move(self, letters: str, at: datetime, *, store: bool = True, handling: Handling | None = None) -> None:
        """Drums go into the store, or out of it."""
        command = StoreContainers(
            container_ids=tuple(self.drums[letter].id for letter in letters),
            store_id=self.world.store_id if store else None,
            handling=handling or Handling(),
        )
        await store_containers(self.session, self.world.generator.owner, command, at=at)

    async def weigh(self, letter: str, net: str, at: datetime) -> None:
        """A drum is weighed again."""
        command = WeighContainer(container_id=self.drums[letter].id, weighing=weighed(net))
        await weigh_container(self.session, self.world.generator.owner, command, at=at)

    async def refill(self, letters: str, into: dict[str, str], at: datetime, *, why: str = "") -> None:
        """The content of some drums goes into others."""
        command = Repack(
            from_ids=tuple(self.drums[letter].id for letter in letters),
            into=tuple(Filling(packaging=Packaging.DRUM, volume_l=200, weighing=weighed(net)) for net in into.values()),
            repacked_on=(at + timedelta(hours=8)).date(),
            loss_reason=why,
        )
        children, _ = await repack(self.session, self.world.generator.owner, command, at=at)
        self.drums.update(zip(into, children, strict=True))

    async def treat_here(self, letters: str, at: datetime, *, ash: str, operation: Operation) -> None:
        """Drums go through the workshop's own plant."""
        residue = Residue(
            description=Description(waste_code=ASH, waste_name=_NAMES[ASH], form=Form.SOLID, hazards=("T",)),
            packaging=Packaging.BAG,
            volume_l=50,
            weighing=weighed(ash, tare="1 kg"),
        )
        command = Treat(
            site_id=self.world.generator.site.id,
            container_ids=tuple(self.drums[letter].id for letter in letters),
            method="D10",
            treated_on=(at + timedelta(hours=8)).date(),
            residues=(residue,),
            operation=operation,
        )
        _, (self.drums["z"],), _ = await treat(self.session, self.world.generator.owner, command, at=at)

    async def send(self, letters: str, at: datetime, found: dict[str, str | None]) -> tuple[UUID, UUID | None]:
        """A trip to the incinerator; what it finds on its scale, None where it rejects. Gives the manifest and the one
        that brings rejected drums back."""
        world, session = self.world, self.session
        drums = [self.drums[letter] for letter in letters]
        plan = replace(plan_for(world, drums), planned_on=(at + timedelta(hours=8)).date())
        row = await filing.draft_manifest(session, world.generator.owner, plan, at=at)
        await filing.file_manifest(session, world.generator.owner, SignAct(manifest_id=row.id), at=at)
        hour = timedelta(hours=1)
        await transporting.pick_up(session, world.carrier.owner, SignAct(manifest_id=row.id), at=at + hour)
        await transporting.arrive(session, world.carrier.owner, SignAct(manifest_id=row.id), at=at + 2 * hour)
        for letter, gross in found.items():
            await self._scan(row.id, letter, gross, at + 3 * hour)
        _, back, _ = await receiving.receive(
            session, world.receiver.owner, Receive(manifest_id=row.id), at=at + 4 * hour
        )
        return row.id, None if back is None else back.id

    async def _scan(self, manifest_id: UUID, letter: str, gross: str | None, at: datetime) -> None:
        command = ScanAtGate(
            manifest_id=manifest_id,
            scan_id=new_id(),
            code=DigitalCode.parse(self.drums[letter].digital_code),
            gross=None if gross is None else Mass.parse(gross),
            scale_id="GATE-2",
            uncertainty=Mass.parse("200 g"),
            reject_reason="" if gross else "桶身渗漏",
            store_id=self.world.receiver_store_id if gross else None,
        )
        await gate.scan_at_gate(self.session, self.world.receiver.people[Role.GATE_OPERATOR], command, at=at)

    async def take_back(self, manifest_id: UUID, letter: str, gross: str, at: datetime) -> None:
        """A rejected drum is weighed in at home."""
        command = ScanAtGate(
            manifest_id=manifest_id,
            scan_id=new_id(),
            code=DigitalCode.parse(self.drums[letter].digital_code),
            gross=Mass.parse(gross),
        )
        owner = self.world.generator.owner
        await gate.scan_at_gate(self.session, owner, command, at=at)
        await receiving.receive(self.session, owner, Receive(manifest_id=manifest_id), at=at + timedelta(hours=1))

    async def correct(self, manifest_id: UUID, letter: str, measured: str, at: datetime) -> None:
        """The receiver's figure was wrong, and the workshop agrees."""
        wanted = RequestCorrection(
            manifest_id=manifest_id,
            container_id=self.drums[letter].id,
            measured=Mass.parse(measured),
            reason="地磅未归零",
        )
        request, _ = await request_correction(self.session, self.world.receiver.owner, wanted, at=at)
        consent = AnswerCorrection(correction_id=request.id, consent=True)
        await answer_correction(self.session, self.world.generator.owner, consent, at=at + timedelta(hours=1))


async def live_through(session: WriteSession, world: World) -> Year:
    """The whole year."""
    permit = made.permit_command(world.generator.id, items=(made.item(SLUDGE, "D10 R9", "10 t"),))
    await grant_permit(session, made.approver("3706"), permit, at=clock(1, 2))
    year = Year(session, world, {})
    await _winter(year)
    await _spring(year)
    await _summer(year)
    return year


async def _winter(year: Year) -> None:
    oil = Generation(trade_name="机修废油", facility_code="MF0001", handler="张工", destination="危废库")
    await year.label("a", OIL, "180 kg", clock(1, 5), on=date(YEAR, 1, 4), generation=oil)
    await year.label("b", OIL, "150.505 kg", clock(1, 5, 10), store=True)
    await year.move("a", clock(1, 6), handling=Handling(handler="李库管", carrier_handler="王运送"))
    await year.label("c", OIL, "90 kg", clock(1, 20))  # never stored before it leaves
    _, back = await year.send("ac", clock(2, 2), {"a": "199.5 kg", "c": None})
    assert back is not None
    await year.take_back(back, "c", "109.8 kg", clock(2, 3))
    await year.weigh("b", "150.1 kg", clock(2, 10))


async def _spring(year: Year) -> None:
    mud = Generation(trade_name="锌泥", facility_code="MF0002")
    await year.label("d", SLUDGE, "60 kg", clock(3, 1), store=True, generation=mud)
    await year.label("e", SLUDGE, "40 kg", clock(3, 1, 10), store=True, generation=mud)
    await year.refill("de", {"f": "99.5 kg"}, clock(3, 3), why="桶壁残留")
    await year.move("f", clock(3, 3, 11))
    await year.refill("f", {"g": "50 kg", "h": "49.5 kg"}, clock(3, 10))
    operation = Operation(facility_code="TS001", handler="赵炉长", finished_at=clock(3, 20, 15))
    await year.treat_here("g", clock(3, 20, 9), ash="5 kg", operation=operation)
    await year.send("h", clock(4, 5), {"h": "69.5 kg"})
    await year.move("c", clock(4, 20))
    out = Handling(handler="李库管", carrier_handler="王运送", destination="焚烧厂")
    await year.move("c", clock(4, 21), store=False, handling=out)
    trip, _ = await year.send("c", clock(4, 22), {"c": "109.6 kg"})
    await year.correct(trip, "c", "89 kg", clock(4, 25))


async def _summer(year: Year) -> None:
    await year.label("i", OIL, "100 kg", clock(5, 30), store=True)
    await year.label("j", OIL, "70 kg", clock(6, 1), on=date(YEAR, 5, 30), store=True)  # dated back: serial 002
    await year.label("k", OIL, "33.333 kg", clock(7, 1, 0, 30), store=True)
    await year.move("z", clock(7, 2))
    await _plant(year)


async def _plant(year: Year) -> None:
    """The incinerator burns what it received."""
    command = Treat(
        site_id=year.world.receiver.site.id,
        container_ids=(year.drums["a"].id, year.drums["c"].id),
        method="D10",
        treated_on=date(YEAR, 7, 3),
        operation=Operation(facility_code="FS001", handler="孙工"),
    )
    await treat(year.session, year.world.receiver.people[Role.GATE_OPERATOR], command, at=clock(7, 3))


@dataclass
class Lived:
    """The year, and where it can be read."""

    session: WriteSession
    world: World
    year: Year

    @property
    def site(self) -> Any:  # noqa: ANN401  an id
        """The workshop."""
        return self.world.generator.site.id
