"""The collector's pages, for a phone: set out, take over at a ward, end at the store."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.containers.labels import DigitalCode, read_label_text
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.medical import queries
from wastetrack.medical.collecting import hand_over_ward, start_round
from wastetrack.medical.ending_rounds import end_round
from wastetrack.medical.model import EndRound, FoundInStore, HandOverWard, Nurse, NurseConfirmed
from wastetrack.medical.queries import BagFilter
from wastetrack.parties import queries as parties
from wastetrack.serving.confirming import Confirming
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys, Keys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/medical/rounds", route_class=AnsweringRoute)


class HandOverForm(BaseModel):
    """Bags of a ward; a scanner ends each label with a new line."""

    ward_id: UUID
    labels: Prose = ""
    bags: int
    mass: Kilograms
    nurse_name: Line = ""
    nurse_login: Line = ""


class EndForm(BaseModel):
    """What stands at the store; the row of a bag is filled in where it differs."""

    store_id: UUID
    end_bags: int
    end_mass: Kilograms
    differing_id: list[UUID] = []
    gross: list[str] = []
    reason: list[Prose] = []

    def differing(self) -> tuple[FoundInStore, ...]:
        """The bags that have a reason or another mass."""
        told = []
        for key, gross, reason in zip(self.differing_id, self.gross, self.reason, strict=False):
            if gross.strip() or reason.strip():
                told.append(FoundInStore(container_id=key, gross=_mass(gross), reason=reason))
        return tuple(told)


def _mass(typed: str) -> Mass | None:
    return Mass.from_kg(typed) if typed.strip() else None


@router.post("")
async def start(page: AnyPage, work: Writing, site_id: Annotated[UUID, Form()]) -> Response:
    """Set out."""
    row = await start_round(work.session, work.actor, site_id, at=work.at)
    return page.go(f"/medical/rounds/{row.id}", message("Scan the bags that the ward hands over."))


async def ask_round(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The round: wards with something waiting, the form of a hand-over, the end at the store."""
    walk = await queries.round_now(work.session, work.actor, page.request.path_params["round_id"])
    own = walk.collector_id == work.actor.person_id and walk.state == "walking"
    return page.show(
        "medical/round.html",
        filled=filled,
        round=walk,
        own=own,
        wards=[one for one in await queries.wards(work.session, work.actor, site_id=walk.site_id) if one.waiting],
        handovers=await queries.handovers(work.session, walk.id),
        bags=await queries.bags(work.session, work.actor, BagFilter(round_id=walk.id)),
        stores=await parties.stores_of(work.session, work.actor, walk.site_id),
        now=work.at,
    )


@router.get("/{round_id:uuid}")
async def one_round(page: AnyPage, work: Reading, round_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One round."""
    return await ask_round(page, work, EMPTY)


@router.post("/{round_id:uuid}/hand-overs")
@asked_again(ask_round)
async def hand_over(
    page: AnyPage, work: Confirming, keys: DeploymentKeys, round_id: UUID, form: Annotated[HandOverForm, Form()]
) -> Response:
    """A ward hands over; the nurse confirms with her own factor, or is named."""
    confirmed = work.confirmed
    nurse = (
        Nurse(name=form.nurse_name, confirmed=NurseConfirmed.NAMED)
        if confirmed is None
        else Nurse(name=confirmed.name, confirmed=NurseConfirmed.FACTOR, person_id=confirmed.person_id)
    )
    command = HandOverWard(
        round_id=round_id,
        ward_id=form.ward_id,
        codes=_codes(form.labels, keys),
        bags=form.bags,
        mass=form.mass,
        nurse=nurse,
    )
    row, _ = await hand_over_ward(work.session, work.actor, command, at=work.at)
    return page.go(f"/medical/rounds/{round_id}", message("Taken over: {count} bags."), count=row.bags)


def _codes(labels: str, keys: Keys) -> tuple[DigitalCode, ...]:
    lines = [line.strip() for line in labels.splitlines() if line.strip()]
    if not lines:
        refuse_one("labels", "bags_missing", "Scan at least one bag.")
    return tuple(read_label_text(line, keys.base_url, keys.label_key) for line in lines)


@router.post("/{round_id:uuid}/end")
@asked_again(ask_round)
async def end(page: AnyPage, work: Writing, round_id: UUID, form: Annotated[EndForm, Form()]) -> Response:
    """The round ends at the temporary store."""
    command = EndRound(
        round_id=round_id,
        store_id=form.store_id,
        bags=form.end_bags,
        mass=form.end_mass,
        differing=form.differing(),
    )
    with naming_fields({"bags": "end_bags", "mass": "end_mass", "reason": "differing", "gross_g": "differing"}):
        await end_round(work.session, work.actor, command, at=work.at)
    return page.go(f"/medical/rounds/{round_id}", message("The round is in the temporary store."))
