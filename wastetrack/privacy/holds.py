"""Legal hold (证据保全): an authority stops purge and erasure of what an inquiry may need, until it lets go."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of, visible
from wastetrack.containers.moments import moment_of
from wastetrack.containers.recording import record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken, Conflict, Forbidden, NotFound, refuse
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.privacy.erasing import Stated
from wastetrack.privacy.tables import HoldRow

KIND = "hold"
_LONGEST_REASON = 2000


class HeldThing(StrEnum):
    """What is held."""

    MANIFEST = "manifest"
    SITE = "site"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginHold:
    """Command: hold everything of a manifest, a site or an organisation."""

    thing: HeldThing
    subject_id: UUID
    reason: str
    told: bool = False
    """Whether those whom it concerns may know of it."""


async def begin_hold(
    session: WriteSession, actor: Actor, command: BeginHold, *, at: datetime
) -> tuple[HoldRow, Stated]:
    """Begin a hold on what lies in one's own jurisdiction. Raises NotFound, Forbidden, RuleBroken."""
    demand(actor, Verb.HOLD)
    concerned = await _concerned(session, actor, command)
    if not 0 < len(command.reason.strip()) <= _LONGEST_REASON:
        step = "Name the inquiry."
        refuse([Broken("reason", "reason_missing", "Say why this is held.", next_step=step)])
    row = HoldRow(
        id=new_id(),
        thing=command.thing.value,
        subject_id=command.subject_id,
        organisation_id=actor.organisation_id,
        person_id=actor.person_id,
        reason=command.reason.strip(),
        told=command.told,
        begun_at=at,
    )
    # It is shown before it is written: the row comes back only to eyes that see it.
    eyes = {actor.viewer, viewer_of_organisation(actor.organisation_id)}
    await show(session, KIND, row.id, (*eyes, *concerned) if command.told else tuple(eyes))
    session.add(row)
    await session.flush()
    subjects = (row.id, row.subject_id) if command.told else (row.id,)
    facts: dict[str, object] = {"hold": str(row.id), "thing": row.thing, "subject": str(row.subject_id)}
    facts["reason"] = row.reason
    leaf = await record(
        session, actor, "hold_begun", subjects=subjects, moment=moment_of(None, at), facts=_sealed(row, facts)
    )
    return row, leaf


def _sealed(row: HoldRow, facts: dict[str, object]) -> dict[str, object]:
    """A leaf is for ever; of a hold that nobody is to know it says no more than that there is one."""
    return facts if row.told else {"hold": str(row.id), "reason": row.reason}


async def _concerned(session: WriteSession, actor: Actor, command: BeginHold) -> tuple[str, ...]:
    """Who is concerned; Raises NotFound for what the authority does not see or what is not in its region."""
    if command.thing is HeldThing.MANIFEST:
        seen = await session.scalar(sa.select(visible(actor, "manifest", sa.literal(command.subject_id, sa.Uuid))))
        if not seen:
            raise NotFound("subject_unknown", "There is nothing of this kind to be held.", id=command.subject_id)
        return tuple(one for one in await viewers_of(session, "manifest", command.subject_id) if one.startswith("o:"))
    if command.thing is HeldThing.SITE:
        site = await parties.site(session, command.subject_id)
        _demand_region(actor, site.region_code)
        return (viewer_of_organisation(site.organisation_id),)
    firm = await parties.organisation(session, command.subject_id)
    _demand_region(actor, firm.region_code)
    return (viewer_of_organisation(firm.id),)


def _demand_region(actor: Actor, region_code: str) -> None:
    prefix = actor.viewer.removeprefix("r:")
    if not region_code.startswith(prefix):
        raise Forbidden("outside_jurisdiction", "This lies outside your region ({region}).", region=prefix)


async def end_hold(
    session: WriteSession, actor: Actor, hold_id: UUID, reason: str, *, at: datetime
) -> tuple[HoldRow, Stated]:
    """Let go. Raises NotFound, Forbidden, Conflict, RuleBroken."""
    demand(actor, Verb.HOLD)
    row = await session.scalar(
        sa.select(HoldRow)
        .where(col(HoldRow.id) == hold_id, visible(actor, KIND, col(HoldRow.id)))
        .with_for_update(of=HoldRow)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("hold_unknown", "There is no such hold.", hold_id=hold_id)
    if row.ended_at is not None:
        raise Conflict("hold_over", "This hold has ended already.")
    if not reason.strip():
        refuse([Broken("reason", "reason_missing", "Say why it ends.")])
    row.ended_at, row.end_reason = at, reason.strip()
    await session.flush()
    told: dict[str, object] = {"thing": row.thing, "subject": str(row.subject_id)} if row.told else {}
    sealed = {"hold": str(row.id), **told, "reason": row.end_reason}
    subjects = (row.id, row.subject_id) if row.told else (row.id,)
    leaf = await record(session, actor, "hold_ended", subjects=subjects, moment=moment_of(None, at), facts=sealed)
    return row, leaf


async def holds(session: ReadSession, actor: Actor, *, limit: int = 200) -> list[HoldRow]:
    """The holds that the actor may know of, the newest first."""
    wanted = sa.select(HoldRow).where(visible(actor, KIND, col(HoldRow.id)))
    return list((await session.scalars(wanted.order_by(col(HoldRow.id).desc()).limit(limit))).all())
