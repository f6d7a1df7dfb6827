"""Signed notes and their keys, as the C2SP specification signed-note describes them, with Ed25519 only.

A note is text, a blank line, and signature lines "— name base64(key id ‖ signature)". Tools that read checkpoints of
Go's checksum database or of Sigstore read ours. The verifier key is printed as name+key id+base64(0x01 ‖ public key).
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wastetrack.transparency.errors import NoteRefused

SEED_BYTES = 32
_ED25519 = b"\x01"
_PUBLIC_KEY_BYTES = 32
_KEY_ID_BYTES = 4
_SIGNATURE_BYTES = 64
_MOST_SIGNATURES = 64
_NAME = re.compile(r"[^\s+]+")
_KEY_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True)
class Verifier:
    """A name and the public key that signs for it."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or _CONTROL.search(self.name):
            _refuse("note.name", "{name} cannot be the name of a key: no spaces, no plus sign.", name=repr(self.name))
        if len(self.public_key) != _PUBLIC_KEY_BYTES:
            _refuse("note.public_key", "An Ed25519 public key is 32 bytes long.")

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart; a label, no protection."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{write_base64(_ED25519 + self.public_key)}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read name+key id+key. Refuses other algorithms and a key id that is not the key's."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):  # noqa: PLR2004  name, id, key
            _refuse("note.verifier_key", "A verifier key reads name+id+key.")
        name, key_id, key = parts[0], parts[1], read_base64(parts[2])
        if key[:1] != _ED25519:
            _refuse("note.algorithm", "Only Ed25519 keys are known here.")
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != key_id:
            _refuse("note.key_id", "The key has the id {found}, not {told}.", found=verifier.key_id.hex(), told=key_id)
        return verifier

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether this key made this signature of the text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A name and the private key that signs for it. Never printed."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            _refuse("note.seed", "An Ed25519 seed is 32 bytes long.")
        _ = self.verifier  # refuses a bad name at birth

    @cached_property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    def signature(self, text: str) -> bytes:
        """The 64 bytes of the signature; the same for the same text always."""
        return self._key.sign(text.encode())

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def sign(text: str, signer: Signer) -> str:
    """The text as a note with one signature."""
    _check_text(text)
    return f"{text}\n— {signer.name} {write_base64(signer.verifier.key_id + signer.signature(text))}\n"


def open_note(note: str, verifier: Verifier) -> str:
    """The text of a note that this key has signed. Signatures by other keys are passed over, as the format asks."""
    if _CONTROL.search(note):
        _refuse("note.control_character", "A note holds no control characters but newlines.")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        _refuse("note.shape", "A note is text, a blank line and signature lines.")
    text += "\n"
    lines = signatures[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        _refuse("note.signatures", "A note with {count} signatures is not read.", count=len(lines))
    ours = [signature for line in lines if (signature := _signature_of(line, verifier)) is not None]
    if not ours:
        _refuse("note.not_signed", "No signature is by {name} with this key.", name=verifier.name)
    for signature in ours:
        if not verifier.verify(text, signature):
            _refuse(
                "note.signature_wrong",
                "The signature of {name} does not belong to this text.",
                name=verifier.name,
                text=text,
                signature=signature.hex(),
            )
    return text


def write_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode()


def read_base64(text: str) -> bytes:
    """Strictly the one text that `write_base64` gives for these bytes; stray bits and other alphabets are refused."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused("note.base64", "This is not base64: {why}.", why=str(error)) from error
    if write_base64(data) != text:
        _refuse("note.base64", "This base64 has stray bits at its end.")
    return data


def _signature_of(line: str, verifier: Verifier) -> bytes | None:
    """The signature on this line if it claims to be by this key."""
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        _refuse("note.shape", "This is not a signature line: {line}.", line=line)
    data = read_base64(match[2])
    if match[1] != verifier.name or data[:_KEY_ID_BYTES] != verifier.key_id:
        return None
    if len(data) != _KEY_ID_BYTES + _SIGNATURE_BYTES:
        _refuse("note.signature_length", "An Ed25519 signature is 64 bytes long.")
    return data[_KEY_ID_BYTES:]


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        _refuse("note.text", "The text of a note ends with a newline and holds no other control characters.")


def _refuse(code: str, message: str, **facts: object) -> NoReturn:
    raise NoteRefused(code, message, **facts)
