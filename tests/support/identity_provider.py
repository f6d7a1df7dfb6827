"""A small OpenID provider as a real server on this machine: the peer that our sign-in talks to.

It keeps the rules of the protocol itself (client secret, redirect address, PKCE, codes that work once), and can be
told to say something wrong, so that a test sees what our side does with it.
"""

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID = "wastetrack"
CLIENT_SECRET = "a secret of: clients/%"  # noqa: S105  with characters that must be escaped


@dataclass
class IdentityProvider:
    """Who it is, whom it knows, and what it says of them."""

    issuer: str = ""
    subject: str = "emp-1"
    claims: dict[str, Any] = field(default_factory=dict)
    """Laid over the claims of the next ID tokens; None removes one."""
    algorithm: str = "RS256"
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}, auto_kid=False))
    signs_with: Any = None
    """Another key than the published one."""
    discovery: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Its addresses."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
                Route("/elsewhere", self._elsewhere, methods=["GET", "POST"]),
            ]
        )

    async def _configuration(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return JSONResponse(told | self.discovery)

    async def _keys(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        """Somebody signs in here; we take him to be the subject."""
        asked = dict(request.query_params)
        if asked["client_id"] != CLIENT_ID or asked["code_challenge_method"] != "S256" or not asked["code_challenge"]:
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        pair = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        expected = f"{quote(CLIENT_ID, safe='')}:{quote(CLIENT_SECRET, safe='')}"
        if pair != expected:
            return JSONResponse({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])})

    async def _elsewhere(self, request: Request) -> Response:
        self.requests.append(request.url.path)
        return RedirectResponse(f"{self.issuer}/token", 307)

    def id_token(self, nonce: str) -> str:
        """What it says, signed."""
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "acr": "urn:mace:incommon:iap:silver",
            "amr": ["pwd", "otp"],
        } | self.claims
        key = self.signs_with or self.key
        header = {"alg": self.algorithm, "kid": "first"}
        return jwt.encode(header, {name: one for name, one in said.items() if one is not None}, key, [self.algorithm])

    async def sign_in_at(self, address: str) -> str:
        """What a browser does there: it follows the address and gives where it is sent back to."""
        async with httpx2.AsyncClient(trust_env=False) as browser:
            sent = await browser.get(address)
        assert sent.status_code == 302, sent.text
        return sent.headers["location"]


@asynccontextmanager
async def running() -> AsyncIterator[IdentityProvider]:
    """The provider at a port of this machine."""
    provider = IdentityProvider()
    server = uvicorn.Server(
        uvicorn.Config(provider.app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn tells by an attribute only
        await asyncio.sleep(0.02)
    provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield provider
    finally:
        server.should_exit = True
        await task


def path_of(address: str) -> str:
    """An address of ours without its host, as a test's browser asks for it."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def another_key() -> RSAKey:
    """A key that nobody has published."""
    return RSAKey.generate_key(2048, {"kid": "first"}, auto_kid=False)


def curve_key() -> ECKey:
    """A key of a curve."""
    return ECKey.generate_key("P-256", {"kid": "first"}, auto_kid=False)
