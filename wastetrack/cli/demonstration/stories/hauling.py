"""One load of a story, from the label to the confirmation; a story stops where it likes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.filling import load_of
from wastetrack.cli.demonstration.members import Carrier, Firm, Load
from wastetrack.cli.demonstration.roads import days_away, usual_time
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.telling import Teller, act, leg, signed
from wastetrack.cli.demonstration.wastes import WASTES, Vessel
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.containers.labelling import label_container
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import Description, LabelContainer, Weighing
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import filing, receiving, transporting
from wastetrack.manifests.gate import scan_at_gate
from wastetrack.manifests.model import DraftManifest, LegPlan, Receive, ScanAtGate, TransferBasis
from wastetrack.mass import Mass

_STEP = Mass(200)


def weighed(net_g: int, vessel: Vessel) -> Weighing:
    """On the platform scale of the yard."""
    return Weighing(
        gross=Mass(net_g + vessel.tare_g),
        tare=Mass(vessel.tare_g),
        method=WeighingMethod.PLATFORM_SCALE,
        scale_id="PS-01",
        uncertainty=_STEP,
    )


async def label(
    teller: Teller,
    step: Step,
    firm: Firm,
    code: str,
    *net_kg: int,
    store_id: UUID | None = None,
    described: Description | None = None,
) -> list[Load]:
    """Fill a usual container of this waste for each of the masses."""
    waste = WASTES[code] if described is None else None
    vessel = waste.vessel if waste else WASTES["900-039-49"].vessel
    loads = []
    for kilograms in net_kg:
        command = LabelContainer(
            site_id=firm.site.id,
            description=described or teller.year.description(code, local_day(step.at)),
            packaging=vessel.packaging,
            volume_l=vessel.volume_l,
            weighing=weighed(1_000 * kilograms, vessel),
            generated_on=local_day(step.at),
            store_id=store_id or firm.store_for(code).id,
        )
        row, _ = await label_container(step.session, firm.by(Role.FILER), command, at=step.at)
        loads.append(load_of(row, 1_000 * kilograms))
    return loads


@dataclass(slots=True, kw_only=True)
class Haul:
    """A load on its way; `at` of each step is the moment that is reached."""

    teller: Teller
    sender: Firm
    receiver: Firm
    carriers: Sequence[Carrier]
    method: str
    loads: list[Load]
    legs: tuple[LegPlan, ...] = ()
    basis: TransferBasis = TransferBasis.PERMIT
    exemptions: tuple[int, ...] = ()
    manifest_id: UUID = field(init=False)

    async def file(self, step: Step) -> Step:
        """Write it and sign it."""
        legs = self.legs or (self._leg(step),)
        command = DraftManifest(
            shipper_site_id=self.sender.site.id,
            receiver_site_id=self.receiver.site.id,
            method=self.method,
            planned_on=local_day(step.at),
            container_ids=tuple(load.id for load in self.loads),
            legs=legs,
            basis=self.basis,
            exemptions=self.exemptions,
        )
        row = await filing.draft_manifest(step.session, self.sender.by(Role.FILER), command, at=step.at)
        self.manifest_id = row.id
        step = await self.teller.later(step, 0.4)
        signer = self.sender.by(Role.SIGNER)
        await filing.file_manifest(
            step.session, signer, act(step, self.sender, Role.SIGNER, self.manifest_id), at=step.at
        )
        return step

    def _leg(self, step: Step) -> LegPlan:
        """By the heaviest lorry that is at home, which leaves today."""
        year, carrier = self.teller.year, self.carriers[0]
        days = days_away(self.sender.place, self.receiver.place, step.at)
        lorries = [one for one in carrier.vehicles if not one.plate.endswith("挂")]
        load_g = sum(load.net_g + load.tare_g for load in self.loads)
        home = [one for one in year.home(lorries, days) if one.rated_load.grams >= load_g] or lorries
        chosen = max(home, key=lambda one: one.rated_load)
        year.leave(days, chosen)
        return replace(leg(carrier, self.sender, self.receiver), plate=chosen.plate)

    async def pick_up(self, step: Step) -> Step:
        """The first carrier loads."""
        step = await self.teller.later(step, 0.8)
        carrier = self.carriers[0]
        signed_act = act(step, carrier, Role.DRIVER, self.manifest_id)
        await transporting.pick_up(step.session, carrier.by(Role.DRIVER), signed_act, at=step.at)
        return step

    async def arrive(self, step: Step) -> Step:
        """The last carrier stands at the gate, as long after the last step as the whole road takes."""
        step = await self.teller.year.clock.until(step.at + usual_time(self.sender.place, self.receiver.place))
        carrier = self.carriers[-1]
        signed_act = act(step, carrier, Role.DRIVER, self.manifest_id)
        await transporting.arrive(step.session, carrier.by(Role.DRIVER), signed_act, at=step.at)
        return step

    async def scan(self, step: Step) -> Step:
        """The gate weighs each container and finds what was declared."""
        step = await self.teller.later(step, 0.3)
        for load in self.loads:
            command = ScanAtGate(
                manifest_id=self.manifest_id,
                scan_id=new_id(),
                code=DigitalCode.parse(load.digital_code),
                gross=Mass(load.net_g + load.tare_g),
                scale_id="GATE-1",
                uncertainty=_STEP,
                store_id=self.receiver.store_for(load.code).id if self.receiver.stores else None,
            )
            await scan_at_gate(step.session, self.receiver.by(Role.GATE_OPERATOR), command, at=step.at)
        return step

    async def receive(self, step: Step, opinion: str = "同意接收") -> Step:
        """The receiver signs for it."""
        step = await self.teller.later(step, 0.3)
        command = Receive(
            manifest_id=self.manifest_id, opinion=opinion, signing=signed(step, self.receiver, Role.GATE_OPERATOR)
        )
        await receiving.receive(step.session, self.receiver.by(Role.GATE_OPERATOR), command, at=step.at)
        return step

    async def confirm(self, step: Step) -> Step:
        """And confirms the next morning."""
        step = await self.teller.later(step, 16)
        signed_act = act(step, self.receiver, Role.GATE_OPERATOR, self.manifest_id)
        await receiving.confirm(step.session, self.receiver.by(Role.GATE_OPERATOR), signed_act, at=step.at)
        return step

    async def take_in(self, step: Step) -> Step:
        """Scan, receive and confirm."""
        return await self.confirm(await self.receive(await self.scan(step)))

    async def go(self, step: Step) -> Step:
        """The whole way, with nothing remarkable on it."""
        return await self.take_in(await self.arrive(await self.pick_up(await self.file(step))))
