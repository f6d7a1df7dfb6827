"""Hazard letters of the waste list, and what the comma and the stroke between them mean.

国家危险废物名录, notes to the list: letters parted by "," – the waste surely has the first and perhaps the others;
parted by "/" – it has one or several of them. Neither excludes a further hazard that the waste turns out to have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from wastetrack.errors import Broken, Malformed

ARTICLE = "国家危险废物名录 第五条、附表注"


class Hazard(StrEnum):
    """The five hazards, GB 5085 and the waste list."""

    TOXIC = "T"
    """毒性: harms slowly or at once when swallowed, breathed or leached."""
    CORROSIVE = "C"
    """腐蚀性: eats skin and steel."""
    IGNITABLE = "I"
    """易燃性: burns."""
    REACTIVE = "R"
    """反应性: explodes, or gives off toxic or burning gas."""
    INFECTIOUS = "In"
    """感染性: carries germs."""


_BY_FOLDED = {hazard.value.upper(): hazard for hazard in Hazard}


@dataclass(frozen=True, slots=True)
class HazardProfile:
    """What the list says of one code: letters in the order printed; `certain` is a part of `listed`.

    `one_of_them` is True when the letters are alternatives, of which at least one holds.
    """

    listed: tuple[Hazard, ...]
    certain: frozenset[Hazard]
    one_of_them: bool

    def __str__(self) -> str:
        return ("/" if self.one_of_them else ",").join(self.listed)

    def why_not(self, declared: Iterable[Hazard], *, field: str = "hazards") -> tuple[Broken, ...]:
        """Every reason why these declared hazards cannot be those of the code; none when they can.

        Hazards beyond the listed ones are allowed: the list names the main ones only.
        """
        letters = frozenset(declared)
        shown = ",".join(sorted(letters))
        if not letters:
            return (
                Broken(
                    field,
                    "hazards_missing",
                    "No hazard is declared; the list names {listed}.",
                    article=ARTICLE,
                    next_step="Tick at least one hazard.",
                    facts={"listed": str(self)},
                ),
            )
        missing = self.certain - letters
        if missing:
            return (
                Broken(
                    field,
                    "hazard_certain_missing",
                    "The waste certainly has hazard {missing}, which is not among those declared ({value}).",
                    value=shown,
                    article=ARTICLE,
                    next_step="Add the hazard that the list puts first.",
                    facts={"missing": ",".join(sorted(missing)), "listed": str(self)},
                ),
            )
        if self.one_of_them and not letters & set(self.listed):
            return (
                Broken(
                    field,
                    "hazard_none_of_listed",
                    "None of the declared hazards ({value}) is one of {listed}.",
                    value=shown,
                    article=ARTICLE,
                    next_step="Choose one or several of the listed hazards.",
                    facts={"listed": str(self)},
                ),
            )
        return ()


def parse(text: str) -> HazardProfile:
    """Read `T`, `T,I` or `T/C/I/R` as printed in the list. Raises Malformed for anything else."""
    one_of_them = "/" in text
    letters = parse_letters(text.split("/") if one_of_them else text.split(","))
    certain = frozenset(letters) if len(letters) == 1 else frozenset(() if one_of_them else letters[:1])
    return HazardProfile(letters, certain, one_of_them and len(letters) > 1)


def parse_letters(letters: Iterable[str]) -> tuple[Hazard, ...]:
    """Read single hazard letters in any case. Raises Malformed for an unknown or repeated one."""
    found: list[Hazard] = []
    for letter in letters:
        hazard = _BY_FOLDED.get(letter.strip().upper())
        if hazard is None or hazard in found:
            raise Malformed(
                "hazard_unreadable",
                "“{value}” is not one of the hazard letters T, C, I, R and In, each written once.",
                value=letter,
            )
        found.append(hazard)
    return tuple(found)
