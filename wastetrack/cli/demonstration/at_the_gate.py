"""The receiver's gate: scan, weigh, decide, sign; later perhaps correct."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.fates import Fate
from wastetrack.cli.demonstration.members import Firm, Load, Shipper
from wastetrack.cli.demonstration.scales import weigh_at_gate
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.working_hours import after
from wastetrack.cli.demonstration.year import Year
from wastetrack.containers.labels import DigitalCode
from wastetrack.ids import new_id
from wastetrack.manifests import correcting, gate, receiving
from wastetrack.manifests.gate import Scanned
from wastetrack.manifests.model import AnswerCorrection, Outcome, Receive, RequestCorrection, ScanAtGate
from wastetrack.mass import Mass

_REJECTIONS = ("与样品成分不符，氯含量超出入炉要求", "包装破损渗漏，不具备接收条件", "标签与内容物不一致")
_SUSPENDED = "许可证暂扣期间不得接收"
_NOTHING_ACCEPTED = frozenset({Fate.REJECTED, Fate.SUSPENDED_ON_ROAD})
_ONE_REJECTED = frozenset({Fate.PARTLY_REJECTED, Fate.LEFT_RETURNING})
_CORRECTIONS = frozenset({Fate.CORRECTED, Fate.CORRECTION_REFUSED, Fate.LEFT_CORRECTING})
# Between the two, one container differs by more than any scale explains.
_OFF_WEIGHT = (0.90, 0.96)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receiver signed."""

    accepted: list[Load]
    rejected: list[Load]
    back_id: UUID | None


class Gate:
    """The gate of a firm while one manifest's truck stands there."""

    def __init__(
        self, year: Year, firm: Firm, *, manifest_id: UUID, loads: list[Load], fate: Fate, dice: Random
    ) -> None:
        self._year, self._firm, self._manifest_id = year, firm, manifest_id
        self._loads, self._fate, self._dice = loads, fate, dice

    async def take_in(self, step: Step, sender: Firm) -> tuple[Step, Receipt | None]:
        """Scan all, sign the receipt; None when the fate stops half way."""
        step = await self._year.clock.until(after(step.at, self._dice, minutes=(8, 35)))
        if self._fate is Fate.UNEXPECTED:
            await self._scan_stranger(step, sender)
        accepted: list[Load] = []
        rejected: list[Load] = []
        missing: list[Load] = []
        scanned_at = step.at
        for place, load in enumerate(self._loads):
            if self._fate is Fate.LEFT_HALF_SCANNED and place == max(1, len(self._loads) // 2):
                return step, None
            if self._fate is Fate.MISSING and place == len(self._loads) - 1:
                missing.append(load)
                continue
            step, scanned_at = await self._next_moment(scanned_at)
            scanned = await self._decide(step, place, load, scanned_at)
            if scanned.measured is None:
                rejected.append(load)
            else:
                accepted.append(replace(load, net_g=scanned.measured.grams))
        if self._fate is Fate.LEFT_HALF_SCANNED:
            return step, None
        step = await self._year.clock.until(after(step.at, self._dice, minutes=(6, 30)))
        back_id = await self._sign(step, missing, self._opinion(rejected, missing))
        return step, Receipt(accepted, rejected, back_id)

    async def take_home(self, step: Step) -> Step:
        """The shipper takes its own rejected containers back, unweighed."""
        for load in self._loads:
            step = await self._year.clock.until(after(step.at, self._dice, minutes=(1, 4)))
            await self._scan(step, load, step.at)
        step = await self._year.clock.until(after(step.at, self._dice, minutes=(4, 15)))
        await self._sign(step, [], "退回废物已收回")
        return step

    async def correct(self, step: Step, receipt: Receipt, sender: Firm) -> Step:
        """Some days later the gate finds that it wrote down a wrong figure; the shipper consents, or not."""
        if self._fate not in _CORRECTIONS or not receipt.accepted:
            return step
        step = await self._year.clock.until(step.at + timedelta(hours=self._dice.randint(2, 5)))
        wrong = receipt.accepted[0]
        right_g = max(wrong.net_g + self._dice.choice((-1, 1)) * max(wrong.net_g // 25, 400), 500)
        asked = RequestCorrection(
            manifest_id=self._manifest_id,
            container_id=wrong.id,
            measured=Mass(right_g),
            reason="复核磅单，过磅时抄录错误",
            signing=self._firm.signing(step.session, Role.GATE_OPERATOR, at=step.at),
        )
        gate_operator = self._firm.by(Role.GATE_OPERATOR)
        correction, _ = await correcting.request_correction(step.session, gate_operator, asked, at=step.at)
        if self._fate is Fate.LEFT_CORRECTING:
            return step
        step = await self._year.clock.until(step.at + timedelta(hours=self._dice.randint(4, 70)))
        consent = self._fate is Fate.CORRECTED
        answer = AnswerCorrection(
            correction_id=correction.id,
            consent=consent,
            reason="" if consent else "与我方出厂磅单不符",
            signing=sender.signing(step.session, Role.SIGNER, at=step.at),
        )
        await correcting.answer_correction(step.session, sender.by(Role.SIGNER), answer, at=step.at)
        if consent:
            receipt.accepted[0] = replace(wrong, net_g=right_g)
        return step

    async def _next_moment(self, scanned_at: datetime) -> tuple[Step, datetime]:
        """When the next scan happens and is recorded; without network it is recorded an hour later."""
        happened_at = after(scanned_at, self._dice, minutes=(2, 6))
        late = timedelta(minutes=70) if self._fate is Fate.OFFLINE else timedelta()
        return await self._year.clock.until(happened_at + late), happened_at

    async def _decide(self, step: Step, place: int, load: Load, happened_at: datetime) -> Scanned:
        if self._fate is Fate.SUSPENDED_ON_ROAD:
            told = await self._scan(step, load, happened_at)
            # A container that a permit does not cover is not decided by the machine: the gate refuses it itself.
            assert told.outcome is Outcome.NOT_PERMITTED  # noqa: S101  the suspension began today
            return await self._scan(step, load, happened_at, refused=_SUSPENDED)
        last = place == len(self._loads) - 1
        if self._fate in _NOTHING_ACCEPTED or (self._fate in _ONE_REJECTED and last):
            return await self._scan(step, load, happened_at, refused=self._dice.choice(_REJECTIONS))
        return await self._scan(step, load, happened_at, weigh=True, off=self._fate is Fate.OFF_WEIGHT and place == 0)

    async def _scan(
        self,
        step: Step,
        load: Load,
        happened_at: datetime,
        *,
        weigh: bool = False,
        off: bool = False,
        refused: str = "",
    ) -> Scanned:
        true_g = round(load.true_g * self._dice.uniform(*_OFF_WEIGHT)) if off else load.true_g
        owner = self._firm.organisation.credit_code[-5:]
        shown = weigh_at_gate(true_g, load.tare_g, owner, self._dice) if weigh else None
        command = ScanAtGate(
            manifest_id=self._manifest_id,
            scan_id=new_id(),
            code=DigitalCode.parse(load.digital_code),
            gross=shown.gross if shown else None,
            scale_id=shown.scale_id if shown else None,
            uncertainty=shown.uncertainty if shown else None,
            reject_reason=refused,
            store_id=self._firm.store_for(load.code, self._dice).id if weigh else None,
            happened_at=happened_at,
        )
        return await gate.scan_at_gate(step.session, self._firm.by(Role.GATE_OPERATOR), command, at=step.at)

    async def _scan_stranger(self, step: Step, sender: Firm) -> None:
        """A drum that its shipper still has on its books was loaded by mistake; the gate is told, nothing moves."""
        stranger = next(
            (load for site, loads in self._year.left_over.items() for load in loads if site != sender.site.id), None
        )
        code = DigitalCode.parse(stranger.digital_code if stranger else self._loads[0].digital_code)
        if stranger is None:
            # Nobody has anything left: a label that this deployment never gave out does as well.
            code = DigitalCode.make(
                credit_code=code.credit_code, waste_code=code.waste_code, generated_on=code.generated_on, serial=999
            )
        command = ScanAtGate(manifest_id=self._manifest_id, scan_id=new_id(), code=code, happened_at=step.at)
        await gate.scan_at_gate(step.session, self._firm.by(Role.GATE_OPERATOR), command, at=step.at)

    def _opinion(self, rejected: list[Load], missing: list[Load]) -> str:
        if missing:
            return "少一件，已告知移出人"
        if rejected:
            return "部分拒收，退回移出人" if len(rejected) < len(self._loads) else "全部拒收，退回移出人"
        return "同意接收"

    async def _sign(self, step: Step, missing: list[Load], opinion: str) -> UUID | None:
        role = Role.SIGNER if isinstance(self._firm, Shipper) else Role.GATE_OPERATOR
        command = Receive(
            manifest_id=self._manifest_id,
            missing_ids=tuple(load.id for load in missing),
            opinion=opinion,
            signing=self._firm.signing(step.session, role, at=step.at),
        )
        actor = self._firm.by(role)
        _, back, _ = await receiving.receive(step.session, actor, command, at=step.at)
        return back.id if back else None
