"""The proofs of a manifest's history, gathered into an audit bundle; and which events of the log an actor may see.

An event is to be seen by whoever sees one of its subjects. Events that have been written a moment ago have no place in
the tree yet; then the sequencer is given a turn, for a bundle without proofs would be none.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.errors import Unavailable
from wastetrack.manifests import signing_keys
from wastetrack.reports import bundle
from wastetrack.reports.bundle import BundleEvent, Earlier
from wastetrack.transparency import publishing, queries, receipt
from wastetrack.transparency.errors import LeafUnknown, NotYetSequenced, SizeUnknown
from wastetrack.transparency.note import Signer
from wastetrack.transparency.queries import StoredLeaf

_LONGEST_WAIT_SECONDS = 2.0

_SEEN = """
select exists (
  select from log_leaves leaf join log_subjects subject on subject.arrival = leaf.arrival
  join sightings sighting on sighting.subject_id = subject.subject_id and sighting.viewer = $1
  where leaf.id = $2
)
"""
# The manifest, what brought its goods back, and of its containers those that the actor sees: a carrier that has not
# loaded yet, or an authority on the other side, knows the paper before the drums.
_EVENTS = """
with subject (id) as (
  select $2::uuid
  union select back.id from manifests back join sightings sighting
    on sighting.subject_id = back.id and sighting.kind = 'manifest' and sighting.viewer = $1
    where back.returns_id = $2
  union select line.container_id from manifest_containers line join sightings sighting
    on sighting.subject_id = line.container_id and sighting.kind = 'container' and sighting.viewer = $1
    where line.manifest_id = $2
)
select distinct leaf.id, leaf.arrival
from subject join log_subjects named on named.subject_id = subject.id join log_leaves leaf using (arrival)
order by leaf.arrival
"""
_WAITING = """
select exists (
  select from log_leaves leaf where leaf.id = any($1)
  and not exists (select from log_sequence where log_sequence.arrival = leaf.arrival)
)
"""


async def event_seen(session: ReadSession, actor: Actor, event_id: UUID) -> StoredLeaf:
    """An event of the log. Raises LeafUnknown unless the actor sees one of its subjects."""
    driver = await session.driver()
    if not await driver.fetchval(_SEEN, actor.viewer, event_id):
        raise LeafUnknown("log.event_unknown", "The log holds no event {event_id}.", event_id=str(event_id))
    (stored,) = await queries.leaves(session, (event_id,))
    return stored


async def events_of_manifest(session: ReadSession, actor: Actor, manifest_id: UUID) -> list[UUID]:
    """The events of a manifest that the actor sees, of what travelled on it, and of the keys with which they were
    signed, without which nobody could tell whose those are."""
    driver = await session.driver()
    found = [row["id"] for row in await driver.fetch(_EVENTS, actor.viewer, manifest_id)]
    return [*found, *await signing_keys.events_of_keys(session, found)]


async def ensure_placed(
    session: ReadSession, event_ids: Sequence[UUID], *, engine: AsyncEngine, signer: Signer
) -> None:
    """See to it that these events have a place in the tree. The session may stand at a later moment afterwards.

    Raises Unavailable when the sequencer does not come to it in two seconds, LogInconsistent when it must not.
    """
    driver = await session.driver()
    if not await driver.fetchval(_WAITING, list(event_ids)):
        return
    # Gives the connection back before another is asked for; what is read next is read at a new moment, by the same
    # eyes.
    await session.commit()
    try:
        async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
            await publishing.publish_all(engine, signer)
        await session.look_again()
    except TimeoutError:
        message = "The newest events have no place in the log yet. Ask again in a moment."
        raise Unavailable("log.not_yet_sequenced", message, retry_after_seconds=1) from None


async def gather_bundle(
    session: ReadSession,
    event_ids: Sequence[UUID],
    *,
    signer: Signer,
    personal: bool = False,
    since_size: int | None = None,
) -> str:
    """The audit bundle of these events at the newest checkpoint, as a file.

    `personal` puts in the names of who acted, as far as they have not been erased; `since_size` the proof that the
    tree continues the checkpoint of that size, which its reader kept. Raises NotYetSequenced, SizeUnknown.
    """
    newest = await queries.latest_checkpoint(session)
    if newest is None:
        raise NotYetSequenced("log.empty", "The log has not published a checkpoint yet.")
    inclusions = {found.event_id: found for found in await queries.inclusions(session, event_ids, newest.size)}
    openings = await queries.openings(session, event_ids) if personal else {}
    events = []
    for stored in await queries.leaves(session, event_ids):
        leaf, found, opening = stored.leaf, inclusions[stored.leaf.id], openings.get(stored.leaf.id)
        promise = receipt.give(event_id=leaf.id, leaf_hash=stored.hash, recorded_at=leaf.recorded_at, signer=signer)
        events.append(
            BundleEvent(
                content=stored.content,
                log_index=found.log_index,
                proof=found.proof,
                salt=opening.salt if opening else None,
                personal=opening.body if opening else None,
                receipt=promise,
            )
        )
    earlier = None if since_size is None else await _earlier(session, since_size, newest.size)
    return bundle.write(bundle.build(verifier=signer.verifier, note=newest.note, events=events, earlier=earlier))


async def _earlier(session: ReadSession, size: int, newest: int) -> Earlier:
    kept = await queries.checkpoint_at(session, size)
    proof = await queries.consistency(session, kept.size, newest)
    return Earlier(kept.note, proof.proof)


async def note_of_size(session: ReadSession, size: int) -> str | None:
    """The signed checkpoint of this size; None where the log has published none of exactly this size."""
    try:
        return (await queries.checkpoint_at(session, size)).note
    except SizeUnknown:
        return None
