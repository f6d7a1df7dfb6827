"""Assessments of capacity that authorities ask for, with the result as it was found; and the ledger's sums for them.

An assessment is seen by the authorities over its region: a province sees those of its prefectures, never the reverse.

Revision ID: 0072
Revises: 0062
"""

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_SEEN = (
    "region like (select case when current_setting('wastetrack.viewer', true) like 'r:%' "
    "then substr(current_setting('wastetrack.viewer', true), 3) || '%' end)"
)
_OWN = f"{_SEEN} and organisation_id = {_ORGANISATION}"

_TABLE = """create table capacity_runs (
  id uuid not null,
  organisation_id uuid not null,
  task_id uuid,
  region text not null,
  year smallint not null,
  scenario text not null,
  title text not null,
  question jsonb not null,
  asked_at timestamptz not null,
  made_at timestamptz,
  seconds double precision,
  supply_g bigint,
  unmatched_g bigint,
  result jsonb,
  constraint pk_capacity_runs primary key (id),
  constraint ck_capacity_runs_region check (region ~ '^([0-9]{2}){1,3}$'),
  constraint ck_capacity_runs_year check (year between 2020 and 2100),
  constraint ck_capacity_runs_scenario check (scenario in ('as_it_is', 'outage', 'retirement', 'new_plant',
    'more_supply', 'sharing')),
  constraint ck_capacity_runs_made check ((made_at is null) = (result is null) and (made_at is null) = (seconds is null)
    and (made_at is null) = (supply_g is null) and (made_at is null) = (unmatched_g is null)),
  constraint fk_capacity_runs_organisation_id foreign key (organisation_id) references organisations (id)
)"""

# What arose by the ledger, by month of the legal year, what was treated and what treatment left; and what stands there
# now. Whose site it is is asked once.
_LEDGER = """
create function capacity_ledger(of_region text, since timestamptz, until timestamptz)
returns table (site_id uuid, waste_code text, fact text, month integer, grams bigint)
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  eyes constant text := current_setting('wastetrack.viewer', true);
  own_firm constant uuid := nullif(current_setting('wastetrack.organisation', true), '')::uuid;
  unbound constant boolean := sight_unbound();
begin
  return query
  with mine as materialized (
    select site.id from sites site
    where site.region_code like of_region || '%'
      and (unbound or site.organisation_id = own_firm or eyes = any (array['r:' || left(site.region_code, 2),
        'r:' || left(site.region_code, 4), 'r:' || site.region_code]))
  )
  select account.holder_id, account.waste_code,
    case account.kind when 'residue_source' then 'residue' else account.kind end,
    extract(month from entry.happened_at at time zone 'Asia/Shanghai')::integer,
    (sum(posting.amount_g) * case account.kind when 'treated' then 1 else -1 end)::bigint
  from mine join accounts account on account.holder_id = mine.id
    and account.kind in ('generated', 'residue_source', 'treated')
  join postings posting on posting.account_id = account.id join entries entry on entry.id = posting.entry_id
  where entry.happened_at >= since and entry.happened_at < until
  group by account.holder_id, account.waste_code, account.kind, 4
  union all
  select account.holder_id, account.waste_code, 'stored', 0, sum(account.balance_g)::bigint
  from mine join accounts account on account.holder_id = mine.id and account.kind = 'stored'
  group by 1, 2 having sum(account.balance_g) > 0;
end $$
"""


def upgrade() -> None:
    """Make the table, who sees it, and the function."""
    _run(_TABLE)
    _run("create index ix_capacity_runs_region_asked_at on capacity_runs (region, asked_at)")
    _run(f"revoke delete, truncate on capacity_runs from {_APP}")
    _run("alter table capacity_runs enable row level security")
    _run(f"create policy may_select on capacity_runs for select using ({_SEEN})")
    _run(f"create policy may_insert on capacity_runs for insert with check ({_OWN})")
    _run(f"create policy may_update on capacity_runs for update using ({_SEEN}) with check ({_OWN})")
    _run(_LEDGER)
    _run("revoke execute on function capacity_ledger from public")
    _run(f"grant execute on function capacity_ledger to {_APP}")


def downgrade() -> None:
    """Take them away."""
    _run("drop function capacity_ledger")
    op.drop_table("capacity_runs")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
