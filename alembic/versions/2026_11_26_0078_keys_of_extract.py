"""The views of transfers name each row's manifest and container also by the key of their tables.

A row can then be asked for by what it belongs to, through the indexes that are there, and the urgent rules look at what
has moved lately without reading all that ever did. The text is that of 0061 but for the columns `manifest_key` and
`container_key`, and for scans of what stood on no paper: these are found by an index that holds nothing else, for which
each other event costs one comparison of its kind.

- `manifest_key`: of the manifest or trip card; of a day of a pipe, of its manifest.

Revision ID: 0078
Revises: 0077
"""
# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0078"
down_revision = "0077"
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
  consent.approval_id::text as approval_id, stop.trip_id::text as trip_id, paper.returns_id::text as returns_id,
  paper.basis, paper.id as manifest_key
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
  case when card.state = 'cancelled' then card.last_act_at end, null, null, null, paper.basis, card.id
from trip_cards card join manifests paper on paper.id = card.manifest_id
cross join lateral (
  select waste_code, sum(declared_g)::bigint as declared_g, coalesce(sum(measured_g), 0)::bigint as received_g
  from trip_card_bags where card_id = card.id group by waste_code
) bag
where card.handed_over_at is not null
union all
select {_DAY_ID}, day.waste_code, paper.number, 'continuous', paper.shipper_site_id::text,
  paper.receiver_site_id::text, null, null, null, paper.method, total.form, day.sent_g, day.received_g, 0,
  paper.filed_at, null, null, entry.happened_at, entry.recorded_at, paper.closed_at, null, null, null, null,
  paper.basis, day.manifest_id
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
  paper.filed_at as weighed_at, paper.id as manifest_key
from manifests paper {_OF_SHIPPER}
where paper.filed_at is not null and paper.kind = 'road'
union all
select paper.id::text || ':' || weighed.waste_code || ':receiver', paper.id::text, weighed.waste_code, 'receiver',
  weighed.method, weighed.scale, weighed.net_g, paper.received_at, paper.id
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
  ), 'estimate'), null, sum(bag.measured_g)::bigint, card.received_at, card.id
from trip_cards card join trip_card_bags bag on bag.card_id = card.id and bag.measured_g is not null
where card.received_at is not null group by card.id, bag.waste_code
union all
select {_DAY_ID} || ':' || day.waste_code || ':' || side.name, {_DAY_ID}, day.waste_code, side.name, side.method,
  side.meter_id::text, side.net_g, entry.happened_at, day.manifest_id
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
  end as ended_at, drum.id as container_key
from containers drum
"""

# What the gate found beside the paper stands only in the log: scans without an entry that say so.
_EXTRA = """
select leaf.id, leaf.recorded_at, (told.leaf #>> '{facts,manifest}') as manifest_id, drum.id as container_id,
  (told.leaf ->> 'happened_at')::timestamptz as scanned_at, (told.leaf #>> '{facts,site}') as site_id
from log_leaves leaf
cross join lateral (select convert_from(leaf.bytes, 'UTF8')::jsonb as leaf) told
join containers drum on drum.digital_code = told.leaf #>> '{facts,digital_code}'
where leaf.kind = 'container_scanned' and position('"unexpected"'::bytea in leaf.bytes) > 0
  and not exists (select from entries entry where entry.id = leaf.id)
  and told.leaf #>> '{facts,outcome}' = 'unexpected'
"""
_LOADS = f"""
select named.manifest_id::text as manifest_id, named.container_id::text as container_id, true as named,
  case named.outcome when 'accepted_with_difference' then 'accepted' else named.outcome end as outcome,
  case when named.outcome <> 'missing' then named.scanned_at end as scanned_at, named.manifest_id as manifest_key
from manifest_containers named join manifests paper on paper.id = named.manifest_id
where paper.filed_at is not null and paper.kind in ('road', 'return')
union all
select card.id::text, bag.container_id::text, true,
  case when bag.found = 'missing' then 'missing' when card.received_at is not null then 'accepted' end,
  case when bag.found <> 'missing' then card.received_at end, card.id
from trip_cards card join trip_card_bags bag on bag.card_id = card.id where card.handed_over_at is not null
union all
select {_DAY_ID}, day.container_id::text, true, 'accepted', null, day.manifest_id
{_OF_PIPE} where paper.filed_at is not null and day.container_id is not null
union all
select extra.manifest_id, extra.container_id::text, false, 'extra', min(extra.scanned_at),
  extra.manifest_id::uuid
from ({_EXTRA}) extra
where not exists (select from manifest_containers named
  where named.manifest_id = extra.manifest_id::uuid and named.container_id = extra.container_id)
group by extra.manifest_id, extra.container_id
"""

# Acts with a label of which the product keeps the moment.
_SCANS = f"""
select drum.id::text || ':made' as scan_id, drum.id::text as container_id, 'made' as act,
  drum.created_at as scanned_at, drum.created_at as recorded_at, null as device_id, null as person_id,
  drum.made_at_site_id::text as site_id, null as manifest_id, null::boolean as offline, null::uuid as manifest_key,
  drum.id as container_key
from containers drum
union all
select scan.id::text, scan.container_id::text, 'loaded', scan.happened_at, scan.recorded_at, null,
  scan.person_id::text, paper.shipper_site_id::text, paper.id::text, null, scan.manifest_id, scan.container_id
from loading_scans scan join manifests paper on paper.id = scan.manifest_id
where scan.found = 'on_list' and paper.filed_at is not null
union all
select coalesce(named.entry_id::text, named.manifest_id::text || ':' || named.position), named.container_id::text,
  'gate', named.scanned_at, coalesce(kept.recorded_at, entry.recorded_at), kept.device_id::text,
  member.person_id::text, paper.receiver_site_id::text, paper.id::text, kept.id is not null,
  named.manifest_id, named.container_id
from manifest_containers named join manifests paper on paper.id = named.manifest_id
left join gate_scans kept on kept.id = named.entry_id left join memberships member on member.id = kept.membership_id
left join entries entry on entry.id = named.entry_id
where named.scanned_at is not null and named.outcome <> 'missing' and paper.filed_at is not null
  and paper.kind in ('road', 'return')
union all
select extra.id::text, extra.container_id::text, 'gate', extra.scanned_at, extra.recorded_at, null, null,
  extra.site_id, extra.manifest_id, null, extra.manifest_id::uuid, extra.container_id
from ({_EXTRA}) extra
union all
select line.stock_take_id::text || ':' || line.digital_code, line.container_id::text, 'stock_take', line.found_at,
  null, null, null, take.site_id::text, null, null, null, line.container_id
from stock_take_lines line join stock_takes take on take.id = line.stock_take_id
where line.found_at is not null and line.container_id is not null
"""

_VIEWS = {
    "manifests": _MANIFESTS,
    "weighings": _WEIGHINGS,
    "containers": _CONTAINERS,
    "loads": _LOADS,
    "scans": _SCANS,
}
_KEPT = """
select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
where attrelid = '{view}'::regclass and attnum > 0 and attname not in ('manifest_key', 'container_key')
"""


def upgrade() -> None:
    """Add the columns and the indexes."""
    _run(
        "create index ix_log_leaves_unexpected on log_leaves (recorded_at) where kind = 'container_scanned' "
        "and position('\"unexpected\"'::bytea in bytes) > 0"
    )
    op.create_index("ix_trip_card_bags_container_id", "trip_card_bags", ["container_id"])
    for name, query in _VIEWS.items():
        _run(f"create or replace view extract.{name} with (security_invoker = true) as {query}")


def downgrade() -> None:
    """The same views without those columns."""
    for name, query in _VIEWS.items():
        view = f"extract.{name}"
        kept = op.get_bind().exec_driver_sql(_KEPT.format(view=view)).scalar_one()
        _run(f"drop view {view}")
        _run(f"create view {view} with (security_invoker = true) as select {kept} from ({query}) it")
    op.drop_index("ix_trip_card_bags_container_id", "trip_card_bags")
    _run("drop index ix_log_leaves_unexpected")


def _run(script: str) -> None:
    # Percent signs and colons mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
