"""Legal holds, and the purge of what has served its time.

Revision ID: 0032
Revises: 0031
"""

# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_SEEN = (
    f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = 'hold' "
    "and sight.subject_id = legal_holds.id)"
)
_AUTHORITY = "(select current_setting('wastetrack.viewer', true) like 'r:%')"
_POLICIES: dict[str, str | tuple[str, str]] = {
    "select": _SEEN,
    "insert": f"{_AUTHORITY} and person_id = {_PERSON} and organisation_id = {_ORGANISATION}",
    "update": (_SEEN, _AUTHORITY),
}
_DEMAND_PLATFORM = """
  if not (pg_has_role(session_user, current_user, 'member') or current_setting('wastetrack.viewer', true) = 'p') then
    raise exception 'Only the platform purges.' using errcode = 'insufficient_privilege';
  end if;"""
# Whether anything about a manifest is held: itself, its ends, or a firm on it.
_HELD = """exists (
    select from legal_holds held where held.ended_at is null and (
      held.subject_id in (manifest.id, manifest.shipper_id, manifest.receiver_id, manifest.shipper_site_id,
        manifest.receiver_site_id)
      or exists (select from manifest_legs leg where leg.manifest_id = manifest.id and leg.carrier_id = held.subject_id)
    )
  )"""
# Waste in a landfill stays there; so do its records.
_LANDFILLED = "batch.method in ('D1', 'D5')"
_FILES = """
    select coalesce(array_agg(distinct sha256), '{}') into files
    from attachments where subject_kind = 'manifest' and subject_id = found.id;
    delete from attachments where subject_kind = 'manifest' and subject_id = found.id;"""
_OF_EVERY = """
    perform set_config('wastetrack.purging', 'on', true);
    delete from signing_intents where manifest_id = found.id;
    delete from signed_acts where manifest_id = found.id;
    delete from driver_links where manifest_id = found.id;
    delete from manifest_signatures where manifest_id = found.id;
    delete from paper_lines where manifest_id = found.id;
    delete from paper_legs where manifest_id = found.id;
    delete from manifest_legs where manifest_id = found.id;
    delete from manifest_containers where manifest_id = found.id;"""
# Signatures are written once; only the functions of this file take them away, and only of what has served its time.
_SIGNATURES = """
create function refuse_but_purge() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('wastetrack.purging', true) = 'on' then
    return null;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'restrict_violation', table = tg_table_name;
end $$;
drop trigger append_only on manifest_signatures;
create trigger append_only before update or delete or truncate on manifest_signatures
  for each statement execute function refuse_but_purge();
"""
_SIGNATURES_AS_BEFORE = """
drop trigger append_only on manifest_signatures;
drop function refuse_but_purge();
create trigger append_only before update or delete or truncate on manifest_signatures
  for each statement execute function refuse_change();
"""
# Signature, result, body, what is declared.
_FUNCTIONS: dict[str, tuple[str, str, str]] = {
    # What was never filed. A draft that rows of other rooms refer to stays: they say themselves when they go.
    "purge_drafts(before timestamptz, most integer)": (
        "table (id uuid, files text[])",
        "found record;",
        f"""
  for found in
    select manifest.id from manifests manifest
    where manifest.number is null and manifest.state in ('draft', 'cancelled') and manifest.created_at < before
      and manifest.last_act_at < before and not {_HELD}
    order by manifest.id limit most for update skip locked
  loop
    begin
{_FILES}
{_OF_EVERY}
    delete from manifest_papers where manifest_id = found.id;
    delete from pipe_days where manifest_id = found.id;
    delete from manifest_totals where manifest_id = found.id;
    delete from manifest_periods where manifest_id = found.id;
    delete from permit_bookings where manifest_id = found.id;
    delete from manifests where manifests.id = found.id;
    perform set_config('wastetrack.purging', '', true);
    delete from sightings where kind = 'manifest' and subject_id = found.id;
    exception when foreign_key_violation then
      continue;
    end;
    id := found.id;
    return next;
  end loop;""",
    ),
    # What ended long ago: its line stays with number, ends and totals; the details go.
    "purge_manifests(before timestamptz, purged timestamptz, most integer)": (
        "table (id uuid, number text, files text[])",
        "found record;",
        f"""
  for found in
    select manifest.id, manifest.number from manifests manifest
    where manifest.purged_at is null and manifest.number is not null
      and manifest.state in ('closed', 'cancelled', 'void', 'returned') and manifest.last_act_at < before
      and (manifest.closed_at is null or manifest.closed_at < before) and not {_HELD}
      and not exists (
        select from containers container where container.state in ('at_site', 'in_transit') and (
          container.id in (select container_id from manifest_containers where manifest_id = manifest.id)
          or container.id in (select container_id from pipe_days where manifest_id = manifest.id)
        )
      )
      and not exists (
        select from manifest_containers line join containers container on container.id = line.container_id
        join treatment_batches batch on batch.id = container.treatment_batch_id
        where line.manifest_id = manifest.id and {_LANDFILLED}
      )
    order by manifest.id limit most for update skip locked
  loop
    begin
{_FILES}
{_OF_EVERY}
    delete from manifest_corrections where manifest_id = found.id;
    perform set_config('wastetrack.purging', '', true);
    update manifests set purged_at = purged, remarks = '', opinion = '' where manifests.id = found.id;
    exception when foreign_key_violation then
      continue;
    end;
    id := found.id;
    number := found.number;
    return next;
  end loop;""",
    ),
    "purge_event_kinds()": (
        "setof text",
        "",
        """
  return query select distinct leaf.kind from log_personal personal join log_leaves leaf on leaf.id = personal.leaf_id
  order by leaf.kind;""",
    ),
    # Personal parts of old events of these kinds, but of what is held and of what was landfilled.
    "purge_openings(kinds text[], before timestamptz, most integer)": (
        "setof uuid",
        "",
        f"""
  return query
  with old as (
    select leaf.id from log_leaves leaf join log_personal personal on personal.leaf_id = leaf.id
    where leaf.kind = any (kinds) and leaf.recorded_at < before
      and not (leaf.kind = 'batch_treated' and exists (
        select from treatment_batches batch where batch.id = leaf.id and {_LANDFILLED}
      ))
      and not exists (
        select from log_subjects subject left join manifests manifest on manifest.id = subject.subject_id
        join legal_holds held on held.ended_at is null and held.subject_id in (subject.subject_id, manifest.shipper_id,
          manifest.receiver_id, manifest.shipper_site_id, manifest.receiver_site_id)
        where subject.arrival = leaf.arrival
      )
      and not exists (
        select from legal_holds held join memberships member on member.organisation_id = held.subject_id
        where held.ended_at is null and held.thing = 'organisation'
          and member.person_id::text = personal.body ->> 'person'
      )
    order by leaf.arrival limit most
  )
  delete from log_personal using old where log_personal.leaf_id = old.id returning old.id;""",
    ),
    # Of these files, those that no row names any more.
    "purge_files(hashes text[])": (
        "setof text",
        "",
        """
  return query select one from unnest(hashes) as one
  where not exists (select from attachments where sha256 = one) order by one;""",
    ),
    "privacy_holds_on(person uuid)": (
        "bigint",
        "",
        """
  return (
    select count(*) from legal_holds held where held.ended_at is null and (
      exists (
        select from memberships member where member.person_id = person and member.organisation_id = held.subject_id
      )
      or exists (
        select from log_personal personal join log_leaves leaf on leaf.id = personal.leaf_id
        join log_subjects subject on subject.arrival = leaf.arrival
        left join manifests manifest on manifest.id = subject.subject_id
        where personal.body ->> 'person' = person::text
          and held.subject_id in (subject.subject_id, manifest.shipper_id, manifest.receiver_id,
            manifest.shipper_site_id, manifest.receiver_site_id)
      )
    )
  );""",
    ),
}


def upgrade() -> None:
    """Make table, column and functions."""
    op.add_column("manifests", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("thing in ('manifest', 'site', 'organisation')", name="ck_legal_holds_thing"),
        sa.CheckConstraint("reason <> ''", name="ck_legal_holds_reason"),
        sa.CheckConstraint("(ended_at is null) = (end_reason = '')", name="ck_legal_holds_ended_with_reason"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_legal_holds_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_legal_holds_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_holds"),
    )
    op.create_index(
        "ix_legal_holds_subject_id", "legal_holds", ["subject_id"], postgresql_where=sa.text("ended_at is null")
    )
    _run(f"revoke delete, truncate on legal_holds from {_APP}")
    _run("alter table legal_holds enable row level security")
    for command, condition in _POLICIES.items():
        using, check = condition if isinstance(condition, tuple) else (condition, condition)
        shown = "" if command == "insert" else f" using ({using})"
        checked = "" if command == "select" else f" with check ({check})"
        _run(f"create policy may_{command} on legal_holds for {command}{shown}{checked}")
    _run(_SIGNATURES)
    for signature, (result, declared, body) in _FUNCTIONS.items():
        _run(
            f"create function {signature} returns {result} language plpgsql security definer "
            f"set search_path = public, pg_temp as $$\n#variable_conflict use_column\n"
            f"declare {declared}\nbegin {_DEMAND_PLATFORM}{body} end $$"
        )
        _run(f"revoke execute on function {signature.partition('(')[0]} from public")
        _run(f"grant execute on function {signature.partition('(')[0]} to {_APP}")


def downgrade() -> None:
    """Take them away."""
    for signature in _FUNCTIONS:
        _run(f"drop function {signature.partition('(')[0]}")
    _run(_SIGNATURES_AS_BEFORE)
    op.drop_table("legal_holds")
    op.drop_column("manifests", "purged_at")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
