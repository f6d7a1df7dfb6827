"""What is held ready for an epidemic: facilities that help, calls under an emergency, supplies."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Body as FromBody
from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import LogEntry, answer, log_entry
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.small_institutions import EmergencyShown
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.catalogues.queries import snapshot
from wastetrack.mass import Mass
from wastetrack.medical import designating, reserves
from wastetrack.medical.emergencies import emergency_of
from wastetrack.medical.reserve_model import (
    CallHelper,
    Designate,
    HelperKind,
)
from wastetrack.serving.deps import Reading, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Instant, Line, Prose

router = RoomRouter(prefix="/medical", route_class=AnsweringRoute, tags=["medical waste"])

_REFUSALS = problems(400, 403, 404, 409, 422)
_A_KILN: dict[str, Any] = {
    "region_code": "3706",
    "kind": "cement_kiln",
    "name": "东方水泥二号窑",
    "address": "福山区工业路8号",
    "longitude": 121.25,
    "latitude": 37.45,
    "daily_g": 30_000_000,
    "lead_hours": 48,
    "agreement_number": "烟环协〔2026〕7号",
    "agreement_from": "2026-01-01",
    "agreement_to": "2028-12-31",
    "contact_name": "值班室",
    "contact_phone": "0535-6000000",
}
_A_CALL: dict[str, Any] = {
    "helper_id": "0192f0c1-7b1a-7000-8000-000000000051",
    "daily_g": 20_000_000,
    "from_at": "2026-11-26T08:00:00+08:00",
}
_Grams = Annotated[int, Field(ge=-(10**12), le=10**12)]


class NewHelper(Body):
    """A facility for the list of those that help. With a site, empty fields are the site's own."""

    region_code: Line = Field(description="The prefecture or county that it stands ready for")
    kind: HelperKind
    site_id: UUID | None = None
    name: Line = ""
    address: Line = ""
    longitude: float | None = Field(None, ge=-1000, le=1000)
    latitude: float | None = Field(None, ge=-1000, le=1000)
    daily_g: _Grams = Field(description="What it can take in a day in an emergency")
    lead_hours: int = Field(ge=-100_000, le=100_000, description="From the call to the first load")
    agreement_number: Line
    agreement_from: Day
    agreement_to: Day
    contact_name: Line
    contact_phone: Line
    rules: Prose = Field("", description="By which rules it works in an emergency")


class HelperShown(Shown):
    """A facility of the list."""

    id: UUID
    region_code: str
    kind: str
    site_id: UUID | None
    name: str
    address: str
    longitude: float
    latitude: float
    daily_g: int
    lead_hours: int
    agreement_number: str
    agreement_from: date
    agreement_to: date
    contact_name: str
    contact_phone: str
    rules: str
    ended_at: datetime | None

    @classmethod
    def of(cls, row: reserves.Helper) -> "HelperShown":
        """As the list has it."""
        told = {name: getattr(row, name) for name in cls.model_fields if name != "daily_g"}
        return cls(**told, daily_g=row.daily_g.grams)


class HelperDone(Shown):
    """The facility, and the event that states it."""

    helper: HelperShown
    log: LogEntry


class PrefectureShown(Shown):
    """A prefecture, and how many facilities stand ready for it today; `is_enough`: as many as each names."""

    code: str
    name: str
    ready: int
    daily_g: int
    is_enough: bool


class HelpersListed(Shown):
    """The list; for an authority with its prefectures, those without a facility first."""

    items: list[HelperShown]
    prefectures: list[PrefectureShown]


class NewCall(Body):
    """A facility is called under an emergency."""

    helper_id: UUID
    daily_g: _Grams
    from_at: Instant


class CallShown(Shown):
    """A call."""

    id: UUID
    helper_id: UUID
    name: str
    kind: str
    daily_g: int
    from_at: datetime
    ready_at: datetime
    ended_at: datetime | None


class CallDone(Shown):
    """The call, and the event that states it."""

    call_id: UUID
    emergency_id: UUID
    helper_id: UUID
    daily_g: int
    from_at: datetime
    ended_at: datetime | None
    log: LogEntry


class EmergencyTold(Shown):
    """An emergency, and who is called under it."""

    emergency: EmergencyShown
    calls: list[CallShown]


@router.get("/helpers", response_model=HelpersListed, responses=problems(400, 403))
async def list_helpers(work: Reading, region: Annotated[str, Query(max_length=6, pattern="^[0-9]*$")] = "") -> Response:
    """The facilities that help in an emergency, in the order of calling."""
    home = reserves.home_of(work.actor)
    found = await reserves.helpers(work.session, region=region or home)
    places = reserves.prefectures(await snapshot(work.session), home, found, legal_day(work.at)) if home else []
    shown = [
        PrefectureShown(code=one.code, name=one.name, ready=one.ready, daily_g=one.daily_g, is_enough=one.is_enough)
        for one in places
    ]
    return answer(HelpersListed(items=[HelperShown.of(one) for one in found], prefectures=shown))


@router.post("/helpers", status_code=201, response_model=HelperDone, responses=_REFUSALS)
async def designate(
    work: Writing, keys: DeploymentKeys, body: Annotated[NewHelper, FromBody(examples=[_A_KILN])]
) -> Response:
    """Put a facility on the list."""
    told = body.model_dump(exclude={"daily_g"})
    command = Designate(**told, daily=Mass(body.daily_g))
    row, appended = await designating.designate(work.session, work.actor, command, at=work.at)
    return answer(HelperDone(helper=HelperShown.of(row), log=log_entry(appended, keys)), 201)


@router.post("/helpers/{helper_id}/ending", response_model=HelperDone, responses=_REFUSALS)
async def strike_off(work: Writing, keys: DeploymentKeys, helper_id: UUID) -> Response:
    """Take a facility off the list."""
    row, appended = await designating.strike_off(work.session, work.actor, helper_id, at=work.at)
    return answer(HelperDone(helper=HelperShown.of(row), log=log_entry(appended, keys)))


@router.get("/emergencies/{emergency_id}", response_model=EmergencyTold, responses=problems(403, 404))
async def emergency(work: Reading, emergency_id: UUID) -> Response:
    """An emergency, and who is called under it."""
    row = await emergency_of(work.session, emergency_id)
    calls = await reserves.calls_under(work.session, row, at=work.at)
    shown = [
        CallShown(
            id=one.id,
            helper_id=one.helper_id,
            name=one.name,
            kind=one.kind.value,
            daily_g=one.daily.grams,
            from_at=one.from_at,
            ready_at=one.ready_at,
            ended_at=one.ended_at,
        )
        for one in calls
    ]
    return answer(EmergencyTold(emergency=EmergencyShown.model_validate(row), calls=shown))


@router.post("/emergencies/{emergency_id}/calls", status_code=201, response_model=CallDone, responses=_REFUSALS)
async def call(
    work: Writing, keys: DeploymentKeys, emergency_id: UUID, body: Annotated[NewCall, FromBody(examples=[_A_CALL])]
) -> Response:
    """Call a facility."""
    command = CallHelper(
        emergency_id=emergency_id, helper_id=body.helper_id, daily=Mass(body.daily_g), from_at=body.from_at
    )
    row, appended = await designating.call_helper(work.session, work.actor, command, at=work.at)
    return answer(_called(row, log_entry(appended, keys)), 201)


@router.post("/emergency-calls/{call_id}/ending", response_model=CallDone, responses=_REFUSALS)
async def let_go(work: Writing, keys: DeploymentKeys, call_id: UUID) -> Response:
    """Let a facility go."""
    row, appended = await designating.let_go(work.session, work.actor, call_id, at=work.at)
    return answer(_called(row, log_entry(appended, keys)))


def _called(row: reserves.Call, log: LogEntry) -> CallDone:
    return CallDone(
        call_id=row.id,
        emergency_id=row.emergency_id,
        helper_id=row.helper_id,
        daily_g=row.daily_g.grams,
        from_at=row.from_at,
        ended_at=row.ended_at,
        log=log,
    )
