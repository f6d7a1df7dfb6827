"""The fly ash of two refuse incinerators: a tank every three weeks; the landfill takes what its permit names of it."""

from random import Random

from wastetrack.cli.demonstration.firms import FLY_ASH
from wastetrack.cli.demonstration.members import Firm, Load, Waiting
from wastetrack.cli.demonstration.roads import days_away
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.hauling import Haul, label
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.wastes import WASTES
from wastetrack.cli.demonstration.working_hours import clock_time, local_day, working_day

_DAYS, _FIRST, _LAST = 20, 345, 5
"""Days from tank to tank; how many days before the present the first and the last are filled."""
_LEAVES_BY = 9.5


async def first_burner(teller: Teller) -> None:
    """Of Yantai."""
    await _burn(teller, teller.guests.burners[0], _FIRST)


async def second_burner(teller: Teller) -> None:
    """Of Weifang."""
    await _burn(teller, teller.guests.burners[1], _FIRST - _DAYS // 2)


async def _burn(teller: Teller, burner: Firm, first: int) -> None:
    """Every other time a tank is sent, the oldest first; the others stand, for nobody has room for them."""
    dice = Random(burner.organisation.credit_code)  # noqa: S311  a story
    waste, standing = WASTES[FLY_ASH], list[Load]()
    for number, before in enumerate(range(first, _LAST, -_DAYS)):
        step = await teller.on(working_day(teller.day(before)), 8.0)
        kilograms = dice.randrange(*waste.kilograms, 20)
        standing += await label(teller, step, burner, FLY_ASH, kilograms)
        if number % 2:
            await _send(teller, step, burner, standing.pop(0), dice)


async def _send(teller: Teller, step: Step, burner: Firm, load: Load, dice: Random) -> None:
    landfill = teller.year.cast.plants["landfill"]
    leaves_at = clock_time(local_day(step.at), _LEAVES_BY)
    legs, carriers = teller.year.legs(
        *(burner, landfill, load.net_g + load.tare_g, dice),
        days=days_away(burner.place, landfill.place, leaves_at),
        medical=False,
    )
    haul = Haul(
        teller=teller, sender=burner, receiver=landfill, carriers=carriers, method="D1", loads=[load], legs=legs
    )
    step = await haul.go(await teller.later(step, 0.3))
    landfill.waiting.append(Waiting(load, haul.method, step.at))
