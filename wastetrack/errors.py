"""What can go wrong, by family; the rim maps each family to an answer (serving/problems.py).

An error has a stable code, an English sentence with named places, and its facts. Sentences are message ids:
the Chinese stands in the catalogue under wastetrack/locale/zh.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any, NoReturn


class WastetrackError(Exception):
    """Base of all our errors."""

    def __init__(self, code: str, message: str, **facts: Any) -> None:  # noqa: ANN401  facts are what they are
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.message.format(**self.facts)} [{self.code}]"


class NotFound(WastetrackError):  # noqa: N818  the families are named by what they say
    """It is not there, or this actor may not know that it is."""


class Forbidden(WastetrackError):  # noqa: N818
    """The actor sees the thing but may not do this to it."""


class Unauthenticated(WastetrackError):  # noqa: N818
    """We do not know who is asking."""


class Conflict(WastetrackError):  # noqa: N818
    """The thing is no longer in the state the request supposes."""


class Malformed(WastetrackError):  # noqa: N818
    """A value cannot be read at all."""

    def as_broken(self, field: str, value: object, *, article: str | None = None, next_step: str = "") -> "Broken":
        """The same as one broken rule among others, where a whole form is judged at once."""
        facts = {name: fact for name, fact in self.facts.items() if name != "value"}
        return Broken(field, self.code, self.message, value, article, next_step, facts)


class Throttled(WastetrackError):  # noqa: N818
    """Too many tries; `retry_after_seconds` stands in the facts."""


class Unavailable(WastetrackError):  # noqa: N818
    """Something outside the program is missing: the database, the disk, the network."""


@dataclasses.dataclass(frozen=True, slots=True)
class Broken:
    """One broken rule: which field, which rule, the value seen, the article behind it, and what to do next."""

    field: str
    code: str
    message: str
    value: object = None
    article: str | None = None
    next_step: str = ""
    facts: dict[str, object] = dataclasses.field(default_factory=dict)

    def sentence(self) -> str:
        """The English sentence with its facts in place."""
        return self.message.format(**{"value": self.value, **self.facts})


class RuleBroken(WastetrackError):  # noqa: N818
    """One or more rules forbid it; all of them are told at once."""

    def __init__(self, broken: Iterable[Broken]) -> None:
        self.broken = tuple(broken)
        assert self.broken, "a refusal names at least one rule"  # noqa: S101  our own mistake
        super().__init__(self.broken[0].code, "Not allowed: {count} rule(s) are broken.", count=len(self.broken))

    def __str__(self) -> str:
        return " ".join(f"{rule.field}: {rule.sentence()} [{rule.code}]" for rule in self.broken)


def refuse(broken: Iterable[Broken]) -> None:
    """Raise RuleBroken with all the broken rules, if there are any."""
    rules = tuple(broken)
    if rules:
        raise RuleBroken(rules)


def refuse_one(field_name: str, code: str, message: str, **more: Any) -> NoReturn:  # noqa: ANN401
    """Raise RuleBroken with a single rule; `more` are Broken's other attributes."""
    raise RuleBroken((Broken(field_name, code, message, **more),))
