"""One stop of a run on a telephone: labels are counted against the load list, then it is signed for on this device."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.manifests import loading
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.loading_model import (
    LOADED,
    LoadingFound,
    MarkAtPickUp,
    ScanAtPickUp,
    count_load,
)
from wastetrack.manifests.model import Act, ManifestState, SignedStep
from wastetrack.manifests.policy import Step
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Instant, Line, Prose
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.loading_points import LOADING_FIELDS, POINTS
from wastetrack.web.reading_before_signing import read_first
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import AnyPage, Page, renderer_of
from wastetrack.web.scanning import reader_of, with_camera
from wastetrack.web.signing import LoadingForm

router = RoomRouter(prefix="/run/stops/{manifest_id:uuid}", route_class=AnsweringRoute)

VERDICTS: dict[LoadingFound, tuple[str, str]] = {
    LoadingFound.ON_LIST: ("good", message("RIGHT: on this manifest")),
    LoadingFound.NOT_ON_LIST: ("bad", message("STOP: not on this manifest")),
    LoadingFound.VOID_LABEL: ("warn", message("STOP: this label is void")),
    LoadingFound.UNREAD: ("warn", message("ABOARD without a readable label")),
    LoadingFound.LEFT: ("warn", message("STAYS BEHIND")),
}
REASONS = {
    LoadingFound.UNREAD: (
        message("The label is torn or soiled"),
        message("The label is covered by other drums"),
        message("The scanner is broken"),
    ),
    LoadingFound.LEFT: (
        message("It is not ready"),
        message("It leaks or is damaged"),
        message("It does not fit on the vehicle"),
        message("It is not where it should be"),
    ),
}


class LabelForm(BaseModel):
    """A label that was read."""

    label: str = Field("", max_length=LONGEST_TEXT)
    happened_at: Instant | None = None
    """Set by the page's script, which keeps scans while there is no network."""


class MarkForm(BaseModel):
    """What is said of a container without a label."""

    container_id: UUID
    found: LoadingFound
    reason: Prose = ""


class PickUpForm(BaseModel):
    """What the driver has seen; his signature comes after he has read its words."""

    version: int | None = None


class HandOverForm(BaseModel):
    """What the next carrier found besides what it scanned; `signer_login`: it signs on the device of the one before."""

    version: int | None = None
    counted: int | None = None
    damaged_ids: list[UUID] = []
    note: Prose = ""
    signer_login: Line = ""


class WithdrawForm(BaseModel):
    """The shipper takes its manifest back, on this device."""

    signer_login: Line = ""
    reason: Prose = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class LoadLine:
    """A container of the load list, and what was seen of it."""

    line: Any
    found: LoadingFound | None
    reason: str

    @property
    def is_loaded(self) -> bool:
        """Whether it is aboard."""
        return self.found in LOADED


async def show_stop(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The stop after a refusal."""
    return await _screen(page, work, filled, scan_id=None)


async def _screen(page: Page, work: ReadWork, filled: Filled, *, scan_id: UUID | None) -> Response:
    demand(work.actor, Verb.CARRY)
    found, steps = await whole(work, page.request.path_params["manifest_id"])
    manifest_id, own = UUID(found["id"]), work.actor.organisation_id
    seen = await loading.seen_at_pick_up(work.session, own, manifest_id)
    lines = [_line(line, seen) for line in found["lines"]]
    count = count_load([UUID(one.line["container_id"]) for one in lines], {key: one.found for key, one in seen.items()})
    end = found["shipper" if found["state"] is ManifestState.FILED else "receiver"]
    ends = await parties.organisations_by_id(work.session, {UUID(end["organisation_id"])})
    sites = await parties.sites_by_id(work.session, {UUID(end["site_id"])})
    answer = None if scan_id is None else await loading.scan_of(work.session, manifest_id, scan_id)
    assets = renderer_of(page.request).assets
    return with_camera(
        page.show(
            "run/stop.html",
            filled=filled,
            manifest=found,
            lines=sorted(lines, key=lambda one: (one.found is not None, one.line["position"])),
            count=count,
            firm=ends[UUID(end["organisation_id"])],
            site=sites.get(UUID(end["site_id"])),
            answer=None if answer is None else (answer, *VERDICTS[LoadingFound(answer.found)]),
            verdicts=VERDICTS,
            reasons=REASONS,
            kinds=LoadingFound,
            picks_up=Step.PICK_UP in steps,
            takes_over=Step.HAND_OVER in steps,
            arrives=Step.ARRIVE in steps,
            may_report=Step.REPORT_INCIDENT in steps,
            following=_following(found, str(own)),
            points=POINTS,
            checked=next((one for one in found["signatures"] if one["act"] is Act.CHECK_LOADING), None),
            filed=next((one for one in found["signatures"] if one["act"] is Act.FILE), None),
            reader=reader_of(assets),
        )
    )


def _line(line: Any, seen: dict[UUID, loading.Seen]) -> LoadLine:  # noqa: ANN401  a document
    one = seen.get(UUID(line["container_id"]))
    return LoadLine(line, one.found if one else None, one.reason if one else "")


def _following(found: Any, own: str) -> Any:  # noqa: ANN401  a document
    """The leg after one's own, while one has the load."""
    held = [leg for leg in found["legs"] if leg["taken_over_at"]]
    ahead = [leg for leg in found["legs"] if not leg["taken_over_at"]]
    return ahead[0] if held and ahead and held[-1]["carrier_id"] == own else None


@router.get("")
async def stop(
    page: AnyPage,
    work: Reading,
    manifest_id: UUID,  # noqa: ARG001  read off the address
    scan: Annotated[UUID | None, Query()] = None,
) -> Response:
    """The stop, with the answer to the scan that led here."""
    return await _screen(page, work, EMPTY, scan_id=scan)


@router.post("/scans")
@asked_again(show_stop)
async def scanned(
    page: AnyPage, work: Writing, keys: DeploymentKeys, manifest_id: UUID, form: Annotated[LabelForm, Form()]
) -> Response:
    """One label. The form's request_id is the scan's own id: sent again, it is the same scan."""
    if not form.label.strip():
        refuse_one("label", "missing", "This is needed.")
    scan_id = key_of(page.request)
    command = ScanAtPickUp(
        scan_id=scan_id,
        manifest_id=manifest_id,
        code=read_label_text(form.label, keys.base_url, keys.label_key),
        happened_at=form.happened_at,
    )
    await loading.scan_at_pick_up(work.session, work.actor, command, at=work.at)
    return page.go(f"/run/stops/{manifest_id}?scan={scan_id}")


@router.post("/marks")
@asked_again(show_stop)
async def marked(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[MarkForm, Form()]) -> Response:
    """One container without a label."""
    mark_id = key_of(page.request)
    command = MarkAtPickUp(mark_id=mark_id, manifest_id=manifest_id, **dict(form))
    await loading.mark_at_pick_up(work.session, work.actor, command, at=work.at)
    return page.go(f"/run/stops/{manifest_id}?scan={mark_id}")


@router.post("/pick-up")
@asked_again(show_stop)
async def pick_up(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[PickUpForm, Form()]) -> Response:
    """On to the words of the pick-up, once the count matches."""
    await loading.demand_loaded(work.session, work.actor, manifest_id)
    asked = Asked(step=SignedStep.PICK_UP, subject_id=manifest_id, version=form.version)
    return await read_first(page, work, asked)


@router.post("/check-loading")
@asked_again(show_stop)
async def check_loading(
    page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[LoadingForm, Form()]
) -> Response:
    """On to the words of the shipper's look at the loading, which its signer signs on this device."""
    if not form.signer_login:
        refuse_one("signer_login", "missing", "This is needed.", article="令23 art. 13")
    with naming_fields(LOADING_FIELDS):
        return await read_first(page, work, form.asked_of(manifest_id), login=form.signer_login)


@router.post("/hand-over")
@asked_again(show_stop)
async def hand_over(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[HandOverForm, Form()]) -> Response:
    """On to the words of a hand-over: by what the next carrier has scanned; on the device of the one before, by what it
    has counted."""
    counted, gone = form.counted, []
    if not form.signer_login:
        count = await loading.demand_loaded(work.session, work.actor, manifest_id, may_leave=True)
        seen = await loading.seen_at_pick_up(work.session, work.actor.organisation_id, manifest_id)
        counted = count.loaded
        gone = [
            {"container_id": str(one), "kind": "missing", "note": found.reason}
            for one, found in seen.items()
            if found.found is LoadingFound.LEFT
        ]
    elif counted is None:
        refuse_one("counted", "missing", "This is needed.", article="令23 art. 17")
    damaged = [{"container_id": str(one), "kind": "damaged", "note": form.note} for one in form.damaged_ids]
    asked = Asked(
        step=SignedStep.HAND_OVER,
        subject_id=manifest_id,
        version=form.version,
        told={"counted": counted, "differences": [*gone, *damaged]},
    )
    return await read_first(page, work, asked, login=form.signer_login)


@router.post("/withdraw")
@asked_again(show_stop)
async def withdraw(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[WithdrawForm, Form()]) -> Response:
    """On to the words by which the shipper withdraws, with a factor of its own; it files anew without what stays."""
    if not form.signer_login:
        refuse_one("signer_login", "missing", "This is needed.")
    asked = Asked(step=SignedStep.CANCELLATION, subject_id=manifest_id, version=form.version, reason=form.reason)
    return await read_first(page, work, asked, login=form.signer_login)
