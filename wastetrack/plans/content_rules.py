"""What a plan must say before it is filed: all that is missing or wrong, told at once (HJ 1259-2022, 5.4, 5.5)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from wastetrack.catalogues import waste_codes
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.errors import Broken, Malformed
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import field_rules
from wastetrack.parties.facilities import Facility, FacilityKind
from wastetrack.parties.permits import Permit
from wastetrack.plans.content import BY_MASS, Content, TransferLine
from wastetrack.plans.model import ManagementClass, PlanTable, ReceiverKind, TransferKind
from wastetrack.plans.policy import REQUIRED

_INDUSTRY = re.compile(r"[A-T]?[0-9]{2,4}")
TABLE_OF: Final[Mapping[PlanTable, str]] = {
    PlanTable.UNIT: "HJ 1259-2022, 5.4.1, A.1",
    PlanTable.FACILITIES: "HJ 1259-2022, 5.4.2, A.2",
    PlanTable.GENERATION: "HJ 1259-2022, 5.5.1, A.3",
    PlanTable.STORAGE: "HJ 1259-2022, 5.5.2, A.4",
    PlanTable.TREATMENT: "HJ 1259-2022, 5.5.3, A.5",
    PlanTable.REDUCTION: "HJ 1259-2022, 5.5.4, A.6",
    PlanTable.TRANSFER: "HJ 1259-2022, 5.5.5, A.7",
}
_OWN = frozenset({FacilityKind.USE, FacilityKind.DISPOSAL})
Line = tuple[str, str, UUID]
"""Waste code, method, receiver: what a line of A.7 is known by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A receiver as the register knows it."""

    name: str
    provinces: frozenset[str]
    """Where it has its sites."""
    permits: tuple[Permit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a plan is held against."""

    year: int
    on: date
    region_code: str
    facilities: tuple[Facility, ...]
    lists: Catalogue
    receivers: Mapping[UUID, Receiver]
    used: Mapping[Line, Mass] = field(default_factory=dict)
    """What manifests of the year have taken already."""


def why_not_file(content: Content, management_class: ManagementClass, known: Known) -> tuple[Broken, ...]:
    """Every reason why the plan cannot be filed as it stands; none when it can."""
    required = REQUIRED[management_class]
    found = [*_unit(content), *_quantities(content), *_generation(content, management_class, known)]
    if PlanTable.FACILITIES in required:
        found += _facilities(content, known)
    if PlanTable.STORAGE in required:
        found += _storage(content, known)
    if PlanTable.TREATMENT in required:
        found += _treatment(content, known)
    if PlanTable.REDUCTION in required:
        found += _reduction(content)
    return (*found, *_transfer(content, known), *_below_use(content, known))


def _unit(content: Content) -> Iterator[Broken]:
    unit, article = content.unit, TABLE_OF[PlanTable.UNIT]
    for name in ("registered_address", "industry", "legal_person", "technical_lead"):
        yield from field_rules.text(f"unit.{name}", getattr(unit, name), article=article)
    for name in ("legal_phone", "technical_phone"):
        yield from field_rules.phone(f"unit.{name}", getattr(unit, name))
    if not _INDUSTRY.fullmatch(unit.industry_code):
        message = "“{value}” is not the code of an industry."
        step = "Write the code of GB/T 4754, such as C3360 or 3360."
        yield Broken("unit.industry_code", "industry_code_unreadable", message, unit.industry_code, article, step)
    if unit.operating_since is None:
        message = "It is not said since when the site has been in operation; its class depends on it."
        step = "Give the day on which production began."
        yield Broken("unit.operating_since", "operation_undated", message, None, "HJ 1259-2022, 4.2.3", step)


def _quantities(content: Content) -> Iterator[Broken]:
    for name, quantity in content.quantities():
        if quantity.unit not in BY_MASS and quantity.factor is None:
            message = "A volume or a number of pieces is converted into tonnes; its factor is missing."
            step = "Give the density in kg/L, or the mass of one piece in kg."
            yield Broken(name, "conversion_missing", message, str(quantity.value), "HJ 1259-2022, 5.5.1 e", step)


def _generation(content: Content, management_class: ManagementClass, known: Known) -> Iterator[Broken]:
    article = TABLE_OF[PlanTable.GENERATION]
    if not content.generation:
        yield _empty("generation", PlanTable.GENERATION, "The plan names no waste.", "Add each waste of the year.")
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(content.generation):
        at = f"generation.{number}"
        wrong = known.lists.why_not_waste(line.waste_code, known.on, field=f"{at}.waste_code")
        yield from wrong
        if not wrong:
            profile = known.lists.waste(line.waste_code, known.on).hazards
            yield from profile.why_not(line.hazards, field=f"{at}.hazards")
        if line.planned.mass() <= ZERO and (line.planned.unit in BY_MASS or line.planned.factor is not None):
            yield from field_rules.mass(f"{at}.planned", ZERO, most=Mass(1), article=article)
        yield from _twice(seen, (line.waste_code, line.facility_code), f"{at}.waste_code", article)
        if management_class is ManagementClass.KEY or line.facility_code:
            kinds = frozenset(FacilityKind)
            yield from _facility(f"{at}.facility_code", line.facility_code, kinds, known, article)
        for name, code, kind in (
            ("use_facility_code", line.use_facility_code, FacilityKind.USE),
            ("disposal_facility_code", line.disposal_facility_code, FacilityKind.DISPOSAL),
            ("store_facility_code", line.store_facility_code, FacilityKind.STORAGE),
        ):
            if code:
                yield from _facility(f"{at}.{name}", code, frozenset({kind}), known, article)


def _facilities(content: Content, known: Known) -> Iterator[Broken]:
    article = TABLE_OF[PlanTable.FACILITIES]
    if not content.facilities:
        step = "Enter the facilities of the site, then name them here."
        yield _empty("facilities", PlanTable.FACILITIES, "The plan names no facility.", step)
    for number, line in enumerate(content.facilities):
        at = f"facilities.{number}.facility_code"
        yield from _facility(at, line.facility_code, frozenset(FacilityKind), known, article)


def _storage(content: Content, known: Known) -> Iterator[Broken]:
    article, named = TABLE_OF[PlanTable.STORAGE], _named(content)
    if not content.storage:
        step = "Say where waste is stored, in what packaging, and how much will be left at the end of the year."
        yield _empty("storage", PlanTable.STORAGE, "The plan names no storage.", step)
    for number, line in enumerate(content.storage):
        at = f"storage.{number}"
        yield from _facility(
            f"{at}.facility_code", line.facility_code, frozenset({FacilityKind.STORAGE}), known, article
        )
        yield from _of_generation(f"{at}.waste_code", line.waste_code, named, article)
        yield from field_rules.text(f"{at}.packaging", line.packaging, article=article)


def _treatment(content: Content, known: Known) -> Iterator[Broken]:
    article, named = TABLE_OF[PlanTable.TREATMENT], _named(content)
    own = [one for one in known.facilities if one.kind in _OWN and one.until is None]
    if own and not content.treatment:
        step = "Say what is used or disposed of in it this year, or close the facility."
        message = "The site has own use or disposal, and the plan says nothing of it."
        yield _empty("treatment", PlanTable.TREATMENT, message, step)
    for number, line in enumerate(content.treatment):
        at = f"treatment.{number}"
        yield from _facility(f"{at}.facility_code", line.facility_code, _OWN, known, article)
        yield from _of_generation(f"{at}.waste_code", line.waste_code, named, article)
        yield from _method(f"{at}.method", line.method, line.waste_code, known)


def _reduction(content: Content) -> Iterator[Broken]:
    article, told, named = TABLE_OF[PlanTable.REDUCTION], content.reduction, _named(content)
    for name in ("less_waste", "less_harm", "measures"):
        if not getattr(told, name).strip():
            message, step = "Nothing is written here.", "Fill in this field."
            yield Broken(f"reduction.{name}", "field_empty", message, article=article, next_step=step)
    for number, line in enumerate(told.lines):
        yield from _of_generation(f"reduction.lines.{number}.waste_code", line.waste_code, named, article)


def _transfer(content: Content, known: Known) -> Iterator[Broken]:
    article, named = TABLE_OF[PlanTable.TRANSFER], _named(content)
    if not content.transfer and not content.treatment:
        step = "Say who takes the waste of the year."
        yield _empty("transfer", PlanTable.TRANSFER, "The plan does not say where the waste goes.", step)
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(content.transfer):
        at = f"transfer.{number}"
        yield from _of_generation(f"{at}.waste_code", line.waste_code, named, article)
        yield from _method(f"{at}.method", line.method, line.waste_code, known)
        yield from _receiver(at, line, known)
        where = str(line.receiver_id or line.receiver_name)
        yield from _twice(seen, (f"{line.waste_code} {line.method}", where), f"{at}.waste_code", article)


def _receiver(at: str, line: TransferLine, known: Known) -> Iterator[Broken]:
    article = TABLE_OF[PlanTable.TRANSFER]
    abroad = line.receiver_kind is ReceiverKind.ABROAD
    if abroad != (line.kind is TransferKind.ABROAD):
        message = "A transfer abroad goes to a receiver abroad, and no other does."
        step = "Correct the kind of transfer or the kind of receiver."
        yield Broken(f"{at}.kind", "transfer_kind_wrong", message, line.kind, article, step)
    if abroad:
        yield from field_rules.text(f"{at}.receiver_name", line.receiver_name, article=article)
        return
    receiver = None if line.receiver_id is None else known.receivers.get(line.receiver_id)
    if receiver is None:
        step = "Choose the receiver from the register."
        yield Broken(f"{at}.receiver_id", "receiver_missing", "It is not said who receives.", None, article, step)
        return
    own = frozenset({known.region_code[:2]})
    fitting = receiver.provinces & own if line.kind is TransferKind.WITHIN else receiver.provinces - own
    if line.kind is not TransferKind.ABROAD and not fitting:
        message = "{receiver} is in province {province}; the kind of transfer says otherwise."
        facts: dict[str, object] = {"receiver": receiver.name, "province": ", ".join(sorted(receiver.provinces))}
        step = "Correct the kind of transfer."
        yield Broken(f"{at}.kind", "transfer_kind_wrong", message, line.kind, article, step, facts)
    if line.receiver_kind is ReceiverKind.PERMIT_HOLDER:
        yield from _permitted(at, line, receiver, known)


def _permitted(at: str, line: TransferLine, receiver: Receiver, known: Known) -> Iterator[Broken]:
    """5.5.5 g: the receiver's permit in the register names the waste and the method, on some day of the year."""
    try:
        code = waste_codes.parse(line.waste_code)
    except Malformed:
        return
    first, last = date(known.year, 1, 1), date(known.year, 12, 31)
    valid = [one for one in receiver.permits if one.valid_from <= last and one.valid_to >= first]
    if any(one.item_for(code, line.method) for one in valid):
        return
    message = "No permit of {receiver} in {year} names {value} with method {method}."
    facts: dict[str, object] = {"receiver": receiver.name, "year": known.year, "method": line.method or "—"}
    step = "Choose a receiver whose permit names both."
    article = "HJ 1259-2022, 5.5.5 g"
    yield Broken(f"{at}.receiver_id", "plan_receiver_not_permitted", message, line.waste_code, article, step, facts)


def _below_use(content: Content, known: Known) -> Iterator[Broken]:
    planned: dict[Line, Mass] = {}
    at: dict[Line, int] = {}
    for number, line in enumerate(content.transfer):
        if line.receiver_id is not None:
            key = (line.waste_code, line.method, line.receiver_id)
            planned[key], at[key] = line.planned.mass(), number
    for key, used in known.used.items():
        if used > planned.get(key, ZERO):
            message = "Manifests of this year have taken {used} of {waste_code} already; {value} are planned now."
            facts: dict[str, object] = {"used": used.tonne_text(), "waste_code": key[0]}
            step = "Plan at least what is taken."
            name = f"transfer.{at[key]}.planned" if key in at else "transfer"
            value = planned.get(key, ZERO).tonne_text()
            yield Broken(name, "plan_below_use", message, value, "HJ 1259-2022, 5.2.3", step, facts)


def _named(content: Content) -> frozenset[str]:
    return frozenset(line.waste_code for line in content.generation)


def _of_generation(at: str, waste_code: str, named: frozenset[str], article: str) -> Iterator[Broken]:
    if waste_code not in named:
        message = "{value} does not stand in the table of generation."
        step = "Add it there first, with 0.001 t if only old stock is left."
        yield Broken(at, "waste_not_in_plan", message, waste_code, article, step)


def _facility(at: str, code: str, kinds: frozenset[FacilityKind], known: Known, article: str) -> Iterator[Broken]:
    found = next((one for one in known.facilities if one.code == code), None)
    last = date(known.year, 1, 1)
    if found is None or found.kind not in kinds or (found.until is not None and found.until < last):
        message = "The site has no facility {value} for this."
        step = "Enter it at the site with its code, or correct the code."
        yield Broken(at, "facility_not_fitting", message, code, article, step)


def _method(at: str, method: str, waste_code: str, known: Known) -> Iterator[Broken]:
    try:
        code = waste_codes.parse(waste_code)
    except Malformed:
        code = None
    yield from known.lists.why_not_treatment(method, known.on, code=code, field=at)


def _twice(seen: set[tuple[str, str]], key: tuple[str, str], at: str, article: str) -> Iterator[Broken]:
    if key in seen:
        message, step = "This line stands twice.", "Put both quantities into one line."
        yield Broken(at, "plan_line_twice", message, key[0], article, step)
    seen.add(key)


def _empty(name: str, table: PlanTable, message: str, step: str) -> Broken:
    return Broken(name, "plan_table_empty", message, article=TABLE_OF[table], next_step=step)
