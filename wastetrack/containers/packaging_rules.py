"""In what medical waste may be packed: its class by code, the packagings of HJ 421-2008, and how full they may be.

Rules of 医疗废物管理条例 art. 16 and of 医疗卫生机构医疗废物管理办法 art. 11 and 13. The text of the latter two was not
at hand: which packaging a class may be in is `unconfirmed`, and the share that may be filled is a figure of the
jurisdiction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from wastetrack.containers.model import Form, Packaging, Packed
from wastetrack.errors import Broken

PACKING_ARTICLE: Final = "HJ 421-2008; 医疗废物管理条例 art. 16"
FILLING_ARTICLE: Final = "医疗卫生机构医疗废物管理办法 art. 13"
DOUBLE_ARTICLE: Final = "医疗卫生机构医疗废物管理办法 art. 11"
TAKEN_OUT_ARTICLE: Final = "医疗卫生机构医疗废物管理办法 art. 11"
LIQUID_ARTICLE: Final = "GB 18597-2023 8.1.2"
HALF_SOLID_ARTICLE: Final = "GB 18597-2023 8.1.3"
DOUBLE_LAYERS: Final = 2
MOST_LAYERS: Final = 3
_WHOLE_PERCENT: Final = 100


class MedicalClass(StrEnum):
    """The five classes of medical waste (医疗废物分类目录, 2021)."""

    INFECTIOUS = "infectious"  # 感染性废物
    SHARP = "sharp"  # 损伤性废物
    PATHOLOGICAL = "pathological"  # 病理性废物
    CHEMICAL = "chemical"  # 化学性废物
    PHARMACEUTICAL = "pharmaceutical"  # 药物性废物


_CLASSES: Final[Mapping[str, MedicalClass]] = MappingProxyType(
    {
        "841-001-01": MedicalClass.INFECTIOUS,
        "841-002-01": MedicalClass.SHARP,
        "841-003-01": MedicalClass.PATHOLOGICAL,
        "841-004-01": MedicalClass.CHEMICAL,
        "841-005-01": MedicalClass.PHARMACEUTICAL,
    }
)
MAY_HOLD: Final[Mapping[MedicalClass, frozenset[Packaging]]] = MappingProxyType(
    {
        MedicalClass.INFECTIOUS: frozenset({Packaging.BAG, Packaging.TURNOVER_BOX}),
        # Whatever pricks goes into what cannot be pricked through, and never loose into a bag or a turnover box.
        MedicalClass.SHARP: frozenset({Packaging.SHARPS_BOX}),
        MedicalClass.PATHOLOGICAL: frozenset({Packaging.BAG, Packaging.TURNOVER_BOX}),
        MedicalClass.CHEMICAL: frozenset({Packaging.DRUM, Packaging.BOX, Packaging.BAG, Packaging.TURNOVER_BOX}),
        MedicalClass.PHARMACEUTICAL: frozenset({Packaging.BAG, Packaging.BOX, Packaging.DRUM, Packaging.TURNOVER_BOX}),
    }
)
"""Class → the packagings that it may be put into."""
_TIED: Final = frozenset({Packaging.BAG, Packaging.SHARPS_BOX})
"""What is closed for good when it is three quarters full."""
_LETS_LIQUID_OUT: Final = frozenset({Packaging.BAG, Packaging.BIG_BAG, Packaging.PALLET})
_STAYS_IN: Final = frozenset({MedicalClass.INFECTIOUS, MedicalClass.SHARP, MedicalClass.PATHOLOGICAL})
"""What, once packed, is not taken out again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What is put into what: the facts that the rules judge."""

    waste_code: str
    form: Form
    packaging: Packaging
    packed: Packed


def medical_class(waste_code: str) -> MedicalClass | None:
    """The class of medical waste that a code names; None: it is no medical waste."""
    return _CLASSES.get(waste_code)


def check_packing(put: Put, *, fill_limit_percent: int, field: str = "") -> tuple[Broken, ...]:
    """Which rules a packing breaks."""
    packed, medical = put.packed, medical_class(put.waste_code)
    broken = list(_check_figures(packed, field))
    if medical is None:
        if packed.highly_infectious:
            message = "Only medical waste is marked as highly infectious; {value} is none."
            step = "Take the mark away, or give the code of the medical waste (841-001-01 to 841-005-01)."
            broken.append(Broken(f"{field}highly_infectious", "not_medical", message, put.waste_code, next_step=step))
        return (*broken, *check_form(put, field))
    broken += _check_kind(put, medical, field)
    if put.packaging in _TIED:
        broken += _check_filling(packed, fill_limit_percent, field)
    if packed.highly_infectious and put.packaging is Packaging.BAG and packed.layers < DOUBLE_LAYERS:
        message = "Waste of isolated patients goes into two bags, one in the other; this says {value}."
        step = "Put a second yellow bag around it, close it, and enter 2 layers."
        broken.append(
            Broken(f"{field}layers", "single_bag", message, packed.layers, article=DOUBLE_ARTICLE, next_step=step)
        )
    return tuple(broken)


def why_not_taken_out(waste_code: str) -> tuple[Broken, ...]:
    """Why the content of a medical packaging may not go into another; () where it may."""
    if medical_class(waste_code) not in _STAYS_IN:
        return ()
    message = "What was packed as {value} is not taken out of its packaging again."
    step = "If the bag is torn or soiled, put another one around it and print its label anew."
    return (Broken("from_ids", "medical_taken_out", message, waste_code, article=TAKEN_OUT_ARTICLE, next_step=step),)


def _check_figures(packed: Packed, field: str) -> list[Broken]:
    broken: list[Broken] = []
    if packed.filled_percent is not None and not 1 <= packed.filled_percent <= _WHOLE_PERCENT:
        message = "A container is filled to 1 to 100 percent, not to {value}."
        step = "Give the share of its volume that is filled."
        broken.append(
            Broken(f"{field}filled_percent", "filling_absurd", message, packed.filled_percent, next_step=step)
        )
    if not 1 <= packed.layers <= MOST_LAYERS:
        message = "A packaging has 1 to {most} layers, not {value}."
        facts: dict[str, object] = {"most": MOST_LAYERS}
        step = "Count the bags, one in the other."
        broken.append(Broken(f"{field}layers", "layers_absurd", message, packed.layers, facts=facts, next_step=step))
    return broken


def check_form(put: Put, field: str = "") -> list[Broken]:
    """What holds hazardous waste by its state of matter. Of general waste (900-001-S17) the standard does not speak;
    medical waste has rules of its own."""
    name, general = f"{field}packaging", put.waste_code[-3] != "-"
    if general or medical_class(put.waste_code) is not None:
        return []
    if put.form is Form.LIQUID and put.packaging in _LETS_LIQUID_OUT:
        message = "A liquid is not put into a {value}."
        step = "Take a closed drum, can or tank; a pool or tank farm holds what stands loose."
        return [Broken(name, "liquid_in_bag", message, put.packaging, article=LIQUID_ARTICLE, next_step=step)]
    if put.form is Form.SEMI_SOLID and put.packaging is Packaging.PALLET:
        message = "What is half solid is not put onto a {value} without a container."
        step = "Take a drum, box or bag, and put that onto the pallet."
        return [Broken(name, "half_solid_loose", message, put.packaging, article=HALF_SOLID_ARTICLE, next_step=step)]
    return []


def _check_kind(put: Put, medical: MedicalClass, field: str) -> list[Broken]:
    if put.packaging not in MAY_HOLD[medical]:
        message = "{medical} waste is not put into a {value}; it may be put into: {may}."
        facts: dict[str, object] = {
            "medical": medical,
            "may": tuple(one for one in Packaging if one in MAY_HOLD[medical]),
        }
        step = "Take a packaging of HJ 421-2008 that is meant for this class."
        if medical is MedicalClass.SHARP:
            step = "Needles and blades go into a sharps box, which is not opened again."
        return [
            Broken(
                f"{field}packaging",
                "medical_packaging",
                message,
                put.packaging,
                article=PACKING_ARTICLE,
                facts=facts,
                next_step=step,
            )
        ]
    if medical is MedicalClass.CHEMICAL and put.packaging is Packaging.BAG and put.form is Form.LIQUID:
        message = "A liquid chemical is not put into a {value}."
        step = "Take a closed drum or can."
        return [
            Broken(
                f"{field}packaging",
                "liquid_in_bag",
                message,
                put.packaging,
                article=PACKING_ARTICLE,
                next_step=step,
            )
        ]
    return []


def _check_filling(packed: Packed, limit: int, field: str) -> list[Broken]:
    if packed.filled_percent is None:
        message = "Say how full the bag or box is; it is closed at {limit} percent."
        step = "Enter the share of its volume that is filled."
        facts: dict[str, object] = {"limit": limit}
        return [
            Broken(
                f"{field}filled_percent",
                "filling_missing",
                message,
                article=FILLING_ARTICLE,
                facts=facts,
                next_step=step,
            )
        ]
    if limit < packed.filled_percent <= _WHOLE_PERCENT:
        message = "It is {value} percent full; a bag or sharps box is closed at {limit} percent."
        step = "Divide what is not packed yet between two, and close each in time."
        return [
            Broken(
                f"{field}filled_percent",
                "too_full",
                message,
                packed.filled_percent,
                article=FILLING_ARTICLE,
                facts={"limit": limit},
                next_step=step,
            )
        ]
    return []
