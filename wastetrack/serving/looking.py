"""Looking is logged: which addresses show what may be somebody else's, and the one hook that writes it down.

The table names each address that shows something; tests see to it that none is missing. After the handler has read,
and before the answer leaves, the hook writes what was shown in a unit of work of its own. If that fails, the error is
the answer: a look that cannot be recorded is not given. What a firm reads is its own, and costs no statement.
"""

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from wastetrack.auth.model import Actor
from wastetrack.auth.queries import Identity
from wastetrack.db.session import ReadSession, WriteSession, writing
from wastetrack.errors import RuleBroken
from wastetrack.looks import policy
from wastetrack.looks.model import Channel, Circumstances, Look, LookKind, Reason
from wastetrack.looks.recording import reason_given, record
from wastetrack.reports.who_looked import Disclosure
from wastetrack.serving import logs
from wastetrack.serving.doors import Door, door
from wastetrack.serving.shown import SHOWS
from wastetrack.settings import Settings

WHY_PARAMETER = "why"
WORDS_PARAMETER = "words"
_LONGEST_TERMS = 1000
# They say how, not what.
_NOT_TERMS = frozenset({"limit", "cursor", "before", "after", "lang", "file"})


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What this request has shown, to whom, under which circumstances, and why."""

    actor: Actor
    looks: tuple[Look, ...]
    circumstances: Circumstances
    reason: Reason | None = None


async def seen_in(request: Request, session: ReadSession, identity: Identity) -> Seen | None:
    """What this request has read, if it is not the reader's own; asked in the session that has read it.

    Raises RuleBroken where a reason is due.
    """
    seen = await _seen(request, identity)
    return None if seen is None else dataclasses.replace(seen, reason=await _reason(request, session, seen))


async def record_looks(engine: AsyncEngine, seen: Seen | None, *, at: datetime) -> None:
    """Write it down, in a unit of work of its own."""
    if seen is not None:
        async with writing(engine) as session:
            await record(session, seen.actor, seen.looks, seen.circumstances, seen.reason, at=at)


def reason_for(actor: Actor, look: Look, why: str, words: str) -> Reason | None:
    """Why this is taken away, as a form tells it; None where nobody asks. Raises RuleBroken."""
    if not policy.needs_reason(actor, look):
        return None
    told = policy.read_reason(why, words)
    if not isinstance(told, Reason):
        raise RuleBroken(told)
    return told


async def record_taken(
    session: WriteSession, identity: Identity, look: Look, reason: Reason | None, *, at: datetime
) -> None:
    """Write down that something is taken away, in the unit of work that prepares it: without the one not the other."""
    if policy.is_recorded(identity.actor, look.kind):
        circumstances = Circumstances(
            channel=Channel.BUNDLE,
            request_id=logs.request_id.get(),
            session=hashlib.sha256(identity.secret_hash).digest(),
            delegate_of=policy.delegate_of(identity.actor),
        )
        await record(session, identity.actor, (look,), circumstances, reason, at=at)


async def _seen(request: Request, identity: Identity) -> Seen | None:
    showing = SHOWS.get(address(request))
    actor = identity.actor
    if showing is None or not policy.is_recorded(actor, showing.kind):
        return None
    kind = showing.kind
    if showing.personal and request.query_params.get("personal", "").lower() in {"true", "1", "on", "yes"}:
        kind = LookKind.PERSONAL
    looks = await _looks(request, kind, showing.named_by)
    channel = Channel.BUNDLE if showing.kind is LookKind.BUNDLE else _BY_DOOR[door(request)]
    circumstances = Circumstances(
        channel=channel,
        request_id=logs.request_id.get(),
        session=hashlib.sha256(identity.secret_hash).digest(),
        delegate_of=policy.delegate_of(actor),
    )
    return Seen(actor, looks, circumstances)


_BY_DOOR: Mapping[Door, Channel] = {Door.PAGE: Channel.PAGE, Door.API: Channel.API}


async def _looks(request: Request, kind: LookKind, named_by: tuple[str, ...]) -> tuple[Look, ...]:
    for name in named_by:
        value = request.path_params.get(name) or request.query_params.get(name)
        if value:
            return (Look(kind=kind, subject_id=UUID(str(value))),)
    if request.method == "POST" and named_by:
        told = (await request.json())[named_by[0]]
        return tuple(Look(kind=kind, subject_id=UUID(one)) for one in dict.fromkeys(told))
    asked = "&".join(f"{name}={value}" for name, value in request.query_params.multi_items() if name not in _NOT_TERMS)
    return (Look(kind=LookKind.SEARCH, terms=f"{request.scope['path']}?{asked}"[:_LONGEST_TERMS].rstrip("?")),)


async def _reason(request: Request, session: ReadSession, seen: Seen) -> Reason | None:
    why = request.query_params.get(WHY_PARAMETER, "")
    due = any(policy.needs_reason(seen.actor, look) for look in seen.looks)
    if not why and not due:
        return None
    if not why and await reason_given(session, seen.actor, seen.looks, seen.circumstances):
        return None
    told = policy.read_reason(why, request.query_params.get(WORDS_PARAMETER, ""))
    if isinstance(told, Reason):
        return told
    if not due:  # given where nobody asked; then it must not stand in the way
        return None
    raise RuleBroken(told)


def address(request: Request) -> str:
    """The route's address with the names of its places, as the table has it."""
    context = request.scope.get("fastapi", {}).get("effective_route_context")
    return str(getattr(context, "path", None) or getattr(request.scope.get("route"), "path", ""))


def disclosure_of(settings: Settings) -> Disclosure:
    """How much of looks is told to whom they concern."""
    return Disclosure(
        hide_person=timedelta(days=settings.looks_hide_person_days), never=frozenset(settings.looks_never_shown)
    )
