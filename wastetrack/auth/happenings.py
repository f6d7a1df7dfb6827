"""What happened to an account: written with the change itself, read by its owner alone."""

import dataclasses
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from wastetrack.auth.factor_tables import AccountEvent
from wastetrack.auth.model import AccountEventKind, Actor
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.ids import new_id

SHOWN = 20
FAILURES_SHOWN = 10
_FAILURES = (AccountEventKind.SIGN_IN_FAILED, AccountEventKind.FACTOR_FAILED)
_FORGET = "delete from account_events where happened_at < $1"


async def note(session: WriteSession, person_id: UUID, kind: AccountEventKind, *, at: datetime, **facts: str) -> None:
    """Write down that it happened."""
    session.add(AccountEvent(id=new_id(), person_id=person_id, kind=kind, happened_at=at, facts=facts))
    await session.flush()


@dataclasses.dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened."""

    kind: AccountEventKind
    at: datetime
    facts: dict[str, str]


async def of_own_account(session: ReadSession, actor: Actor) -> list[Happening]:
    """What happened to the actor's account of late, the newest first.

    Failures have places of their own: whoever guesses on and on does not push what matters off the page.
    """
    is_failure = col(AccountEvent.kind).in_(_FAILURES)
    ranked = sa.select(
        AccountEvent,
        sa.func.row_number()
        .over(partition_by=is_failure, order_by=(col(AccountEvent.happened_at).desc(), col(AccountEvent.id).desc()))
        .label("place"),
    ).where(col(AccountEvent.person_id) == actor.person_id)
    numbered = ranked.subquery()
    event = aliased(AccountEvent, numbered)
    statement = (
        sa.select(event)
        .where(numbered.c.place <= sa.case((numbered.c.kind.in_(_FAILURES), FAILURES_SHOWN), else_=SHOWN))
        .order_by(numbered.c.happened_at.desc(), numbered.c.id.desc())
    )
    rows = (await session.execute(statement)).scalars()
    return [Happening(AccountEventKind(row.kind), row.happened_at, row.facts) for row in rows]


async def forget(session: WriteSession, *, before: datetime) -> None:
    """Drop what happened so long ago; for the nightly job."""
    driver = await session.driver()
    await driver.execute(_FORGET, before)
