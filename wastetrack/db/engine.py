"""How the pool of connections is made."""

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def make_engine(url: str, *, pool_size: int = 16) -> AsyncEngine:
    """An engine over asyncpg for `postgresql+asyncpg://…`.

    No ping before use: it costs three round trips a request. A connection that the server has dropped fails the
    request that meets it, clears the pool, and the caller's retry with the same id is harmless.
    """
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={
            "statement_cache_size": 512,
            "server_settings": {"timezone": "UTC", "application_name": "wastetrack"},
        },
    )
