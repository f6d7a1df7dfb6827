"""An event as the bytes that are hashed, signed for and kept for ever: canonical JSON (RFC 8785) with a version.

The bytes of each version are fixed by a test vector. Version 1 is an event that the server alone reports. Version 2 is
one that somebody signed: it bears his `evidence`, over the *statement* of the event, and keeps apart what the server
alone gives (`given`: the number of a manifest at its filing). A leaf can
never be erased, so the personal part of an event enters it only as a salted digest; salt and text stay in a table
where they can be erased, and whoever holds them can show that they are what the leaf speaks of.

Numbers are integers that every JSON reader keeps exactly (below 2^53); a float anywhere is refused. Times are UTC
with six decimals. Masses are grams.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

import rfc8785

from wastetrack.transparency.errors import LeafRefused
from wastetrack.transparency.hashing import HASH_BYTES

REPORTED, SIGNED = 1, 2
VERSIONS = (REPORTED, SIGNED)
DOMAIN = "wastetrack statement"
"""Stands in every statement, so that its signature can be taken for nothing else."""
SALT_BYTES = 32

_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELDS = frozenset({"v", "id", "kind", "subjects", "happened_at", "recorded_at", "facts", "postings", "personal"})
_SIGNED_FIELDS = _FIELDS | {"given", "evidence"}
_POSTING_FIELDS = frozenset({"account", "code", "g"})
_MOST_EXACT = 2**53 - 1
_LONGEST_KIND = 64
_DEEPEST = 16


class Posting(NamedTuple):
    """A mass moved into (positive) or out of (negative) an account, as the leaf tells it."""

    account: str
    waste_code: str
    amount_g: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to waste. Its subjects are the things under whose history it shall be found.

    `personal` holds what must be erasable (names, telephone numbers, plates of persons); it is None or not empty.
    `given` is what only the server could know, and `evidence` how somebody put his name to the rest: version 2.
    """

    id: UUID
    kind: str
    subjects: tuple[UUID, ...]
    happened_at: datetime
    recorded_at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
    postings: tuple[tuple[str, str, int], ...] = ()
    personal: Mapping[str, object] | None = None
    v: int = REPORTED
    given: Mapping[str, object] = field(default_factory=dict)
    evidence: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the log keeps of an event. `personal` is the digest of the personal part, or None if there was none."""

    id: UUID
    kind: str
    subjects: tuple[UUID, ...]
    happened_at: datetime
    recorded_at: datetime
    facts: Mapping[str, object]
    postings: tuple[Posting, ...]
    personal: bytes | None
    v: int = REPORTED
    given: Mapping[str, object] = field(default_factory=dict)
    evidence: Mapping[str, object] | None = None

    @property
    def told(self) -> dict[str, object]:
        """The facts, whoever they come from."""
        return {**self.facts, **self.given}


def leaf_of(event: Event, *, salt: bytes | None = None) -> Leaf:
    """The leaf of an event; a salt of 32 random bytes is needed exactly when there is a personal part."""
    if (salt is None) != (event.personal is None):
        _refuse("leaf.salt", "A salt belongs to a personal part, and to nothing else.")
    return Leaf(
        id=event.id,
        kind=event.kind,
        subjects=tuple(event.subjects),
        happened_at=event.happened_at,
        recorded_at=event.recorded_at,
        facts=event.facts,
        postings=tuple(Posting(*posting) for posting in event.postings),
        personal=None if salt is None else personal_digest(salt, personal_bytes(event.personal)),
        v=event.v,
        given=event.given,
        evidence=event.evidence,
    )


def personal_bytes(personal: object) -> bytes:
    """The canonical bytes of a personal part."""
    if not isinstance(personal, dict) or not personal:
        _refuse("leaf.personal", "A personal part is an object with at least one entry.")
    _check_json(personal, "personal")
    return rfc8785.dumps(personal)


def personal_digest(salt: bytes, personal: bytes) -> bytes:
    """What the leaf says of a personal part: SHA-256 over the salt and the canonical bytes."""
    if len(salt) != SALT_BYTES:
        _refuse("leaf.salt", "A salt is 32 bytes long.")
    return sha256(salt + personal).digest()


def write(leaf: Leaf) -> bytes:
    """The canonical bytes. Refuses what could not be read back as the same leaf."""
    if not _KIND.fullmatch(leaf.kind) or len(leaf.kind) > _LONGEST_KIND:
        _refuse("leaf.kind", "{value} is not the name of a kind of event.", value=leaf.kind)
    if len(set(leaf.subjects)) != len(leaf.subjects):
        _refuse("leaf.subjects", "A subject is named twice.")
    if leaf.personal is not None and len(leaf.personal) != HASH_BYTES:
        _refuse("leaf.personal", "The digest of the personal part is 32 bytes long.")
    if not isinstance(leaf.facts, dict):
        _refuse("leaf.facts", "Facts are an object.")
    _check_json(leaf.facts, "facts")
    tree: dict[str, Any] = {**_signed_part(leaf), "recorded_at": write_instant(leaf.recorded_at)}
    return rfc8785.dumps(tree | _server_part(leaf))


def statement_of(leaf: Leaf) -> bytes:
    """What is signed of a leaf of version 2: all of it but the time of recording, what the server alone gives, and the
    evidence itself; in canonical bytes, under a tag of their own."""
    if leaf.v != SIGNED:
        _refuse("leaf.version", "Leaves of version {value} are not known here.", value=repr(leaf.v))
    return rfc8785.dumps({**_signed_part(leaf), "statement": DOMAIN})


def _signed_part(leaf: Leaf) -> dict[str, Any]:
    return {
        "v": leaf.v,
        "id": str(leaf.id),
        "kind": leaf.kind,
        "subjects": [str(subject) for subject in leaf.subjects],
        "happened_at": write_instant(leaf.happened_at),
        "facts": leaf.facts,
        "postings": [_write_posting(posting) for posting in leaf.postings],
        "personal": None if leaf.personal is None else leaf.personal.hex(),
    }


def _server_part(leaf: Leaf) -> dict[str, Any]:
    """The two fields of version 2; version 1 must not have anything to put there."""
    if leaf.v == REPORTED and not leaf.given and leaf.evidence is None:
        return {}
    if leaf.v != SIGNED:
        _refuse("leaf.version", "Leaves of version {value} are not known here.", value=repr(leaf.v))
    if not isinstance(leaf.given, dict) or not leaf.given.keys().isdisjoint(leaf.facts):
        _refuse("leaf.given", "What the server gives is an object, and repeats no fact.")
    if leaf.evidence is not None and not (isinstance(leaf.evidence, dict) and leaf.evidence):
        _refuse("leaf.evidence", "Evidence is null or an object with at least one entry.")
    _check_json(leaf.given, "given")
    _check_json(leaf.evidence, "evidence")
    return {"given": leaf.given, "evidence": leaf.evidence}


def read(data: bytes) -> Leaf:
    """The leaf that these bytes are. Refuses unknown versions and anything but the one canonical form."""
    try:
        tree = json.loads(data.decode(), parse_float=_refuse_number, parse_constant=_refuse_number)
    except LeafRefused:
        raise
    except (ValueError, RecursionError) as error:
        raise LeafRefused("leaf.not_json", "These bytes are not JSON: {why}.", why=str(error)) from error
    if not isinstance(tree, dict):
        _refuse("leaf.shape", "A leaf is a JSON object.")
    if type(tree.get("v")) is not int or tree["v"] not in VERSIONS:
        _refuse("leaf.version", "Leaves of version {value} are not known here.", value=repr(tree.get("v")))
    fields = _FIELDS if tree["v"] == REPORTED else _SIGNED_FIELDS
    if tree.keys() != fields:
        _refuse("leaf.shape", "A leaf has other fields: {value}.", value=sorted(tree.keys() ^ fields))
    leaf = Leaf(
        id=read_uuid(tree["id"]),
        kind=_text(tree["kind"], "kind"),
        subjects=tuple(read_uuid(subject) for subject in _list(tree["subjects"], "subjects")),
        happened_at=read_instant(tree["happened_at"]),
        recorded_at=read_instant(tree["recorded_at"]),
        facts=tree["facts"],
        postings=tuple(_read_posting(posting) for posting in _list(tree["postings"], "postings")),
        personal=None if tree["personal"] is None else _read_digest(tree["personal"]),
        v=tree["v"],
        given=tree.get("given", {}),
        evidence=tree.get("evidence"),
    )
    if write(leaf) != data:
        _refuse("leaf.not_canonical", "The bytes are not the canonical form (RFC 8785) of their content.")
    return leaf


def write_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with six decimals, e.g. 2026-11-23T07:20:07.123456Z. Refuses a time without a zone."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        _refuse("leaf.naive_time", "{value} has no time zone.", value=instant.isoformat())
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_instant(text: object) -> datetime:
    """The instant that `write_instant` printed."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        _refuse("leaf.time", "{value} is not an instant in UTC with six decimals.", value=repr(text))
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise LeafRefused("leaf.time", "{value} is not an instant.", value=text) from error


def read_uuid(text: object) -> UUID:
    """An identifier in its one printed form: small letters, hyphens."""
    try:
        value = UUID(text) if isinstance(text, str) else None
    except ValueError:
        value = None
    if value is None or str(value) != text:
        _refuse("leaf.id", "{value} is not an identifier in small letters with hyphens.", value=repr(text))
    return value


def _write_posting(posting: Posting) -> dict[str, str | int]:
    if type(posting.amount_g) is not int or not 0 < abs(posting.amount_g) <= _MOST_EXACT:
        _refuse("leaf.posting", "A posting of {value} g cannot be written.", value=repr(posting.amount_g))
    named: tuple[tuple[str, object], ...] = (("account", posting.account), ("code", posting.waste_code))
    for name, text in named:
        if not isinstance(text, str) or not text:
            _refuse("leaf.posting", "A posting needs its {name}.", name=name)
        _check_text(text, name)
    return {"account": posting.account, "code": posting.waste_code, "g": posting.amount_g}


def _read_posting(tree: object) -> Posting:
    if not isinstance(tree, dict) or tree.keys() != _POSTING_FIELDS:
        _refuse("leaf.posting", "A posting has account, code and g.")
    return Posting(tree["account"], tree["code"], tree["g"])


def _read_digest(text: object) -> bytes:
    if not isinstance(text, str) or not _HEX_DIGEST.fullmatch(text):
        _refuse("leaf.personal", "The digest of the personal part is 64 hexadecimal digits.")
    return bytes.fromhex(text)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        _refuse("leaf.shape", "{name} is text.", name=name)
    return value


def _list(value: object, name: str) -> list[object]:
    if not isinstance(value, list):
        _refuse("leaf.shape", "{name} is a list.", name=name)
    return value


def _check_json(value: object, path: str, depth: int = 0) -> None:
    """Refuse whatever would not come back as it went in, however deep it stands."""
    if depth > _DEEPEST:
        _refuse("leaf.too_deep", "{path} is nested too deeply.", path=path)
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                _refuse("leaf.key", "{path} has a key that is not text.", path=path)
            _check_text(key, path)
            _check_json(inner, f"{path}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            _check_json(inner, f"{path}[{place}]", depth + 1)
    else:
        _check_scalar(value, path)


def _check_scalar(value: object, path: str) -> None:
    """Refuse floats, integers that JSON readers would round, unknown types, characters that cannot be stored."""
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, int):
        if abs(value) > _MOST_EXACT:
            _refuse("leaf.number", "{path}: {value} is too great to be exact in JSON.", path=path, value=value)
    elif isinstance(value, float):
        _refuse("leaf.float", "{path}: {value} is a float; write whole units.", path=path, value=value)
    elif value is not None:
        _refuse("leaf.type", "{path}: {type} cannot be written.", path=path, type=type(value).__name__)


def _check_text(text: str, path: str) -> None:
    # PostgreSQL keeps no U+0000 in text or jsonb, and half a surrogate pair has no bytes in UTF-8.
    if "\x00" in text or (not text.isascii() and _SURROGATE.search(text)):
        _refuse("leaf.text", "{path} holds a character that cannot be stored.", path=path)


def _refuse_number(text: str) -> NoReturn:
    _refuse("leaf.float", "{value} is not a whole number.", value=text)


def _refuse(code: str, message: str, **facts: object) -> NoReturn:
    raise LeafRefused(code, message, **facts)
