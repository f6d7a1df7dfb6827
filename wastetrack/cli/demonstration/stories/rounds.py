"""Trip cards of a month between a medical institution and the plant, and the sum at the month's end."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import wastetrack.medical.signing_cards  # noqa: F401  says what keeps a month from its sum
from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.members import Firm, Load, Plant, Waiting
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.telling import Teller, act, signed
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.queries import Container
from wastetrack.manifests import running
from wastetrack.manifests.monthly import month_of
from wastetrack.manifests.receiving import confirm
from wastetrack.mass import Mass
from wastetrack.medical.cards import draft_card
from wastetrack.medical.carrying import arrive, hand_over, pick_up
from wastetrack.medical.cleaning import record_cleaning
from wastetrack.medical.model import Cleaned, DraftCard, RecordCleaning, SignCard, WeighAtPlant
from wastetrack.medical.plant import receive_card, weigh_at_plant

STEAM = "Y11"
"""High temperature steam (高温蒸汽)."""


@dataclass(slots=True)
class Cards:
    """What an institution sends to the plant, card by card."""

    teller: Teller
    sender: Firm
    months: dict[date, UUID] = field(default_factory=dict)
    """The month's manifest by its last day."""

    @property
    def plant(self) -> Plant:
        """Where it goes."""
        return self.teller.year.cast.plants["medical"]

    async def send(self, step: Step, bags: list[Container], *, cleaned: bool = True) -> Step:
        """Bags from the temporary store to the plant on one card, weighed there one by one."""
        carrier = self.teller.medical_carrier
        driver = carrier.drivers[0]
        command = DraftCard(
            site_id=self.sender.site.id,
            receiver_site_id=self.plant.site.id,
            method=STEAM,
            carrier_id=carrier.organisation.id,
            plate=carrier.vehicles[0].plate,
            driver_id=driver.id,
            driver_name=driver.name,
            container_ids=tuple(bag.id for bag in bags),
            boxes=1 + len(bags) // 4,
        )
        card = await draft_card(step.session, self.sender.by(Role.OWNER), command, at=step.at)
        self.months[month_of(local_day(step.at))[1]] = card.manifest_id
        step = await self.teller.later(step, 0.2)
        office = SignCard(card_id=card.id, signing=signed(step, self.sender, Role.OWNER))
        await hand_over(step.session, self.sender.by(Role.OWNER), office, at=step.at)
        driven = SignCard(card_id=card.id, signing=signed(step, carrier, Role.DRIVER))
        await pick_up(step.session, carrier.by(Role.DRIVER), driven, at=step.at)
        step = await self.teller.later(step, 3)
        await arrive(step.session, self.plant.by(Role.GATE_OPERATOR), card.id, at=step.at)
        return await self._take_in(step, card.id, bags, cleaned=cleaned)

    async def _take_in(self, step: Step, card_id: UUID, bags: list[Container], *, cleaned: bool) -> Step:
        plant, step = self.plant, await self.teller.later(step, 0.3)
        gate = plant.by(Role.GATE_OPERATOR)
        for bag in bags:
            found = WeighAtPlant(
                card_id=card_id,
                code=DigitalCode.parse(bag.digital_code),
                gross=Mass(bag.gross_g),
                scale_id="GATE-3",
            )
            await weigh_at_plant(step.session, gate, found, at=step.at)
        step = await self.teller.later(step, 0.2)
        receipt = SignCard(card_id=card_id, signing=signed(step, plant, Role.SIGNER))
        await receive_card(step.session, plant.by(Role.SIGNER), receipt, at=step.at)
        plant.waiting.extend(
            Waiting(Load(bag.id, bag.digital_code, bag.waste_code, bag.tare_g, bag.net_g, bag.net_g), STEAM, step.at)
            for bag in bags
        )
        if cleaned:
            step = await self.teller.later(step, 0.5)
            washed = RecordCleaning(card_id=card_id, what=tuple(Cleaned), agent="含氯消毒剂 1000 mg/L", boxes=2)
            await record_cleaning(step.session, gate, washed, at=step.at)
        return step

    async def sum_up_before(self, day: date) -> None:
        """Sum up and confirm each month that ended before a day."""
        for last in sorted(one for one in self.months if one < day):
            manifest_id = self.months.pop(last)
            step = await self.teller.on(last + timedelta(days=1), 8.5)
            owner = self.sender.by(Role.OWNER)
            await running.sum_up(step.session, owner, act(step, self.sender, Role.OWNER, manifest_id), at=step.at)
            step = await self.teller.later(step, 7)
            signer = self.plant.by(Role.SIGNER)
            await confirm(step.session, signer, act(step, self.plant, Role.SIGNER, manifest_id), at=step.at)
