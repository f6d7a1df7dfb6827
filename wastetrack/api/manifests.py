"""Manifests: draft and amend, list, read, print, prove."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Body as FromBody
from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from wastetrack.api.fields import answer, json_answer
from wastetrack.api.histories import HistoryShown, history_answer
from wastetrack.api.paging import Paged, uuid_before
from wastetrack.api.reasons import reason_for_looking
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.api.shown_manifests import ManifestPage, ManifestWhole
from wastetrack.api.versions import IfMatch, etag, version_seen
from wastetrack.auth.policy import Verb, demand
from wastetrack.errors import Malformed
from wastetrack.i18n import as_locale
from wastetrack.manifests import filing, queries, sealing
from wastetrack.manifests.model import DraftManifest, LegPlan, ManifestKind, ManifestState, PartyRole, TransferBasis
from wastetrack.manifests.policy import Carriage, Parties, steps_open_to
from wastetrack.manifests.queries import ManifestFilter
from wastetrack.reports import gathering, manifest_reading, proving
from wastetrack.reports.figures import Locale, ManifestFigures
from wastetrack.reports.manifest_pdf import manifest_pdf
from wastetrack.serving.deps import Reading, Writing, engine_of, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Instant, Line, Prose

router = RoomRouter(prefix="/manifests", route_class=AnsweringRoute, tags=["manifests"])

_A_PLAN: dict[str, Any] = {
    "shipper_site_id": "0192f0c1-7b1a-7000-8000-000000000001",
    "receiver_site_id": "0192f0c1-7b1a-7000-8000-000000000005",
    "method": "D10",
    "planned_on": "2026-11-23",
    "container_ids": ["0192f0c1-7b1a-7000-8000-000000000002"],
    "legs": [
        {
            "carrier_id": "0192f0c1-7b1a-7000-8000-000000000006",
            "plate": "鲁F12345",
            "start": "烟台市芝罘区",
            "end": "烟台市莱山区",
        }
    ],
}
_ADDRESS_OF_STEP = {
    "amend": "",
    "file": "/filing",
    "cancel": "/cancellation",
    "void": "/voiding",
    "pick_up": "/pick-up",
    "hand_over": "/hand-over",
    "arrive": "/arrival",
    "scan": "/scans",
    "receive": "/receipt",
    "confirm": "/confirmation",
    "request_correction": "/corrections",
    "open": "/opening",
    "sum_up": "/summing-up",
    "redirect": "/redirection",
    "report_mismatch": "/mismatches",
    "report_incident": "/incidents",
    "back_enter": "/back-entry",
    "check_loading": "/loading-check",
}
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}


class Leg(Body):
    """One carrier's part of the way."""

    carrier_id: UUID
    plate: Line
    driver_id: UUID | None = None
    start: Line = ""
    end: Line = ""
    handover_place: Line = Field("", description="Of a further leg: where it takes over (令23 art. 17)")
    handover_at: Instant | None = Field(None, description="And when, as both carriers have agreed")


class Plan(Body):
    """A transfer of containers from one site to another."""

    shipper_site_id: UUID
    receiver_site_id: UUID
    method: Line = Field(description="Of use or disposal, R1 to R15, D1 to D16, C1 to C3")
    planned_on: Day
    container_ids: tuple[UUID, ...] = Field(max_length=1000)
    legs: tuple[Leg, ...] = Field(max_length=20)
    remarks: Prose = ""
    basis: TransferBasis = Field(TransferBasis.PERMIT, description="On what ground the receiver takes the waste")
    exemptions: tuple[int, ...] = Field(
        (), max_length=50, description="Positions of the entries of the exemption list whose conditions hold"
    )
    plan_reason: Prose = Field(
        "", description="Why it goes beyond plan or contract, where the place lets that be explained"
    )

    def command(self) -> DraftManifest:
        """As the use case wants it."""
        return DraftManifest(
            shipper_site_id=self.shipper_site_id,
            receiver_site_id=self.receiver_site_id,
            method=self.method,
            planned_on=self.planned_on,
            container_ids=self.container_ids,
            legs=tuple(
                LegPlan(
                    carrier_id=leg.carrier_id,
                    plate=leg.plate,
                    driver_id=leg.driver_id,
                    start=leg.start,
                    end=leg.end,
                    handover_place=leg.handover_place,
                    handover_at=leg.handover_at,
                )
                for leg in self.legs
            ),
            remarks=self.remarks,
            basis=self.basis,
            exemptions=self.exemptions,
            plan_reason=self.plan_reason,
        )


class Amendment(Plan):
    """The whole plan anew. Say in `version`, or in If-Match, which version you have seen."""

    version: int | None = None


class Drafted(Shown):
    """A draft; its number comes with the filing."""

    id: UUID
    state: str
    version: int
    created_at: datetime


@router.post("", status_code=201, response_model=Drafted, responses=problems(400, 403, 404, 422))
async def draft(work: Writing, body: Annotated[Plan, FromBody(examples=[_A_PLAN])]) -> Response:
    """Prepare a manifest. Only its own organisation sees it until it is filed."""
    row = await filing.draft_manifest(work.session, work.actor, body.command(), at=work.at)
    return answer(Drafted.model_validate(row), 201, headers=etag(row.version))


@router.get("", response_model=ManifestPage, responses=problems(400, 422))
async def manifests(
    *,
    work: Reading,
    paging: Paged,
    state: ManifestState | None = None,
    number: Annotated[str | None, Query(max_length=14, description="The number or its beginning")] = None,
    role: Annotated[PartyRole | None, Query(description="What one's own organisation is on it")] = None,
    shipper_id: UUID | None = None,
    receiver_id: UUID | None = None,
) -> Response:
    """The manifests that one may see, the newest first."""
    wanted = ManifestFilter(state=state, number=number, role=role, shipper_id=shipper_id, receiver_id=receiver_id)
    rows = await manifest_reading.page(work.session, work.actor, wanted, before=uuid_before(paging), limit=paging.fetch)
    following = paging.following(rows, lambda row: (str(row["id"]),))
    items = [orjson.Fragment(row["shown"]) for row in rows[: paging.limit]]
    return json_answer({"items": items, "next": following}, headers=paging.links(following))


@router.get("/{manifest_id}", response_model=ManifestWhole, responses=problems(404))
async def manifest(work: Reading, manifest_id: UUID) -> Response:
    """One manifest with everything, what one may do next, and which fields are sealed by which signature."""
    record = await manifest_reading.one(work.session, work.actor, manifest_id)
    state = ManifestState(record["state"])
    legs = tuple(Carriage(*leg) for leg in zip(record["carriers"], record["taken"], strict=True))
    parties = Parties(
        record["shipper_id"], record["receiver_id"], legs, ManifestKind(record["kind"]), record["on_paper"]
    )
    steps = steps_open_to(work.actor, state, parties)
    tree = {
        "manifest": orjson.Fragment(record["shown"]),
        "next_steps": [
            {"step": step.value, "href": f"/api/v1/manifests/{manifest_id}{_ADDRESS_OF_STEP[step.value]}"}
            for step in steps
        ],
        "sealed": {
            field: act and act.value
            for field, act in ((field, sealing.sealed_by(field, state)) for field in sealing.SEALED_BY)
        },
    }
    return json_answer(tree, headers=etag(record["version"]))


@router.put("/{manifest_id}", response_model=Drafted, responses=problems(400, 403, 404, 409, 422))
async def amend(
    work: Writing,
    manifest_id: UUID,
    body: Annotated[Amendment, FromBody(examples=[{**_A_PLAN, "version": 1}])],
    if_match: IfMatch = None,
) -> Response:
    """Replace the content of a draft. Needs an Idempotency-Key, as every request that changes something."""
    version = version_seen(body.version, if_match)
    if version is None:
        message = "Say which version you have seen, in the header If-Match or as `version`."
        raise Malformed("version_missing", message)
    row = await filing.amend_draft(work.session, work.actor, manifest_id, body.command(), version=version, at=work.at)
    return answer(Drafted.model_validate(row), headers=etag(row.version))


@router.get("/{manifest_id}/history", response_model=HistoryShown, responses=problems(404))
async def history(work: Reading, manifest_id: UUID) -> Response:
    """Everything that the log holds about a manifest, with its place in the tree."""
    row = await queries.manifest_row(work.session, work.actor, manifest_id)
    return await history_answer(work.session, row.id)


@router.get("/{manifest_id}/manifest.pdf", response_class=Response, responses={**_PDF, **problems(404)})
async def printed(
    request: Request, work: Reading, manifest_id: UUID, lang: Annotated[str, Query(pattern="^(zh|en)$")] = "zh"
) -> Response:
    """The printed form, with its QR code, in two languages of which `lang` comes first."""
    found = await queries.manifest(work.session, work.actor, manifest_id)
    settings = settings_of(request)
    figures = await gathering.figures_of_manifest(
        work.session, found, base_url=settings.base_url, zone=settings.time_zone, at=work.at
    )
    pdf = await asyncio.to_thread(_drawn, figures, as_locale(lang) or "zh")
    name = found.row.number or "draft"
    headers = {"Content-Disposition": f'inline; filename="manifest-{name}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.get(
    "/{manifest_id}/bundle",
    response_class=Response,
    responses=problems(403, 404, 422, 503),
    dependencies=[Depends(reason_for_looking)],
)
async def bundle(
    request: Request,
    work: Reading,
    keys: DeploymentKeys,
    manifest_id: UUID,
    *,
    personal: Annotated[bool, Query(description="With the names of who acted")] = False,
    since: Annotated[int | None, Query(ge=1, description="Size of a checkpoint that you kept")] = None,
) -> Response:
    """The audit bundle: every event of the manifest and of its containers with its proof; verifies offline."""
    row = await queries.manifest_row(work.session, work.actor, manifest_id)
    demand(work.actor, Verb.PROVE)
    events = await proving.events_of_manifest(work.session, work.actor, row.id)
    await proving.ensure_placed(work.session, events, engine=engine_of(request), signer=keys.signer)
    text = await proving.gather_bundle(work.session, events, signer=keys.signer, personal=personal, since_size=since)
    headers = {"Content-Disposition": f'attachment; filename="bundle-{row.number or row.id}.json"'}
    return Response(text, media_type="application/json", headers=headers)


def _drawn(figures: ManifestFigures, locale: Locale) -> bytes:
    return manifest_pdf(figures, locale=locale).pdf
