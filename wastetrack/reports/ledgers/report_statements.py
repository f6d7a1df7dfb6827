"""The statements of the periodic reports: the figures by waste and way, and the words of own wastes."""

from typing import Final

from wastetrack.reports.ledgers.statements import BRIDGED, LINES

# A report's figures: own waste by code and way, with the stock before and after. $3, $4 the first and the last day.
_REPORTED: Final = """
, own_lines as (
  select lines.kind, lines.waste_code, lines.grams, lines.day < $3 as before,
    coalesce(case lines.kind when 'treated' then lines.facts->>'method' when 'contracted_out' then paper.method end, '')
      as method,
    coalesce(paper.destination_region, point.region_code, '') as region,
    coalesce(receiver.name, gathering.name, '') as receiver,
    case lines.kind when 'contracted_out' then coalesce(permit.number, '') else '' end as permit_number
  from lines
  left join manifests paper on paper.id = lines.paper_id and lines.kind = 'contracted_out'
  left join organisations receiver on receiver.id = paper.receiver_id
  left join sites point on point.id::text = lines.facts->>'site' and lines.event = 'institution_visited'
    and lines.kind = 'contracted_out'
  left join organisations gathering on gathering.id = point.organisation_id
  left join lateral (
    select held.number from permits held
    where held.organisation_id = paper.receiver_id
      and (held.site_id is null or held.site_id = paper.receiver_site_id)
      and lines.batch_day between held.valid_from and held.valid_to
    order by held.site_id nulls last, held.valid_from desc limit 1
  ) permit on true
  where lines.own and lines.day <= $4 and lines.kind in ('generated', 'treated', 'contracted_out', 'received')
    and lines.waste_code !~ '-S[0-9][0-9]$'
  union all
  -- what changed the stock and is none of these: found by counting, lost in repacking, there before the records began
  select 'differences', booked.waste_code, booked.grams, booked.day < $3, '', '', '', ''
  from __BRIDGED__ booked
  where booked.waste_code !~ '-S[0-9][0-9]$' and booked.day <= $4 and coalesce((
    select bool_and(origins.own) from log_subjects named
    join origins on origins.container_id = named.subject_id where named.arrival = booked.arrival), true)
)
select kind, waste_code, before, method, region, receiver, permit_number, sum(grams)::bigint as grams
from own_lines group by 1, 2, 3, 4, 5, 6, 7 having sum(grams) <> 0 or not before
order by waste_code, kind, method, region, receiver, permit_number
"""
REPORTED: Final = LINES + _REPORTED.replace("__BRIDGED__", BRIDGED)

# The words of own wastes: names, forms, hazards, harmful components of all that was ever labelled, by code.
_WORDS: Final = """
select container.waste_code,
  array_agg(distinct coalesce(label.facts->>'trade_name', container.waste_name)) as own_names,
  array_agg(distinct container.form) as forms,
  array_agg(distinct hazard) filter (where hazard is not null) as hazards,
  array_agg(distinct container.harmful_components) filter (where container.harmful_components <> '') as harmful
from births join containers container on container.id = births.container_id
join steps label on label.container_id = container.id and label.act = 'labelled'
left join lateral unnest(container.hazards) as hazard on true
where births.day <= $3
group by container.waste_code
"""
WORDS: Final = LINES + _WORDS
