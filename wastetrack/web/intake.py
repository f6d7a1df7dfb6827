"""Pages on which a receiver says on what terms it takes waste in, what that costs, and how much on which days."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.errors import Broken, Malformed, RuleBroken, refuse
from wastetrack.i18n import message
from wastetrack.manifests import publishing_intake, reservation_queries
from wastetrack.manifests.reservation_queries import Day
from wastetrack.manifests.reservations import (
    MOST_PRICES,
    USUAL_HOLD_DAYS,
    FreeDay,
    Price,
    PublishDays,
    PublishTerms,
    Terms,
)
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site, SiteKind
from wastetrack.serving.deps import Reading, ReadWork, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import Search
from wastetrack.web.form_lines import LineTable
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_fields import Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/intake", route_class=AnsweringRoute)

_FEN = 100
_TAKING_IN = frozenset({SiteKind.TREATMENT, SiteKind.COLLECTION})


class Chosen(Search):
    """Which of one's own sites."""

    site_id: UUID | None = None


class TermsForm(Search):
    """The terms without their prices."""

    site_id: UUID
    is_open: bool = False
    hold_days: int = USUAL_HOLD_DAYS
    most: Tonnes | None = None
    contract_only: bool = False
    note: Prose = ""


class PriceLine(BaseModel):
    """A price as typed, in yuan."""

    pattern: Line = ""
    method: Line = ""
    yuan_per_t: Annotated[Decimal, Field(max_digits=12, decimal_places=2)]

    def price(self) -> Price:
        """As the command wants it."""
        return Price(pattern=self.pattern.upper(), method=self.method, fen_per_t=int(self.yuan_per_t * _FEN))


TABLE = LineTable(PriceLine, fewest=5, most=MOST_PRICES)


@contextmanager
def _as_lines() -> Iterator[None]:
    """Prices are the lines of this form."""
    try:
        yield
    except RuleBroken as refused:
        raise RuleBroken(
            dataclasses.replace(one, field="items." + one.field.removeprefix("prices."))
            if one.field.startswith("prices.")
            else one
            for one in refused.broken
        ) from refused


async def _own_sites(work: ReadWork | WriteWork, site_id: object) -> tuple[list[Site], Site | None]:
    """One's own sites that take waste in, and the one that is chosen."""
    demand(work.actor, Verb.FILE)
    sites = [one for one in await parties.sites_of(work.session, work.actor.organisation_id) if one.kind in _TAKING_IN]
    return sites, next((one for one in sites if str(one.id) == str(site_id)), sites[0] if sites else None)


async def show_terms(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The terms of a site as they stand, or as they were refused."""
    chosen = filled.value("site_id") or page.request.query_params.get("site_id", "")
    sites, site = await _own_sites(work, chosen)
    said = (await reservation_queries.terms_of(work.session, (site.id,))).get(site.id) if site else None
    if filled is EMPTY and site is not None:
        filled = Filled.of(_typed(site, said))
    return page.show(
        "capacity/intake.html",
        filled=filled,
        sites=sites,
        site=site,
        terms=said,
        line_count=TABLE.count(filled.values),
    )


def _typed(site: Site, said: Terms | None) -> dict[str, object]:
    typed: dict[str, object] = {"site_id": site.id, "hold_days": USUAL_HOLD_DAYS}
    if said is None:
        return typed
    typed |= {
        "is_open": "true" if said.is_open else "",
        "hold_days": said.hold_days,
        "most": "" if said.most is None else _tonnes(said.most),
        "contract_only": "true" if said.contract_only else "",
        "note": said.note,
    }
    for number, one in enumerate(said.prices):
        typed |= {
            f"items.{number}.pattern": one.pattern,
            f"items.{number}.method": one.method,
            f"items.{number}.yuan_per_t": f"{one.fen_per_t / _FEN:.2f}",
        }
    return typed


def _tonnes(mass: Mass) -> str:
    return mass.tonne_text().removesuffix(" t").replace(",", "")


@router.get("")
async def intake(page: AnyPage, work: Reading, asked: Annotated[Chosen, Query()]) -> Response:  # noqa: ARG001  checked
    """The terms."""
    return await show_terms(page, work, EMPTY)


@router.post("")
@asked_again(show_terms)
async def publish(page: AnyPage, work: Writing, form: Annotated[TermsForm, Form()]) -> Response:
    """Say them, or say them anew."""
    lines = await TABLE.read(page.request)
    command = PublishTerms(prices=tuple(line.price() for line in lines.typed), **dict(form))
    with lines.naming_fields(), _as_lines():
        await publishing_intake.publish_terms(work.session, work.actor, command, at=work.at)
    return page.go(f"/intake?site_id={form.site_id}", message("Published. Generators see it now."))


@dataclasses.dataclass(frozen=True, slots=True)
class ShownDay:
    """A day of the form."""

    day: date
    taken: Mass
    left: Mass | None


async def show_days(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The days to come, as they stand or as they were refused."""
    chosen = filled.value("site_id") or page.request.query_params.get("site_id", "")
    sites, site = await _own_sites(work, chosen)
    known = await _days(work, site.id) if site else {}
    days = _to_come(work)
    if filled is EMPTY and site is not None:
        typed: dict[str, object] = {f"free.{day}": _tonnes(one.free) for day, one in known.items() if one.free}
        typed |= {f"free.{day}": "0" for day, one in known.items() if one.free == ZERO}
        filled = Filled.of(typed | {"site_id": site.id})
    return page.show(
        "capacity/intake_days.html",
        filled=filled,
        sites=sites,
        site=site,
        days=[
            ShownDay(day, known[day].taken, known[day].left) if day in known else ShownDay(day, ZERO, None)
            for day in days
        ],
    )


def _to_come(work: ReadWork | WriteWork) -> list[date]:
    first = legal_day(work.at)
    return [first + timedelta(days=number) for number in range(jurisdiction().planning_days.value + 1)]


async def _days(work: ReadWork | WriteWork, site_id: UUID) -> dict[date, Day]:
    days = _to_come(work)
    found = await reservation_queries.days_of(work.session, (site_id,), days[0], days[-1], at=work.at)
    return found.get(site_id, {})


@router.get("/days")
async def days(page: AnyPage, work: Reading, asked: Annotated[Chosen, Query()]) -> Response:  # noqa: ARG001  checked
    """The days to come."""
    return await show_days(page, work, EMPTY)


@router.post("/days")
@asked_again(show_days)
async def publish_days(page: AnyPage, work: Writing, form: Annotated[Chosen, Form()]) -> Response:
    """Say what changed; an empty field says nothing of its day."""
    _, site = await _own_sites(work, form.site_id)
    if site is None:
        return page.go("/intake")
    typed = await page.request.form()
    known = await _days(work, site.id)
    changed: list[FreeDay] = []
    wrong: list[Broken] = []
    for day in _to_come(work):
        name, said = f"free.{day}", known[day].free if day in known else None
        try:
            text = str(typed.get(name, "")).strip()
            free = Mass.parse(f"{text} t") if text else None
        except Malformed as unreadable:
            wrong.append(unreadable.as_broken(name, str(typed.get(name, ""))))
            continue
        if free != said:
            changed.append(FreeDay(day=day, free=free))
    refuse(wrong)
    if changed:
        command = PublishDays(site_id=site.id, days=tuple(changed))
        await publishing_intake.publish_days(work.session, work.actor, command, at=work.at)
    return page.go(f"/intake/days?site_id={site.id}", message("Published. Generators see it now."))
