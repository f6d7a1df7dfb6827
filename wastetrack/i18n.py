"""Two languages: English sentences are the message ids in code and templates, Chinese stands in catalogues.

Catalogues are plain gettext `.po` files under `wastetrack/locale/zh`, one per room, read once when first asked; no
compiled files to forget. A message may name places, `{mass}`, filled from facts. The same English that means two
things in Chinese is told apart by a context (`translate_in("vehicle", "Load", "zh")`). Enums are named by their
value, `gate_operator` → “Gate operator”, under the name of their class as context (`msgctxt "Role"`).
"""

from enum import StrEnum
from functools import cache
from typing import Literal, get_args

from babel.messages.pofile import read_po

from wastetrack import resources

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = get_args(Locale)


class _Facts(dict[str, object]):
    """Leaves a place as it stands where its fact is missing: a poor sentence is better than none."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def message(msgid: str) -> str:
    """Mark a sentence for translation where it is only named, and is shown elsewhere."""
    return msgid


def as_locale(value: object) -> Locale | None:
    """A language from outside, or None if we do not speak it."""
    return next((locale for locale in LOCALES if locale == value), None)


@cache
def catalogue(locale: Locale) -> dict[tuple[str, str | None], str]:
    """All translated sentences of a language, by message id and context. English is its own translation.

    Raises ValueError where two files translate one sentence differently: the reader of one would be surprised.
    """
    found: dict[tuple[str, str | None], str] = {}
    if locale == "en":
        return found
    for file in sorted((resources.locale_dir() / locale).rglob("*.po")):
        with file.open("rb") as source:
            for entry in read_po(source, locale=locale, abort_invalid=True):
                if not entry.id or not entry.string or entry.fuzzy:
                    continue
                key, translation = (str(entry.id), entry.context), str(entry.string)
                if found.setdefault(key, translation) != translation:
                    msg = f"{file.name} translates {entry.id!r} unlike another file: {translation!r}, {found[key]!r}"
                    raise ValueError(msg)
    return found


def translate(msgid: str, locale: Locale, /, **facts: object) -> str:
    """The sentence in this language with its facts in place; without a translation, the English."""
    sentence = catalogue(locale).get((msgid, None), msgid)
    if not facts:
        return sentence
    told = {name: _told(fact, locale) for name, fact in facts.items()}
    return sentence.format_map(_Facts(told))


def _told(fact: object, locale: Locale) -> object:
    """Members of enums by their words, several of them as a list."""
    if isinstance(fact, StrEnum):
        return label(fact, locale)
    if isinstance(fact, tuple) and fact and all(isinstance(member, StrEnum) for member in fact):
        return ("、" if locale == "zh" else ", ").join(label(member, locale) for member in fact)
    return fact


def translate_in(context: str, msgid: str, locale: Locale, /) -> str:
    """The same for a word that means several things; the context says which."""
    return catalogue(locale).get((msgid, context), msgid)


def label(member: StrEnum, locale: Locale) -> str:
    """How people read an enum's member."""
    return translate_in(type(member).__name__, english_label(member), locale)


def english_label(member: StrEnum) -> str:
    """The message id of a member: its value as a phrase."""
    phrase = member.value.replace("_", " ")
    return phrase[:1].upper() + phrase[1:]
