"""Fields that the forms of the main job share: a weighing in kilograms, what a label says, free text; and their names.

Rules name what they judge by the command's words (`gross_g`); a form's field is called by what is typed into it
(`gross`, in kilograms). `naming_fields` leads each broken rule back to its field.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import BaseModel, model_validator

from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers.model import Form, Packaging, Weighing
from wastetrack.errors import RuleBroken, refuse_one
from wastetrack.ledger.model import WeighingMethod
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.reading_fields import Kilograms

SCALES = (WeighingMethod.PLATFORM_SCALE, WeighingMethod.TRUCK_SCALE, WeighingMethod.COUNT)
"""How a mass may be found at a site; an estimate has a box of its own, and `declared` is nobody's measurement."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "gross_g": "gross",
        "tare_g": "tare",
        "uncertainty_g": "uncertainty",
        "measured_g": "measured",
        "from_ids": "container_ids",
        "into": "packaging",
        "into.0.gross_g": "gross",
        "residues.0.gross_g": "gross",
        "legs": "carrier_id",
        "legs.0.plate": "plate",
        "legs.1.plate": "further_plate",
        "legs.1.handover_place": "handover_place",
        "legs.1.handover_at": "handover_at",
        "vehicle": "plate",
        "carrier": "carrier_id",
        "driver": "plate",
        "permit": "receiver_site_id",
        "approval": "receiver_site_id",
        "quantity": "container_ids",
    }
)


@contextmanager
def naming_fields(names: Mapping[str, str] = FIELDS) -> Iterator[None]:
    """Let a refusal name the fields as the form does."""
    try:
        yield
    except RuleBroken as refused:
        raise RuleBroken(
            dataclasses.replace(broken, field=names.get(broken.field, broken.field)) for broken in refused.broken
        ) from refused


class Search(BaseModel):
    """What a list is searched for. A browser sends fields that were left empty; they ask for nothing."""

    @model_validator(mode="before")
    @classmethod
    def _asked_only(cls, sent: Any) -> Any:  # noqa: ANN401  whatever came
        return {name: value for name, value in sent.items() if value != ""} if isinstance(sent, dict) else sent


class WeighingForm(BaseModel):
    """One weighing as typed."""

    gross: Kilograms | None = None
    tare: Kilograms
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: Line = ""
    uncertainty: Kilograms | None = None
    estimate: bool = False
    """Nothing was weighed; every place that shows the mass will say so."""
    confirmed: bool = False
    reading_id: UUID | None = None
    """The scale itself said the gross mass; without script it is not typed besides."""

    def weighing(self) -> Weighing:
        """The weighing as the rules know it; `read_off` first, where a reading may stand for the gross mass."""
        if self.gross is None:
            step = "Put it on the scale and take the reading, or type what the scale shows."
            refuse_one("gross_g", "mass_missing", "Nothing says what this weighs.", next_step=step)
        return Weighing(
            gross=self.gross,
            tare=self.tare,
            method=WeighingMethod.ESTIMATE if self.estimate else self.method,
            scale_id=self.scale_id or None,
            uncertainty=self.uncertainty,
            confirmed=self.confirmed,
            reading_id=self.reading_id,
        )


class FilledForm(WeighingForm):
    """A container just filled and weighed."""

    packaging: Packaging
    volume_l: int


class DescribedForm(FilledForm):
    """The same, with what its label says of the content. Empty name and hazards are those of the list."""

    waste_code: Line
    waste_name: Line = ""
    form: Form
    hazards: list[Line] = []
    main_components: Prose = ""
    harmful_components: Prose = ""
    precautions: Prose = ""
    remarks: Prose = ""
    compatibility: CompatibilityClass | None = None


def kilograms(grams: int | None) -> str:
    """Grams as a field in kilograms shows them: `180.5`."""
    return "" if grams is None else f"{(Decimal(grams) / 1_000).normalize():f}"
