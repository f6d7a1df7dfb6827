"""A form and its refusal: what was typed is shown again, with every broken rule at its field.

    async def ask(page: Page, work: ReadWork, filled: Filled) -> Response: ...      # shows the form

    offer(router, "/sites/new", ask)                                                # GET: the empty form

    @router.post("/sites/new")
    @asked_again(ask)
    async def create(page: AnyPage, work: Writing, form: Annotated[SiteForm, Form()]) -> Response: ...

If `create` refuses, its session is rolled back, and web/refusing.py calls `ask` with the filled form, in a new one.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from starlette.datastructures import FormData
from starlette.responses import Response

from wastetrack.characters import without_unseen
from wastetrack.errors import Broken
from wastetrack.serving.deps import Reading, ReadWork
from wastetrack.serving.forgery import FIELD as FORGERY_FIELD
from wastetrack.serving.idempotency import FIELD as REQUEST_FIELD
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.rendering import AnyPage, Page

FACTOR_FIELDS = frozenset({"factor_password", "factor_code", "assertion"})
"""What templates/components/factors.html asks for (web/giving_factors.py reads it)."""
_NEVER_SHOWN_AGAIN = (
    frozenset({FORGERY_FIELD, REQUEST_FIELD, "password", "present", "wanted", "nurse_factor"}) | FACTOR_FIELDS
)


@dataclasses.dataclass(frozen=True, slots=True)
class Filled:
    """The values of a form's fields and what is wrong with them."""

    values: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    refusal: str = ""
    """A translated sentence about the whole, where no single rule tells it."""
    sent: frozenset[str] = frozenset()
    """The names of the fields that the form sent; an error elsewhere has no field to lead to."""
    labels: dict[str, str] = dataclasses.field(default_factory=dict)
    """What the fields are called, learnt while the page is rendered."""

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Filled":
        """A form that shows what is stored. None is an empty field; lists are for boxes to tick."""
        told: dict[str, tuple[str, ...]] = {}
        for name, value in values.items():
            several = value if isinstance(value, list | tuple | set | frozenset) else (value,)
            told[name] = tuple("" if one is None else str(one) for one in several)
        return cls(told)

    @classmethod
    def from_request(cls, form: FormData, broken: tuple[Broken, ...], refusal: str) -> "Filled":
        """What was sent, without secrets."""
        values: dict[str, tuple[str, ...]] = {}
        for name, value in form.multi_items():
            if isinstance(value, str) and name not in _NEVER_SHOWN_AGAIN:
                values[name] = (*values.get(name, ()), without_unseen(value))
        return cls(values, broken, refusal, frozenset(form.keys()))

    def value(self, name: str, default: object = "") -> str:
        """The text of a field."""
        found = self.values.get(name)
        return found[0] if found else str(default)

    def has(self, name: str, value: object) -> bool:
        """Whether a box is ticked or an option chosen."""
        return str(value) in self.values.get(name, ())

    def at(self, name: str) -> tuple[Broken, ...]:
        """What is wrong with a field."""
        return tuple(broken for broken in self.broken if broken.field == name)

    def named(self, name: str, label: str) -> str:
        """Remember a field's label for the summary of a refused form; gives nothing to print."""
        if self.is_refused:
            self.labels[name] = label
        return ""

    @property
    def is_refused(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.broken or self.refusal)


EMPTY = Filled()


class Asking(Protocol):
    """Shows a form."""

    def __call__(self, page: Page, work: ReadWork, filled: Filled) -> Awaitable[Response]:
        """The page with the form."""


def offer(router: RoomRouter, path: str, ask: Asking) -> None:
    """Let GET show the empty form at the address that will take it."""

    @router.get(path)
    async def offered(page: AnyPage, work: Reading) -> Response:
        return await ask(page, work, EMPTY)


Handler = TypeVar("Handler", bound=Callable[..., Any])


def asked_again(ask: Asking) -> Callable[[Handler], Handler]:
    """Mark a handler's form: a refusal shows it again, filled."""

    def mark(handler: Handler) -> Handler:
        handler.__dict__["ask_again"] = ask
        return handler

    return mark
