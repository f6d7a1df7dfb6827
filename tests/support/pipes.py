"""A pipe from the small world's workshop to its incinerator: a month of waste oil, opened, metered, summed up."""

from datetime import UTC, date, datetime
from uuid import UUID

from tests.support.acts import SignAct
from tests.support.world import OIL, World
from wastetrack.containers.model import Description, Form
from wastetrack.db.session import WriteSession
from wastetrack.manifests import running
from wastetrack.manifests.model import ManifestKind
from wastetrack.manifests.running import DraftPeriod, Expected
from wastetrack.mass import Mass

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
