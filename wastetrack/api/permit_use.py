"""How permits are used, as programs read it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.api.fields import answer
from wastetrack.api.schemas import Shown, problems
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.reports.permit_use import CodeUse, LineUse, PermitUse, use_of_holder
from wastetrack.serving.deps import Reading
from wastetrack.serving.room_router import RoomRouter

router = RoomRouter(tags=["permits"])


class CodeUseShown(Shown):
    """One code under a line: what came in each month, in grams, and what is on its way."""

    waste_code: str
    months_g: list[int]
    received_g: int
    coming_g: int


class LineUseShown(Shown):
    """One line of a permit in a year. `left_g` is below nothing where more came in than is allowed."""

    pattern: str
    methods: list[str]
    yearly_g: int
    received_g: int
    coming_g: int
    left_g: int
    held_g: int
    """Of what is left, what reservations set aside."""
    percent: int
    codes: list[CodeUseShown]


class PermitUseShown(Shown):
    """A permit with the use of its lines."""

    permit_id: UUID
    number: str
    site_id: UUID | None
    lines: list[LineUseShown]


class PermitsUsed(Shown):
    """The permits of a firm in a year."""

    year: int
    items: list[PermitUseShown]


@router.get(
    "/organisations/{organisation_id}/permit-use", response_model=PermitsUsed, responses=problems(403, 404, 422)
)
async def permit_use(
    work: Reading, organisation_id: UUID, year: Annotated[int | None, Query(ge=2000, le=2100)] = None
) -> Response:
    """What came in under each line of a firm's permits by code and month; for itself and the authorities over it."""
    chosen = year or legal_day(work.at).year
    found = await use_of_holder(work.session, work.actor, organisation_id, year=chosen)
    return answer(PermitsUsed(year=chosen, items=[_permit(one) for one in found]))


def _permit(one: PermitUse) -> PermitUseShown:
    return PermitUseShown(
        permit_id=one.permit_id, number=one.number, site_id=one.site_id, lines=[_line(line) for line in one.lines]
    )


def _line(line: LineUse) -> LineUseShown:
    return LineUseShown(
        pattern=line.pattern,
        methods=list(line.methods),
        yearly_g=line.yearly.grams,
        received_g=line.received.grams,
        coming_g=line.coming.grams,
        left_g=line.left.grams,
        held_g=line.held.grams,
        percent=line.percent,
        codes=[_code(code) for code in line.codes],
    )


def _code(code: CodeUse) -> CodeUseShown:
    return CodeUseShown(
        waste_code=code.waste_code,
        months_g=[mass.grams for mass in code.months],
        received_g=code.received.grams,
        coming_g=code.coming.grams,
    )
