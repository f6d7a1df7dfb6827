"""A program of somebody who has an account: signs in, asks, posts each change under a key of its own."""

from types import TracebackType
from typing import Any, Self

import httpx2

from wastetrack import errors
from wastetrack.ids import new_id

_PREFIX = "/api/v1"
_TIMEOUT_SECONDS = 60.0
_FAMILIES: dict[int, type[errors.WastetrackError]] = {
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    422: errors.Malformed,
    429: errors.Throttled,
}


class Caller:
    """One account's program. Raises errors of our families: Unavailable when no server answers, else what it says."""

    def __init__(self, url: str, login: str) -> None:
        self._http = httpx2.AsyncClient(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._url, self.login, self._password = url, login, ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def sign_in(self, password: str) -> None:
        """Open a session; everything later is sent with it."""
        answered = await self._send("POST", "/sign-in", json={"login": self.login, "password": password})
        self._http.headers["Authorization"] = f"Bearer {answered.json()['token']}"
        self._password = password

    async def get(self, path: str, **query: str) -> Any:  # noqa: ANN401  whatever JSON can say
        """Ask for JSON."""
        return (await self._send("GET", path, params=query)).json()

    async def fetch(self, path: str) -> bytes:
        """Ask for a file."""
        return (await self._send("GET", path)).content

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401  the same
        """Change something; a fresh Idempotency-Key makes a repetition by the network harmless."""
        headers = {"Idempotency-Key": str(new_id())}
        return (await self._send("POST", path, json=body, headers=headers)).json()

    async def sign(self, path: str, body: dict[str, object]) -> Any:  # noqa: ANN401  the same
        """Read what would be signed, then sign exactly that with the account's password."""
        prepared = await self.post(f"{path}/preparation", body)
        factor = {"kind": "password", "password": self._password}
        return await self.post(path, {**body, "intent_id": prepared["intent_id"], "factor": factor})

    async def print_out(self, path: str, body: object) -> bytes:
        """Post what is to be printed, and get the file."""
        return (await self._send("POST", path, json=body)).content

    async def _send(self, method: str, path: str, **more: Any) -> httpx2.Response:  # noqa: ANN401  httpx's own
        try:
            answered = await self._http.request(method, _PREFIX + path, **more)
        except httpx2.TransportError as error:
            raise errors.Unavailable(
                "journey.no_server",
                "No server answers at {url} ({why}). Start one with “wastetrack demo”, or use --self-contained.",
                url=self._url,
                why=str(error) or type(error).__name__,
            ) from error
        if answered.is_success:
            return answered
        raise self._refusal(answered, f"{method} {path}")

    def _refusal(self, answered: httpx2.Response, request: str) -> errors.WastetrackError:
        family = _FAMILIES.get(answered.status_code, errors.Unavailable)
        try:
            problem = answered.json()
            rules = "; ".join(f"{rule['field']}: {rule['message']}" for rule in problem.get("errors", ()))
            said = f"{problem['detail']} {rules}".strip()
            code = str(problem["code"])
        except (ValueError, KeyError, TypeError, AttributeError):
            said, code = answered.text[:200], "journey.strange_answer"
        message = "{request} as {login} was answered {status}: {said}"
        facts = {"request": request, "login": self.login, "status": answered.status_code, "said": said}
        return family(code, message, **facts)
