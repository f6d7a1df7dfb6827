"""The only writer of entries and postings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from wastetrack.db.session import WriteSession
from wastetrack.ledger import queries, rules
from wastetrack.ledger.errors import AlreadyReversed, WouldBeNegative
from wastetrack.ledger.model import Entry

# One round trip: the accounts that are new, the entry, its postings. The ids are digests of the accounts' names, so
# none has to be looked up; the trigger on postings locks the accounts in id order and moves their balances. The
# function (migration 0009) is the only way in: the application's role may write none of the three tables itself.
_POST = "select ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"

# The same for many entries (migration 0041b): each balanced by itself, as the trigger on the statement sees to.
_POST_MANY = "select ledger_post_many($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"


async def post(session: WriteSession, entry: Entry, *, entry_id: UUID, happened_at: datetime, at: datetime) -> None:
    """Write a balanced entry and move the balances.

    `entry_id` is the id of the event that states it. Raises WouldBeNegative when a physical account has not got
    that much; the transaction is then lost and must be rolled back.
    """
    postings = entry.postings
    measured = entry.measurement
    driver = await session.driver()
    try:
        await driver.execute(
            _POST,
            entry_id,
            entry.kind.value,
            happened_at,
            at,
            [line.account.id_for(line.waste_code) for line in postings],
            [line.account.kind.value for line in postings],
            [line.account.holder_id for line in postings],
            [line.account.detail for line in postings],
            [line.waste_code for line in postings],
            [line.amount_g for line in postings],
            measured.method.value if measured else None,
            measured.scale_id if measured else None,
            measured.uncertainty_g if measured else None,
            entry.reverses_id,
        )
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != "ck_accounts_never_negative":
            raise
        message = "There is not so much mass on the account to be moved ({entry})."
        raise WouldBeNegative("mass_not_there", message, entry=entry.kind.value) from error
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "uq_entries_reverses_id":
            raise
        message = "Entry {entry_id} is already reversed."
        raise AlreadyReversed("already_reversed", message, entry_id=entry.reverses_id) from error


async def post_many(
    session: WriteSession, entries: Sequence[tuple[UUID, Entry]], *, happened_at: datetime, at: datetime
) -> None:
    """Write several balanced entries of one moment, each under the id of the event that states it, in one round trip.

    Raises WouldBeNegative as `post` does; reversals are written one by one.
    """
    assert not any(entry.reverses_id for _, entry in entries), "a reversal is posted alone"  # noqa: S101
    lines = [
        (entry_id, number, line) for entry_id, entry in entries for number, line in enumerate(entry.postings, start=1)
    ]
    measured = [entry.measurement for _, entry in entries]
    driver = await session.driver()
    try:
        await driver.execute(
            _POST_MANY,
            [entry_id for entry_id, _ in entries],
            [entry.kind.value for _, entry in entries],
            [None if one is None else one.method.value for one in measured],
            [None if one is None else one.scale_id for one in measured],
            [None if one is None else one.uncertainty_g for one in measured],
            happened_at,
            at,
            [entry_id for entry_id, _, _ in lines],
            [number for _, number, _ in lines],
            [line.account.id_for(line.waste_code) for _, _, line in lines],
            [line.account.kind.value for _, _, line in lines],
            [line.account.holder_id for _, _, line in lines],
            [line.account.detail for _, _, line in lines],
            [line.waste_code for _, _, line in lines],
            [line.amount_g for _, _, line in lines],
        )
    except asyncpg.CheckViolationError as error:
        if error.constraint_name != "ck_accounts_never_negative":
            raise
        raise WouldBeNegative(
            "mass_not_there", "There is not so much mass on the account to be moved ({entry}).", entry="imported"
        ) from error


async def reverse(
    session: WriteSession, entry_id: UUID, *, reversal_id: UUID, happened_at: datetime, at: datetime
) -> Entry:
    """Write the mirror of an entry, naming it, and give it back. Raises NotFound, AlreadyReversed, WouldBeNegative."""
    mirror = rules.reversal(entry_id, await queries.entry(session, entry_id))
    await post(session, mirror, entry_id=reversal_id, happened_at=happened_at, at=at)
    return mirror
