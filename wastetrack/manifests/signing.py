"""One signed step of a manifest: its state, its signature row, its event; the same for every act."""

from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.ledger.model import Entry
from wastetrack.manifests import states
from wastetrack.manifests.errors import Stale
from wastetrack.manifests.model import Act, ManifestState
from wastetrack.manifests.tables import ManifestRow, SignatureRow
from wastetrack.transparency.appending import Appended

EVENT: dict[Act, str] = {
    Act.FILE: "manifest_filed",
    Act.CANCEL: "manifest_cancelled",
    Act.VOID: "manifest_voided",
    Act.PICK_UP: "manifest_picked_up",
    Act.HAND_OVER: "manifest_handed_over",
    Act.ARRIVE: "manifest_arrived",
    Act.RECEIVE: "manifest_received",
    Act.RECEIVE_PARTLY: "manifest_partly_received",
    Act.REJECT: "manifest_rejected",
    Act.CONFIRM: "manifest_confirmed",
    Act.SEND_BACK: "manifest_sent_back",
    Act.TAKE_BACK: "manifest_taken_back",
}


def check_version(row: ManifestRow, version: int | None) -> None:
    """Raise Stale when the signer saw another version than the one that stands."""
    if version is not None and version != row.version:
        message = "Somebody changed or signed this manifest meanwhile (version {now}, you saw {seen}). Read it again."
        raise Stale("manifest_changed", message, now=row.version, seen=version)


async def sign(
    session: WriteSession,
    actor: Actor,
    row: ManifestRow,
    act: Act,
    *,
    moment: Moment,
    container_ids: tuple[UUID, ...],
    facts: dict[str, Any],
    entry: Entry | None = None,
) -> Appended:
    """Advance the state, keep the signature, post the entry, append the event. Raises OutOfOrder."""
    row.state = (states.BORN.get(act) or states.advance(ManifestState(row.state), act)).value
    row.version += 1
    row.last_act_at = moment.happened_at
    event_id = new_id()
    session.add(
        SignatureRow(
            manifest_id=row.id,
            position=row.version,
            act=act.value,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            happened_at=moment.happened_at,
            recorded_at=moment.recorded_at,
            event_id=event_id,
        )
    )
    await session.flush()
    return await record(
        session,
        actor,
        EVENT[act],
        subjects=(row.id, *container_ids),
        moment=moment,
        facts={"manifest": str(row.id), "number": row.number, "state": row.state, **facts},
        entry=entry,
        event_id=event_id,
    )
