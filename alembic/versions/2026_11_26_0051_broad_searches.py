"""A search for what stands in very much looks the sightings up at once.

Each of a hundred thousand matches was looked for among the sightings by itself, and all were sorted to tell the first
six. Where there are many, the sightings of these eyes are read once; of each kind only the best are kept in order.

Revision ID: 0051
Revises: 0048b
"""

from alembic import op

revision = "0051"
down_revision = "0048b"
branch_labels = None
depends_on = None

_AFTER = """
create or replace function search_find(asked text[], most integer)
returns table (kind text, subject_id uuid, total bigint, place integer) language plpgsql stable security definer
set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  eyes constant text := current_setting('wastetrack.viewer', true);
  own_firm constant uuid := nullif(current_setting('wastetrack.organisation', true), '')::uuid;
  folded constant text[] := array(select search_fold(word) from unnest(asked) word where search_fold(word) <> '');
  parts constant text[] := array(select '%' || word || '%' from unnest(folded) word); -- folded: no sign of a pattern
  wanted constant text[] := array(select distinct unnest(search_pieces(word)) from unnest(folded) word);
begin
  if coalesce(eyes, '') = '' or cardinality(wanted) = 0 then
    return;
  end if;
  return query
  with matched as materialized (
    -- Names that begin with the word come first; of manifests and containers the newest, for where in their text a
    -- word stands says only whether they have a number yet.
    select entry.kind, entry.subject_id,
      case when entry.kind in ('manifest', 'container') then 0 else strpos(entry.words, folded[1]) end as place
    from search_entries entry
    where entry.pieces @> wanted
      and entry.words like all (parts)
  ), many as materialized (
    select count(*) > 2000 as of_them from matched
  ), shown as materialized (
    select sight.kind, sight.subject_id from sightings sight where sight.viewer = eyes
  ), seen as materialized (
    select matched.* from matched where case
      when matched.kind = 'organisation' then true
      when matched.kind in ('site', 'permit') then eyes <> 'p'
      when (select of_them from many) then (matched.kind, matched.subject_id) in (select * from shown)
      else
        (select true from sightings sight where sight.viewer = eyes and sight.kind = matched.kind
          and sight.subject_id = matched.subject_id)
        or (matched.kind = 'container' and sight_named(matched.subject_id))
        or (matched.kind = 'manifest'
          and (select own.shipper_id = own_firm from manifests own where own.id = matched.subject_id))
    end
  ), totals as (
    select seen.kind, count(*) as total from seen group by seen.kind
  )
  select totals.kind, best.subject_id, totals.total, best.place from totals cross join lateral (
    select seen.subject_id, seen.place from seen where seen.kind = totals.kind
    order by seen.place, seen.subject_id desc limit most
  ) best order by totals.kind, best.place, best.subject_id desc;
end $$"""
_BEFORE = """
create or replace function search_find(asked text[], most integer)
returns table (kind text, subject_id uuid, total bigint, place integer) language plpgsql stable security definer
set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  eyes constant text := current_setting('wastetrack.viewer', true);
  own_firm constant uuid := nullif(current_setting('wastetrack.organisation', true), '')::uuid;
  folded constant text[] := array(select search_fold(word) from unnest(asked) word where search_fold(word) <> '');
  parts constant text[] := array(select '%' || word || '%' from unnest(folded) word); -- folded: no sign of a pattern
  wanted constant text[] := array(select distinct unnest(search_pieces(word)) from unnest(folded) word);
begin
  if coalesce(eyes, '') = '' or cardinality(wanted) = 0 then
    return;
  end if;
  return query
  with matched as materialized (
    select entry.kind, entry.subject_id, strpos(entry.words, folded[1]) as place from search_entries entry
    where entry.pieces @> wanted
      and entry.words like all (parts)
  ), seen as (
    select matched.* from matched where case matched.kind
      when 'organisation' then true
      when 'site' then eyes <> 'p'
      when 'permit' then eyes <> 'p'
      when 'manifest' then
        (select true from sightings sight where sight.viewer = eyes and sight.kind = 'manifest'
          and sight.subject_id = matched.subject_id)
        or ((select count(*) <= 2000 from matched)
          and (select own.shipper_id = own_firm from manifests own where own.id = matched.subject_id))
      when 'container' then
        (select true from sightings sight where sight.viewer = eyes and sight.kind = 'container'
          and sight.subject_id = matched.subject_id)
        or ((select count(*) <= 2000 from matched) and sight_named(matched.subject_id))
      else
        (select true from sightings sight where sight.viewer = eyes and sight.kind = matched.kind
          and sight.subject_id = matched.subject_id)
    end
  ), ranked as (
    select seen.*, count(*) over (partition by seen.kind) as total,
      row_number() over (partition by seen.kind order by seen.place, seen.subject_id desc) as position from seen
  )
  select ranked.kind, ranked.subject_id, ranked.total, ranked.place from ranked
  where ranked.position <= most order by ranked.kind, ranked.position;
end $$"""


def upgrade() -> None:
    """The function takes the place of the one before; who may call it stays."""
    _run(_AFTER)


def downgrade() -> None:
    """The one before again."""
    _run(_BEFORE)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
