"""The statement that turns the events of a site into the lines of its ledgers, in sets.

From the leaves of the log come the *steps* of each container at the site: labelled, weighed again, stored, picked,
repacked, treated, sent, come back, received, corrected. What a container weighs and in which store it stands before
and after each step follows from the steps before; where the store changes there is a line of the ledger of storing or
of taking out. Lineage gives each container its roots, by which what was repacked, merged or split keeps its batches.

A batch is what one event says of one day. Its serial is its rank, by the order of the log, among the batches of its
site, kind and day: an event that is dated back comes after those that the log holds already, so no code ever changes.

Placeholders: $1 the site. The day is that of the law's calendar.
"""

from typing import Final

# The day of an event: its own, where it names one (of generation, of treatment, of what flowed through a pipe), or
# that on which it happened.
DAY: Final = """coalesce((facts->>'generated_on')::date, (facts->>'treated_on')::date,
      case when event in ('container_weighed', 'pipe_day_moved', 'entry_reversed') then (facts->>'day')::date end,
      (happened_at at time zone 'Asia/Shanghai')::date)"""
_OF_LEAF: Final = f"""
  select {DAY} as day from (
    select leaf.kind as event, convert_from(leaf.bytes, 'UTF8')::jsonb->'facts' as facts, entry.happened_at
  ) told
"""  # noqa: S608  of words of our own
_LINES: Final = """
with recursive leaves as materialized (
  select leaf.arrival, leaf.id, leaf.kind, placed.log_index, convert_from(leaf.bytes, 'UTF8')::jsonb as told
  from log_leaves leaf left join log_sequence placed on placed.arrival = leaf.arrival
  where leaf.kind in ('container_labelled', 'container_weighed', 'containers_stored', 'containers_picked',
      'containers_repacked', 'container_recoded', 'container_counted', 'ward_round_ended', 'institution_visited',
      'batch_treated', 'general_waste_sent_out')
    and leaf.arrival in (select named.arrival from log_subjects named where named.subject_id = $1)
  union all
  select leaf.arrival, leaf.id, leaf.kind, placed.log_index, convert_from(leaf.bytes, 'UTF8')::jsonb
  from log_leaves leaf left join log_sequence placed on placed.arrival = leaf.arrival
  where leaf.kind in ('manifest_picked_up', 'manifest_back_entered', 'container_scanned', 'correction_consented',
      'trip_card_picked_up', 'trip_card_received', 'pipe_day_moved', 'entry_reversed', 'container_found')
    and leaf.arrival in (
      select named.arrival from manifests paper join log_subjects named on named.subject_id = paper.id
      where paper.shipper_site_id = $1 or paper.receiver_site_id = $1)
), acts as materialized (
  select leaves.arrival, leaves.id, leaves.kind as event, leaves.log_index, leaves.told->'facts' as facts,
    (leaves.told->>'happened_at')::timestamptz as happened_at, paper.id as manifest_id,
    leaves.told->'postings' @? '$[*].account ? (@ starts with "opening@")' as opens,
    case leaves.kind when 'batch_treated' then leaves.told->'facts'->'containers'
      when 'institution_visited' then leaves.told->'facts'->'containers'
      when 'trip_card_received' then leaves.told->'facts'->'found'
      when 'ward_round_ended' then leaves.told->'facts'->'differing' end as listed,
    case
      when leaves.kind = 'container_labelled' then 'labelled' when leaves.kind = 'container_weighed' then 'weighed'
      when leaves.kind = 'containers_stored' then 'stored' when leaves.kind = 'containers_picked' then 'picked'
      when leaves.kind = 'containers_repacked' then 'repacked' when leaves.kind = 'container_recoded' then 'recoded'
      when leaves.kind in ('container_counted', 'ward_round_ended') then 'counted'
      when leaves.kind = 'batch_treated' then 'treated' when leaves.kind = 'general_waste_sent_out' then 'left'
      when leaves.kind = 'institution_visited' then
        case when leaves.told->'facts'->>'from_site' = $1::text then 'sent' else 'received' end
      when leaves.kind in ('manifest_picked_up', 'manifest_back_entered', 'trip_card_picked_up') then 'sent'
      when leaves.kind = 'trip_card_received' then 'received' when leaves.kind = 'container_found' then 'back'
      when leaves.kind = 'pipe_day_moved' then case when paper.shipper_site_id = $1 then 'sent' else 'received' end
      when leaves.kind = 'entry_reversed' then
        case when paper.shipper_site_id = $1 then 'sending_undone' else 'receipt_undone' end
      when leaves.kind = 'container_scanned' then case paper.kind when 'return' then 'back' else 'received' end
      else case paper.kind when 'return' then 'back_corrected' else 'corrected' end
    end as act
  from leaves left join manifests paper on paper.id = (leaves.told->'facts'->>'manifest')::uuid
  where case leaves.kind
    when 'manifest_picked_up' then paper.shipper_site_id = $1
    when 'manifest_back_entered' then paper.shipper_site_id = $1
    when 'trip_card_picked_up' then paper.shipper_site_id = $1
    when 'trip_card_received' then paper.receiver_site_id = $1
    when 'container_scanned' then paper.receiver_site_id = $1
      and leaves.told->'facts'->>'outcome' in ('accepted', 'accepted_with_difference')
    when 'correction_consented' then paper.receiver_site_id = $1 and leaves.told->'facts'->>'measured_g' is not null
    when 'entry_reversed' then leaves.told->'facts' ? 'day'  -- of a pipe's day; a correction states its own difference
    -- what never arrived and is found at its shipper's has come back; found on the road it is on its way again
    when 'container_found' then paper.shipper_site_id = $1 and leaves.told->'facts'->>'site' = $1::text
    else true
  end
), steps as materialized (
  select acts.*, container.id as container_id, container.digital_code, container.packaging, container.waste_code,
    container.waste_name, container.made_at_site_id, (one.told->>'net_g')::bigint as part,
    __DAY__ as day,
    case when act in ('labelled', 'weighed') then (facts->>'net_g')::bigint
      when act = 'counted' and not lost then coalesce((one.told->>'net_g')::bigint, (facts->>'net_g')::bigint)
      when act = 'treated' then (one.told->>'heel_g')::bigint
      when act in ('received', 'back', 'corrected', 'back_corrected') then
        coalesce((one.told->>'net_g')::bigint, (facts->>'measured_g')::bigint)
    end as mass,
    case act when 'treated' then one.told->>'heel_g' is null when 'counted' then lost
      else act not in ('weighed', 'corrected', 'back_corrected') end as moves,
    case when act in ('labelled', 'stored', 'received', 'back') then facts->>'store' end as store
  from acts
  join log_subjects named on named.arrival = acts.arrival
  join containers container on container.id = named.subject_id
  left join lateral (
    select each.told from jsonb_array_elements(acts.listed) as each (told)
    where each.told->>'digital_code' = container.digital_code or each.told->>'container' = container.id::text limit 1
  ) one on true
  cross join lateral (
    select coalesce(one.told->>'found', facts->>'outcome') is not distinct from 'missing' as lost
  ) what
  where (act not in ('repacked', 'recoded') or facts->'from' @> jsonb_build_array(
      jsonb_build_object('digital_code', container.digital_code)))
    and (listed is null or one.told is not null) and (event <> 'trip_card_received' or not lost)
), grouped as (
  select steps.*, count(mass) over own as weighings, count(*) filter (where moves) over own as movements
  from steps window own as (partition by container_id order by arrival)
), known as (
  select grouped.*,
    max(mass) over (partition by container_id, weighings) as mass_after,
    max(store) over (partition by container_id, movements) as store_after
  from grouped
), timeline as materialized (
  select known.*,
    lag(mass_after) over own as mass_before,
    lag(store_after) over own as store_before,
    lead(act) over own as next_act, lead(store_after) over own as next_store, lead(manifest_id) over own as next_paper
  from known window own as (partition by container_id order by arrival)
), up as (
  select distinct container_id, container_id as ancestor_id from steps
  union
  select up.container_id, lineage.parent_id
  from up join container_lineage lineage on lineage.child_id = up.ancestor_id
), roots as materialized (
  -- A receiver does not see whence a repacked drum came before it left; what it does not see was not made here.
  select up.container_id, up.ancestor_id as root_id, coalesce(root.made_at_site_id = $1, false) as own
  from up left join containers root on root.id = up.ancestor_id
  where not exists (select from container_lineage lineage where lineage.child_id = up.ancestor_id)
), origins as materialized (
  select container_id, bool_and(own) as own from roots group by container_id
), births as materialized (
  select step.container_id, step.id as event_id, step.day, step.log_index
  from steps step where step.act = 'labelled' and not step.opens
    and not exists (select from container_lineage lineage where lineage.child_id = step.container_id)
), first_births as (
  select distinct on (roots.container_id) roots.container_id, births.event_id, births.day
  from roots join births on births.container_id = roots.root_id order by roots.container_id, births.log_index
), raw as (
  select 'generated' as kind, timeline.*, timeline.id as batch_event, timeline.day as batch_day, 'HWCS' as prefix,
    mass_after as grams, false as corrects, manifest_id as paper_id
  from timeline join births using (container_id) where act = 'labelled'
  union all
  select 'generated', timeline.*, coalesce(birth.event_id, timeline.id), coalesce(birth.day, timeline.day), 'HWCS',
    mass_after - mass_before, true, manifest_id
  from timeline left join first_births birth using (container_id)
  where act = 'weighed' and mass_after <> mass_before
  union all
  select 'stored', timeline.*, id, day, 'HWRK', mass_after, false, manifest_id
  from timeline where moves and store_after is not null and store_after is distinct from store_before
  union all
  select 'taken_out', timeline.*, id, day, 'HWCK', mass_before, false, manifest_id
  from timeline where moves and store_before is not null and store_after is distinct from store_before
  union all
  -- What was treated out of a container that keeps the rest and its place.
  select 'taken_out', timeline.*, id, day, 'HWCK', part, false, manifest_id
  from timeline where act = 'treated' and not moves and store_after is not null
  union all
  select 'treated', timeline.*, id, day, case when facts->>'method' ~ $2 then 'HWZXLY' else 'HWZXCZ' end,
    coalesce(part, mass_before), false, manifest_id
  from timeline where act = 'treated'
  union all
  select 'contracted_out', timeline.*, timeline.id, timeline.day,
    case when paper.method ~ $2 then 'HWWWLY' else 'HWWWCZ' end, mass_after, false, manifest_id
  from timeline left join manifests paper on paper.id = manifest_id where act = 'sent'
  union all
  select 'contracted_out', timeline.*, id, day, case when facts->>'method' ~ $2 then 'HWWWLY' else 'HWWWCZ' end,
    mass_after, false, manifest_id
  from timeline where act = 'left'
  union all
  select 'contracted_out', timeline.*, sending.id, sending.day,
    case when paper.method ~ $2 then 'HWWWLY' else 'HWWWCZ' end,
    case act when 'back_corrected' then mass_before - mass_after else -mass_after end, true, sending.manifest_id
  from timeline join lateral (
    select before.id, before.day, before.manifest_id from timeline before
    where before.container_id = timeline.container_id and before.act = 'sent' and before.arrival < timeline.arrival
    order by before.arrival desc limit 1
  ) sending on true join manifests paper on paper.id = sending.manifest_id
  where act in ('back', 'back_corrected', 'sending_undone')
  union all
  select 'received', timeline.*, id, day, 'JS', mass_after, false, manifest_id from timeline where act = 'received'
  union all
  select 'received', timeline.*, id, day, 'JS', case act when 'corrected' then mass_after - mass_before else -mass_after
    end, true, manifest_id
  from timeline where act in ('corrected', 'receipt_undone')
), ranked as materialized (
  select prefix, batch_event, batch_day,
    row_number() over (partition by prefix, batch_day order by log_index nulls last, batch_event) as serial,
    log_index is not null as placed
  from (
    select distinct raw.prefix, raw.batch_event, raw.batch_day, acts.log_index
    from raw join acts on acts.id = raw.batch_event join origins using (container_id) where origins.own
  ) batches
), lines as materialized (
  select raw.*, origins.own, case when ranked.placed then
      raw.prefix || to_char(raw.batch_day, 'YYYYMMDD')
      || case when ranked.serial < 1000 then lpad(ranked.serial::text, 3, '0') else ranked.serial::text end
    end as batch
  from raw join origins using (container_id)
  left join ranked on ranked.prefix = raw.prefix and ranked.batch_event = raw.batch_event
    and ranked.batch_day = raw.batch_day
), generation as materialized (
  select roots.container_id, array_agg(distinct lines.batch order by lines.batch) as batches
  from roots join lines on lines.container_id = roots.root_id and lines.kind = 'generated' and not lines.corrects
  group by roots.container_id
)
"""
LINES: Final = _LINES.replace("__DAY__", DAY)
"""Common table expressions; `lines` is what the others are for."""

# What the ledgers show: the lines of one kind with all that a column asks. $3, $4 the first and the last day, $5 the
# kind, $6 a waste code or null, $7 how many to pass over, $8 how many at most.
_SHOWN: Final = """
, chosen as (
  select lines.* from lines
  where lines.own and lines.kind = $5 and lines.day between $3 and $4
    and lines.waste_code !~ '-S[0-9][0-9]$' and ($6::text is null or lines.waste_code = $6)
  order by lines.day, lines.log_index nulls last, lines.digital_code, lines.arrival offset $7 limit $8
)
select line.kind, line.batch, line.id as event_id, line.day, line.happened_at, line.container_id, line.digital_code,
  line.packaging, line.waste_code, line.waste_name, line.grams,
  coalesce(label.facts->>'trade_name', origin.trade_name, '') as own_name,
  line.corrects, coalesce(store.facility_code, housing.facility_code, store.code, '') as store_code,
  coalesce(housing.kind, store.kind) as store_kind,
  coalesce(case line.kind when 'generated' then label.facts->>'facility_code'
    when 'treated' then line.facts->>'facility_code' end, '') as facility_code,
  case when line.act = 'sent' then coalesce(filer.body->>'name', giver.body->>'name',
      case when line.event <> 'trip_card_picked_up' then told.body->>'name' end)
    else coalesce(told.body->>'handler', told.body->>'name') end as handler,
  case when line.act in ('labelled', 'treated') then coalesce(told.body->>'handler', told.body->>'name')
    else coalesce(told.body->>'carrier_handler', told.body->>'name') end as carrier_handler,
  coalesce(line.facts->>'destination', '') as destination,
  case when line.store_after is not null then 'stored'
    when line.act in ('treated', 'repacked', 'recoded', 'counted', 'sent') then line.act else line.next_act end
    as whereto,
  case when line.store_after is not null then target.code else after.code end as target_store,
  coalesce(case when line.act = 'treated' then line.facts->>'method' else paper.method end, '') as method,
  (line.facts->>'finished_at')::timestamptz as finished_at,
  coalesce(receiver.name, gathering.name, '') as receiver, coalesce(paper.basis, '') as basis,
  coalesce(paper.destination_region, point.region_code, '') as receiver_region,
  coalesce(permit.number, '') as permit_number, coalesce(paper.number, '') as manifest_number,
  case line.kind
    when 'stored' then coalesce(generation.batches, '{}')
    when 'taken_out' then coalesce((
      select array[entered.batch] from lines entered where entered.kind = 'stored'
        and entered.container_id = line.container_id and entered.arrival < line.arrival
      order by entered.arrival desc limit 1), '{}')
    when 'treated' then coalesce(own_out.batches, repacked_out.batches, generation.batches, '{}')
    when 'contracted_out' then coalesce(own_out.batches, repacked_out.batches, generation.batches, '{}')
    else '{}'
  end as links
from chosen line
left join steps label on label.container_id = line.container_id and label.act = 'labelled'
left join lateral (
  select born.facts->>'trade_name' as trade_name from roots
  join steps born on born.container_id = roots.root_id and born.act = 'labelled'
  where roots.container_id = line.container_id order by born.arrival limit 1
) origin on true
left join stores store on store.id::text = case line.kind when 'stored' then line.store_after
  when 'taken_out' then line.store_before end
left join stores housing on housing.id = store.parent_id  -- a zone is a part of a facility
left join stores target on target.id::text = line.store_after
left join stores after on after.id::text = line.next_store
left join log_personal told on told.leaf_id = line.id
left join manifests paper on paper.id = coalesce(
  line.paper_id, case when line.next_act = 'sent' then line.next_paper end)
left join manifest_signatures filing on filing.manifest_id = line.manifest_id and filing.act = 'file'
left join log_personal filer on filer.leaf_id = filing.event_id
left join lateral (  -- who handed a load over, where a trip card tells it and no filing does
  select given.id from log_subjects named join log_leaves given on given.arrival = named.arrival
  where named.subject_id = (line.facts->>'card')::uuid and given.kind = 'trip_card_handed_over'
    and line.event = 'trip_card_picked_up' limit 1
) handing on true
left join log_personal giver on giver.leaf_id = handing.id
left join organisations receiver on receiver.id = paper.receiver_id
left join sites point on point.id::text = line.facts->>'site' and line.event = 'institution_visited'
left join organisations gathering on gathering.id = point.organisation_id
left join lateral (
  select held.number from permits held
  where held.organisation_id = paper.receiver_id and (held.site_id is null or held.site_id = paper.receiver_site_id)
    and line.day between held.valid_from and held.valid_to
  order by held.site_id nulls last, held.valid_from desc limit 1
) permit on true
left join generation on generation.container_id = line.container_id
left join lateral (
  select array[gone.batch] as batches from lines gone
  where gone.kind = 'taken_out' and gone.container_id = line.container_id
    and gone.arrival <= case when line.corrects then line.arrival - 1 else line.arrival end
    and not exists (
      select from lines came where came.act = 'back' and came.container_id = line.container_id
        and came.arrival > gone.arrival and came.arrival < line.arrival)
  order by gone.arrival desc limit 1
) own_out on true
left join lateral (
  select array_agg(distinct gone.batch order by gone.batch) as batches
  from up join lines gone on gone.container_id = up.ancestor_id
  where up.container_id = line.container_id and up.ancestor_id <> line.container_id
    and gone.kind = 'taken_out' and gone.act in ('repacked', 'recoded')
    and not exists (  -- the nearest: what was taken out once more on its way here counts, not what went before it
      select from up nearer join up farther on farther.container_id = nearer.ancestor_id
      join lines later on later.container_id = nearer.ancestor_id
      where later.kind = 'taken_out' and later.act in ('repacked', 'recoded')
        and nearer.container_id = line.container_id
        and nearer.ancestor_id not in (line.container_id, gone.container_id)
        and farther.ancestor_id = gone.container_id)
) repacked_out on true
order by line.day, line.log_index nulls last, line.digital_code, line.arrival
"""
SHOWN: Final = LINES + _SHOWN

# Sums of the lines by kind, code and day, over all of the site's time. The check's one side.
_SUMS: Final = """
select lines.kind, lines.waste_code, lines.own, lines.day < $3 as before, sum(lines.grams)::bigint as grams,
  count(*) filter (where lines.day >= $3) as lines
from lines where lines.day <= $4 group by 1, 2, 3, 4
"""
SUMS: Final = LINES + _SUMS

# What the accounts of the site say of changes of stock that no ledger has lines for.
BRIDGED: Final = """(
    select leaf.arrival, posting.waste_code, -posting.amount_g as grams, entry_day.day
    from accounts account join postings posting on posting.account_id = account.id
    join entries entry on entry.id = posting.entry_id
    left join log_leaves leaf on leaf.id = entry.id
    join lateral (__OF_LEAF__) entry_day on true
    where account.holder_id = $1 and account.kind in ('discrepancy', 'opening', 'reclassified')
  )""".replace("__OF_LEAF__", _OF_LEAF)

# The other side: what the mass ledger booked on the accounts of the site, by the day on which it happened. An entry
# has the id of the event that states it, and the event's own day (of generation, of treatment) where it names one.
# What left or came under a manifest is told apart by the manifest whose account of transit (or of differences, where
# what was missing is found at a site) is in the same entry.
# $1 the site, $2 and $3 the first and the last day.
BOOKED: Final = """
select account.kind, paper.way, posting.waste_code, entry_day.day < $2 as before, sum(posting.amount_g)::bigint as grams
from accounts account
join postings posting on posting.account_id = account.id
join entries entry on entry.id = posting.entry_id
left join log_leaves leaf on leaf.id = entry.id
join lateral (__OF_LEAF__) entry_day on true
left join lateral (
  select case when moved.kind = 'return' and moved.receiver_site_id = $1 then 'back'
    when moved.shipper_site_id = $1 then 'sent' else 'received' end as way
  from postings other join accounts transit on transit.id = other.account_id
  join manifests moved on moved.id = transit.holder_id
  where other.entry_id = entry.id and transit.kind in ('in_transit', 'discrepancy')
  union all
  select case when posting.amount_g < 0 then 'sent' else 'received' end where entry.kind = 'gathered' limit 1
) paper on account.kind = 'stored'
where account.holder_id = $1 and entry_day.day <= $3
group by 1, 2, 3, 4
""".replace("__OF_LEAF__", _OF_LEAF)
