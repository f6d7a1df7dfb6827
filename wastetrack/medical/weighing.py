"""A ward weighs on its own scale, or on one of its site that belongs to no ward; a reading is the mass of one bag."""

from datetime import datetime, timedelta
from uuid import UUID

from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken, refuse
from wastetrack.medical.tables import WardRow
from wastetrack.scales import queries as scales
from wastetrack.scales.model import Reading


def _since(at: datetime) -> datetime:
    return at - timedelta(minutes=jurisdiction().ward_reading_minutes.value)


async def newest_reading(session: ReadSession, ward: WardRow, *, at: datetime) -> Reading | None:
    """What the ward's scale, or one of its site that belongs to no ward, said last; None when that is used or old."""
    return await scales.newest_unused(session, ward.site_id, ward.id, since=_since(at))


async def reading_for(session: ReadSession, ward: WardRow, reading_id: UUID, *, at: datetime) -> Reading:
    """A reading that may become the mass of a bag of this ward now. Raises NotFound, RuleBroken with every reason."""
    reading = await scales.reading(session, reading_id)
    broken: list[Broken] = []
    if reading.used_for is not None:
        message = "This reading of scale {value} is the mass of another bag already."
        step = "Weigh this bag again."
        broken.append(Broken("reading_id", "reading_used", message, reading.scale_serial, next_step=step))
    if reading.site_id != ward.site_id or reading.ward_id not in {None, ward.id}:
        message = "Scale {value} does not stand in this ward."
        step = "Weigh on the ward's own scale, or type the mass."
        broken.append(Broken("reading_id", "scale_elsewhere", message, reading.scale_serial, next_step=step))
    if reading.weighed_at < _since(at):
        message = "This reading is older than {minutes} minutes; another bag may have stood on the scale."
        facts: dict[str, object] = {"minutes": jurisdiction().ward_reading_minutes.value}
        broken.append(Broken("reading_id", "reading_old", message, facts=facts, next_step="Weigh again."))
    if not reading.verified:
        message = "The verification of scale {value} is over; what it says is no measurement."
        step = "Have it verified and enter that, or weigh on another scale."
        broken.append(Broken("reading_id", "scale_not_verified", message, reading.scale_serial, next_step=step))
    refuse(broken)
    return reading
