"""Of which class a site is, and which tables its plan needs. Pure (HJ 1259-2022, 4.2, 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from wastetrack.mass import ZERO, Mass
from wastetrack.plans.model import AmountGround, ClassGround, ManagementClass, PlanTable

FULL_YEARS: Final = 3

REQUIRED: Final[Mapping[ManagementClass, frozenset[PlanTable]]] = {
    ManagementClass.KEY: frozenset(PlanTable),
    ManagementClass.SIMPLIFIED: frozenset(PlanTable) - {PlanTable.FACILITIES, PlanTable.TREATMENT},
    ManagementClass.REGISTERED: frozenset({PlanTable.UNIT, PlanTable.GENERATION, PlanTable.TRANSFER}),
}
"""5.3.1 to 5.3.3. Tables that a site has nothing for (no own treatment, nothing sent away) are left empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a class is judged by."""

    year: int
    on: date
    generated: Mapping[int, Mass]
    """By calendar year, from the ledger."""
    operating_since: date | None
    intermittent: bool = False
    approved: Mass | None = None
    before_records: Mass | None = None
    holds_permit: bool = False
    has_own_treatment: bool = False
    set_class: ManagementClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Yearly amounts from which a site is of a higher class (4.2.1)."""

    key: Mass
    simplified: Mass


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """The class, why, and the yearly amount with where it comes from."""

    management_class: ManagementClass
    ground: ClassGround
    amount: Mass
    amount_ground: AmountGround


def classify(grounds: Grounds, thresholds: Thresholds) -> Classification:
    """The class of a site for a plan."""
    amount, amount_ground = yearly_amount(grounds)
    found, ground = _by_amount(amount, thresholds), ClassGround.AMOUNT
    if found is not ManagementClass.KEY and grounds.has_own_treatment:
        found, ground = ManagementClass.KEY, ClassGround.OWN_TREATMENT
    if found is not ManagementClass.KEY and grounds.holds_permit:
        found, ground = ManagementClass.KEY, ClassGround.PERMIT
    if grounds.set_class is not None:
        found, ground = grounds.set_class, ClassGround.AUTHORITY
    return Classification(management_class=found, ground=ground, amount=amount, amount_ground=amount_ground)


def yearly_amount(grounds: Grounds) -> tuple[Mass, AmountGround]:
    """危险废物年产生量 (4.2.3), with where it comes from."""
    since = grounds.operating_since
    if grounds.intermittent or (since is not None and grounds.on < _anniversary(since, 1)):
        return grounds.approved or ZERO, AmountGround.APPROVED
    known = [grounds.before_records or ZERO]
    if since is not None and grounds.on < _anniversary(since, FULL_YEARS):
        known += [mass for year, mass in grounds.generated.items() if since.year <= year <= grounds.on.year]
        return max(known), AmountGround.SO_FAR
    known += [mass for year, mass in grounds.generated.items() if grounds.year - FULL_YEARS <= year < grounds.year]
    return max(known), AmountGround.THREE_YEARS


def _by_amount(amount: Mass, thresholds: Thresholds) -> ManagementClass:
    if amount >= thresholds.key:
        return ManagementClass.KEY
    return ManagementClass.SIMPLIFIED if amount >= thresholds.simplified else ManagementClass.REGISTERED


def _anniversary(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February in a year that has none
        return day.replace(year=day.year + years, month=3, day=1)
