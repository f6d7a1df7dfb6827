"""Recovery codes: for whoever has lost the device. Ten, of 120 random bits, shown once, each good for one use.

So many bits that a plain hash protects them as well as a slow one would. They are typed from paper: no letter looks
like another, small and capital letters are the same, and blanks and dashes do not count.
"""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.factor_tables import RecoveryCode
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.ids import new_id

HOW_MANY = 10
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""Crockford's: without I, L, O and U."""
_LETTERS = 24
_GROUP = 4
_MISREAD = str.maketrans("ILO", "110", "- \t　")
_USE = """
update recovery_codes set used_at = $3 where person_id = $1 and code_hash = $2 and used_at is null returning true
"""


def new_code() -> str:
    """`ABCD-EFGH-…`."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))


def hash_of_code(typed: str) -> bytes:
    """How a code is stored, however it was typed."""
    return hashlib.sha256(typed.upper().translate(_MISREAD).encode()).digest()


async def replace(session: WriteSession, person_id: UUID, *, at: datetime) -> tuple[str, ...]:
    """A new list, told once; every code of an older one stops working."""
    await session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    codes = tuple(new_code() for _ in range(HOW_MANY))
    session.add_all(
        RecoveryCode(id=new_id(), person_id=person_id, code_hash=hash_of_code(code), created_at=at) for code in codes
    )
    await session.flush()
    return codes


async def forget(session: WriteSession, person_id: UUID) -> None:
    """Take the list away: without a second factor there is nothing to recover."""
    await session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))


async def left(session: ReadSession, person_id: UUID) -> int:
    """How many codes still work."""
    unused = col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None)
    return (await session.execute(sa.select(sa.func.count()).where(*unused))).scalar_one()


async def use(session: WriteSession, person_id: UUID, typed: str, *, at: datetime) -> bool:
    """Take a code; False if it is none of the list or was used before, in this moment too."""
    driver = await session.driver()
    return bool(await driver.fetchval(_USE, person_id, hash_of_code(typed), at))
