"""A bare HTTP/1.1 client: one connection kept open, no more work than a benchmark may add to what it measures."""

import asyncio
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import orjson


@dataclass(slots=True)
class Client:
    """A connection to a server on this machine, as somebody who is signed in (or not yet)."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    token: str = ""

    @classmethod
    async def open(cls, port: int, token: str = "") -> Self:
        """Connect to 127.0.0.1."""
        return cls(*await asyncio.open_connection("127.0.0.1", port), token)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()

    async def call(self, method: str, path: str, body: Any = None, *, key: UUID | None = None) -> Any:  # noqa: ANN401
        """One request; gives the JSON of the answer. Raises RuntimeError for anything but 2xx."""
        content = b"" if body is None else orjson.dumps(body)
        head = [f"{method} /api/v1{path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(content)}"]
        if self.token:
            head.append(f"authorization: Bearer {self.token}")
        if body is not None:
            head.append("content-type: application/json")
        if key is not None:
            head.append(f"idempotency-key: {key}")
        self.writer.write("\r\n".join([*head, "", ""]).encode() + content)
        raw = await self.reader.readuntil(b"\r\n\r\n")
        status = int(raw[9:12])
        answer = await self.reader.readexactly(_length(raw))
        if not 200 <= status < 300:  # noqa: PLR2004  the meaning of HTTP's second hundred
            msg = f"{method} {path} gave {status}: {answer.decode()[:500]}"
            raise RuntimeError(msg)
        return orjson.loads(answer) if answer else None


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def sign_in(port: int, login: str, password: str) -> str:
    """A bearer token."""
    client = await Client.open(port)
    answer = await client.call("POST", "/sign-in", {"login": login, "password": password})
    client.close()
    token: str = answer["token"]
    return token
