"""The statements that find what belongs to a chain: its containers, their events, and the names in them.

Each begins at what the reader sees (`sightings`); row-level security says the same once more. Bounded by parameters.
"""

# What was asked for, as containers: $1 whose eyes, $2 the thing, $3 and $4 the period, $5 how many at most.
_OF_MANIFESTS = """
select line.container_id as id from manifests paper join sightings own
  on own.subject_id = paper.id and own.kind = 'manifest' and own.viewer = $1
join manifest_containers line on line.manifest_id = paper.id
where {where} and ($3::timestamptz is null or coalesce(paper.picked_up_at, paper.filed_at, paper.created_at) >= $3)
  and ($4::timestamptz is null or coalesce(paper.picked_up_at, paper.filed_at, paper.created_at) < $4)
"""
_MADE = """
union select made.id from containers made where {where}
  and ($3::timestamptz is null or made.created_at >= $3) and ($4::timestamptz is null or made.created_at < $4)
"""
_LEGS = "exists (select from manifest_legs leg where leg.manifest_id = paper.id and leg.{} = $2)"
_OF_SUBJECT = """
select named.subject_id as id from log_leaves leaf join log_subjects named using (arrival) where leaf.id = $2
  and ($3::timestamptz is null or true) and ($4::timestamptz is null or true)
"""
STARTS: dict[str, str] = {
    "container": "select $2::uuid as id where ($3::timestamptz is null or true) and ($4::timestamptz is null or true)",
    # Lots of pipes and bags of trip cards are on no list of the paper; the log says that they went under it.
    "manifest": _OF_MANIFESTS.format(where="paper.id = $2")  # noqa: S608  constants of this module
    + """ union select with_it.subject_id from log_subjects named join log_subjects with_it using (arrival)
      join sightings own on own.subject_id = named.subject_id and own.kind = 'manifest' and own.viewer = $1
      where named.subject_id = $2""",
    "vehicle": _OF_MANIFESTS.format(where=_LEGS.format("vehicle_id")),
    "site": _OF_MANIFESTS.format(where="$2 in (paper.shipper_site_id, paper.receiver_site_id)")
    + _MADE.format(where="made.made_at_site_id = $2"),
    "organisation": _OF_MANIFESTS.format(
        where=f"($2 in (paper.shipper_id, paper.receiver_id) or {_LEGS.format('carrier_id')})"
    )
    + _MADE.format(where="made.organisation_id = $2"),
    "permit": _OF_MANIFESTS.format(
        where="exists (select from permit_bookings booked join permit_items item on item.id = booked.permit_item_id "
        "where booked.manifest_id = paper.id and item.permit_id = $2)"
    ),
    "batch": _OF_SUBJECT,
}
_CHAIN = """
with recursive asked as materialized (
  select distinct own.subject_id as id from ({start}) found
  join sightings own on own.subject_id = found.id and own.kind = 'container' and own.viewer = $1
  order by own.subject_id desc limit $5 + 1
), down as (
  select id from asked
  union
  select following.id from down cross join lateral (
    select lineage.child_id as id from container_lineage lineage where lineage.parent_id = down.id
    union all
    select residue.id from log_subjects named join log_leaves leaf
      on leaf.arrival = named.arrival and leaf.kind = 'batch_treated'
    cross join lateral jsonb_array_elements_text(convert_from(leaf.bytes, 'UTF8')::jsonb #> '{{facts,residues}}') code
    join containers residue on residue.digital_code = code
    where named.subject_id = down.id
  ) following join sightings own on own.subject_id = following.id and own.kind = 'container' and own.viewer = $1
), up as (
  select id from asked
  union
  select before.id from up cross join lateral (
    select lineage.parent_id as id from container_lineage lineage where lineage.child_id = up.id
    union all
    select fed.subject_id from log_subjects named join log_leaves leaf
      on leaf.arrival = named.arrival and leaf.kind = 'container_labelled'
    -- The fence: without it the reading of bytes would not go behind the row-level rules of the second leaf, and so
    -- could not be looked up.
    cross join lateral (
      select (convert_from(leaf.bytes, 'UTF8')::jsonb #>> '{{facts,made_by}}')::uuid as id offset 0
    ) made_by
    join log_leaves maker on maker.id = made_by.id and maker.kind = 'batch_treated'
    join log_subjects fed on fed.arrival = maker.arrival
    where named.subject_id = up.id
  ) before join sightings own on own.subject_id = before.id and own.kind = 'container' and own.viewer = $1
)
select id, id in (select id from asked) as asked from (
  (select id from asked) union (select id from down limit $6 + 1) union (select id from up limit $6 + 1)
) found limit 2 * $6 + 2
"""


def chain_statement(of: str) -> str:
    """The containers of a chain; `asked` says which of them were asked for."""
    return _CHAIN.format(start=STARTS[of])


# $1 whose eyes, $2 the containers, $3 how many events at most. What is said of a paper belongs to those on it.
EVENTS = """
with subject (id) as (
  select unnest($2::uuid[])
  union select line.manifest_id from manifest_containers line join sightings own
    on own.subject_id = line.manifest_id and own.kind = 'manifest' and own.viewer = $1
    where line.container_id = any ($2)
), arrived as (
  select distinct named.arrival from subject join log_subjects named on named.subject_id = subject.id
  order by named.arrival limit $3 + 1
)
select leaf.bytes, leaf.hash, place.log_index from arrived join log_leaves leaf using (arrival)
left join log_sequence place using (arrival) order by arrival
"""
# $1 whose eyes, $2 ids and $3 digital codes of containers: those that are seen.
SIGHTED = """
select seen.id, seen.digital_code from containers seen join sightings own
  on own.subject_id = seen.id and own.kind = 'container' and own.viewer = $1
where seen.id = any ($2) or seen.digital_code = any ($3)
"""
# The register is public to whoever is signed in.
NAMES = """
select id, name from organisations where id = any ($1)
union all select id, name from sites where id = any ($1)
union all select id, plate from vehicles where id = any ($1)
"""
# A vehicle by id or plate: of the register that the reader sees, or on a paper that he sees.
VEHICLE = """
select found.id, found.plate from vehicles found where (found.id = $2 or found.plate = $3) and (
  exists (select from sightings own where own.viewer = $1 and own.kind = 'vehicle' and own.subject_id = found.id)
  or exists (select from manifest_legs leg join sightings own
    on own.subject_id = leg.manifest_id and own.kind = 'manifest' and own.viewer = $1 where leg.vehicle_id = found.id)
)
"""
