"""Row-level security of plans and contracts, and the two narrow functions that look across it.

What a manifest takes of a plan is restated by whoever receives it, who does not see the plan; and the sums of a year are
taken in one look into the ledger, not event by event.

Revision ID: 0026
Revises: 0025
"""
# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_OWN = f"organisation_id = {_ORGANISATION}"


def _seen(kind: str, column: str) -> str:
    return (
        f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = '{kind}' "
        f"and sight.subject_id = {column})"
    )


def _watches(region: str) -> str:
    return f"{_VIEWER} = any (array['r:' || left({region}, 2), 'r:' || left({region}, 4), 'r:' || {region}])"


def _site(column: str) -> str:
    return (
        f"(select site.organisation_id = {_ORGANISATION} or {_watches('site.region_code')} "
        f"from sites site where site.id = {column})"
    )


_PLAN = f"{_OWN} or {_seen('plan', 'id')}"
_OF_PLAN = f"{_OWN} or {_seen('plan', 'plan_id')}"
_VERSION = f"{_OWN} or (filed_at is not null and {_seen('plan', 'plan_id')})"
_OWN_FIRM = f"{_OWN} and {_FIRM}"
_SIDE = f"{_ORGANISATION} in (shipper_id, receiver_id)"
_CONTRACT = f"{_SIDE} or {_seen('contract', 'id')}"
_OF_CONTRACT = "(select true from contracts of where of.id = contract_id)"
_USE = f"{_seen('manifest', 'manifest_id')} or (select of.shipper_id = {_ORGANISATION} from manifests of where of.id = manifest_id)"
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "management_plans": {"select": _PLAN, "insert": _OWN_FIRM, "update": (_PLAN, _OWN_FIRM)},
    "plan_versions": {"select": _VERSION, "insert": _OWN_FIRM, "update": (_VERSION, _OWN_FIRM)},
    "plan_items": {"select": _OF_PLAN, "insert": _OWN_FIRM, "update": (_OF_PLAN, _OWN_FIRM)},
    "set_classes": {
        "select": _site("site_id"),
        "insert": f"authority_id = {_ORGANISATION} and (select {_watches('site.region_code')} "
        "from sites site where site.id = site_id)",
    },
    "contracts": {
        "select": _CONTRACT,
        "insert": f"entered_by = {_ORGANISATION} and {_FIRM}",
        "update": (_CONTRACT, f"{_SIDE} and {_FIRM}"),
    },
    "contract_items": {
        "select": _OF_CONTRACT,
        "insert": f"{_OF_CONTRACT} and {_FIRM}",
        "update": (_OF_CONTRACT, _FIRM),
    },
    "plan_uses": {
        "select": _USE,
        "insert": f"{_FIRM} and (select of.shipper_id = {_ORGANISATION} from manifests of where of.id = manifest_id)",
    },
}
_REVOKED = {
    "management_plans": "delete, truncate",
    "plan_versions": "delete, truncate",
    "plan_items": "delete, truncate",
    "set_classes": "update, delete, truncate",
    "contracts": "delete, truncate",
    "contract_items": "delete, truncate",
    "plan_uses": "update, delete, truncate",
}
_BOUND = "not pg_has_role(session_user, current_user, 'member')"
_RESTATE = f"""
create function plan_restate(of_manifest uuid, of_codes text[], of_grams bigint[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if {_BOUND} and not exists (
    select from sightings where viewer = current_setting('wastetrack.viewer', true)
      and kind = 'manifest' and subject_id = of_manifest
  ) then
    raise exception 'Not a party of this manifest.' using errcode = 'insufficient_privilege';
  end if;
  perform from plan_items item where item.id in (
    select plan_item_id from plan_uses where manifest_id = of_manifest
  ) order by item.id for update;
  perform from contract_items item where item.id in (
    select contract_item_id from plan_uses where manifest_id = of_manifest
  ) order by item.id for update;
  with stated as (
    select used.waste_code, used.plan_item_id, used.contract_item_id, used.booked_g, coalesce(told.grams, 0) as grams
    from plan_uses used left join unnest(of_codes, of_grams) as told (code, grams) on told.code = used.waste_code
    where used.manifest_id = of_manifest
  ), kept as (
    update plan_uses set booked_g = stated.grams from stated
    where plan_uses.manifest_id = of_manifest and plan_uses.waste_code = stated.waste_code
  ), planned as (
    update plan_items set booked_g = plan_items.booked_g + moved.grams
    from (select plan_item_id, sum(grams - booked_g) as grams from stated group by plan_item_id) moved
    where plan_items.id = moved.plan_item_id
  )
  update contract_items set booked_g = contract_items.booked_g + moved.grams
  from (select contract_item_id, sum(grams - booked_g) as grams from stated group by contract_item_id) moved
  where contract_items.id = moved.contract_item_id;
end $$
"""
_YEARS = f"""
create function plan_years(of_sites uuid[], since timestamptz, until timestamptz)
returns table (site_id uuid, kind text, waste_code text, year integer, grams bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select account.holder_id, account.kind, account.waste_code,
    extract(year from entry.happened_at at time zone 'Asia/Shanghai')::integer, sum(posting.amount_g)::bigint
  from sites site
  join accounts account on account.holder_id = site.id
  join postings posting on posting.account_id = account.id
  join entries entry on entry.id = posting.entry_id
  where site.id = any (of_sites)
    and (not {_BOUND} or site.organisation_id = {_ORGANISATION} or {_watches("site.region_code")})
    and account.kind in ('generated', 'residue_source', 'treated')
    and entry.happened_at >= since and entry.happened_at < until
  group by 1, 2, 3, 4
$$
"""
_NUMBER = """
create function plan_number(of_region text, of_year integer) returns integer
language sql security definer set search_path = public, pg_temp as $$
  insert into plan_numbers (region_code, year, last) values (of_region, of_year, 1)
  on conflict (region_code, year) do update set last = plan_numbers.last + 1 returning last
$$
"""
_FUNCTIONS = ("plan_restate", "plan_years", "plan_number")


def upgrade() -> None:
    """Make the functions and the policies."""
    for statement in (_RESTATE, _YEARS, _NUMBER):
        _run(statement)
    for name in _FUNCTIONS:
        _run(f"revoke execute on function {name} from public")
        _run(f"grant execute on function {name} to {_APP}")
    _run(f"revoke insert, update, delete, truncate on plan_numbers from {_APP}")
    for table, changes in _REVOKED.items():
        _run(f"revoke {changes} on {table} from {_APP}")
    for table, policies in _POLICIES.items():
        _run(f"alter table {table} enable row level security")
        for command, condition in policies.items():
            using, check = condition if isinstance(condition, tuple) else (condition, condition)
            parts = [f"create policy may_{command} on {table} for {command}"]
            if command != "insert":
                parts.append(f"using ({using})")
            if command in {"insert", "update"}:
                parts.append(f"with check ({check})")
            _run(" ".join(parts))


def downgrade() -> None:
    """Take them away."""
    for table, policies in _POLICIES.items():
        for command in policies:
            _run(f"drop policy may_{command} on {table}")
        _run(f"alter table {table} disable row level security")
    for name in _FUNCTIONS:
        _run(f"drop function {name}")


def _run(script: str) -> None:
    # Colons and percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
