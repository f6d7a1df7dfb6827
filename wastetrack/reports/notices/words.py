"""Words of a notice: sentences whose parts are themselves in two languages, and what codes are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wastetrack.reports import capacity_words
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import said


@dataclass(frozen=True, slots=True)
class Named:
    """What classes, methods and regions are called; the lists have classes and regions in Chinese alone."""

    classes: Mapping[str, str]
    methods: Mapping[str, Words]
    regions: Mapping[str, str]

    def of_class(self, code: str) -> Words:
        """`HW18 焚烧处置残渣`; in English the code alone."""
        name = self.classes.get(code, "")
        return Words(zh=f"{code} {name}".strip(), en=code)

    def of_method(self, code: str) -> Words:
        """`D10 焚烧`."""
        name = self.methods.get(code)
        return Words(zh=code, en=code) if name is None else Words(zh=f"{code} {name.zh}", en=f"{code} {name.en}")

    def of_region(self, code: str) -> str:
        """芝罘区; its code where the list does not know it."""
        return self.regions.get(code, code)


def both(sentence: str, *, facts: Mapping[str, object] | None = None, **parts: object) -> Words:
    """A sentence whose parts may be words of both languages."""
    told = {**(facts or {}), **parts}
    zh = {name: part.zh if isinstance(part, Words) else part for name, part in told.items()}
    en = {name: part.en if isinstance(part, Words) else part for name, part in told.items()}
    return Words(zh=said(sentence, **zh).zh, en=said(sentence, **en).en)


def joined(parts: Iterable[Words]) -> Words:
    """A list within a sentence."""
    told = list(parts)
    return Words(zh="、".join(one.zh for one in told), en=", ".join(one.en for one in told))


def tonnes(grams: int) -> str:
    """A mass as a notice tells it: whole tonnes from ten on, else to the kilogram; nothing is nothing."""
    return capacity_words.tonnes(grams) if grams else "0"


def in_tonnes(grams: int) -> float:
    """For a picture."""
    return grams / 1_000_000


def share_text(part: int, whole: int) -> str:
    """`12.3%`."""
    return "—" if not whole else f"{100 * part / whole:.1f}%"
