"""Pages of manifests: the list, one manifest with what may be done to it now, its printed form, its audit bundle."""

import asyncio
import dataclasses
from collections import defaultdict
from collections.abc import Awaitable
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from wastetrack.attachments.model import ENDINGS, PICTURES, Subject
from wastetrack.attachments.queries import attachments_of
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.policy import Verb, demand, may
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.model import Exemption
from wastetrack.catalogues.queries import snapshot
from wastetrack.catalogues.working_days import after_working_days
from wastetrack.errors import refuse_one
from wastetrack.i18n import message
from wastetrack.looks.model import Why
from wastetrack.manifests import back_entering, foreseeing, queries, reserving, sealing
from wastetrack.manifests.foreseeing import Concern
from wastetrack.manifests.model import (
    TAKEN_IN,
    Act,
    CorrectionField,
    CorrectionState,
    ManifestKind,
    ManifestState,
    Outcome,
    PartyRole,
    SignedStep,
)
from wastetrack.manifests.papers import entry_due
from wastetrack.manifests.policy import Step, steps_in
from wastetrack.manifests.queries import ManifestFilter
from wastetrack.parties import queries as parties
from wastetrack.reports import gathering, proving
from wastetrack.reports.manifest_pdf import manifest_pdf
from wastetrack.searches import queries as searches
from wastetrack.serving.deps import Reading, ReadWork, engine_of, settings_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.catalogues import today
from wastetrack.web.custody_fields import Search
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.journeys import journey_of
from wastetrack.web.list_views import Column, ListView
from wastetrack.web.loading_points import POINTS
from wastetrack.web.reading_manifests import as_intended, listed, whole
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.sealed_fields import correctable_fields, may_answer
from wastetrack.web.tracking import tracker_of

router = RoomRouter(prefix="/manifests")

PER_PAGE = 30


class Wanted(Search):
    """What is looked for; an empty field asks for nothing."""

    state: ManifestState | None = None
    role: PartyRole | None = None
    number: str = Field("", pattern=r"^\s*\d{0,14}\s*$")
    before: UUID | None = None


COLUMNS = (
    Column("number", message("Number"), always=True),
    Column("state", message("State")),
    Column("shipper", message("Shipper")),
    Column("receiver", message("Receiver")),
    Column("day", message("Day")),
    Column("containers", message("Containers"), "number"),
    Column("declared", message("Declared"), "number"),
    Column("measured", message("Measured"), "number"),
    Column("method", message("Method"), extra=True),
    Column("filed", message("Filed"), extra=True),
    Column("received", message("Received"), extra=True),
)


@router.get("")
async def manifests(page: AnyPage, work: Reading, wanted: Annotated[Wanted, Query()]) -> Response:
    """The manifests that the actor may see, the newest first."""
    asked = ManifestFilter(state=wanted.state, number=wanted.number.strip() or None, role=wanted.role)
    found = await listed(work, asked, before=wanted.before, limit=PER_PAGE + 1)
    shown = found[:PER_PAGE]
    return page.show(
        "manifests/manifests.html",
        view=ListView(page, COLUMNS, await searches.kept(work.session, work.actor, page.path)),
        wanted=wanted,
        found=shown,
        states=ManifestState,
        roles=PartyRole,
        table=page.here(before=None).replace(page.path, f"{page.path}.csv", 1),
        workbook=page.here(before=None).replace(page.path, f"{page.path}.xlsx", 1),
        previous=page.here(before=None) if wanted.before else None,
        following=page.here(before=shown[-1]["id"]) if len(found) > PER_PAGE else None,
        may_file=bool(may(work.actor, Verb.FILE)),
    )


@router.get("/{manifest_id:uuid}")
async def manifest(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:  # noqa: ARG001  read off the address
    """One manifest."""
    return await ask_manifest(page, work, EMPTY)


class AskKind(Protocol):
    """Shows a manifest of one kind."""

    def __call__(
        self, page: Page, work: ReadWork, filled: Filled, found: dict[str, Any], steps: tuple[Step, ...]
    ) -> Awaitable[Response]:
        """Its page."""


OF_KIND: dict[ManifestKind, AskKind] = {}
"""Kinds whose manifests have a page of their own; the module of that page puts it here."""


async def ask_manifest(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The manifest in the address, with a form that was refused, if one was."""
    found, steps = await whole(work, page.request.path_params["manifest_id"])
    if found["kind"] in OF_KIND:
        return await OF_KIND[found["kind"]](page, work, filled, found, steps)
    if found["state"] is ManifestState.DRAFT:
        return page.show("manifests/draft.html", filled=filled, **await _draft_context(work, found, steps))
    return page.show("manifests/manifest.html", filled=filled, **await _context(page, work, found, steps))


async def places(work: ReadWork, found: Any) -> dict[str, Any]:  # noqa: ANN401  a document
    """Sites, regions and the method by name."""
    lists = await snapshot(work.session)
    ends = (UUID(found["shipper"]["site_id"]), UUID(found["receiver"]["site_id"]))
    methods = (known[found["method"]] for known in lists.treatments.values() if found["method"] in known)
    return {
        "manifest": found,
        "sites": {str(key): site for key, site in (await parties.sites_by_id(work.session, ends)).items()},
        "lists": lists,
        "exempted": _exempted(lists, found),
        "approval_codes": APPROVAL_CODES,
        "method": next(methods, None),
        "totals": _totals(found["lines"]),
    }


def _exempted(lists: Catalogue, found: Any) -> list[Exemption]:  # noqa: ANN401
    """The entries of the exemption list that a manifest names, as they read on its planned day."""
    listed = lists.exemptions_on(found["planned_on"])
    return [entry for entry in listed if entry.position in found["exemptions"]]


APPROVAL_CODES = frozenset(
    {
        "cross_province_approval_missing",
        "approval_missing",
        "approval_of_other_receiver",
        "approval_without_code",
        "approval_of_other_method",
        "approval_quantity_exceeded",
        "approval_superseded",
        "approval_not_in_force",
    }
)
"""Refusals after which one goes to the approvals."""


async def files(work: ReadWork, found: Any) -> dict[str, Any]:  # noqa: ANN401
    """What is attached, and whether the actor may attach more."""
    beside = await attachments_of(work.session, Subject(queries.KIND, UUID(found["id"])))
    return {
        "files": beside,
        "pictures": PICTURES,
        "endings": ",".join(f".{ending}" for ending in ENDINGS),
        "may_attach": bool(may(work.actor, Verb.ATTACH)),
    }


def _totals(lines: list[Any]) -> list[tuple[str, str, int, int, int | None]]:
    """For each code its name, containers, declared grams, and measured grams as far as taken in."""
    by_code: dict[str, list[Any]] = defaultdict(list)
    for line in lines:
        by_code[line["waste_code"]].append(line)
    totals = []
    for code, ones in by_code.items():
        measured = [line["measured_g"] for line in ones if line["measured_g"] is not None]
        declared = sum(line["declared_g"] for line in ones)
        totals.append((code, ones[0]["waste_name"], len(ones), declared, sum(measured) if measured else None))
    return totals


async def _draft_context(work: ReadWork, found: Any, steps: tuple[Step, ...]) -> dict[str, Any]:  # noqa: ANN401
    return {
        **await places(work, found),
        **await files(work, found),
        "may_amend": Step.AMEND in steps,
        "may_file": Step.FILE in steps,
        "may_enter": Step.BACK_ENTER in steps,
        "may_keep": Step.AMEND in steps and not found["on_paper"],
        "concerns": Concern,
        "seen": None
        if found["on_paper"]
        else await foreseeing.foresee(work.session, work.actor, as_intended(found), at=work.at),
        **(await _paper(work, UUID(found["id"])) if found["on_paper"] else {"paper": None}),
    }


async def _paper(work: ReadWork, manifest_id: UUID) -> dict[str, Any]:
    """What stands on the form that a draft was made from."""
    paper = await back_entering.paper_of(work.session, manifest_id)
    said = await back_entering.paper_lines(work.session, manifest_id)
    return {
        "paper": paper,
        "paper_number": await reserving.number_of(work.session, paper.reserved_id),
        "paper_due": entry_due(paper.received_at, jurisdiction().back_entry_working_days.value),
        "paper_lines": {str(container_id): line for container_id, line in said.items()},
    }


async def _context(page: Page, work: ReadWork, found: Any, steps: tuple[Step, ...]) -> dict[str, Any]:  # noqa: ANN401
    actor, state = work.actor, found["state"]
    own = str(actor.organisation_id)
    received = found["received_at"]
    term = jurisdiction().confirm_working_days.value
    correctable = [line for line in found["lines"] if line["outcome"] in TAKEN_IN]
    returned = None
    if found["returns_id"]:
        returned = await queries.manifest_row(work.session, actor, UUID(found["returns_id"]))
    return {
        **await places(work, found),
        **await files(work, found),
        "journey": await journey_of(work, found, steps),
        "steps": [step.value for step in steps],
        "addresses": STEPS,
        "tracker": tracker_of(found, own),
        "may_keep": found["kind"] is ManifestKind.ROAD
        and found["shipper"]["organisation_id"] == own
        and bool(may(actor, Verb.FILE)),
        "may_link": state is ManifestState.FILED and _may_link(actor, found),
        "others": others(found, steps) if own in parties_of(found) else [],
        "seals": {field: sealing.sealed_by(field, state) for field in sealing.SEALED_BY},
        "signed": signed_acts(found),
        "ahead": _ahead(found),
        "taken_in": TAKEN_IN,
        "outcomes": Outcome,
        "codes": {line["container_id"]: line["digital_code"] for line in found["lines"]},
        "correctable": correctable if Step.REQUEST_CORRECTION in steps else [],
        "requested": CorrectionState.REQUESTED,
        "answers": {str(one["id"]) for one in found["corrections"] if may_answer(actor, found, one)},
        "correctable_fields": correctable_fields(actor, found),
        "mass": CorrectionField.MEASURED_MASS,
        "may_prove": bool(may(actor, Verb.PROVE)),
        "points": POINTS,
        "confirm_by": after_working_days(legal_day(received), term) if received else None,
        "day": today(page.request, work),
        "returned": returned,
    }


STEPS: dict[str, str] = {
    Step.PICK_UP.value: "pick-up",
    Step.HAND_OVER.value: "hand-over",
    Step.ARRIVE.value: "arrive",
    Step.CONFIRM.value: "confirm",
    Step.CANCEL.value: "cancel",
    Step.VOID.value: "void",
    Step.OPEN.value: "open",
    Step.SUM_UP.value: "sum-up",
    Step.BACK_ENTER.value: "back-enter",
}
"""Where the signed steps are posted to, below the manifest's own address."""

_SIGNED_HERE: dict[Step, SignedStep] = {
    Step.PICK_UP: SignedStep.PICK_UP,
    Step.HAND_OVER: SignedStep.HAND_OVER,
    Step.ARRIVE: SignedStep.ARRIVAL,
    Step.RECEIVE: SignedStep.RECEIPT,
    Step.CONFIRM: SignedStep.CONFIRMATION,
    Step.OPEN: SignedStep.OPENING,
    Step.SUM_UP: SignedStep.SUMMING_UP,
}


def _may_link(actor: Actor, found: Any) -> bool:  # noqa: ANN401
    """Whether the actor may make a link for the driver: the first carrier's owner, or the shipper's signers."""
    own = str(actor.organisation_id)
    if found["legs"][0]["carrier_id"] == own:
        return actor.role is Role.OWNER
    return bool(found["shipper"]["organisation_id"] == own and may(actor, Verb.SIGN))


def parties_of(found: Any) -> set[str]:  # noqa: ANN401
    ends = {found["shipper"]["organisation_id"], found["receiver"]["organisation_id"]}
    return ends | {leg["carrier_id"] for leg in found["legs"]}


def others(found: Any, mine: tuple[Step, ...]) -> list[SignedStep]:  # noqa: ANN401
    """What somebody of another party may sign now, on the device of whoever looks."""
    possible = steps_in(found["state"], found["kind"])
    return [signed for step, signed in _SIGNED_HERE.items() if step in possible and step not in mine]


_JOURNEY = (Act.FILE, Act.PICK_UP, Act.ARRIVE, Act.RECEIVE, Act.CONFIRM)
_RECEIPTS = frozenset({Act.RECEIVE, Act.RECEIVE_PARTLY, Act.REJECT})
_SEALS_LIKE = {
    Act.RECEIVE_PARTLY: Act.RECEIVE,
    Act.REJECT: Act.RECEIVE,
    Act.TAKE_BACK: Act.RECEIVE,
    Act.SEND_BACK: Act.FILE,
    Act.OPEN: Act.FILE,
    Act.BACK_ENTER: Act.FILE,
}
_OVER = frozenset({ManifestState.CANCELLED, ManifestState.VOID, ManifestState.CLOSED, ManifestState.RETURNED})


def signed_acts(found: Any) -> dict[Act, Any]:  # noqa: ANN401
    """The signature under each act, by the act that the sealing table names."""
    signed = {signature["act"]: signature for signature in found["signatures"]}
    for act, other in _SEALS_LIKE.items():
        if act in signed:
            signed.setdefault(other, signed[act])
    return signed


def _ahead(found: Any) -> list[Act]:  # noqa: ANN401
    """The signatures that the usual journey still needs."""
    if found["state"] in _OVER:
        return []
    if found["returns_id"]:
        return [Act.TAKE_BACK]
    done = {signature["act"] for signature in found["signatures"]}
    if done & _RECEIPTS:
        done.add(Act.RECEIVE)
    return [act for act in _JOURNEY if act not in done]


@router.get("/{manifest_id:uuid}/manifest.pdf")
async def printed(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:
    """The printed form in both languages, the visitor's first."""
    found = await queries.manifest(work.session, work.actor, manifest_id)
    settings = settings_of(page.request)
    figures = await gathering.figures_of_manifest(
        work.session, found, base_url=settings.base_url, zone=settings.time_zone, at=work.at
    )
    document = await asyncio.to_thread(manifest_pdf, figures, locale=page.locale)
    headers = {"Content-Disposition": f'inline; filename="manifest-{found.row.number or "draft"}.pdf"'}
    return Response(document.pdf, media_type="application/pdf", headers=headers)


async def ask_why(page: Page, work: ReadWork, filled: Filled) -> Response:
    """Why an authority takes a bundle away; asked once for each sign-in and manifest."""
    row = await queries.manifest_row(work.session, work.actor, page.request.path_params["manifest_id"])
    asked = page.request.query_params
    typed = dataclasses.replace(filled, values={name: (asked.get(name, ""),) for name in ("why", "words")})
    return page.show("audit/why.html", filled=typed, row=row, reasons=Why)


@router.get("/{manifest_id:uuid}/bundle.json")
@asked_again(ask_why)
async def bundle(page: AnyPage, work: Reading, keys: DeploymentKeys, manifest_id: UUID) -> Response:
    """Every event of the manifest and of its containers with its proof, to be verified without this server."""
    row = await queries.manifest_row(work.session, work.actor, manifest_id)
    demand(work.actor, Verb.PROVE)
    events = await proving.events_of_manifest(work.session, work.actor, row.id)
    if not events:
        refuse_one("manifest_id", "nothing_to_prove", "A draft has no event in the log yet; file it first.")
    await proving.ensure_placed(work.session, events, engine=engine_of(page.request), signer=keys.signer)
    text = await proving.gather_bundle(work.session, events, signer=keys.signer)
    headers = {"Content-Disposition": f'attachment; filename="bundle-{row.number or row.id}.json"'}
    return Response(text, media_type="application/json", headers=headers)
