"""Writing looks down: one statement for all that one answer shows."""

from collections.abc import Sequence
from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.ids import new_id
from wastetrack.looks.model import Circumstances, Look, Reason

# The eyes are told first, in the same statement: it stands in a transaction of its own.
_RECORD = """
with eyes as materialized (
  select set_config('wastetrack.viewer', $5, true), set_config('wastetrack.organisation', $3::uuid::text, true),
    set_config('wastetrack.person', $2::uuid::text, true)
)
insert into looks (looked_at, id, person_id, organisation_id, role, viewer, delegate_of, kind, subject_id, terms, why,
  why_words, channel, request_id, session)
select $1, given.id, $2, $3, $4, $5, $6, given.kind, given.subject_id, given.terms, $7, $8, $9, $10, $11
from eyes, unnest($12::uuid[], $13::text[], $14::uuid[], $15::text[]) as given (id, kind, subject_id, terms)
"""
_GIVEN = """
select exists (select from looks where session = $1 and subject_id = any($2) and why is not null and person_id = $3)
"""


async def record(
    session: WriteSession,
    actor: Actor,
    looks: Sequence[Look],
    circumstances: Circumstances,
    reason: Reason | None,
    *,
    at: datetime,
) -> None:
    """Write down what was shown to whom."""
    driver = await session.driver()
    await driver.execute(
        _RECORD,
        at,
        actor.person_id,
        actor.organisation_id,
        actor.role.value,
        actor.viewer,
        circumstances.delegate_of,
        None if reason is None else reason.why.value,
        "" if reason is None else reason.words,
        circumstances.channel.value,
        circumstances.request_id,
        circumstances.session,
        [new_id() for _ in looks],
        [look.kind.value for look in looks],
        [look.subject_id for look in looks],
        [look.terms for look in looks],
    )


async def reason_given(session: ReadSession, actor: Actor, looks: Sequence[Look], circumstances: Circumstances) -> bool:
    """Whether this sign-in has told its reason for these things already."""
    driver = await session.driver()
    subjects = [look.subject_id for look in looks]
    return bool(await driver.fetchval(_GIVEN, circumstances.session, subjects, actor.person_id))
