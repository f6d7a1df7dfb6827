"""What is signed on a trip card, in plain words of both languages, built from figures alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.containers.packaging_rules import medical_class
from wastetrack.containers.statements import Words
from wastetrack.i18n import LOCALES, Locale, label, message, translate
from wastetrack.manifests.model import SignedStep
from wastetrack.manifests.words import DECLARATION, WARNING, Name
from wastetrack.mass import Mass
from wastetrack.medical.card_tables import CardBagRow
from wastetrack.medical.model import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFigures:
    """What the words about a card need."""

    number: str
    organisation: Name
    role: Role
    institution: Name
    carrier: Name
    plant: Name
    plate: str
    boxes: int
    bags: tuple[CardBagRow, ...]
    happened_at: datetime


_FOR = message("For {organisation}, as its {role}:")
_ACTS: dict[SignedStep, str] = {
    SignedStep.CARD_HAND_OVER: message("I have handed over the medical waste of trip card {number} to the carrier."),
    SignedStep.CARD_PICK_UP: message(
        "I have loaded the medical waste of trip card {number}; from now on I answer for it."
    ),
    SignedStep.CARD_RECEIPT: message("I have received the medical waste of trip card {number} at the plant."),
}
_WAY = message("From {institution} to {plant}, by {carrier}, vehicle {plate}.")
_KIND = message("{kind}: {count} bags or boxes, {mass}.")
_FOUND = message("{kind}: {count} bags or boxes declared with {mass}; {taken} taken in with {measured}.")
_BOXES = message("Turnover boxes: {count}.")
_INFECTIOUS = message("Highly infectious: {count} bags; they are treated first.")
_WHEN = message("Happened on {when}.")


def of_card(step: SignedStep, figures: CardFigures) -> Words:
    """The words of a step."""
    return {locale: "\n".join(_lines(step, figures, locale)) for locale in LOCALES}


def _lines(step: SignedStep, figures: CardFigures, locale: Locale) -> list[str]:
    organisation = figures.organisation.within(locale)
    infectious = sum(bag.highly_infectious for bag in figures.bags)
    when = figures.happened_at.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")
    return [
        translate(_FOR, locale, organisation=organisation, role=label(figures.role, locale)),
        translate(_ACTS[step], locale, number=figures.number),
        translate(
            _WAY,
            locale,
            institution=figures.institution.within(locale),
            plant=figures.plant.within(locale),
            carrier=figures.carrier.within(locale),
            plate=figures.plate,
        ),
        *_by_kind(step, figures.bags, locale),
        *([translate(_INFECTIOUS, locale, count=infectious)] if infectious else []),
        *([translate(_BOXES, locale, count=figures.boxes)] if figures.boxes else []),
        translate(_WHEN, locale, when=when),
        translate(DECLARATION, locale),
        translate(WARNING, locale),
    ]


def _by_kind(step: SignedStep, bags: Iterable[CardBagRow], locale: Locale) -> list[str]:
    by_code: dict[str, list[CardBagRow]] = defaultdict(list)
    for bag in bags:
        by_code[bag.waste_code].append(bag)
    lines: list[str] = []
    for code, of_code in sorted(by_code.items()):
        kind = medical_class(code)
        taken = [bag for bag in of_code if bag.found not in {None, Found.MISSING.value}]
        facts: dict[str, object] = {
            "kind": f"{code} {label(kind, locale)}" if kind else code,
            "count": len(of_code),
            "mass": Mass(sum(bag.declared_g for bag in of_code)).kg_text(),
            "taken": len(taken),
            "measured": Mass(sum(bag.measured_g or 0 for bag in taken)).kg_text(),
        }
        lines.append(translate(_FOUND if step is SignedStep.CARD_RECEIPT else _KIND, locale, **facts))
    return lines
