"""Fields of a treatment batch: figures as lines of “name quantity unit”, products in rows, moments in the zone."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator

from wastetrack.containers.batch_rules import (
    BatchBasis,
    BatchOutcome,
    BatchPlan,
    Heel,
    Product,
    Reading,
    ReadingKind,
)
from wastetrack.containers.ledger_facts import Operation
from wastetrack.errors import Broken, RuleBroken, WastetrackError
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import naming_fields

_LINE = re.compile(r"(?P<name>.+?)[\s:：]+(?P<quantity>[-−]?\d{1,13}(?:\.\d{1,4})?)\s*(?P<unit>\D\S{0,19})?")
_LOCAL = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})[T ](?P<time>\d{2}:\d{2})(?::\d{2})?")
_READINGS = {"energy": ReadingKind.ENERGY, "reagents": ReadingKind.REAGENT, "parameters": ReadingKind.PARAMETER}
_NAMES = {
    "method": "treatment",
    "permit": "treatment",
    "begun_on": "treated_on",
    "waste_code": "container_ids",
    "tare_g": "tare",
    "residues.0.gross_g": "gross",
    "residues.0.waste_code": "waste_code",
    "residues.0.packaging": "packaging",
    "residues.0.filled_percent": "packaging",
    "products": "product_name",
    "heels": "heel_gross",
}


def _optional(value: object) -> object:
    return None if value == "" else value


OptionalId = Annotated[UUID | None, BeforeValidator(_optional)]


class PlanForm(BaseModel):
    """What is known when a batch begins."""

    basis: BatchBasis = BatchBasis.PERMIT
    facility_id: OptionalId = None
    recipe: Line = ""
    components: Prose = ""
    started_at: Line = ""

    def plan(self, zone: str) -> BatchPlan:
        """As the command wants it. Raises RuleBroken naming the field that cannot be read."""
        return BatchPlan(
            basis=self.basis,
            facility_id=self.facility_id,
            recipe=self.recipe,
            started_at=moment_in(zone, "started_at", self.started_at),
            components=figures(self.components, ReadingKind.COMPONENT, "components"),
        )


class OutcomeForm(BaseModel):
    """What is known when it is finished; products stand in rows, of which empty ones say nothing."""

    finished_at: Line = ""
    energy: Prose = ""
    reagents: Prose = ""
    parameters: Prose = ""
    product_name: list[Line] = []
    product_kg: list[Line] = []
    product_to: list[Line] = []
    heel_of: list[UUID] = []
    heel_gross: list[Line] = []
    facility_code: Line = ""
    handler: Line = ""

    def operation(self) -> Operation:
        """What the ledger asks beside it."""
        return Operation(facility_code=self.facility_code, handler=self.handler)

    def outcome(self, zone: str) -> BatchOutcome:
        """As the command wants it. Raises RuleBroken naming the field that cannot be read."""
        rows = zip(self.product_name, self.product_kg, self.product_to, strict=True)
        heels = zip(self.heel_of, self.heel_gross, strict=True)
        return BatchOutcome(
            finished_at=moment_in(zone, "finished_at", self.finished_at),
            readings=self.readings(),
            products=tuple(
                Product(name=name, mass=_kilograms(kg, "product_kg"), destination=to)
                for name, kg, to in rows
                if name or kg or to
            ),
            heels=tuple(Heel(container_id=of, gross=_kilograms(gross, "heel_gross")) for of, gross in heels if gross),
        )

    def readings(self) -> tuple[Reading, ...]:
        """Energy, reagents and parameters, in this order."""
        return tuple(
            reading for name, kind in _READINGS.items() for reading in figures(getattr(self, name), kind, name)
        )


def figures(text: str, kind: ReadingKind, field: str) -> tuple[Reading, ...]:
    """One figure to a line. Raises RuleBroken for the lines that are none."""
    found: list[Reading] = []
    broken: list[Broken] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        read = _LINE.fullmatch(line)
        if read is None:
            sentence = message("“{value}” is not a name with a quantity and a unit.")
            step = message("Write one to a line, like: electricity 1200 kWh.")
            broken.append(Broken(field, "reading_unreadable", sentence, line, next_step=step))
            continue
        quantity = Decimal(read["quantity"].replace("−", "-"))
        found.append(Reading(kind=kind, name=read["name"], quantity=quantity, unit=read["unit"] or ""))
    if broken:
        raise RuleBroken(broken)
    return tuple(found)


def moment_in(zone: str, field: str, text: str) -> datetime | None:
    """What a field for day and time says, in the site's zone; None where it is empty."""
    if not text:
        return None
    read = _LOCAL.fullmatch(text)
    try:
        if read is not None:
            return datetime.fromisoformat(f"{read['day']}T{read['time']}").replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        pass
    sentence = message("“{value}” is not a day with a time.")
    step = message("Write it like 2026-03-01 14:20.")
    raise RuleBroken((Broken(field, "moment_unreadable", sentence, text, next_step=step),))


def _kilograms(text: str, field: str) -> Mass:
    try:
        return Mass.parse(f"{text or 0} kg")
    except WastetrackError as unreadable:
        sentence = message("“{value}” is not a mass in kilograms.")
        raise RuleBroken((Broken(field, "mass_unreadable", sentence, text),)) from unreadable


@contextmanager
def naming_batch_fields(outcome: OutcomeForm | None = None) -> Iterator[None]:
    """Let a refusal name the fields as the forms of a batch do."""
    names: dict[str, str] = dict(_NAMES)
    for index in range(100):
        names |= {f"components.{index}.{part}": "components" for part in ("name", "quantity")}
        names |= {f"products.{index}.name": "product_name", f"products.{index}.mass_g": "product_kg"}
        names[f"heels.{index}.gross_g"] = "heel_gross"
    if outcome is not None:
        names |= _names_of_readings(outcome)
    with naming_fields(names):
        yield


def _names_of_readings(outcome: OutcomeForm) -> Mapping[str, str]:
    fields = {kind: name for name, kind in _READINGS.items()}
    return {
        f"readings.{index}.{part}": fields[reading.kind]
        for index, reading in enumerate(outcome.readings())
        for part in ("name", "quantity")
    }
