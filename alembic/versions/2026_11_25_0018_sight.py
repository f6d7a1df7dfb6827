"""Row-level security of signatures and attachments, and what the database does there for whoever may not look.

In the form of the migration that made the application's role. Statements of keys are events that whoever is signed in
may read: a bundle shows by them whose key it was that signed, and a public key is public.

Revision ID: 0018
Revises: 0017
"""

# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_SIGNED_IN = "(select current_setting('wastetrack.viewer', true) <> '')"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
# Shown on a device whose session is of another organisation, it is this one's to see too.
_SHOWN_HERE = (
    f"organisation_id = {_ORGANISATION} or (select member.organisation_id = {_ORGANISATION} "
    "from memberships member where member.id = device_membership_id)"
)
_SIGNED = (
    f"organisation_id = {_ORGANISATION} or (select true from sightings sight where sight.viewer = {_VIEWER} "
    "and sight.kind = 'manifest' and sight.subject_id = manifest_id)"
)
_BESIDE = (
    f"organisation_id = {_ORGANISATION} or (select true from sightings sight where sight.viewer = {_VIEWER} "
    "and sight.kind = attachments.subject_kind and sight.subject_id = attachments.subject_id)"
)
_OWN_KEY = f"person_id = {_PERSON} or organisation_id = {_ORGANISATION}"
# Table → command → condition; for update a pair of USING and WITH CHECK where they differ.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "signing_intents": {
        "select": _SHOWN_HERE,
        "insert": _SHOWN_HERE,
        "update": _SHOWN_HERE,
    },
    "signed_acts": {
        "select": _SIGNED,
        "insert": f"organisation_id = {_ORGANISATION} and person_id = {_PERSON} and {_FIRM}",
        "update": (_SIGNED, f"person_id = {_PERSON}"),
    },
    "stated_keys": {"select": _SIGNED_IN, "insert": f"person_id = {_PERSON}", "update": (_SIGNED_IN, _OWN_KEY)},
    "attachments": {"select": _BESIDE, "insert": f"organisation_id = {_ORGANISATION} and {_FIRM}"},
}
_REVOKED = {
    "signing_intents": "delete, truncate",
    "signed_acts": "delete, truncate",
    "stated_keys": "delete, truncate",
    "attachments": "update, delete, truncate",
}
_LEAF = "sight_arrival(arrival)"
_LEAF_OR_KEY = f"""
{_LEAF} or ({_SIGNED_IN} and (
  (select true from stated_keys key where key.enrolled_event_id = log_leaves.id)
  or (select true from stated_keys key where key.revoked_event_id = log_leaves.id)
))
"""
_FUNCTIONS = {
    # Statements that nobody signed in time, of all members: for the nightly job.
    "forget_intents(before timestamptz)": "delete from signing_intents where expires_at < before;",
    # What a person signed stays signed; the words in which it was told name him.
    "privacy_forget_signer(person uuid)": """
  if not (pg_has_role(session_user, current_user, 'member') or current_setting('wastetrack.viewer', true) = 'p') then
    raise exception 'Only the platform erases.' using errcode = 'insufficient_privilege';
  end if;
  update signed_acts set words = '{}' where person_id = person;
  delete from signing_intents waiting using memberships member
  where member.id = waiting.membership_id and member.person_id = person;""",
}


def upgrade() -> None:
    """Make the policies and the functions."""
    for signature, body in _FUNCTIONS.items():
        _run(
            f"create function {signature} returns void language plpgsql security definer "
            f"set search_path = public, pg_temp as $$ begin {body} end $$"
        )
        _run(f"revoke execute on function {signature.partition('(')[0]} from public")
        _run(f"grant execute on function {signature.partition('(')[0]} to {_APP}")
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
    _run(f"alter policy may_select on log_leaves using ({_LEAF_OR_KEY})")


def downgrade() -> None:
    """Take them away."""
    _run(f"alter policy may_select on log_leaves using ({_LEAF})")
    for table, policies in _POLICIES.items():
        for command in policies:
            _run(f"drop policy may_{command} on {table}")
        _run(f"alter table {table} disable row level security")
    for signature in _FUNCTIONS:
        _run(f"drop function {signature.partition('(')[0]}")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
