"""A database that dies is told as such, so that callers send the same request again; seen under repeated kills."""

import asyncpg
import pytest
from sqlalchemy import exc

from wastetrack.serving.problems import refusal_of

_LAST_WORDS = [
    asyncpg.CrashShutdownError("terminating connection because of crash of another server process"),
    asyncpg.AdminShutdownError("terminating connection due to administrator command"),
    asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.CannotConnectNowError("the database system is in recovery mode"),
    ConnectionRefusedError(111, "Connection refused"),
]


@pytest.mark.parametrize("last_words", _LAST_WORDS, ids=lambda error: type(error).__name__)
def test_the_last_words_of_a_connection_ask_for_the_request_again(last_words: Exception) -> None:
    adapted = Exception("the dialect's own")
    adapted.__cause__ = last_words
    for error in (last_words, exc.DBAPIError("select", {}, adapted)):
        refusal = refusal_of(error)
        assert (refusal.family.status, refusal.code) == (503, "database_away")
        assert "Retry-After" in refusal.headers
