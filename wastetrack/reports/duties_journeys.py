"""What is owed about loads at the gate and on the way: confirmations, mismatches, incidents, redirections.

One statement for the actor's own eyes; each row is one duty. What only has to be taken note of has no term in the law.
"""

from datetime import datetime
from typing import Any

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.reports.duty import Duty

MOST = 50
"""Of each kind; the rest come up when these are done."""

_FIRM = """
select * from (
  select 'confirm' as kind, manifest.id, manifest.number, shipper.name as who, manifest.received_at as since
  from manifests manifest join organisations shipper on shipper.id = manifest.shipper_id
  where manifest.receiver_id = $1
    and manifest.state in ('received', 'partly_received', 'rejected')
    and not exists (select from manifests back where back.returns_id = manifest.id and back.state <> 'returned')
  order by manifest.received_at limit $2
) confirm
union all select * from (
  select 'decide', mismatch.id, manifest.number, shipper.name, mismatch.reported_at
  from mismatch_reports mismatch join manifests manifest on manifest.id = mismatch.manifest_id
  join organisations shipper on shipper.id = mismatch.shipper_id
  where mismatch.receiver_id = $1 and mismatch.state = 'reported' order by mismatch.reported_at limit $2
) decide
union all select * from (
  select 'mismatch', mismatch.id, manifest.number, receiver.name, mismatch.reported_at
  from mismatch_reports mismatch join manifests manifest on manifest.id = mismatch.manifest_id
  join organisations receiver on receiver.id = mismatch.receiver_id
  where mismatch.shipper_id = $1 and mismatch.noted_at is null order by mismatch.reported_at limit $2
) told
union all select * from (
  select 'incident', incident.id, manifest.number, carrier.name, incident.reported_at
  from incidents incident join manifests manifest on manifest.id = incident.manifest_id
  join organisations carrier on carrier.id = incident.organisation_id
  where incident.shipper_id = $1 and incident.noted_at is null order by incident.reported_at limit $2
) incident
union all select * from (
  select 'close', incident.id, manifest.number, shipper.name, incident.reported_at
  from incidents incident join manifests manifest on manifest.id = incident.manifest_id
  join organisations shipper on shipper.id = incident.shipper_id
  where incident.organisation_id = $1 and incident.state = 'open' order by incident.reported_at limit $2
) closing
union all select * from (
  select 'redirected', manifest.id, manifest.number, shipper.name, redirection.happened_at
  from manifest_redirections redirection join manifests manifest on manifest.id = redirection.manifest_id
  join organisations shipper on shipper.id = manifest.shipper_id
  where redirection.old_receiver_id = $1 and redirection.noted_at is null order by redirection.id limit $2
) redirected
"""
_AUTHORITY = """
select * from (
  select 'acknowledge' as kind, mismatch.id, manifest.number, receiver.name as who, mismatch.reported_at as since
  from sightings sighting join mismatch_reports mismatch on mismatch.id = sighting.subject_id
  join manifests manifest on manifest.id = mismatch.manifest_id
  join organisations receiver on receiver.id = mismatch.receiver_id
  where sighting.viewer = $1 and sighting.kind = 'mismatch' and mismatch.acknowledged_at is null
  order by mismatch.reported_at limit $2
) acknowledge
union all select * from (
  select 'emergency', incident.id, '', carrier.name, incident.reported_at
  from sightings sighting join incidents incident on incident.id = sighting.subject_id
  join organisations carrier on carrier.id = incident.organisation_id
  where sighting.viewer = $1 and sighting.kind = 'incident' and incident.state = 'open'
  order by incident.reported_at limit $2
) emergency
union all select * from (
  select 'unconfirmed', manifest.id, manifest.number, receiver.name, manifest.received_at
  from sightings sighting join manifests manifest on manifest.id = sighting.subject_id
  join organisations receiver on receiver.id = manifest.receiver_id
  where sighting.viewer = $1 and sighting.kind = 'manifest'
    and manifest.state in ('received', 'partly_received', 'rejected') and manifest.received_at < $3
  order by manifest.received_at limit $2
) unconfirmed
"""
_TITLES: dict[str, tuple[str, str]] = {
    "confirm": (message("Confirm the receipt"), "/manifests/{id}"),
    "decide": (message("Decide the mismatch that the gate has found"), "/mismatches/{id}"),
    "mismatch": (message("The receiver tells you of a mismatch"), "/mismatches/{id}"),
    "incident": (message("The carrier tells you of an incident on the way"), "/incidents/{id}"),
    "close": (message("Close the incident when it is over"), "/incidents/{id}"),
    "redirected": (message("A load does not come to you any more"), "/manifests/{id}"),
    "acknowledge": (message("Acknowledge the report of a mismatch"), "/mismatches/{id}"),
    "emergency": (message("An incident on the way is open"), "/incidents/{id}"),
    "unconfirmed": (message("The receiver has not confirmed in time"), "/manifests/{id}"),
}
_VERBS = {"confirm": Verb.RECEIVE, "decide": Verb.RECEIVE, "close": Verb.CARRY, "redirected": Verb.RECEIVE}
_NOTES = Verb.FILE
"""Whose members find the rest: those who file for the shipper."""
_ARTICLES = {
    "incident": "令23 art. 9, 11",
    "close": "令23 art. 9",
    "emergency": "令23 art. 9",
    "redirected": "令23 art. 11",
}


async def journeys_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """What this firm or authority owes; for an authority also what others have let pass."""
    driver = await session.driver()
    if actor.is_regulator:
        rows = await driver.fetch(_AUTHORITY, actor.viewer, MOST, at)
    else:
        rows = await driver.fetch(_FIRM, actor.organisation_id, MOST)
    duties = [_duty(row) for row in rows if actor.is_regulator or may(actor, _VERBS.get(row["kind"], _NOTES))]
    return [duty for duty in duties if duty.title != _TITLES["unconfirmed"][0] or duty.overdue(at)]


def _duty(row: Any) -> Duty:  # noqa: ANN401  a record
    title, address = _TITLES[row["kind"]]
    due = None
    if row["kind"] in {"confirm", "unconfirmed"}:
        due = after_working_days(legal_day(row["since"]), jurisdiction().confirm_working_days.value)
    what = " · ".join(part for part in (row["number"], row["who"]) if part)
    article = _ARTICLES.get(row["kind"], "令23 art. 18")
    return Duty(title=title, what=what, address=address.format(id=row["id"]), due_on=due, article=article)
