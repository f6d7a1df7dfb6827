"""Imports of files with what was found in them and what was made of them; many entries of the ledger at once.

Revision ID: 0041b
Revises: 0041
"""

# ruff: noqa: S608  the conditions are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041b"
down_revision = "0041"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_OWN = f"{_FIRM} and organisation_id = {_ORGANISATION}"
_OF_OWN = (
    f"{_FIRM} and (select import.organisation_id = {_ORGANISATION} from imports import where import.id = import_id)"
)
_POLICIES = {"imports": _OWN, "import_files": _OF_OWN, "import_findings": _OF_OWN, "import_made": _OF_OWN}
_POST_MANY = """
create function ledger_post_many(entries_of uuid[], stated text[], weighed text[], scales text[], uncertainties bigint[],
  happened timestamptz, recorded timestamptz, of_entry uuid[], lines integer[], ids uuid[], kinds text[],
  holders uuid[], details text[], codes text[], grams bigint[])
returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not (sight_unbound() or current_setting('wastetrack.viewer', true) like 'o:%') then
    raise exception 'No firm moves this mass.' using errcode = 'insufficient_privilege';
  end if;
  insert into accounts (id, kind, holder_id, detail, waste_code)
  select distinct on (given.id) given.id, given.kind, given.holder_id, given.detail, given.waste_code
  from unnest(ids, kinds, holders, details, codes) as given (id, kind, holder_id, detail, waste_code)
  order by given.id
  on conflict (id) do nothing;
  insert into entries (id, kind, happened_at, recorded_at, reverses_id)
  select given.id, given.kind, happened, recorded, null from unnest(entries_of, stated) as given (id, kind);
  insert into postings (entry_id, line, account_id, waste_code, amount_g, method, scale_id, uncertainty_g)
  select posting.entry_id, posting.line, posting.account_id, posting.code, posting.grams,
    entry.method, entry.scale_id, entry.uncertainty_g
  from unnest(of_entry, lines, ids, codes, grams) as posting (entry_id, line, account_id, code, grams)
  join unnest(entries_of, weighed, scales, uncertainties) as entry (id, method, scale_id, uncertainty_g)
    on entry.id = posting.entry_id;
end $$
"""
# Whether the long work of an import still goes on: to its whole organisation, though a task is its person's alone.
_TASK_STATE = """
create function long_task_state(task uuid) returns text stable language sql security definer
set search_path = public, pg_temp as $$ select state from long_tasks where id = task $$
"""


def upgrade() -> None:
    """Make the tables, their policies and the function."""
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("bad_rows", sa.Integer(), nullable=False),
        sa.Column("summary", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('containers', 'manifests')", name="ck_imports_kind"),
        sa.CheckConstraint(
            "state in ('checking', 'refused', 'ready', 'importing', 'imported', 'withdrawn')", name="ck_imports_state"
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="ck_imports_sha256"),
        sa.CheckConstraint("(state = 'imported') = (imported_at is not null)", name="ck_imports_imported"),
        sa.CheckConstraint("(confirmed_at is null) = (confirmed_by is null)", name="ck_imports_confirmed"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_imports_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_imports_site_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_imports_person_id"),
        sa.ForeignKeyConstraint(["confirmed_by"], ["people.id"], name="fk_imports_confirmed_by"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_organisation_id_created_at", "imports", ["organisation_id", "created_at"])
    op.create_index("ix_imports_organisation_id_sha256", "imports", ["organisation_id", "sha256"])
    _part(
        "import_files",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("role in ('sent', 'marked')", name="ck_import_files_role"),
        key=("import_id", "role"),
    )
    _part(
        "import_findings",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=True),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("severity in ('error', 'warning')", name="ck_import_findings_severity"),
        key=("import_id", "position"),
    )
    _part(
        "import_made",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        key=("import_id", "position"),
    )
    for table, own in _POLICIES.items():
        _run(f"alter table {table} enable row level security")
        _run(f"create policy own on {table} using ({own}) with check ({own})")
    for function, script in (("ledger_post_many", _POST_MANY), ("long_task_state", _TASK_STATE)):
        _run(script)
        _run(f"revoke execute on function {function} from public")
        _run(f"grant execute on function {function} to {_APP}")


def downgrade() -> None:
    """Take them away."""
    _run("drop function long_task_state")
    _run("drop function ledger_post_many")
    for table in ("import_made", "import_findings", "import_files", "imports"):
        op.drop_table(table)


def _part(table: str, *columns: sa.Column[object] | sa.CheckConstraint, key: tuple[str, str]) -> None:
    op.create_table(
        table,
        sa.Column("import_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=f"fk_{table}_import_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
