"""A treatment batch: on what ground, in which facility, by which recipe, what went in beside the waste and came out.

The mass that a batch treats is that of its containers less what stays in them. It leaves as products, as residues that
are new waste, and for the rest as what was destroyed or left with gas and water: that is what `Balance` says.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.catalogues.treatments import MethodGroup, group_of, parse
from wastetrack.errors import Broken, Malformed
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import Mass

LEDGER_ARTICLE: Final = "HJ 1259-2022, 6.3.4"
PERMIT_ARTICLE: Final = "固废法 art. 80"
LONGEST: Final = 100
LONGEST_UNIT: Final = 20
MOST_QUANTITY: Final = Decimal(10) ** 12
FINEST_QUANTITY: Final = Decimal("0.0001")
_GRAMS: Final = {"g": 1, "kg": 1_000, "t": 1_000_000}


class BatchBasis(StrEnum):
    """On what ground waste is treated here."""

    PERMIT = "permit"  # 经营许可证: the site's permit names code and method
    OWN = "own"  # 自行利用处置: one's own waste in one's own registered facility


class BatchState(StrEnum):
    """Where in its life a batch is."""

    RUNNING = "running"  # begun; its containers stand and are held for it
    FINISHED = "finished"  # 利用处置完毕; its mass is booked
    WITHDRAWN = "withdrawn"  # begun by mistake or broken off; its containers are free again


class ReadingKind(StrEnum):
    """What a reading of a batch is of."""

    COMPONENT = "component"  # of the recipe: what is blended, in which share
    ENERGY = "energy"  # electricity, gas, steam
    REAGENT = "reagent"  # what is added; in a unit of mass it counts for the balance
    PARAMETER = "parameter"  # temperature, pressure, pH


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One figure of a batch in its own unit."""

    kind: ReadingKind
    name: str
    quantity: Decimal
    unit: str

    def mass(self) -> Mass:
        """Its grams where it is a reagent told in grams, kilograms or tonnes; else nothing."""
        factor = _GRAMS.get(self.unit.strip().lower()) if self.kind is ReadingKind.REAGENT else None
        return Mass(0 if factor is None else round(self.quantity * factor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What was won of the waste and is waste no more: it leaves the ledger with its mass."""

    name: str
    mass: Mass
    destination: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heel:
    """A container that was not emptied wholly: what it weighs, with what is left in it; it stays at the site."""

    container_id: UUID
    gross: Mass
    method: WeighingMethod = WeighingMethod.PLATFORM_SCALE
    scale_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlan:
    """What is known when a batch begins."""

    basis: BatchBasis = BatchBasis.PERMIT
    facility_id: UUID | None = None
    recipe: str = ""
    started_at: datetime | None = None
    components: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchOutcome:
    """What is known when it is finished, beside its residues."""

    finished_at: datetime | None = None
    readings: tuple[Reading, ...] = ()
    products: tuple[Product, ...] = ()
    heels: tuple[Heel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Where the grams of a batch went. `rest` was destroyed or left with gas and water; below nothing, more came out
    than went in, which a scale or an unnamed reagent explains."""

    treated: Mass
    reagents: Mass
    products: Mass
    residues: Mass

    @property
    def rest(self) -> Mass:
        """What is neither product nor residue."""
        return self.treated + self.reagents - self.products - self.residues


def balance(
    treated: Mass, readings: Iterable[Reading], products: Iterable[Product], residues: Iterable[Mass]
) -> Balance:
    """The balance of a batch."""
    return Balance(
        treated=treated,
        reagents=Mass(sum(reading.mass().grams for reading in readings)),
        products=Mass(sum(product.mass.grams for product in products)),
        residues=Mass(sum(residue.grams for residue in residues)),
    )


PERMITTED: Final = BatchPlan()
"""On the ground of the permit, with nothing more to say."""
UNREMARKABLE_END: Final = BatchOutcome()
"""Finished, with nothing more to say."""


def check_plan(plan: BatchPlan) -> list[Broken]:
    """What a beginning may not say."""
    broken = check_readings(plan.components, field="components")
    if len(plan.recipe) > LONGEST:
        broken.append(_too_long("recipe", plan.recipe, LONGEST))
    if plan.basis is BatchBasis.OWN and plan.facility_id is None:
        message = "Own waste is treated without a permit only in a facility of the site that is entered here."
        step = "Choose the facility; it is entered at the site under the code of the discharge permit."
        broken.append(Broken("facility_id", "facility_missing", message, article=PERMIT_ARTICLE, next_step=step))
    return broken


def check_readings(readings: Sequence[Reading], *, field: str = "readings") -> list[Broken]:
    """Readings without name or unit, or with a quantity that cannot be."""
    broken: list[Broken] = []
    for index, reading in enumerate(readings):
        at = f"{field}.{index}"
        if not reading.name.strip() or not reading.unit.strip():
            message = "A reading has a name, a quantity and a unit."
            step = "Write it like: electricity 1200 kWh."
            broken.append(Broken(f"{at}.name", "reading_incomplete", message, reading.name, next_step=step))
        for text, most in ((reading.name, LONGEST), (reading.unit, LONGEST_UNIT)):
            if len(text) > most:
                broken.append(_too_long(f"{at}.name", text, most))
        least = -MOST_QUANTITY if reading.kind is ReadingKind.PARAMETER else Decimal(0)
        if not (least <= reading.quantity <= MOST_QUANTITY):
            message = "{value} is no quantity of {name}."
            step = "Check the unit; only parameters such as a temperature may be below nothing."
            facts: dict[str, object] = {"name": reading.name}
            told = str(reading.quantity)
            broken.append(Broken(f"{at}.quantity", "reading_absurd", message, told, facts=facts, next_step=step))
    return broken


def check_products(products: Sequence[Product], method: str, whole: Balance) -> list[Broken]:
    """Products without name or mass, of a method that wins none, or heavier than what went in."""
    broken: list[Broken] = []
    for index, product in enumerate(products):
        at = f"products.{index}"
        if not product.name.strip():
            message = "A product has a name."
            broken.append(Broken(f"{at}.name", "product_nameless", message, next_step="Say what was won."))
        if product.mass.grams <= 0:
            message = "A product weighs more than nothing, not {value}."
            step = "Weigh it; the field is in kilograms."
            broken.append(Broken(f"{at}.mass_g", "product_massless", message, product.mass.kg_text(), next_step=step))
        said = (product.name, product.destination)
        broken += [_too_long(f"{at}.name", text, LONGEST) for text in said if len(text) > LONGEST]
    if products and _is_disposal(method):
        message = "Method {value} destroys or buries waste; it wins no product."
        step = "Take the method by which the product was won, or book what is left as residue."
        broken.append(
            Broken("products", "disposal_without_product", message, method, article=LEDGER_ARTICLE, next_step=step)
        )
    if whole.products > whole.treated + whole.reagents:
        message = "The products weigh {value}, more than the {treated} treated and {reagents} of reagents."
        facts: dict[str, object] = {"treated": whole.treated.kg_text(), "reagents": whole.reagents.kg_text()}
        step = "Weigh again, or enter the reagents that went in."
        told = whole.products.kg_text()
        broken.append(Broken("products", "products_exceed_input", message, told, LEDGER_ARTICLE, step, facts))
    return broken


def _is_disposal(method: str) -> bool:
    try:
        return group_of(parse(method)) is MethodGroup.DISPOSAL
    except Malformed:  # its own rule tells
        return False


def _too_long(field: str, text: str, most: int) -> Broken:
    message = "This is longer than {most} characters."
    return Broken(field, "text_too_long", message, text[:most], facts={"most": most}, next_step="Shorten it.")
