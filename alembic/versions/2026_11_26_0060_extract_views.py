"""The product's own records in the shape of an extract: schema `extract`, one view a table. Parties and plants.

Columns are those of wastetrack/extracts/schema, in its order; what the product does not hold is left out, a column or a
whole table (processes, positions, activity, alarms). Ids are text, grams are bigint, people have no names, and words
that can be erased stay where they are erased.

- A scale that nobody registered is known by its serial and the site that named it.
- Masses of treatment and generation are those of the ledger's entries.

The views, and those of transfers that follow, look with the eyes of whoever asks (security_invoker) and are granted to nobody: the owner of the tables reads
them, and any role that may read all data (pg_read_all_data) and bypasses row-level security.

Revision ID: 0060
Revises: 0052
"""
# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0060"
down_revision = "0052"
branch_labels = None
depends_on = None

_ORGANISATIONS = "select id::text as organisation_id, name, credit_code from organisations"

# A garage makes waste if it has any; what a plan says of its site is true once it is filed.
_SITES = """
select site.id::text as site_id, site.organisation_id::text as organisation_id,
  case site.kind when 'collection' then 'intermediate' when 'treatment' then 'disposer' else 'generator' end as kind,
  site.region_code, nullif(plan.industry, '') as industry, site.address, site.kind = 'medical' as medical,
  site.latitude::float8 as latitude, site.longitude::float8 as longitude, plan.opened_on,
  case coalesce(said.management_class, plan.management_class) when 'key_supervision' then 'key'
    when 'registration' then 'registered' else coalesce(said.management_class, plan.management_class)
  end as management_class
from sites site
left join lateral (
  select version.management_class, version.content #>> '{unit,industry_code}' as industry,
    (version.content #>> '{unit,operating_since}')::date as opened_on
  from management_plans held join plan_versions version on version.plan_id = held.id and version.version = held.version
  where held.site_id = site.id order by held.year desc limit 1
) plan on true
left join lateral (
  select set.management_class from set_classes set where set.site_id = site.id order by set.set_at desc, set.id limit 1
) said on true
"""

_VEHICLES = """
select id::text as vehicle_id, organisation_id::text as organisation_id, plate, rated_load_g, licence_valid_to
from vehicles
"""

_PEOPLE = """
select id::text as person_id, organisation_id::text as organisation_id, 'driver' as role, certificate_valid_to
from drivers
union all
select person.id::text, member.organisation_id::text,
  case member.role when 'gate_operator' then 'gate' when 'driver' then 'driver' else 'signer' end, null::date
from people person join lateral (
  select organisation_id, role from memberships where person_id = person.id order by ended_at desc nulls first, id limit 1
) member on true
"""

# What was named when something was weighed and stands in no register is a scale too, of whoever named it.
_SCALES = """
select id::text as scale_id, site_id::text as site_id,
  case when kind = 'truck' then 'truck' else 'platform' end as kind, division_g, verified_on, verified_until
from scales
union all
select id::text, site_id::text, 'other', null, verified_on, verified_until from meters
union all
select named.site_id::text || ':' || named.serial, named.site_id::text,
  case when named.truck then 'truck' when named.platform then 'platform' else 'other' end, null, null, null
from (
  select account.holder_id as site_id, posting.scale_id as serial, bool_or(posting.method = 'truck_scale') as truck,
    bool_or(posting.method = 'platform_scale') as platform
  from postings posting join accounts account on account.id = posting.account_id and account.kind = 'stored'
  where posting.scale_id is not null group by 1, 2
) named
join sites site on site.id = named.site_id
where not exists (
  select from scales known where known.organisation_id = site.organisation_id and known.serial = named.serial
)
"""

# A permit of all sites of its holder is one permit a site. Of several suspensions the newest is told.
_FOR_SITES = """
permits permit join sites site on site.organisation_id = permit.organisation_id
  and (permit.site_id is null or permit.site_id = site.id)
"""
_PERMIT_ID = "permit.id::text || case when permit.site_id is null then ':' || site.id::text else '' end as permit_id"
_PERMITS = f"""
select {_PERMIT_ID}, permit.organisation_id::text as organisation_id, site.id::text as site_id,
  case permit.kind when 'collection' then 'collection' else 'comprehensive' end as kind,
  permit.valid_from, permit.valid_to, away.from_on as suspended_from, away.to_on as suspended_to
from {_FOR_SITES}
left join lateral (
  select from_on, to_on from permit_suspensions where permit_id = permit.id order by from_on desc, id limit 1
) away on true
"""
_PERMIT_ITEMS = f"""
select {_PERMIT_ID}, item.pattern, method, item.yearly_g
from {_FOR_SITES} join permit_items item on item.permit_id = permit.id cross join unnest(item.methods) as method
"""

_APPROVALS = """
select approval.id::text as approval_id, approval.shipper_site_id::text as shipper_site_id,
  approval.receiver_site_id::text as receiver_site_id, item.waste_code, sum(item.quantity_g)::bigint as quantity_g,
  approval.valid_from, approval.valid_to
from approvals approval join approval_items item on item.approval_id = approval.id
where approval.kind = 'cross_province' and approval.state in ('approved', 'expired', 'superseded')
group by approval.id, item.waste_code
"""

# Quantities as plans/content.py counts them: litres and pieces name a factor in kilograms.
_PLANS = """
select held.site_id::text as site_id, held.year::bigint as year, line.waste_code,
  sum(round(line.value * case line.unit when 't' then 1000000 when 'kg' then 1000
    when 'm3' then coalesce(line.factor, 0) * 1000000 else coalesce(line.factor, 0) * 1000 end))::bigint as planned_g
from management_plans held
join plan_versions version on version.plan_id = held.id and version.version = held.version
cross join lateral (
  select one ->> 'waste_code' as waste_code, (one #>> '{planned,value}')::numeric as value,
    one #>> '{planned,unit}' as unit, (one #>> '{planned,factor}')::numeric as factor
  from jsonb_array_elements(version.content -> 'generation') as one
) line
where held.version > 0 and line.waste_code <> '' group by held.site_id, held.year, line.waste_code
"""

# Capacities in tonnes a year say nothing of an hour.
_FACILITIES = """
select id::text as facility_id, site_id::text as site_id, 'treatment' as kind,
  case capacity_unit when 't/h' then capacity::float8 when 't/d' then capacity::float8 / 24 end as rated_t_per_h,
  null::bigint as limit_g
from facilities where kind in ('use', 'disposal')
union all
select id::text, site_id::text, 'storage', null, limit_g from stores where parent_id is null
"""

_CIVIL = "at time zone 'Asia/Shanghai'"
_BATCHES = """
select batch.id::text as batch_id, batch.site_id::text as site_id, batch.facility_id::text as facility_id, batch.method,
  entry.happened_at as treated_at, batch.input_g
from treatment_batches batch join entries entry on entry.id = batch.id where batch.state = 'finished'
"""
_BATCH_INPUTS = """
select batch.id::text as batch_id, posting.waste_code, sum(posting.amount_g)::bigint as input_g
from treatment_batches batch join postings posting on posting.entry_id = batch.id
join accounts account on account.id = posting.account_id and account.kind = 'treated'
where batch.state = 'finished' group by batch.id, posting.waste_code
"""

# What a batch left is labelled anew; the label's event names the batch.
_RESIDUES = """
select entry.id::text as residue_id,
  convert_from(leaf.bytes, 'UTF8')::jsonb #>> '{facts,made_by}' as batch_id, posting.waste_code,
  posting.amount_g as output_g, entry.happened_at as made_at
from entries entry join log_leaves leaf on leaf.id = entry.id
join postings posting on posting.entry_id = entry.id
join accounts account on account.id = posting.account_id and account.kind = 'stored'
where entry.kind = 'residue' and convert_from(leaf.bytes, 'UTF8')::jsonb #>> '{facts,made_by}' is not null
union all
select product.batch_id::text || ':' || product.position, product.batch_id::text, null, product.mass_g,
  entry.happened_at
from batch_products product join entries entry on entry.id = product.batch_id
"""

# Figures of batches by what their names say; a name or unit of which nothing is known stays out.
_READINGS = f"""
select batch.site_id::text as site_id, date_trunc('month', entry.happened_at {_CIVIL})::date as month_on, known.kind,
  sum(reading.quantity * known.factor)::float8 as quantity, known.unit
from batch_readings reading join treatment_batches batch on batch.id = reading.batch_id and batch.state = 'finished'
join entries entry on entry.id = batch.id
cross join lateral (
  select kind, unit, factor from (values
    (reading.unit = 'kWh' and reading.kind = 'energy', 'power', 'kWh', 1.0),
    (reading.unit = 't' and reading.name ~ '蒸汽|steam', 'steam', 't', 1.0),
    (reading.unit = 'm3' and reading.name ~ '天然气|燃气|gas', 'fuel', 'm3', 1.0),
    (reading.unit in ('t', 'kg') and reading.name ~ '石灰|lime', 'lime', 't',
      case reading.unit when 'kg' then 0.001 else 1.0 end),
    (reading.unit in ('t', 'kg') and reading.name ~ '活性炭|carbon', 'carbon', 't',
      case reading.unit when 'kg' then 0.001 else 1.0 end)
  ) as word (holds, kind, unit, factor) where word.holds limit 1
) known
group by 1, 2, 3, 5
"""

# The stock at the start of records is a site's first count. A count of one store is none of the site.
_STOCK_TAKES = """
select 'opening:' || account.holder_id as stock_take_id, account.holder_id::text as site_id, posting.waste_code,
  max(entry.happened_at) over (partition by account.holder_id) as taken_at, posting.measured_g
from (
  select account_id, waste_code, sum(amount_g)::bigint as measured_g, max(entry_id::text) as entry_id
  from postings where entry_id in (select id from entries where kind = 'opened') group by account_id, waste_code
) posting
join accounts account on account.id = posting.account_id and account.kind = 'stored'
join entries entry on entry.id = posting.entry_id::uuid
union all
select take.id::text, take.site_id::text, line.waste_code, take.ended_at,
  coalesce(sum(coalesce(line.gross_g - line.tare_g, line.book_g))
    filter (where line.outcome in ('as_booked', 'weighed_different')), 0)::bigint
from stock_takes take join stock_take_lines line on line.stock_take_id = take.id
where take.state = 'finished' and take.store_id is null and line.waste_code is not null
group by take.id, line.waste_code
"""

# A container that was weighed again counts with what it then weighed, in the month in which it was made.
_GENERATION = f"""
select account.holder_id::text as site_id, made.waste_code, made.month_on, -sum(made.amount_g)::bigint as generated_g,
  count(*) filter (where made.first)::bigint as entries
from (
  select posting.account_id, posting.waste_code, posting.amount_g, entry.kind = 'generated' as first,
    date_trunc('month', coalesce(original.happened_at, entry.happened_at) {_CIVIL})::date as month_on
  from entries entry join postings posting on posting.entry_id = entry.id
  left join lateral (
    select earlier.happened_at from log_leaves leaf
    join log_subjects of on of.arrival = leaf.arrival join containers content on content.id = of.subject_id
    join log_subjects told on told.subject_id = content.id join log_leaves label on label.arrival = told.arrival
    join entries earlier on earlier.id = label.id and earlier.kind = 'generated'
    where leaf.id = entry.id limit 1
  ) original on entry.kind = 'reweighed'
  where entry.kind in ('generated', 'reweighed')
) made
join accounts account on account.id = made.account_id and account.kind = 'generated'
group by account.holder_id, made.waste_code, made.month_on
"""

_VIEWS = {
    "organisations": _ORGANISATIONS,
    "sites": _SITES,
    "vehicles": _VEHICLES,
    "people": _PEOPLE,
    "scales": _SCALES,
    "permits": _PERMITS,
    "permit_items": _PERMIT_ITEMS,
    "approvals": _APPROVALS,
    "plans": _PLANS,
    "facilities": _FACILITIES,
    "batches": _BATCHES,
    "batch_inputs": _BATCH_INPUTS,
    "residues": _RESIDUES,
    "readings": _READINGS,
    "stock_takes": _STOCK_TAKES,
    "generation": _GENERATION,
}


def upgrade() -> None:
    """Make the schema and the views."""
    _run("create schema extract")
    for name, query in _VIEWS.items():
        _run(f"create view extract.{name} with (security_invoker = true) as {query}")


def downgrade() -> None:
    """Take them away."""
    for name in reversed(_VIEWS):
        _run(f"drop view extract.{name}")
    _run("drop schema extract")


def _run(script: str) -> None:
    # Percent signs and colons mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
