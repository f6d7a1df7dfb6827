"""The lines of a form that has a table: `items.0.waste_code` and so on, several of them left empty."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from wastetrack.errors import Broken, RuleBroken, refuse
from wastetrack.serving.reading_input import broken_by_input

Line = TypeVar("Line", bound=BaseModel)

_LINE = re.compile(r"items\.(\d{1,3})\.")


@dataclasses.dataclass(frozen=True, slots=True)
class Lines(Generic[Line]):
    """The filled lines of a form, and which line of the form each one is: people leave lines empty in between."""

    typed: tuple[Line, ...]
    numbers: tuple[int, ...]
    heads: Mapping[str, str]

    @contextmanager
    def naming_fields(self) -> Iterator[None]:
        """Let a refusal name the lines as the form does."""
        try:
            yield
        except RuleBroken as refused:
            raise RuleBroken(self._renumbered(broken) for broken in refused.broken) from refused

    def _renumbered(self, broken: Broken) -> Broken:
        if broken.field in self.heads:
            return dataclasses.replace(broken, field=self.heads[broken.field])
        head, _, rest = broken.field.partition(".")
        number, _, part = rest.partition(".")
        if head != "items" or not number.isdigit():
            return broken
        return dataclasses.replace(broken, field=f"items.{self.numbers[int(number)]}.{part}")


@dataclasses.dataclass(frozen=True, slots=True)
class LineTable(Generic[Line]):
    """A table of a form: what a line says, how many lines are offered at least and read at most.

    `chosen` are fields that always say something (a list to choose from): a line in which only these are filled is an
    empty one. `heads` leads a refusal of the whole table to a field that is on the page.
    """

    line: type[Line]
    fewest: int
    most: int
    chosen: frozenset[str] = frozenset()
    heads: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def count(self, names: Iterable[str]) -> int:
        """How many lines to show: all that were sent and one more, and at least the fewest."""
        found = (_LINE.match(name) for name in names)
        return min(self.most, max([self.fewest, *(int(match[1]) + 2 for match in found if match)]))

    async def read(self, request: Request) -> Lines[Line]:
        """The filled lines. Raises RuleBroken naming each unreadable field."""
        form = await request.form()
        read: dict[int, Line] = {}
        wrong: list[Broken] = []
        for number in range(self.count(form)):
            names = {part: f"items.{number}.{part}" for part in self.line.model_fields}
            told = {part: str(form[name]).strip() for part, name in names.items() if name in form}
            if not any(told[part] for part in told.keys() - self.chosen):
                continue
            try:
                read[number] = self.line.model_validate(told)
            except ValidationError as unreadable:
                found = [broken_by_input(dict(error)) for error in unreadable.errors()]
                wrong += [dataclasses.replace(broken, field=f"items.{number}.{broken.field}") for broken in found]
        refuse(wrong)
        return Lines(tuple(read.values()), tuple(read), self.heads)
