"""Row-level security: PostgreSQL itself shows each party what is theirs.

How a policy is written here, and in later migrations:

- The settings are read in a sub-select, so that they are read once for a statement (an init plan) and not per row.
- A sighting is asked for by `(select true from sightings where <whole key>)`, not by `exists`. The planner may turn
  `exists` into a hash over all that the viewer sees, tens of thousands of rows to show fifty; a scalar sub-select is
  always the one look into the key.
- The condition of a change is the condition of sight, word for word: PostgreSQL then looks once, not twice. Who may
  change at all stands in WITH CHECK.
- A policy that needs a table whose policy needs this one goes through a SECURITY DEFINER function. Each of them
  answers one narrow question, with a fixed search path, and is executable by the application alone.

Revision ID: 0010
Revises: 0009
"""
# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_SIGNED_IN = "(select current_setting('wastetrack.viewer', true) <> '')"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_PLATFORM = "(select current_setting('wastetrack.viewer', true) = 'p')"
_BUSINESS = "(select current_setting('wastetrack.viewer', true) ~ '^[or]:')"


def _seen(kind: str, column: str) -> str:
    """A sighting of this thing by whoever looks."""
    return (
        f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = '{kind}' "
        f"and sight.subject_id = {column})"
    )


def _watches(region: str) -> str:
    """An authority over this county looks."""
    return f"{_VIEWER} = any (array['r:' || left({region}, 2), 'r:' || left({region}, 4), 'r:' || {region}])"


def _own_site(column: str) -> str:
    return f"(select site.organisation_id = {_ORGANISATION} from sites site where site.id = {column})"


def _site(column: str) -> str:
    """The site is one's own, or in the region that one watches."""
    return (
        f"(select site.organisation_id = {_ORGANISATION} or {_watches('site.region_code')} "
        f"from sites site where site.id = {column})"
    )


def _manages(organisation: str) -> str:
    """Whoever may enter something into the register for an organisation: itself, its authorities, the platform."""
    return (
        f"{organisation} = {_ORGANISATION} or {_PLATFORM} or (select {_watches('firm.region_code')} "
        f"from organisations firm where firm.id = {organisation})"
    )


def _permits(permit: str) -> str:
    """An authority over the holder of this permit looks."""
    return (
        f"(select {_watches('firm.region_code')} from permits permit "
        f"join organisations firm on firm.id = permit.organisation_id where permit.id = {permit})"
    )


_ON_MANIFEST = _seen("manifest", "manifest_id")
_OF_SHIPPER = f"(select of.shipper_id = {_ORGANISATION} from manifests of where of.id = manifest_id)"
_MANIFEST_THERE = "(select true from manifests of where of.id = manifest_id)"
# The shipper sees its own paper from before it is shown to anybody; then it stands in sightings too.
_MANIFEST = f"shipper_id = {_ORGANISATION} or {_seen('manifest', 'id')}"
_CONTAINER = f"{_seen('container', 'id')} or sight_named(id)"
_STORE = f"{_seen('store', 'id')} or {_own_site('site_id')} or {_PLATFORM}"
_DRIVER = f"organisation_id = {_ORGANISATION} or {_PLATFORM} or {_seen('driver', 'id')} or sight_driver(id)"
_HELD = f"{_site('holder_id')} or {_seen('manifest', 'holder_id')}"
_ANSWER = (
    f"(select member.person_id = {_PERSON} and member.organisation_id = {_ORGANISATION} "
    "from memberships member where member.id = membership_id)"
)

# Table → command → condition: USING for select and delete, WITH CHECK for insert; for update a pair of both.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "sightings": {"select": f"viewer = {_VIEWER}"},
    "manifests": {
        "select": _MANIFEST,
        "insert": f"shipper_id = {_ORGANISATION} and {_FIRM}",
        "update": (_MANIFEST, _FIRM),
    },
    "manifest_legs": {
        "select": _ON_MANIFEST,
        "insert": _OF_SHIPPER,
        "update": (_ON_MANIFEST, _FIRM),
        "delete": _OF_SHIPPER,
    },
    "manifest_containers": {
        "select": _ON_MANIFEST,
        # A paper shows what it names: so it may only name what its shipper sees.
        "insert": f"{_OF_SHIPPER} and (select true from containers named where named.id = container_id)",
        "update": (_ON_MANIFEST, _FIRM),
        "delete": _OF_SHIPPER,
    },
    "manifest_signatures": {
        "select": _ON_MANIFEST,
        "insert": f"organisation_id = {_ORGANISATION} and person_id = {_PERSON} and {_FIRM} and {_MANIFEST_THERE}",
    },
    "manifest_corrections": {
        "select": _ON_MANIFEST,
        "insert": f"requested_by = {_PERSON} and {_FIRM} and {_MANIFEST_THERE}",
        "update": (_ON_MANIFEST, _FIRM),
    },
    "permit_bookings": {
        "select": _ON_MANIFEST,
        "insert": f"{_FIRM} and {_MANIFEST_THERE}",
        "update": (_ON_MANIFEST, _FIRM),
    },
    # How much of its permit a plant has left is asked and taken by whoever files a manifest to it.
    "permit_uses": {"select": _BUSINESS, "insert": _FIRM, "update": (_BUSINESS, _FIRM)},
    "containers": {
        "select": _CONTAINER,
        "insert": f"organisation_id = {_ORGANISATION} and {_FIRM}",
        "update": (_CONTAINER, _FIRM),
    },
    "container_lineage": {
        "select": f"{_seen('container', 'parent_id')} or {_seen('container', 'child_id')}",
        "insert": f"{_FIRM} and {_seen('container', 'parent_id')} and {_seen('container', 'child_id')}",
    },
    "container_serials": {
        "select": f"organisation_id = {_ORGANISATION}",
        "insert": f"organisation_id = {_ORGANISATION} and {_FIRM}",
        "update": (f"organisation_id = {_ORGANISATION}", f"organisation_id = {_ORGANISATION} and {_FIRM}"),
    },
    "treatment_batches": {"select": _site("site_id"), "insert": f"{_own_site('site_id')} and {_FIRM}"},
    # An entry has the id of the event that states it.
    "accounts": {"select": _HELD},
    "entries": {"select": "sight_event(id)"},
    "postings": {"select": "(select true from accounts held where held.id = account_id) or sight_event(entry_id)"},
    "log_leaves": {"select": "sight_arrival(arrival)"},
    "log_subjects": {
        "select": f"(select true from sightings sight where sight.viewer = {_VIEWER} "
        "and sight.subject_id = log_subjects.subject_id limit 1) or sight_arrival(arrival)"
    },
    "log_personal": {"select": "sight_event(leaf_id)"},
    "answered_requests": {"select": _ANSWER, "insert": _ANSWER, "update": (_ANSWER, _ANSWER)},
    # The register is public to whoever is signed in; drivers and stores are not.
    "organisations": {
        "select": _SIGNED_IN,
        "insert": f"{_PLATFORM} or {_watches('region_code')}",
        "update": (_SIGNED_IN, f"id = {_ORGANISATION} or {_PLATFORM} or {_watches('region_code')}"),
    },
    "sites": {
        "select": _SIGNED_IN,
        "insert": _manages("organisation_id"),
        "update": (_SIGNED_IN, _manages("organisation_id")),
    },
    "stores": {
        "select": _STORE,
        "insert": f"{_own_site('site_id')} or {_PLATFORM}",
        "update": (_STORE, f"{_own_site('site_id')} or {_PLATFORM}"),
    },
    "vehicles": {
        "select": _SIGNED_IN,
        "insert": _manages("organisation_id"),
        "update": (_SIGNED_IN, _manages("organisation_id")),
    },
    "drivers": {
        "select": _DRIVER,
        "insert": f"organisation_id = {_ORGANISATION} or {_PLATFORM}",
        "update": (_DRIVER, f"organisation_id = {_ORGANISATION} or {_PLATFORM}"),
    },
    "transport_licences": {"select": _SIGNED_IN, "insert": _manages("organisation_id")},
    "permits": {
        "select": _SIGNED_IN,
        "insert": f"(select {_watches('firm.region_code')} from organisations firm where firm.id = organisation_id)",
    },
    "permit_items": {"select": _SIGNED_IN, "insert": _permits("permit_id")},
    "permit_suspensions": {
        "select": _SIGNED_IN,
        "insert": _permits("permit_id"),
        "update": (_SIGNED_IN, _permits("permit_id")),
    },
}


def upgrade() -> None:
    """Make the policies."""
    for table, policies in _POLICIES.items():
        _secure(table, policies)


def _secure(table: str, policies: dict[str, str | tuple[str, str]]) -> None:
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
    """Everybody with a grant sees everything again."""
    for table, policies in _POLICIES.items():
        for command in policies:
            _run(f"drop policy may_{command} on {table}")
        _run(f"alter table {table} disable row level security")


def _run(script: str) -> None:
    # Colons and percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
