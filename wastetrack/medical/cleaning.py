"""After a trip the vehicle and its boxes are washed and disinfected (GB 39707-2020, 5.5.2)."""

from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand, may
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import Recorded, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Forbidden, refuse
from wastetrack.ids import new_id
from wastetrack.medical import card_queries
from wastetrack.medical.card_tables import CardRow, CleaningRow
from wastetrack.medical.carrying import demand_state
from wastetrack.medical.model import CardState, RecordCleaning


async def record_cleaning(
    session: WriteSession, actor: Actor, command: RecordCleaning, *, at: datetime
) -> tuple[CardRow, Recorded]:
    """Vehicle and boxes of a trip were washed and disinfected, by the plant or the carrier (GB 39707-2020, 5.5.2).

    Raises NotFound, Conflict, Forbidden, RuleBroken.
    """
    card = await card_queries.card_locked(session, actor, command.card_id)
    if actor.organisation_id not in {card.receiver_id, card.carrier_id}:
        raise Forbidden("other_organisation", "Only the plant or the carrier of this trip says that it was cleaned.")
    if not may(actor, Verb.SCAN):
        demand(actor, Verb.CARRY)
    demand_state(card, CardState.ARRIVED, CardState.RECEIVED)
    moment = moment_of(command.done_at, at, after=card.arrived_at)
    broken: list[Broken] = []
    if not command.what:
        broken.append(Broken("what", "cleaning_missing", "Say what was cleaned: the vehicle, the boxes, or both."))
    if not command.agent.strip():
        message = "Say with what it was disinfected."
        broken.append(Broken("agent", "agent_missing", message, article="GB 39707-2020, 5.5.2"))
    if command.boxes < 0:
        broken.append(Broken("boxes", "boxes_negative", "There cannot be {value} turnover boxes.", command.boxes))
    refuse(broken)
    event_id = new_id()
    what = tuple(dict.fromkeys(command.what))
    session.add_all(
        CleaningRow(
            id=event_id,
            card_id=card.id,
            what=one.value,
            boxes=command.boxes,
            agent=command.agent.strip(),
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            done_at=moment.happened_at,
            recorded_at=at,
        )
        for one in what
    )
    await session.flush()
    leaf = await record(
        session,
        actor,
        "trip_cleaned",
        subjects=(card.id, card.manifest_id),
        moment=moment,
        facts={
            "card": str(card.id),
            "manifest": str(card.manifest_id),
            "vehicle": str(card.vehicle_id),
            "what": [one.value for one in what],
            "boxes": command.boxes,
            "agent": command.agent.strip(),
        },
        event_id=event_id,
    )
    return card, leaf
