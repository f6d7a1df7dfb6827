"""How the numbers of a rule are told: its units, where they come from, and the records that it needs, in words."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from wastetrack.i18n import Locale, message, translate
from wastetrack.mass import Mass
from wastetrack.reports.articles import article_in
from wastetrack.reports.fact_words import FACTS

UNITS: Final[Mapping[str, str]] = {
    "1": "",
    "ln": "",
    "s": "σ",
    "load": message("loads"),
    "month": message("months"),
    "year": message("years"),
    "site": message("sites"),
    "visit": message("visits"),
    "pair": message("pairs"),
    "weighing": message("weighings"),
    "manifest": message("manifests"),
    "day": "d",
}
"""What stands after a number; a unit that is not here stands as it is (kg, km/h, e for a scale's division)."""
TABLES: Final[Mapping[str, str]] = {
    "organisations": message("firms"),
    "sites": message("places of firms"),
    "vehicles": message("vehicles"),
    "people": message("people without their names"),
    "scales": message("scales"),
    "permits": message("permits"),
    "permit_items": message("items of permits"),
    "approvals": message("approvals across provinces"),
    "plans": message("management plans"),
    "processes": message("licensed processes"),
    "facilities": message("facilities with their limits"),
    "alarms": message("earlier findings"),
    "manifests": message("transfers by manifest"),
    "weighings": message("records of weighing"),
    "containers": message("containers"),
    "loads": message("containers of manifests"),
    "scans": message("scans of labels"),
    "signatures": message("signatures"),
    "amendments": message("changes of manifests"),
    "positions": message("positions of vehicles"),
    "batches": message("batches of treatment"),
    "batch_inputs": message("inputs of batches"),
    "residues": message("residues of batches"),
    "readings": message("meter readings of plants"),
    "stock_takes": message("stock-takes"),
    "generation": message("ledgers of generation"),
    "activity": message("activity (production, beds, purchases)"),
    "zones": message("protected zones"),
}
"""The tables of the copy that rules read (schemas/extract), as people call what is in them."""
_NOTE: Final = re.compile(r"\banomaly note (R\d+\w*|\d\.\d)")
_NOTED: Final = message("design of the checks, {part}")
_TOO_MANY_DIGITS: Final = 1000
_TONNE_G: Final = 1_000_000


def number(value: float) -> str:
    """Four digits that count, and never an exponent that people must work out."""
    return f"{Decimal(f'{value:.4g}'):,f}" if abs(value) < _TOO_MANY_DIGITS else f"{value:,.0f}"


def in_force(value: float, unit: str, locale: Locale) -> str:
    """A number of a rule with its unit; grams as a scale or a ledger tells them."""
    if unit == "g":
        mass = Mass(round(value))
        return mass.tonne_text() if mass.grams >= _TONNE_G else mass.kg_text()
    words = UNITS.get(unit, unit)
    return f"{number(value)} {translate(words, locale)}" if words else number(value)


def needed(need: str, locale: Locale) -> str:
    """A table, a column of one, or what must stand in it, that a rule needs; empty where it has no words."""
    table, _, rest = need.partition(".")
    words = translate(TABLES.get(table, ""), locale)
    kinds = [translate(FACTS[one], locale) for one in rest.partition("=")[2].split("|") if one in FACTS]
    if not words or not kinds:
        return words
    return f"{words}：{'、'.join(kinds)}" if locale == "zh" else f"{words}: {', '.join(kinds)}"


def source_in(source: str, locale: Locale) -> str:
    """Where a number comes from."""
    told = translate(source, locale)
    if told == source:
        told = _NOTE.sub(lambda found: translate(_NOTED, locale, part=found[1]), source)
    return article_in(told, locale)
