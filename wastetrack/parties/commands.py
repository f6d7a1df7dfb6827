"""What can be asked of the register: one frozen command per verb, each telling all its own broken rules.

Here stands what can be judged from the command alone; whether a region, an organisation or a number exists is asked
by the use cases (registering.py, permitting.py), which tell everything together.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from wastetrack.catalogues import waste_codes
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties import credit_codes, field_rules, permits, plates
from wastetrack.parties.field_rules import Found
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.permits import LONGEST_YEARS, PermitKind
from wastetrack.parties.storerooms import PLAIN, Room, store_broken

CREDIT_CODE_ARTICLE: Final = "GB 32100-2015"
PLATE_ARTICLE: Final = "危险废物转移管理办法（部令第23号）第十一条"
# The largest road train with a special permit; the largest yearly quantity of any plant, ten times over.
MOST_LOAD: Final = Mass(200_000_000)
MOST_YEARLY: Final = Mass(10_000_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOrganisation:
    """Bring an organisation onto the platform. `jurisdiction` only for regulators: 37, 3706 or 370602."""

    credit_code: str
    name: str
    kinds: frozenset[OrganisationKind]
    region_code: str
    address: str
    contact_name: str
    contact_phone: str
    name_en: str | None = None
    jurisdiction: str | None = None
    verified: bool = True
    """Whoever registers it has seen the licence. Without that it cannot sign until a claim has been confirmed."""

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (
            *field_rules.readable(
                "credit_code",
                self.credit_code,
                credit_codes.check,
                article=CREDIT_CODE_ARTICLE,
                next_step="Copy the code from the business licence.",
            ),
            *field_rules.text("name", self.name),
            *field_rules.optional_text("name_en", self.name_en),
            *self._broken_kinds(),
            *field_rules.text("address", self.address),
            *field_rules.text("contact_name", self.contact_name, longest=60),
            *field_rules.phone("contact_phone", self.contact_phone),
        )

    def _broken_kinds(self) -> Found:
        if not self.kinds:
            return (
                Broken(
                    "kinds",
                    "organisation_without_kind",
                    "It is not said what the organisation does with waste.",
                    next_step="Tick at least one kind.",
                ),
            )
        if (OrganisationKind.REGULATOR in self.kinds) != (self.jurisdiction is not None):
            return (
                Broken(
                    "jurisdiction",
                    "jurisdiction_only_of_regulators",
                    "A regulator has a region to watch, and nobody else has.",
                    self.jurisdiction,
                    next_step="Name the region of a regulator; leave it empty for others.",
                ),
            )
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSite:
    """A place of an organisation."""

    organisation_id: UUID
    name: str
    kind: SiteKind
    region_code: str
    address: str
    latitude: Decimal
    longitude: Decimal

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (
            *field_rules.text("name", self.name),
            *field_rules.text("address", self.address),
            *field_rules.coordinates(self.latitude, self.longitude),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddStore:
    """A storage facility or zone of a site, under the code painted on its door (TS001)."""

    site_id: UUID
    code: str
    name: str
    limit: Mass
    room: Room = PLAIN

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (*store_broken(self.code, self.name, self.limit), *self.room.broken())


@dataclass(frozen=True, slots=True, kw_only=True)
class AddVehicle:
    """A vehicle of a carrier."""

    organisation_id: UUID
    plate: str
    rated_load: Mass
    licence_number: str
    licence_valid_to: date

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (
            *field_rules.readable(
                "plate",
                self.plate,
                plates.parse,
                article=PLATE_ARTICLE,
                next_step="Copy the plate from the vehicle licence.",
            ),
            *field_rules.mass("rated_load", self.rated_load, most=MOST_LOAD),
            *field_rules.text("licence_number", self.licence_number, longest=60, article=PLATE_ARTICLE),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDriver:
    """A driver of a carrier."""

    organisation_id: UUID
    name: str
    certificate_number: str
    certificate_valid_to: date
    phone: str

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (
            *field_rules.text("name", self.name, longest=60),
            *field_rules.text("certificate_number", self.certificate_number, longest=60),
            *field_rules.phone("phone", self.phone),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTransportLicence:
    """A carrier's licence for dangerous goods, with the classes it names ("3", "6.1", "8", "9")."""

    organisation_id: UUID
    number: str
    valid_from: date
    valid_to: date
    classes: frozenset[str]

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        strange = sorted(self.classes - _DANGER_CLASSES)
        return (
            *field_rules.text("number", self.number, longest=60),
            *field_rules.day_order(self.valid_from, self.valid_to),
            *(
                Broken(
                    "classes",
                    "danger_class_unknown",
                    "There is no class {value} of dangerous goods.",
                    danger_class,
                    "GB 6944",
                    next_step="Choose among 1 to 9, with divisions such as 6.1.",
                )
                for danger_class in strange
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemToGrant:
    """One line of a permit: a code or a category, its methods, and the quantity of a year."""

    pattern: str
    methods: frozenset[str]
    yearly: Mass

    def normal_pattern(self) -> str:
        """`900-249-08` or `HW08`. Raises Malformed when it is neither."""
        return waste_codes.parse_pattern(self.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPermit:
    """An operating permit as printed; `site_id` None when it holds for all sites of the organisation."""

    organisation_id: UUID
    number: str
    kind: PermitKind
    valid_from: date
    valid_to: date
    items: tuple[ItemToGrant, ...]
    site_id: UUID | None = None

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (
            *field_rules.text("number", self.number, longest=60, article=permits.CONTENTS),
            *validity_broken(self.kind, self.valid_from, self.valid_to),
            *items_broken(self.items),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewPermit:
    """The next permit of the same holder, site and kind; items None keeps those of the old one."""

    permit_id: UUID
    number: str
    valid_from: date
    valid_to: date
    items: tuple[ItemToGrant, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPermit:
    """Take a permit away from a day on, until lifted or until a last day."""

    permit_id: UUID
    from_on: date
    reason: str
    to_on: date | None = None

    def broken(self) -> Found:
        """All rules that the command itself breaks."""
        return (
            *field_rules.text("reason", self.reason, article=permits.SUSPENSION),
            *(() if self.to_on is None else field_rules.day_order(self.from_on, self.to_on, field="to_on")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftSuspension:
    """End a suspension; `last_on` is the last day on which the permit is still suspended."""

    permit_id: UUID
    suspension_id: UUID
    last_on: date


_DANGER_CLASSES: Final = frozenset(
    {
        *("1", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2", "2.1", "2.2", "2.3", "3", "4", "4.1", "4.2", "4.3"),
        *("5", "5.1", "5.2", "6", "6.1", "6.2", "7", "8", "9"),
    }
)


def validity_broken(kind: PermitKind, valid_from: date, valid_to: date) -> Found:
    """Days in order, and not longer than the kind of permit may hold."""
    reversed_days = field_rules.day_order(valid_from, valid_to)
    years = LONGEST_YEARS[kind]
    if reversed_days or valid_to < _years_after(valid_from, years):
        return reversed_days
    return (
        Broken(
            "valid_to",
            "permit_too_long",
            "A permit of this kind holds {years} years at most; {value} is later.",
            valid_to.isoformat(),
            permits.VALIDITY,
            next_step="Shorten the validity.",
            facts={"years": years},
        ),
    )


def items_broken(items: tuple[ItemToGrant, ...]) -> Found:
    """At least one line, each readable, none twice. Whether codes and methods are listed is the catalogue's to say."""
    if not items:
        return (
            Broken(
                "items",
                "permit_without_items",
                "The permit allows nothing.",
                article=permits.CONTENTS,
                next_step="Add at least one waste code or category.",
            ),
        )
    found: list[Broken] = []
    seen: set[str] = set()
    for number, item in enumerate(items):
        field = f"items.{number}"
        unreadable = field_rules.readable(
            f"{field}.pattern",
            item.pattern,
            waste_codes.parse_pattern,
            article=permits.CONTENTS,
            next_step="Write a code as 900-249-08 or a category as HW08.",
        )
        found.extend(unreadable)
        found.extend(field_rules.mass(f"{field}.yearly", item.yearly, most=MOST_YEARLY, article=permits.CONTENTS))
        if not item.methods:
            found.append(
                Broken(
                    f"{field}.methods",
                    "permit_item_without_method",
                    "No method is named for {pattern}.",
                    article=permits.CONTENTS,
                    next_step="Choose at least one method.",
                    facts={"pattern": item.pattern},
                )
            )
        if not unreadable and item.normal_pattern() in seen:
            found.append(
                Broken(
                    f"{field}.pattern",
                    "permit_item_twice",
                    "{value} stands on the permit twice.",
                    item.normal_pattern(),
                    permits.CONTENTS,
                    next_step="Put methods and quantity into one line.",
                )
            )
        if not unreadable:
            seen.add(item.normal_pattern())
    return tuple(found)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February in a year that has none
        return day.replace(year=day.year + years, month=3, day=1)
