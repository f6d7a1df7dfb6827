"""Clocks of medical waste: visits to small institutions, the month's sum, cleaning after a trip, silence that is asked
about."""

from datetime import datetime, timedelta

from sqlalchemy import text

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.reports.duty import Duty

_OWED = text("""
select 'visit' as what, small.name, small.id, coalesce(small.last_visit_at, small.created_at)
    + make_interval(hours => coalesce(point.interval_hours, :pick_up_hours)) as due_at, null::date as due_on
  from small_institutions small join collection_points point on point.id = small.point_id
  where small.active and (small.served_by_id = :organisation_id or small.region_code like :watched)
    and coalesce(small.last_visit_at, small.created_at)
      + make_interval(hours => coalesce(point.interval_hours, :pick_up_hours)) < :at
union all
select 'quiet', small.name, small.id, null, null from small_institutions small
  where small.active and (small.organisation_id = :organisation_id or small.region_code like :watched)
    and coalesce(small.last_waste_at, small.created_at) < :quiet_before
union all
select 'sum', site.name, month.id, null, (date_trunc('month', period.ends_on) + interval '1 month'
    + make_interval(days => :sum_up_day - 1))::date
  from manifests month join manifest_periods period on period.manifest_id = month.id
  join sites site on site.id = month.receiver_site_id
  where month.kind = 'medical' and month.state = 'running' and month.shipper_id = :organisation_id
    and period.ends_on <= :today
union all
select 'clean', vehicle.plate, card.id, card.received_at + make_interval(hours => :cleaning_hours), null
  from trip_cards card join vehicles vehicle on vehicle.id = card.vehicle_id
  where card.state = 'received' and (card.receiver_id = :organisation_id or card.carrier_id = :organisation_id)
    and not exists (select from trip_cleanings done where done.card_id = card.id and done.what = 'vehicle')
    and card.received_at > :forgotten
limit 500
""")
_TITLES = {
    "visit": message("Fetch medical waste from a small institution"),
    "quiet": message("Ask why a small institution hands nothing over"),
    "sum": message("Sum up the month's trip cards"),
    "clean": message("Wash and disinfect vehicle and boxes"),
}
_ADDRESSES = {
    "visit": "/medical/institutions",
    "quiet": "/medical/institutions",
    "sum": "/manifests/{id}",
    "clean": "/medical/cards/{id}",
}
# A trip that nobody has cleaned after for so long is a finding of the checks, not a task of today.
_FORGOTTEN = timedelta(days=30)


async def medical_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """What the actor's organisation owes; what an authority should ask about in its region."""
    figures = jurisdiction()
    asked = {
        "organisation_id": actor.organisation_id,
        "watched": f"{actor.viewer.removeprefix('r:')}%" if actor.is_regulator else "-",
        "at": at,
        "today": legal_day(at),
        "pick_up_hours": figures.medical_pick_up_hours.value,
        "quiet_before": at - timedelta(days=figures.medical_quiet_days.value),
        "sum_up_day": figures.medical_sum_up_day.value,
        "cleaning_hours": figures.medical_cleaning_hours.value,
        "forgotten": at - _FORGOTTEN,
    }
    articles = {
        "visit": figures.medical_pick_up_hours.article,
        "quiet": "",
        "sum": figures.medical_sum_up_day.article,
        "clean": figures.medical_cleaning_hours.article,
    }
    mine = {
        "visit": actor.is_regulator or bool(may(actor, Verb.CARRY)) or bool(may(actor, Verb.SCAN)),
        "quiet": True,
        "sum": bool(may(actor, Verb.SIGN)),
        "clean": bool(may(actor, Verb.CARRY)) or bool(may(actor, Verb.SCAN)),
    }
    return [
        Duty(
            title=_TITLES[row["what"]],
            what=row["name"],
            address=_ADDRESSES[row["what"]].format(id=row["id"]),
            due_at=row["due_at"],
            due_on=row["due_on"],
            article=articles[row["what"]],
        )
        for row in (await session.execute(_OWED, asked)).mappings()
        if mine[row["what"]]
    ]
