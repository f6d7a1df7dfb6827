"""What a management plan says: the seven tables of HJ 1259-2022 annex A, as they are filled in, stored and shown.

What the register or the list of wastes knows (addresses, categories, permit numbers) is not typed here; it is put
beside when a version is filed or shown.
"""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from wastetrack.catalogues.hazards import Hazard
from wastetrack.characters import LINE_PATTERN, PROSE_PATTERN
from wastetrack.containers.model import Form
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.storerooms import StoreKind
from wastetrack.plans.model import PlanTable, QuantityUnit, ReceiverKind, TransferKind

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=LINE_PATTERN)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=PROSE_PATTERN)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30, pattern=LINE_PATTERN)]
MOST_LINES = 300
_GRAMS = {
    QuantityUnit.TONNE: Decimal(1_000_000),
    QuantityUnit.KILOGRAM: Decimal(1_000),
    QuantityUnit.LITRE: Decimal(1_000),
    QuantityUnit.CUBIC_METRE: Decimal(1_000_000),
    QuantityUnit.PIECE: Decimal(1_000),
}
BY_MASS = frozenset({QuantityUnit.TONNE, QuantityUnit.KILOGRAM})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Quantity(_Part):
    """A planned quantity. Volumes name their density in kg/L (t/m³), pieces the mass of one in kg (5.5.1 e)."""

    value: Annotated[Decimal, Field(ge=0, le=1_000_000_000, max_digits=18)] = Decimal(0)
    unit: QuantityUnit = QuantityUnit.TONNE
    factor: Annotated[Decimal, Field(gt=0, le=100_000, max_digits=12)] | None = None

    def mass(self) -> Mass:
        """In whole grams; zero while the factor is missing."""
        if self.unit in BY_MASS:
            grams = self.value * _GRAMS[self.unit]
        elif self.factor is None:
            return ZERO
        else:
            grams = self.value * self.factor * _GRAMS[self.unit]
        return Mass(int(grams.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    @classmethod
    def of(cls, mass: Mass) -> "Quantity":
        """A mass in tonnes."""
        return cls(value=(Decimal(mass.grams) / 1_000_000).normalize())


class Unit(_Part):
    """A.1, as far as the register does not know it. Names, address, place and credit code are the register's."""

    registered_address: Text = ""
    industry: Text = ""
    industry_code: Code = ""
    legal_person: Text = ""
    legal_phone: Text = ""
    technical_lead: Text = ""
    technical_phone: Text = ""
    eia_number: Text = ""
    """Empty: there is no approval and no registration."""
    discharge_permit_number: Text = ""
    operating_since: date | None = None
    intermittent: bool = False
    """间歇产生危险废物周期大于 3 年."""
    approved: Quantity | None = None
    """The larger amount of EIA and discharge permit (4.2.3)."""
    before_records: Quantity | None = None
    """The largest yearly amount of the last three years that the ledger here does not know."""


class FacilityLine(_Part):
    """A.2: what a facility of the register makes and of what; the rest is the register's."""

    facility_code: Code
    intermediate_product: Text = ""
    final_product: Text = ""
    materials: Text = ""


class GenerationLine(_Part):
    """A.3."""

    waste_code: Code
    name: Text = ""
    """行业俗称/单位内部名称."""
    components: Text = ""
    form: Form = Form.SOLID
    hazards: tuple[Hazard, ...] = ()
    facility_code: Code = ""
    planned: Quantity = Quantity()
    use_facility_code: Code = ""
    disposal_facility_code: Code = ""
    store_facility_code: Code = ""


class StorageLine(_Part):
    """A.4."""

    facility_code: Code
    store_kind: Literal[StoreKind.WAREHOUSE, StoreKind.YARD, StoreKind.POOL, StoreKind.TANK_FARM, StoreKind.SPOT] = (
        StoreKind.WAREHOUSE
    )
    """贮存设施类型; a zone is only a part of one."""
    waste_code: Code
    packaging: Text = ""
    remaining: Quantity = Quantity()


class TreatmentLine(_Part):
    """A.5."""

    facility_code: Code
    waste_code: Code
    method: Code = ""
    planned: Quantity = Quantity()


class ReductionLine(_Part):
    """A.6, upper part."""

    waste_code: Code
    reduced: Quantity = Quantity()


class Reduction(_Part):
    """A.6."""

    lines: Annotated[tuple[ReductionLine, ...], Field(max_length=MOST_LINES)] = ()
    less_waste: Prose = ""
    """减少危险废物产生量的计划."""
    less_harm: Prose = ""
    """降低危险废物危害性的计划."""
    measures: Prose = ""


class TransferLine(_Part):
    """A.7. A receiver is one of the register, or named in words where it is abroad."""

    kind: TransferKind = TransferKind.WITHIN
    waste_code: Code
    planned: Quantity = Quantity()
    method: Code = ""
    receiver_kind: ReceiverKind = ReceiverKind.PERMIT_HOLDER
    receiver_id: UUID | None = None
    receiver_name: Text = ""


class Content(_Part):
    """A whole plan."""

    unit: Unit = Unit()
    facilities: Annotated[tuple[FacilityLine, ...], Field(max_length=MOST_LINES)] = ()
    generation: Annotated[tuple[GenerationLine, ...], Field(max_length=MOST_LINES)] = ()
    storage: Annotated[tuple[StorageLine, ...], Field(max_length=MOST_LINES)] = ()
    treatment: Annotated[tuple[TreatmentLine, ...], Field(max_length=MOST_LINES)] = ()
    reduction: Reduction = Reduction()
    transfer: Annotated[tuple[TransferLine, ...], Field(max_length=MOST_LINES)] = ()

    def is_filled(self, table: PlanTable) -> bool:
        """Whether something is said in a table."""
        said: Any = getattr(self, table.value)
        return bool(said) if isinstance(said, tuple) else said != type(said)()

    def quantities(self) -> Iterator[tuple[str, Quantity]]:
        """Every quantity with the path of its field."""
        for name, one in (("unit.approved", self.unit.approved), ("unit.before_records", self.unit.before_records)):
            if one is not None:
                yield name, one
        for number, line in enumerate(self.generation):
            yield f"generation.{number}.planned", line.planned
        for number, stored in enumerate(self.storage):
            yield f"storage.{number}.remaining", stored.remaining
        for number, treated in enumerate(self.treatment):
            yield f"treatment.{number}.planned", treated.planned
        for number, less in enumerate(self.reduction.lines):
            yield f"reduction.lines.{number}.reduced", less.reduced
        for number, sent in enumerate(self.transfer):
            yield f"transfer.{number}.planned", sent.planned
