"""Erasure (个人信息保护法 art. 47): a person's own request, and its fulfilment by the platform's operator.

The log keeps its leaves for ever, and so every proof; what goes are the salted openings that led from a leaf to a
person. Nothing goes before the law lets it: see retention.py.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth import erasing as people
from wastetrack.auth.model import PLATFORM_VIEWER, Actor, Scope
from wastetrack.auth.policy import Verb, demand, demand_scope
from wastetrack.auth.sight import show
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.recording import Moment, record
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.parties.erasing import forget_drivers
from wastetrack.privacy.model import Erased, ErasePerson
from wastetrack.privacy.queries import held_back, held_of
from wastetrack.privacy.retention import Retention, still_kept
from wastetrack.privacy.tables import ErasureRequest
from wastetrack.transparency.erasing import digest_of, erase_openings
from wastetrack.transparency.note import Signer
from wastetrack.transparency.receipt import Receipt

EVENT = "personal_parts_erased"
KIND = "erasure"
"""Of what the operator is shown in the log."""
_LONGEST_REASON = 2000


class Stated(Protocol):
    """The event that states an erasure; a receipt can be signed over it."""

    @property
    def id(self) -> UUID:
        """The event's."""

    def receipt(self, signer: Signer) -> Receipt:
        """The promise that the log holds it. Give it away only after the commit."""


async def request_erasure(session: WriteSession, actor: Actor, *, at: datetime) -> ErasureRequest:
    """Ask to be erased oneself; asking again gives the request that waits already. No narrowed token asks for it."""
    demand_scope(actor, Scope.ADMINISTER)
    waiting = sa.select(ErasureRequest).where(
        col(ErasureRequest.person_id) == actor.person_id, col(ErasureRequest.answered_at).is_(None)
    )
    if (found := (await session.execute(waiting)).scalar_one_or_none()) is not None:
        return found
    request = ErasureRequest(id=new_id(), person_id=actor.person_id, asked_at=at)
    session.add(request)
    await session.flush()
    return request


async def erase_person(
    session: WriteSession, actor: Actor, command: ErasePerson, kept: Retention, *, at: datetime
) -> tuple[Erased, Stated]:
    """Make a person unrecognisable, and state in the log that it was done, with counts and a digest.

    Raises Forbidden for all but the platform's operator, NotFound, RuleBroken while the law keeps the records.
    """
    demand(actor, Verb.ERASE_PERSONS)
    person = await people.person_locked(session, command.person_id)
    if person is None:
        raise NotFound("person_unknown", "There is no such person.", person_id=command.person_id)
    held = await held_of(session, person.id, command.driver_ids)
    still = [*still_kept(held, kept, legal_day(at)), *await held_back(session, person.id)]
    refuse([*_broken(actor, command), *still])
    pseudonym = f"erased-{new_id().hex[-12:]}"
    drivers = await forget_drivers(session, command.driver_ids, pseudonym)
    for driver_id in set(command.driver_ids) - drivers:
        raise NotFound("driver_unknown", "There is no such driver.", driver_id=driver_id)
    openings = [one.leaf_id for one in held if one.leaf_id not in drivers]
    await erase_openings(session, openings)
    await people.forget_person(session, person.id, pseudonym, at=at)
    erased = Erased(events=len(openings), digest=digest_of(openings), drivers=len(drivers))
    return erased, await _recorded(session, actor, command, erased, at=at)


def _broken(actor: Actor, command: ErasePerson) -> list[Broken]:
    broken = []
    if not 0 < len(command.reason.strip()) <= _LONGEST_REASON:
        step = "Name the request or the duty that it follows."
        broken.append(Broken("reason", "reason_missing", "Say why the person is erased.", next_step=step))
    if command.person_id == actor.person_id:
        step = "Ask another operator of the platform."
        broken.append(Broken("person_id", "erases_himself", "Nobody erases himself.", next_step=step))
    return broken


async def _recorded(
    session: WriteSession, actor: Actor, command: ErasePerson, erased: Erased, *, at: datetime
) -> Stated:
    """The event, and the answer to the person's own request if there was one."""
    event_id = new_id()
    answered = (
        sa.update(ErasureRequest)
        .where(col(ErasureRequest.person_id) == command.person_id, col(ErasureRequest.answered_at).is_(None))
        .values(answered_at=at, event_id=event_id)
        .returning(col(ErasureRequest.id))
    )
    asked_for = (await session.execute(answered)).scalar_one_or_none()
    facts = {
        "events": erased.events,
        "digest": erased.digest,
        "drivers": erased.drivers,
        "on_request": asked_for is not None,
        "reason": command.reason.strip(),
    }
    # The erasure is its own subject: the person must not be one.
    await show(session, KIND, event_id, (PLATFORM_VIEWER,))
    moment = Moment(happened_at=at, recorded_at=at)
    return await record(session, actor, EVENT, subjects=(event_id,), moment=moment, facts=facts, event_id=event_id)
