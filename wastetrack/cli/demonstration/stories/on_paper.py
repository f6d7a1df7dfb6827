"""An outage: numbers held in reserve, two loads on paper, each entered later with its scan; one receipt still waits."""

from datetime import timedelta

from wastetrack.attachments.model import Subject
from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.guests import PICKLING
from wastetrack.cli.demonstration.members import Waiting
from wastetrack.cli.demonstration.roads import usual_time
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller, act, attach, leg, paper
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import back_entering, queries
from wastetrack.manifests.papers import DraftPaper, PaperLine, ReserveNumbers
from wastetrack.manifests.reserving import reserve_numbers
from wastetrack.mass import Mass

_METHOD, _RESERVED = "D9", 4


async def outage(teller: Teller) -> None:
    """Reserve, move on paper, enter within the term."""
    works = teller.guests.works
    step = await teller.at(34, 9.0)
    command = ReserveNumbers(site_id=works.site.id, count=_RESERVED)
    rows, _ = await reserve_numbers(step.session, works.by(Role.OWNER), command, at=step.at)
    numbers = [row.number for row in rows]
    await _on_paper(teller, numbers[0], left=16, entered=12, received=True)
    await _on_paper(teller, numbers[1], left=5, entered=3, received=False)


async def _on_paper(teller: Teller, number: str, *, left: int, entered: int, received: bool) -> None:
    works, plant = teller.guests.works, teller.year.cast.plants["physico"]
    step = await teller.at(left, 8.5)
    loads = await label(teller, step, works, PICKLING, 615, 634)
    gone = step.at + timedelta(hours=1)
    came = gone + usual_time(works.place, plant.place)
    step = await teller.at(entered, 9.0)
    command = DraftPaper(
        number=number,
        shipper_site_id=works.site.id,
        receiver_site_id=plant.site.id,
        method=_METHOD,
        legs=(leg(teller.carrier(), works, plant),),
        taken_over_at=(gone,),
        arrived_at=came,
        received_at=came + timedelta(hours=1),
        lines=tuple(
            PaperLine(container_id=load.id, received=Mass(load.net_g), method=WeighingMethod.TRUCK_SCALE)
            for load in loads
        ),
        reason="园区光缆中断，系统无法访问",
    )
    signer = works.by(Role.SIGNER)
    row = await back_entering.draft_paper(step.session, works.by(Role.FILER), command, at=step.at)
    scan = paper(step, "危险废物转移联单（纸质）", ("联单编号", number), ("移出人", works.organisation.name))
    await attach(teller, step, works.by(Role.FILER), Subject(queries.KIND, row.id), scan)
    await back_entering.back_enter(step.session, signer, act(step, works, Role.SIGNER, row.id), at=step.at)
    if not received:
        return
    haul = Haul(teller=teller, sender=works, receiver=plant, carriers=[teller.carrier()], method=_METHOD, loads=loads)
    haul.manifest_id = row.id
    step = await haul.confirm(await haul.receive(await teller.later(step, 2), "与纸质联单一致"))
    plant.waiting.extend(Waiting(load, _METHOD, step.at) for load in loads)
