"""Official lists in dated editions: waste codes, exemptions, methods, regions, UN numbers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LISTS = "'waste_codes', 'waste_exemptions', 'treatment_methods', 'regions', 'un_numbers'"


def upgrade() -> None:
    """Make the tables of catalogues."""
    op.create_table(
        "catalogue_editions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"list_name in ({_LISTS})", name=op.f("ck_catalogue_editions_list_name")),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_catalogue_editions_valid_to")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_catalogue_editions_sha256")),
        sa.CheckConstraint("entries > 0", name=op.f("ck_catalogue_editions_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_editions")),
        sa.UniqueConstraint("list_name", "name", name=op.f("uq_catalogue_editions_list_name_name")),
        # Text has no GiST operators without an extension, and we use none; a range of one hash has.
        postgresql.ExcludeConstraint(
            (sa.text("int4range(hashtext(list_name), hashtext(list_name), '[]')"), "="),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            name=op.f("ex_catalogue_editions_no_overlap"),
            using="gist",
        ),
    )
    _wastes()
    _other_lists()


def _wastes() -> None:
    op.create_table(
        "waste_codes",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("category_name", sa.Text(), nullable=False),
        sa.Column("industry_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("hazards", sa.Text(), nullable=False),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text()),
        sa.CheckConstraint("code ~ '^[0-9]{3}-[0-9]{3}-[0-9]{2}$'", name=op.f("ck_waste_codes_code")),
        sa.CheckConstraint("category = 'HW' || right(code, 2)", name=op.f("ck_waste_codes_category")),
        sa.CheckConstraint("hazards ~ '^(T|C|I|R|In)([,/](T|C|I|R|In))*$'", name=op.f("ck_waste_codes_hazards")),
        sa.ForeignKeyConstraint(["edition_id"], ["catalogue_editions.id"], name=op.f("fk_waste_codes_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "code", name=op.f("pk_waste_codes")),
        sa.UniqueConstraint("edition_id", "position", name=op.f("uq_waste_codes_edition_id_position")),
    )
    op.create_table(
        "waste_exemptions",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("patterns", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("waste", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "scope in ('codes', 'household', 'emergency', 'legacy', 'unlisted')", name=op.f("ck_waste_exemptions_scope")
        ),
        sa.CheckConstraint(
            "(scope = 'codes') = (cardinality(patterns) > 0)", name=op.f("ck_waste_exemptions_patterns")
        ),
        sa.CheckConstraint("language in ('zh', 'en')", name=op.f("ck_waste_exemptions_language")),
        sa.ForeignKeyConstraint(["edition_id"], ["catalogue_editions.id"], name=op.f("fk_waste_exemptions_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "position", name=op.f("pk_waste_exemptions")),
    )


def _other_lists() -> None:
    op.create_table(
        "treatment_methods",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[RDCYG][1-9][0-9]?$'", name=op.f("ck_treatment_methods_code")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["catalogue_editions.id"], name=op.f("fk_treatment_methods_edition_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", "code", name=op.f("pk_treatment_methods")),
        sa.UniqueConstraint("edition_id", "position", name=op.f("uq_treatment_methods_edition_id_position")),
    )
    op.create_table(
        "regions",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("initials", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[1-9][0-9]{5}$'", name=op.f("ck_regions_code")),
        sa.CheckConstraint("level between 1 and 3", name=op.f("ck_regions_level")),
        sa.CheckConstraint("(parent is null) = (level = 1)", name=op.f("ck_regions_parent")),
        sa.ForeignKeyConstraint(["edition_id"], ["catalogue_editions.id"], name=op.f("fk_regions_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "code", name=op.f("pk_regions")),
        sa.ForeignKeyConstraint(
            ["edition_id", "parent"], ["regions.edition_id", "regions.code"], name=op.f("fk_regions_edition_id_parent")
        ),
    )
    op.create_table(
        "un_numbers",
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("danger_class", sa.Text()),
        sa.Column("class_code", sa.Text()),
        sa.Column("tunnel_category", sa.Text()),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.CheckConstraint("number ~ '^[0-9]{4}$'", name=op.f("ck_un_numbers_number")),
        sa.ForeignKeyConstraint(["edition_id"], ["catalogue_editions.id"], name=op.f("fk_un_numbers_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "number", name=op.f("pk_un_numbers")),
    )


def downgrade() -> None:
    """Only ever run on an empty database."""
    for table in (
        "un_numbers",
        "regions",
        "treatment_methods",
        "waste_exemptions",
        "waste_codes",
        "catalogue_editions",
    ):
        op.drop_table(table)
