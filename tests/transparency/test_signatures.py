"""What a third party can tell of who signed, from a bundle alone: true ones pass, each kind of lie is named.

Whoever holds the log's own key could put anything into the tree; so these bundles are in order as far as the tree
goes, and only the evidence gives a lie away.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.support.soft_passkey import SoftPasskey
from tests.transparency.bundles import KEY, made
from tests.transparency.histories import event, event_id
from tests.transparency.signed import (
    SYSTEM_ID,
    by_passkey,
    by_system,
    by_word,
    enrolment,
    system_enrolment,
    unsigned,
)
from wastetrack.reports import bundle
from wastetrack.reports.bundle_checks import Verdict
from wastetrack.transparency.leaf import Event

HERS, OTHERS = SoftPasskey(), SoftPasskey()
Flaw = Callable[[], Sequence[Event]]


def verdict_of(*events: Event) -> Verdict:
    return bundle.verify(made(events), KEY)


def sentences(verdict: Verdict) -> list[str]:
    return [check.sentence() for check in verdict.checks if check.name == "signature"]


@pytest.mark.parametrize(
    ("passkey", "algorithm"),
    [
        (HERS, "ES256"),
        (SoftPasskey(ed25519.Ed25519PrivateKey.generate()), "EdDSA"),
        (SoftPasskey(rsa.generate_private_key(public_exponent=65537, key_size=2048)), "RS256"),
    ],
    ids=["ES256", "EdDSA", "RS256"],
)
def test_a_passkey_is_verified_offline(passkey: SoftPasskey, algorithm: str) -> None:
    verdict = verdict_of(enrolment(1, passkey), by_passkey(unsigned(2), passkey))
    assert verdict.holds, verdict.first_wrong
    assert sentences(verdict) == [f"Signed with the passkey {passkey.key_id} ({algorithm}); the signature holds."]


def test_a_systems_key_is_verified_offline() -> None:
    verdict = verdict_of(system_enrolment(1), by_system(unsigned(2)))
    assert verdict.holds, verdict.first_wrong
    assert sentences(verdict) == [f"Signed with the system_key {SYSTEM_ID} (Ed25519); the signature holds."]


@pytest.mark.parametrize("kind", ["password", "totp", "recovery_code", "driver_link"])
def test_where_only_the_server_vouches_the_verifier_says_so(kind: str) -> None:
    verdict = verdict_of(by_word(unsigned(2), kind))
    assert verdict.holds
    [sentence] = sentences(verdict)
    assert "the server's word alone" in sentence


def test_what_a_signed_event_brings_about_needs_no_signature_of_its_own() -> None:
    cause = by_word(unsigned(2, "manifest_rejected", given={"followed_by": [str(event_id(3))]}))
    effect = unsigned(3, "manifest_sent_back", evidence={"kind": "follows", "event": str(cause.id)})
    assert verdict_of(cause, effect).holds
    assert sentences(verdict_of(effect)) == [f"Brought about by event {cause.id}, which is not in this bundle."]
    stranger = replace(cause, given={"followed_by": [str(event_id(4))]})
    assert wrong_of(stranger, effect) == (1, "bundle.not_followed")


def wrong_of(*events: Event) -> tuple[int, str | None]:
    wrong = verdict_of(*events).first_wrong
    assert wrong is not None
    return wrong.place, wrong.check.code


SIGNED_BY_HER = by_passkey(unsigned(2), HERS)


def forged(**evidence: object) -> Sequence[Event]:
    assert SIGNED_BY_HER.evidence is not None
    return (enrolment(1, HERS), replace(SIGNED_BY_HER, evidence={**SIGNED_BY_HER.evidence, **evidence}))


def swapped(passkey: SoftPasskey, *, told: SoftPasskey = HERS) -> Sequence[Event]:
    """Signed with another key under the name of hers."""
    other = by_passkey(unsigned(2), passkey)
    assert other.evidence is not None
    return (enrolment(1, HERS), replace(other, evidence={**other.evidence, "key_id": str(told.key_id)}))


FLAWS: dict[str, tuple[Flaw, str]] = {
    "another day": (
        lambda: (enrolment(1, HERS), replace(SIGNED_BY_HER, happened_at=SIGNED_BY_HER.recorded_at)),
        "evidence.other_event",
    ),
    "another kind": (
        lambda: (enrolment(1, HERS), replace(SIGNED_BY_HER, kind="manifest_arrived")),
        "evidence.other_event",
    ),
    "another fact": (lambda: (enrolment(1, HERS), replace(SIGNED_BY_HER, facts={"leg": 2})), "evidence.other_event"),
    "another name": (
        lambda: (enrolment(1, HERS), replace(SIGNED_BY_HER, personal={"name": "赵敏"})),
        "evidence.other_event",
    ),
    "no evidence": (lambda: (enrolment(1, HERS), unsigned(2)), "bundle.unsigned"),
    "signature of another event": (
        lambda: forged(signature=by_passkey(unsigned(3), HERS).evidence["signature"]),  # type: ignore[index]
        "evidence.signature",
    ),
    "signature that is none": (lambda: forged(signature="AAAA"), "evidence.signature"),
    "signature in two forms": (lambda: forged(signature="AAAA=="), "evidence.encoding"),
    "another field": (lambda: forged(comment="all well"), "evidence.shape"),
    "another kind of evidence": (lambda: forged(kind="stamp"), "evidence.kind"),
    "another site": (lambda: forged(rp_id="example"), "evidence.other_site"),
    "key never enrolled": (lambda: (event(1), by_passkey(unsigned(2), HERS)), "bundle.key_unknown"),
    "key enrolled afterwards": (lambda: (by_passkey(unsigned(2), HERS), enrolment(3, HERS)), "bundle.key_unknown"),
    "key swapped": (lambda: swapped(OTHERS), "bundle.key_differs"),
    "key revoked": (
        lambda: (
            enrolment(1, HERS),
            event(2, "signing_key_revoked", subjects=(HERS.key_id,)),
            by_passkey(unsigned(3), HERS),
        ),
        "bundle.key_revoked",
    ),
    "key enrolled twice": (
        lambda: (enrolment(1, HERS), replace(enrolment(2, OTHERS), subjects=(HERS.key_id,))),
        "bundle.key_enrolled",
    ),
    "key that is none": (lambda: forged(public_key="AAAA"), "evidence.key"),
    "nobody there": (
        lambda: (enrolment(1, HERS), by_passkey(unsigned(2), replace(HERS, flags=0x01))),
        "evidence.nobody_there",
    ),
    "made for an enrolment": (
        lambda: (enrolment(1, HERS), by_passkey(unsigned(2), HERS, type="webauthn.create")),
        "evidence.client_data",
    ),
    "asked by a page of another site": (
        lambda: (enrolment(1, HERS), by_passkey(unsigned(2), HERS, origin="https://evil.example")),
        "evidence.other_site",
    ),
    "asked from a frame of another site": (
        lambda: (enrolment(1, HERS), by_passkey(unsigned(2), HERS, crossOrigin=True)),
        "evidence.other_site",
    ),
    "authenticator of another site": (
        lambda: (
            enrolment(1, HERS),
            replace(
                by_passkey(unsigned(2), replace(HERS, rp_id="evil.example")),
                evidence={
                    **(by_passkey(unsigned(2), replace(HERS, rp_id="evil.example")).evidence or {}),
                    "rp_id": HERS.rp_id,
                },
            ),
        ),
        "evidence.other_site",
    ),
    "a system's signature of another event": (
        lambda: (system_enrolment(1), replace(by_system(unsigned(2)), evidence=by_system(unsigned(3)).evidence)),
        "evidence.signature",
    ),
    "a passkey as a system's key": (
        lambda: (enrolment(1, replace(HERS, key_id=SYSTEM_ID)), by_system(unsigned(2))),
        "bundle.key_differs",
    ),
}


@pytest.mark.parametrize(("flaw", "code"), FLAWS.values(), ids=FLAWS.keys())
def test_a_lie_about_who_signed_is_named(flaw: Flaw, code: str) -> None:
    events = flaw()
    place = len(events) - 1 if code != "bundle.key_unknown" else [one.v for one in events].index(2)
    assert wrong_of(*events) == (place, code)


def test_one_changed_byte_of_evidence_leads_out_of_the_tree() -> None:
    tree = made((enrolment(1, HERS), SIGNED_BY_HER))
    assert bundle.verify(tree, KEY).holds
    events = tree["events"]
    assert isinstance(events, list)
    at = events[1]["leaf"].index('"signature":"') + 20
    letter = events[1]["leaf"][at]
    events[1]["leaf"] = events[1]["leaf"][:at] + ("A" if letter != "A" else "B") + events[1]["leaf"][at + 1 :]
    wrong = bundle.verify(tree, KEY).first_wrong
    assert wrong is not None
    assert (wrong.place, wrong.kind) == (1, "manifest_picked_up")
