"""How plants did, as a table to keep."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from wastetrack.capacity.evaluating import HARD_TO_TREAT_DAYS, Operation, PlantOperation
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, said

COLUMNS = (
    Column(said("Plant"), 2),
    Column(said("Firm"), 2),
    Column(said("Region")),
    Column(said("Load class")),
    Column(said("Load (%)"), align="right"),
    Column(said("Allowed in the period"), align="right", unit=MassUnit.TONNE),
    Column(said("Could be treated"), align="right", unit=MassUnit.TONNE),
    Column(said("Treated"), align="right", unit=MassUnit.TONNE),
    Column(said("Received"), align="right", unit=MassUnit.TONNE),
    Column(said("Days lost"), align="right"),
    Column(said("Days with treatment"), align="right"),
    Column(said("Refused containers"), align="right"),
    Column(said("Refused (%)"), align="right"),
    Column(said("Residue"), align="right", unit=MassUnit.TONNE),
    Column(said("Residue of treated (%)"), align="right"),
    Column(said("In store"), align="right", unit=MassUnit.TONNE),
    Column(said("Stores full (%)"), align="right"),
    Column(said("Oldest (days)"), align="right"),
    Column(said("Hard to treat"), align="right", unit=MassUnit.TONNE),
)


def document_of(operation: Operation, *, printed_at: datetime, zone: str) -> Document:
    """The plants of a region in a period."""
    period = f"{operation.since.isoformat()} – {operation.until.isoformat()}"
    rows = tuple(_row(plant) for plant in operation.plants)
    title = said("How plants run")
    return Document(title, ((said("Period"), period),), (Sheet(title, COLUMNS, rows, notes()),), printed_at, zone)


def _row(plant: PlantOperation) -> tuple[Cell, ...]:
    return (
        plant.site,
        plant.firm,
        plant.region_code,
        plant.load_class,
        percent_of(plant.load),
        plant.licensed,
        plant.effective,
        plant.treated,
        plant.received,
        tenth(plant.days_lost),
        plant.days_treated,
        plant.refused,
        percent_of(plant.refusal),
        plant.residue,
        percent_of(plant.residue_ratio),
        plant.standing,
        percent_of(plant.fullness),
        plant.oldest_days,
        plant.hard,
    )


def percent_of(share: Fraction | None) -> Decimal | None:
    """To a tenth."""
    return None if share is None else tenth(share * 100)


def tenth(value: Fraction) -> Decimal:
    """To a tenth."""
    return round(Decimal(value.numerator) / value.denominator, 1)


def notes() -> tuple[Words, ...]:
    """What the reader has to know."""
    return (
        said(
            "Load: what was treated, against what the permit allows in as many days. Idle: below 20 %; low: "
            "below 40 %; normal: below 85 %; tight: up to 100 %; over: above it."
        ),
        said("Could be treated: the permit less the days on which the plant stood still or its permit was suspended."),
        said("Hard to treat: what has stood at the plant for more than {days} days.", days=HARD_TO_TREAT_DAYS),
        said("Where a permit holds for several sites of a firm, each line shows all of it."),
    )
