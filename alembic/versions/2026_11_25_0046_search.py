"""One table of what can be found by words: numbers, codes, plates, names, addresses, and pinyin initials of names.

Triggers keep it, so that no writer can forget it. The words are folded (full width to half width, one case, no
punctuation) and cut into short pieces: pairs of characters where one of them is not of ASCII, triples of letters and
digits elsewhere. A GIN index over the pieces needs no contrib module. Initials need a dictionary, so whoever registers
a name writes them beside it.

`search_find` looks into the table with the eyes of whoever asks. Row-level security alone would not do: PostgreSQL may
ask an index first only by operators that cannot leak, and those of arrays are not among them.

Revision ID: 0046
Revises: 0044
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from pypinyin import Style, lazy_pinyin

revision = "0046"
down_revision = "0044"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_NAMED = ("organisations", "sites")
# What stands between letters and digits in what people write; full-width forms have become these by then.
_BETWEEN = " \t\r\n-_./\\,:;()[]{}<>#*+'\"!?&%@|~^`=$·•—–―、。《》【】〔〕「」“”‘’…"
_BETWEEN_IN_SQL = (
    "E'"
    + _BETWEEN.replace("\\", "\\\\").replace("'", "''").replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")
    + "'"
)

_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_SEEN = (
    f"(kind in ('organisation', 'site', 'permit') and {_VIEWER} <> '') or (select true from sightings sight "
    f"where sight.viewer = {_VIEWER} and sight.kind = search_entries.kind and sight.subject_id = "
    "search_entries.subject_id)"
)

_FUNCTIONS = (
    f"""
create function search_fold(given text) returns text language sql immutable parallel safe
return translate(upper(normalize(given, NFKC) collate "C"), {_BETWEEN_IN_SQL}, '')""",
    """
create function search_pieces(folded text) returns text[] language sql immutable parallel safe
begin atomic
  select coalesce(array_agg(distinct piece), '{}') from (
    select case
      when substr(folded, place, 3) collate "C" ~ '^[A-Z0-9]{3}$' then substr(folded, place, 3)
      when char_length(substr(folded, place, 2)) = 2 and octet_length(substr(folded, place, 2)) > 2
        and strpos(substr(folded, place, 2), ' ') = 0 then substr(folded, place, 2)
    end as piece
    from generate_series(1, char_length(folded) - 1) place
  ) cut where piece is not null;
end""",
    # The words of one thing, folded and parted by spaces, take the place of those before.
    """
create function search_put(of_kind text, subject uuid, given text[]) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
declare told text := (
  select coalesce(string_agg(search_fold(word), ' ' order by place), '')
  from unnest(given) with ordinality as said (word, place) where search_fold(coalesce(word, '')) <> ''
);
begin
  insert into search_entries (kind, subject_id, words, pieces)
  values (of_kind, subject, told, search_pieces(told))
  on conflict (kind, subject_id) do update set words = excluded.words, pieces = excluded.pieces
  where search_entries.words <> excluded.words;
end $$""",
    """
create function search_put_manifest(manifest uuid) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
begin
  perform search_put('manifest', of.id, array[of.number] || array(
    select vehicle.plate from manifest_legs leg join vehicles vehicle on vehicle.id = leg.vehicle_id
    where leg.manifest_id = of.id order by leg.position
  )) from manifests of where of.id = manifest;
end $$""",
    """
create function search_keep() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  case tg_table_name
    when 'organisations' then
      perform search_put('organisation', new.id,
        array[new.name, new.credit_code, new.name_en, new.initials, new.address]);
    when 'sites' then
      perform search_put('site', new.id, array[new.name, new.initials, new.address]);
    when 'vehicles' then
      perform search_put('vehicle', new.id, array[new.plate]);
    when 'permits' then
      perform search_put('permit', new.id, array[new.number]);
    when 'containers' then
      perform search_put('container', new.id, array[new.digital_code]);
    when 'manifests' then
      perform search_put_manifest(new.id);
    when 'manifest_legs' then
      perform search_put_manifest(new.manifest_id);
  end case;
  return null;
end $$""",
    """
create function search_forget() returns trigger language plpgsql security definer
set search_path = public, pg_temp as $$
begin
  delete from search_entries gone where gone.kind = tg_argv[0] and gone.subject_id = old.id;
  return null;
end $$""",
    # What is seen only because a paper names it is asked one by one, so only while there are few to ask about.
    # At most so many of each kind, the best first, with how many there are of it in all. A part of a name or an address
    # is worth less than its beginning; of numbers the newest come first.
    """
create function search_find(asked text[], most integer)
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
end $$""",
)
# Table → the columns whose change is told, and under which kind it is forgotten when it goes.
_KEPT: dict[str, tuple[str, str | None]] = {
    "organisations": ("name, credit_code, name_en, initials, address", "organisation"),
    "sites": ("name, initials, address", "site"),
    "vehicles": ("plate", "vehicle"),
    "permits": ("number", "permit"),
    "containers": ("digital_code", "container"),
    "manifests": ("number", "manifest"),
    "manifest_legs": ("vehicle_id", None),
}
_PUT = {
    "organisations": "search_put('organisation', id, array[name, credit_code, name_en, initials, address])",
    "sites": "search_put('site', id, array[name, initials, address])",
    "vehicles": "search_put('vehicle', id, array[plate])",
    "permits": "search_put('permit', id, array[number])",
    "containers": "search_put('container', id, array[digital_code])",
    "manifests": "search_put_manifest(id)",
}
_FOR_NOBODY_ELSE = ("search_put", "search_put_manifest", "search_keep", "search_forget")


def upgrade() -> None:
    """Make the table, tell it what there is, and let triggers keep it."""
    op.create_table(
        "search_entries",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("pieces", sa.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind in ('manifest', 'container', 'organisation', 'site', 'vehicle', 'permit')",
            name="ck_search_entries_kind",
        ),
        sa.PrimaryKeyConstraint("kind", "subject_id", name="pk_search_entries"),
    )
    for table in _NAMED:
        op.add_column(table, sa.Column("initials", sa.Text(), server_default="", nullable=False))
        _write_initials(table)
    for function in _FUNCTIONS:
        _run(function)
    for table, words in _PUT.items():
        _run(f"select {words} from {table}")
    op.create_index("ix_search_entries_pieces", "search_entries", ["pieces"], postgresql_using="gin")
    for table, (columns, kind) in _KEPT.items():
        _run(
            f"create trigger search_keep after insert or update of {columns} on {table} "
            "for each row execute function search_keep()"
        )
        if kind is not None:
            _run(
                f"create trigger search_forget after delete on {table} "
                f"for each row execute function search_forget('{kind}')"
            )
    _run("alter table search_entries enable row level security")
    _run(f"create policy may_select on search_entries for select using ({_SEEN})")
    _run(f"revoke insert, update, delete, truncate on search_entries from {_APP}")
    for name in (*_FOR_NOBODY_ELSE, "search_find"):
        _run(f"revoke execute on function {name} from public")
    _run(f"grant execute on function search_find to {_APP}")


def downgrade() -> None:
    """Take everything away again."""
    for table, (_, kind) in _KEPT.items():
        _run(f"drop trigger search_keep on {table}")
        if kind is not None:
            _run(f"drop trigger search_forget on {table}")
    for name in ("search_find", "search_forget", "search_keep", "search_put_manifest", "search_put", "search_pieces"):
        _run(f"drop function {name}")
    _run("drop function search_fold")
    op.drop_table("search_entries")
    for table in _NAMED:
        op.drop_column(table, "initials")


def _write_initials(table: str) -> None:
    bind = op.get_bind()
    # pypinyin reads a name by its phrases: 重庆 is cq, where its first character alone would be z.
    rows = [
        {"id": row.id, "initials": "".join(lazy_pinyin(row.name, style=Style.FIRST_LETTER)).lower()}
        for row in bind.execute(sa.text(f"select id, name from {table}"))
    ]
    if rows:
        bind.execute(sa.text(f"update {table} set initials = :initials where id = :id"), rows)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
