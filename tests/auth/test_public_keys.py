"""Ed25519 public keys in all the forms that people have."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wastetrack.auth import public_keys
from wastetrack.errors import Malformed

KEY = Ed25519PrivateKey.generate()
RAW = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
SSH = KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
FIELD = 2**255 - 19
# An element of order 8, from the curve's own equation (RFC 8032 §5.1), not from our list.
ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022


@pytest.mark.parametrize(
    "text",
    [
        base64.urlsafe_b64encode(RAW).decode().rstrip("="),
        base64.urlsafe_b64encode(RAW).decode(),
        base64.b64encode(RAW).decode(),
        PEM,
        f"  {PEM}\n\n",
        SSH,
        f"{SSH} erp@example.com",
    ],
    ids=["base64url", "padded", "base64", "PEM", "PEM with blanks", "OpenSSH", "OpenSSH with a comment"],
)
def test_each_form_is_the_same_key(text: str) -> None:
    assert public_keys.parse(text) == RAW
    assert public_keys.parse(public_keys.shown(RAW)) == RAW


RSA = rsa.generate_private_key(65537, 2048).public_key()
P256 = ec.generate_private_key(ec.SECP256R1()).public_key()


WRONG = [
    ("", "system_key_form"),
    ("nonsense", "system_key_form"),
    (base64.b64encode(RAW[:-1]).decode(), "system_key_form"),
    (base64.b64encode(RAW + b"x").decode(), "system_key_form"),
    (base64.b64encode(RAW).decode().replace(base64.b64encode(RAW).decode()[3], "!"), "system_key_form"),
    (PEM.replace("PUBLIC", "PRIVATE"), "system_key_form"),
    (PEM[:80], "system_key_form"),
    ("ssh-ed25519 AAAA", "system_key_form"),
    ("A" * 2000, "system_key_form"),
    ("钥匙", "system_key_form"),
    (RSA.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(), "system_key_kind"),
    (RSA.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "system_key_kind"),
    (P256.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), "system_key_kind"),
]


@pytest.mark.parametrize(
    ("text", "code"),
    WRONG,
    ids=[f"wrong {place}" for place, _ in enumerate(WRONG)],  # keys differ in each process
)
def test_anything_else_is_refused_with_its_reason(text: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        public_keys.parse(text)
    assert refused.value.code == code


@pytest.mark.parametrize("y", [0, 1, FIELD - 1, FIELD, FIELD + 1, ORDER_EIGHT, FIELD - ORDER_EIGHT])
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_under_which_anything_verifies_is_refused(y: int, sign: int) -> None:
    encoded = bytearray(y.to_bytes(32, "little"))
    encoded[31] |= sign << 7
    with pytest.raises(Malformed) as refused:
        public_keys.parse(base64.b64encode(encoded).decode())
    assert refused.value.code == "system_key_weak"


def test_the_number_of_order_eight_is_one() -> None:
    # -x² + y² = 1 + d x² y² and doubling twice gives order two: y² of such a point solves d y⁴ + 2 y² - 1 = 0.
    d = -121665 * pow(121666, -1, FIELD) % FIELD
    assert (d * pow(ORDER_EIGHT, 4, FIELD) + 2 * pow(ORDER_EIGHT, 2, FIELD) - 1) % FIELD == 0


def test_a_signature_fits_its_key_and_its_statement_alone() -> None:
    signature = KEY.sign(b"one drum")
    assert public_keys.fits(RAW, b"one drum", signature)
    assert not public_keys.fits(RAW, b"two drums", signature)
    assert not public_keys.fits(RAW, b"one drum", signature[:-1])
    assert not public_keys.fits(RAW, b"one drum", bytes(64))
    another = Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert not public_keys.fits(another, b"one drum", signature)


def test_a_signature_is_read_in_lines_too() -> None:
    signature = KEY.sign(b"x")
    assert public_keys.parse_signature(base64.encodebytes(signature).decode()) == signature
    assert public_keys.parse_signature(base64.urlsafe_b64encode(signature).decode()) == signature
    for wrong in ("", "abc", base64.b64encode(signature[:-1]).decode(), "签" * 86):
        with pytest.raises(Malformed) as refused:
            public_keys.parse_signature(wrong)
        assert refused.value.code == "signature_form"
