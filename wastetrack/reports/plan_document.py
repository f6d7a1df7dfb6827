"""A version of a management plan as the tables of HJ 1259-2022 annex A: one document for screen, workbook and PDF."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wastetrack.catalogues import waste_codes
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.errors import Malformed
from wastetrack.i18n import message
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.facilities import FacilityKind
from wastetrack.plans.content import BY_MASS, Content, GenerationLine, Quantity
from wastetrack.plans.model import ManagementClass, PlanTable
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, named, said

TITLES: Mapping[PlanTable, str] = {
    PlanTable.UNIT: message("A.1 Unit"),
    PlanTable.FACILITIES: message("A.2 Facilities"),
    PlanTable.GENERATION: message("A.3 Generation"),
    PlanTable.STORAGE: message("A.4 Storage"),
    PlanTable.TREATMENT: message("A.5 Own use and disposal"),
    PlanTable.REDUCTION: message("A.6 Reduction"),
    PlanTable.TRANSFER: message("A.7 Transfer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFigures:
    """What is printed: the content, and what register, lists and ledger put beside it."""

    year: int
    version: int
    filing_number: str | None
    filed_at: datetime | None
    management_class: ManagementClass
    content: Content
    particulars: Mapping[str, Any]
    lists: Catalogue
    on: date
    region: str
    last_year: Mapping[str, Mass]
    """What the ledger knows of the year before, by code."""
    printed_at: datetime


def document_of(figures: PlanFigures) -> Document:
    """The whole plan."""
    lines: list[tuple[Words, str]] = [
        (said(message("Unit")), str(figures.particulars.get("name", ""))),
        (said(message("Site")), str(figures.particulars.get("site", ""))),
        (said(message("Year")), str(figures.year)),
        (said(message("Version")), str(figures.version)),
        (said(message("Filing number")), figures.filing_number or "—"),
    ]
    sheets = (
        _unit(figures),
        _facilities(figures),
        _generation(figures),
        _storage(figures),
        _treatment(figures),
        _reduction(figures),
        _transfer(figures),
    )
    title = said(message("Management plan of hazardous waste"))
    return Document(title, tuple(lines), sheets, figures.printed_at, LEGAL_ZONE.key)


def _sheet(table: PlanTable, columns: tuple[Column, ...], rows: list[tuple[Cell, ...]], *notes: Words) -> Sheet:
    return Sheet(said(TITLES[table]), columns, tuple(rows), notes)


def _column(title: str, weight: float = 1.0) -> Column:
    return Column(said(title), weight)


def _tonnes(title: str) -> Column:
    return Column(said(title), 1.0, "right", MassUnit.TONNE)


def _unit(figures: PlanFigures) -> Sheet:
    unit, told = figures.content.unit, figures.particulars
    told_of: list[tuple[str, Cell]] = [
        (message("Name of the unit"), told.get("name", "")),
        (message("Registered address"), unit.registered_address),
        (message("Address of the site"), told.get("site_address", "")),
        (message("Division"), figures.region),
        (message("Industry"), unit.industry),
        (message("Industry code"), unit.industry_code),
        (message("Longitude"), told.get("longitude", "")),
        (message("Latitude"), told.get("latitude", "")),
        (message("Credit code"), told.get("credit_code", "")),
        (message("Management class"), named(figures.management_class)),
        (message("Legal representative"), unit.legal_person),
        (message("Telephone"), unit.legal_phone),
        (message("Technical head for hazardous waste"), unit.technical_lead),
        (message("Telephone"), unit.technical_phone),
        (message("Approval of the EIA"), _whether(unit.eia_number)),
        (message("Its number"), unit.eia_number or "—"),
        (message("Discharge permit or registration"), _whether(unit.discharge_permit_number)),
        (message("Its number"), unit.discharge_permit_number or "—"),
    ]
    cells = [(said(title), value) for title, value in told_of]
    rows: list[tuple[Cell, ...]] = [(*one, *other) for one, other in zip(cells[::2], cells[1::2], strict=True)]
    blank = Column(Words(zh="", en=""), 1.6)
    return _sheet(PlanTable.UNIT, (_column(message("Field")), blank, _column(message("Field")), blank), rows)


def _whether(number: str) -> Words:
    return said(message("yes")) if number else said(message("no"))


def _facilities(figures: PlanFigures) -> Sheet:
    columns = (
        _column(message("Main production unit")),
        _column(message("Main process")),
        _column(message("Facility")),
        _column(message("Code of the facility")),
        _column(message("Kind")),
        _column(message("Parameters"), 1.4),
        _column(message("Design capacity")),
        _column(message("Intermediate product")),
        _column(message("Final product")),
        _column(message("Raw materials"), 1.4),
    )
    known = figures.particulars.get("facilities", {})
    rows: list[tuple[Cell, ...]] = []
    for line in figures.content.facilities:
        one = known.get(line.facility_code, {})
        kind = one.get("kind")
        rows.append(
            (
                one.get("process_unit", ""),
                one.get("process", ""),
                one.get("name", ""),
                line.facility_code,
                named(FacilityKind(kind)) if kind else "",
                one.get("parameters", ""),
                one.get("capacity", ""),
                line.intermediate_product,
                line.final_product,
                line.materials,
            )
        )
    return _sheet(PlanTable.FACILITIES, columns, rows)


def _waste(figures: PlanFigures, code: str) -> tuple[str, str]:
    """Official name and category of a code, as the list of the day has them."""
    try:
        parsed = waste_codes.parse(code)
    except Malformed:
        return "", ""
    if figures.lists.why_not_waste(code, figures.on):
        return "", parsed.category
    return figures.lists.waste(code, figures.on).category_name, parsed.category


def _known(figures: PlanFigures, code: str) -> GenerationLine:
    """What A.3 says of a waste; the later tables repeat it."""
    lines = figures.content.generation
    return next((line for line in lines if line.waste_code == code), GenerationLine(waste_code=code))


_WASTE = (
    (message("Name in the trade"), 1.2),
    (message("Official name"), 1.4),
    (message("Category"), 0.6),
    (message("Waste code"), 0.9),
    (message("Harmful components"), 1.0),
    (message("Form"), 0.6),
    (message("Hazards"), 0.6),
)


def _of_waste(figures: PlanFigures, code: str) -> tuple[Cell, ...]:
    line = _known(figures, code)
    official, category = _waste(figures, code)
    return line.name, official, category, code, line.components, named(line.form), ",".join(line.hazards)


def _waste_columns() -> tuple[Column, ...]:
    return tuple(_column(title, weight) for title, weight in _WASTE)


def _counted(quantity: Quantity) -> str:
    """The quantity in its own unit, where that is no mass (5.5.1 e: pieces are shown beside the tonnes)."""
    if quantity.unit in BY_MASS:
        return ""
    unit = {"l": "L", "m3": "m³", "piece": "×"}[quantity.unit.value]
    factor = "" if quantity.factor is None else f" ({quantity.factor.normalize():f} kg)"
    return f"{quantity.value.normalize():f} {unit}{factor}"


def _made_in(figures: PlanFigures, code: str) -> str:
    """Code and name of a facility, and the part of the production that makes the waste."""
    one = figures.particulars.get("facilities", {}).get(code, {})
    return " ".join(part for part in (code, one.get("name", ""), one.get("process_unit", "")) if part)


def _able(figures: PlanFigures, code: str) -> str:
    """Code of a facility and its design capacity, as A.3 asks for both."""
    one = figures.particulars.get("facilities", {}).get(code, {})
    return " ".join(part for part in (code, one.get("capacity", "")) if part)


def _generation(figures: PlanFigures) -> Sheet:
    columns = (
        _column(message("Facility")),
        *_waste_columns(),
        _tonnes(message("Planned")),
        _column(message("Counted")),
        _tonnes(message("Last year by the ledger")),
        _column(message("Own use")),
        _column(message("Own disposal")),
        _column(message("Storage")),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            _made_in(figures, line.facility_code),
            *_of_waste(figures, line.waste_code),
            line.planned.mass(),
            _counted(line.planned),
            figures.last_year.get(line.waste_code, ZERO),
            _able(figures, line.use_facility_code),
            _able(figures, line.disposal_facility_code),
            _able(figures, line.store_facility_code),
        )
        for line in figures.content.generation
    ]
    return _sheet(PlanTable.GENERATION, columns, rows)


def _storage(figures: PlanFigures) -> Sheet:
    columns = (
        _column(message("Facility")),
        _column(message("Kind of store")),
        *_waste_columns(),
        _column(message("Packaging")),
        _tonnes(message("Left at the end of the year")),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            line.facility_code,
            named(line.store_kind),
            *_of_waste(figures, line.waste_code),
            line.packaging,
            line.remaining.mass(),
        )
        for line in figures.content.storage
    ]
    return _sheet(PlanTable.STORAGE, columns, rows)


def _treatment(figures: PlanFigures) -> Sheet:
    columns = (
        _column(message("Kind")),
        _column(message("Facility")),
        *_waste_columns(),
        _column(message("Method")),
        _tonnes(message("Planned")),
    )
    known = figures.particulars.get("facilities", {})
    rows: list[tuple[Cell, ...]] = []
    for line in figures.content.treatment:
        kind = known.get(line.facility_code, {}).get("kind")
        told: Cell = named(FacilityKind(kind)) if kind else ""
        waste = _of_waste(figures, line.waste_code)
        rows.append((told, line.facility_code, *waste, line.method, line.planned.mass()))
    return _sheet(PlanTable.TREATMENT, columns, rows)


def _reduction(figures: PlanFigures) -> Sheet:
    told = figures.content.reduction
    columns = (
        _column(message("Name in the trade")),
        _column(message("Official name")),
        _column(message("Waste code")),
        _tonnes(message("Planned")),
        _tonnes(message("Less by")),
    )
    rows: list[tuple[Cell, ...]] = []
    for line in told.lines:
        known = _known(figures, line.waste_code)
        official, _ = _waste(figures, line.waste_code)
        rows.append((known.name, official, line.waste_code, known.planned.mass(), line.reduced.mass()))
    if rows:
        planned = sum(_known(figures, line.waste_code).planned.mass().grams for line in told.lines)
        less = sum(line.reduced.mass().grams for line in told.lines)
        rows.append((said(message("Total")), "", "", Mass(planned), Mass(less)))
    notes = tuple(
        said(title, text=text)
        for title, text in (
            (message("Plan to make less waste: {text}"), told.less_waste),
            (message("Plan to make it less harmful: {text}"), told.less_harm),
            (message("Measures: {text}"), told.measures),
        )
        if text
    )
    return _sheet(PlanTable.REDUCTION, columns, rows, *notes)


def _transfer(figures: PlanFigures) -> Sheet:
    columns = (
        _column(message("Kind of transfer")),
        *_waste_columns(),
        _tonnes(message("Planned")),
        _column(message("Counted")),
        _column(message("Method")),
        _column(message("Kind of receiver")),
        _column(message("Receiver"), 1.6),
        _column(message("Permit number")),
    )
    receivers = figures.particulars.get("receivers", {})
    rows: list[tuple[Cell, ...]] = []
    for line in figures.content.transfer:
        receiver = receivers.get(str(line.receiver_id), {})
        rows.append(
            (
                named(line.kind),
                *_of_waste(figures, line.waste_code),
                line.planned.mass(),
                _counted(line.planned),
                line.method,
                named(line.receiver_kind),
                line.receiver_name or receiver.get("name", ""),
                "、".join(receiver.get("permits", ())),
            )
        )
    return _sheet(PlanTable.TRANSFER, columns, rows)
