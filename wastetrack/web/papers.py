"""Pages for days on which the system cannot be used: reserved numbers, their forms, and the entry of a paper."""

import asyncio
import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.hazards import Hazard
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, jurisdiction
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers import queries as containers
from wastetrack.containers.model import ContainerState, Description, Packaging, Weighing
from wastetrack.containers.model import Form as WasteForm
from wastetrack.containers.queries import ContainerFilter
from wastetrack.errors import WastetrackError, refuse_one
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import back_entering, queries, reserving
from wastetrack.manifests.model import LegPlan
from wastetrack.manifests.papers import DraftPaper, LabelledByHand, PaperLine, ReservedState, ReserveNumbers
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.reports import choices
from wastetrack.reports.paper_form import paper_form_pdf
from wastetrack.reports.paper_gathering import figures_of_form
from wastetrack.serving.deps import Reading, ReadWork, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.listings import Asked
from wastetrack.web.lists_of_records import NUMBERS
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/paper", route_class=AnsweringRoute)

SHOWN_AT_MOST = 200
_LOCAL = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?")
_FIELDS = {
    "legs": "carrier_id",
    "legs.0.plate": "plate",
    "container_ids": "container_ids",
    "by_hand.0.gross_g": "hand_net",
    "by_hand.0.waste_code": "hand_code",
    "by_hand.0.waste_name": "hand_name",
    "by_hand.0.hazards": "hand_hazards",
    "volume_l": "hand_volume",
    "by_hand.0.generated_on": "picked_up_at",
}


def _moment(value: object) -> object:
    """What a field for day and time sends, in the country's own time."""
    if isinstance(value, str) and _LOCAL.fullmatch(value.strip()):
        return datetime.fromisoformat(value.strip()).replace(tzinfo=LEGAL_ZONE)
    raise PydanticCustomError("datetime_parsing", "not a moment")


Moment = Annotated[datetime, BeforeValidator(_moment)]


class ReserveForm(BaseModel):
    """So many numbers for a site."""

    site_id: UUID
    count: int


class Wanted(Asked):
    """Which reserved numbers."""

    state: ReservedState | None = None


class VoidForm(BaseModel):
    """Why a number is not used."""

    reason: Prose = ""


class PaperForm(BaseModel):
    """A completed paper: labelled containers by their rows, and one that was labelled by hand."""

    site_id: UUID
    number: Line = ""
    receiver_site_id: UUID
    method: Line
    carrier_id: UUID
    plate: Line
    picked_up_at: Moment
    arrived_at: Moment
    received_at: Moment
    container_ids: list[UUID] = []
    row_ids: list[UUID] = []
    received: list[Line] = []
    hand_code: Line = ""
    hand_name: Line = ""
    hand_form: WasteForm | None = None
    hand_hazards: list[Hazard] = []
    hand_packaging: Packaging | None = None
    hand_volume: int | None = None
    hand_net: Kilograms | None = None
    hand_received: Kilograms | None = None
    reason: Prose = ""
    late_reason: Prose = ""

    def lines(self) -> tuple[PaperLine, ...]:
        """The ticked rows; an empty mass means that it did not arrive."""
        typed = dict(zip(self.row_ids, self.received, strict=False))
        return tuple(PaperLine(container_id=one, received=_kilograms(typed.get(one, ""))) for one in self.container_ids)

    def by_hand(self) -> tuple[LabelledByHand, ...]:
        """The container that was labelled by hand, if its code is given."""
        if not self.hand_code:
            return ()
        for name in ("hand_form", "hand_packaging", "hand_volume", "hand_net"):
            if getattr(self, name) is None:
                refuse_one(name, "missing", "This is needed.")
        assert self.hand_form is not None  # noqa: S101  refused above, as the three below
        assert self.hand_packaging is not None  # noqa: S101
        assert self.hand_volume is not None  # noqa: S101
        assert self.hand_net is not None  # noqa: S101
        described = Description(
            waste_code=self.hand_code,
            waste_name=self.hand_name,
            form=self.hand_form,
            hazards=tuple(one.value for one in self.hand_hazards),
        )
        weighing = Weighing(gross=self.hand_net, tare=Mass(0), method=WeighingMethod.PLATFORM_SCALE, confirmed=True)
        return (
            LabelledByHand(
                description=described,
                packaging=self.hand_packaging,
                volume_l=self.hand_volume,
                weighing=weighing,
                generated_on=self.picked_up_at.date(),
                received=self.hand_received,
            ),
        )

    def command(self, start: str, end: str) -> DraftPaper:
        """As the use case wants it."""
        return DraftPaper(
            number=self.number or None,
            shipper_site_id=self.site_id,
            receiver_site_id=self.receiver_site_id,
            method=self.method,
            legs=(LegPlan(carrier_id=self.carrier_id, plate=self.plate, start=start, end=end),),
            taken_over_at=(self.picked_up_at,),
            arrived_at=self.arrived_at,
            received_at=self.received_at,
            lines=self.lines(),
            by_hand=self.by_hand(),
            reason=self.reason,
            late_reason=self.late_reason,
        )


def _kilograms(typed: str) -> Mass | None:
    if not typed.strip():
        return None
    try:
        return Mass.parse(f"{typed} kg")
    except WastetrackError:
        refuse_one("container_ids", "mass_unreadable", message("“{value}” is not a mass in kilograms."), value=typed)


async def ask_numbers(page: Page, work: ReadWork, filled: Filled, wanted: Wanted | None = None) -> Response:
    """The reserved numbers, and the form that reserves more."""
    may_sign = bool(may(work.actor, Verb.SIGN))
    sites = await parties.sites_of(work.session, work.actor.organisation_id) if may_sign else ()
    view = await NUMBERS.view(page, work, wanted, path="/paper")
    state = None if wanted is None else wanted.state
    return await view.answer(
        "paper/numbers.html",
        await reserving.reserved_numbers(work.session, work.actor, view.window, state=state),
        filled=filled,
        sites=[(site.id, site.name) for site in sites],
        may_enter=bool(may(work.actor, Verb.FILE)),
        cap=jurisdiction().reserved_numbers.value,
        term=jurisdiction().back_entry_working_days.value,
    )


@router.get("")
async def numbers(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """What to do while the system cannot be used."""
    return await ask_numbers(page, work, EMPTY, wanted)


@router.post("")
@asked_again(ask_numbers)
async def reserve(page: AnyPage, work: Writing, form: Annotated[ReserveForm, Form()]) -> Response:
    """Reserve numbers for a site."""
    command = ReserveNumbers(site_id=form.site_id, count=form.count)
    rows, _ = await reserving.reserve_numbers(work.session, work.actor, command, at=work.at)
    return page.go("/paper", message("{count} numbers are reserved; print their forms now."), count=len(rows))


async def ask_paper(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form in which a completed paper is entered."""
    demand(work.actor, Verb.FILE)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    asked = filled.value("site_id") or page.request.query_params.get("site_id", "")
    site = next((one for one in sites if str(one.id) == asked), sites[0] if sites else None)
    rows = []
    if site is not None:
        wanted = ContainerFilter(site_id=site.id, state=ContainerState.AT_SITE)
        found = await containers.page(work.session, work.actor, wanted, limit=SHOWN_AT_MOST)
        rows = [row for row in found if row.held_for is None]
    known = await reserving.reserved_numbers(work.session, work.actor)
    lists = await snapshot(work.session)
    typed = dict(zip(filled.values.get("row_ids", ()), filled.values.get("received", ()), strict=False))
    return page.show(
        "paper/entry.html",
        filled=filled,
        sites=sites,
        site=site,
        rows=rows,
        typed=typed,
        numbers=[one.number for one in known if site and one.site_id == site.id and one.state == "reserved"],
        receivers=await choices.receiving_sites(work.session, near=site.region_code) if site else [],
        carriers=await choices.carriers(work.session, near=site.region_code) if site else [],
        methods=lists.treatments_on(work.at.astimezone(LEGAL_ZONE).date()),
        packagings=Packaging,
        forms_of_matter=WasteForm,
        term=jurisdiction().back_entry_working_days.value,
    )


@router.get("/new")
async def new(
    page: AnyPage,
    work: Reading,
    site_id: Annotated[UUID | None, Query()] = None,  # noqa: ARG001  read off the address
) -> Response:
    """The form, for one of one's own sites."""
    return await ask_paper(page, work, EMPTY)


@router.post("/new")
@asked_again(ask_paper)
async def enter(page: AnyPage, work: Writing, form: Annotated[PaperForm, Form()]) -> Response:
    """Keep it as a draft; the scan is attached there, then it is signed."""
    lists = await snapshot(work.session)
    ends = await parties.sites_by_id(work.session, (form.site_id, form.receiver_site_id))
    start, end = (
        lists.region_name(ends[one].region_code) if one in ends else "" for one in (form.site_id, form.receiver_site_id)
    )
    with naming_fields(_FIELDS):
        row = await back_entering.draft_paper(work.session, work.actor, form.command(start, end), at=work.at)
    return page.go(f"/manifests/{row.id}", message("The paper is entered as a draft. Attach its scan, then sign."))


async def ask_number(page: Page, work: ReadWork, filled: Filled) -> Response:
    """One reserved number."""
    row = await reserving.reserved_number(work.session, work.actor, page.request.path_params["number"])
    used: Any = None
    if row.state == ReservedState.USED.value:
        used = await queries.by_number(work.session, work.actor, row.number)
    own = row.organisation_id == work.actor.organisation_id
    return page.show(
        "paper/number.html",
        filled=filled,
        row=row,
        state=ReservedState(row.state),
        used=used,
        site=(await parties.sites_by_id(work.session, (row.site_id,)))[row.site_id],
        may_void=own and row.state == ReservedState.RESERVED.value and bool(may(work.actor, Verb.SIGN)),
    )


@router.get("/{number}")
async def number(page: AnyPage, work: Reading, number: str) -> Response:  # noqa: ARG001  read off the address
    """A reserved number: the address in its form's QR code."""
    return await ask_number(page, work, EMPTY)


@router.post("/{number}/void")
@asked_again(ask_number)
async def void(page: AnyPage, work: Writing, number: str, form: Annotated[VoidForm, Form()]) -> Response:
    """Give a number up, with a reason."""
    await reserving.void_number(work.session, work.actor, number, form.reason, at=work.at)
    return page.go("/paper", message("Number {number} is voided."), number=number)


@router.get("/{number}/form.pdf")
async def printed(page: AnyPage, work: Reading, number: str) -> Response:
    """The form to be filled in by hand."""
    row = await reserving.reserved_number(work.session, work.actor, number)
    settings = settings_of(page.request)
    figures = await figures_of_form(
        work.session, row.number, row.site_id, base_url=settings.base_url, zone=settings.time_zone, at=work.at
    )
    pdf = await asyncio.to_thread(paper_form_pdf, figures, page.locale)
    headers = {"Content-Disposition": f'inline; filename="form-{row.number}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
