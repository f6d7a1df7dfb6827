"""What the newer signed steps are told besides version and moment: the check at a hand-over, another receiver."""

from typing import Any
from uuid import UUID

from pydantic import Field

from wastetrack.api.fields import Grams
from wastetrack.api.schemas import Body
from wastetrack.manifests.checking_loading import LoadingPoint
from wastetrack.manifests.journey_model import DifferenceKind
from wastetrack.manifests.model import CorrectionField
from wastetrack.serving.written_text import Line, Prose


class DifferenceBody(Body):
    """A container that is missing or damaged when the load is handed over."""

    container_id: UUID
    kind: DifferenceKind
    note: Prose = ""


class ReweighedBody(Body):
    """A gross mass that the next carrier's scale gave; told, and not booked."""

    container_id: UUID
    gross_g: Grams


class HandOverFields(Body):
    """What the next carrier has looked at (令23 art. 17). Without `scanned` it counted; without `counted`, all."""

    scanned: tuple[UUID, ...] = Field((), max_length=1000)
    counted: int | None = Field(None, strict=True, ge=0, le=1000)
    differences: tuple[DifferenceBody, ...] = Field((), max_length=1000)
    reweighed: tuple[ReweighedBody, ...] = Field((), max_length=1000)

    def check(self) -> dict[str, Any]:
        """As JSON, for the step."""
        return self.model_dump(mode="json", include=set(HandOverFields.model_fields))


class FieldCorrectionFields(Body):
    """Another field than a mass, and what it should say."""

    field: CorrectionField | None = Field(None, description="Of a correction that is no mass")
    leg_position: int = Field(0, strict=True, ge=0, le=100)
    new: Prose = ""

    def corrected(self) -> dict[str, Any]:
        """As JSON, for the step."""
        return self.model_dump(mode="json", include=set(FieldCorrectionFields.model_fields))


class LoadingFields(Body):
    """What the shipper has looked at before it hands the load out (令23 art. 13); all four are asked for."""

    seen: tuple[LoadingPoint, ...] = Field((), max_length=len(LoadingPoint))

    def looked_at(self) -> dict[str, Any]:
        """As JSON, for the step."""
        return self.model_dump(mode="json", include=set(LoadingFields.model_fields))


class RedirectionFields(Body):
    """Where a load under way goes instead."""

    receiver_site_id: UUID | None = None
    method: Line = ""

    def elsewhere(self) -> dict[str, Any]:
        """As JSON, for the step."""
        return self.model_dump(mode="json", include=set(RedirectionFields.model_fields))
