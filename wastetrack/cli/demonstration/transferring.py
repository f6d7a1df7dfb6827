"""The life of one manifest: from the paper to the receipt, with whatever its fate brings."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.at_the_gate import Gate
from wastetrack.cli.demonstration.fates import ON_THE_ROAD, Fate
from wastetrack.cli.demonstration.filling import Filler, choose_code, days_before, how_many
from wastetrack.cli.demonstration.members import Carrier, Firm, Load, Plant, Shipper, Waiting
from wastetrack.cli.demonstration.roads import days_away, minutes_between, road_km
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.wastes import WASTES
from wastetrack.cli.demonstration.working_hours import after, clock_time, local_day, some_time, working_day
from wastetrack.cli.demonstration.year import YARD_PLACE, Year
from wastetrack.manifests import filing, receiving, transporting
from wastetrack.manifests.model import DraftManifest, LegPlan, SignAct

_MOST_ONWARD = 4
# When the carriers of several legs agree to meet, by the clock of the region.
_HANDED_OVER_AT = 17.5
_TRIES_ONWARD = 2
_LEAVES_BY = 16.5
_MOST_ROUND = 1.3
_LATE_MINUTES = (60 * 26, 60 * 70)
_BEFORE_RETURN = (10, 60)
# How long the lorry stands on the way or at the gate beyond what the road takes.
_STANDS_AT_MOST = {
    Fate.LATE: timedelta(minutes=_LATE_MINUTES[1]),
    Fate.SUSPENDED_ON_ROAD: timedelta(days=2),
    **dict.fromkeys((Fate.REJECTED, Fate.PARTLY_REJECTED, Fate.LEFT_RETURNING), timedelta(minutes=_BEFORE_RETURN[1])),
}
_PATIENCE = timedelta(days=12)
_SEVERAL_LEGS = frozenset({Fate.MULTI_LEG, Fate.LEFT_ON_SECOND_LEG})
# The plant that the story of the suspension is about, and a waste that only it takes.
_SUSPENDED_PLANT = "physico"
_ITS_WASTE = "900-300-34"


@dataclass(slots=True)
class Transfer:
    """One manifest. `day` is the day on which it is drafted."""

    year: Year
    fate: Fate
    day: date
    shipper: Shipper
    dice: Random
    sender: Firm = field(init=False)
    receiver: Plant = field(init=False)
    carriers: tuple[Carrier, ...] = ()
    loads: list[Load] = field(default_factory=list)
    manifest_id: UUID = field(init=False)

    @property
    def brisk(self) -> bool:
        """Whether everything must happen in the last days before the end."""
        return self.fate.name.startswith("LEFT_")

    async def live(self) -> None:
        """From the first drum to the end, or as far as the fate lets it come."""
        self.sender = self.shipper
        if self.fate is not Fate.ONWARD or not await self._take_onward():
            await self._gather()
        step = await self._draft()
        if self.fate is Fate.LEFT_DRAFT:
            return
        step = await self._file(step)
        if self.fate is Fate.LEFT_FILED:
            return
        if self.fate in {Fate.CANCELLED, Fate.VOID}:
            await self._withdraw(step)
            return
        step = await self._carry(step)
        if self.fate in ON_THE_ROAD:
            return
        step = await self._arrive(step)
        if self.fate is Fate.LEFT_ARRIVED:
            return
        await self._at_the_gate(step)

    async def _gather(self) -> None:
        """Fill containers, and take along what the shipper has left from before."""
        spare = self.year.left_over.pop(self.shipper.site.id, []) if not self.brisk else []
        on_road = self.fate is Fate.SUSPENDED_ON_ROAD
        code = spare[0].code if spare else _ITS_WASTE if on_road else choose_code(self.shipper, self.dice)
        taken = [load for load in spare if load.code == code]
        if len(taken) < len(spare):
            self.year.left_over[self.shipper.site.id] = [load for load in spare if load.code != code]
        count = how_many(WASTES[code], self.dice)
        if self.fate in {Fate.MERGED, Fate.PARTLY_REJECTED, Fate.MISSING}:
            count = max(count, 2)
        longest = 1 if self.brisk or self.shipper.facts.medical else 14
        days = days_before(self.day, count, self.dice, longest=longest)
        self.loads = [*taken, *await Filler(self.year, self.shipper, code, self.dice).fill(days, self.fate)]

    async def _take_onward(self) -> bool:
        """Let a plant ship its residues or gatherings; False when none has any, even after some patience."""
        moment = some_time(self.day, self.dice, latest=9)
        last = self.year.clock.end - _PATIENCE
        for _ in range(_TRIES_ONWARD):
            step = await self.year.clock.until(min(moment, last))
            self.day = local_day(step.at)
            plants = [plant for plant in self.year.cast.plants.values() if plant.outgoing]
            if plants:
                plant = max(plants, key=lambda plant: len(plant.outgoing))
                code = plant.outgoing[0].code
                chosen = [load for load in plant.outgoing if load.code == code][:_MOST_ONWARD]
                plant.outgoing[:] = [load for load in plant.outgoing if load not in chosen]
                self.sender, self.loads = plant, chosen
                return True
            moment = step.at + _PATIENCE
        return False

    async def _draft(self) -> Step:
        """Find a receiver and carriers, and write the paper; while all who may take it are suspended, wait."""
        step = await self.year.clock.until(some_time(self.day, self.dice, latest=11.5))
        code = self.loads[0].code
        while (receiver := self.year.receiver(self.sender, code, local_day(step.at), self.dice)) is None:
            step = await self.year.clock.until(step.at + timedelta(days=2))
        self.receiver = receiver
        planned_on = self._planned_on(local_day(step.at))
        if receiver.is_suspended(planned_on):
            planned_on = local_day(step.at)
        legs = self._choose_legs(planned_on)
        command = self._draft_command(planned_on, legs)
        actor = self.sender.by(Role.FILER)
        row = await filing.draft_manifest(step.session, actor, command, at=step.at)
        self.manifest_id = row.id
        self.year.filed += 1
        if self.fate is Fate.AMENDED:
            step = await self.year.clock.until(after(step.at, self.dice, minutes=(15, 60)))
            command = self._draft_command(planned_on, self._choose_legs(planned_on))
            await filing.amend_draft(step.session, actor, row.id, command, version=None, at=step.at)
        self.day = planned_on
        return step

    def _planned_on(self, today: date) -> date:
        if self.fate is Fate.SUSPENDED_ON_ROAD and self.receiver.suspended is not None:
            return self.receiver.suspended[0] - timedelta(days=1)
        if self.brisk:
            return today
        if self.loads[0].code.endswith("-01"):
            return working_day(today + timedelta(days=1))
        return working_day(today + timedelta(days=self.dice.randint(0, 4)))

    def _choose_legs(self, planned_on: date) -> tuple[LegPlan, ...]:
        several = self.fate in _SEVERAL_LEGS and not self.loads[0].code.endswith("-01") and self._passes_the_yard()
        legs, self.carriers = self.year.legs(
            self.sender,
            self.receiver,
            sum(load.net_g + load.tare_g for load in self.loads),
            self.dice,
            days=self._days_away(planned_on),
            medical=self.loads[0].code.endswith("-01"),
            handover_at=clock_time(planned_on, _HANDED_OVER_AT) if several else None,
        )
        return legs

    def _passes_the_yard(self) -> bool:
        """Nobody meets in a yard for which all must turn round; what is left open there stands there nevertheless."""
        start, end = self.sender.place, self.receiver.place
        through = road_km(start, YARD_PLACE) + road_km(YARD_PLACE, end)
        return self.fate in ON_THE_ROAD or through < _MOST_ROUND * road_km(start, end)

    def _days_away(self, planned_on: date) -> frozenset[date]:
        """The days until whoever drives it is home again, also with what was rejected."""
        stands = _STANDS_AT_MOST.get(self.fate, timedelta())
        return days_away(self.sender.place, self.receiver.place, clock_time(planned_on, _LEAVES_BY), stands)

    def _draft_command(self, planned_on: date, legs: tuple[LegPlan, ...]) -> DraftManifest:
        method = self.receiver.method_for(self.loads[0].code)
        assert method is not None  # noqa: S101  the receiver was chosen for it
        return DraftManifest(
            shipper_site_id=self.sender.site.id,
            receiver_site_id=self.receiver.site.id,
            method=method,
            planned_on=planned_on,
            container_ids=tuple(load.id for load in self.loads),
            legs=legs,
        )

    async def _file(self, step: Step) -> Step:
        step = await self.year.clock.until(after(step.at, self.dice, minutes=(10, 80)))
        await filing.file_manifest(
            step.session, self.sender.by(Role.SIGNER), self._act(step, self.sender, Role.SIGNER), at=step.at
        )
        return step

    def _act(self, step: Step, firm: Firm, role: Role, reason: str = "") -> SignAct:
        return SignAct(
            manifest_id=self.manifest_id, reason=reason, signing=firm.signing(step.session, role, at=step.at)
        )

    async def _withdraw(self, step: Step) -> None:
        step = await self.year.clock.until(after(step.at, self.dice, minutes=(30, 300)))
        actor = self.sender.by(Role.SIGNER)
        if self.fate is Fate.VOID:
            act = self._act(step, self.sender, Role.SIGNER, "接受人填写错误，作废重开")
            await filing.void_manifest(step.session, actor, act, at=step.at)
        else:
            act = self._act(step, self.sender, Role.SIGNER, "承运车辆临时检修，改期转移")
            await filing.cancel_manifest(step.session, actor, act, at=step.at)
        self._keep(self.loads)

    def _keep(self, loads: list[Load]) -> None:
        """What stays at, or came back to, the sender goes along next time."""
        if isinstance(self.sender, Plant):
            self.sender.outgoing.extend(loads)
        else:
            self.year.left_over.setdefault(self.sender.site.id, []).extend(loads)

    async def _carry(self, step: Step) -> Step:
        """Loading, and on the way the next carrier takes over."""
        earliest, latest = (15.0, 16.5) if self.fate is Fate.SUSPENDED_ON_ROAD else (8.0, 15.0)
        planned = clock_time(self.day, self.dice.uniform(earliest, latest))
        moment = max(planned, after(step.at, self.dice, minutes=(30, 60)))
        step = await self.year.clock.until(moment)
        driver = self.carriers[0].by(Role.DRIVER)
        act = self._act(step, self.carriers[0], Role.DRIVER)
        await transporting.pick_up(step.session, driver, act, at=step.at)
        for carrier in self.carriers[1:]:
            step = await self.year.clock.until(
                after(step.at, self.dice, minutes=minutes_between(self.sender.place, YARD_PLACE))
            )
            act = self._act(step, carrier, Role.DRIVER)
            await transporting.hand_over(step.session, carrier.by(Role.DRIVER), act, at=step.at)
        return step

    async def _arrive(self, step: Step) -> Step:
        start = self.sender.place if len(self.carriers) == 1 else YARD_PLACE
        moment = after(step.at, self.dice, minutes=minutes_between(start, self.receiver.place))
        if self.fate is Fate.LATE:
            moment = after(moment, self.dice, minutes=_LATE_MINUTES)
        if self.fate is Fate.SUSPENDED_ON_ROAD:
            moment = clock_time(local_day(step.at) + timedelta(days=1), 9.25)
        step = await self.year.clock.until(moment)
        carrier = self.carriers[-1]
        act = self._act(step, carrier, Role.DRIVER)
        await transporting.arrive(step.session, carrier.by(Role.DRIVER), act, at=step.at)
        return step

    async def _at_the_gate(self, step: Step) -> None:
        gate = Gate(
            self.year,
            self.receiver,
            manifest_id=self.manifest_id,
            loads=self.loads,
            fate=self.fate,
            dice=self.dice,
        )
        step, receipt = await gate.take_in(step, self.sender)
        if receipt is None:
            return
        if receipt.back_id is not None:
            if self.fate is Fate.LEFT_RETURNING:
                return
            step = await self._take_back(step, receipt.back_id, receipt.rejected)
        if self.fate is Fate.LEFT_UNCONFIRMED:
            return
        step = await gate.correct(step, receipt, self.sender)
        if self.fate is not Fate.LEFT_CORRECTING:
            step = await self._confirm(step)
        self._hand_to_plant(receipt.accepted, step.at)

    async def _take_back(self, step: Step, back_id: UUID, loads: list[Load]) -> Step:
        """The truck brings the rejected containers home; the shipper scans and signs for them."""
        step = await self.year.clock.until(after(step.at, self.dice, minutes=_BEFORE_RETURN))
        there, here = self.receiver.place, self.sender.place
        step = await self.year.clock.until(after(step.at, self.dice, minutes=minutes_between(there, here)))
        home = Gate(self.year, self.sender, manifest_id=back_id, loads=loads, fate=Fate.PLAIN, dice=self.dice)
        step = await home.take_home(step)
        self._keep(loads)
        return step

    async def _confirm(self, step: Step) -> Step:
        days = self.dice.randint(7, 9) if self.fate is Fate.LATE else self.dice.randint(0, 4)
        moment = some_time(local_day(step.at) + timedelta(days=days), self.dice)
        step = await self.year.clock.until(max(moment, after(step.at, self.dice, minutes=(5, 40))))
        act = self._act(step, self.receiver, Role.GATE_OPERATOR)
        await receiving.confirm(step.session, self.receiver.by(Role.GATE_OPERATOR), act, at=step.at)
        return step

    def _hand_to_plant(self, loads: list[Load], since: datetime) -> None:
        if not self.receiver.treats:
            self.receiver.outgoing.extend(loads)
            return
        method = self.receiver.method_for(self.loads[0].code)
        assert method is not None  # noqa: S101  it has just been received by it
        self.receiver.waiting.extend(Waiting(load, method, since) for load in loads)
