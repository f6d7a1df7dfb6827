"""Requests of persons to be erased, what erasing does, and who sees which looks."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_PLATFORM = "(select current_setting('wastetrack.viewer', true) = 'p')"
# A firm sees looks at what it sees itself, at itself and at its sites; whoever looked sees that he did.
_CONCERNED = f"""
person_id = {_PERSON} or ({_FIRM} and (
  subject_id = {_ORGANISATION}
  or (select site.organisation_id = {_ORGANISATION} from sites site where site.id = subject_id)
  or (select true from sightings sight where sight.viewer = {_VIEWER} and sight.subject_id = looks.subject_id limit 1)
  or (kind = 'event' and (select true from log_leaves leaf where leaf.id = subject_id))
))
"""  # noqa: S608  constants of this file
# Table → command → condition, as in the migration that secures the other tables.
_POLICIES: dict[str, dict[str, str]] = {
    "looks": {"select": _CONCERNED, "insert": f"person_id = {_PERSON} and viewer = {_VIEWER}"},
    "erasure_requests": {
        "select": f"person_id = {_PERSON} or {_PLATFORM}",
        "insert": f"person_id = {_PERSON}",
        "update": _PLATFORM,
    },
}
_REVOKED = {"looks": "update, delete, truncate", "erasure_requests": "delete, truncate"}
# The operator erases what it never sees. Whoever may act as the owner of the tables is not bound.
_DEMAND_PLATFORM = """
  if not (pg_has_role(session_user, current_user, 'member') or current_setting('wastetrack.viewer', true) = 'p') then
    raise exception 'Only the platform erases.' using errcode = 'insufficient_privilege';
  end if;"""
_FUNCTIONS: dict[str, tuple[str, str]] = {
    # The events whose personal parts name a person, in their order.
    "privacy_openings(person uuid)": (
        "table (leaf_id uuid, event_kind text, recorded_at timestamptz) stable",
        """
  return query select leaf.id, leaf.kind, leaf.recorded_at
  from log_personal personal join log_leaves leaf on leaf.id = personal.leaf_id
  where personal.body ->> 'person' = person::text order by leaf.arrival;""",
    ),
    "privacy_erase(leaves uuid[])": ("void", "\n  delete from log_personal where leaf_id = any (leaves);"),
    # The last trip of each of these drivers.
    "privacy_trips(drivers uuid[])": (
        "table (driver_id uuid, last_at timestamptz) stable",
        """
  return query select leg.driver_id, max(manifest.last_act_at)
  from manifest_legs leg join manifests manifest on manifest.id = leg.manifest_id
  where leg.driver_id = any (drivers) group by leg.driver_id;""",
    ),
    # Answers kept for repeated requests of a person.
    "privacy_forget_answers(person uuid)": (
        "void",
        """
  delete from answered_requests answered using memberships member
  where member.id = answered.membership_id and member.person_id = person;""",
    ),
}


def upgrade() -> None:
    """Make the table, the functions, and the policies of looks and requests."""
    op.create_table(
        "erasure_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(answered_at is null) = (event_id is null)", name="ck_erasure_requests_answered_whole"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_erasure_requests_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_requests"),
    )
    op.create_index(
        "uq_erasure_requests_open",
        "erasure_requests",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("answered_at is null"),
    )
    _secure()


def _secure() -> None:
    for signature, (result, body) in _FUNCTIONS.items():
        _run(
            f"create function {signature} returns {result} language plpgsql security definer "
            f"set search_path = public, pg_temp as $$ begin {_DEMAND_PLATFORM}{body} end $$"
        )
        _run(f"revoke execute on function {signature.partition('(')[0]} from public")
        _for_the_application(f"grant execute on function {signature.partition('(')[0]} to {_APP}")
    for table, changes in _REVOKED.items():
        _for_the_application(f"revoke {changes} on {table} from {_APP}")
    for table, policies in _POLICIES.items():
        _run(f"alter table {table} enable row level security")
        for command, condition in policies.items():
            using = "" if command == "insert" else f" using ({condition})"
            check = "" if command == "select" else f" with check ({condition})"
            _run(f"create policy may_{command} on {table} for {command}{using}{check}")


def _for_the_application(statement: str) -> None:
    """Where the cluster has the application's role."""
    _run(f"do $do$ begin if exists (select from pg_roles where rolname = '{_APP}') then {statement}; end if; end $do$")


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)


def downgrade() -> None:
    """Take them away."""
    for signature in _FUNCTIONS:
        _run(f"drop function {signature.partition('(')[0]}")
    for command in _POLICIES["looks"]:
        _run(f"drop policy may_{command} on looks")
    _run("alter table looks disable row level security")
    op.drop_table("erasure_requests")
