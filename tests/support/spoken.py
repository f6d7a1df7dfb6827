"""What the product says, in the language of a test: by its English sentence, from the product's own catalogues."""

import os
import re
from enum import StrEnum

import pytest

from wastetrack.i18n import LOCALES, Locale, catalogue, label, translate, translate_in

_PLACE = re.compile(r"\\\{\w+\\\}")


class Spoken:
    """One language. A sentence that the product does not have fails the test that asks for it."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale

    def __call__(self, sentence: str, /, **facts: object) -> str:
        """`say("Sign")`; with facts in their places."""
        assert (sentence, None) in catalogue("zh"), f"no such sentence: {sentence!r}"
        return translate(sentence, self.locale, **facts)

    def like(self, sentence: str) -> re.Pattern[str]:
        """The same with anything in its places: `say.like("Signed and filed under number {number}. …")`."""
        return re.compile(_PLACE.sub(".*", re.escape(self(sentence))))

    def within(self, context: str, word: str) -> str:
        """A word that means several things, by its context."""
        assert (word, context) in catalogue("zh"), f"no such word: {word!r} in {context!r}"
        return translate_in(context, word, self.locale)

    def label(self, member: StrEnum) -> str:
        """How an enum's member is called."""
        return label(member, self.locale)


IN_EACH_LANGUAGE = pytest.mark.parametrize("locale", LOCALES)
EVERY_LOOK = bool(os.environ.get("WASTETRACK_EVERY_LOOK"))
"""Whether time is no matter: all walks in both languages, all pages in each look."""


def in_language(locale: Locale) -> pytest.MarkDecorator:
    """In one language where the other would show nothing new; in both with WASTETRACK_EVERY_LOOK=1."""
    return pytest.mark.parametrize("locale", LOCALES if EVERY_LOOK else (locale,))
