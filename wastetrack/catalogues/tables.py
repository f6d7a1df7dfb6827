"""Tables of the official lists. Entries belong to an edition and are written once, when it is loaded."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlmodel import Field, SQLModel

from wastetrack.catalogues.jurisdiction import Certainty
from wastetrack.catalogues.model import ExemptionScope, ListName
from wastetrack.db.types import UtcDateTime, one_of


class CatalogueEdition(SQLModel, table=True):
    """One dated edition of one list. Editions of a list never overlap."""

    __tablename__ = "catalogue_editions"
    __table_args__ = (
        one_of("list_name", ListName),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name="valid_to"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        sa.CheckConstraint("entries > 0", name="entries"),
        sa.UniqueConstraint("list_name", "name"),
        # Text has no GiST operators without an extension, and we use none; a range of one hash has.
        ExcludeConstraint(
            (sa.text("int4range(hashtext(list_name), hashtext(list_name), '[]')"), "="),
            (sa.text("daterange(valid_from, valid_to, '[]')"), "&&"),
            name="ex_catalogue_editions_no_overlap",
            using="gist",
        ),
    )

    id: UUID = Field(primary_key=True)
    list_name: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    title: str = Field(sa_type=sa.Text)
    valid_from: date
    valid_to: date | None = None
    source: str = Field(sa_type=sa.Text)
    sha256: str = Field(sa_type=sa.Text)
    entries: int = Field(sa_type=sa.Integer)
    loaded_at: datetime = Field(sa_type=UtcDateTime)


class WasteCodeRow(SQLModel, table=True):
    """A code of the waste list; `hazards` as printed ("T,I"), `position` as in the list."""

    __tablename__ = "waste_codes"
    __table_args__ = (
        sa.CheckConstraint("code ~ '^[0-9]{3}-[0-9]{3}-[0-9]{2}$'", name="code"),
        sa.CheckConstraint("category = 'HW' || right(code, 2)", name="category"),
        sa.CheckConstraint("hazards ~ '^(T|C|I|R|In)([,/](T|C|I|R|In))*$'", name="hazards"),
        sa.UniqueConstraint("edition_id", "position"),
    )

    edition_id: UUID = Field(primary_key=True, foreign_key="catalogue_editions.id")
    code: str = Field(primary_key=True, sa_type=sa.Text)
    position: int = Field(sa_type=sa.Integer)
    category: str = Field(sa_type=sa.Text)
    category_name: str = Field(sa_type=sa.Text)
    industry_name: str = Field(sa_type=sa.Text)
    description: str = Field(sa_type=sa.Text)
    hazards: str = Field(sa_type=sa.Text)
    initials: str = Field(sa_type=sa.Text)
    replaced_by: str | None = Field(default=None, sa_type=sa.Text)


class WasteExemptionRow(SQLModel, table=True):
    """One stage of one item of the exemption list."""

    __tablename__ = "waste_exemptions"
    __table_args__ = (
        one_of("scope", ExemptionScope),
        sa.CheckConstraint("(scope = 'codes') = (cardinality(patterns) > 0)", name="patterns"),
        sa.CheckConstraint("language in ('zh', 'en')", name="language"),
    )

    edition_id: UUID = Field(primary_key=True, foreign_key="catalogue_editions.id")
    position: int = Field(primary_key=True, sa_type=sa.Integer)
    item: int = Field(sa_type=sa.Integer)
    scope: str = Field(sa_type=sa.Text)
    patterns: list[str] = Field(sa_type=ARRAY(sa.Text))
    waste: str = Field(sa_type=sa.Text)
    stage: str = Field(sa_type=sa.Text)
    condition: str = Field(sa_type=sa.Text)
    effect: str = Field(sa_type=sa.Text)
    language: str = Field(sa_type=sa.Text)


class TreatmentMethodRow(SQLModel, table=True):
    """A code of use or disposal."""

    __tablename__ = "treatment_methods"
    __table_args__ = (
        sa.CheckConstraint("code ~ '^[RDCYG][1-9][0-9]?$'", name="code"),
        sa.UniqueConstraint("edition_id", "position"),
    )

    edition_id: UUID = Field(primary_key=True, foreign_key="catalogue_editions.id")
    code: str = Field(primary_key=True, sa_type=sa.Text)
    position: int = Field(sa_type=sa.Integer)
    name_zh: str = Field(sa_type=sa.Text)
    name_en: str = Field(sa_type=sa.Text)


class RegionRow(SQLModel, table=True):
    """An administrative division; level 1 province, 2 prefecture, 3 county."""

    __tablename__ = "regions"
    __table_args__ = (
        sa.CheckConstraint("code ~ '^[1-9][0-9]{5}$'", name="code"),
        sa.CheckConstraint("level between 1 and 3", name="level"),
        sa.CheckConstraint("(parent is null) = (level = 1)", name="parent"),
        sa.ForeignKeyConstraint(["edition_id", "parent"], ["regions.edition_id", "regions.code"]),
    )

    edition_id: UUID = Field(primary_key=True, foreign_key="catalogue_editions.id")
    code: str = Field(primary_key=True, sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    level: int = Field(sa_type=sa.SmallInteger)
    parent: str | None = Field(default=None, sa_type=sa.Text)
    initials: str = Field(sa_type=sa.Text)


class UnNumberRow(SQLModel, table=True):
    """A number of dangerous goods."""

    __tablename__ = "un_numbers"
    __table_args__ = (sa.CheckConstraint("number ~ '^[0-9]{4}$'", name="number"),)

    edition_id: UUID = Field(primary_key=True, foreign_key="catalogue_editions.id")
    number: str = Field(primary_key=True, sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    danger_class: str | None = Field(default=None, sa_type=sa.Text)
    class_code: str | None = Field(default=None, sa_type=sa.Text)
    tunnel_category: str | None = Field(default=None, sa_type=sa.Text)
    withdrawn: bool


class GeneralWasteClassRow(SQLModel, table=True):
    """A class of general solid waste; `certainty` says whether it was read in the official text."""

    __tablename__ = "general_waste_classes"
    __table_args__ = (
        sa.CheckConstraint("code ~ '^SW[0-9]{2}$'", name="code"),
        one_of("certainty", Certainty),
        sa.UniqueConstraint("edition_id", "position"),
    )

    edition_id: UUID = Field(primary_key=True, foreign_key="catalogue_editions.id")
    code: str = Field(primary_key=True, sa_type=sa.Text)
    position: int = Field(sa_type=sa.Integer)
    name_zh: str = Field(sa_type=sa.Text)
    name_en: str = Field(sa_type=sa.Text)
    certainty: str = Field(sa_type=sa.Text)
