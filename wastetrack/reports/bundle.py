"""The audit bundle: the history of a container or manifest as one file that anybody can verify without the server.

It holds, for each event in the order of the log, the exact bytes that were hashed, its place and the proof that it
stands there in the tree of a signed checkpoint; if wanted an earlier checkpoint with the proof that nothing before it
was changed, the personal parts, and the receipts. The verifier needs this file and the log's verifier key, got by
another way. The file has one event on each line, so that damage anywhere in it still leads to the event.

Pure: imports only the rules of the transparency room.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from wastetrack.errors import WastetrackError
from wastetrack.reports.bundle_checks import Check, EventChecks, Verdict, WrongEvent, refuse_shape, text_of
from wastetrack.reports.signature_checks import SignatureChecks
from wastetrack.transparency import checkpoint, proofs
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.leaf import read
from wastetrack.transparency.note import Verifier, read_base64, write_base64
from wastetrack.transparency.receipt import Receipt

VERSION = 1

_FIELDS = frozenset({"v", "origin", "verifier_key", "checkpoint", "earlier", "events"})
_EARLIER_FIELDS = frozenset({"checkpoint", "proof"})
_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')
_KIND = re.compile(rb'"kind":"([a-z0-9_.]+)"')


@dataclass(frozen=True, slots=True)
class BundleEvent:
    """One event to put in: its bytes, its place, its proof at the checkpoint's size."""

    content: bytes
    log_index: int
    proof: Sequence[bytes]
    salt: bytes | None = None
    personal: bytes | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A checkpoint that the reader may have kept, and the proof that the newer tree continues it."""

    note: str
    proof: Sequence[bytes]


def build(
    *, verifier: Verifier, note: str, events: Iterable[BundleEvent], earlier: Earlier | None = None
) -> dict[str, object]:
    """The bundle as a JSON object. Events are put in the order of the log."""
    return {
        "v": VERSION,
        "origin": verifier.name,
        "verifier_key": str(verifier),
        "checkpoint": note,
        "earlier": earlier and {"checkpoint": earlier.note, "proof": [write_base64(one) for one in earlier.proof]},
        "events": [_write_event(event) for event in sorted(events, key=lambda event: event.log_index)],
    }


def write(bundle: dict[str, object]) -> str:
    """The file: a line for everything but the events, then a line for each event."""
    events = bundle["events"]
    assert isinstance(events, list)  # noqa: S101  made by build
    head = _dump({name: value for name, value in bundle.items() if name != "events"})
    lines = ",\n".join(_dump(event) for event in events)
    return f'{head[:-1]},"events":[\n{lines}\n]}}\n'


def verify_file(data: bytes, verifier_key: str) -> Verdict:
    """Verify the bytes of a bundle file. Damaged JSON is a wrong bundle, not an error, and names the damaged event."""
    try:
        tree = _load(data)
    except (ValueError, RecursionError) as error:
        check = Check("json", "The bundle is not readable JSON: {why}", {"why": str(error)}, code="bundle.not_json")
        wrong = _damaged_line(data, check)
        return Verdict((check,) if wrong is None else (wrong.check,), wrong)
    return verify(tree, verifier_key)


def verify(bundle: object, verifier_key: str) -> Verdict:
    """Verify a bundle already read from JSON against a key that was got by another way. Never raises."""
    checks: list[Check] = []
    try:
        verifier = Verifier.parse(verifier_key)
        tree = _check_shape(bundle, verifier)
    except WastetrackError as error:
        return Verdict((_failed("bundle", error),), None)
    checks.append(Check("bundle", "The bundle is of {origin}.", {"origin": verifier.name}))
    tip = _verify_checkpoint(tree, verifier, checks)
    if tree["earlier"] is not None:
        _verify_earlier(tree["earlier"], tip, verifier, checks)
    first_wrong = _verify_events(tree["events"], tip, verifier, checks)
    return Verdict(tuple(checks), first_wrong)


def _check_shape(bundle: object, verifier: Verifier) -> dict[str, object]:
    if not isinstance(bundle, dict) or bundle.keys() != _FIELDS:
        refuse_shape("bundle.shape", "A bundle has the fields {fields}.", fields=sorted(_FIELDS))
    if type(bundle["v"]) is not int or bundle["v"] != VERSION:
        refuse_shape("bundle.version", "Bundles of version {value} are not known here.", value=repr(bundle["v"]))
    told = text_of(bundle["verifier_key"], "verifier_key"), text_of(bundle["origin"], "origin")
    if told != (str(verifier), verifier.name):
        refuse_shape(
            "bundle.other_key",
            "The bundle was made for the key {told}; you trust {trusted}.",
            told=told[0],
            trusted=str(verifier),
        )
    if not isinstance(bundle["events"], list) or not bundle["events"]:
        refuse_shape("bundle.no_events", "A bundle holds at least one event.")
    return bundle


def _verify_checkpoint(tree: dict[str, object], verifier: Verifier, checks: list[Check]) -> Checkpoint | None:
    try:
        tip = checkpoint.verify(text_of(tree["checkpoint"], "checkpoint"), verifier)
    except WastetrackError as error:
        checks.append(_failed("checkpoint", error))
        return None
    facts: dict[str, object] = {"size": tip.size, "root": tip.root.hex(), "name": verifier.name}
    checks.append(Check("checkpoint", "{name} signed the tree of {size} events with root {root}.", facts))
    return tip


def _verify_earlier(tree: object, tip: Checkpoint | None, verifier: Verifier, checks: list[Check]) -> None:
    try:
        if not isinstance(tree, dict) or tree.keys() != _EARLIER_FIELDS or not isinstance(tree["proof"], list):
            refuse_shape(
                "bundle.shape", "An earlier checkpoint has the fields {fields}.", fields=sorted(_EARLIER_FIELDS)
            )
        old = checkpoint.verify(text_of(tree["checkpoint"], "earlier.checkpoint"), verifier)
        proof = [read_base64(text_of(one, "earlier.proof")) for one in tree["proof"]]
        if tip is not None:
            proofs.verify_consistency(size1=old.size, root1=old.root, size2=tip.size, root2=tip.root, proof=proof)
    except WastetrackError as error:
        checks.append(_failed("earlier", error))
        return
    if tip is not None:
        message = "The tree of {size} events continues the earlier one of {old} unchanged."
        checks.append(Check("earlier", message, {"size": tip.size, "old": old.size}))


def _verify_events(
    events: object, tip: Checkpoint | None, verifier: Verifier, checks: list[Check]
) -> WrongEvent | None:
    assert isinstance(events, list)  # noqa: S101  the shape was checked
    run, signatures = EventChecks(tip, verifier), SignatureChecks()
    first_wrong = None
    for place, event in enumerate(events):
        name = "event"
        try:
            leaf = run.check(event)
            facts = {"place": place, "kind": event["kind"], "log_index": event["log_index"], "id": event["id"]}
            found = [Check("event", "Event {place} ({kind}, {id}) stands at index {log_index}.", facts, place)]
            name = "signature"
            shown = signatures.check(leaf)
            if shown is not None:
                found.append(Check(name, shown.message, shown.facts, place))
        except WastetrackError as error:
            found = [_failed(name, error, place)]
            first_wrong = first_wrong or WrongEvent.of(place, event, found[0])
        checks += found
    return first_wrong


def _write_event(event: BundleEvent) -> dict[str, object]:
    leaf = read(event.content)
    personal = None
    if event.salt is not None and event.personal is not None:
        personal = {"salt": event.salt.hex(), "body": event.personal.decode()}
    return {
        "id": str(leaf.id),
        "kind": leaf.kind,
        "log_index": event.log_index,
        "leaf": event.content.decode(),
        "proof": [write_base64(one) for one in event.proof],
        "personal": personal,
        "receipt": event.receipt and event.receipt.as_json(),
    }


def _damaged_line(data: bytes, check: Check) -> WrongEvent | None:
    """The first event whose line cannot be read by itself; the rest of the file may be sound."""
    for place, line in enumerate(data.split(b"\n")[1:-2]):
        try:
            _load(line.removesuffix(b","))
        except (ValueError, RecursionError) as error:
            known_id, known_kind = _ID.search(line), _KIND.search(line)
            message = "Event {place} is not readable JSON: {why}"
            check = Check("event", message, {"place": place, "why": str(error)}, place, code="bundle.not_json")
            return WrongEvent(
                place=place,
                id=known_id[1].decode() if known_id else None,
                kind=known_kind[1].decode() if known_kind else None,
                check=check,
            )
    return None


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _load(data: bytes) -> object:
    return json.loads(data.decode(), object_pairs_hook=_no_twins, parse_float=_no_fraction, parse_constant=_no_fraction)


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return tree


def _no_fraction(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a whole number")


def _failed(name: str, error: WastetrackError, place: int | None = None) -> Check:
    return Check(name, error.message, error.facts, place, code=error.code)
