"""What is printed, as frozen data: the renderers see only this, so a document can be drawn and tested without database.

Figures carry facts as they were at the moment of printing. Masses are Mass, instants are aware datetimes and are shown
in the `zone` given with the document; words that differ by language are `Words`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from wastetrack.mass import ZERO, Mass

Locale = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said in both languages of the product."""

    zh: str
    en: str

    def of(self, locale: Locale) -> str:
        """The word in this language."""
        return self.zh if locale == "zh" else self.en


@dataclass(frozen=True, slots=True)
class MedicalFigures:
    """What the label of a bag or box of medical waste says besides: its class, the ward, what to beware of."""

    waste_class: str
    department: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One container's label, field by field as HJ 1276-2022 lists them; Chinese, as the law wants it.

    `hazards` are the letters T, C, I, R, In. `volume_litres` decides the size (None: taken as the smallest class).
    `mass` None leaves the weight blank for writing by hand. `print_number` above 1 marks a reprint; 0 is no print at
    all, only a look at what would be printed. `medical` makes it a label of medical waste (HJ 421-2008).
    """

    label_text: str
    digital_code: str
    waste_name: str
    category: str
    waste_code: str
    form: str
    hazards: tuple[str, ...]
    main_components: str
    harmful_components: str
    precautions: str
    generator_name: str
    contact_name: str
    contact_phone: str
    generated_on: date
    mass: Mass | None
    volume_litres: Decimal | None = None
    remarks: str = ""
    print_number: int = 1
    revision: int = 1
    medical: MedicalFigures | None = None

    def note_of_print(self) -> str:
        """What stands behind the remarks: which label of the container this is, unless it is the first print of it."""
        if self.print_number == 0:
            return "（预览，未登记打印）"
        replaced = f"第{self.revision}版" if self.revision > 1 else ""
        again = f"第{self.print_number}次打印" if self.print_number > 1 else ""
        said = "，".join(part for part in (replaced, again) if part)
        return f"（{said}）" if said else ""


@dataclass(frozen=True, slots=True)
class PartyFigures:
    """An organisation as it stands on a manifest."""

    name: str
    credit_code: str
    address: str
    contact_name: str = ""
    contact_phone: str = ""
    emergency_phone: str = ""
    permit_number: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class WasteLineFigures:
    """One waste code of a manifest. `received` None: not weighed in yet.

    `measures`: against an accident on the way (令23 art. 10(4)), the precautions that stand on the labels.
    `major_difference` None: the receiver has not said; `opinion` is the receiver's decision (接受人处理意见).
    """

    waste_name: str
    waste_code: str
    hazards: tuple[str, ...]
    form: str
    harmful_components: str
    packing: str
    container_count: int
    declared: Mass
    received: Mass | None = None
    method: str = ""
    opinion: Words | None = None
    major_difference: bool | None = None
    difference_note: str = ""
    measures: str = ""


@dataclass(frozen=True, slots=True)
class LegFigures:
    """One carrier's stretch of the journey; times None where it has not come to that."""

    carrier: PartyFigures
    licence_number: str
    driver_name: str
    driver_phone: str
    plate: str
    start: str
    end: str
    trailer_plate: str = ""
    vehicle: str = ""
    via: str = ""
    departed_at: datetime | None = None
    arrived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ContainerFigures:
    """One container of a manifest: what was declared, and what the gate weighed."""

    digital_code: str
    waste_name: str
    packing: str
    declared: Mass
    measured: Mass | None = None
    estimated: bool = False
    outcome: Words | None = None
    measured_at: datetime | None = None

    @property
    def difference(self) -> Mass | None:
        """Measured less declared; None until it was weighed."""
        return None if self.measured is None else self.measured - self.declared


@dataclass(frozen=True, slots=True)
class SignatureFigures:
    """Who signed what when, and where the transparency log holds it (`log_index` None: proof pending)."""

    meaning: Words
    person_name: str
    organisation_name: str
    signed_at: datetime
    log_index: int | None = None
    leaf_hash: str = ""


@dataclass(frozen=True, slots=True)
class HappeningFigures:
    """What happened between pick-up and confirmation: a mismatch, an incident, another receiver."""

    title: Words
    happened_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class CorrectionFigures:
    """A correction made after signing: what was said before is never removed."""

    corrected_at: datetime
    person_name: str
    text: str


@dataclass(frozen=True, slots=True)
class ManifestFigures:
    """A whole 危险废物转移联单. `number` None: a draft that has none yet.

    `watermark` is printed across each page of what must not be taken for a valid manifest (draft, void).
    """

    number: str | None
    state: Words
    shipper: PartyFigures
    lines: tuple[WasteLineFigures, ...]
    legs: tuple[LegFigures, ...]
    receiver: PartyFigures
    containers: tuple[ContainerFigures, ...]
    signatures: tuple[SignatureFigures, ...]
    verification_url: str
    catalogue_edition: str
    printed_at: datetime
    handed_over_at: datetime | None = None
    received_at: datetime | None = None
    discrepancy_reason: str = ""
    happenings: tuple[HappeningFigures, ...] = ()
    corrections: tuple[CorrectionFigures, ...] = ()
    remarks: str = ""
    watermark: Words | None = None
    zone: str = "Asia/Shanghai"
    grounds: tuple[tuple[Words, Words], ...] = ()
    """On what the transfer rests, where it is more than the receiver's permit: caption and text."""

    @property
    def declared(self) -> Mass:
        """All that the shipper declared."""
        return total(line.declared for line in self.lines)

    @property
    def received(self) -> Mass | None:
        """All that the receiver has weighed in so far; None before the first weighing."""
        weighed = [line.received for line in self.lines if line.received is not None]
        return total(weighed) if weighed else None

    @property
    def discrepancy(self) -> Mass | None:
        """Received less declared, over the lines weighed in; None before the first weighing."""
        pairs = [(line.received, line.declared) for line in self.lines if line.received is not None]
        return total(got - said for got, said in pairs) if pairs else None


def total(masses: Iterable[Mass]) -> Mass:
    """The sum; `sum()` would begin at the number 0, which is no Mass."""
    whole = ZERO
    for mass in masses:
        whole += mass
    return whole
