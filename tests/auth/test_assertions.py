"""Assertions of systems: which keys are taken, which signatures, and what each claim must say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwk, jwt

from wastetrack.auth import assertions
from wastetrack.auth.assertions import AssertionWrong
from wastetrack.ids import new_id

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CLIENT = new_id()
ISSUER, TOKEN = "https://waste.example", "https://waste.example/api/v1/oauth/token"
KEYS: dict[str, jwk.Key] = {
    "ES256": jwk.generate_key("EC", "P-256"),
    "EdDSA": jwk.generate_key("OKP", "Ed25519"),
    "PS256": jwk.generate_key("RSA", 2048),
    "RS256": jwk.generate_key("RSA", 2048),
}


STRANGE = jwk.generate_key("EC", "P-256")


def public(algorithm: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  members of a JWK
    return dict(KEYS[algorithm].as_dict(private=False)) | more


def claims(**changes: object) -> dict[str, Any]:
    now = int(AT.timestamp())
    said: dict[str, Any] = {
        "iss": str(CLIENT),
        "sub": str(CLIENT),
        "aud": TOKEN,
        "iat": now,
        "exp": now + 60,
        "jti": str(new_id()),
    }
    said |= changes
    return {name: value for name, value in said.items() if value is not None}


def signed(algorithm: str, said: dict[str, Any] | None = None, *, key: Any = None, **header: Any) -> str:  # noqa: ANN401  keys are of many kinds
    return jwt.encode(
        {"alg": algorithm, **header}, claims() if said is None else said, key or KEYS[algorithm], algorithms=[algorithm]
    )


def kept(*keys: dict[str, Any]) -> dict[str, Any]:
    read, broken = assertions.read_jwks("jwks", {"keys": list(keys)})
    assert broken == []
    return read


def verified(assertion: str, jwks: dict[str, Any]) -> assertions.Spent:
    return assertions.verify(assertion, jwks, client_id=CLIENT, audiences=(ISSUER, TOKEN), at=AT)


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("algorithm", assertions.ALGORITHMS)
def test_each_algorithm_verifies_with_its_key(algorithm: str) -> None:
    said = claims()
    spent = verified(signed(algorithm, said), kept(public(algorithm)))
    assert spent.expires_at == AT + timedelta(seconds=60) + assertions.LEEWAY
    assert len(spent.jti_hash) == 32
    again = verified(signed(algorithm, said), kept(public(algorithm)))
    assert again.jti_hash == spent.jti_hash


def test_the_key_is_chosen_by_its_name() -> None:
    old, new = jwk.generate_key("EC", "P-256", {"kid": "2025"}), jwk.generate_key("EC", "P-256", {"kid": "2026"})
    jwks = kept(dict(old.as_dict(private=False)), dict(new.as_dict(private=False)))
    verified(signed("ES256", key=old, kid="2025"), jwks)
    verified(signed("ES256", key=new, kid="2026"), jwks)
    for key, kid in ((old, "2026"), (new, "2027")):
        with pytest.raises(AssertionWrong):
            verified(signed("ES256", key=key, kid=kid), jwks)
    with pytest.raises(AssertionWrong):
        verified(signed("ES256", key=new), jwks)


@pytest.mark.parametrize(
    "forged",
    [
        lambda: signed("ES256", key=jwk.generate_key("EC", "P-256")),
        lambda: signed("PS256"),
        lambda: "eyJhbGciOiJub25lIn0." + signed("ES256").split(".")[1] + ".",
        lambda: jwt.encode({"alg": "HS256"}, claims(), jwk.import_key({"kty": "oct", "k": public("ES256")["x"]})),
        lambda: jwt.encode({"alg": "ES384"}, claims(), jwk.generate_key("EC", "P-384"), algorithms=["ES384"]),
        lambda: signed("ES256", key=STRANGE, jwk=dict(STRANGE.as_dict(private=False))),
        lambda: signed("ES256")[:-4] + "AAAA",
        lambda: "a.b.c",
        lambda: "",
        lambda: signed("ES256").rsplit(".", 1)[0] + ".",
    ],
    ids=["another key", "another kind", "none", "HMAC", "ES384", "own key", "cut", "nonsense", "empty", "unsigned"],
)
def test_a_forgery_is_refused(forged: Any) -> None:  # noqa: ANN401  a way to make one
    with pytest.raises(AssertionWrong):
        verified(forged(), kept(public("ES256")))


NOW = int(AT.timestamp())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": str(new_id())}, "iss"),
        ({"sub": str(new_id())}, "sub"),
        ({"iss": None}, "iss"),
        ({"aud": "https://other.example"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [TOKEN, "https://other.example"]}, "aud"),
        ({"aud": [["x"]]}, "aud"),
        ({"aud": ISSUER + "/"}, "aud"),
        ({"exp": None}, "exp"),
        ({"exp": str(NOW + 60)}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": 10**400}, "exp"),
        ({"exp": NOW - 30}, "over"),
        ({"exp": NOW + 331}, "far"),
        ({"iat": NOW + 31}, "iat"),
        ({"nbf": NOW + 31}, "nbf"),
        ({"nbf": "soon"}, "nbf"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 5}, "jti"),
        ({"jti": "x" * 256}, "jti"),
    ],
)
def test_each_claim_must_be_right(changes: dict[str, object], reason: str) -> None:
    said = claims(**changes)
    assert reason in assertions.why_not(said, client_id=CLIENT, audiences=(ISSUER, TOKEN), at=AT)
    if "exp" not in changes or (isinstance(changes["exp"], int | str | None) and changes["exp"] != 10**400):
        with pytest.raises(AssertionWrong, match=reason):
            verified(signed("ES256", said), kept(public("ES256")))


@pytest.mark.parametrize(
    "changes",
    [{"aud": ISSUER}, {"aud": [TOKEN]}, {"exp": NOW + 330}, {"exp": NOW - 29}, {"iat": None}, {"nbf": NOW + 30}],
)
def test_the_edges_of_the_claims_hold(changes: dict[str, object]) -> None:
    assert assertions.why_not(claims(**changes), client_id=CLIENT, audiences=(ISSUER, TOKEN), at=AT) == ""


def test_only_public_members_are_kept_and_each_key_has_a_name() -> None:
    read = kept(public("ES256", use="sig", alg="ES256", colour="red"), public("EdDSA", kid="mine"))
    assert [sorted(key) for key in read["keys"]] == [["crv", "kid", "kty", "x", "y"], ["crv", "kid", "kty", "x"]]
    assert read["keys"][0]["kid"] == KEYS["ES256"].thumbprint()
    assert read["keys"][1]["kid"] == "mine"


EC = public("ES256")
SMALL_RSA = {
    "kty": "RSA",
    "e": "AQAB",
    "n": "v9smiZYsXdS6JxjbvNnlhEZK4VVlGFjmcIB-6GFoBGUeQXvbFLSQxK2tAynxKMUexmOG_L_vqLtBSfKsNXcJxVBcZGJ4cQNj-TC6nJgcTSXJ"
    "FHD6rrXQY0FWqGFkTnCmZ3ktKGTSFf_A7SOxBo3JgGfPQH1VnJUVvzPYjrJ5K2s",
}


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (dict(KEYS["ES256"].as_dict(private=True)), "jwk_private"),
        ({"kty": "oct", "k": "AAAA"}, "jwk_private"),
        ({"kty": "oct"}, "jwk_kind"),
        ({}, "jwk_kind"),
        ({"kty": ["EC"]}, "jwk_kind"),
        (EC | {"crv": "P-384"}, "jwk_kind"),
        (EC | {"use": "enc"}, "jwk_kind"),
        ({"kty": "OKP", "crv": "X25519", "x": "AAAA"}, "jwk_kind"),
        (EC | {"alg": "HS256"}, "jwk_alg"),
        (EC | {"x": EC["y"]}, "jwk_unreadable"),
        (EC | {"x": "!"}, "jwk_unreadable"),
        (EC | {"x": None}, "jwk_unreadable"),
        (EC | {"y": 7}, "jwk_unreadable"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "jwk_unreadable"),
        ({"kty": "OKP", "crv": "Ed25519"}, "jwk_unreadable"),
        (SMALL_RSA, "jwk_rsa_size"),
        ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "jwk_unreadable"),
        (EC | {"kid": ""}, "jwk_kid"),
        (EC | {"kid": 7}, "jwk_kid"),
    ],
)
def test_a_key_that_will_not_do_is_refused_with_its_reason(key: dict[str, Any], code: str) -> None:
    _, broken = assertions.read_jwks("jwks", {"keys": [public("EdDSA"), key]})
    assert [(rule.field, rule.code) for rule in broken] == [("jwks.keys.1", code)]


@pytest.mark.parametrize("document", [None, [], {}, {"keys": []}, {"keys": {}}, {"keys": ["x"]}, {"keys": [EC] * 6}])
def test_what_is_no_key_set_is_refused(document: object) -> None:
    _, broken = assertions.read_jwks("jwks", document)
    assert [rule.code for rule in broken] == ["jwks_form"]


def test_two_keys_of_one_name_are_refused() -> None:
    _, broken = assertions.read_jwks("jwks", {"keys": [public("ES256", kid="a"), public("EdDSA", kid="a")]})
    assert [rule.code for rule in broken] == ["jwks_kid_twice"]


def test_an_assertion_says_who_it_is_from_before_it_is_believed() -> None:
    assert assertions.client_named_by(signed("ES256")) == str(CLIENT)
    assert assertions.client_named_by(signed("ES256", {"sub": 5})) == ""
    for nonsense in ("", "a.b.c", "x" * 9000, "签.名.呢", signed("ES256").split(".", 1)[0]):
        with pytest.raises(AssertionWrong):
            assertions.client_named_by(nonsense)
