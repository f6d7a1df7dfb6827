"""Clocks of medical waste: visits to small institutions, the month's sum, cleaning after a trip, silence that is asked
about; and what an epidemic must find ready."""

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
union all
select 'helper', string_agg(place.name, '、' order by place.code), null, null, null
  from regions place
  where length(:home) in (2, 4) and place.level = 2 and place.code like :watched
    and place.edition_id = (select edition.id from catalogue_editions edition where edition.list_name = 'regions'
      order by edition.valid_from desc limit 1)
    and :least > (select count(*) from emergency_helpers helper where helper.ended_at is null
      and helper.agreement_from <= :today and helper.agreement_to >= :today
      and left(helper.region_code, 4) = left(place.code, 4))
  having count(*) > 0
union all
select 'agreement', helper.name, helper.id, null, helper.agreement_to from emergency_helpers helper
  where helper.organisation_id = :organisation_id and helper.ended_at is null and helper.agreement_to <= :soon
union all
select 'low', supply.name, supply.id, null, null from emergency_supplies supply
  where supply.organisation_id = :organisation_id and supply.ended_at is null and supply.minimum > coalesce((
    select sum(line.change) from emergency_supply_moves line where line.supply_id = supply.id
      and (line.expires_on is null or line.expires_on >= :today)), 0)
union all
select 'expiring', supply.name, supply.id, null, line.expires_on
  from emergency_supplies supply join emergency_supply_moves line on line.supply_id = supply.id
  where supply.organisation_id = :organisation_id and supply.ended_at is null and line.expires_on <= :soon
  group by supply.id, line.expires_on having sum(line.change) > 0
limit 500
""")
_TITLES = {
    "visit": message("Fetch medical waste from a small institution"),
    "quiet": message("Ask why a small institution hands nothing over"),
    "sum": message("Sum up the month's trip cards"),
    "clean": message("Wash and disinfect vehicle and boxes"),
    "helper": message("Name enough facilities that take medical waste in an emergency"),
    "agreement": message("Renew the agreement with a facility for emergencies"),
    "low": message("Fill up the reserve for emergencies"),
    "expiring": message("Replace what expires in the reserve"),
}
_ADDRESSES = {
    "visit": "/medical/institutions",
    "quiet": "/medical/institutions",
    "sum": "/manifests/{id}",
    "clean": "/medical/cards/{id}",
    "helper": "/medical/helpers",
    "agreement": "/medical/helpers",
    "low": "/medical/supplies/{id}",
    "expiring": "/medical/supplies/{id}",
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
        "home": actor.viewer.removeprefix("r:") if actor.is_regulator else "",
        "least": figures.emergency_helpers_per_prefecture.value,
        "soon": legal_day(at) + timedelta(days=figures.emergency_renewal_days.value),
    }
    articles = {
        "visit": figures.medical_pick_up_hours.article,
        "quiet": "",
        "sum": figures.medical_sum_up_day.article,
        "clean": figures.medical_cleaning_hours.article,
        **dict.fromkeys(("helper", "agreement", "low", "expiring"), figures.emergency_helpers_per_prefecture.article),
    }
    mine = {
        "visit": actor.is_regulator or bool(may(actor, Verb.CARRY)) or bool(may(actor, Verb.SCAN)),
        "quiet": True,
        "sum": bool(may(actor, Verb.SIGN)),
        "clean": bool(may(actor, Verb.CARRY)) or bool(may(actor, Verb.SCAN)),
        **dict.fromkeys(("helper", "agreement"), bool(may(actor, Verb.DECLARE_EMERGENCY))),
        **dict.fromkeys(
            ("low", "expiring"), bool(may(actor, Verb.DECLARE_EMERGENCY if actor.is_regulator else Verb.STORE))
        ),
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
