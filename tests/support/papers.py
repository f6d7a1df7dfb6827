"""A transfer that went on paper in the small world, and a scan of the form."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from tests.support.acts import SignAct
from tests.support.world import AT, OIL, World, weighed
from wastetrack.containers.model import Description, Form, Packaging
from wastetrack.containers.queries import Container
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.manifests import back_entering
from wastetrack.manifests.model import LegPlan
from wastetrack.manifests.papers import DraftPaper, LabelledByHand, PaperLine
from wastetrack.mass import Mass

THEN = AT + timedelta(hours=1)
"""When the load left."""


def a_paper(world: World, *containers: Container, received: str | None = "179 kg", **changes: object) -> DraftPaper:
    """The containers went to the incinerator within four hours, each weighed there with the same figure."""
    mass = None if received is None else Mass.parse(received)
    told = DraftPaper(
        number=None,
        shipper_site_id=world.generator.site.id,
        receiver_site_id=world.receiver.site.id,
        method="D10",
        legs=(LegPlan(carrier_id=world.carrier.id, plate=world.plate, start="芝罘区", end="莱山区"),),
        taken_over_at=(THEN,),
        arrived_at=THEN + timedelta(hours=3),
        received_at=THEN + timedelta(hours=4),
        lines=tuple(PaperLine(container_id=one.id, received=mass) for one in containers),
        reason="系统停机",
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def by_hand(net: str = "100 kg", *, received: str | None = "100 kg") -> LabelledByHand:
    """A drum whose label was written by hand."""
    return LabelledByHand(
        description=Description(waste_code=OIL, waste_name="废矿物油", form=Form.LIQUID, hazards=("T", "I")),
        packaging=Packaging.DRUM,
        volume_l=200,
        weighing=weighed(net),
        generated_on=THEN.date(),
        received=None if received is None else Mass.parse(received),
    )


async def scan_attached(session: WriteSession, world: World, manifest_id: UUID, *, at: datetime) -> None:
    """A row as attaching leaves it; the file itself is another room's matter."""
    await session.execute(
        text(
            "insert into attachments (id, organisation_id, person_id, subject_kind, subject_id, name, media_type,"
            " size, sha256, sent_sha256, created_at) values (:id, :firm, :person, 'manifest', :manifest, 'scan.pdf',"
            " 'application/pdf', 10, repeat('a', 64), repeat('a', 64), :at)"
        ),
        {
            "id": new_id(),
            "firm": world.generator.id,
            "person": world.generator.owner.person_id,
            "manifest": manifest_id,
            "at": at,
        },
    )


async def entered(session: WriteSession, world: World, paper: DraftPaper, *, at: datetime) -> UUID:
    """The id of a back-entry that its shipper has signed."""
    row = await back_entering.draft_paper(session, world.generator.owner, paper, at=at)
    await scan_attached(session, world, row.id, at=at)
    await back_entering.back_enter(session, world.generator.owner, SignAct(manifest_id=row.id), at=at)
    return row.id
