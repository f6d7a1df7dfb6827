"""The gate: expected arrivals, one screen per truck with one input, and the receipt that ends it.

A scan is posted and redirected to the screen with the scan's id, which shows what the log says of it; with htmx the
block around the input is swapped by the same two requests. So one way serves both, and reloading does nothing twice.
"""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.containers.labels import LONGEST_TEXT, read_label_text
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import said
from wastetrack.errors import NotFound, refuse_one
from wastetrack.gates import queries as kept
from wastetrack.i18n import message
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import journey_queries
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.gate import scan_at_gate
from wastetrack.manifests.journey_model import MismatchState
from wastetrack.manifests.model import ON_THE_ROAD, ManifestState, Outcome, ScanAtGate, SignedStep
from wastetrack.manifests.policy import Step
from wastetrack.parties import queries as parties
from wastetrack.parties.model import usable
from wastetrack.reports.tasks import open_manifests
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute, key_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.transparency import queries as log
from wastetrack.transparency.errors import LeafUnknown
from wastetrack.web.custody_fields import SCALES, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.reading_before_signing import read_first
from wastetrack.web.reading_fields import Kilograms
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/gate", route_class=AnsweringRoute)

_KEPT = ("scale_id", "uncertainty", "method", "store_id")
"""Fields that stay as they are from one container to the next."""
_COLOURS: dict[Outcome, str] = {
    Outcome.ACCEPTED: "good",
    Outcome.ACCEPTED_WITH_DIFFERENCE: "warn",
    Outcome.ALREADY_HERE: "info",
    Outcome.REJECTED: "bad",
    Outcome.UNEXPECTED: "bad",
    Outcome.NOT_PERMITTED: "bad",
    Outcome.VOID_LABEL: "warn",
}
_WORDS: dict[Outcome, str] = {
    Outcome.ACCEPTED: message("ACCEPT"),
    Outcome.ACCEPTED_WITH_DIFFERENCE: message("ACCEPT, with a difference"),
    Outcome.ALREADY_HERE: message("ALREADY IN"),
    Outcome.REJECTED: message("REJECTED"),
    Outcome.UNEXPECTED: message("STOP: not on this manifest"),
    Outcome.NOT_PERMITTED: message("STOP: not permitted here"),
    Outcome.VOID_LABEL: message("STOP: this label is void"),
}


class ScanForm(BaseModel):
    """A label held before the reader, what the scale says, or why it is refused."""

    label: str = Field("", max_length=LONGEST_TEXT)
    gross: Kilograms | None = None
    method: WeighingMethod = WeighingMethod.TRUCK_SCALE
    scale_id: Line = ""
    uncertainty: Kilograms | None = None
    store_id: UUID | None = None
    unweighed: bool = False
    decision: Literal["accept", "reject"] = "accept"
    reject_reason: Prose = ""


class ReceiptForm(BaseModel):
    """What the receiver signs."""

    missing_ids: list[UUID] = []
    opinion: Prose = ""
    version: int | None = None


@router.get("")
async def arrivals(page: AnyPage, work: Reading) -> Response:
    """What stands at the gate, what is on the road, what comes back."""
    demand(work.actor, Verb.SCAN)
    found = [one for one in await open_manifests(work.session, work.actor) if one.is_receiver]
    return page.show(
        "gate/arrivals.html",
        waiting=await kept.count_waiting(work.session, work.actor),
        here=[one for one in found if one.state in {ManifestState.ARRIVED, ManifestState.RETURNING}],
        coming=[one for one in found if one.state in ON_THE_ROAD],
        filed=[one for one in found if one.state is ManifestState.FILED],
    )


async def ask_scan(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The screen after a refusal: a bad label is cleared for the next scan, a bad weight keeps its label."""
    return await _screen(page, work, filled, answer=None)


@router.get("/{manifest_id:uuid}")
async def screen(
    page: AnyPage, work: Reading, manifest_id: UUID, scan: Annotated[UUID | None, Query()] = None
) -> Response:
    """The screen of one truck, with the answer to the scan that led here."""
    given = {name: page.request.query_params[name] for name in _KEPT if name in page.request.query_params}
    answer = None if scan is None else await _answer(work, manifest_id, scan)
    return await _screen(page, work, Filled.of(given), answer=answer)


async def _screen(page: Page, work: ReadWork, filled: Filled, *, answer: dict[str, Any] | None) -> Response:
    found, steps = await whole(work, page.request.path_params["manifest_id"])
    demand_own(work.actor, Verb.SCAN, UUID(found["receiver"]["organisation_id"]))
    stores = usable(await parties.stores_of(work.session, work.actor, UUID(found["receiver"]["site_id"])))
    # A label that could not be read is no use in the field; the next scan would be added to it.
    keeps_label = filled.is_refused and not filled.refusal
    return page.show(
        "gate/gate.html",
        filled=filled,
        keeps_label=keeps_label,
        needs_weight=any(broken.code == "gross_missing" for broken in filled.broken),
        manifest=found,
        lines=sorted(found["lines"], key=lambda line: (line["outcome"] is not None, line["position"])),
        left=sum(line["outcome"] is None for line in found["lines"]),
        answer=answer,
        stores=stores,
        scales=SCALES,
        may_scan=Step.SCAN in steps,
        may_arrive=Step.ARRIVE in steps,
        may_receive=Step.RECEIVE in steps,
        may_report=Step.REPORT_MISMATCH in steps,
        mismatches=await journey_queries.mismatches_of(work.session, UUID(found["id"])),
        mismatch_state=MismatchState,
        waiting=await kept.count_waiting(work.session, work.actor, UUID(found["id"])),
    )


async def _answer(work: ReadWork, manifest_id: UUID, scan_id: UUID) -> dict[str, Any] | None:
    """What the log says of a scan at this manifest; None for anything else."""
    try:
        (stored,) = await log.leaves(work.session, (scan_id,))
    except LeafUnknown:
        return None
    facts = stored.leaf.facts
    if stored.leaf.kind != "container_scanned" or facts["manifest"] != str(manifest_id):
        return None
    outcome = Outcome(str(facts["outcome"]))
    return {
        "outcome": outcome,
        "colour": _COLOURS[outcome],
        "verdict": _WORDS[outcome],
        "facts": dict(facts),
        "words": (await said(work.session, (scan_id,))).get(scan_id, {}),
    }


@router.post("/{manifest_id:uuid}")
@asked_again(ask_scan)
async def scan(
    page: AnyPage, work: Writing, keys: DeploymentKeys, manifest_id: UUID, form: Annotated[ScanForm, Form()]
) -> Response:
    """Decide one container. The form's request_id is the scan's own id."""
    scan_id = key_of(page.request)
    if not form.label.strip():
        refuse_one("label", "label_missing", "Scan the label first.")
    code = read_label_text(form.label, keys.base_url, keys.label_key)
    _check_intent(form)
    command = ScanAtGate(
        manifest_id=manifest_id,
        scan_id=scan_id,
        code=code,
        gross=None if form.unweighed else form.gross,
        method=form.method,
        scale_id=form.scale_id or None,
        uncertainty=form.uncertainty,
        reject_reason=form.reject_reason if form.decision == "reject" else "",
        store_id=form.store_id,
    )
    with naming_fields():
        await scan_at_gate(work.session, work.actor, command, at=work.at)
    sent = await page.request.form()
    again = {name: str(sent[name]) for name in _KEPT if sent.get(name)}
    return page.go(f"/gate/{manifest_id}?" + urlencode({"scan": str(scan_id), **again}))


def _check_intent(form: ScanForm) -> None:
    """A scanner sends Enter by itself; so neither a missing weight nor a typed reason may pass by oversight."""
    if form.decision == "reject":
        if not form.reject_reason:
            refuse_one("reject_reason", "reason_missing", "Say why it is rejected; the shipper will read it.")
        return
    if form.reject_reason:
        sentence = message("A reason for rejecting is filled in. Press “Reject”, or empty the field.")
        refuse_one("reject_reason", "reason_without_rejection", sentence)
    if form.gross is None and not form.unweighed:
        step = message("Or tick “not weighed”: the declared mass is then taken over and marked.")
        refuse_one("gross", "gross_missing", "Now weigh this container.", next_step=step)


async def ask_receipt(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The receipt: what was decided, and what nobody scanned."""
    found, steps = await whole(work, page.request.path_params["manifest_id"])
    if Step.RECEIVE not in steps:
        raise NotFound("nothing_to_receive", "There is nothing to be received on this manifest now.")
    return page.show(
        "gate/receipt.html",
        filled=filled,
        manifest=found,
        undecided=[line for line in found["lines"] if line["outcome"] is None],
        decided=[line for line in found["lines"] if line["outcome"] is not None],
        rejected=Outcome.REJECTED,
    )


@router.get("/{manifest_id:uuid}/receipt")
async def receipt(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """The form."""
    return await ask_receipt(page, work, EMPTY)


@router.post("/{manifest_id:uuid}/receipt")
@asked_again(ask_receipt)
async def sign_receipt(
    page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[ReceiptForm, Form()]
) -> Response:
    """On to the words of what was taken in; rejected containers go back on a manifest of their own."""
    asked = Asked(
        step=SignedStep.RECEIPT,
        subject_id=manifest_id,
        missing_ids=tuple(form.missing_ids),
        opinion=form.opinion,
        version=form.version,
    )
    return await read_first(page, work, asked)
