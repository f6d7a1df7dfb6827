"""How often one may try."""

from datetime import UTC, datetime, timedelta

from wastetrack.auth import throttling
from wastetrack.db.session import WriteSession
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
