"""Keys and assertions of systems that authenticate by signing (RFC 7523, `private_key_jwt`). All JOSE is joserfc's.

A client registers the public halves inline (RFC 7517). An assertion says who it is, for whom it is meant, when it ends
and which one of many it is; it is worth something for five minutes at most and once.
"""

import dataclasses
import hashlib
import json
import warnings
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError, SecurityWarning

from wastetrack.auth import public_keys
from wastetrack.errors import Broken, Malformed

ALGORITHMS = ("ES256", "EdDSA", "PS256", "RS256")
"""No symmetric one and no `none`: whoever reads our database must not be able to sign."""
MOST_KEYS = 5
LONGEST_LIFE = timedelta(minutes=5)
LEEWAY = timedelta(seconds=30)
"""How far a client's clock may be from ours."""
LONGEST_ASSERTION = 8000
_LONGEST_JTI = 255
_SMALLEST_RSA, _LARGEST_RSA = 2048, 4096
# What is kept of a key; private and unknown members never are.
_PUBLIC = {"EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x"), "RSA": ("kty", "n", "e")}
_ALGORITHMS_OF = {"EC": ("ES256",), "OKP": ("EdDSA", "Ed25519"), "RSA": ("PS256", "RS256")}
_SECRET = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class AssertionWrong(Exception):  # noqa: N818  it is wrong; the caller is never told how, the log is
    """An assertion that proves nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Spent:
    """What must be remembered of an assertion so that it is used once."""

    jti_hash: bytes
    expires_at: datetime


def read_jwks(field: str, document: object) -> tuple[dict[str, Any], list[Broken]]:
    """The key set as it is kept, each key with a `kid`, and everything that is wrong with it."""
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS or not all(isinstance(key, dict) for key in keys):
        return {}, [
            Broken(
                field,
                "jwks_form",
                "A key set is an object with the member “keys”, a list of 1 to {most} keys (RFC 7517).",
                next_step="Send the public half of each key as a JWK.",
                facts={"most": MOST_KEYS},
            )
        ]
    kept, broken = [], []
    for place, key in enumerate(keys):
        try:
            kept.append(_read_key(key))
        except Malformed as unreadable:
            broken.append(unreadable.as_broken(f"{field}.keys.{place}", None))
    names = [key["kid"] for key in kept]
    if len(set(names)) < len(names):
        broken.append(
            Broken(
                field,
                "jwks_kid_twice",
                "Two keys have the same “kid”.",
                next_step="Give each key a name of its own; an assertion says by it which one signed.",
            )
        )
    return {"keys": kept}, broken


def _read_key(key: Mapping[str, Any]) -> dict[str, Any]:
    if _SECRET & key.keys():
        raise Malformed(
            "jwk_private", "This key contains its private half. Make a new one, and send only the public half of it."
        )
    kty = key.get("kty")
    curve = {"EC": "P-256", "OKP": "Ed25519", "RSA": None}.get(kty) if isinstance(kty, str) else None
    if not isinstance(kty, str) or kty not in _PUBLIC or key.get("crv") != curve or key.get("use", "sig") != "sig":
        raise Malformed("jwk_kind", "A key is an EC key on P-256, an Ed25519 key, or an RSA key, for signing.")
    if key.get("alg", _ALGORITHMS_OF[kty][0]) not in _ALGORITHMS_OF[kty]:
        raise Malformed("jwk_alg", "The algorithms are {algorithms}.", algorithms=", ".join(ALGORITHMS))
    public = {name: key.get(name) for name in _PUBLIC[kty]}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of small keys, which are refused below
            loaded = jwk.import_key(public)  # type: ignore[arg-type]  # whatever was sent, which it checks
        if kty == "OKP":
            public_keys.parse(str(key["x"]))
    except (JoseError, ValueError, TypeError, KeyError, Malformed) as error:
        raise Malformed("jwk_unreadable", "This key cannot be read.") from error
    if kty == "RSA" and not _SMALLEST_RSA <= loaded.public_key.key_size <= _LARGEST_RSA:  # type: ignore[union-attr]  # an RSA key
        raise Malformed(
            "jwk_rsa_size", "An RSA key has {least} to {most} bits.", least=_SMALLEST_RSA, most=_LARGEST_RSA
        )
    kid = key.get("kid", loaded.thumbprint())
    if not isinstance(kid, str) or not 0 < len(kid) <= _LONGEST_JTI:
        raise Malformed("jwk_kid", "The “kid” of a key has at most {longest} characters.", longest=_LONGEST_JTI)
    return public | {"kid": kid}


def client_named_by(assertion: str) -> str:
    """Who an assertion claims to be from; nothing is verified yet. Raises AssertionWrong."""
    if len(assertion) > LONGEST_ASSERTION:
        msg = "too long"
        raise AssertionWrong(msg)
    try:
        claims = json.loads(jws.extract_compact(assertion.encode()).payload or b"")
    except (JoseError, ValueError, RecursionError) as error:
        msg = f"not a JWT: {error}"
        raise AssertionWrong(msg) from error
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else ""


def verify(
    assertion: str, jwks: Mapping[str, Any], *, client_id: UUID, audiences: Collection[str], at: datetime
) -> Spent:
    """Check signature and claims (RFC 7523 §3). Raises AssertionWrong with what is for the log alone."""
    try:
        with warnings.catch_warnings():
            # RFC 9864 would have it called Ed25519; RFC 7523's programs say EdDSA, and only that curve is registered.
            warnings.simplefilter("ignore", SecurityWarning)
            keys = jwk.KeySet.import_key_set(jwks)  # type: ignore[arg-type]  # as read_jwks made it
            token = jwt.decode(assertion, keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        msg = f"signature or form: {error}"
        raise AssertionWrong(msg) from error
    wrong = why_not(token.claims, client_id=client_id, audiences=audiences, at=at)
    if wrong:
        raise AssertionWrong(wrong)
    jti_hash = hashlib.sha256(token.claims["jti"].encode()).digest()
    return Spent(jti_hash, datetime.fromtimestamp(token.claims["exp"], UTC) + LEEWAY)


def why_not(claims: Mapping[str, Any], *, client_id: UUID, audiences: Collection[str], at: datetime) -> str:  # noqa: PLR0911  one line per claim
    """What is wrong with the claims, for the log; empty if nothing is."""
    who = str(client_id)
    if claims.get("iss") != who or claims.get("sub") != who:
        return "iss and sub are not the client"
    # One audience: an assertion that another server would take as well could be replayed there, and from there here.
    meant = claims.get("aud")
    if isinstance(meant, list) and len(meant) == 1:
        meant = meant[0]
    if not isinstance(meant, str) or meant not in audiences:
        return "aud is not this server"
    now, leeway = at.timestamp(), LEEWAY.total_seconds()
    expires = claims.get("exp")
    if expires is None or not _is_number(expires):
        return "exp is missing"
    if now >= expires + leeway:
        return "exp is over"
    if expires > now + LONGEST_LIFE.total_seconds() + leeway:
        return "exp is too far away"
    for name in ("iat", "nbf"):
        if name in claims and not (_is_number(claims[name]) and claims[name] <= now + leeway):
            return f"{name} is in the future"
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
        return "jti is missing"
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53  # NaN is not


DUMMY_KEYS: Mapping[str, Any] = {
    "keys": [
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "nobody"},
    ]
}
"""The key of RFC 8037 Appendix A.2: what the assertion of an unknown client is checked against."""
