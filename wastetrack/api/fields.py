"""Values that many bodies have in common, and the log's word that goes with every answer to a change."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Protocol
from uuid import UUID

import orjson
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.api.schemas import Body, Shown
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.catalogues.hazards import Hazard
from wastetrack.containers.model import Description, Form, Packaging, Weighing
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass
from wastetrack.serving.keys import Keys
from wastetrack.serving.written_text import Instant, Line, Prose
from wastetrack.transparency.note import Signer
from wastetrack.transparency.receipt import Receipt

# More than the whole country makes in a year; what is absurd for one container its own rule says.
_MOST_GRAMS = 10**15

Grams = Annotated[int, Field(strict=True, ge=0, le=_MOST_GRAMS, description="Whole grams")]
Litres = Annotated[int, Field(strict=True, ge=0, le=10**6, description="Whole litres")]
HappenedAt = Annotated[
    Instant | None,
    Field(
        description="When it really happened, with its zone; without it, now", examples=["2026-11-23T15:04:00+08:00"]
    ),
]


class MeasuredBy(StrEnum):
    """How somebody who has the container before him can come by its mass."""

    TRUCK_SCALE = WeighingMethod.TRUCK_SCALE.value
    PLATFORM_SCALE = WeighingMethod.PLATFORM_SCALE.value
    ESTIMATE = WeighingMethod.ESTIMATE.value
    COUNT = WeighingMethod.COUNT.value


class WeighingFields(Body):
    """One weighing, as it stands among the fields of a body."""

    gross_g: Grams
    tare_g: Grams
    method: MeasuredBy
    scale_id: Line | None = None
    uncertainty_g: Grams | None = Field(None, description="Standard uncertainty (one sigma) of the scale")
    confirmed: bool = Field(default=False, description="The weigher was asked about so light a mass and said yes")
    reading_id: UUID | None = Field(
        None, description="The scale itself sent the gross mass; method, scale and uncertainty are then the scale's"
    )

    def weighing(self) -> Weighing:
        """The weighing as the rules know it."""
        return Weighing(
            gross=Mass(self.gross_g),
            tare=Mass(self.tare_g),
            method=WeighingMethod(self.method.value),
            scale_id=self.scale_id or None,
            uncertainty=None if self.uncertainty_g is None else Mass(self.uncertainty_g),
            confirmed=self.confirmed,
            reading_id=self.reading_id,
        )


class FilledFields(WeighingFields):
    """A container just filled and weighed."""

    packaging: Packaging
    volume_l: Litres


class DescribedFields(FilledFields):
    """The same, with what its label says of the content."""

    waste_code: Line
    waste_name: Annotated[Line, Field(min_length=1)]
    form: Form
    hazards: tuple[Hazard, ...] = Field((), max_length=5)
    main_components: Prose = ""
    harmful_components: Prose = ""
    precautions: Prose = ""
    remarks: Prose = ""
    compatibility: CompatibilityClass | None = Field(
        None, description="What it must not stand beside, where the code does not say it"
    )

    def description(self) -> Description:
        """The content as the label says it."""
        return Description(
            waste_code=self.waste_code,
            waste_name=self.waste_name,
            form=self.form,
            hazards=tuple(hazard.value for hazard in self.hazards),
            main_components=self.main_components,
            harmful_components=self.harmful_components,
            precautions=self.precautions,
            remarks=self.remarks,
            compatibility=self.compatibility,
        )


class ReceiptShown(Shown):
    """The log's signed promise that it will hold the event; verify and keep it."""

    v: int
    origin: str
    event_id: UUID
    leaf_hash: str
    recorded_at: str
    signature: str


class LogEntry(Shown):
    """Under which event the log holds what was done."""

    event_id: UUID
    receipt: ReceiptShown


class ContainerShown(Shown):
    """A container as it stands."""

    id: UUID
    digital_code: str
    organisation_id: UUID
    made_at_site_id: UUID
    state: str
    site_id: UUID | None
    store_id: UUID | None
    manifest_id: UUID | None
    waste_code: str
    waste_name: str
    form: str
    hazards: list[str]
    main_components: str
    harmful_components: str
    precautions: str
    remarks: str
    packaging: str
    volume_l: int
    gross_g: int
    tare_g: int
    net_g: int
    method: str
    scale_id: str | None
    uncertainty_g: int | None
    generated_on: date
    department: str
    layers: int
    filled_percent: int | None
    highly_infectious: bool
    label_revision: int
    treatment_batch_id: UUID | None
    created_at: datetime
    compatibility: str | None = None
    stands_since: datetime | None = None


class Recorded(Protocol):
    """What a use case gives back of the event that it has written."""

    @property
    def id(self) -> UUID:
        """The event's."""

    def receipt(self, signer: Signer) -> Receipt:
        """The promise."""


def log_entry(appended: Recorded, keys: Keys) -> LogEntry:
    """The log's word on an event. It leaves the process after the commit, with the answer that carries it."""
    receipt = appended.receipt(keys.signer)
    return LogEntry(event_id=appended.id, receipt=ReceiptShown.model_validate(receipt.as_json()))


def answer(shown: BaseModel, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    """A value of ours as JSON, straight from pydantic's serialiser: it needs no second validation on its way out."""
    return Response(shown.__pydantic_serializer__.to_json(shown), status, headers, media_type="application/json")


def json_answer(tree: Any, *, headers: Mapping[str, str] | None = None) -> Response:  # noqa: ANN401  whatever JSON can say
    """Rows that are JSON already, or nearly."""
    return Response(orjson.dumps(tree), 200, headers, media_type="application/json")
