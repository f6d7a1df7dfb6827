"""How often one may try."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth import throttling
from wastetrack.db.session import WriteSession, writing
from wastetrack.ids import new_id

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


async def attempts(session: WriteSession, login: str, address: str, count: int, *, at: datetime = AT) -> list[bool]:
    """Whether each attempt was let through."""
    return [await throttling.count_attempt(session, login, address, at=at) is None for _ in range(count)]


async def test_ten_attempts_are_let_through_in_a_quarter_of_an_hour(session: WriteSession) -> None:
    login = str(new_id())
    assert await attempts(session, login, "a", 12) == [True] * 10 + [False] * 2
    assert await attempts(session, login, "a", 1, at=AT + throttling.WINDOW - timedelta(seconds=1)) == [False]
    assert await attempts(session, login, "a", 1, at=AT + throttling.WINDOW) == [True]


async def test_another_address_and_another_login_count_for_themselves(session: WriteSession) -> None:
    login = str(new_id())
    await attempts(session, login, "b", 11)
    assert await attempts(session, login, "c", 1) == [True]
    assert await attempts(session, str(new_id()), "b", 1) == [True]


async def test_many_logins_from_one_address_are_stopped_too(session: WriteSession) -> None:
    let_through = [(await attempts(session, str(new_id()), "d", 1))[0] for _ in range(101)]
    assert let_through == [True] * 100 + [False]


async def test_a_success_takes_its_count_back(session: WriteSession) -> None:
    login = str(new_id())
    for _ in range(200):
        assert await attempts(session, login, "e", 1) == [True]
        await throttling.forgive(session, login, "e")


async def test_the_refusal_says_when_to_come_back(session: WriteSession) -> None:
    login = str(new_id())
    await attempts(session, login, "f", 10)
    refusal = await throttling.count_attempt(session, login, "f", at=AT + timedelta(minutes=5))
    assert refusal is not None
    assert refusal.facts["retry_after_seconds"] == 600
    assert refusal.facts["minutes"] == 10


async def test_old_counts_are_swept_away(session: WriteSession) -> None:
    login = str(new_id())
    await attempts(session, login, "g", 11)
    await throttling.sweep(session, at=AT + throttling.WINDOW)
    assert await attempts(session, login, "g", 1) == [True]


async def from_everywhere(session: WriteSession, login: str, count: int, *, at: datetime) -> list[bool]:
    """Whether each attempt, from an address of its own, was let through."""
    return [(await attempts(session, login, str(new_id()), 1, at=at))[0] for _ in range(count)]


async def test_an_account_is_deaf_for_longer_each_time_but_never_closed(session: WriteSession) -> None:
    login = str(new_id())
    free = throttling.PER_ACCOUNT
    assert await from_everywhere(session, login, free + 5, at=AT) == [True] * free + [False] * 5
    at, waits = AT, []
    for _ in range(8):
        refusal = await throttling.count_attempt(session, login, str(new_id()), at=at)
        assert refusal is not None
        waits.append(refusal.facts["retry_after_seconds"])
        at += timedelta(seconds=refusal.facts["retry_after_seconds"])
        # What was refused was not counted: hammering does not lengthen it.
        assert await from_everywhere(session, login, 1, at=at) == [True]
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


async def test_all_addresses_together_have_about_a_hundred_guesses_a_day(session: WriteSession) -> None:
    login, at, heard = str(new_id()), AT, 0
    while at < AT + timedelta(days=1):
        refusal = await throttling.count_attempt(session, login, str(new_id()), at=at)
        heard += refusal is None
        at += timedelta(seconds=0 if refusal is None else refusal.facts["retry_after_seconds"])
    assert 100 < heard < 130


async def test_a_device_that_the_person_uses_is_let_in_while_strangers_keep_the_account_deaf(
    session: WriteSession,
) -> None:
    login, device = str(new_id()), b"d" * 32
    await from_everywhere(session, login, throttling.PER_ACCOUNT, at=AT)
    assert await throttling.count_attempt(session, login, "new place", at=AT) is not None
    assert await throttling.count_attempt(session, login, "new place", at=AT, device=device) is None
    # It has a count of its own all the same: whoever stole the cookie does not guess for ever.
    tried = [
        await throttling.count_attempt(session, login, str(new_id()), at=AT, device=device) is None for _ in range(10)
    ]
    assert tried == [True] * 9 + [False]


async def test_a_hundred_parallel_guesses_from_a_hundred_addresses_are_a_hundred_attempts(
    fresh_engine: AsyncEngine,
) -> None:
    login = str(new_id())

    async def attempt(address: str) -> bool:
        async with writing(fresh_engine) as session:
            return await throttling.count_attempt(session, login, address, at=AT) is None

    heard = await asyncio.gather(*(attempt(str(number)) for number in range(100)))
    assert sum(heard) == throttling.PER_ACCOUNT
