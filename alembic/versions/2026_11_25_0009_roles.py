"""The application's own role, what it may do, and the narrow ways in for what it may not.

The application connects as `wastetrack_app` (or a login that is a member of it). It owns nothing, so the next
migration's policies hold for it; whoever migrates owns the tables and is not bound. Each transaction says who looks:

    wastetrack.viewer        whose eyes: `o:<organisation>`, `r:<region prefix>`, `p`
    wastetrack.organisation  the organisation acted for
    wastetrack.person        who acts

Without them nothing of an organisation is visible. The sentence is everywhere the same: a thing is seen by the
viewers in `sightings`, what hangs on it by those who see it, an event by those who see one of its subjects.

Revision ID: 0009
Revises: 0008
"""
# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"

# Roles belong to the whole cluster: another database of it may have made this one, in this very moment even.
_MAKE_ROLE = f"""
do $$
begin
  if not exists (select from pg_roles where rolname = '{_APP}') then
    begin
      create role {_APP} login nosuperuser nobypassrls nocreatedb nocreaterole noreplication;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise exception 'The role {_APP} is missing and % may not create roles.', current_user
          using errcode = 'insufficient_privilege', hint =
          'As a superuser run: create role {_APP} login nosuperuser nobypassrls nocreatedb nocreaterole;';
    end;
  end if;
  if exists (
    select from pg_roles where rolname = '{_APP}' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)
  ) then
    raise exception 'The role {_APP} is there, and more powerful than the application''s role may be.'
      using errcode = 'invalid_role_specification', hint =
      'As a superuser run: alter role {_APP} nosuperuser nobypassrls nocreatedb nocreaterole;';
  end if;
end $$
"""
_GRANTS = f"""
do $$
begin
  execute format('revoke create, temporary on database %I from public', current_database());
  execute format('grant connect on database %I to {_APP}', current_database());
end $$;
revoke create on schema public from public;
grant usage on schema public to {_APP};
grant select, insert, update, delete on all tables in schema public to {_APP};
grant usage, select on all sequences in schema public to {_APP};
alter default privileges in schema public grant select, insert, update, delete on tables to {_APP};
alter default privileges in schema public grant usage, select on sequences to {_APP};
"""
# Table → what the application may not do with it.
_REVOKED = {
    # Written for ever; leaves, their subjects and personal parts by log_append only, entries by ledger_post.
    "log_leaves": "insert, update, delete",
    "log_subjects": "insert, update, delete",
    "log_personal": "insert, update, delete",
    "log_pending": "insert, update",
    "log_sequence": "update, delete",
    "log_nodes": "update, delete",
    "log_checkpoints": "update, delete",
    "entries": "insert, update, delete",
    "postings": "insert, update, delete",
    "accounts": "insert, update, delete",
    "manifest_signatures": "update, delete",
    # By sight_show only: who may write here sees everything.
    "sightings": "insert, update, delete",
    "alembic_version": "insert, update, delete",
    # What the application has no reason to do.
    "manifests": "delete",
    "manifest_corrections": "delete",
    "manifest_numbers": "delete",
    "permit_uses": "delete",
    "permit_bookings": "delete",
    "containers": "delete",
    "container_lineage": "update, delete",
    "container_serials": "delete",
    "treatment_batches": "update, delete",
    "organisations": "delete",
    "sites": "delete",
    "stores": "delete",
    "vehicles": "delete",
    "drivers": "delete",
    "transport_licences": "update, delete",
    "permits": "update, delete",
    "permit_items": "update, delete",
    "permit_suspensions": "delete",
    "people": "delete",
    "memberships": "delete",
    "tokens": "delete",
}

# Signature, result, body. Whoever may act as the owner of the tables is not bound here either (sight_unbound).
_FUNCTIONS: dict[str, tuple[str, str]] = {
    # Some manifest that one sees names this container: its paper is shown before the drum itself is.
    "sight_named(container uuid)": (
        "boolean stable",
        """
begin
  return exists (
    select from manifest_containers line join sightings sight on sight.subject_id = line.manifest_id
    where line.container_id = container and sight.kind = 'manifest'
      and sight.viewer = current_setting('wastetrack.viewer', true)
  );
end""",
    ),
    # Some manifest that one sees names this driver.
    "sight_driver(driver uuid)": (
        "boolean stable",
        """
begin
  return exists (
    select from manifest_legs leg join sightings sight on sight.subject_id = leg.manifest_id
    where leg.driver_id = driver and sight.kind = 'manifest'
      and sight.viewer = current_setting('wastetrack.viewer', true)
  );
end""",
    ),
    # One sees a subject of the event that arrived as this one.
    "sight_arrival(arrived bigint)": (
        "boolean stable",
        """
begin
  return exists (
    select from log_subjects named join sightings sight on sight.subject_id = named.subject_id
    where named.arrival = arrived and sight.viewer = current_setting('wastetrack.viewer', true)
  );
end""",
    ),
    # The same by the event's own id.
    "sight_event(event uuid)": (
        "boolean stable",
        """
begin
  return exists (
    select from log_leaves leaf join log_subjects named on named.arrival = leaf.arrival
    join sightings sight on sight.subject_id = named.subject_id
    where leaf.id = event and sight.viewer = current_setting('wastetrack.viewer', true)
  );
end""",
    ),
    # Lets viewers see things of one kind: those that one sees, containers that one's papers name, and what nobody sees
    # yet because it was made a moment ago.
    "sight_show(viewers text[], shown text, subjects uuid[])": (
        "void",
        """
declare
  looking text := current_setting('wastetrack.viewer', true);
  hidden uuid;
begin
  if not sight_unbound() then
    select subject into hidden from unnest(subjects) as subject
    where not exists (select from sightings where viewer = looking and kind = shown and subject_id = subject)
      and exists (select from sightings where kind = shown and subject_id = subject)
      and not (shown = 'container' and sight_named(subject))
    limit 1;
    if found or looking is null or looking = '' then
      raise exception 'What is not seen cannot be shown.' using errcode = 'insufficient_privilege';
    end if;
  end if;
  insert into sightings (viewer, kind, subject_id)
  select given.viewer, shown, given.subject_id from unnest(viewers, subjects) as given (viewer, subject_id)
  on conflict do nothing;
end""",
    ),
    # Everybody who sees a thing that one sees.
    "sight_viewers(shown text, subject uuid)": (
        "setof text stable",
        """
begin
  return query select also.viewer from sightings also
  where also.kind = shown and also.subject_id = subject and (sight_unbound() or exists (
    select from sightings mine where mine.viewer = current_setting('wastetrack.viewer', true)
      and mine.kind = shown and mine.subject_id = subject
  ))
  order by also.viewer;
end""",
    ),
    # What a gate must know of the container that stands there and bears this code, whoever it belongs to; locks it.
    "container_at_gate(code text)": (
        "table (id uuid, waste_code text, tare_g bigint, volume_l integer)",
        """
begin
  if sight_unbound() or current_setting('wastetrack.viewer', true) like 'o:%' then
    return query select it.id, it.waste_code, it.tare_g, it.volume_l
    from containers it where it.digital_code = code for update;
  end if;
end""",
    ),
    # What a label says to whoever holds it, signed in or not: its code is asked for, with the check printed beside it.
    "container_on_label(code text)": (
        "setof containers stable",
        """
begin
  return query select it.* from containers it where it.digital_code = code;
end""",
    ),
    "maker_on_label(code text)": (
        "setof organisations stable",
        """
begin
  return query select maker.* from organisations maker
  join containers it on it.organisation_id = maker.id where it.digital_code = code;
end""",
    ),
    # The driver whom a shipper names by the id that the carrier gave it, to be checked against the trip.
    "driver_for_use(driver uuid)": (
        "setof drivers stable",
        """
begin
  if sight_unbound() or current_setting('wastetrack.viewer', true) like 'o:%' then
    return query select it.* from drivers it where it.id = driver;
  end if;
end""",
    ),
    # The accounts that an entry moves, to whoever sees its event: a correction reverses lines of both sides.
    "ledger_accounts_of(entry uuid)": (
        "setof accounts stable",
        """
begin
  if sight_unbound() or sight_event(entry) then
    return query select held.* from accounts held
    where held.id in (select line.account_id from postings line where line.entry_id = entry);
  end if;
end""",
    ),
    # Events into the log, with their subjects and the salted parts that can be erased; the only way in. Identity values
    # are drawn after the sort, so arrival follows the list.
    "log_append(ids uuid[], kinds text[], contents bytea[], hashes bytea[], recorded timestamptz[], "
    "named_in uuid[], subjects uuid[], told_in uuid[], salts bytea[], bodies text[])": (
        "void",
        """
begin
  if not (sight_unbound() or current_setting('wastetrack.viewer', true) <> '') then
    raise exception 'Nobody speaks.' using errcode = 'insufficient_privilege';
  end if;
  with leaf as (
    insert into log_leaves (id, kind, bytes, hash, recorded_at)
    select given.id, given.kind, given.content, given.hash, given.recorded_at
      from unnest(ids, kinds, contents, hashes, recorded)
        with ordinality as given (id, kind, content, hash, recorded_at, place)
      order by given.place
    returning log_leaves.id, log_leaves.arrival
  ), subject as (
    insert into log_subjects (subject_id, arrival)
    select given.subject_id, leaf.arrival
      from unnest(named_in, subjects) as given (leaf_id, subject_id) join leaf on leaf.id = given.leaf_id
  )
  insert into log_personal (leaf_id, salt, body)
  select given.leaf_id, given.salt, given.body::jsonb
    from unnest(told_in, salts, bodies) as given (leaf_id, salt, body) join leaf on leaf.id = given.leaf_id;
end""",
    ),
    # An entry with its postings and the accounts that are new, the other side's too: a pick-up takes from the shipper's
    # site what the carrier has on the road. New accounts are made in id order: two entries that open the same ones wait
    # for each other and do not lock up.
    "ledger_post(entry uuid, stated text, happened timestamptz, recorded timestamptz, ids uuid[], kinds text[], "
    "holders uuid[], details text[], codes text[], grams bigint[], weighed text, scale text, uncertainty bigint, "
    "mirrored uuid)": (
        "void",
        """
begin
  if not (sight_unbound() or current_setting('wastetrack.viewer', true) like 'o:%') then
    raise exception 'No firm moves this mass.' using errcode = 'insufficient_privilege';
  end if;
  insert into accounts (id, kind, holder_id, detail, waste_code)
  select * from unnest(ids, kinds, holders, details, codes) as given (id)
  order by given.id
  on conflict (id) do nothing;
  insert into entries (id, kind, happened_at, recorded_at, reverses_id)
  values (entry, stated, happened, recorded, mirrored);
  insert into postings (entry_id, line, account_id, waste_code, amount_g, method, scale_id, uncertainty_g)
  select entry, lines.line, lines.account_id, lines.code, lines.grams, weighed, scale, uncertainty
  from unnest(ids, codes, grams) with ordinality as lines (account_id, code, grams, line);
end""",
    ),
    # Arrival and hash of what waits for its place: all that the sequencer, which looks for nobody, needs of an event.
    "log_waiting(most integer)": (
        "table (arrival bigint, hash bytea) stable",
        """
begin
  return query select waiting.arrival, leaf.hash
  from log_pending waiting join log_leaves leaf on leaf.arrival = waiting.arrival
  order by waiting.arrival limit most;
end""",
    ),
    # Answers that nobody asks for any more, of all members: for the nightly job. Those of today stay, whoever asks.
    "forget_answers(before timestamptz)": (
        "void",
        """
begin
  delete from answered_requests where created_at < least(before, now() - interval '1 day');
end""",
    ),
}
_UNBOUND = """
create function sight_unbound() returns boolean stable language sql set search_path = public, pg_temp as $$
  select pg_has_role(session_user, current_user, 'member')
$$
"""
# What triggers do in tables where whoever fires them may not.
_TRIGGER_FUNCTIONS = ("ledger_keep_balances()", "log_pend()")


def upgrade() -> None:
    """Make the role, what it may do, and what it sees."""
    _run(_MAKE_ROLE)
    _run(_GRANTS)
    for table, commands in _REVOKED.items():
        _run(f"revoke {commands} on {table} from {_APP}")
    _run(_UNBOUND)
    for signature, (result, body) in _FUNCTIONS.items():
        _run(
            f"create function {signature} returns {result} language plpgsql security definer "
            f"set search_path = public, pg_temp as $${body} $$"
        )
        named = signature.partition("(")[0]
        _run(f"revoke execute on function {named} from public")
        _run(f"grant execute on function {named} to {_APP}")
    for function in _TRIGGER_FUNCTIONS:
        _run(f"alter function {function} security definer set search_path = public, pg_temp")
        _run(f"revoke execute on function {function} from public")


def downgrade() -> None:
    """Everybody sees everything again; the role stays, other databases of the cluster may use it."""
    for function in _TRIGGER_FUNCTIONS:
        _run(f"alter function {function} security invoker reset search_path")
    for signature in reversed(_FUNCTIONS):
        _run(f"drop function {signature.partition('(')[0]}")
    _run("drop function sight_unbound()")
    _run(f"""
        alter default privileges in schema public revoke all on tables from {_APP};
        alter default privileges in schema public revoke all on sequences from {_APP};
        revoke all on all tables in schema public from {_APP};
        revoke all on all sequences in schema public from {_APP};
        revoke usage on schema public from {_APP};
    """)


def _run(script: str) -> None:
    # Colons and percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
