"""The gate without network: its own page with worker and manifest, the devices of a site, and what waits for a person.

The page itself holds nothing of anybody and is the same for all, so it asks for no sign-in: a device keeps it, and what
it shows comes with the device's token (api/gate_devices.py).
"""

import base64
import json
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import File, Form, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from wastetrack import resources
from wastetrack.auth.policy import Verb, demand
from wastetrack.containers.moments import CLOCK_TOLERANCE
from wastetrack.errors import Malformed, refuse_one
from wastetrack.gates import queries
from wastetrack.gates.documents import FORMAT, scan_of
from wastetrack.gates.enrolling import end_device, enrol_device, join_device
from wastetrack.gates.model import EnrolDevice, JoinDevice, ScanState, Settle, Settlement
from wastetrack.gates.settling import settle, settle_all
from wastetrack.i18n import LOCALES, message, translate
from wastetrack.manifests.model import Outcome
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing, engine_of, settings_of
from wastetrack.serving.gate_devices import replayed_documents
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line, Prose
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.gate_words import REASONS, words_in
from wastetrack.web.rendering import AnyPage, Page, renderer_of
from wastetrack.web.scanning import READER, WASM, reader_of, with_camera

page_of_devices = RoomRouter(prefix="/gate/live")
router = RoomRouter(prefix="/gate", route_class=AnsweringRoute)

Language = Literal["zh", "en"]
SCRIPTS = (
    *("gate_live.js", "gate_view.js", "gate_pin.js", "gate_state.js", "gate_scale.js", "gate_camera.js"),
    *("gate_alone.js", "gate_answers.js"),
    *("gate_labels.js", "gate_rules.js", "gate_store.js", "gate_keys.js", "gate_sync.js", "gate_signals.js"),
    *("scanner.js", "gate.css", "tokens.css", "dark.css", "icon.svg"),
)
"""Every file that the page needs; one that is missing here is missing without network."""
_MOST_IN_A_FILE = 5_000


class DeviceForm(BaseModel):
    """A device to be enrolled. Its script makes the key."""

    site_id: UUID
    name: Line = ""
    public_key: str = Field(max_length=200)


class DecisionForm(BaseModel):
    """What becomes of a scan that waits."""

    settlement: Settlement
    note: Prose = ""


@page_of_devices.get("")
async def begin(page: AnyPage) -> Response:
    """On to the page in the visitor's language: each is an address of its own, for a worker keeps both."""
    return RedirectResponse(f"/gate/live/{page.locale}", 303)


@page_of_devices.get("/worker.js")
async def worker(page: AnyPage) -> Response:
    """The service worker, which knows every file of the page by the digest of all."""
    assets = renderer_of(page.request).assets
    names = [*SCRIPTS, *(name for name in (READER, WASM) if assets.has(name))]
    kept = {
        "digest": assets.digest,
        "files": [assets.address(name) for name in names],
        "pages": [f"/gate/live/{language}" for language in LOCALES],
        "manifests": [f"/gate/live/{language}/app.webmanifest" for language in LOCALES],
    }
    source = (resources.static_dir() / "gate_worker.js").read_text(encoding="utf-8")
    text = source.replace("/* KEPT */ null", json.dumps(kept))
    return Response(text, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@page_of_devices.get("/{language}")
async def live(page: AnyPage, language: Language) -> Response:
    """The page that a device opens."""
    assets = renderer_of(page.request).assets
    settings = {
        "language": language,
        "pack": "/api/v1/gate/pack",
        "scans": "/api/v1/gate/scans",
        "scales": "/api/v1/gate/scales",
        "photo": "/api/v1/gate/scans/{scan_id}/photo",
        "worker": "/gate/live/worker.js",
        "scope": "/gate/live/",
        **reader_of(assets),
    }
    response = page.show(
        "gate/live.html",
        language=language,
        _=lambda sentence: translate(sentence, language),
        settings=settings,
        words=words_in(language),
        reasons=[translate(reason, language) for reason in REASONS],
    )
    response.headers["Cache-Control"] = "no-cache"
    return with_camera(response)


@page_of_devices.get("/{language}/app.webmanifest")
async def manifest(page: AnyPage, language: Language) -> Response:
    """What makes the page an application of the telephone."""
    name = translate("Gate", language)
    icon = renderer_of(page.request).assets.address("icon.svg")
    document = {
        "id": "/gate/live",
        "name": f"wastetrack {name}",
        "short_name": name,
        "lang": "zh-CN" if language == "zh" else "en",
        "start_url": f"/gate/live/{language}",
        "scope": "/gate/live/",
        "display": "fullscreen",
        "display_override": ["fullscreen", "standalone"],
        "background_color": "#10302a",
        "theme_color": "#10302a",
        "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
    }
    return JSONResponse(document, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


async def ask_devices(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The devices of one's sites, and the form that enrols this one."""
    demand(work.actor, Verb.SCAN)
    return page.show(
        "gate/devices.html",
        filled=filled,
        devices=await queries.devices_of(work.session, work.actor),
        sites=await parties.sites_of(work.session, work.actor.organisation_id),
        waiting=await queries.count_waiting(work.session, work.actor),
    )


@router.get("/devices")
async def devices(page: AnyPage, work: Reading) -> Response:
    """The devices."""
    return await ask_devices(page, work, EMPTY)


@router.post("/devices")
async def enrol(page: AnyPage, work: Writing, keys: DeploymentKeys, form: Annotated[DeviceForm, Form()]) -> Response:
    """Enrol this device; its script reads the answer, which tells token and key of labels this once."""
    gives_key = settings_of(page.request).gate_offline_checks
    command = EnrolDevice(site_id=form.site_id, name=form.name, public_key=form.public_key)
    enrolled = await enrol_device(work.session, work.actor, command, holds_key=gives_key, at=work.at)
    told = {
        "device_id": str(enrolled.row.id),
        "name": enrolled.row.name,
        "site_id": str(enrolled.row.site_id),
        "membership_id": str(work.actor.membership_id),
        "person": work.actor.person_name,
    }
    keep_instead(page.request, JSONResponse(told))
    label_key = base64.urlsafe_b64encode(keys.label_key).rstrip(b"=").decode() if gives_key else None
    return JSONResponse({**told, "token": enrolled.token, "label_key": label_key})


@router.post("/devices/{device_id:uuid}/people")
async def join(
    work: Writing,
    device_id: UUID,
    token: Annotated[str, Form(max_length=200)],
    public_key: Annotated[str, Form(max_length=200)],
) -> Response:
    """Work on this device from now on; its script shows the device's token."""
    command = JoinDevice(device_id=device_id, token=token, public_key=public_key)
    await join_device(work.session, work.actor, command, at=work.at)
    return JSONResponse({"membership_id": str(work.actor.membership_id), "person": work.actor.person_name})


@router.post("/devices/{device_id:uuid}/end")
async def end(page: AnyPage, work: Writing, device_id: UUID) -> Response:
    """End a device."""
    row = await end_device(work.session, work.actor, device_id, at=work.at)
    return page.go("/gate/devices", message("The device {name} is ended."), name=row.name)


async def ask_waiting(page: Page, work: ReadWork, filled: Filled) -> Response:
    """What waits for a decision, and what was decided lately."""
    demand(work.actor, Verb.SCAN)
    found = await queries.scans_of(work.session, work.actor, (ScanState.TO_DECIDE,))
    papers: dict[UUID | None, list[dict[str, Any]]] = {}
    for one in found:
        papers.setdefault(one["manifest_id"], []).append(_with_words(one))
    decided = await queries.scans_of(work.session, work.actor, (ScanState.SETTLED,))
    return page.show(
        "gate/waiting.html",
        filled=filled,
        papers=papers,
        decided=[_with_words(one) for one in decided[:20]],
        settlements=Settlement,
    )


def _with_words(scan: dict[str, Any]) -> dict[str, Any]:
    """Outcomes as members of their enum, which pages name."""
    outcome = scan["outcome"]
    known = {one.value for one in Outcome}
    return {
        **scan,
        "clock_was_wrong": abs(scan["device_time"] - scan["happened_at"]) > CLOCK_TOLERANCE,
        "outcome": None if outcome is None else Outcome(outcome),
        "told": Outcome(scan["told"]) if scan["told"] in known else None,
        "settlement": None if scan["settlement"] is None else Settlement(scan["settlement"]),
    }


@router.get("/waiting")
async def waiting(page: AnyPage, work: Reading) -> Response:
    """The page."""
    return await ask_waiting(page, work, EMPTY)


@router.post("/waiting/{scan_id:uuid}")
@asked_again(ask_waiting)
async def decide(
    page: AnyPage, work: Writing, keys: DeploymentKeys, scan_id: UUID, form: Annotated[DecisionForm, Form()]
) -> Response:
    """Decide about one scan."""
    command = Settle(scan_id=scan_id, settlement=form.settlement, note=form.note)
    row = await settle(work.session, work.actor, command, (keys.base_url, keys.label_key), at=work.at)
    return page.go("/gate/waiting", message("Decided: container {code}."), code=row.digital_code[-11:])


@router.post("/waiting/of/{manifest_id:uuid}")
@asked_again(ask_waiting)
async def decide_all(page: AnyPage, work: Writing, keys: DeploymentKeys, manifest_id: UUID) -> Response:
    """Record all that waits at one manifest, as far as the books now let it."""
    labels = (keys.base_url, keys.label_key)
    done, left = await settle_all(work.session, work.actor, manifest_id, labels, at=work.at)
    sentence = message("{done} scans are recorded, {left} still wait.")
    return page.go("/gate/waiting", sentence, kind="good" if not left else "warn", done=done, left=left)


async def ask_file(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form for the file of a queue."""
    demand(work.actor, Verb.SCAN)
    return page.show("gate/queue_file.html", filled=filled)


@router.get("/queue-file")
async def queue_file(page: AnyPage, work: Reading) -> Response:
    """The form."""
    return await ask_file(page, work, EMPTY)


@router.post("/queue-file")
@asked_again(ask_file)
async def take_file(
    page: AnyPage, work: Writing, keys: DeploymentKeys, file: Annotated[UploadFile, File()]
) -> Response:
    """Take in the scans of a file: each vouches for itself by the signature of who made it."""
    demand(work.actor, Verb.SCAN)
    documents = _scans_in(await file.read())
    by_device: dict[UUID, list[dict[str, Any]]] = {}
    for document in documents:
        by_device.setdefault(scan_of(document).device_id, []).append(document)
    known = await queries.devices_by_id(work.session, work.actor, by_device)
    if not known:
        sentence = message("This file is of no device of your organisation.")
        refuse_one("file", "gate_queue_foreign", sentence, next_step="Hand it in where the device belongs.")
    counts = dict.fromkeys((*ScanState, None), 0)
    for device_id, device in known.items():
        done = await replayed_documents(engine_of(page.request), keys, device, by_device[device_id], skew=timedelta())
        for _, one in done:
            counts[one.state] += 1
    foreign = sum(len(scans) for device_id, scans in by_device.items() if device_id not in known)
    return page.go(
        "/gate/waiting",
        message("From the file: {done} recorded, {waiting} to decide, {refused} refused."),
        kind="good" if not counts[None] + foreign else "warn",
        done=counts[ScanState.DONE] + counts[ScanState.SETTLED],
        waiting=counts[ScanState.TO_DECIDE],
        refused=counts[None] + foreign,
    )


def _scans_in(content: bytes) -> list[dict[str, Any]]:
    """The scans of a file. Raises RuleBroken for another file."""
    try:
        document = json.loads(content)
        scans = list(document["scans"])
        is_queue = document["format"] == FORMAT and 0 < len(scans) <= _MOST_IN_A_FILE
        for scan in scans:
            scan_of(scan)
    except (ValueError, KeyError, TypeError, RecursionError, Malformed):
        is_queue, scans = False, []
    if not is_queue:
        step = message("Choose the file that the gate's page has written.")
        refuse_one("file", "gate_queue_unreadable", "This is not the queue of a gate's device.", next_step=step)
    return scans
