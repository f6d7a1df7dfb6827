"""The published schemas say what the code does: true values pass, altered ones do not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from tests.support.soft_passkey import SoftPasskey
from tests.transparency.bundles import content, made
from tests.transparency.histories import MORNING, SIGNER, event_id, history
from tests.transparency.signed import by_passkey, by_system, by_word, unsigned
from wastetrack import resources
from wastetrack.transparency import checkpoint, receipt
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.queries import StoredCheckpoint

Tree = dict[str, Any]
EVENT: list[Tree] = [json.loads(content(one)) for one in history()]
PASSKEY = SoftPasskey()
SIGNED: list[Tree] = [
    json.loads(content(one))
    for one in (
        by_passkey(unsigned(2, given={"number": "20263706000001"}), PASSKEY),
        by_system(unsigned(3)),
        by_word(unsigned(4)),
        unsigned(5, evidence={"kind": "follows", "event": str(event_id(4))}),
        unsigned(6),
    )
]
TIP = Checkpoint(SIGNER.name, 13, leaf_hash(b"root"))
CHECKPOINT: Tree = StoredCheckpoint(13, TIP.root, checkpoint.sign(TIP, SIGNER), MORNING).as_json()
BUNDLE: Tree = made()


def validator(name: str) -> jsonschema.Draft202012Validator:
    versioned = name if "." in name else f"{name}.v1"
    schema = json.loads((resources.schemas_dir() / f"{versioned}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("leaf", EVENT, ids=lambda leaf: leaf["kind"])
def test_each_event_of_a_history_is_a_custody_event(leaf: Tree) -> None:
    validator("custody-event").validate(leaf)


@pytest.mark.parametrize("leaf", SIGNED, ids=lambda leaf: str((leaf["evidence"] or {}).get("kind")))
def test_each_signed_event_is_a_custody_event_of_version_2(leaf: Tree) -> None:
    validator("custody-event.v2").validate(leaf)
    assert not validator("custody-event").is_valid(leaf)


def test_a_stored_checkpoint_is_a_checkpoint() -> None:
    validator("checkpoint").validate(CHECKPOINT)


def test_a_bundle_with_everything_and_one_with_nothing_are_audit_bundles() -> None:
    validator("audit-bundle").validate(BUNDLE)
    bare = made(salt=None, personal=None, receipt=None) | {"earlier": None}
    validator("audit-bundle").validate(bare)


def test_a_receipt_is_what_the_bundle_schema_calls_one() -> None:
    given = receipt.give(event_id=history()[0].id, leaf_hash=TIP.root, recorded_at=MORNING, signer=SIGNER)
    schema: Any = validator("audit-bundle").schema
    of_receipts = jsonschema.Draft202012Validator({"$defs": schema["$defs"], "$ref": "#/$defs/receipt"})
    of_receipts.validate(given.as_json())
    assert not of_receipts.is_valid(given.as_json() | {"leaf_hash": "00"})


def setting(*path: str | int, value: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        inner: Any = tree
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return change


WRONG: list[tuple[str, Tree, Callable[[Tree], None]]] = [
    ("custody-event.v2", SIGNED[0], setting("v", value=1)),
    ("custody-event.v2", SIGNED[0], setting("given", value=None)),
    ("custody-event.v2", SIGNED[0], setting("given", value={"weight": 0.5})),
    ("custody-event.v2", SIGNED[0], setting("evidence", "kind", value="system_key")),
    ("custody-event.v2", SIGNED[0], setting("evidence", "signature", value="a+b=")),
    ("custody-event.v2", SIGNED[0], setting("evidence", "more", value=1)),
    ("custody-event.v2", SIGNED[1], setting("evidence", "public_key", value="AAAA")),
    ("custody-event.v2", SIGNED[2], setting("evidence", "kind", value="stamp")),
    ("custody-event.v2", SIGNED[3], setting("evidence", "event", value="no id")),
    ("custody-event", EVENT[3], setting("v", value=2)),
    ("custody-event", EVENT[3], setting("id", value=EVENT[3]["id"].upper())),
    ("custody-event", EVENT[3], setting("kind", value="Container Received")),
    ("custody-event", EVENT[3], setting("subjects", value=EVENT[3]["subjects"] * 2)),
    ("custody-event", EVENT[3], setting("happened_at", value="2026-03-02T01:30:00Z")),
    ("custody-event", EVENT[3], setting("recorded_at", value="2026-03-02T01:30:00.000000+08:00")),
    ("custody-event", EVENT[3], setting("facts", "measured_g", value=180000.5)),
    ("custody-event", EVENT[3], setting("facts", "deep", value=[{"weight": 0.5}])),
    ("custody-event", EVENT[3], setting("postings", 0, "g", value=0)),
    ("custody-event", EVENT[3], setting("postings", 0, "g", value="180000")),
    ("custody-event", EVENT[3], setting("postings", 0, "g", value=2**53)),
    ("custody-event", EVENT[3], setting("postings", 0, "account", value="")),
    ("custody-event", EVENT[3], setting("postings", 0, "unit", value="kg")),
    ("custody-event", EVENT[2], setting("personal", value={"driver": "王小明"})),
    ("custody-event", EVENT[3], setting("more", value=1)),
    ("checkpoint", CHECKPOINT, setting("v", value=2)),
    ("checkpoint", CHECKPOINT, setting("size", value=0)),
    ("checkpoint", CHECKPOINT, setting("root", value=TIP.root.hex())),
    ("checkpoint", CHECKPOINT, setting("note", value=CHECKPOINT["note"].replace("\n\n", "\n"))),
    ("checkpoint", CHECKPOINT, setting("origin", value="two words")),
    ("checkpoint", CHECKPOINT, setting("published_at", value="yesterday")),
    ("audit-bundle", BUNDLE, setting("v", value=2)),
    ("audit-bundle", BUNDLE, setting("events", value=[])),
    ("audit-bundle", BUNDLE, setting("verifier_key", value="name+key")),
    ("audit-bundle", BUNDLE, setting("checkpoint", value="note")),
    ("audit-bundle", BUNDLE, setting("earlier", value={})),
    ("audit-bundle", BUNDLE, setting("earlier", "proof", 0, value="00")),
    ("audit-bundle", BUNDLE, setting("events", 0, "log_index", value=-1)),
    ("audit-bundle", BUNDLE, setting("events", 0, "leaf", value=EVENT[0])),
    ("audit-bundle", BUNDLE, setting("events", 0, "proof", value=None)),
    ("audit-bundle", BUNDLE, setting("events", 2, "personal", "salt", value="00")),
    ("audit-bundle", BUNDLE, setting("events", 2, "personal", "body", value={})),
    ("audit-bundle", BUNDLE, setting("events", 0, "receipt", "signature", value="?")),
    ("audit-bundle", BUNDLE, setting("events", 0, "receipt", "v", value=2)),
    ("audit-bundle", BUNDLE, setting("events", 0, "comment", value="all well")),
]


@pytest.mark.parametrize(("name", "tree", "change"), WRONG)
def test_an_altered_value_does_not_pass(name: str, tree: Tree, change: Callable[[Tree], None]) -> None:
    altered = copy.deepcopy(tree)
    change(altered)
    assert altered != tree
    assert not validator(name).is_valid(altered)


@pytest.mark.parametrize(
    ("name", "tree"),
    [
        ("custody-event", EVENT[3]),
        ("custody-event.v2", SIGNED[0]),
        ("checkpoint", CHECKPOINT),
        ("audit-bundle", BUNDLE),
    ],
)
def test_no_field_may_be_left_out(name: str, tree: Tree) -> None:
    for field in tree:
        assert not validator(name).is_valid({key: value for key, value in tree.items() if key != field})
