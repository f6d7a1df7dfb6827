"""Scales of the small world: entered, and what they say."""

from datetime import date
from typing import Any
from uuid import UUID

from tests.support.world import AT, Firm
from wastetrack.auth.model import Role
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.scales.model import AccuracyClass, AddScale, PushReading, ScaleKind, ScaleUnit
from wastetrack.scales.pushing import push_reading
from wastetrack.scales.queries import Scale
from wastetrack.scales.registering import add_scale
from wastetrack.scales.tables import ReadingRow


def a_platform(site_id: UUID, serial: str = "PS-2", **changes: Any) -> AddScale:  # noqa: ANN401  any field of the command
    """A platform scale that shows steps of 200 g."""
    values: dict[str, Any] = {
        "name": "2号磅房台秤",
        "serial": serial,
        "kind": ScaleKind.PLATFORM,
        "unit": ScaleUnit.KILOGRAM,
        "accuracy": AccuracyClass.MEDIUM,
        "verified_on": date(2025, 6, 1),
        "verified_until": date(2099, 5, 31),
        "division": Mass(200),
    }
    return AddScale(site_id=site_id, **values | changes)


async def scale_at(session: WriteSession, firm: Firm, serial: str = "PS-2", **changes: Any) -> Scale:  # noqa: ANN401
    """Enter one at a firm's site."""
    return await add_scale(session, firm.owner, a_platform(firm.site.id, serial, **changes), at=AT)


async def said(session: WriteSession, firm: Firm, scale: Scale, gross: str, **changes: Any) -> ReadingRow:  # noqa: ANN401
    """What a scale says, told by the firm's filer or owner."""
    actor = firm.people.get(Role.FILER, firm.owner)
    command = PushReading(reading_id=new_id(), scale_id=scale.id, gross=Mass.parse(gross), **changes)
    return await push_reading(session, actor, command, at=changes.get("weighed_at") or AT)
