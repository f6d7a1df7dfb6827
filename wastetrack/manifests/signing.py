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
from wastetrack.manifests.tables import ManifestRow
from wastetrack.parties.verifying import demand_verified
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


_KEEP = """
update manifests set number = $2, state = $3, version = $4, receiver_id = $5, receiver_site_id = $6,
  destination_region = $7, method = $8, planned_on = $9, list_edition = $10, remarks = $11, opinion = $12,
  last_act_at = $13, filed_at = $14, picked_up_at = $15, arrived_at = $16, received_at = $17, closed_at = $18
where id = $1
"""
_SIGN = f"""
with kept as ({_KEEP})
insert into manifest_signatures
  (manifest_id, position, act, organisation_id, person_id, happened_at, recorded_at, event_id,
   delegate_of_organisation_id)
values ($1, $4, $19, $20, $21, $13, $22, $23, $24)
"""  # noqa: S608  a constant of this module


async def keep(session: WriteSession, row: ManifestRow) -> None:
    """Write what a use case has changed on a manifest that it had locked."""
    await (await session.driver()).execute(_KEEP, *_written(row))


def _written(row: ManifestRow) -> tuple[object, ...]:
    """What acts may change on a manifest, in the order of the statement."""
    return (
        row.id,
        row.number,
        row.state,
        row.version,
        row.receiver_id,
        row.receiver_site_id,
        row.destination_region,
        row.method,
        row.planned_on,
        row.list_edition,
        row.remarks,
        row.opinion,
        row.last_act_at,
        row.filed_at,
        row.picked_up_at,
        row.arrived_at,
        row.received_at,
        row.closed_at,
    )


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
    """Advance the state, keep the signature, post the entry, append the event. Raises OutOfOrder.

    Nobody signs for an organisation of which nobody has confirmed that it is the one it says.
    """
    await demand_verified(session, actor.organisation_id)
    row.state = (states.BORN.get(act) or states.advance(ManifestState(row.state), act)).value
    row.version += 1
    row.last_act_at = moment.happened_at
    event_id = new_id()
    await session.flush()
    await (await session.driver()).execute(
        _SIGN,
        *_written(row),
        act.value,
        actor.organisation_id,
        actor.person_id,
        moment.recorded_at,
        event_id,
        actor.delegate_of,
    )
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
