"""Values that cannot be read: pydantic's findings told as broken rules, in our words and both languages."""

import re
from typing import Any

from wastetrack.characters import escaped
from wastetrack.errors import Broken
from wastetrack.i18n import message

CHARACTER = "character_refused"
UNSEEN = message(
    "This holds the character {character} at place {place}, which cannot be seen or turns the text around."
)
TYPE_ANEW = message("Type it anew; copied text may bring such characters along.")
_SECRET = re.compile(
    r"password|secret|token|present|wanted|passcode|totp|recovery|assertion|credential|signature", re.IGNORECASE
)
_WHERE = frozenset({"body", "query", "path", "header", "form"})

_SENTENCES: dict[str, str] = {
    "missing": message("This is needed."),
    "string_too_short": message("This needs at least {min_length} characters."),
    "string_too_long": message("This may have at most {max_length} characters."),
    "too_short": message("This needs at least {min_length} entries."),
    "too_long": message("This may have at most {max_length} entries."),
    "greater_than": message("This must be more than {gt}."),
    "greater_than_equal": message("This must be at least {ge}."),
    "less_than": message("This must be less than {lt}."),
    "less_than_equal": message("This must be at most {le}."),
    "enum": message("Choose one of: {expected}."),
    "literal_error": message("Choose one of: {expected}."),
    "extra_forbidden": message("There is no field of this name."),
    "string_pattern_mismatch": message("This does not have the right form."),
    "decimal_max_places": message("This may have at most {decimal_places} decimal places."),
    "mass_in_tonnes": message("This must be a mass in tonnes, such as 12.5."),
    "mass_in_kilograms": message("This must be a mass in kilograms, such as 180.5."),
    CHARACTER: UNSEEN,
    "timezone_aware": message("A time needs its zone, as in 2026-11-23T15:04:00+08:00."),
}
_BY_BEGINNING: tuple[tuple[str, str], ...] = (
    ("int_", message("This must be a whole number.")),
    ("float_", message("This must be a number.")),
    ("decimal_", message("This must be a number.")),
    ("finite_number", message("This must be a number.")),
    ("bool_", message("This must be yes or no.")),
    ("uuid_", message("This must be a UUID.")),
    ("datetime_", message("This must be a time, as in 2026-11-23T15:04:00+08:00.")),
    ("date_", message("This must be a date, as in 2026-11-23.")),
    ("string_", message("This must be text.")),
    ("list_", message("This must be a list.")),
    ("dict_", message("This must be an object.")),
    ("model_", message("This must be an object.")),
)
_OTHERWISE = message("This value cannot be read.")
_LONGEST_VALUE = 200


def broken_by_input(item: dict[str, Any]) -> Broken:
    """One of pydantic's error items as a broken rule; `field` is the path of the value, with dots."""
    kind = str(item["type"])
    sentence = _SENTENCES.get(kind) or next(
        (sentence for beginning, sentence in _BY_BEGINNING if kind.startswith(beginning)), _OTHERWISE
    )
    place = [str(part) for part in item["loc"]]
    if len(place) > 1 and place[0] in _WHERE:
        place = place[1:]
    field = ".".join(place)
    value = item.get("input")
    short = isinstance(value, int | str) and len(str(value)) <= _LONGEST_VALUE
    shown = value if short and not _SECRET.search(field) else None
    context = item.get("ctx") or {}
    facts: dict[str, object] = {name: fact for name, fact in context.items() if isinstance(fact, int | str)}
    if kind == CHARACTER:
        return Broken(field, kind, sentence, facts.pop("shown", None), next_step=TYPE_ANEW, facts=facts)
    return Broken(field, kind, sentence, shown, facts=facts)


def broken_character(field: str, text: str, found: tuple[int, str]) -> Broken:
    """The broken rule; the value is shown so that the character can be seen."""
    place, character = found
    shown = None if _SECRET.search(field) or len(text) > _LONGEST_VALUE else escaped(text)
    return Broken(field, CHARACTER, UNSEEN, shown, next_step=TYPE_ANEW, facts={"character": character, "place": place})
