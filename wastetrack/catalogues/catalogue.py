"""All official lists at once, frozen, as one process holds them: what is listed on a day, and if not, why not.

The lists are small (some 8,000 entries, about 5 MB) and change yearly, while nearly every request asks them
something; so they are read once (queries.py) and asked in memory.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from wastetrack.catalogues import general_wastes, treatments, waste_codes
from wastetrack.catalogues.hazards import Hazard, HazardProfile
from wastetrack.catalogues.model import (
    Edition,
    Exemption,
    ExemptionScope,
    GeneralWasteClass,
    ListedWaste,
    ListName,
    Region,
    Treatment,
    UnNumber,
)
from wastetrack.catalogues.waste_codes import WasteCode
from wastetrack.errors import Broken, Malformed, NotFound, RuleBroken, refuse

LIST_ARTICLE: Final = "国家危险废物名录 第五条、第六条"
TRANSFER_ARTICLE: Final = "危险废物转移管理办法（部令第23号）第十条"
METHOD_ARTICLE: Final = "HJ 1259-2022 5.5.3.1"
REGION_ARTICLE: Final = "GB/T 2260"

# What art. 6 says of waste identified as hazardous: its hazards are those found, whichever they are.
_IDENTIFIED_HAZARDS: Final = HazardProfile(tuple(Hazard), frozenset(), one_of_them=True)
_IDENTIFIED_DESCRIPTION: Final = "根据国家规定的鉴别标准和鉴别方法认定的具有危险特性、名录中没有对应代码的废物"
_COUNTY_LEVEL: Final = 3
_NAMELESS: Final = frozenset({"省直辖县级行政区划", "自治区直辖县级行政区划", "县", "市辖区"})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The lists, by edition name where the day matters; regions and UN numbers in their newest edition."""

    editions: tuple[Edition, ...]
    """By list, oldest first."""
    wastes: Mapping[str, Mapping[str, ListedWaste]]
    exempted: Mapping[str, tuple[Exemption, ...]]
    treatments: Mapping[str, Mapping[str, Treatment]]
    regions: Mapping[str, Region]
    un_numbers: Mapping[str, UnNumber]
    category_names: Mapping[str, str]
    general_classes: Mapping[str, Mapping[str, GeneralWasteClass]]

    def edition_on(self, list_name: ListName, on: date) -> Edition | None:
        """The edition of a list in force that day."""
        return next((e for e in self.editions if e.list_name == list_name and e.holds_on(on)), None)

    def waste(self, code: str | WasteCode, on: date) -> ListedWaste:
        """The entry of a code on a day. RuleBroken says why there is none."""
        refuse(self.why_not_waste(code, on))
        known = waste_codes.parse(str(code))
        edition = self.edition_on(ListName.WASTE_CODES, on)
        assert edition is not None  # noqa: S101  why_not_waste has looked
        if known.is_identified:
            return self._identified(known, edition)
        return self.wastes[edition.name][str(known)]

    def why_not_waste(self, code: str | WasteCode, on: date, *, field: str = "waste_code") -> tuple[Broken, ...]:
        """Why a code cannot be used on a day: unreadable, no list that day, retired, not yet listed, or unknown."""
        try:
            known = waste_codes.parse(str(code))
        except Malformed as unreadable:
            return (
                unreadable.as_broken(
                    field, str(code), article=LIST_ARTICLE, next_step="Correct the code or search it by name."
                ),
            )
        edition = self.edition_on(ListName.WASTE_CODES, on)
        if edition is None:
            return (self._no_edition(field, on),)
        if known.is_identified or str(known) in self.wastes[edition.name]:
            return ()
        return (self._unlisted(known, on, edition, field),)

    def why_not_code(self, code: str, on: date, *, field: str = "waste_code") -> tuple[Broken, ...]:
        """The same for the code of a hazardous or of a general waste: of the latter the class is listed."""
        if not general_wastes.is_general(code):
            return self.why_not_waste(code, on, field=field)
        step = "Correct the code, or choose the class from the list."
        try:
            known = general_wastes.parse_general(code)
        except Malformed as unreadable:
            return (unreadable.as_broken(field, code, article=general_wastes.ARTICLE, next_step=step),)
        if known.category in self.general_classes_on(on):
            return ()
        message = "There is no class {value} of general industrial solid waste."
        return (
            Broken(
                field,
                "general_waste_class_unknown",
                message,
                value=known.category,
                article=general_wastes.ARTICLE,
                next_step=step,
            ),
        )

    def general_classes_on(self, on: date) -> Mapping[str, GeneralWasteClass]:
        """The classes of general industrial solid waste of a day; empty when no edition holds."""
        edition = self.edition_on(ListName.GENERAL_WASTE_CLASSES, on)
        return {} if edition is None else self.general_classes[edition.name]

    def category_name(self, category: str) -> str:
        """The Chinese name of `HW08` or `SW17`; empty when it is unknown."""
        general = next((known[category] for known in self.general_classes.values() if category in known), None)
        return self.category_names.get(category, "") if general is None else general.name_zh

    def exemptions_on(self, on: date) -> tuple[Exemption, ...]:
        """The whole exemption list of a day; empty when no edition holds."""
        edition = self.edition_on(ListName.WASTE_EXEMPTIONS, on)
        return () if edition is None else self.exempted[edition.name]

    def wastes_on(self, on: date) -> tuple[ListedWaste, ...]:
        """The whole list of a day, by category and code as printed; empty when no edition holds."""
        edition = self.edition_on(ListName.WASTE_CODES, on)
        return () if edition is None else tuple(self.wastes[edition.name].values())

    def exemptions(self, code: str | WasteCode, on: date) -> tuple[Exemption, ...]:
        """Exemptions that may apply to a code on a day, each with its own stage and condition."""
        known = waste_codes.parse(str(code))
        edition = self.edition_on(ListName.WASTE_EXEMPTIONS, on)
        if edition is None:
            return ()
        names = {str(known), known.category}
        return tuple(
            exemption
            for exemption in self.exempted[edition.name]
            if exemption.scope is ExemptionScope.CODES and not names.isdisjoint(exemption.patterns)
        )

    def treatment(self, method: str, on: date) -> Treatment:
        """A method code on a day. RuleBroken says why there is none."""
        refuse(self.why_not_treatment(method, on))
        edition = self.edition_on(ListName.TREATMENT_METHODS, on)
        assert edition is not None  # noqa: S101  why_not_treatment has looked
        return self.treatments[edition.name][treatments.parse(method)]

    def why_not_treatment(
        self, method: str, on: date, *, code: WasteCode | None = None, field: str = "method"
    ) -> tuple[Broken, ...]:
        """Why a method cannot be used on a day, or for a waste when its code is given."""
        try:
            known = treatments.parse(method)
        except Malformed as unreadable:
            return (
                unreadable.as_broken(field, method, article=METHOD_ARTICLE, next_step="Choose a method from the list."),
            )
        edition = self.edition_on(ListName.TREATMENT_METHODS, on)
        if edition is None or known not in self.treatments[edition.name]:
            return (
                Broken(
                    field,
                    "method_unknown",
                    "There is no method {value} in the list of use and disposal methods.",
                    value=known,
                    article=METHOD_ARTICLE,
                    next_step="Choose a method from the list.",
                ),
            )
        return () if code is None else treatments.why_not(known, code, field=field)

    def treatments_on(self, on: date) -> tuple[Treatment, ...]:
        """The methods of a day, in the order printed; empty when no edition holds."""
        edition = self.edition_on(ListName.TREATMENT_METHODS, on)
        return () if edition is None else tuple(self.treatments[edition.name].values())

    def region(self, code: str) -> Region:
        """A division of any level. NotFound when there is none."""
        try:
            return self.regions[code]
        except KeyError:
            raise NotFound("region_unknown", "There is no region {region}.", region=code) from None

    def why_not_region(self, code: str, *, field: str = "region_code") -> tuple[Broken, ...]:
        """Why this cannot be the place of an organisation or a site: unknown, or larger than a county."""
        region = self.regions.get(code)
        if region is None:
            return (
                Broken(
                    field,
                    "region_unknown",
                    "“{value}” is not the code of a region.",
                    value=code,
                    article=REGION_ARTICLE,
                    next_step="Choose province, prefecture and county from the list.",
                ),
            )
        if region.level < _COUNTY_LEVEL and self._has_parts(region):
            return (
                Broken(
                    field,
                    "region_too_large",
                    "{value} ({name}) is larger than a county.",
                    value=code,
                    article=REGION_ARTICLE,
                    next_step="Choose the county or district.",
                    facts={"name": self.region_name(code)},
                ),
            )
        return ()

    def region_name(self, code: str) -> str:
        """The whole chain of names without repetition: 山东省烟台市芝罘区, 北京市东城区. NotFound when unknown."""
        names: list[str] = []
        step: str | None = code
        while step is not None:
            region = self.region(step)
            if region.name not in _NAMELESS and region.name not in names:
                names.append(region.name)
            step = region.parent
        return "".join(reversed(names))

    def regions_in(self, parent: str | None) -> tuple[Region, ...]:
        """The divisions directly inside one; the provinces for None."""
        return tuple(region for region in self.regions.values() if region.parent == parent)

    def un_number(self, number: str) -> UnNumber:
        """A UN number, with or without the letters UN before it. RuleBroken when unknown or withdrawn."""
        digits = waste_codes.fold(number).removeprefix("UN")
        found = self.un_numbers.get(digits)
        if found is None or found.withdrawn:
            raise RuleBroken(
                (
                    Broken(
                        "un_number",
                        "un_number_unknown" if found is None else "un_number_withdrawn",
                        "There is no UN number {value}." if found is None else "UN number {value} is no longer used.",
                        value=digits,
                        article="危险废物转移管理办法（部令第23号）第十三条",
                        next_step="Look it up in the list of dangerous goods by name.",
                    ),
                )
            )
        return found

    def _has_parts(self, region: Region) -> bool:
        return any(other.parent == region.code for other in self.regions.values())

    def _identified(self, code: WasteCode, edition: Edition) -> ListedWaste:
        return ListedWaste(
            code=code,
            edition=edition.name,
            category_name=self.category_names.get(code.category, ""),
            industry_name="非特定行业",
            description=_IDENTIFIED_DESCRIPTION,
            hazards=_IDENTIFIED_HAZARDS,
            initials=" | ",
            replaced_by=None,
        )

    def _no_edition(self, field: str, on: date) -> Broken:
        return Broken(
            field,
            "waste_list_not_in_force",
            "No edition of the waste list that we hold was in force on {on}.",
            value=on,
            article=LIST_ARTICLE,
            next_step="Check the date; if it is right, ask the operator of the platform to load that edition.",
            facts={"on": on.isoformat()},
        )

    def _unlisted(self, code: WasteCode, on: date, edition: Edition, field: str) -> Broken:
        holding = [e for e in self._waste_editions() if str(code) in self.wastes[e.name]]
        if not holding:
            return self._unknown(code, edition, field)
        facts: dict[str, object] = {"on": on.isoformat(), "edition": edition.title}
        later = next((e for e in holding if e.valid_from > on), None)
        if later is not None:
            return Broken(
                field,
                "waste_code_not_yet_listed",
                "{value} is in the list only from {since}, not on {on}.",
                value=str(code),
                article=LIST_ARTICLE,
                next_step="Use the code that covered this waste before, or correct the date.",
                facts=facts | {"since": later.valid_from.isoformat()},
            )
        last = self.wastes[holding[-1].name][str(code)]
        ended = holding[-1].valid_to
        return Broken(
            field,
            "waste_code_retired",
            "{value} was in the list until {until}; it is no longer in {edition}.",
            value=str(code),
            article=LIST_ARTICLE,
            next_step="Use {replacement} instead."
            if last.replaced_by
            else "It has no successor: have the waste identified, or search the list by name.",
            facts=facts | {"until": ended.isoformat() if ended else "", "replacement": last.replaced_by or ""},
        )

    def _unknown(self, code: WasteCode, edition: Edition, field: str) -> Broken:
        near = difflib.get_close_matches(str(code), self.wastes[edition.name], n=3, cutoff=0.8)
        return Broken(
            field,
            "waste_code_unknown",
            "{value} has never been in the waste list.",
            value=str(code),
            article=LIST_ARTICLE,
            next_step="Did you mean {suggestions}? Otherwise search the list by name."
            if near
            else "Search the list by name, or use {identified} if the waste was identified as hazardous.",
            facts={"suggestions": ", ".join(near), "identified": f"900-000-{code.category_number}"},
        )

    def _waste_editions(self) -> tuple[Edition, ...]:
        return tuple(e for e in self.editions if e.list_name == ListName.WASTE_CODES)
