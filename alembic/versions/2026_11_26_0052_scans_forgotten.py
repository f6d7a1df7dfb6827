"""Scans that a device had kept go with the manifest that they are about; those that no paper named go after their time.

Revision ID: 0052
Revises: 0051
"""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
# What waits for a decision stays, and so does what an authority holds.
_FORGET = """
create function gate_scans_forget(before timestamptz) returns integer language plpgsql security definer
set search_path = public, pg_temp as $$
declare counted integer;
begin
  with gone as (
    delete from gate_scans scan where scan.state <> 'to_decide' and case
      when scan.manifest_id is null then scan.recorded_at < before and not exists (
        select from legal_holds held
        where held.ended_at is null and held.subject_id in (scan.site_id, scan.organisation_id))
      else not exists (
        select from manifests manifest where manifest.id = scan.manifest_id and manifest.purged_at is null)
    end
    returning 1
  )
  select count(*) into counted from gone;
  return counted;
end $$
"""


def upgrade() -> None:
    """Make the function of the nightly sweep."""
    op.execute(_FORGET)
    op.execute("revoke execute on function gate_scans_forget from public")
    op.execute(f"grant execute on function gate_scans_forget to {_APP}")


def downgrade() -> None:
    """Take it away."""
    op.execute("drop function gate_scans_forget")
