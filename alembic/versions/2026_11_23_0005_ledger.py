"""The mass ledger: accounts, entries, postings, and the triggers that keep them true.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# One trigger per INSERT statement, over the rows it adds. Each statement must be balanced per entry and code, so the
# sum over any entry is zero at every moment, not only at commit. Accounts are locked in id order before any balance
# is touched: two movements over the same accounts queue up and cannot deadlock.
_KEEP = """
create function ledger_keep_balances() returns trigger language plpgsql as $$
declare off record;
begin
  select entry_id, waste_code, sum(amount_g) as grams into off
    from added group by entry_id, waste_code having sum(amount_g) <> 0 limit 1;
  if found then
    raise exception 'entry % is unbalanced: % is off by % g', off.entry_id, off.waste_code, off.grams
      using errcode = 'check_violation', constraint = 'ck_postings_balanced', table = 'postings';
  end if;
  if exists (
    select from added join accounts on accounts.id = account_id where accounts.waste_code <> added.waste_code
  ) then
    raise exception 'a posting and its account disagree on the waste code'
      using errcode = 'check_violation', constraint = 'ck_postings_code', table = 'postings';
  end if;
  perform from accounts where id in (select account_id from added) order by id for no key update;
  update accounts set balance_g = balance_g + moved.grams
    from (select account_id, sum(amount_g) as grams from added group by account_id) moved
    where accounts.id = moved.account_id;
  return null;
end $$
"""

_REFUSE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'restrict_violation', table = tg_table_name;
end $$
"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("balance_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint(
            "holder_id", "kind", "detail", "waste_code", name="uq_accounts_holder_id_kind_detail_waste_code"
        ),
        sa.CheckConstraint(
            "kind in ('generated', 'stored', 'in_transit', 'treated', 'residue_source', 'reclassified', "
            "'discrepancy', 'opening')",
            name="ck_accounts_kind",
        ),
        sa.CheckConstraint(
            "kind not in ('stored', 'in_transit', 'treated') or balance_g >= 0", name="ck_accounts_never_negative"
        ),
    )
    op.create_table(
        "entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.UniqueConstraint("reverses_id", name="uq_entries_reverses_id"),
        sa.ForeignKeyConstraint(["reverses_id"], ["entries.id"], name="fk_entries_reverses_id"),
        sa.CheckConstraint(
            "kind in ('generated', 'reweighed', 'picked_up', 'received', 'missing', 'sent_back', 'treated', 'residue', "
            "'reclassified', 'repacked', 'stock_taken', 'opened', 'reversed')",
            name="ck_entries_kind",
        ),
    )
    op.create_table(
        "postings",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("amount_g", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("scale_id", sa.Text(), nullable=True),
        sa.Column("uncertainty_g", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", "line", name="pk_postings"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_postings_entry_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_postings_account_id"),
        sa.CheckConstraint("amount_g <> 0", name="ck_postings_not_zero"),
        sa.CheckConstraint("uncertainty_g >= 0", name="ck_postings_uncertainty"),
        sa.CheckConstraint(
            "method in ('truck_scale', 'platform_scale', 'estimate', 'count', 'declared')", name="ck_postings_method"
        ),
    )
    op.create_index("ix_postings_account_id_entry_id", "postings", ["account_id", "entry_id"])
    op.execute(_KEEP)
    op.execute(_REFUSE)
    op.execute(
        "create trigger keep_balances after insert on postings referencing new table as added "
        "for each statement execute function ledger_keep_balances()"
    )
    for table in ("entries", "postings"):
        op.execute(
            f"create trigger append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    """Take the tables away, with all they hold."""
    op.drop_table("postings")
    op.drop_table("entries")
    op.drop_table("accounts")
    op.execute("drop function ledger_keep_balances()")
    op.execute("drop function refuse_change()")
