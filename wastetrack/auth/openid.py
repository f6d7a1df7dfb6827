"""The code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636): what is asked of a provider and what it must answer.

An ID token counts only with a signature of the provider's own published keys by an algorithm that the operator has
allowed, for us (aud, azp), for this very request (nonce), in this very moment (exp, iat).
"""

import base64
import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from wastetrack.auth.asking_providers import ask
from wastetrack.errors import Malformed, Unauthenticated
from wastetrack.i18n import message
from wastetrack.outbound.addresses import OutboundPolicy, destination
from wastetrack.settings import IdentityProvider

_WELL_KNOWN = "/.well-known/openid-configuration"
_KEPT = timedelta(hours=1)
_KEYS_ASKED_EVERY = timedelta(minutes=1)
_LEEWAY_SECONDS = 60
_OLDEST_TOKEN = timedelta(minutes=10)
_LONGEST_SUBJECT = 255
REFUSED = message("The provider's word cannot be accepted. Begin again; if it happens twice, tell your administrator.")


@dataclasses.dataclass(slots=True)
class Known:
    """What a provider says of itself, and its keys."""

    metadata: dict[str, Any]
    keys: KeySet
    found_at: datetime
    keys_found_at: datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Vouched:
    """A person for whom a provider stands, and for which of the organisations it may."""

    issuer: str
    subject: str
    acr: str | None
    amr: tuple[str, ...]
    organisation_ids: frozenset[UUID]


_known: dict[str, Known] = {}


async def discover(provider: IdentityProvider, *, policy: OutboundPolicy, at: datetime) -> Known:
    """The provider's configuration (OpenID Connect Discovery 1.0), asked once an hour."""
    found = _known.get(provider.issuer)
    if found is not None and at - found.found_at < _KEPT:
        return found
    metadata = await ask("GET", provider.issuer.rstrip("/") + _WELL_KNOWN, policy=policy)
    if metadata.get("issuer") != provider.issuer:
        raise Malformed("provider_issuer", "The provider calls itself {issuer}.", issuer=str(metadata.get("issuer")))
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        destination(str(metadata.get(name, "")), policy)
    known = Known(metadata, await _keys(metadata, policy=policy), at, at)
    _known[provider.issuer] = known
    return known


def address_to_ask(
    known: Known, provider: IdentityProvider, *, back: str, state: str, nonce: str, verifier: str
) -> str:
    """Where the browser goes to sign in."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": "openid profile email",
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    endpoint = str(known.metadata["authorization_endpoint"])
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"


async def redeem(
    provider: IdentityProvider, *, code: str, verifier: str, nonce: str, back: str, policy: OutboundPolicy, at: datetime
) -> Vouched:
    """Exchange the code for the ID token and judge it. Raises Unauthenticated for one that does not hold."""
    known = await discover(provider, policy=policy, at=at)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    secret = provider.secret()
    if secret is None:
        form["client_id"] = provider.client_id
    else:
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"  # RFC 6749 §2.3.1
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    answer = await ask(
        "POST",
        str(known.metadata["token_endpoint"]),
        policy=policy,
        headers=headers,
        content=urlencode(form).encode(),
    )
    raw = answer.get("id_token")
    if not isinstance(raw, str):
        raise _refused("there is no ID token")
    try:
        token = await _decoded(known, provider, raw, policy=policy, at=at)
    except (JoseError, ValueError) as wrong:
        raise _refused(f"{type(wrong).__name__}") from wrong
    return vouched_by(provider, token.claims, token.header, nonce=nonce, access_token=answer.get("access_token"), at=at)


def vouched_by(
    provider: IdentityProvider,
    claims: Mapping[str, Any],
    header: Mapping[str, Any],
    *,
    nonce: str,
    access_token: object,
    at: datetime,
) -> Vouched:
    """Judge the claims of an ID token whose signature holds (OpenID Connect Core 1.0 §3.1.3.7)."""
    must: dict[str, Any] = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True, "value": nonce},
    }
    params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
    try:
        CodeIDToken(dict(claims), dict(header), must, params).validate(int(at.timestamp()), _LEEWAY_SECONDS)
    except JoseError as wrong:
        raise _refused(str(wrong)) from wrong
    if at.timestamp() - claims["iat"] > _OLDEST_TOKEN.total_seconds():
        raise _refused("it was issued too long ago")
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != provider.client_id:
        raise _refused("it is for several and was not issued to us")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise _refused("it names nobody")
    _demand_domain(provider, claims)
    acr, amr = claims.get("acr"), claims.get("amr") or ()
    return Vouched(
        provider.issuer,
        subject,
        acr if isinstance(acr, str) else None,
        tuple(one for one in amr if isinstance(one, str)),
        _organisations(provider, claims),
    )


def _demand_domain(provider: IdentityProvider, claims: Mapping[str, Any]) -> None:
    """Where domains are named, the provider must have verified an address of one of them."""
    if not provider.email_domains:
        return
    address = claims.get("email")
    domain = address.rpartition("@")[2].lower() if isinstance(address, str) else ""
    if claims.get("email_verified") is not True or domain not in provider.email_domains:
        raise _refused("the address is not verified or of another domain")


def _organisations(provider: IdentityProvider, claims: Mapping[str, Any]) -> frozenset[UUID]:
    if provider.organisation_claim is None:
        return provider.may_vouch_for
    said = claims.get(provider.organisation_claim)
    values = said if isinstance(said, list) else [said]
    known = provider.organisation_values
    found = frozenset(known[value] for value in values if isinstance(value, str) and value in known)
    if not found:
        raise _refused("it names no organisation of this platform")
    return found


async def _decoded(
    known: Known, provider: IdentityProvider, raw: str, *, policy: OutboundPolicy, at: datetime
) -> jwt.Token:
    try:
        return jwt.decode(raw, known.keys, algorithms=list(provider.algorithms))
    except (JoseError, ValueError):
        # The provider may have changed its keys; whoever sends nonsense must not make us ask all the time.
        if at - known.keys_found_at < _KEYS_ASKED_EVERY:
            raise
        known.keys, known.keys_found_at = await _keys(known.metadata, policy=policy), at
        return jwt.decode(raw, known.keys, algorithms=list(provider.algorithms))


async def _keys(metadata: Mapping[str, Any], *, policy: OutboundPolicy) -> KeySet:
    document = await ask("GET", str(metadata["jwks_uri"]), policy=policy)
    # A shared secret among public keys would let anybody who reads them sign.
    public = [key for key in document.get("keys", []) if isinstance(key, dict) and key.get("kty") != "oct"]
    try:
        return KeySet.import_key_set({"keys": public})
    except (JoseError, ValueError, TypeError, KeyError) as wrong:
        raise Malformed("provider_keys", "The keys of the provider cannot be read.") from wrong


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated("provider_refused", REFUSED, why=why)
