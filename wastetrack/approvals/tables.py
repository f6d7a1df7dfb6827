"""Tables of the approvals room. Who did what stands in the log; here is how far each application is."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wastetrack.approvals.model import ApprovalKind, ApprovalState, DocumentKind
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.model import Form
from wastetrack.db.types import UtcDateTime, one_of


class ApprovalRow(SQLModel, table=True):
    """One application, and the approval that it becomes."""

    __tablename__ = "approvals"
    __table_args__ = (
        one_of("kind", ApprovalKind),
        one_of("state", ApprovalState),
        one_of("basis", TransferBasis),
        sa.CheckConstraint("to_on >= from_on", name="period"),
        sa.CheckConstraint("deciding ~ '^[0-9]{2}([0-9]{2})?$'", name="deciding"),
        sa.CheckConstraint("replying ~ '^[0-9]{2}$'", name="replying"),
        sa.CheckConstraint(
            "state not in ('approved', 'expired', 'superseded') or (valid_from is not null and valid_to is not null)",
            name="approved_for_days",
        ),
        sa.CheckConstraint("state = 'draft' or state = 'withdrawn' or submitted_at is not null", name="submitted"),
        sa.Index(None, "generator_id", "shipper_site_id"),
        sa.Index(None, "receiver_id"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    version: int = 1
    basis: str = Field(sa_type=sa.Text)
    number: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    """Of the authority's decision."""
    generator_id: UUID = Field(foreign_key="organisations.id")
    shipper_site_id: UUID = Field(foreign_key="sites.id")
    receiver_id: UUID = Field(foreign_key="organisations.id")
    receiver_site_id: UUID = Field(foreign_key="sites.id")
    origin_region: str = Field(sa_type=sa.Text)
    destination_region: str = Field(sa_type=sa.Text)
    deciding: str = Field(sa_type=sa.Text)
    """Digits of the jurisdiction that decides."""
    replying: str | None = Field(default=None, sa_type=sa.Text)
    """Digits of the province that is consulted, if one is."""
    from_on: date
    to_on: date
    group_name: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    remarks: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    replaces_id: UUID | None = Field(default=None, foreign_key="approvals.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_act_at: datetime = Field(sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    noticed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    consulted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    valid_from: date | None = None
    valid_to: date | None = None


class ApprovalItemRow(SQLModel, table=True):
    """One waste of an application: so much of it by one method; `booked_g` is what manifests have taken of it."""

    __tablename__ = "approval_items"
    __table_args__ = (
        one_of("form", Form),
        sa.CheckConstraint("quantity_g > 0", name="quantity"),
        sa.CheckConstraint("booked_g >= 0", name="booked"),
        sa.UniqueConstraint("approval_id", "waste_code", "method"),
    )

    id: UUID = Field(primary_key=True)
    approval_id: UUID = Field(foreign_key="approvals.id")
    position: int = Field(sa_type=sa.SmallInteger)
    waste_code: str = Field(sa_type=sa.Text)
    waste_name: str = Field(sa_type=sa.Text)
    form: str = Field(sa_type=sa.Text)
    quantity_g: int = Field(sa_type=sa.BigInteger)
    method: str = Field(sa_type=sa.Text)
    booked_g: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": sa.text("0")})


class ApprovalDocumentRow(SQLModel, table=True):
    """What a file beside an application is."""

    __tablename__ = "approval_documents"
    __table_args__ = (one_of("kind", DocumentKind),)

    attachment_id: UUID = Field(primary_key=True, foreign_key="attachments.id")
    approval_id: UUID = Field(foreign_key="approvals.id", index=True)
    kind: str = Field(sa_type=sa.Text)


class ApprovalUseRow(SQLModel, table=True):
    """What one manifest takes of one line; by this the manifest names its approvals."""

    __tablename__ = "approval_uses"
    __table_args__ = (
        sa.CheckConstraint("booked_g >= 0", name="booked"),
        sa.Index(None, "item_id"),
        sa.Index(None, "approval_id"),
    )

    manifest_id: UUID = Field(primary_key=True, foreign_key="manifests.id")
    item_id: UUID = Field(primary_key=True, foreign_key="approval_items.id")
    approval_id: UUID = Field(foreign_key="approvals.id")
    waste_code: str = Field(sa_type=sa.Text)
    booked_g: int = Field(sa_type=sa.BigInteger)
