"""Periodic reports as they were submitted, append-only, with their policies.

Revision ID: 0033
Revises: 0032
"""

# ruff: noqa: S608  the conditions are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_WATCHES = (
    f"{_VIEWER} = any (array['r:' || left(site.region_code, 2), 'r:' || left(site.region_code, 4), "
    "'r:' || site.region_code])"
)
_SEEN = f"(select site.organisation_id = {_ORGANISATION} or {_WATCHES} from sites site where site.id = site_id)"
_OWN = f"{_FIRM} and (select site.organisation_id = {_ORGANISATION} from sites site where site.id = site_id)"
_REFUSE = """
create function filings_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'restrict_violation', table = tg_table_name;
end $$
"""


def upgrade() -> None:
    """Make the table, its guard and its policies."""
    op.create_table(
        "periodic_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delegate_of_organisation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind in ('monthly', 'quarterly', 'yearly')", name="ck_periodic_reports_kind"),
        sa.CheckConstraint("number between 1 and 12", name="ck_periodic_reports_number"),
        sa.CheckConstraint("version >= 1 and (version = 1 or reason <> '')", name="ck_periodic_reports_version"),
        sa.CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="ck_periodic_reports_digest"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_periodic_reports_site_id"),
        sa.ForeignKeyConstraint(["submitted_by"], ["people.id"], name="fk_periodic_reports_submitted_by"),
        sa.ForeignKeyConstraint(
            ["delegate_of_organisation_id"],
            ["organisations.id"],
            name="fk_periodic_reports_delegate_of_organisation_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_periodic_reports"),
        sa.UniqueConstraint(
            "site_id", "kind", "year", "number", "version", name="uq_periodic_reports_site_id_kind_year_number_version"
        ),
    )
    _run(_REFUSE)
    _run(
        "create trigger append_only before update or delete or truncate on periodic_reports "
        "for each statement execute function filings_refuse_change()"
    )
    _run(f"revoke update, delete, truncate on periodic_reports from {_APP}")
    _run("alter table periodic_reports enable row level security")
    _run(f"create policy may_select on periodic_reports for select using ({_SEEN})")
    _run(f"create policy may_insert on periodic_reports for insert with check ({_OWN})")


def downgrade() -> None:
    """Take them away."""
    op.drop_table("periodic_reports")
    _run("drop function filings_refuse_change()")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
