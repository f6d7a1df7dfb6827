"""The only writer of entries and postings."""

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


async def reverse(
    session: WriteSession, entry_id: UUID, *, reversal_id: UUID, happened_at: datetime, at: datetime
) -> Entry:
    """Write the mirror of an entry, naming it, and give it back. Raises NotFound, AlreadyReversed, WouldBeNegative."""
    mirror = rules.reversal(entry_id, await queries.entry(session, entry_id))
    await post(session, mirror, entry_id=reversal_id, happened_at=happened_at, at=at)
    return mirror
