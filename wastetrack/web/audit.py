"""Following a chain: find a manifest or a container, see everything that the log holds of it; and the log itself."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from wastetrack.auth.policy import Verb, may
from wastetrack.containers import queries as containers
from wastetrack.containers.labels import DigitalCode
from wastetrack.db.windows import Window
from wastetrack.errors import Malformed, WastetrackError
from wastetrack.i18n import message
from wastetrack.ledger.model import AccountKind
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.model import ManifestState
from wastetrack.manifests.numbers import ManifestNumber
from wastetrack.parties import permit_queries, plates
from wastetrack.parties import queries as parties
from wastetrack.reports import proving
from wastetrack.reports.chains.gathering import ChainOf, known, vehicle
from wastetrack.serving.deps import Reading, ReadWork, engine_of
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.transparency import queries as log
from wastetrack.transparency import receipt
from wastetrack.transparency.note import write_base64
from wastetrack.web.chains import shown
from wastetrack.web.histories import Told, told
from wastetrack.web.reading_manifests import whole
from wastetrack.web.rendering import AnyPage

router = RoomRouter()

_DIGITS_OF_A_NUMBER = 14
_SHORTEST_NAME = 2
_MOST_FIRMS = 12


@router.get("/audit")
async def search(page: AnyPage, work: Reading, q: Annotated[Line, Query()] = "") -> Response:
    """By manifest number or digital code; what is found is shown at once."""
    if not q:
        return page.show("audit/search.html", q=q, problem=None, firms=())
    try:
        return page.go(await _address(work, q))
    except WastetrackError as nothing:
        firms = await _further(work, q)
        if len(firms) == 1:
            return page.go(firms[0][1])
        problem = None if firms else page.translate(nothing.message, **nothing.facts)
        return page.show("audit/search.html", 200 if firms else 404, q=q, problem=problem, firms=firms)


async def _further(work: ReadWork, q: str) -> list[tuple[str, str]]:
    """What else may be meant: a plate, a permit, a batch, or firms by name or credit code; with the address of each."""
    with suppress(WastetrackError):
        found, plate = await vehicle(work.session, work.actor, plate=plates.parse(q).text)
        return [(plate, f"/audit/chains/vehicle/{found}")]
    with suppress(ValueError, WastetrackError):
        batch = await proving.event_seen(work.session, work.actor, UUID(q))
        return [(q, f"/audit/chains/batch/{batch.leaf.id}")] if batch.leaf.kind == "batch_treated" else []
    permits = await permit_queries.permits_with_number(work.session, q)
    if permits:
        return [(one.number, f"/audit/chains/permit/{one.id}") for one in permits]
    if len(q) < _SHORTEST_NAME:
        return []
    firms = await parties.search_organisations(work.session, q, window=Window(limit=_MOST_FIRMS))
    return [(firm.name, f"/audit/chains/organisation/{firm.id}") for firm in firms]


async def _address(work: ReadWork, q: str) -> str:
    """The chain of what is asked for. Raises NotFound, or Malformed for what is neither number nor code."""
    joined = "".join(q.split())
    if joined.isdigit() and len(joined) == _DIGITS_OF_A_NUMBER:
        number = str(ManifestNumber.parse(joined))
        return f"/audit/manifests/{(await manifests.by_number(work.session, work.actor, number)).id}"
    try:
        code = DigitalCode.parse(joined, typed=True)
    except Malformed:
        sentence = message(
            "“{value}” is no manifest number (14 digits), digital code, plate, permit number or name of a firm."
        )
        raise Malformed("nothing_to_follow", sentence, value=q) from None
    return f"/audit/containers/{(await containers.by_digital_code(work.session, work.actor, str(code))).id}"


@router.get("/audit/manifests/{manifest_id:uuid}")
async def chain_of_manifest(page: AnyPage, work: Reading, manifest_id: UUID) -> Response:
    """Everything about a manifest and its containers, in the order in which it was learnt."""
    found, _ = await whole(work, manifest_id)
    parts = await shown(page, work, ChainOf.MANIFEST, manifest_id)
    ids = await proving.events_of_manifest(work.session, work.actor, manifest_id)
    leaves = await log.leaves(work.session, ids)
    events = await told(work.session, [one for one in leaves if known(parts["chain"].asked, one.leaf.recorded_at)])
    return page.show(
        "audit/manifest.html",
        **parts,
        manifest=found,
        events=events,
        discrepancy_g=_discrepancy(events),
        may_prove=bool(may(work.actor, Verb.PROVE)) and found["state"] is not ManifestState.DRAFT,
    )


def _discrepancy(events: Sequence[Told]) -> int:
    """Grams by which declared and found mass differ, as the postings add up; positive where mass is missing."""
    return sum(one.amount_g for event in events for one in event.moved if one.kind is AccountKind.DISCREPANCY)


@router.get("/audit/containers/{container_id:uuid}")
async def chain_of_container(page: AnyPage, work: Reading, container_id: UUID) -> Response:
    """Everything about a container."""
    row = await containers.container(work.session, work.actor, container_id)
    parts = await shown(page, work, ChainOf.CONTAINER, container_id)
    leaves = await log.leaves_of(work.session, row.id)
    events = await told(work.session, [one for one in leaves if known(parts["chain"].asked, one.leaf.recorded_at)])
    relatives = await containers.relatives(work.session, work.actor, row.id)
    return page.show(
        "audit/container.html", **parts, row=row, events=events, numbers=_numbers(events), relatives=relatives
    )


def _numbers(events: Sequence[Told]) -> dict[str, UUID]:
    """The manifests that these events name, by number."""
    found: dict[str, UUID] = {}
    for event in events:
        named = event.facts.get("manifest")
        if event.number and named:
            found.setdefault(event.number, UUID(str(named)))
    return found


@router.get("/log")
async def the_log(page: AnyPage, work: Reading, keys: DeploymentKeys) -> Response:
    """The newest checkpoint, the key, and how to verify without this server."""
    newest = await log.latest_checkpoint(work.session)
    return page.show(
        "audit/log.html",
        newest=newest,
        root=None if newest is None else write_base64(newest.root),
        waiting=await log.any_pending(work.session),
        key=str(keys.signer.verifier),
    )


@router.get("/log/events/{event_id:uuid}/proof.json")
async def event_proof(page: AnyPage, work: Reading, keys: DeploymentKeys, event_id: UUID) -> Response:
    """The bytes of an event and the proof that the newest signed tree holds them: all that a browser needs to look for
    itself."""
    stored = await proving.event_seen(work.session, work.actor, event_id)
    await proving.ensure_placed(work.session, (event_id,), engine=engine_of(page.request), signer=keys.signer)
    proof = await log.inclusion(work.session, event_id)
    body = {
        "event_id": str(event_id),
        "leaf": stored.content.decode(),
        "log_index": proof.log_index,
        "size": proof.size,
        "proof": [write_base64(one) for one in proof.proof],
        "note": await proving.note_of_size(work.session, proof.size),
        "verifier_key": str(keys.signer.verifier),
    }
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/json")


@router.get("/log/events/{event_id:uuid}/receipt.json")
async def event_receipt(work: Reading, keys: DeploymentKeys, event_id: UUID) -> Response:
    """The log's signed promise that it holds an event; the same each time."""
    stored = await proving.event_seen(work.session, work.actor, event_id)
    leaf = stored.leaf
    given = receipt.give(event_id=leaf.id, leaf_hash=stored.hash, recorded_at=leaf.recorded_at, signer=keys.signer)
    headers = {"Content-Disposition": f'attachment; filename="receipt-{event_id}.json"'}
    return Response(json.dumps(given.as_json(), indent=1), media_type="application/json", headers=headers)
