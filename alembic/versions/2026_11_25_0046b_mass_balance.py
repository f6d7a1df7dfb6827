"""Sums of the ledger by site, code and fact for a period: for the owner of the site and the authorities over it.

Row by row, an authority's sight of an entry goes by the log; over a year of a province that is a question per entry.
This function asks once whose site it is, and gives nothing but sums.

Revision ID: 0046b
Revises: 0046
"""

from alembic import op

revision = "0046b"
down_revision = "0046"
branch_labels = None
depends_on = None

# `opening`: all before the period; then each kind of entry, `+` in and `-` out (a reversal counts with what it
# reverses); `balance`: what the account holds now, as the ledger's own trigger keeps it; `less_on_arrival`: how much less
# than declared came in by manifests to this site.
_BALANCE = """
create function mass_balance(since timestamptz, until timestamptz, of_site uuid, of_region text)
returns table (site_id uuid, waste_code text, fact text, grams bigint) language plpgsql stable security definer
set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  eyes constant text := current_setting('wastetrack.viewer', true);
  own_firm constant uuid := nullif(current_setting('wastetrack.organisation', true), '')::uuid;
begin
  return query
  with mine as materialized (
    select site.id from sites site
    where (of_site is null or site.id = of_site) and site.region_code like of_region || '%'
      and (site.organisation_id = own_firm or eyes = any (array['r:' || left(site.region_code, 2),
        'r:' || left(site.region_code, 4), 'r:' || site.region_code]))
  ), held as (
    select account.id, account.holder_id, account.waste_code, account.balance_g
    from mine join accounts account on account.holder_id = mine.id and account.kind = 'stored'
  )
  select held.holder_id, held.waste_code,
    case when entry.happened_at < since then 'opening'
      else coalesce(reversed.kind, entry.kind) || case
        when (posting.amount_g > 0) = (reversed.id is null) then '+' else '-' end end as fact,
    sum(posting.amount_g)::bigint
  from held join postings posting on posting.account_id = held.id join entries entry on entry.id = posting.entry_id
  left join entries reversed on reversed.id = entry.reverses_id
  where entry.happened_at < until
  group by 1, 2, 3
  union all
  select held.holder_id, held.waste_code, 'balance', sum(held.balance_g)::bigint from held group by 1, 2
  union all
  select manifest.receiver_site_id, difference.waste_code, 'less_on_arrival', sum(posting.amount_g)::bigint
  from mine join manifests manifest on manifest.receiver_site_id = mine.id
  join accounts difference on difference.holder_id = manifest.id and difference.kind = 'discrepancy'
  join postings posting on posting.account_id = difference.id join entries entry on entry.id = posting.entry_id
  where entry.happened_at >= since and entry.happened_at < until group by 1, 2;
end $$
"""


def upgrade() -> None:
    """Make the function."""
    _run(_BALANCE)
    _run("revoke execute on function mass_balance from public")
    _run("grant execute on function mass_balance to wastetrack_app")


def downgrade() -> None:
    """Take it away."""
    _run("drop function mass_balance")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
