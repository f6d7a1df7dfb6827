"""Waste that moves on other grounds than a permit: general industrial waste, and what the exemption list sets free."""

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.firms import Trade
from wastetrack.cli.demonstration.guests import IRON_DRUMS, SCRAP
from wastetrack.cli.demonstration.members import Load
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.containers.model import Description, Form, Treat
from wastetrack.containers.treating import treat
from wastetrack.manifests.model import TransferBasis

_METHOD, _LINK = "R4", "利用"
_OF_SCRAP = Description(
    waste_code=SCRAP, waste_name="废钢铁边角料", form=Form.SOLID, hazards=(), main_components="碳钢"
)


async def general_waste(teller: Teller) -> None:
    """Scrap steel of the works, weighed and booked in the same ledger, goes to the steelworks."""
    step = await teller.at(25, 8.4)
    loads = await label(teller, step, teller.guests.works, SCRAP, 870, 910, described=_OF_SCRAP)
    haul = Haul(
        teller=teller,
        sender=teller.guests.works,
        receiver=teller.guests.steelworks,
        carriers=[teller.carrier()],
        method=_METHOD,
        loads=loads,
        basis=TransferBasis.GENERAL,
    )
    step = await haul.go(await teller.later(step, 0.5))
    await _melt(teller, step, loads)
    step = await teller.at(2, 8.4)
    await label(teller, step, teller.guests.works, SCRAP, 440, described=_OF_SCRAP)


async def exempt_use(teller: Teller) -> None:
    """Emptied iron oil drums of a garage are melted under the conditions of the exemption list."""
    garage = teller.year.cast.shipper(Trade.GARAGE, places.ZHIFU)
    step = await teller.at(21, 9.1)
    listed = teller.year.lists.exemptions_on(local_day(step.at))
    entry = next(one for one in listed if IRON_DRUMS in one.patterns and one.stage == _LINK)
    loads = await label(teller, step, garage, IRON_DRUMS, 84, 79)
    haul = Haul(
        teller=teller,
        sender=garage,
        receiver=teller.guests.steelworks,
        carriers=[teller.carrier()],
        method=_METHOD,
        loads=loads,
        basis=TransferBasis.EXEMPT,
        exemptions=(entry.position,),
    )
    await _melt(teller, await haul.go(await teller.later(step, 0.5)), loads)


async def _melt(teller: Teller, step: Step, loads: list[Load]) -> None:
    step = await teller.later(step, 20)
    steelworks = teller.guests.steelworks
    command = Treat(
        site_id=steelworks.site.id,
        container_ids=tuple(load.id for load in loads),
        method=_METHOD,
        treated_on=local_day(step.at),
    )
    await treat(step.session, steelworks.by(Role.OWNER), command, at=step.at)
