"""The lines of an application as fields: `items.0.waste_code` and so on, several of them left empty."""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from wastetrack.approvals.model import MOST_ITEMS, ItemWanted
from wastetrack.containers.model import Form as Matter
from wastetrack.errors import Broken, RuleBroken, refuse
from wastetrack.serving.reading_input import broken_by_input
from wastetrack.serving.written_text import Line
from wastetrack.web.reading_fields import Tonnes

LINES = 4
"""Lines of an empty form; one that comes back shows those that were filled and at least so many."""
PARTS = ("waste_code", "waste_name", "form", "quantity", "method")
_TYPED = ("waste_code", "waste_name", "quantity", "method")
_LINE = re.compile(r"items\.(\d{1,3})\.")


class LineOfForm(BaseModel):
    """One line as typed."""

    waste_code: Line = ""
    waste_name: Line = ""
    form: Matter = Matter.SOLID
    quantity: Tonnes
    method: Line = ""

    def item(self) -> ItemWanted:
        """The line as the command wants it."""
        return ItemWanted(**dict(self))


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """The filled lines of a form, and which line of the form each one is."""

    items: tuple[ItemWanted, ...]
    numbers: tuple[int, ...]

    @contextmanager
    def naming_fields(self) -> Iterator[None]:
        """Let a refusal name the lines as the form does."""
        try:
            yield
        except RuleBroken as refused:
            raise RuleBroken(self._renumbered(broken) for broken in refused.broken) from refused

    def _renumbered(self, broken: Broken) -> Broken:
        if broken.field == "items":
            return dataclasses.replace(broken, field="items.0.waste_code")
        head, _, rest = broken.field.partition(".")
        number, _, part = rest.partition(".")
        if head != "items" or not number.isdigit():
            return broken
        return dataclasses.replace(broken, field=f"items.{self.numbers[int(number)]}.{part}")


def line_count(names: Iterable[str]) -> int:
    """How many lines to show."""
    found = (_LINE.match(name) for name in names)
    return min(MOST_ITEMS, max([LINES, *(int(match[1]) + 2 for match in found if match)]))


async def lines_of(request: Request) -> Lines:
    """The filled lines of a form. Raises RuleBroken naming each unreadable field."""
    form = await request.form()
    items: dict[int, ItemWanted] = {}
    wrong: list[Broken] = []
    for number in range(line_count(form)):
        typed = {part: str(form.get(f"items.{number}.{part}", "")).strip() for part in PARTS}
        if not any(typed[part] for part in _TYPED):
            continue
        try:
            items[number] = LineOfForm.model_validate({name: text for name, text in typed.items() if text}).item()
        except ValidationError as unreadable:
            found = [broken_by_input(dict(error)) for error in unreadable.errors()]
            wrong += [dataclasses.replace(broken, field=f"items.{number}.{broken.field}") for broken in found]
    refuse(wrong)
    return Lines(tuple(items.values()), tuple(items))
