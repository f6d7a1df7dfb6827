"""Statements of the books that stand beside the five ledgers: the record book of a permit holder, the register of
medical waste, the flow of general industrial waste by month."""

from typing import Final

from wastetrack.reports.ledgers.statements import BRIDGED, LINES

GENERAL: Final = "-S[0-9][0-9]$"
"""Codes of general industrial solid waste, such as 900-001-S17."""
MEDICAL: Final = "-01$"
"""Codes of category HW01."""

# Lines with where they come from and go to. $3, $4 the days, $5 the kinds, $6 what the codes look like, $7 true: also
# own waste that was sent away (a hospital's register), false: only that of others (a permit holder's book).
_RECORDS: Final = """
select line.kind, line.day, line.happened_at, line.waste_code, line.waste_name, line.digital_code, line.packaging,
  line.grams, line.corrects, line.own, coalesce(paper.number, '') as manifest_number,
  coalesce(case when line.act = 'treated' then line.facts->>'method' else paper.method end, '') as method,
  coalesce(case when line.kind = 'received' then shipper.name else maker.name end, '') as source,
  coalesce(case when line.kind = 'received' then paper.origin_region else made_at.region_code end, '') as source_region,
  coalesce(label.facts->>'facility_code', '') as source_facility,
  coalesce(receiver.name, '') as receiver, coalesce(store.code, '') as store_code,
  coalesce(line.facts->>'outcome', '') as outcome, line.next_act,
  coalesce(told.body->>'handler', told.body->>'name', '') as handler
from lines line
left join manifests paper on paper.id = line.paper_id
left join organisations shipper on shipper.id = paper.shipper_id
left join organisations receiver on receiver.id = paper.receiver_id and line.kind = 'contracted_out'
left join sites made_at on made_at.id = line.made_at_site_id
left join organisations maker on maker.id = made_at.organisation_id
left join stores store on store.id::text = coalesce(line.store_after, line.store_before)
left join steps label on label.container_id = line.container_id and label.act = 'labelled'
left join log_personal told on told.leaf_id = line.id
where line.day between $3 and $4 and line.kind = any ($5::text[]) and line.waste_code ~ $6
  and ($7 or not line.own or line.kind = 'treated')
order by line.day, line.log_index nulls last, line.digital_code, line.arrival
limit $8
"""
RECORDS: Final = LINES + _RECORDS

# Sums by month, code, kind and way; what was there before the year in month 0. $3, $4 the year's days, $5 the codes.
_FLOW: Final = """
select case when lines.day < $3 then 0 else extract(month from lines.day)::int end as month, lines.waste_code,
  min(lines.waste_name) as waste_name, lines.kind,
  case when lines.kind = 'treated' then lines.facts->>'method' ~ $2
    when lines.act = 'left' then lines.facts->>'method' ~ $2
    when lines.kind = 'contracted_out' then coalesce(paper.method ~ $2, false) else false end as used,
  sum(lines.grams)::bigint as grams
from lines left join manifests paper on paper.id = lines.paper_id
where lines.day <= $4 and lines.own and lines.waste_code ~ $5
  and lines.kind in ('generated', 'treated', 'contracted_out')
group by 1, 2, 4, 5
union all
select case when booked.day < $3 then 0 else extract(month from booked.day)::int end, booked.waste_code, null,
  'differences', false, sum(booked.grams)::bigint
from __BRIDGED__ booked
where booked.day <= $4 and booked.waste_code ~ $5
  and booked.waste_code in (select ours.waste_code from lines ours where ours.own)
group by 1, 2 order by 2, 1
"""
FLOW: Final = LINES + _FLOW.replace("__BRIDGED__", BRIDGED)

# What left the works, on a manifest or without one (出厂环节). $3, $4 the days, $5 the form of the codes, $6 the most.
_LEFT: Final = """
select line.day, line.happened_at, line.waste_code, line.waste_name, line.digital_code, line.grams, line.corrects,
  case when line.act = 'left' then line.facts->>'method' else paper.method end as method,
  coalesce(receiver.name, told.body->>'taken_by', '') as receiver,
  coalesce(carried.plates, told.body->>'taken_on', '') as plate,
  coalesce(paper.number, told.body->>'taken_with', '') as reference,
  coalesce(told.body->>'handler', told.body->>'name', '') as handler
from lines line
left join manifests paper on paper.id = line.paper_id
left join organisations receiver on receiver.id = paper.receiver_id
left join lateral (
  select string_agg(vehicle.plate, ' / ' order by leg.position) as plates
  from manifest_legs leg join vehicles vehicle on vehicle.id = leg.vehicle_id where leg.manifest_id = paper.id
) carried on true
left join log_personal told on told.leaf_id = line.id
where line.kind = 'contracted_out' and line.own and line.day between $3 and $4 and line.waste_code ~ $5
order by line.day, line.log_index nulls last, line.digital_code, line.arrival
limit $6
"""
LEFT: Final = LINES + _LEFT
