"""A pipe from the small world's workshop to its incinerator: a month of waste oil, opened, metered, summed up."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.support.acts import SignAct
from tests.support.world import AT, OIL, World
from wastetrack.containers.model import Description, Form
from wastetrack.db.session import WriteSession
from wastetrack.manifests import continuous, metering, running
from wastetrack.manifests.meter_tables import PipeDayRow
from wastetrack.manifests.meters import EnterReading, MeterKind, MeterUnit, RegisterMeter
from wastetrack.manifests.model import ManifestKind, PartyRole
from wastetrack.manifests.running import DraftPeriod, Expected
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
LAST_DAY = datetime(2026, 3, 31, 10, 0, tzinfo=UTC)
OIL_BY_PIPE = Description(waste_code=OIL, waste_name="废矿物油", form=Form.LIQUID, hazards=("T", "I"))


def a_month(world: World, *, planned: str = "20 t", kind: ManifestKind = ManifestKind.CONTINUOUS) -> DraftPeriod:
    """March, from the workshop to the incinerator."""
    return DraftPeriod(
        kind=kind,
        shipper_site_id=world.generator.site.id,
        receiver_site_id=world.receiver.site.id,
        method="D10",
        begins_on=MARCH[0],
        ends_on=MARCH[1],
        wastes=(Expected(description=OIL_BY_PIPE, planned=Mass.parse(planned)),),
    )


async def drafted(session: WriteSession, world: World, command: DraftPeriod | None = None, *, at: datetime) -> UUID:
    """The id of a draft for March, or for what is given."""
    owner = world.generator.owner
    return (await running.draft_period(session, owner, command or a_month(world), at=at)).id


async def opened(session: WriteSession, world: World, command: DraftPeriod | None = None, *, at: datetime) -> UUID:
    """The id of a manifest that runs."""
    manifest_id = await drafted(session, world, command, at=at)
    await running.open_period(session, world.generator.owner, SignAct(manifest_id=manifest_id), at=at)
    return manifest_id


def a_meter(site_id: UUID, code: str = "FT-101") -> RegisterMeter:
    """A mass flow meter that counts tonnes."""
    return RegisterMeter(
        site_id=site_id,
        code=code,
        name="外输流量计",
        kind=MeterKind.MASS_FLOW,
        unit=MeterUnit.T,
        uncertainty_per_mille=2,
        verified_on=date(2025, 9, 1),
        verified_until=date(2027, 8, 31),
    )


@dataclass(frozen=True)
class Pipe:
    """A manifest that runs, and the meters at its ends."""

    session: WriteSession
    world: World
    id: UUID
    shipper_meter: UUID
    receiver_meter: UUID

    async def enter(self, side: PartyRole, day: date, **more: Any) -> tuple[PipeDayRow, Appended]:  # noqa: ANN401
        """A reading by the owner of one end, or by `actor`."""
        own = self.world.generator.owner if side is PartyRole.SHIPPER else self.world.receiver.owner
        actor, at = more.pop("actor", own), more.pop("at", AT)
        told = {"waste_code": OIL, **more}
        command = EnterReading(manifest_id=self.id, day=day, side=side, **told)
        return await continuous.enter_reading(self.session, actor, command, at=at)

    async def sent(self, day: date, tonnes: str, **more: Any) -> tuple[PipeDayRow, Appended]:  # noqa: ANN401
        """What the workshop counted."""
        told = {"meter_id": self.shipper_meter, "value": Decimal(tonnes), **more}
        return await self.enter(PartyRole.SHIPPER, day, **told)

    async def received(self, day: date, tonnes: str, **more: Any) -> tuple[PipeDayRow, Appended]:  # noqa: ANN401
        """What the incinerator counted."""
        told = {"meter_id": self.receiver_meter, "value": Decimal(tonnes), **more}
        return await self.enter(PartyRole.RECEIVER, day, **told)

    async def both(self, day: date, sent: str, received: str, **more: Any) -> tuple[PipeDayRow, Appended]:  # noqa: ANN401
        """A whole day."""
        await self.sent(day, sent, **more)
        return await self.received(day, received, **more)


async def a_pipe(session: WriteSession, world: World) -> Pipe:
    """A pipe with a meter at each end, whose manifest for March runs."""
    meters = [
        await metering.register_meter(session, firm.owner, a_meter(firm.site.id), at=AT)
        for firm in (world.generator, world.receiver)
    ]
    return Pipe(session, world, await opened(session, world, at=AT), meters[0].id, meters[1].id)
