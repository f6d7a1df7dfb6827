"""Approvals that a transfer rests on, exemptions that a manifest claims, and general industrial solid waste.

Row-level security in the form of the migration that made the application's role.

Revision ID: 0027
Revises: 0026
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_INSTANT = sa.DateTime(timezone=True)
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_BUSINESS = "(select current_setting('wastetrack.viewer', true) ~ '^[or]:')"
_BASES = "'permit', 'exempt', 'point_to_point', 'group_internal', 'general'"


def _seen(kind: str, column: str) -> str:
    """A sighting of this thing by whoever looks."""
    return (
        f"(select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = '{kind}' "
        f"and sight.subject_id = {column})"
    )


_APPROVAL = f"generator_id = {_ORGANISATION} or {_seen('approval', 'id')}"
_OF_APPROVAL = _seen("approval", "approval_id")
_OF_GENERATOR = f"(select of.generator_id = {_ORGANISATION} from approvals of where of.id = approval_id) and {_FIRM}"
_ON_MANIFEST = _seen("manifest", "manifest_id")
_OF_SHIPPER = f"(select of.shipper_id = {_ORGANISATION} from manifests of where of.id = manifest_id)"
_USE = f"{_ON_MANIFEST} or {_OF_APPROVAL}"
# Table → command → condition; for update a pair of USING and WITH CHECK where they differ.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    # Firm and authorities move it on; which of them at which step is the use case's rule.
    "approvals": {
        "select": _APPROVAL,
        "insert": f"generator_id = {_ORGANISATION} and {_FIRM}",
        "update": (_APPROVAL, _BUSINESS),
    },
    # What is taken of a line, and given back, by whoever signs a manifest's step.
    "approval_items": {
        "select": _OF_APPROVAL,
        "insert": _OF_GENERATOR,
        "update": (_OF_APPROVAL, _FIRM),
        "delete": _OF_GENERATOR,
    },
    "approval_documents": {"select": _OF_APPROVAL, "insert": _OF_GENERATOR},
    "approval_uses": {
        "select": _USE,
        "insert": f"{_FIRM} and {_OF_APPROVAL} and (select true from manifests of where of.id = manifest_id)",
        "update": (_USE, _FIRM),
        "delete": f"{_FIRM} and {_OF_SHIPPER}",
    },
    "manifest_exemptions": {"select": _ON_MANIFEST, "insert": _OF_SHIPPER, "delete": _OF_SHIPPER},
}
_REVOKED = {
    "approvals": "delete, truncate",
    "approval_items": "truncate",
    "approval_documents": "update, delete, truncate",
    "approval_uses": "truncate",
    "manifest_exemptions": "update, truncate",
}
# A carrier sees the manifest and not the application; what the manifest rests on, and until when, is printed on it.
_STANDING = f"""
create function manifest_approvals(manifest uuid)
returns table (approval_id uuid, kind text, number text, state text, valid_from date, valid_to date,
  waste_code text, booked_g bigint)
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  if sight_unbound() or (
    select true from sightings sight where sight.viewer = current_setting('wastetrack.viewer', true)
      and sight.kind = 'manifest' and sight.subject_id = manifest
  ) then
    return query select use.approval_id, held.kind, held.number, held.state, held.valid_from, held.valid_to,
      use.waste_code, use.booked_g
    from approval_uses use join approvals held on held.id = use.approval_id
    where use.manifest_id = manifest order by held.kind, held.id, use.waste_code;
  end if;
end $$;
revoke execute on function manifest_approvals from public;
grant execute on function manifest_approvals to {_APP};
"""


def upgrade() -> None:
    """Make the tables, the policies and the function."""
    _approvals()
    _parts()
    _exemptions_and_general_waste()
    _run(_STANDING)
    for table, changes in _REVOKED.items():
        _run(f"revoke {changes} on {table} from {_APP}")
    for table, policies in _POLICIES.items():
        _secure(table, policies)


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        *(
            sa.Column(name, sa.Uuid(), nullable=False)
            for name in ("generator_id", "shipper_site_id", "receiver_id", "receiver_site_id")
        ),
        sa.Column("origin_region", sa.Text(), nullable=False),
        sa.Column("destination_region", sa.Text(), nullable=False),
        sa.Column("deciding", sa.Text(), nullable=False),
        sa.Column("replying", sa.Text()),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("group_name", sa.Text(), server_default="", nullable=False),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("replaces_id", sa.Uuid()),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_act_at", _INSTANT, nullable=False),
        *(
            sa.Column(f"{step}_at", _INSTANT)
            for step in ("submitted", "noticed", "accepted", "consulted", "replied", "decided")
        ),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.CheckConstraint(
            "kind in ('cross_province', 'point_to_point', 'group_internal', 'record_of_use')", name="ck_approvals_kind"
        ),
        sa.CheckConstraint(
            "state in ('draft', 'submitted', 'returned_for_correction', 'accepted', 'reviewed', 'consulted', "
            "'agreed_by_destination', 'declined_by_destination', 'approved', 'refused', 'withdrawn', 'expired', "
            "'superseded')",
            name="ck_approvals_state",
        ),
        sa.CheckConstraint(f"basis in ({_BASES})", name="ck_approvals_basis"),
        sa.CheckConstraint("to_on >= from_on", name="ck_approvals_period"),
        sa.CheckConstraint("deciding ~ '^[0-9]{2}([0-9]{2})?$'", name="ck_approvals_deciding"),
        sa.CheckConstraint("replying ~ '^[0-9]{2}$'", name="ck_approvals_replying"),
        sa.CheckConstraint(
            "state not in ('approved', 'expired', 'superseded') or (valid_from is not null and valid_to is not null)",
            name="ck_approvals_approved_for_days",
        ),
        sa.CheckConstraint(
            "state = 'draft' or state = 'withdrawn' or submitted_at is not null", name="ck_approvals_submitted"
        ),
        sa.ForeignKeyConstraint(["generator_id"], ["organisations.id"], name="fk_approvals_generator_id"),
        sa.ForeignKeyConstraint(["shipper_site_id"], ["sites.id"], name="fk_approvals_shipper_site_id"),
        sa.ForeignKeyConstraint(["receiver_id"], ["organisations.id"], name="fk_approvals_receiver_id"),
        sa.ForeignKeyConstraint(["receiver_site_id"], ["sites.id"], name="fk_approvals_receiver_site_id"),
        sa.ForeignKeyConstraint(["replaces_id"], ["approvals.id"], name="fk_approvals_replaces_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_generator_id_shipper_site_id", "approvals", ["generator_id", "shipper_site_id"])
    op.create_index("ix_approvals_receiver_id", "approvals", ["receiver_id"])


def _parts() -> None:
    op.create_table(
        "approval_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("waste_name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("quantity_g", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("booked_g", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("form in ('solid', 'semi_solid', 'liquid', 'gas')", name="ck_approval_items_form"),
        sa.CheckConstraint("quantity_g > 0", name="ck_approval_items_quantity"),
        sa.CheckConstraint("booked_g >= 0", name="ck_approval_items_booked"),
        sa.ForeignKeyConstraint(["approval_id"], ["approvals.id"], name="fk_approval_items_approval_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approval_items"),
        sa.UniqueConstraint(
            "approval_id", "waste_code", "method", name="uq_approval_items_approval_id_waste_code_method"
        ),
    )
    op.create_table(
        "approval_documents",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind in ('permit_copy', 'method_description', 'contract', 'local_document')",
            name="ck_approval_documents_kind",
        ),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachments.id"], name="fk_approval_documents_attachment_id"),
        sa.ForeignKeyConstraint(["approval_id"], ["approvals.id"], name="fk_approval_documents_approval_id"),
        sa.PrimaryKeyConstraint("attachment_id", name="pk_approval_documents"),
    )
    op.create_index("ix_approval_documents_approval_id", "approval_documents", ["approval_id"])
    op.create_table(
        "approval_uses",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("approval_id", sa.Uuid(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("booked_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("booked_g >= 0", name="ck_approval_uses_booked"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_approval_uses_manifest_id"),
        sa.ForeignKeyConstraint(["item_id"], ["approval_items.id"], name="fk_approval_uses_item_id"),
        sa.ForeignKeyConstraint(["approval_id"], ["approvals.id"], name="fk_approval_uses_approval_id"),
        sa.PrimaryKeyConstraint("manifest_id", "item_id", name="pk_approval_uses"),
    )
    op.create_index("ix_approval_uses_item_id", "approval_uses", ["item_id"])
    op.create_index("ix_approval_uses_approval_id", "approval_uses", ["approval_id"])


def _exemptions_and_general_waste() -> None:
    op.create_table(
        "manifest_exemptions",
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_manifest_exemptions_manifest_id"),
        sa.PrimaryKeyConstraint("manifest_id", "position", name="pk_manifest_exemptions"),
    )
    op.create_table(
        "general_waste_classes",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^SW[0-9]{2}$'", name="ck_general_waste_classes_code"),
        sa.CheckConstraint(
            "certainty in ('text', 'practice', 'unconfirmed')", name="ck_general_waste_classes_certainty"
        ),
        sa.ForeignKeyConstraint(["edition_id"], ["catalogue_editions.id"], name="fk_general_waste_classes_edition_id"),
        sa.PrimaryKeyConstraint("edition_id", "code", name="pk_general_waste_classes"),
        sa.UniqueConstraint("edition_id", "position", name="uq_general_waste_classes_edition_id_position"),
    )
    op.drop_constraint("ck_catalogue_editions_list_name", "catalogue_editions")
    op.create_check_constraint(
        "ck_catalogue_editions_list_name",
        "catalogue_editions",
        "list_name in ('waste_codes', 'waste_exemptions', 'treatment_methods', 'regions', 'un_numbers', "
        "'general_waste_classes')",
    )
    op.drop_constraint("ck_containers_digital_code", "containers")
    op.create_check_constraint(
        "ck_containers_digital_code",
        "containers",
        "digital_code ~ '^[0-9A-Z]{18}([0-9X]{8}|[0-9]{6}S[0-9]{2})[0-9]{11}$'",
    )
    op.add_column("containers", sa.Column("basis", sa.Text(), server_default="permit", nullable=False))
    op.create_check_constraint("ck_containers_basis", "containers", f"basis in ({_BASES})")
    op.add_column("containers", sa.Column("basis_method", sa.Text()))


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
    """Take them away. Refused by PostgreSQL while containers of general waste stand there."""
    _run("drop function manifest_approvals")
    op.drop_column("containers", "basis_method")
    op.drop_column("containers", "basis")
    op.drop_constraint("ck_containers_digital_code", "containers")
    op.create_check_constraint(
        "ck_containers_digital_code", "containers", "digital_code ~ '^[0-9A-Z]{18}[0-9X]{8}[0-9]{11}$'"
    )
    op.drop_table("general_waste_classes")
    _run("delete from catalogue_editions where list_name = 'general_waste_classes'")
    op.drop_constraint("ck_catalogue_editions_list_name", "catalogue_editions")
    op.create_check_constraint(
        "ck_catalogue_editions_list_name",
        "catalogue_editions",
        "list_name in ('waste_codes', 'waste_exemptions', 'treatment_methods', 'regions', 'un_numbers')",
    )
    for table in ("manifest_exemptions", "approval_uses", "approval_documents", "approval_items", "approvals"):
        op.drop_table(table)


def _run(script: str) -> None:
    # Colons and percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
