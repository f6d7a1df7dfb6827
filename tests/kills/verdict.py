"""After the last kill: is everything that was acknowledged there, once, and does everything agree with everything?"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from tests.kills.calling import Acknowledged, Caller
from tests.support.world import World
from wastetrack.auth.model import Role
from wastetrack.db.engine import make_engine
from wastetrack.db.session import reading
from wastetrack.reports.auditing.running import recompute
from wastetrack.transparency import receipt
from wastetrack.transparency.errors import NoteRefused
from wastetrack.transparency.note import Verifier

if TYPE_CHECKING:
    from uuid import UUID

_AT_ONCE = 8
# Which events the log holds, and which acknowledged requests they must come from, one for one.
_EVENTS_OF = {
    "container_labelled": "/containers",
    "container_weighed": "/weighing",
    "manifest_filed": "/filing",
    "manifest_cancelled": "/cancellation",
    "manifest_voided": "/voiding",
    "manifest_picked_up": "/pick-up",
    "manifest_handed_over": "/hand-over",
    "manifest_arrived": "/arrival",
    "container_scanned": "/scans",
    "manifest_received manifest_partly_received manifest_rejected manifest_taken_back": "/receipt",
    "manifest_confirmed": "/confirmation",
    "correction_requested": "/corrections",
    "correction_consented correction_refused": "/answer",
    "batch_treated": "/treatments",
}
_MOST_TOLD = 20


@dataclass
class Verdict:
    """What was found; each list holds sentences, the first of them."""

    lost: list[str] = field(default_factory=list)
    """Acknowledged writes that are not there, or not with the acknowledged values."""
    duplicates: list[str] = field(default_factory=list)
    """Writes that nobody acknowledged, or that stand twice."""
    receipts_broken: list[str] = field(default_factory=list)
    """Receipts whose event is not in the log as promised."""
    invariants_broken: list[str] = field(default_factory=list)
    receipts_checked: int = 0
    checked: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Nothing is lost, doubled or broken."""
        return not (self.lost or self.duplicates or self.receipts_broken or self.invariants_broken)


async def judge(caller: Caller, world: World, verifier: Verifier, dsn: str) -> Verdict:
    """Look at everything, through the API where a caller could, and in the database."""
    verdict = Verdict()
    acknowledged = caller.journal.acknowledged
    await _repeat_all(caller, acknowledged, verdict)
    await _read_all(caller, world, acknowledged, verdict)
    connection = await asyncpg.connect(dsn)
    try:
        await _check_receipts(connection, acknowledged, verifier, verdict)
        await _check_counts(connection, acknowledged, verdict)
    finally:
        await connection.close()
    engine = make_engine(dsn.replace("postgresql://", "postgresql+asyncpg://", 1), pool_size=1)
    try:
        async with reading(engine) as session:
            report = await recompute(session, verifier)
    finally:
        await engine.dispose()
    verdict.checked = report.as_json()["checked"]
    verdict.invariants_broken = [finding.sentence() for finding in report.findings]
    return verdict


async def _repeat_all(caller: Caller, acknowledged: list[Acknowledged], verdict: Verdict) -> None:
    """Each request once more under its key: the stored answer, byte for byte."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def repeat(one: Acknowledged) -> None:
        async with turn:
            answer = await caller.repeat(one)
        if answer is None or (answer.status_code, answer.content) != (one.status, one.content):
            told = "no answer" if answer is None else f"{answer.status_code} {answer.text[:200]}"
            verdict.lost.append(f"{one.path} {one.key}: {told}")
        elif "idempotent-replayed" not in answer.headers:
            verdict.lost.append(f"{one.path} {one.key}: done again instead of answered again")

    await asyncio.gather(*(repeat(one) for one in acknowledged))


async def _read_all(caller: Caller, world: World, acknowledged: list[Acknowledged], verdict: Verdict) -> None:
    """Each container and manifest as the last acknowledged answer about it says."""
    containers: dict[str, dict[str, object]] = {}
    manifests: dict[str, dict[str, object]] = {}
    for one in acknowledged:
        tree = one.answer
        if (container := tree.get("container")) is not None:
            containers[container["id"]] = {
                name: container[name] for name in ("digital_code", "waste_code", "net_g", "made_at_site_id")
            }
        if one.path == "/manifests":
            manifests[tree["id"]] = {"state": tree["state"], "number": None}
        for told in (tree.get("manifest"), tree.get("return_manifest")):
            if told is not None:
                manifests[told["id"]] = {"state": told["state"], "number": told["number"]}
        if tree.get("measured_g") is not None and tree.get("outcome", "").startswith("accepted"):
            containers[tree["container_id"]]["net_g"] = tree["measured_g"]
        correction = tree.get("correction")
        if correction is not None and correction["state"] == "consented":
            containers[correction["container_id"]]["net_g"] = correction["measured_g"]
    turn = asyncio.Semaphore(_AT_ONCE)
    login = world.generator.logins[Role.OWNER]

    async def look(path: str, inside: str | None, expected: dict[str, object]) -> None:
        async with turn:
            tree = await caller.read(login, path)
        found = tree.get(inside, {}) if inside else tree
        if {name: found.get(name) for name in expected} != expected:
            verdict.lost.append(f"{path}: acknowledged {expected}, found {str(tree)[:300]}")

    await asyncio.gather(
        *(look(f"/containers/{one}", None, expected) for one, expected in containers.items()),
        *(look(f"/manifests/{one}", "manifest", expected) for one, expected in manifests.items()),
    )


async def _check_receipts(
    connection: "asyncpg.Connection[asyncpg.Record]",
    acknowledged: list[Acknowledged],
    verifier: Verifier,
    verdict: Verdict,
) -> None:
    """Each receipt is signed by the log, and the log holds that event with that hash, in its place in the tree."""
    rows = await connection.fetch(
        "select leaf.id, leaf.hash, leaf.recorded_at from log_leaves leaf join log_sequence using (arrival)"
    )
    held: dict[UUID, tuple[bytes, Any]] = {row["id"]: (row["hash"], row["recorded_at"]) for row in rows}
    for one in acknowledged:
        if "log" not in one.answer:
            continue
        verdict.receipts_checked += 1
        given = receipt.read(one.answer["log"]["receipt"])
        try:
            receipt.verify(given, verifier)
        except NoteRefused as refused:
            verdict.receipts_broken.append(f"{one.path}: {refused}")
        if held.get(given.event_id) != (given.leaf_hash, given.recorded_at):
            verdict.receipts_broken.append(f"{one.path}: event {given.event_id} is not in the log as promised")


async def _check_counts(
    connection: "asyncpg.Connection[asyncpg.Record]", acknowledged: list[Acknowledged], verdict: Verdict
) -> None:
    """As many events of each kind as acknowledged requests, as many drafts as manifests that are no returns."""
    rows = await connection.fetch("select kind, count(*) as times from log_leaves group by kind")
    kinds: dict[str, int] = {row["kind"]: row["times"] for row in rows}
    asked = Counter(f"/{one.path.rsplit('/', 1)[1]}" for one in acknowledged)
    for names, ending in _EVENTS_OF.items():
        found = sum(kinds.get(name, 0) for name in names.split())
        if found != asked[ending]:
            verdict.duplicates.append(f"{found} events {names} for {asked[ending]} acknowledged requests {ending}")
    drafts = await connection.fetchval("select count(*) from manifests where kind <> 'return'")
    if drafts != asked["/manifests"]:
        verdict.duplicates.append(f"{drafts} manifests for {asked['/manifests']} acknowledged drafts")
    ids = [one.answer["log"]["event_id"] for one in acknowledged if "log" in one.answer]
    twice = [event_id for event_id, times in Counter(ids).items() if times > 1]
    verdict.duplicates += [f"two acknowledged requests share event {event_id}" for event_id in twice[:_MOST_TOLD]]
