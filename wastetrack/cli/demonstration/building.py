"""Building the region: founding, then a year in which everybody acts through the use cases."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.attachments.storing import FileStore
from wastetrack.catalogues.loading import load_packaged
from wastetrack.catalogues.queries import snapshot
from wastetrack.cli.demonstration import fates
from wastetrack.cli.demonstration.assessing import assess
from wastetrack.cli.demonstration.fates import ON_THE_ROAD, Fate
from wastetrack.cli.demonstration.firms import Trade
from wastetrack.cli.demonstration.foreseeing import foresee
from wastetrack.cli.demonstration.founding import SUSPENDED_AFTER, Founding
from wastetrack.cli.demonstration.guests import invite
from wastetrack.cli.demonstration.members import Account, Cast, Shipper
from wastetrack.cli.demonstration.planning import plan_everything
from wastetrack.cli.demonstration.plants import PlantLife
from wastetrack.cli.demonstration.simulating import SimulatedClock
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.stories.telling_all import begin_all
from wastetrack.cli.demonstration.transferring import Transfer
from wastetrack.cli.demonstration.working_hours import clock_time, local_day, working_day
from wastetrack.cli.demonstration.year import Year
from wastetrack.db.session import writing
from wastetrack.transparency.note import Signer
from wastetrack.transparency.publishing import publish

SPAN = timedelta(days=357)
"""The twelve months that the region has lived, up to the moment of building."""
_FIRST_SHIPMENTS, _LAST_SHIPMENTS = timedelta(days=8), timedelta(days=12)
_FOUNDED_BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Built:
    """What the caller must keep: nobody can read the passwords again."""

    accounts: tuple[Account, ...]
    passwords: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to build."""

    manifests: int
    seed: int
    password: str | None
    """The same for all, or None: a random one for each."""
    until: datetime
    """The present of the region; its year ends here."""

    @property
    def scale(self) -> int:
        """How many times the permits and plans of five hundred manifests suffice."""
        return max(1, -(-self.manifests // 500))


Progress = Callable[[str, int, int], None]
"""Called with what is being done, how far it is, and how far it will go."""


async def build(engine: AsyncEngine, signer: Signer, wanted: Wanted, *, files: FileStore, progress: Progress) -> Built:
    """Build the region into an empty, migrated database. Raises what the use cases raise; a refusal here is a bug."""
    founded_at = clock_time(local_day(wanted.until) - SPAN, 0) - _FOUNDED_BEFORE
    async with writing(engine) as session:
        progress("lists", 0, 1)
        await load_packaged(session, at=founded_at)
        progress("lists", 1, 1)
    async with writing(engine) as session:
        progress("firms", 0, 1)
        dice = Random(wanted.seed)  # noqa: S311  a story, no secret
        founding = Founding(session, founded_at, dice, wanted.password, scale=wanted.scale)
        cast = await founding.cast()
        guests = await invite(founding, cast)
        lists = await snapshot(session)
        besides = guests.ways(cast)
        await plan_everything(session, cast, lists, scale=wanted.scale, at=founded_at, besides=besides)
        progress("firms", 1, 1)
        await publish(session, signer, at=founded_at)
    year = Year(SimulatedClock(wanted.until), cast, lists)
    await _begin_lives(year, wanted, founded_at + _FOUNDED_BEFORE)
    await begin_all(Teller(year, guests, files))
    progress("manifests", 0, wanted.manifests)
    await year.clock.run(engine, signer, each_day=lambda _: progress("manifests", year.filed, wanted.manifests))
    await assess(engine, founding.approver, at=wanted.until)
    # A prefecture without a plant of its own counts on what the province's plants have free.
    await assess(engine, founding.inspector, at=wanted.until, free_elsewhere=True)
    await foresee(engine, founding.approver, at=wanted.until)
    async with writing(engine) as session:
        await publish(session, signer, at=wanted.until)
    return Built(tuple(founding.accounts), founding.passwords)


async def _begin_lives(year: Year, wanted: Wanted, since: datetime) -> None:
    """Every plant and every manifest begins to wait for its first moment. Each has dice of its own."""
    dice = Random(wanted.seed + 1)  # noqa: S311  a story
    for number, plant in enumerate(year.cast.plants.values()):
        if plant.treats:
            life = PlantLife(year, plant, Random(f"{wanted.seed}/plant/{number}"))  # noqa: S311  a story
            await year.clock.begin(life.live(since))
    along, at_the_end = fates.draw(wanted.manifests, dice)
    days = _days(len(along), local_day(since), local_day(wanted.until))
    # Two whole days are enough for whatever is still open to have come as far as it should.
    last = working_day(local_day(wanted.until) - timedelta(days=2), back=True)
    # Who is still on the road left yesterday.
    yesterday = working_day(local_day(wanted.until) - timedelta(days=1), back=True)
    left = ((fate, yesterday if fate in ON_THE_ROAD else last) for fate in at_the_end)
    plan = [*zip(along, days, strict=True), *left]
    for number, (fate, day) in enumerate(plan):
        own = Random(f"{wanted.seed}/manifest/{number}")  # noqa: S311  a story
        on = day
        if fate is Fate.SUSPENDED_ON_ROAD:
            on = local_day(since - _FOUNDED_BEFORE) + SUSPENDED_AFTER - timedelta(days=3)
        transfer = Transfer(year, fate, on, _shipper(year.cast, number, fate, own), own)
        await year.clock.begin(transfer.live())


def _days(count: int, first: date, last: date) -> list[date]:
    """The days on which so many manifests are drafted, evenly over the year, on working days."""
    begin, end = first + _FIRST_SHIPMENTS, last - _LAST_SHIPMENTS
    length = (end - begin).days
    return [working_day(begin + timedelta(days=length * place // max(count - 1, 1))) for place in range(count)]


def _shipper(cast: Cast, number: int, fate: Fate, dice: Random) -> Shipper:
    """Everybody in turn, with some chance; the firm of the printed accounts has half of what is left open."""
    platers = [shipper for shipper in cast.shippers if shipper.trade is Trade.ELECTROPLATER]
    if fate is Fate.SUSPENDED_ON_ROAD:
        return dice.choice(platers[1:])
    if fate.name.startswith("LEFT_"):
        return cast.shippers[0] if number % 2 else dice.choice([s for s in cast.shippers if not s.facts.medical])
    turn = (number * 7 + dice.randint(0, 6)) % len(cast.shippers)
    if fate in {Fate.REPACKED, Fate.SPLIT, Fate.MERGED}:  # what wards have packed stays packed
        others = [shipper for shipper in cast.shippers if not shipper.facts.medical]
        return others[turn % len(others)]
    return cast.shippers[turn]
