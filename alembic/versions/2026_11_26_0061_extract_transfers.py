"""The product's own records in the shape of an extract, continued: transfers, containers, scans, signatures.

- A transfer is one journey: of a monthly manifest of medical waste each trip card, of a pipe each day.
- A side's weighing of a code is one row: the sum of its containers, by the least sure of their methods.
- What the receiver took counts once it has signed for it.
- Instants by which files are split are columns of a table of the product, so that a month of them is found at once.

Who may look: as of 0060.

Revision ID: 0061
Revises: 0060
"""
# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

# A paper's transfers: what was declared of each code, what was taken, by whom and when. `filed_at` may be filtered on.
_DAY_ID = "day.manifest_id::text || ':' || day.day"
_OF_PIPE = """
from pipe_days day join manifests paper on paper.id = day.manifest_id join entries entry on entry.id = day.moved_entry_id
"""
_TAKEN = "('accepted', 'accepted_with_difference')"
_ENDED = "('cancelled', 'void')"
_MANIFESTS = f"""
select paper.id::text as manifest_id, line.waste_code, paper.number, paper.kind,
  paper.shipper_site_id::text as shipper_site_id, paper.receiver_site_id::text as receiver_site_id,
  leg.carrier_id::text as carrier_id, leg.vehicle_id::text as vehicle_id, leg.driver_id::text as driver_id,
  paper.method, line.form, line.declared_g,
  case when paper.received_at is not null then line.received_g end as received_g,
  case when paper.received_at is not null then line.rejected_g end as rejected_g,
  paper.filed_at, paper.picked_up_at as departed_at, paper.arrived_at, paper.received_at,
  receipt.recorded_at as received_recorded_at,
  case when paper.state not in {_ENDED} then paper.closed_at end as closed_at,
  case when paper.state in {_ENDED} then coalesce(paper.closed_at, paper.last_act_at) end as cancelled_at,
  consent.approval_id::text as approval_id, stop.trip_id::text as trip_id, paper.returns_id::text as returns_id
from manifests paper
cross join lateral (
  select named.waste_code, case when min(content.form) = max(content.form) then min(content.form) end as form,
    sum(named.declared_g)::bigint as declared_g,
    coalesce(sum(named.measured_g) filter (where named.outcome in {_TAKEN}), 0)::bigint as received_g,
    coalesce(sum(named.declared_g - named.spilled_g) filter (where named.outcome = 'rejected'), 0)::bigint as rejected_g
  from manifest_containers named left join containers content on content.id = named.container_id
  where named.manifest_id = paper.id group by named.waste_code
) line
left join lateral (
  select carrier_id, vehicle_id, driver_id from manifest_legs where manifest_id = paper.id order by position limit 1
) leg on true
left join lateral (
  select max(recorded_at) as recorded_at from manifest_signatures where manifest_id = paper.id
    and act in ('receive', 'receive_partly', 'reject', 'take_back', 'back_enter')
) receipt on paper.received_at is not null
left join trip_stops stop on stop.manifest_id = paper.id
left join lateral (
  select used.approval_id from approval_uses used join approvals given on given.id = used.approval_id
  where used.manifest_id = paper.id and used.waste_code = line.waste_code and given.kind = 'cross_province'
  order by used.item_id limit 1
) consent on true
where paper.filed_at is not null and paper.kind in ('road', 'return')
union all
select card.id::text, bag.waste_code, paper.number, 'medical', card.site_id::text, card.receiver_site_id::text,
  card.carrier_id::text, card.vehicle_id::text, card.driver_id::text, card.method, null, bag.declared_g,
  case when card.received_at is not null then bag.received_g end, case when card.received_at is not null then 0 end,
  card.handed_over_at, card.picked_up_at, card.arrived_at, card.received_at, card.received_at,
  case when card.received_at is not null then paper.closed_at end,
  case when card.state = 'cancelled' then card.last_act_at end, null, null, null
from trip_cards card join manifests paper on paper.id = card.manifest_id
cross join lateral (
  select waste_code, sum(declared_g)::bigint as declared_g, coalesce(sum(measured_g), 0)::bigint as received_g
  from trip_card_bags where card_id = card.id group by waste_code
) bag
where card.handed_over_at is not null
union all
select {_DAY_ID}, day.waste_code, paper.number, 'continuous', paper.shipper_site_id::text,
  paper.receiver_site_id::text, null, null, null, paper.method, total.form, day.sent_g, day.received_g, 0,
  paper.filed_at, null, null, entry.happened_at, entry.recorded_at, paper.closed_at, null, null, null, null
{_OF_PIPE} join manifest_totals total on total.manifest_id = day.manifest_id and total.waste_code = day.waste_code
where paper.filed_at is not null
"""

# A side's method is the least sure one of its containers'; a figure that nobody found by weighing is no weighing.
_LEAST_SURE = """
case when bool_or(coalesce(found.method, 'estimate') in ('estimate', 'declared')) then 'estimate'
  when bool_or(found.method = 'count') then 'count' when bool_or(found.method = 'meter') then 'meter'
  when bool_or(found.method = 'platform_scale') then 'platform_scale' else 'truck_scale' end as method,
case when count(*) = count(found.scale) and min(found.scale) = max(found.scale) then min(found.scale) end as scale
"""


def _weighed(owner: str, entry: str, condition: str, grams: str, site: str) -> str:
    """One row a code of what a side found of a paper's containers: mass, method, scale."""
    return f"""
cross join lateral (
  select named.waste_code, sum({grams})::bigint as net_g, {_LEAST_SURE}
  from manifest_containers named
  left join lateral ({entry}) weighing on true
  left join scales known on known.organisation_id = {owner} and known.serial = weighing.scale_id
  cross join lateral (
    select weighing.method, coalesce(known.id::text, {site}::text || ':' || weighing.scale_id) as scale
  ) found
  where named.manifest_id = paper.id and {condition} group by named.waste_code
) weighed
"""


# The newest weighing of a container before it was declared: its entry in the ledger, or what its label's event says.
_BEFORE = """
select coalesce(newest.method, convert_from(newest.bytes, 'UTF8')::jsonb #>> '{facts,method}') as method, newest.scale_id
from (
  select leaf.bytes, posting.method, posting.scale_id
  from log_subjects subject join log_leaves leaf on leaf.arrival = subject.arrival
  left join postings posting on posting.entry_id = leaf.id and posting.line = 1
  where subject.subject_id = named.container_id and leaf.recorded_at <= paper.filed_at
    and (posting.method is not null or leaf.kind in ('container_labelled', 'container_weighed'))
  order by subject.arrival desc limit 1
) newest
"""
_AT_GATE = """
select coalesce(posting.method, named.measured_method) as method, posting.scale_id
from (select) nothing left join postings posting on posting.entry_id = named.entry_id and posting.line = 1
"""
_OF_SHIPPER = _weighed("paper.shipper_id", _BEFORE, "true", "named.declared_g", "paper.shipper_site_id")
_OF_RECEIVER = _weighed(
    "paper.receiver_id", _AT_GATE, f"named.outcome in {_TAKEN}", "named.measured_g", "paper.receiver_site_id"
)
_WEIGHINGS = f"""
select paper.id::text || ':' || weighed.waste_code || ':shipper' as weighing_id, paper.id::text as manifest_id,
  weighed.waste_code, 'shipper' as side, weighed.method, weighed.scale as scale_id, weighed.net_g,
  paper.filed_at as weighed_at
from manifests paper {_OF_SHIPPER}
where paper.filed_at is not null and paper.kind = 'road'
union all
select paper.id::text || ':' || weighed.waste_code || ':receiver', paper.id::text, weighed.waste_code, 'receiver',
  weighed.method, weighed.scale, weighed.net_g, paper.received_at
from manifests paper {_OF_RECEIVER}
where paper.received_at is not null and paper.filed_at is not null and paper.kind in ('road', 'return')
  and not exists (select from manifest_containers one where one.manifest_id = paper.id
    and one.waste_code = weighed.waste_code and one.outcome in {_TAKEN} and one.measured_method = 'declared')
union all
select card.id::text || ':' || bag.waste_code || ':receiver', card.id::text, bag.waste_code, 'receiver',
  coalesce((
    select posting.method from log_subjects subject join log_leaves leaf on leaf.arrival = subject.arrival
    join postings posting on posting.entry_id = leaf.id and posting.line = 1
    where subject.subject_id = card.id and leaf.kind = 'trip_card_received' limit 1
  ), 'estimate'), null, sum(bag.measured_g)::bigint, card.received_at
from trip_cards card join trip_card_bags bag on bag.card_id = card.id and bag.measured_g is not null
where card.received_at is not null group by card.id, bag.waste_code
union all
select {_DAY_ID} || ':' || day.waste_code || ':' || side.name, {_DAY_ID}, day.waste_code, side.name, side.method,
  side.meter_id::text, side.net_g, entry.happened_at
{_OF_PIPE} cross join lateral (values ('shipper', day.sent_method, day.sent_meter_id, day.sent_g),
  ('receiver', day.received_method, day.received_meter_id, day.received_g)) as side (name, method, meter_id, net_g)
where paper.filed_at is not null
"""

# A container ends when its batch is finished, or its content went into others, or out of the gate.
_CONTAINERS = """
select drum.id::text as container_id, drum.digital_code as serial, drum.made_at_site_id::text as site_id,
  drum.waste_code, drum.net_g, drum.created_at as made_at,
  case when drum.state = 'at_site' then drum.site_id::text end as held_site_id,
  case when drum.state = 'at_site' then drum.stands_since end as held_since_at,
  case drum.state when 'treated' then (select happened_at from entries where id = drum.treatment_batch_id)
    when 'emptied' then (
      select max(leaf.recorded_at) from container_lineage went join log_leaves leaf on leaf.id = went.event_id
      where went.parent_id = drum.id)
    when 'sent_out' then (
      select max(entry.happened_at) from log_subjects subject join log_leaves leaf on leaf.arrival = subject.arrival
      join entries entry on entry.id = leaf.id and entry.kind = 'sent_out' where subject.subject_id = drum.id)
  end as ended_at
from containers drum
"""

# What the gate found beside the paper stands only in the log: scans without an entry that say so.
_EXTRA = """
select leaf.id, leaf.recorded_at, (told.leaf #>> '{facts,manifest}') as manifest_id, drum.id as container_id,
  (told.leaf ->> 'happened_at')::timestamptz as scanned_at, (told.leaf #>> '{facts,site}') as site_id
from log_leaves leaf
cross join lateral (select convert_from(leaf.bytes, 'UTF8')::jsonb as leaf) told
join containers drum on drum.digital_code = told.leaf #>> '{facts,digital_code}'
where leaf.kind = 'container_scanned' and not exists (select from entries entry where entry.id = leaf.id)
  and told.leaf #>> '{facts,outcome}' = 'unexpected'
"""
_LOADS = f"""
select named.manifest_id::text as manifest_id, named.container_id::text as container_id, true as named,
  case named.outcome when 'accepted_with_difference' then 'accepted' else named.outcome end as outcome,
  case when named.outcome <> 'missing' then named.scanned_at end as scanned_at
from manifest_containers named join manifests paper on paper.id = named.manifest_id
where paper.filed_at is not null and paper.kind in ('road', 'return')
union all
select card.id::text, bag.container_id::text, true,
  case when bag.found = 'missing' then 'missing' when card.received_at is not null then 'accepted' end,
  case when bag.found <> 'missing' then card.received_at end
from trip_cards card join trip_card_bags bag on bag.card_id = card.id where card.handed_over_at is not null
union all
select {_DAY_ID}, day.container_id::text, true, 'accepted', null
{_OF_PIPE} where paper.filed_at is not null and day.container_id is not null
union all
select extra.manifest_id, extra.container_id::text, false, 'extra', min(extra.scanned_at) from ({_EXTRA}) extra
where not exists (select from manifest_containers named
  where named.manifest_id = extra.manifest_id::uuid and named.container_id = extra.container_id)
group by extra.manifest_id, extra.container_id
"""

# Acts with a label of which the product keeps the moment.
_SCANS = f"""
select drum.id::text || ':made' as scan_id, drum.id::text as container_id, 'made' as act,
  drum.created_at as scanned_at, drum.created_at as recorded_at, null as device_id, null as person_id,
  drum.made_at_site_id::text as site_id, null as manifest_id, null::boolean as offline
from containers drum
union all
select scan.id::text, scan.container_id::text, 'loaded', scan.happened_at, scan.recorded_at, null,
  scan.person_id::text, paper.shipper_site_id::text, paper.id::text, null
from loading_scans scan join manifests paper on paper.id = scan.manifest_id
where scan.found = 'on_list' and paper.filed_at is not null
union all
select coalesce(named.entry_id::text, named.manifest_id::text || ':' || named.position), named.container_id::text,
  'gate', named.scanned_at, coalesce(kept.recorded_at, entry.recorded_at), kept.device_id::text,
  member.person_id::text, paper.receiver_site_id::text, paper.id::text, kept.id is not null
from manifest_containers named join manifests paper on paper.id = named.manifest_id
left join gate_scans kept on kept.id = named.entry_id left join memberships member on member.id = kept.membership_id
left join entries entry on entry.id = named.entry_id
where named.scanned_at is not null and named.outcome <> 'missing' and paper.filed_at is not null
  and paper.kind in ('road', 'return')
union all
select extra.id::text, extra.container_id::text, 'gate', extra.scanned_at, extra.recorded_at, null, null,
  extra.site_id, extra.manifest_id, null
from ({_EXTRA}) extra
union all
select line.stock_take_id::text || ':' || line.digital_code, line.container_id::text, 'stock_take', line.found_at,
  null, null, null, take.site_id::text, null, null
from stock_take_lines line join stock_takes take on take.id = line.stock_take_id
where line.found_at is not null and line.container_id is not null
"""

_SIGNATURES = """
select signed.event_id::text as signature_id, signed.manifest_id::text as manifest_id,
  case when signed.act in ('file', 'send_back', 'back_enter') then 'shipper'
    when signed.act in ('pick_up', 'hand_over') then 'carrier' else 'receiver' end as side,
  case when signed.act in ('file', 'send_back', 'back_enter') then 'file'
    when signed.act in ('pick_up', 'hand_over', 'confirm') then signed.act else 'receive' end as act,
  signed.person_id::text as person_id, signed.organisation_id::text as organisation_id,
  signed.happened_at as signed_at, signed.recorded_at, paper.on_paper
from manifest_signatures signed join manifests paper on paper.id = signed.manifest_id
where paper.filed_at is not null and paper.kind in ('road', 'return') and signed.act in ('file', 'send_back',
  'back_enter', 'pick_up', 'hand_over', 'confirm', 'receive', 'receive_partly', 'reject', 'take_back')
union all
select leaf.id::text, card.id::text, word.side, word.act, word.person_id::text, word.organisation_id::text,
  word.signed_at, leaf.recorded_at, false
from trip_cards card
cross join lateral (values
  ('trip_card_handed_over', 'shipper', 'file', card.handed_over_by, card.organisation_id, card.handed_over_at),
  ('trip_card_picked_up', 'carrier', 'pick_up', card.picked_up_by, card.carrier_id, card.picked_up_at),
  ('trip_card_received', 'receiver', 'receive', card.received_by, card.receiver_id, card.received_at)
) as word (kind, side, act, person_id, organisation_id, signed_at)
join log_subjects subject on subject.subject_id = card.id
join log_leaves leaf on leaf.arrival = subject.arrival and leaf.kind = word.kind
where word.signed_at is not null
"""

_AMENDMENTS = """
select change.id::text as amendment_id, change.manifest_id::text as manifest_id, 'correction' as kind, change.field,
  change.old_measured_g as old_g, change.measured_g as new_g,
  case when change.answerer_id = paper.receiver_id then paper.shipper_id::text else paper.receiver_id::text
  end as organisation_id, change.answered_at as amended_at
from manifest_corrections change join manifests paper on paper.id = change.manifest_id
where change.state = 'consented' and paper.filed_at is not null and paper.kind in ('road', 'return')
union all
select signed.event_id::text, signed.manifest_id::text,
  case signed.act when 'cancel' then 'cancellation' else 'void' end, null, null, null, signed.organisation_id::text,
  signed.happened_at
from manifest_signatures signed join manifests paper on paper.id = signed.manifest_id
where signed.act in ('cancel', 'void') and paper.filed_at is not null and paper.kind in ('road', 'return')
union all
select turned.id::text, turned.manifest_id::text, 'redirection', 'receiver', null, null, leg.carrier_id::text,
  turned.happened_at
from manifest_redirections turned join manifests paper on paper.id = turned.manifest_id
left join manifest_legs leg on leg.manifest_id = paper.id and leg.position = 1
where paper.filed_at is not null and paper.kind in ('road', 'return')
"""

_VIEWS = {
    "manifests": _MANIFESTS,
    "weighings": _WEIGHINGS,
    "containers": _CONTAINERS,
    "loads": _LOADS,
    "scans": _SCANS,
    "signatures": _SIGNATURES,
    "amendments": _AMENDMENTS,
}


def upgrade() -> None:
    """Make the views."""
    for name, query in _VIEWS.items():
        _run(f"create view extract.{name} with (security_invoker = true) as {query}")


def downgrade() -> None:
    """Take them away."""
    for name in reversed(_VIEWS):
        _run(f"drop view extract.{name}")


def _run(script: str) -> None:
    # Percent signs and colons mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
