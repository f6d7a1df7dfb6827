"""A pipe from a works to the plant beside it: a month of spent acid, metered and summed up, and one that runs."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.firms import Trade
from wastetrack.cli.demonstration.guests import ACID
from wastetrack.cli.demonstration.members import Firm
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.telling import Teller, act
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.manifests import continuous, receiving, running
from wastetrack.manifests.metering import register_meter
from wastetrack.manifests.meters import EnterReading, MeterKind, MeterUnit, RegisterMeter
from wastetrack.manifests.model import ManifestKind, PartyRole
from wastetrack.manifests.monthly import month_of
from wastetrack.manifests.pipe_queries import pipe_days
from wastetrack.manifests.running import DraftPeriod, Expected
from wastetrack.mass import Mass

_METHOD = "D9"
_DAILY_T = Decimal("2.4")


@dataclass(frozen=True, slots=True)
class Pipe:
    """Works and plant, and a meter at each end."""

    teller: Teller
    works: Firm
    plant: Firm
    meters: dict[PartyRole, UUID]

    async def open(self, first: date) -> UUID:
        """A manifest for a month."""
        step = await self.teller.on(first, 7.6)
        owner, last = self.works.by(Role.OWNER), month_of(first)[1]
        description = self.teller.year.description(ACID, first)
        command = DraftPeriod(
            kind=ManifestKind.CONTINUOUS,
            shipper_site_id=self.works.site.id,
            receiver_site_id=self.plant.site.id,
            method=_METHOD,
            begins_on=first,
            ends_on=last,
            wastes=(Expected(description=description, planned=Mass.parse("90 t")),),
        )
        row = await running.draft_period(step.session, owner, command, at=step.at)
        await running.open_period(step.session, owner, act(step, self.works, Role.OWNER, row.id), at=step.at)
        return row.id

    async def meter(self, manifest_id: UUID, first: date, last: date, *, forgotten: date | None = None) -> None:
        """Each day's readings on the morning after; of a forgotten day the plant has entered none."""
        day = first
        while day <= last:
            step = await self.teller.on(day + timedelta(days=1), 8.2)
            sent = _DAILY_T + Decimal(day.day % 7) / 20
            await self._enter(step, manifest_id, day, PartyRole.SHIPPER, sent)
            if day != forgotten:
                step = await self.teller.later(step, 0.5)
                await self._enter(step, manifest_id, day, PartyRole.RECEIVER, sent - Decimal("0.004"))
            day += timedelta(days=1)

    async def _enter(self, step: Step, manifest_id: UUID, day: date, side: PartyRole, tonnes: Decimal) -> None:
        firm = self.works if side is PartyRole.SHIPPER else self.plant
        command = EnterReading(
            manifest_id=manifest_id,
            waste_code=ACID,
            day=day,
            side=side,
            meter_id=self.meters[side],
            value=tonnes,
        )
        role = Role.FILER if side is PartyRole.SHIPPER else Role.GATE_OPERATOR
        await continuous.enter_reading(step.session, firm.by(role), command, at=step.at)

    async def sum_up(self, manifest_id: UUID, last: date) -> None:
        """The works signs the totals, the plant confirms."""
        step = await self.teller.on(last + timedelta(days=1), 14.0)
        owner = self.works.by(Role.OWNER)
        await running.sum_up(step.session, owner, act(step, self.works, Role.OWNER, manifest_id), at=step.at)
        step = await self.teller.later(step, 3)
        gate = self.plant.by(Role.GATE_OPERATOR)
        await receiving.confirm(step.session, gate, act(step, self.plant, Role.GATE_OPERATOR, manifest_id), at=step.at)

    async def neutralise(self, manifest_id: UUID) -> None:
        """The plant treats the month's lots, which stand in its tank."""
        step = await self.teller.on(self.teller.month + timedelta(days=1), 9.0)
        days = await pipe_days(step.session, manifest_id, until=local_day(step.at))
        command = Treat(
            site_id=self.plant.site.id,
            container_ids=tuple(one.container_id for one in days if one.container_id is not None),
            method=_METHOD,
            treated_on=local_day(step.at),
        )
        await treat(step.session, self.plant.by(Role.GATE_OPERATOR), command, at=step.at)


async def pipe(teller: Teller) -> None:
    """Meters, a whole month, and the month that runs, in which the plant owes yesterday's reading."""
    works = teller.year.cast.shipper(Trade.ELECTROPLATER, places.TIANQIAO)
    plant = teller.year.cast.plants["physico"]
    step = await teller.on(teller.month_before, 7.2)
    meters = {}
    for side, firm, code in ((PartyRole.SHIPPER, works, "FT-101"), (PartyRole.RECEIVER, plant, "FT-201")):
        command = RegisterMeter(
            site_id=firm.site.id,
            code=code,
            name="废酸管线质量流量计",
            kind=MeterKind.MASS_FLOW,
            unit=MeterUnit.T,
            uncertainty_per_mille=2,
            verified_on=local_day(step.at) - timedelta(days=90),
            verified_until=local_day(step.at) + timedelta(days=640),
        )
        meters[side] = (await register_meter(step.session, firm.by(Role.OWNER), command, at=step.at)).id
    line = Pipe(teller, works, plant, meters)
    whole = await line.open(teller.month_before)
    last = month_of(teller.month_before)[1]
    await line.meter(whole, teller.month_before, last)
    # The next month begins while the last day of the old one is still to be read.
    await line.sum_up(whole, last)
    now = await line.open(teller.month)
    await line.neutralise(whole)
    until = min(teller.day(2), month_of(teller.month)[1])
    await line.meter(now, teller.month, until, forgotten=until)
