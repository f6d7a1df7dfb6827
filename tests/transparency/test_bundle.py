"""The audit bundle: verified without the server; damage anywhere in an event names that event."""

import copy
import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.transparency import reference
from tests.transparency.bundles import KEY, OLDER, PLACES, SALT, SIZE, log_of, made
from tests.transparency.histories import MANIFEST, OIL, ORIGIN, SIGNER, STRANGER, event, event_id, history
from wastetrack.reports import bundle
from wastetrack.reports.bundle import verify, verify_file
from wastetrack.reports.bundle_checks import Verdict
from wastetrack.transparency import checkpoint, receipt
from wastetrack.transparency.checkpoint import Checkpoint
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.note import write_base64

Tree = dict[str, Any]
FILE = bundle.write(made()).encode()


def broken(verdict: Verdict) -> list[str]:
    assert all(check.sentence() for check in verdict.checks)
    return [check.code for check in verdict.checks if check.code]


def damaged(change: Callable[[Tree], object]) -> Verdict:
    tree: Tree = copy.deepcopy(made())
    change(tree)
    return verify(tree, KEY)


def test_a_true_bundle_holds_line_by_line() -> None:
    verdict = verify(made(), KEY)
    assert verdict.holds
    assert verdict.first_wrong is None
    assert [check.name for check in verdict.checks] == ["bundle", "checkpoint", "earlier", *["event"] * 5]
    assert [check.place for check in verdict.checks[3:]] == [0, 1, 2, 3, 4]
    assert "13 events" in verdict.checks[1].sentence()
    assert "earlier one of 7" in verdict.checks[2].sentence()
    assert "container.received" in verdict.checks[6].sentence()


def test_the_file_has_one_line_for_each_event_and_reads_back_as_the_same_bundle() -> None:
    lines = FILE.decode().splitlines()
    assert len(lines) == 7
    assert [json.loads(line.rstrip(","))["log_index"] for line in lines[1:6]] == list(PLACES)
    assert json.loads(FILE) == made()
    assert verify_file(FILE, KEY).holds
    assert verify_file(json.dumps(made(), indent=2).encode(), KEY).holds, "another layout is as good"


def test_events_are_put_in_the_order_of_the_log() -> None:
    tree: Tree = made()
    indexes = [one["log_index"] for one in tree["events"]]
    assert indexes == sorted(indexes)


def test_personal_parts_and_receipts_may_be_left_out() -> None:
    assert verify(made(salt=None, personal=None, receipt=None), KEY).holds
    tree: Tree = made()
    tree["earlier"] = None
    assert verify(tree, KEY).holds


def event_lines() -> list[tuple[int, int, int]]:
    """Place of each event in the bundle, and where its bytes begin and end in the file."""
    found, begin = [], 0
    for place, line in enumerate(FILE.split(b"\n")):
        end = begin + len(line.removesuffix(b","))
        if 1 <= place <= len(PLACES):
            found.append((place - 1, begin, end))
        begin += len(line) + 1
    return found


def assert_named(wrong: bytes, place: int) -> None:
    verdict = verify_file(wrong, KEY)
    assert not verdict.holds
    assert verdict.first_wrong is not None, wrong
    assert verdict.first_wrong.place == place
    assert verdict.first_wrong.check.sentence()


@pytest.mark.parametrize(("place", "begin", "end"), event_lines())
def test_any_altered_byte_of_an_event_is_found_and_the_event_named(place: int, begin: int, end: int) -> None:
    chance = random.Random(place)  # noqa: S311  a repeatable test, no secret
    for at in range(begin, end):
        flips = {FILE[at] ^ 1 << chance.randrange(8), chance.randrange(256)} - {FILE[at]}
        for byte in flips:
            assert_named(FILE[:at] + bytes([byte]) + FILE[at + 1 :], place)


@pytest.mark.parametrize(("place", "begin", "end"), event_lines())
def test_every_altered_bit_of_the_hashed_text_is_found_and_the_event_named(place: int, begin: int, end: int) -> None:
    start = FILE.index(b'"leaf":', begin)
    for at in range(start, min(start + 260, end)):
        for bit in range(8):
            assert_named(FILE[:at] + bytes([FILE[at] ^ 1 << bit]) + FILE[at + 1 :], place)


@pytest.mark.parametrize(("place", "begin", "end"), event_lines())
def test_a_byte_taken_out_of_an_event_or_put_in_is_found_and_the_event_named(place: int, begin: int, end: int) -> None:
    chance = random.Random(place)  # noqa: S311  a repeatable test, no secret
    for at in chance.sample(range(begin, end), 150):
        assert_named(FILE[:at] + FILE[at + 1 :], place)
        # A space between two tokens changes nothing, so a letter is put in.
        assert_named(FILE[:at] + b"z" + FILE[at:], place)


def test_the_first_wrong_event_is_named_with_its_id_and_kind() -> None:
    def change(tree: Tree) -> None:
        for place in (3, 2):
            tree["events"][place]["leaf"] = tree["events"][place]["leaf"].replace("182000", "181000")

    verdict = damaged(change)
    wrong = verdict.first_wrong
    assert wrong is not None
    assert (wrong.place, wrong.id, wrong.kind) == (2, str(event_id(3)), "manifest.picked_up")
    assert "leads to root" in wrong.check.sentence()
    assert [check.place for check in verdict.checks if not check.holds] == [2, 3]


def test_an_event_that_is_not_even_json_is_named_by_what_is_still_readable() -> None:
    wrong = FILE.replace(b'"log_index":4,', b'"log_index":4;')
    verdict = verify_file(wrong, KEY)
    assert verdict.first_wrong is not None
    assert (verdict.first_wrong.place, verdict.first_wrong.id) == (2, str(event_id(3)))
    assert verdict.first_wrong.kind == "manifest.picked_up"
    assert broken(verdict) == ["bundle.not_json"]


def swap_events(tree: Tree) -> None:
    tree["events"][1], tree["events"][2] = tree["events"][2], tree["events"][1]


def repeat_event(tree: Tree) -> None:
    tree["events"].insert(2, tree["events"][1])


def other_opening(tree: Tree) -> None:
    tree["events"][2]["personal"]["body"] = '{"driver":"somebody else"}'


def opening_where_nothing_was_personal(tree: Tree) -> None:
    tree["events"][1]["personal"] = {"salt": SALT.hex(), "body": "{}"}


def receipt_of_another_event(tree: Tree) -> None:
    tree["events"][1]["receipt"] = tree["events"][0]["receipt"]


def receipt_of_a_stranger(tree: Tree) -> None:
    one = history()[1]
    given = receipt.give(event_id=one.id, leaf_hash=leaf_hash(b"x"), recorded_at=one.recorded_at, signer=STRANGER)
    tree["events"][1]["receipt"] = given.as_json()


def put(place: int, **changes: object) -> Callable[[Tree], None]:
    def change(tree: Tree) -> None:
        tree["events"][place].update(changes)

    return change


WRONG_EVENTS: dict[str, tuple[Callable[[Tree], None], int, str]] = {
    "two events swapped": (swap_events, 2, "bundle.order"),
    "an event twice": (repeat_event, 2, "bundle.order"),
    "another opening": (other_opening, 2, "bundle.personal_differs"),
    "an opening of nothing": (opening_where_nothing_was_personal, 1, "bundle.personal_differs"),
    "a receipt of another event": (receipt_of_another_event, 1, "bundle.receipt_differs"),
    "a receipt of a stranger": (receipt_of_a_stranger, 1, "receipt.not_signed"),
    "another id beside the leaf": (put(1, id=str(event_id(7))), 1, "bundle.name_differs"),
    "another kind beside the leaf": (put(1, kind="manifest.closed"), 1, "bundle.name_differs"),
    "another index": (put(1, log_index=2), 1, "proof.root_differs"),
    "an index outside the tree": (put(1, log_index=13), 1, "proof.index_outside_tree"),
    "an index that is a truth value": (put(0, log_index=False), 0, "bundle.shape"),
    "no proof": (put(1, proof=[]), 1, "proof.too_short"),
    "a proof that is no list": (put(1, proof="?"), 1, "bundle.shape"),
    "a proof that is not base64": (put(1, proof=["?"]), 1, "note.base64"),
    "a proof of short hashes": (put(1, proof=[write_base64(b"short")] * 4), 1, "proof.hash_length"),
    "a leaf that is no text": (put(1, leaf=None), 1, "bundle.shape"),
    "a leaf with half a character": (put(1, leaf="\ud83d"), 1, "bundle.shape"),
    "a leaf that is no leaf": (put(1, leaf="{}"), 1, "leaf.version"),
    "an opening of another shape": (put(2, personal={"salt": "00"}), 2, "bundle.shape"),
    "a salt in capitals": (put(2, personal={"salt": SALT.hex().upper(), "body": "{}"}), 2, "bundle.salt"),
    "one field more": (put(4, comment="all well"), 4, "bundle.shape"),
}


@pytest.mark.parametrize("name", WRONG_EVENTS)
def test_a_wrong_event_is_named_with_the_reason(name: str) -> None:
    change, place, code = WRONG_EVENTS[name]
    verdict = damaged(change)
    assert not verdict.holds
    assert verdict.first_wrong is not None
    assert (verdict.first_wrong.place, verdict.first_wrong.check.code) == (place, code)
    assert broken(verdict)


def test_an_event_that_is_no_object_is_named_by_its_place() -> None:
    verdict = damaged(lambda tree: tree["events"].__setitem__(3, "nothing"))
    assert verdict.first_wrong is not None
    assert (verdict.first_wrong.place, verdict.first_wrong.id, verdict.first_wrong.kind) == (3, None, None)


def top(**changes: object) -> Callable[[Tree], None]:
    return lambda tree: tree.update(changes)


def earlier(**changes: object) -> Callable[[Tree], None]:
    return lambda tree: tree["earlier"].update(changes)


LEAVES = log_of(history()).leaves
WRONG_BUNDLES: dict[str, tuple[Callable[[Tree], object], list[str]]] = {
    "another version": (top(v=2), ["bundle.version"]),
    "a truth value as version": (top(v=True), ["bundle.version"]),
    "a field more": (top(comment=""), ["bundle.shape"]),
    "no events": (top(events=[]), ["bundle.no_events"]),
    "another origin": (top(origin="other.example"), ["bundle.other_key"]),
    "a stranger's key": (top(verifier_key=str(STRANGER.verifier)), ["bundle.other_key"]),
    "no key": (top(verifier_key=None), ["bundle.shape"]),
    "no checkpoint": (top(checkpoint=None), ["bundle.shape"]),
    "a stranger's checkpoint": (
        top(checkpoint=checkpoint.sign(Checkpoint(ORIGIN, SIZE, reference.tree_hash(LEAVES)), STRANGER)),
        ["note.not_signed"],
    ),
    "a checkpoint of another tree": (
        top(checkpoint=checkpoint.sign(Checkpoint(ORIGIN, SIZE, reference.tree_hash([*LEAVES[:-1], b"x"])), SIGNER)),
        ["proof.root_differs"] * 6,
    ),
    "an earlier checkpoint of another shape": (top(earlier={}), ["bundle.shape"]),
    "an earlier checkpoint of a rewritten history": (
        earlier(checkpoint=log_of([event(50)]).note(OLDER)),
        ["proof.root_differs"],
    ),
    "an earlier checkpoint by a stranger": (
        earlier(checkpoint=checkpoint.sign(Checkpoint(ORIGIN, OLDER, reference.tree_hash(LEAVES[:OLDER])), STRANGER)),
        ["note.not_signed"],
    ),
    "no consistency proof": (earlier(proof=[]), ["proof.too_short"]),
    "a consistency proof of nothings": (earlier(proof=[None]), ["bundle.shape"]),
}


@pytest.mark.parametrize("name", WRONG_BUNDLES)
def test_a_wrong_bundle_is_told_with_the_reason(name: str) -> None:
    change, codes = WRONG_BUNDLES[name]
    verdict = damaged(change)
    assert not verdict.holds
    assert broken(verdict) == codes


@pytest.mark.parametrize("tree", [None, [], {}, "bundle", 1])
def test_what_is_no_bundle_is_told_so(tree: object) -> None:
    assert broken(verify(tree, KEY)) == ["bundle.shape"]


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"{", b"[" * 100_000, b'{"v":1,"v":1}', b'{"v":1.0}', b'{"v":NaN}', FILE.replace(b'"v":1,', b"")],
)
def test_a_file_that_is_no_bundle_is_told_so(data: bytes) -> None:
    verdict = verify_file(data, KEY)
    assert not verdict.holds
    assert broken(verdict)


def test_a_bundle_is_not_verified_against_the_key_it_brings() -> None:
    assert broken(verify(made(), str(STRANGER.verifier))) == ["bundle.other_key"]
    assert broken(verify(made(), "no key")) == ["note.verifier_key"]


ROAD = f"in_transit@{MANIFEST}"


def test_an_event_whose_masses_do_not_balance_is_named() -> None:
    events = history()
    events[2] = replace(events[2], postings=((ROAD, OIL, 182_000), ("stored@x", OIL, -181_999)))
    wrong = verify(made(events), KEY).first_wrong
    assert wrong is not None
    assert (wrong.place, wrong.check.code) == (2, "bundle.unbalanced")
    assert wrong.check.sentence() == "The postings of 900-249-08 add to 1 g, not to zero."


def test_masses_of_two_codes_do_not_make_up_for_each_other() -> None:
    events = history()
    events[2] = replace(events[2], postings=((ROAD, OIL, 5), ("stored@x", "900-041-49", -5)))
    wrong = verify(made(events), KEY).first_wrong
    assert wrong is not None
    assert wrong.check.code == "bundle.unbalanced"


def test_more_received_than_was_under_way_is_named() -> None:
    events = history()
    postings = ((f"stored@{MANIFEST}", OIL, 182_001), (ROAD, OIL, -182_001))
    events[3] = replace(events[3], postings=postings)
    wrong = verify(made(events), KEY).first_wrong
    assert wrong is not None
    assert (wrong.place, wrong.check.code) == (3, "bundle.negative")
    assert wrong.check.sentence() == f"After this event {ROAD} holds -1 g of 900-249-08."


def test_the_same_event_twice_in_the_log_is_named() -> None:
    events = [*history()[:4], history()[0]]
    wrong = verify(made(events), KEY).first_wrong
    assert wrong is not None
    assert (wrong.place, wrong.check.code) == (4, "bundle.twice")
