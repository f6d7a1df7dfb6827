"""Tables of the containers room."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.batch_rules import BatchBasis, BatchState, ReadingKind
from wastetrack.containers.model import ContainerState, Form, LineageKind, Packaging, PrintReason
from wastetrack.containers.stock_takes import CountOutcome, StockTakeState
from wastetrack.db.types import UtcDateTime, one_of
from wastetrack.ledger.model import WeighingMethod


class ContainerRow(SQLModel, table=True):
    """A labelled container: what it is, what it weighs, where it is."""

    __tablename__ = "containers"
    __table_args__ = (
        one_of("packaging", Packaging),
        one_of("form", Form),
        one_of("state", ContainerState),
        one_of("method", WeighingMethod),
        one_of("compatibility", CompatibilityClass),
        sa.CheckConstraint(
            "digital_code ~ '^[0-9A-Z]{18}([0-9X]{8}|[0-9]{6}S[0-9]{2})[0-9]{11}$'", name="digital_code"
        ),
        one_of("basis", TransferBasis),
        sa.CheckConstraint("tare_g >= 0 and net_g > 0 and gross_g = net_g + tare_g", name="masses"),
        sa.CheckConstraint("volume_l > 0", name="volume"),
        sa.CheckConstraint("(state = 'at_site') = (site_id is not null)", name="stands_somewhere"),
        sa.CheckConstraint("(state = 'in_transit') = (manifest_id is not null)", name="travels_on_something"),
        sa.CheckConstraint("store_id is null or state = 'at_site'", name="store_at_site"),
        sa.CheckConstraint("held_for is null or state = 'at_site'", name="held_at_site"),
        sa.CheckConstraint("layers between 1 and 3", name="layers"),
        sa.CheckConstraint("filled_percent between 1 and 100", name="filled_percent"),
        sa.CheckConstraint("label_revision >= 1", name="label_revision"),
        sa.Index("ix_containers_site_id", "site_id", postgresql_where=sa.text("site_id is not null")),
        sa.Index("ix_containers_store_id", "store_id", postgresql_where=sa.text("store_id is not null")),
        sa.Index("ix_containers_manifest_id", "manifest_id", postgresql_where=sa.text("manifest_id is not null")),
    )

    id: UUID = Field(primary_key=True)
    digital_code: str = Field(sa_type=sa.Text, unique=True)
    organisation_id: UUID = Field(foreign_key="organisations.id")
    made_at_site_id: UUID = Field(foreign_key="sites.id")
    state: str = Field(sa_type=sa.Text)
    site_id: UUID | None = Field(default=None, foreign_key="sites.id")
    store_id: UUID | None = Field(default=None, foreign_key="stores.id")
    manifest_id: UUID | None = None
    held_for: UUID | None = None
    """The filed manifest that waits for it; until pick-up or withdrawal nobody weighs, repacks or treats it."""
    waste_code: str = Field(sa_type=sa.Text)
    waste_name: str = Field(sa_type=sa.Text)
    form: str = Field(sa_type=sa.Text)
    hazards: list[str] = Field(sa_type=ARRAY(sa.Text))
    main_components: str = Field(sa_type=sa.Text)
    harmful_components: str = Field(sa_type=sa.Text)
    precautions: str = Field(sa_type=sa.Text)
    remarks: str = Field(sa_type=sa.Text)
    packaging: str = Field(sa_type=sa.Text)
    volume_l: int
    gross_g: int = Field(sa_type=sa.BigInteger)
    tare_g: int = Field(sa_type=sa.BigInteger)
    net_g: int = Field(sa_type=sa.BigInteger)
    method: str = Field(sa_type=sa.Text)
    scale_id: str | None = Field(default=None, sa_type=sa.Text)
    uncertainty_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    generated_on: date
    department: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    layers: int = Field(default=1, sa_type=sa.SmallInteger, sa_column_kwargs={"server_default": "1"})
    filled_percent: int | None = Field(default=None, sa_type=sa.SmallInteger)
    highly_infectious: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    label_revision: int = Field(default=1, sa_type=sa.SmallInteger, sa_column_kwargs={"server_default": "1"})
    """Which label is valid; those of lower revisions were replaced and are void."""
    treatment_batch_id: UUID | None = Field(default=None, foreign_key="treatment_batches.id")
    basis: str = Field(default="permit", sa_type=sa.Text, sa_column_kwargs={"server_default": "permit"})
    """On what ground its holder may treat it: that of the manifest on which it came."""
    basis_method: str | None = Field(default=None, sa_type=sa.Text)
    """The one method for which that ground holds, where it is not a permit."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    compatibility: str | None = Field(default=None, sa_type=sa.Text)
    """What it must not stand beside, stated; None: as its code says."""
    stands_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it came to the site at which it stands, or last stood; terms of storage run from it."""


class LabelPrintRow(SQLModel, table=True):
    """One label printed: of which revision, the how manieth of it, why, on what."""

    __tablename__ = "label_prints"
    __table_args__ = (
        one_of("why", PrintReason),
        sa.CheckConstraint("revision >= 1 and print_number >= 1", name="counted"),
        sa.UniqueConstraint("container_id", "revision", "print_number", name="uq_label_prints_number"),
    )

    event_id: UUID = Field(primary_key=True)
    """The event that states it; one event may print many labels."""
    container_id: UUID = Field(primary_key=True, foreign_key="containers.id")
    position: int
    """Its place among the labels of the event."""
    revision: int = Field(sa_type=sa.SmallInteger)
    print_number: int = Field(sa_type=sa.SmallInteger)
    why: str = Field(sa_type=sa.Text)
    paper: str = Field(sa_type=sa.Text)
    net_g: int = Field(sa_type=sa.BigInteger)
    """The mass that it says."""
    printed_at: datetime = Field(sa_type=UtcDateTime)


class ContainerSerialRow(SQLModel, table=True):
    """The last serial given to a unit's waste code on a day: the digital code's last three digits."""

    __tablename__ = "container_serials"

    organisation_id: UUID = Field(primary_key=True, foreign_key="organisations.id")
    waste_code: str = Field(primary_key=True, sa_type=sa.Text)
    generated_on: date = Field(primary_key=True)
    last: int = Field(sa_type=sa.SmallInteger)


class ContainerLineageRow(SQLModel, table=True):
    """Whose content went where."""

    __tablename__ = "container_lineage"
    __table_args__ = (one_of("kind", LineageKind), sa.Index(None, "child_id"))

    parent_id: UUID = Field(primary_key=True, foreign_key="containers.id")
    child_id: UUID = Field(primary_key=True, foreign_key="containers.id")
    kind: str = Field(sa_type=sa.Text)
    event_id: UUID


class TreatmentBatchRow(SQLModel, table=True):
    """What was treated together, where and how; its id is that of the event that says it is finished."""

    __tablename__ = "treatment_batches"
    __table_args__ = (
        one_of("state", BatchState),
        one_of("basis", BatchBasis),
        sa.CheckConstraint("finished_at >= started_at", name="in_order"),
    )

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    method: str = Field(sa_type=sa.Text)
    treated_on: date
    """The day on which it was finished (利用处置完毕); of a running one, the day on which it began."""
    input_g: int = Field(sa_type=sa.BigInteger)
    """The grams treated: of its containers, less what stayed in them."""
    residue_g: int = Field(sa_type=sa.BigInteger)
    product_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    state: str = Field(default="finished", sa_type=sa.Text, sa_column_kwargs={"server_default": "finished"})
    basis: str = Field(default="permit", sa_type=sa.Text, sa_column_kwargs={"server_default": "permit"})
    facility_id: UUID | None = Field(default=None, foreign_key="facilities.id")
    recipe: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class StorageExtensionRow(SQLModel, table=True):
    """An authority lets waste of a site stand longer than a year (固废法 art. 81). Never changed."""

    __tablename__ = "storage_extensions"
    __table_args__ = (sa.Index(None, "site_id"),)

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    waste_code: str | None = Field(default=None, sa_type=sa.Text)
    until: date
    document: str = Field(sa_type=sa.Text)
    reason: str = Field(sa_type=sa.Text)
    authority_id: UUID = Field(foreign_key="organisations.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class SiteOpeningRow(SQLModel, table=True):
    """The stock of a site at the start of its records is complete."""

    __tablename__ = "site_openings"

    site_id: UUID = Field(primary_key=True, foreign_key="sites.id")
    closed_at: datetime = Field(sa_type=UtcDateTime)


class StockTakeRow(SQLModel, table=True):
    """A count of what stands at a site, or in one of its stores."""

    __tablename__ = "stock_takes"
    __table_args__ = (
        one_of("state", StockTakeState),
        sa.CheckConstraint("(state = 'open') = (ended_at is null)", name="ended"),
        sa.Index(None, "site_id"),
    )

    id: UUID = Field(primary_key=True)
    site_id: UUID = Field(foreign_key="sites.id")
    store_id: UUID | None = Field(default=None, foreign_key="stores.id")
    state: str = Field(sa_type=sa.Text)
    begun_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StockTakeLineRow(SQLModel, table=True):
    """A container that the books expect, or that was found; what the books said and what was seen."""

    __tablename__ = "stock_take_lines"
    __table_args__ = (
        one_of("outcome", CountOutcome),
        sa.CheckConstraint("expected or found_at is not null", name="found"),
        sa.CheckConstraint("(gross_g is null) = (method is null)", name="weighed"),
        one_of("method", WeighingMethod),
    )

    stock_take_id: UUID = Field(primary_key=True, foreign_key="stock_takes.id")
    digital_code: str = Field(primary_key=True, sa_type=sa.Text)
    container_id: UUID | None = Field(default=None, foreign_key="containers.id")
    expected: bool
    waste_code: str | None = Field(default=None, sa_type=sa.Text)
    store_id: UUID | None = None
    book_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    found_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gross_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    tare_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    method: str | None = Field(default=None, sa_type=sa.Text)
    scale_id: str | None = Field(default=None, sa_type=sa.Text)
    uncertainty_g: int | None = Field(default=None, sa_type=sa.BigInteger)
    outcome: str | None = Field(default=None, sa_type=sa.Text)


class BatchReadingRow(SQLModel, table=True):
    """One figure of a batch: of its recipe, energy, reagents or parameters."""

    __tablename__ = "batch_readings"
    __table_args__ = (one_of("kind", ReadingKind),)

    batch_id: UUID = Field(primary_key=True, foreign_key="treatment_batches.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    kind: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    quantity: Decimal = Field(sa_type=sa.Numeric(18, 4))
    unit: str = Field(sa_type=sa.Text)


class BatchProductRow(SQLModel, table=True):
    """What was won of a batch, and where it went."""

    __tablename__ = "batch_products"
    __table_args__ = (sa.CheckConstraint("mass_g > 0", name="mass"),)

    batch_id: UUID = Field(primary_key=True, foreign_key="treatment_batches.id")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    name: str = Field(sa_type=sa.Text)
    mass_g: int = Field(sa_type=sa.BigInteger)
    destination: str = Field(sa_type=sa.Text)
