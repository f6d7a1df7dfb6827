"""Erasure reaches factors, invitations, claims, links of drivers and identities of providers.

One function of the database: the operator, who erases, sees most of these rows never.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_NAME = "privacy_forget_account"
# The login is read before it gives way: an invitation to the person's address may not have been accepted yet.
_BODY = """
declare known text := (select lower(login) from people where id = person);
begin
  if not (pg_has_role(session_user, current_user, 'member') or current_setting('wastetrack.viewer', true) = 'p') then
    raise exception 'Only the platform erases.' using errcode = 'insufficient_privilege';
  end if;
  delete from passkeys where person_id = person;
  delete from totp_secrets where person_id = person;
  delete from recovery_codes where person_id = person;
  delete from known_devices where person_id = person;
  delete from pending_sign_ins where person_id = person;
  delete from account_events where person_id = person;
  delete from federated_identities where person_id = person;
  delete from provisioned_people where person_id = person;
  delete from invitation_links link using invitations invited
  where link.invitation_id = invited.id and (invited.accepted_by = person or invited.contact = known
    or invited.membership_id in (select id from memberships where person_id = person));
  update invitations set contact = lower(pseudonym), name = pseudonym,
    revoked_at = case when accepted_at is null then coalesce(revoked_at, at) else revoked_at end
  where accepted_by = person or contact = known
    or membership_id in (select id from memberships where person_id = person);
  update organisation_claims set contact_name = pseudonym, contact_phone = '', grounds = '', reason = ''
  where claimant_id = person;
  update claim_documents document set name = pseudonym || '-' || document.position
  from organisation_claims claim where claim.id = document.claim_id and claim.claimant_id = person;
  update driver_links set driver_name = pseudonym, phone = '', revoked_at = coalesce(revoked_at, at)
  where person_id = person;
end
"""


def upgrade() -> None:
    """Make the function."""
    _run(
        f"create function {_NAME}(person uuid, pseudonym text, at timestamptz) returns void language plpgsql "
        f"security definer set search_path = public, pg_temp as $$ {_BODY} $$"
    )
    _run(f"revoke execute on function {_NAME} from public")
    _run(f"grant execute on function {_NAME} to {_APP}")


def downgrade() -> None:
    """Take it away."""
    _run(f"drop function {_NAME}")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
