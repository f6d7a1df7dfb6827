"""How findings of the checks are told: gravity in words, the numbers of a formula, a subject by its name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wastetrack.findings.model import FindingState, Gravity
from wastetrack.findings.reading import Named, as_uuid
from wastetrack.i18n import Locale, message, translate
from wastetrack.mass import Mass
from wastetrack.reports.fact_words import FACTS, VALUES
from wastetrack.reports.rule_words import needed, number

GRAVITY: Mapping[Gravity, str] = {
    Gravity.WATCH: message("To watch"),
    Gravity.EXPLAIN: message("To be explained"),
    Gravity.INSPECT: message("To be inspected"),
    Gravity.REFER: message("To be referred"),
}
GRAVITY_KINDS: Mapping[Gravity, str] = {
    Gravity.WATCH: "plain",
    Gravity.EXPLAIN: "info",
    Gravity.INSPECT: "warn",
    Gravity.REFER: "bad",
}
"""How it is drawn."""
STATE_KINDS: Mapping[FindingState, str] = {
    FindingState.OPEN: "warn",
    FindingState.SNOOZED: "info",
    FindingState.CLOSED: "plain",
}
SUBJECTS: Mapping[str, str] = {
    "manifest": message("Manifest"),
    "container": message("Container"),
    "carrier": message("Carrier"),
    "site": message("Site"),
    "pair": message("Generator and carrier"),
    "vehicle": message("Vehicle"),
    "person": message("Person"),
    "device": message("Scanning device"),
    "scale": message("Scale"),
    "table": message("Records"),
    "column": message("Records"),
}
_ADDRESSES = {
    "organisation": "/organisations/{id}",
    "site": "/sites/{id}",
    "manifest": "/manifests/{id}",
    "container": "/containers/{id}",
}
_CHAINS = ("manifest", "container")
_SYMBOL = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SHARES = ("share", "ratio")


@dataclass(frozen=True, slots=True)
class Fact:
    """One number of a finding: its symbol, what it is called, its value for people."""

    symbol: str
    words: str
    value: object
    kind: str
    """mass, instant, day, thing, word (a message id), or none."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a formula; a symbol with the number that it had."""

    text: str
    value: object = None
    kind: str = ""


def facts_of(facts: Mapping[str, Any], names: Mapping[str, Named], locale: Locale) -> list[Fact]:
    """All that a rule told of its own, in words where there are some."""
    found = []
    for symbol, value in facts.items():
        if value is None:
            continue
        shown, kind = read(symbol, value, names)
        words = translate(FACTS[symbol], locale) if symbol in FACTS else ""
        found.append(Fact(symbol, words, shown, kind))
    return found


def read(symbol: str, value: Any, names: Mapping[str, Named]) -> tuple[object, str]:  # noqa: ANN401, PLR0911  JSON; one line per kind
    """A value as it is shown, and how."""
    match value:
        case bool():
            return value, "yes"
        case str() if value in names:
            return names[value], "thing"
        case str() if value in VALUES:
            return VALUES[value], "word"
        case str() if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value), "instant"
        case str() if _DAY.fullmatch(value):
            return date.fromisoformat(value), "day"
        case int() | float() if symbol.endswith("_g"):
            return Mass(round(value)) if value >= 0 else value, "mass" if value >= 0 else "grams"
        case float() if symbol.endswith(_SHARES):
            return f"{value:.2%}", ""
        case float():
            return number(value), ""
        case int():
            return f"{value:,}", ""
        case _:
            return value, ""


def filled(formula: str, numbers: Mapping[str, Any], names: Mapping[str, Named]) -> list[Part]:
    """The formula with the number of each of its symbols beside it."""
    parts, end = [], 0
    for found in _SYMBOL.finditer(formula):
        symbol = found.group()
        if numbers.get(symbol) is None:
            continue
        value, kind = read(symbol, numbers[symbol], names)
        parts += [Part(formula[end : found.start()]), Part(symbol, value, kind)]
        end = found.end()
    return [*(one for one in parts if one.text), Part(formula[end:])]


def called(subject: str | None, names: Mapping[str, Named], locale: Locale) -> str:
    """A subject by its name, or by its id where it has none here; records by what is in them."""
    if subject is None:
        return "—"
    records = needed(subject, locale)
    if records:
        return f"{records} ({subject})" if locale == "en" else f"{records}（{subject}）"
    return " – ".join(names[one].name if one in names else one for one in subject.split("/"))


def address_of(subject: str | None, names: Mapping[str, Named]) -> str:
    """The page of a thing; empty where it has none."""
    one = names.get(subject or "")
    return _ADDRESSES[one.kind].format(id=one.id) if one and one.kind in _ADDRESSES else ""


def chain_of(kind: str, subject: str, facts: Sequence[Mapping[str, Any]], names: Mapping[str, Named]) -> Named | None:
    """The manifest or container whose chain a finding is about: its subject, or what its facts name."""
    wanted = [subject] if kind in _CHAINS else []
    wanted += [str(told[name]) for told in facts for name in ("manifest_id", "container_id") if told.get(name)]
    return next((names[one] for one in wanted if one in names and names[one].kind in _CHAINS), None)


def ids_in(facts: Mapping[str, Any]) -> list[str]:
    """The ids that a rule's own facts name."""
    return [value for value in facts.values() if isinstance(value, str) and as_uuid(value) is not None]
