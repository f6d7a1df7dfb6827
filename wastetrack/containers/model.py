"""Containers: the labelled units that hold waste, what they weigh, and what may be said of a weighing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers.batch_rules import PERMITTED, UNREMARKABLE_END, BatchOutcome, BatchPlan
from wastetrack.containers.ledger_facts import Generation, Handling, Operation
from wastetrack.errors import Broken
from wastetrack.ledger.model import Measurement, WeighingMethod
from wastetrack.mass import Mass


class Packaging(StrEnum):
    """The kind of container (HJ 1259-2022 6.3.1: 容器/包装类型)."""

    DRUM = "drum"  # 桶
    BAG = "bag"  # 袋; for medical waste the yellow bag of HJ 421
    BOX = "box"  # 箱
    TANK = "tank"  # 罐/槽车
    BIG_BAG = "big_bag"  # 吨袋
    SHARPS_BOX = "sharps_box"  # 利器盒
    TURNOVER_BOX = "turnover_box"  # 周转箱
    PALLET = "pallet"  # 托盘
    OTHER = "other"  # 其他


class Form(StrEnum):
    """The state of matter (废物形态)."""

    SOLID = "solid"  # 固态
    SEMI_SOLID = "semi_solid"  # 半固态
    LIQUID = "liquid"  # 液态
    GAS = "gas"  # 气态


class ContainerState(StrEnum):
    """Where in its life a container is."""

    AT_SITE = "at_site"  # stands at a site
    IN_TRANSIT = "in_transit"  # on the road under a manifest
    TREATED = "treated"  # its content was destroyed, recovered or landfilled
    EMPTIED = "emptied"  # its content went into other containers
    LOST = "lost"  # declared, never arrived; its mass is in the discrepancy account
    SENT_OUT = "sent_out"  # general waste that left its site without a manifest


class LineageKind(StrEnum):
    """How content came from one container into another."""

    REPACKED = "repacked"  # one into one
    MERGED = "merged"  # several into one
    SPLIT = "split"  # one into several
    RECODED = "recoded"  # the content is the same, its waste code is another


class PrintReason(StrEnum):
    """Why a label is printed."""

    FIRST = "first"  # the container has none yet
    REPRINT = "reprint"  # one more of the same, which stays valid
    DAMAGED = "damaged"  # the old one cannot be read any more, and is void
    CHANGED = "changed"  # what it said is no longer true; the old one is void

    @property
    def voids(self) -> bool:
        """Whether labels printed before are void from now on."""
        return self in {PrintReason.DAMAGED, PrintReason.CHANGED}


# Mercury, the densest waste liquid, weighs 13.6 kg/L. What is denser than that is a slipped unit.
DENSEST_G_PER_L = 14_000
# Below this a full container would be lighter than air-filled foam; asked back, not refused for good.
LIGHTEST_G_PER_L = 2
# The heaviest single unit is a tank vehicle: GB 1589-2016 allows 49 t for the whole train.
HEAVIEST = Mass(49_000_000)
# The step of a weighbridge is some 20 kg. A wider spread than this, or than the mass itself, would let any two figures
# agree at the gate.
VAGUEST_G = 100_000
NEXT_STEP_UNIT = "Check the unit: the field is in kilograms."


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One weighing of a container: full, empty, how, on which scale, with which standard uncertainty (one sigma)."""

    gross: Mass
    tare: Mass
    method: WeighingMethod
    scale_id: str | None = None
    uncertainty: Mass | None = None
    confirmed: bool = False
    """The weigher was asked whether so light a mass is right, and said yes."""
    reading_id: UUID | None = None
    """The scale itself said the gross mass; then method, scale and uncertainty are the scale's (measuring.py)."""

    @property
    def net(self) -> Mass:
        """The waste alone."""
        return self.gross - self.tare

    @property
    def is_estimate(self) -> bool:
        """Whether nothing was weighed; every place that shows the mass says so."""
        return self.method is WeighingMethod.ESTIMATE

    def measurement(self) -> Measurement:
        """As the ledger keeps it."""
        return Measurement(self.method, self.scale_id, None if self.uncertainty is None else self.uncertainty.grams)


def check_weighing(weighing: Weighing, volume_l: int, *, field: str = "gross_g") -> tuple[Broken, ...]:
    """Which rules a weighing breaks: zero, negative, absurd, or a slipped unit."""
    net = weighing.net
    facts: dict[str, object] = {"net": net.kg_text(), "volume_l": volume_l, "tare": weighing.tare.kg_text()}
    if weighing.tare.grams < 0:
        message = "The tare cannot be negative ({tare})."
        return (Broken("tare_g", "tare_negative", message, weighing.tare.grams, facts=facts, next_step=NEXT_STEP_UNIT),)
    if weighing.tare > HEAVIEST:
        message = "{tare} is not the mass of an empty container."
        return (Broken("tare_g", "tare_absurd", message, weighing.tare.grams, facts=facts, next_step=NEXT_STEP_UNIT),)
    if net.grams <= 0:
        message = "Gross less tare must be more than nothing, not {net}."
        step = "Weigh again; the gross mass includes the container."
        return (Broken(field, "mass_not_positive", message, weighing.gross.grams, facts=facts, next_step=step),)
    if net > HEAVIEST or net.grams > volume_l * DENSEST_G_PER_L:
        message = "{net} cannot be in a container of {volume_l} L."
        return (Broken(field, "mass_absurd", message, weighing.gross.grams, facts=facts, next_step=NEXT_STEP_UNIT),)
    if net.grams < volume_l * LIGHTEST_G_PER_L and not weighing.confirmed:
        message = "{net} is very little for a container of {volume_l} L."
        step = "Check the unit, or confirm that the mass is right."
        return (Broken(field, "mass_too_light", message, weighing.gross.grams, facts=facts, next_step=step),)
    return _check_uncertainty(weighing)


def _check_uncertainty(weighing: Weighing) -> tuple[Broken, ...]:
    uncertainty = weighing.uncertainty
    if uncertainty is None or 0 <= uncertainty.grams <= max(weighing.net.grams, VAGUEST_G):
        return ()
    step = "Give one standard deviation of the scale in grams, or leave it empty."
    facts: dict[str, object] = {"uncertainty": uncertainty.kg_text(), "net": weighing.net.kg_text()}
    if uncertainty.grams < 0:
        message = "The uncertainty cannot be negative."
        return (Broken("uncertainty_g", "uncertainty_negative", message, uncertainty.grams, next_step=step),)
    message = "An uncertainty of {uncertainty} says nothing about {net}."
    return (Broken("uncertainty_g", "uncertainty_absurd", message, uncertainty.grams, facts=facts, next_step=step),)


def check_chosen(container_ids: Sequence[UUID], *, field: str = "container_ids") -> tuple[Broken, ...]:
    """A choice of containers: at least one, and none twice, or its kilograms would be booked twice."""
    if not container_ids:
        return (Broken(field, "containers_missing", "Choose at least one container."),)
    if len(set(container_ids)) != len(container_ids):
        step = "Name each container once."
        return (Broken(field, "container_twice", "The same container is listed twice.", next_step=step),)
    return ()


def check_volume(volume_l: int, packaging: Packaging) -> tuple[Broken, ...]:
    """A container's volume in litres: positive, and not that of a building."""
    limit = 60_000 if packaging in {Packaging.TANK, Packaging.OTHER} else 3_000
    if 1 <= volume_l <= limit:
        return ()
    message = "A volume of {value} L is not that of a {packaging} (1 to {limit} L)."
    facts: dict[str, object] = {"packaging": packaging.value, "limit": limit}
    return (
        Broken("volume_l", "volume_absurd", message, volume_l, facts=facts, next_step="Give the volume in litres."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the label says of the content (HJ 1276-2022; GB 18597-2023, 4.6)."""

    waste_code: str
    waste_name: str
    form: Form
    hazards: tuple[str, ...]
    main_components: str = ""
    harmful_components: str = ""
    precautions: str = ""
    remarks: str = ""
    compatibility: CompatibilityClass | None = None
    """What it must not stand beside, where the code does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """How it was packed, and where in the house it comes from; most of it concerns medical waste."""

    department: str = ""
    """The ward or department that the waste comes from."""
    layers: int = 1
    """How many bags, one in the other."""
    filled_percent: int | None = None
    """Share of its volume that is filled; None: nobody looked."""
    highly_infectious: bool = False
    """From patients isolated for an infectious disease, or suspected of one (隔离的传染病病人)."""


UNREMARKABLE = Packed()
"""Packed in one layer, of no department in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelContainer:
    """Command: a container was filled, weighed, and gets its label."""

    site_id: UUID
    description: Description
    packaging: Packaging
    volume_l: int
    weighing: Weighing
    generated_on: date
    store_id: UUID | None = None
    packed: Packed = UNREMARKABLE
    generation: Generation = field(default_factory=Generation)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighContainer:
    """Command: a container that still stands where it was made is weighed again."""

    container_id: UUID
    weighing: Weighing


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabels:
    """Command: print the labels of these containers, for this reason; `reason` says it in words where there is more
    to say."""

    container_ids: tuple[UUID, ...]
    why: PrintReason
    paper: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreContainers:
    """Command: put containers into a storage area of their site, or take them out of store (`store_id` None)."""

    container_ids: tuple[UUID, ...]
    store_id: UUID | None
    compatibility: CompatibilityClass | None = None
    """Stated anew for all of them; None leaves what each says."""
    handling: Handling = field(default_factory=Handling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """One container that repacking fills."""

    packaging: Packaging
    volume_l: int
    weighing: Weighing
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repack:
    """Command: the content of some containers went into others: one into one, several into one, one into several.

    If the masses differ, `loss_reason` says why, and the difference goes to the site's discrepancy account.
    """

    from_ids: tuple[UUID, ...]
    into: tuple[Filling, ...]
    repacked_on: date
    loss_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """New waste that treatment left."""

    description: Description
    packaging: Packaging
    volume_l: int
    weighing: Weighing


@dataclass(frozen=True, slots=True, kw_only=True)
class Treat:
    """Command: containers at one site were destroyed, recovered or landfilled by a method, leaving residues."""

    site_id: UUID
    container_ids: tuple[UUID, ...]
    method: str
    treated_on: date
    residues: tuple[Residue, ...] = ()
    operation: Operation = field(default_factory=Operation)
    plan: BatchPlan = PERMITTED
    outcome: BatchOutcome = UNREMARKABLE_END


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginBatch:
    """Command: containers at one site go into treatment, which takes its time; until it ends they are held for it."""

    site_id: UUID
    container_ids: tuple[UUID, ...]
    method: str
    begun_on: date
    plan: BatchPlan = PERMITTED


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishBatch:
    """Command: a batch that ran is finished, and leaves residues."""

    batch_id: UUID
    treated_on: date
    residues: tuple[Residue, ...] = ()
    outcome: BatchOutcome = UNREMARKABLE_END
    operation: Operation = field(default_factory=Operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawBatch:
    """Command: a batch that ran is given up; its containers are free again."""

    batch_id: UUID
    reason: str
