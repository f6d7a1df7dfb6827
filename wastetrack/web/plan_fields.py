"""The fields of a plan's tables: one description for the form, for reading it, and for showing what stands in it."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import FormData

from wastetrack.catalogues.hazards import Hazard
from wastetrack.containers.model import Form
from wastetrack.errors import Broken, refuse
from wastetrack.i18n import Locale, label, message
from wastetrack.parties.storerooms import FACILITIES
from wastetrack.plans.content import (
    MOST_LINES,
    Content,
    FacilityLine,
    GenerationLine,
    Reduction,
    ReductionLine,
    StorageLine,
    TransferLine,
    TreatmentLine,
    Unit,
)
from wastetrack.plans.model import PlanTable, QuantityUnit, ReceiverKind, TransferKind
from wastetrack.serving.reading_input import broken_by_input

EMPTY_LINES = 2
"""Beside those that are filled; saving gives further ones."""
_LINE = re.compile(r"lines\.(\d{1,3})\.")
_DEFAULTS = frozenset({"form", "unit", "store_kind", "kind", "receiver_kind"})
"""Fields that always say something: a line in which only these are filled is an empty one."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldOf:
    """One field and how it is asked for: text, prose, day, yes, choice, several, quantity, receiver or facility."""

    name: str
    title: str
    kind: str = "text"
    choices: Iterable[StrEnum] | None = None
    hint: str = ""
    optional: bool = False


_CODE = FieldOf("waste_code", message("Waste code"))
UNIT_FIELDS = (
    FieldOf("registered_address", message("Registered address")),
    FieldOf("industry", message("Industry")),
    FieldOf("industry_code", message("Industry code"), hint=message("By GB/T 4754, such as C3360")),
    FieldOf("legal_person", message("Legal representative")),
    FieldOf("legal_phone", message("Telephone of the legal representative")),
    FieldOf("technical_lead", message("Technical head for hazardous waste")),
    FieldOf("technical_phone", message("Telephone of the technical head")),
    FieldOf("eia_number", message("Number of the EIA's approval or registration"), optional=True),
    FieldOf("discharge_permit_number", message("Number of the discharge permit or registration"), optional=True),
    FieldOf("operating_since", message("In operation since"), "day"),
    FieldOf("intermittent", message("Waste arises at intervals of more than three years"), "yes", optional=True),
    FieldOf(
        "approved",
        message("Yearly amount by EIA or discharge permit"),
        "quantity",
        hint=message("The larger of the two; it decides while the site is in operation for less than a year"),
        optional=True,
    ),
    FieldOf(
        "before_records",
        message("Largest yearly amount before these records"),
        "quantity",
        hint=message("Of the last three years, as far as the ledger here does not know them"),
        optional=True,
    ),
)
LINE_FIELDS: Mapping[PlanTable, tuple[FieldOf, ...]] = {
    PlanTable.FACILITIES: (
        FieldOf("facility_code", message("Facility"), "facility"),
        FieldOf("intermediate_product", message("Intermediate product"), optional=True),
        FieldOf("final_product", message("Final product"), optional=True),
        FieldOf("materials", message("Raw materials"), optional=True),
    ),
    PlanTable.GENERATION: (
        _CODE,
        FieldOf("name", message("Name in the trade"), optional=True),
        FieldOf("components", message("Harmful components"), optional=True),
        FieldOf("form", message("Form"), "choice", Form),
        FieldOf("hazards", message("Hazards"), "several", Hazard),
        FieldOf("facility_code", message("Made by the facility"), "facility"),
        FieldOf("planned", message("Planned"), "quantity"),
        FieldOf("use_facility_code", message("Own use in"), "facility", optional=True),
        FieldOf("disposal_facility_code", message("Own disposal in"), "facility", optional=True),
        FieldOf("store_facility_code", message("Stored in"), "facility", optional=True),
    ),
    PlanTable.STORAGE: (
        FieldOf("facility_code", message("Facility"), "facility"),
        FieldOf("store_kind", message("Kind of store"), "choice", FACILITIES),
        _CODE,
        FieldOf("packaging", message("Packaging")),
        FieldOf("remaining", message("Left at the end of the year"), "quantity"),
    ),
    PlanTable.TREATMENT: (
        FieldOf("facility_code", message("Facility"), "facility"),
        _CODE,
        FieldOf("method", message("Method")),
        FieldOf("planned", message("Planned"), "quantity"),
    ),
    PlanTable.REDUCTION: (_CODE, FieldOf("reduced", message("Less by"), "quantity")),
    PlanTable.TRANSFER: (
        FieldOf("kind", message("Kind of transfer"), "choice", TransferKind),
        _CODE,
        FieldOf("planned", message("Planned"), "quantity"),
        FieldOf("method", message("Method")),
        FieldOf("receiver_kind", message("Kind of receiver"), "choice", ReceiverKind),
        FieldOf("receiver_id", message("Receiver"), "receiver", optional=True),
        FieldOf("receiver_name", message("Receiver abroad"), optional=True),
    ),
}
REDUCTION_FIELDS = (
    FieldOf("less_waste", message("Plan to make less waste"), "prose"),
    FieldOf("less_harm", message("Plan to make it less harmful"), "prose"),
    FieldOf("measures", message("Measures"), "prose"),
)
SINGLE_FIELDS: Mapping[PlanTable, tuple[FieldOf, ...]] = {
    PlanTable.UNIT: UNIT_FIELDS,
    PlanTable.REDUCTION: REDUCTION_FIELDS,
}
"""What is said once, beside any lines."""
_CHOICES: tuple[Iterable[StrEnum], ...] = (Form, FACILITIES, TransferKind, ReceiverKind)
_MODELS: Mapping[PlanTable, type[BaseModel]] = {
    PlanTable.FACILITIES: FacilityLine,
    PlanTable.GENERATION: GenerationLine,
    PlanTable.STORAGE: StorageLine,
    PlanTable.TREATMENT: TreatmentLine,
    PlanTable.REDUCTION: ReductionLine,
    PlanTable.TRANSFER: TransferLine,
}


def title_of(table: PlanTable, name: str) -> str:
    """What a field of a table is called."""
    fields = (*SINGLE_FIELDS.get(table, ()), *LINE_FIELDS.get(table, ()))
    return next((field.title for field in fields if field.name == name), name)


def words(locale: Locale) -> dict[str, str]:
    """The members of the tables' choices by their values."""
    return {member.value: label(member, locale) for kind in _CHOICES for member in kind}


def typed(content: Content, table: PlanTable) -> dict[str, object]:
    """What stands in a table, by the names of the form's fields."""
    said: Any = getattr(content, table.value)
    found: dict[str, object] = {}
    if isinstance(said, BaseModel):
        fields = UNIT_FIELDS if table is PlanTable.UNIT else REDUCTION_FIELDS
        for field in fields:
            found |= _typed(field.name, getattr(said, field.name))
        said = getattr(said, "lines", ())
    for number, line in enumerate(said):
        for field in LINE_FIELDS[table]:
            found |= _typed(f"lines.{number}.{field.name}", getattr(line, field.name))
    return found


def _typed(name: str, value: Any) -> dict[str, object]:  # noqa: ANN401  any field's
    if hasattr(value, "unit"):
        shown = f"{value.value.normalize():f}" if value.value else ""
        factor = "" if value.factor is None else f"{value.factor.normalize():f}"
        return {f"{name}.value": shown, f"{name}.unit": value.unit.value, f"{name}.factor": factor}
    if value is True:
        return {name: "yes"}
    return {name: "" if value in {None, False} else value}


def line_count(names: Iterable[str], filled: int = 0) -> int:
    """How many lines to show: those that were sent or are filled, and some empty ones."""
    found = (_LINE.match(name) for name in names)
    return min(MOST_LINES, max([filled + EMPTY_LINES, *(int(match[1]) + 1 for match in found if match)]))


def read(form: FormData, table: PlanTable) -> Any:  # noqa: ANN401  a table of the content
    """A table as it was typed. Raises RuleBroken naming each unreadable field."""
    wrong: list[Broken] = []
    lines = [] if table is PlanTable.UNIT else _lines(form, table, wrong)
    if table not in {PlanTable.UNIT, PlanTable.REDUCTION}:
        refuse(wrong)
        return tuple(lines)
    told = _told(form, "", SINGLE_FIELDS[table])
    model: type[BaseModel] = Unit if table is PlanTable.UNIT else Reduction
    found: BaseModel | None = None
    try:
        found = model.model_validate(told)
    except ValidationError as unreadable:
        wrong += [broken_by_input(dict(error)) for error in unreadable.errors()]
    refuse(wrong)
    return found if found is None or table is PlanTable.UNIT else found.model_copy(update={"lines": tuple(lines)})


def _lines(form: FormData, table: PlanTable, wrong: list[Broken]) -> list[Any]:
    found: list[Any] = []
    adapter: TypeAdapter[Any] = TypeAdapter(_MODELS[table])
    for number in range(line_count(form)):
        told = _told(form, f"lines.{number}.", LINE_FIELDS[table])
        if all(name in _DEFAULTS for name in told):
            continue
        try:
            found.append(adapter.validate_python(told))
        except ValidationError as unreadable:
            for error in unreadable.errors():
                broken = broken_by_input(dict(error))
                wrong.append(dataclasses.replace(broken, field=f"lines.{number}.{broken.field}"))
    return found


def _told(form: FormData, before: str, fields: Iterable[FieldOf]) -> dict[str, Any]:
    """The filled fields of a line."""
    told: dict[str, Any] = {}
    for field in fields:
        name = f"{before}{field.name}"
        if field.kind == "quantity":
            value = str(form.get(f"{name}.value", "")).strip().replace(",", "")
            factor = str(form.get(f"{name}.factor", "")).strip()
            if value:
                unit = str(form.get(f"{name}.unit", QuantityUnit.TONNE.value))
                told[field.name] = {"value": value, "unit": unit} | ({"factor": factor} if factor else {})
        elif field.kind == "several":
            if several := [str(one) for one in form.getlist(name)]:
                told[field.name] = tuple(several)
        elif field.kind == "yes":
            told[field.name] = form.get(name) is not None
        elif text := str(form.get(name, "")).strip():
            told[field.name] = text
    return told
