"""Paper while the system is down: numbers in reserve, their forms, and the entry of what went on paper."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import DescribedFields, Grams, LogEntry, MeasuredBy, answer, log_entry
from wastetrack.api.manifests import Drafted, Leg
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.versions import etag
from wastetrack.i18n import as_locale
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import back_entering, reserving
from wastetrack.manifests.model import LegPlan
from wastetrack.manifests.papers import DraftPaper, LabelledByHand, PaperLine, ReserveNumbers
from wastetrack.mass import Mass
from wastetrack.reports.paper_form import paper_form_pdf
from wastetrack.reports.paper_gathering import figures_of_form
from wastetrack.serving.deps import Reading, Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Instant, Line, Prose

router = RoomRouter(route_class=AnsweringRoute, tags=["paper"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}
_RESERVE: dict[str, Any] = {"site_id": "0192f0c1-7b1a-7000-8000-000000000001", "count": 3}
_A_PAPER: dict[str, Any] = {
    "number": "20263706000031",
    "shipper_site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "receiver_site_id": "0192f0c1-7b1a-7000-8000-000000000003",
    "method": "D10",
    "legs": [
        {
            "carrier_id": "0192f0c1-7b1a-7000-8000-000000000004",
            "plate": "鲁F12345",
            "taken_over_at": "2026-11-20T09:00:00+08:00",
        }
    ],
    "arrived_at": "2026-11-20T11:30:00+08:00",
    "received_at": "2026-11-20T12:00:00+08:00",
    "lines": [{"container_id": "0192f0c1-7b1a-7000-8000-000000000002", "received_g": 179_000}],
    "reason": "平台停机维护",
}


class ToReserve(Body):
    """So many numbers for a site."""

    site_id: UUID
    count: int = Field(strict=True, ge=0, le=1000)


class WhyVoid(Body):
    """Why a reserved number is not used."""

    reason: Prose


class ReservedShown(Shown):
    """A number held in reserve."""

    id: UUID
    number: str
    organisation_id: UUID
    site_id: UUID
    state: str
    reserved_at: datetime
    settled_at: datetime | None
    reason: str


class ReservedList(Shown):
    """Numbers held in reserve, used and voided, the newest first."""

    items: list[ReservedShown]


class ReservedAnswer(ReservedList):
    """Those just given, and the event that states it."""

    log: LogEntry


class VoidedAnswer(Shown):
    """The number that was given up, and the event that states it."""

    number: ReservedShown
    log: LogEntry


class TakenLeg(Leg):
    """A carrier's part of the way, and when it took the load over."""

    taken_over_at: Instant


class WrittenLine(Body):
    """A labelled container; without `received_g` it did not arrive."""

    container_id: UUID
    received_g: Grams | None
    method: MeasuredBy = MeasuredBy.TRUCK_SCALE


class HandLabelled(DescribedFields):
    """A container whose label was written by hand."""

    generated_on: Day
    received_g: Grams | None
    received_method: MeasuredBy = MeasuredBy.TRUCK_SCALE

    def labelled(self) -> LabelledByHand:
        """As the command wants it."""
        return LabelledByHand(
            description=self.description(),
            packaging=self.packaging,
            volume_l=self.volume_l,
            weighing=self.weighing(),
            generated_on=self.generated_on,
            received=None if self.received_g is None else Mass(self.received_g),
            method=WeighingMethod(self.received_method.value),
        )


class WrittenPaper(Body):
    """What the completed paper says."""

    number: Line | None = Field(None, description="Printed on the form; null where none was reserved")
    shipper_site_id: UUID
    receiver_site_id: UUID
    method: Line
    legs: tuple[TakenLeg, ...] = Field(min_length=1, max_length=20)
    arrived_at: Instant
    received_at: Instant
    lines: tuple[WrittenLine, ...] = Field((), max_length=500)
    by_hand: tuple[HandLabelled, ...] = Field((), max_length=100)
    reason: Prose
    late_reason: Prose = ""
    remarks: Prose = ""

    def command(self) -> DraftPaper:
        """As the use case wants it."""
        return DraftPaper(
            number=self.number,
            shipper_site_id=self.shipper_site_id,
            receiver_site_id=self.receiver_site_id,
            method=self.method,
            legs=tuple(
                LegPlan(
                    carrier_id=leg.carrier_id, plate=leg.plate, driver_id=leg.driver_id, start=leg.start, end=leg.end
                )
                for leg in self.legs
            ),
            taken_over_at=tuple(leg.taken_over_at for leg in self.legs),
            arrived_at=self.arrived_at,
            received_at=self.received_at,
            lines=tuple(
                PaperLine(
                    container_id=line.container_id,
                    received=None if line.received_g is None else Mass(line.received_g),
                    method=WeighingMethod(line.method.value),
                )
                for line in self.lines
            ),
            by_hand=tuple(one.labelled() for one in self.by_hand),
            reason=self.reason,
            late_reason=self.late_reason,
            remarks=self.remarks,
        )


@router.post("/reserved-numbers", status_code=201, response_model=ReservedAnswer, responses=_REFUSALS)
async def reserve(
    work: Writing, keys: DeploymentKeys, body: Annotated[ToReserve, FromBody(examples=[_RESERVE])]
) -> Response:
    """Reserve numbers of one's prefecture for outages. Its authorities see them; each is used or voided."""
    command = ReserveNumbers(site_id=body.site_id, count=body.count)
    rows, appended = await reserving.reserve_numbers(work.session, work.actor, command, at=work.at)
    items = [ReservedShown.model_validate(row) for row in rows]
    return answer(ReservedAnswer(items=items, log=log_entry(appended, keys)), 201)


@router.get("/reserved-numbers", response_model=ReservedList, responses=problems())
async def reserved(work: Reading) -> Response:
    """The reserved numbers that one may see."""
    rows = await reserving.reserved_numbers(work.session, work.actor)
    return answer(ReservedList(items=[ReservedShown.model_validate(row) for row in rows]))


@router.get("/reserved-numbers/{number}/form.pdf", response_class=Response, responses={**problems(404), **_PDF})
async def form(
    request: Request, work: Reading, number: str, lang: Annotated[str, Query(pattern="^(zh|en)$")] = "zh"
) -> Response:
    """The form to be filled in by hand, in three copies."""
    row = await reserving.reserved_number(work.session, work.actor, number)
    settings = settings_of(request)
    figures = await figures_of_form(
        work.session, row.number, row.site_id, base_url=settings.base_url, zone=settings.time_zone, at=work.at
    )
    pdf = await asyncio.to_thread(paper_form_pdf, figures, as_locale(lang) or "zh")
    headers = {"Content-Disposition": f'inline; filename="form-{row.number}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post("/reserved-numbers/{number}/surrender", response_model=VoidedAnswer, responses=_REFUSALS)
async def void(
    work: Writing,
    keys: DeploymentKeys,
    number: str,
    body: Annotated[WhyVoid, FromBody(examples=[{"reason": "停电结束，未使用"}])],
) -> Response:
    """Give a reserved number up."""
    row, appended = await reserving.void_number(work.session, work.actor, number, body.reason, at=work.at)
    return answer(VoidedAnswer(number=ReservedShown.model_validate(row), log=log_entry(appended, keys)))


@router.post("/manifests/back-entries", status_code=201, response_model=Drafted, responses=_REFUSALS)
async def draft(work: Writing, body: Annotated[WrittenPaper, FromBody(examples=[_A_PAPER])]) -> Response:
    """Enter a completed paper as a draft. Attach its scan, then sign the back-entry."""
    row = await back_entering.draft_paper(work.session, work.actor, body.command(), at=work.at)
    return answer(Drafted.model_validate(row), 201, headers=etag(row.version))
