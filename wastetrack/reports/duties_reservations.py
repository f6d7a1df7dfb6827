"""Clocks of reservations: to be filed before the hold ends; to look elsewhere where the receiver did not keep it; and
for the receiver, to be ready for it or to decline it."""

from datetime import datetime, timedelta

from sqlalchemy import text

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.duty import Duty

_OWED = text("""
select 'file' as what, held.id, receiver.name as who, held.net_g, held.waste_code, held.until as due_at
from reservations held join organisations receiver on receiver.id = held.receiver_id
where held.organisation_id = :own and held.state = 'held' and held.until > :at and held.used_g = 0
union all
select 'again', held.id, receiver.name, held.net_g - held.used_g, held.waste_code, null
from reservations held join organisations receiver on receiver.id = held.receiver_id
where held.organisation_id = :own and held.state = 'declined' and held.ended_at > :forgotten
  and not exists (select from reservations newer where newer.organisation_id = held.organisation_id
    and newer.site_id = held.site_id and newer.waste_code = held.waste_code and newer.reserved_at > held.ended_at)
union all
select 'expect', held.id, shipper.name, held.net_g - held.used_g, held.waste_code, held.until
from reservations held join organisations shipper on shipper.id = held.organisation_id
where held.receiver_id = :own and held.state = 'held' and held.until > :at and held.until <= :soon
limit 200
""")
_TITLES = {
    "file": message("File the manifest for what is set aside: {mass} of {waste_code}"),
    "expect": message("Be ready for {mass} of {waste_code} that is set aside with you, or decline it in time"),
    "again": message("The receiver does not keep {mass} of {waste_code}: look for another"),
}
_SOON = timedelta(days=3)
_FORGOTTEN = timedelta(days=7)


async def reservations_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """What the actor's firm owes about what is set aside for it and with it, in one statement."""
    if actor.is_regulator or not may(actor, Verb.FILE):
        return []
    asked = {"own": actor.organisation_id, "at": at, "soon": at + _SOON, "forgotten": at - _FORGOTTEN}
    return [
        Duty(
            title=_TITLES[row["what"]],
            what=row["who"],
            address=f"/reservations/{row['id']}",
            due_at=row["due_at"],
            facts={"mass": Mass(row["net_g"]).tonne_text(), "waste_code": row["waste_code"]},
        )
        for row in (await session.execute(_OWED, asked)).mappings()
    ]
