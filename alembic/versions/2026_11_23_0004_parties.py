"""Organisations, sites, stores, permits, transport licences, vehicles, drivers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REGION = "region_code ~ '^[1-9][0-9]{5}$'"


def upgrade() -> None:
    """Make the tables of parties."""
    _places()
    _permits()
    _fleet()


def _places() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text()),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("credit_code ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'", name=op.f("ck_organisations_credit_code")),
        sa.CheckConstraint(
            "cardinality(kinds) > 0 and "
            "kinds <@ array['generator', 'transporter', 'disposer', 'regulator', 'operator']::text[]",
            name=op.f("ck_organisations_kinds"),
        ),
        sa.CheckConstraint(_REGION, name=op.f("ck_organisations_region_code")),
        sa.CheckConstraint(
            "(jurisdiction is not null) = ('regulator' = any (kinds))",
            name=op.f("ck_organisations_jurisdiction_of_regulator"),
        ),
        sa.CheckConstraint("jurisdiction ~ '^([0-9]{2}){1,3}$'", name=op.f("ck_organisations_jurisdiction")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_organisations_credit_code")),
    )
    op.create_index(
        "ix_organisations_region_code",
        "organisations",
        ["region_code"],
        postgresql_ops={"region_code": "text_pattern_ops"},
    )
    op.create_table(
        "sites",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Numeric(9, 6), nullable=False),
        sa.Column("longitude", sa.Numeric(9, 6), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('production', 'medical', 'collection', 'treatment', 'depot')", name=op.f("ck_sites_kind")
        ),
        sa.CheckConstraint(_REGION, name=op.f("ck_sites_region_code")),
        sa.CheckConstraint("latitude between -90 and 90", name=op.f("ck_sites_latitude")),
        sa.CheckConstraint("longitude between -180 and 180", name=op.f("ck_sites_longitude")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_sites_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_sites_organisation_id_name")),
        # So that a permit can state in one foreign key that its site is one of its holder's.
        sa.UniqueConstraint("id", "organisation_id", name=op.f("uq_sites_id_organisation_id")),
    )
    op.create_index(
        "ix_sites_region_code", "sites", ["region_code"], postgresql_ops={"region_code": "text_pattern_ops"}
    )
    op.create_table(
        "stores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("limit_g", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("limit_g > 0", name=op.f("ck_stores_limit_g")),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_stores_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stores")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_stores_site_id_code")),
    )


def _permits() -> None:
    op.create_table(
        "permits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid()),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("renews_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('comprehensive', 'collection', 'medical')", name=op.f("ck_permits_kind")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_permits_valid_to")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_permits_organisation_id")),
        sa.ForeignKeyConstraint(
            ["site_id", "organisation_id"],
            ["sites.id", "sites.organisation_id"],
            name=op.f("fk_permits_site_id_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["renews_id"], ["permits.id"], name=op.f("fk_permits_renews_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits")),
        # Authorities keep the number when they renew, so it is unique only together with its first day.
        sa.UniqueConstraint("number", "valid_from", name=op.f("uq_permits_number_valid_from")),
        sa.UniqueConstraint("renews_id", name=op.f("uq_permits_renews_id")),
    )
    op.create_index("ix_permits_organisation_id", "permits", ["organisation_id"])
    op.create_table(
        "permit_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("methods", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("yearly_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "pattern ~ '^([0-9]{3}-[0-9]{3}-[0-9]{2}|HW[0-9]{2})$'", name=op.f("ck_permit_items_pattern")
        ),
        sa.CheckConstraint("cardinality(methods) > 0", name=op.f("ck_permit_items_methods")),
        sa.CheckConstraint("yearly_g > 0", name=op.f("ck_permit_items_yearly_g")),
        sa.ForeignKeyConstraint(["permit_id"], ["permits.id"], name=op.f("fk_permit_items_permit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit_items")),
        sa.UniqueConstraint("permit_id", "pattern", name=op.f("uq_permit_items_permit_id_pattern")),
    )
    op.create_table(
        "permit_suspensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("to_on is null or to_on >= from_on", name=op.f("ck_permit_suspensions_to_on")),
        sa.ForeignKeyConstraint(["permit_id"], ["permits.id"], name=op.f("fk_permit_suspensions_permit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit_suspensions")),
    )
    op.create_index("ix_permit_suspensions_permit_id", "permit_suspensions", ["permit_id"])
    op.create_index(
        "uq_permit_suspensions_open",
        "permit_suspensions",
        ["permit_id"],
        unique=True,
        postgresql_where="to_on is null",
    )


def _fleet() -> None:
    op.create_table(
        "transport_licences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("classes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_transport_licences_valid_to")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_transport_licences_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transport_licences")),
        sa.UniqueConstraint("number", "valid_from", name=op.f("uq_transport_licences_number_valid_from")),
    )
    op.create_index("ix_transport_licences_organisation_id", "transport_licences", ["organisation_id"])
    op.create_table(
        "vehicles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("plate_kind", sa.Text(), nullable=False),
        sa.Column("rated_load_g", sa.BigInteger(), nullable=False),
        sa.Column("licence_number", sa.Text(), nullable=False),
        sa.Column("licence_valid_to", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "plate_kind in ('ordinary', 'new_energy_small', 'new_energy_large', 'trailer')",
            name=op.f("ck_vehicles_plate_kind"),
        ),
        sa.CheckConstraint("rated_load_g > 0", name=op.f("ck_vehicles_rated_load_g")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_vehicles_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicles")),
        sa.UniqueConstraint("plate", name=op.f("uq_vehicles_plate")),
    )
    op.create_index("ix_vehicles_organisation_id", "vehicles", ["organisation_id"])
    op.create_table(
        "drivers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("certificate_number", sa.Text(), nullable=False),
        sa.Column("certificate_valid_to", sa.Date(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_drivers_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drivers")),
        sa.UniqueConstraint(
            "organisation_id", "certificate_number", name=op.f("uq_drivers_organisation_id_certificate_number")
        ),
    )


def downgrade() -> None:
    """Only ever run on an empty database."""
    for table in (
        "drivers",
        "vehicles",
        "transport_licences",
        "permit_suspensions",
        "permit_items",
        "permits",
        "stores",
        "sites",
        "organisations",
    ):
        op.drop_table(table)
