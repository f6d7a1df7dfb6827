"""What every story needs: the year, its guests, a place for files, and days counted back from the present."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from wastetrack.attachments import attaching
from wastetrack.attachments.examining import examine
from wastetrack.attachments.model import Examined, Offered, Subject
from wastetrack.attachments.storing import FileStore
from wastetrack.auth.model import Actor, Role
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.cli.demonstration.guests import Guests
from wastetrack.cli.demonstration.members import Carrier, Firm
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.working_hours import clock_time, local_day
from wastetrack.cli.demonstration.year import Year
from wastetrack.containers.statements import Signing
from wastetrack.manifests.model import LegPlan, SignAct
from wastetrack.reports.figures import Words
from wastetrack.reports.table_pdf import table_pdf
from wastetrack.reports.tabular import Document

_MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells a story of the region."""

    year: Year
    guests: Guests
    files: FileStore

    def day(self, before: int) -> date:
        """So many days before the present."""
        return local_day(self.year.clock.end) - timedelta(days=before)

    @property
    def month(self) -> date:
        """The first day of the month that runs, or has just run out: a few days of it lie behind the present."""
        return self.day(3).replace(day=1)

    @property
    def month_before(self) -> date:
        """The first day of the month before."""
        return (self.month - timedelta(days=1)).replace(day=1)

    async def at(self, before: int, hour: float) -> Step:
        """Wait for that hour of that many days before the present."""
        return await self.on(self.day(before), hour)

    async def on(self, day: date, hour: float) -> Step:
        """Wait for that hour of a day; one that is past already is now."""
        return await self.year.clock.until(clock_time(day, hour))

    async def later(self, step: Step, hours: float) -> Step:
        """Wait so many hours."""
        return await self.year.clock.until(step.at + timedelta(hours=hours))

    def carrier(self, place: int = 0) -> Carrier:
        """A carrier of the region by its place in the list; the first has the driver with a printed account."""
        return self.year.cast.carriers[place]

    @property
    def medical_carrier(self) -> Carrier:
        """The one for medical waste."""
        return next(one for one in self.year.cast.carriers if one.facts.medical)


def leg(carrier: Carrier, start: Firm, end: Firm, *, place: str = "", meet_at: datetime | None = None) -> LegPlan:
    """A way by the carrier's heaviest lorry that is no trailer."""
    vehicle = max((one for one in carrier.vehicles if not one.plate.endswith("挂")), key=lambda one: one.rated_load)
    return LegPlan(
        carrier_id=carrier.organisation.id,
        plate=vehicle.plate,
        driver_id=carrier.drivers[0].id,
        start=place or start.site.address,
        end=end.site.address,
        handover_place=place,
        handover_at=meet_at,
    )


def signed(step: Step, firm: Firm, role: Role) -> Signing:
    """How whoever does this for the firm signs now."""
    return firm.signing(step.session, role, at=step.at)


def act(step: Step, firm: Firm, role: Role, manifest_id: UUID) -> SignAct:
    """A signed step of a manifest."""
    return SignAct(manifest_id=manifest_id, signing=signed(step, firm, role))


def paper(step: Step, title: str, *lines: tuple[str, str]) -> Examined:
    """A document of a page, as somebody would scan it."""
    told = tuple((Words(name, name), text) for name, text in lines)
    document = Document(Words(title, title), told, (), step.at, LEGAL_ZONE.key)
    return examine(Offered(f"{title}.pdf", "application/pdf", table_pdf(document, "zh")))


async def attach(teller: Teller, step: Step, actor: Actor, subject: Subject, file: Examined) -> None:
    """Put a document beside a thing."""
    await attaching.attach(step.session, teller.files, actor, subject, file, most_bytes=_MOST_BYTES, at=step.at)


def tonnes(grams: int) -> int:
    """Whole tonnes, rounded up."""
    return math.ceil(grams / 1_000_000)
