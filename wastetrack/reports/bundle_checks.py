"""What must hold for each event of an audit bundle, and the values in which the answer is given."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from wastetrack.errors import Malformed
from wastetrack.transparency import proofs, receipt
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.leaf import Leaf, Posting, personal_digest, read
from wastetrack.transparency.note import Verifier, read_base64

if TYPE_CHECKING:
    from uuid import UUID

_FIELDS = frozenset({"id", "kind", "log_index", "leaf", "proof", "personal", "receipt"})
_PERSONAL_FIELDS = frozenset({"salt", "body"})
_HEX_SALT = re.compile(r"[0-9a-f]{64}", re.ASCII)
# What a manifest carries can never be less than nothing; sources and bridges (generated, …) may be.
_ON_THE_ROAD = "in_transit@"


class BundleRefused(Malformed):
    """Something in a bundle is not as it must be; the facts are the evidence."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the verdict: what was checked, a sentence and its facts; `code` says what is wrong, None if nothing.

    `place` is that of the event in the bundle, from 0, where the line is about one.
    """

    name: str
    message: str
    facts: dict[str, object] = field(default_factory=dict)
    place: int | None = None
    code: str | None = None

    @property
    def holds(self) -> bool:
        """Nothing is wrong."""
        return self.code is None

    def sentence(self) -> str:
        """The English sentence."""
        return self.message.format(**self.facts)


@dataclass(frozen=True, slots=True)
class WrongEvent:
    """The event to look at: its place in the bundle (from 0), and what it calls itself as far as that is readable."""

    place: int
    id: str | None
    kind: str | None
    check: Check

    @classmethod
    def of(cls, place: int, event: object, check: Check) -> "WrongEvent":
        """Name an event whose shape may be wrong."""
        tree = event if isinstance(event, dict) else {}
        name, kind = tree.get("id"), tree.get("kind")
        return cls(place, name if isinstance(name, str) else None, kind if isinstance(kind, str) else None, check)


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was checked, in order, and the first wrong event if there is one."""

    checks: tuple[Check, ...]
    first_wrong: WrongEvent | None

    @property
    def holds(self) -> bool:
        """Everything is right."""
        return bool(self.checks) and all(check.holds for check in self.checks)


class EventChecks:
    """Checks events one after the other; what an event must fit to (order, masses under way) is kept from the last."""

    def __init__(self, tip: Checkpoint | None, verifier: Verifier) -> None:
        self._tip = tip
        self._verifier = verifier
        self._last_index = -1
        self._seen: set[UUID] = set()
        self._on_the_road: defaultdict[tuple[str, str], int] = defaultdict(int)

    def check(self, event: object) -> Leaf:
        """The event's leaf; raises a WastetrackError with the evidence unless this event is right."""
        tree = _shape(event)
        content = encoded(tree["leaf"], "leaf")
        leaf = read(content)
        if (str(leaf.id), leaf.kind) != (tree["id"], tree["kind"]):
            refuse_shape(
                "bundle.name_differs",
                "The bundle calls it {told_kind} {told}; its bytes say {kind} {id}.",
                told=tree["id"],
                told_kind=tree["kind"],
                id=str(leaf.id),
                kind=leaf.kind,
            )
        self._check_proof(tree, content)
        self._check_order(tree["log_index"], leaf)
        self._check_masses(leaf)
        _check_personal(tree["personal"], leaf)
        if tree["receipt"] is not None:
            self._check_receipt(tree["receipt"], leaf, content)
        return leaf

    def _check_proof(self, tree: dict[str, object], content: bytes) -> None:
        index, proof = tree["log_index"], tree["proof"]
        if type(index) is not int or not isinstance(proof, list):
            refuse_shape("bundle.shape", "log_index is a whole number and proof a list.")
        hashes = [read_base64(text_of(one, "proof")) for one in proof]
        # Without a trustworthy checkpoint there is nothing to lead to; that is told once, at the checkpoint.
        if self._tip is not None:
            proofs.verify_inclusion(
                leaf_hash=leaf_hash(content), index=index, size=self._tip.size, proof=hashes, root=self._tip.root
            )

    def _check_order(self, index: object, leaf: Leaf) -> None:
        assert isinstance(index, int)  # noqa: S101  _check_proof has seen it
        if index <= self._last_index:
            refuse_shape("bundle.order", "Index {index} stands after index {last}.", index=index, last=self._last_index)
        if leaf.id in self._seen:
            refuse_shape("bundle.twice", "The event {id} stands twice in the log.", id=str(leaf.id))
        self._last_index = index
        self._seen.add(leaf.id)

    def _check_masses(self, leaf: Leaf) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for posting in leaf.postings:
            sums[posting.waste_code] += posting.amount_g
        for code, grams in sums.items():
            if grams:
                refuse_shape(
                    "bundle.unbalanced",
                    "The postings of {waste_code} add to {grams} g, not to zero.",
                    waste_code=code,
                    grams=grams,
                    postings=[tuple(posting) for posting in leaf.postings],
                )
        for posting in leaf.postings:
            if posting.account.startswith(_ON_THE_ROAD):
                self._on_the_road[posting.account, posting.waste_code] += posting.amount_g
        for posting in leaf.postings:
            self._refuse_negative(posting)

    def _refuse_negative(self, posting: Posting) -> None:
        grams = self._on_the_road.get((posting.account, posting.waste_code), 0)
        if grams < 0:
            refuse_shape(
                "bundle.negative",
                "After this event {account} holds {grams} g of {waste_code}.",
                account=posting.account,
                grams=grams,
                waste_code=posting.waste_code,
            )

    def _check_receipt(self, tree: object, leaf: Leaf, content: bytes) -> None:
        given = receipt.read(tree)
        receipt.verify(given, self._verifier)
        promised = (given.event_id, given.leaf_hash, given.recorded_at)
        if promised != (leaf.id, leaf_hash(content), leaf.recorded_at):
            refuse_shape(
                "bundle.receipt_differs",
                "The receipt promises event {promised} with leaf hash {hash}; this event is another.",
                promised=str(given.event_id),
                hash=given.leaf_hash.hex(),
            )


def text_of(value: object, name: str) -> str:
    """A text, else refused."""
    if not isinstance(value, str):
        refuse_shape("bundle.shape", "{name} is text.", name=name)
    return value


def encoded(value: object, name: str) -> bytes:
    """The UTF-8 bytes of a text, else refused."""
    try:
        return text_of(value, name).encode()
    except UnicodeEncodeError as error:
        raise BundleRefused("bundle.shape", "{name} holds half a character.", name=name) from error


def refuse_shape(code: str, message: str, **facts: object) -> NoReturn:
    """Raise BundleRefused."""
    raise BundleRefused(code, message, **facts)


def _shape(event: object) -> dict[str, object]:
    if not isinstance(event, dict) or event.keys() != _FIELDS:
        refuse_shape("bundle.shape", "An event has the fields {fields}.", fields=sorted(_FIELDS))
    return event


def _check_personal(tree: object, leaf: Leaf) -> None:
    """An opening that is left out is right: the personal part may have been erased."""
    if tree is None:
        return
    if not isinstance(tree, dict) or tree.keys() != _PERSONAL_FIELDS:
        refuse_shape("bundle.shape", "A personal part has the fields {fields}.", fields=sorted(_PERSONAL_FIELDS))
    salt = text_of(tree["salt"], "personal.salt")
    if not _HEX_SALT.fullmatch(salt):
        refuse_shape("bundle.salt", "A salt is 64 hexadecimal digits.")
    digest = personal_digest(bytes.fromhex(salt), encoded(tree["body"], "personal.body"))
    if digest != leaf.personal:
        refuse_shape(
            "bundle.personal_differs",
            "The personal part has the digest {digest}; the event was made with {told}.",
            digest=digest.hex(),
            told=leaf.personal.hex() if leaf.personal else None,
        )
