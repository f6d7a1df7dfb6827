"""The bytes of an event: fixed for ever, read back whole, and nothing else accepted."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transparency.histories import DRUM, MORNING, OIL, event, history
from wastetrack.transparency.errors import LeafRefused
from wastetrack.transparency.evidence import challenge_of
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.leaf import (
    Event,
    leaf_of,
    personal_bytes,
    personal_digest,
    read,
    statement_of,
    write,
)

SALT = bytes(range(32))

# Version 1, fixed for ever: these bytes are in published logs. If this test fails, make a version 2.
VECTOR_EVENT = Event(
    id=UUID("01941f29-7c01-7000-8000-000000000001"),
    kind="container.received",
    subjects=(UUID("01941f29-7c00-7000-8000-000000000003"), UUID("01941f29-7c00-7000-8000-000000000004")),
    happened_at=datetime(2026, 3, 2, 9, 31, tzinfo=timezone(timedelta(hours=8))),
    recorded_at=datetime(2026, 3, 2, 1, 31, 0, 250, tzinfo=UTC),
    facts={"scale": "S-7", "measured_g": 180000, "ok": True, "桶": ["\u20ac\r", None, {"b": -1, "a": '\u001f"\\'}]},
    postings=(("stored@x", "900-249-08", 180000), ("in_transit@y", "900-249-08", -180000)),
    personal={"phone": "13800000000", "driver": "王小明"},
)
VECTOR = (
    '{"facts":{"measured_g":180000,"ok":true,"scale":"S-7","桶":["€\\r",null,{"a":"\\u001f\\"\\\\","b":-1}]},'
    '"happened_at":"2026-03-02T01:31:00.000000Z","id":"01941f29-7c01-7000-8000-000000000001",'
    '"kind":"container.received",'
    '"personal":"205f11e9fa82bbba928da93b146ba6da17303696e04c168711b97d15aaed0903",'
    '"postings":[{"account":"stored@x","code":"900-249-08","g":180000},'
    '{"account":"in_transit@y","code":"900-249-08","g":-180000}],'
    '"recorded_at":"2026-03-02T01:31:00.000250Z",'
    '"subjects":["01941f29-7c00-7000-8000-000000000003","01941f29-7c00-7000-8000-000000000004"],"v":1}'
)
VECTOR_HASH = "4e219dd315ab7afc0921f876fea315900eaa5f66f425b65f6f8da0dd0c12e2e7"


# Version 2, fixed for ever in the same way: the leaf, and the statement whose hash a passkey signs.
VECTOR_2_EVENT = replace(
    VECTOR_EVENT, v=2, given={"number": "20263706000001"}, evidence={"kind": "password"}, postings=()
)
VECTOR_2 = (
    '{"evidence":{"kind":"password"},'
    '"facts":{"measured_g":180000,"ok":true,"scale":"S-7","桶":["€\\r",null,{"a":"\\u001f\\"\\\\","b":-1}]},'
    '"given":{"number":"20263706000001"},'
    '"happened_at":"2026-03-02T01:31:00.000000Z","id":"01941f29-7c01-7000-8000-000000000001",'
    '"kind":"container.received",'
    '"personal":"205f11e9fa82bbba928da93b146ba6da17303696e04c168711b97d15aaed0903","postings":[],'
    '"recorded_at":"2026-03-02T01:31:00.000250Z",'
    '"subjects":["01941f29-7c00-7000-8000-000000000003","01941f29-7c00-7000-8000-000000000004"],"v":2}'
)
VECTOR_2_HASH = "aee06a8eb5886f2af13e0c434f535adedd6847274bf2d80f5843d1d1e546e939"
VECTOR_2_STATEMENT = (
    '{"facts":{"measured_g":180000,"ok":true,"scale":"S-7","桶":["€\\r",null,{"a":"\\u001f\\"\\\\","b":-1}]},'
    '"happened_at":"2026-03-02T01:31:00.000000Z","id":"01941f29-7c01-7000-8000-000000000001",'
    '"kind":"container.received",'
    '"personal":"205f11e9fa82bbba928da93b146ba6da17303696e04c168711b97d15aaed0903","postings":[],'
    '"statement":"wastetrack statement",'
    '"subjects":["01941f29-7c00-7000-8000-000000000003","01941f29-7c00-7000-8000-000000000004"],"v":2}'
)
VECTOR_2_CHALLENGE = "63b758dfdd73b69a75965f5a2381fb19557e7b00825ac74f67b904c50cf17bb0"


def written(**changes: Any) -> bytes:  # noqa: ANN401  any field of an event
    """The bytes of the example event with some fields changed."""
    return write(leaf_of(replace(event(), **changes)))


def changed(**changes: Any) -> bytes:  # noqa: ANN401  any JSON
    """The bytes of a leaf whose JSON was changed by hand."""
    tree = json.loads(written()) | changes
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_vector_of_version_1() -> None:
    content = write(leaf_of(VECTOR_EVENT, salt=SALT))
    assert content.decode() == VECTOR
    assert leaf_hash(content).hex() == VECTOR_HASH


def test_the_vector_of_version_2() -> None:
    leaf = leaf_of(VECTOR_2_EVENT, salt=SALT)
    content = write(leaf)
    assert content.decode() == VECTOR_2
    assert leaf_hash(content).hex() == VECTOR_2_HASH
    assert statement_of(leaf).decode() == VECTOR_2_STATEMENT
    assert challenge_of(statement_of(leaf)).hex() == VECTOR_2_CHALLENGE
    assert read(content) == leaf
    assert leaf.told["number"] == "20263706000001"


def test_the_statement_leaves_out_what_the_signer_cannot_know() -> None:
    told = statement_of(leaf_of(VECTOR_2_EVENT, salt=SALT))
    later = replace(VECTOR_2_EVENT, recorded_at=MORNING, given={}, evidence={"kind": "totp"})
    assert statement_of(leaf_of(later, salt=SALT)) == told
    changes: tuple[dict[str, Any], ...] = (
        {"kind": "x"},
        {"id": DRUM},
        {"happened_at": MORNING},
        {"facts": {}},
        {"subjects": (DRUM,)},
    )
    for change in changes:
        changed_event: Event = replace(VECTOR_2_EVENT, **change)
        assert statement_of(leaf_of(changed_event, salt=SALT)) != told
    assert statement_of(leaf_of(VECTOR_2_EVENT, salt=bytes(32))) != told
    with pytest.raises(LeafRefused, match="version 1"):
        statement_of(leaf_of(VECTOR_EVENT, salt=SALT))


def test_a_leaf_is_read_back_as_it_was_written() -> None:
    for one in history():
        leaf = leaf_of(one, salt=SALT if one.personal else None)
        assert read(write(leaf)) == leaf


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(
    facts=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), json_values),
    at=st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  Hypothesis adds the zone
    grams=st.integers(1, 2**53 - 1),
)
def test_whatever_can_be_written_is_read_back(facts: dict[str, Any], at: datetime, grams: int) -> None:
    leaf = leaf_of(
        replace(event(), facts=facts, happened_at=at, postings=(("stored@x", OIL, grams), ("generated@x", OIL, -grams)))
    )
    assert read(write(leaf)) == leaf


def test_times_of_any_zone_are_written_in_utc() -> None:
    china = MORNING.astimezone(timezone(timedelta(hours=8)))
    assert written(recorded_at=china) == written(recorded_at=MORNING)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"facts": {"weight": 1.5}}, "leaf.float"),
        ({"facts": {"deep": [{"weight": 2.0}]}}, "leaf.float"),
        ({"facts": {"many": 2**53}}, "leaf.number"),
        ({"facts": {"few": -(2**53)}}, "leaf.number"),
        ({"facts": {"at": MORNING}}, "leaf.type"),
        ({"facts": {1: "one"}}, "leaf.key"),
        ({"facts": {"text": "nul \x00"}}, "leaf.text"),
        ({"facts": {"half \ud83d": 1}}, "leaf.text"),
        ({"facts": ["no object"]}, "leaf.facts"),
        ({"facts": {"a": [[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}}, "leaf.too_deep"),
        ({"happened_at": datetime(2026, 3, 2, 9, 31)}, "leaf.naive_time"),  # noqa: DTZ001  it is refused
        ({"recorded_at": datetime(2026, 3, 2, 9, 31)}, "leaf.naive_time"),  # noqa: DTZ001  it is refused
        ({"kind": "Container Received"}, "leaf.kind"),
        ({"kind": ""}, "leaf.kind"),
        ({"kind": "k" * 65}, "leaf.kind"),
        ({"subjects": (DRUM, DRUM)}, "leaf.subjects"),
        ({"postings": (("stored@x", OIL, 0),)}, "leaf.posting"),
        ({"postings": (("stored@x", OIL, 1.0),)}, "leaf.posting"),
        ({"postings": (("stored@x", OIL, True),)}, "leaf.posting"),
        ({"postings": (("", OIL, 1),)}, "leaf.posting"),
        ({"postings": (("stored@x", None, 1),)}, "leaf.posting"),
        ({"postings": (("stored@x", OIL, 2**53),)}, "leaf.posting"),
        ({"personal": {"name": "王小明"}}, "leaf.salt"),
        ({"evidence": {"kind": "password"}}, "leaf.version"),
        ({"given": {"number": "1"}}, "leaf.version"),
        ({"v": 3}, "leaf.version"),
        ({"v": 2, "evidence": {}}, "leaf.evidence"),
        ({"v": 2, "given": {"a": 1.5}}, "leaf.float"),
        ({"v": 2, "given": {"a": 1}, "facts": {"a": 1}}, "leaf.given"),
    ],
)
def test_an_event_that_would_not_come_back_the_same_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(LeafRefused) as refused:
        written(**changes)
    assert refused.value.code == code
    assert str(refused.value)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "leaf.not_json"),
        (b"\xff", "leaf.not_json"),
        (b"[" * 100_000, "leaf.not_json"),
        (b"[1]", "leaf.shape"),
        (b"{}", "leaf.version"),
        (changed(v=2), "leaf.shape"),
        (changed(v=3), "leaf.version"),
        (changed(given={}), "leaf.shape"),
        (changed(v=2, given=[], evidence=None), "leaf.given"),
        (changed(v=2, given={}, evidence="password"), "leaf.evidence"),
        (changed(v=True), "leaf.version"),
        (changed(v="1"), "leaf.version"),
        (changed(v=1.0), "leaf.float"),
        (changed(facts={"weight": 0.5}), "leaf.float"),
        (changed(facts={"weight": float("nan")}), "leaf.float"),
        (changed(facts=None), "leaf.facts"),
        (changed(more=1), "leaf.shape"),
        (changed(id="01941F29-7C01-7000-8000-000000000001"), "leaf.id"),
        (changed(id="no id"), "leaf.id"),
        (changed(id=1), "leaf.id"),
        (changed(kind=7), "leaf.shape"),
        (changed(kind="Received"), "leaf.kind"),
        (changed(subjects="none"), "leaf.shape"),
        (changed(happened_at="2026-03-02T01:31:00Z"), "leaf.time"),
        (changed(happened_at="2026-03-02T01:31:00.000000+00:00"), "leaf.time"),
        (changed(happened_at="2026-13-02T01:31:00.000000Z"), "leaf.time"),
        (changed(happened_at=0), "leaf.time"),
        (changed(postings=[["stored@x", OIL, 1]]), "leaf.posting"),
        (changed(postings=[{"account": "stored@x", "code": OIL, "g": 0}]), "leaf.posting"),
        (changed(personal="ab"), "leaf.personal"),
        (changed(personal=["ab"]), "leaf.personal"),
        (json.dumps(json.loads(written())).encode(), "leaf.not_canonical"),
        (written() + b"\n", "leaf.not_canonical"),
        (written().replace(b'"v":1', b'"v":1,"v":1'), "leaf.not_canonical"),
        (written(facts={"a": "\u00e9"}).replace("\u00e9".encode(), b"\\u00e9"), "leaf.not_canonical"),
        (written(facts={"a": 1}).replace(b'"a":1', b'"a":-0'), "leaf.not_canonical"),
    ],
)
def test_bytes_that_are_no_leaf_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(LeafRefused) as refused:
        read(content)
    assert refused.value.code == code
    assert str(refused.value)


def test_the_personal_part_enters_only_as_a_salted_digest() -> None:
    content = write(leaf_of(VECTOR_EVENT, salt=SALT))
    assert "王小明".encode() not in content
    assert b"13800000000" not in content
    body = personal_bytes(VECTOR_EVENT.personal)
    assert read(content).personal == personal_digest(SALT, body)
    assert read(content).personal != personal_digest(bytes(32), body)


@pytest.mark.parametrize("personal", [{}, [], "name", None])
def test_a_personal_part_is_an_object_with_something_in_it(personal: object) -> None:
    with pytest.raises(LeafRefused, match="at least one entry"):
        personal_bytes(personal)


def test_a_salt_is_32_bytes_and_only_where_something_is_personal() -> None:
    with pytest.raises(LeafRefused, match="32 bytes"):
        leaf_of(VECTOR_EVENT, salt=b"short")
    with pytest.raises(LeafRefused, match="belongs to a personal part"):
        leaf_of(event(), salt=SALT)


def test_a_digest_of_the_wrong_length_is_not_written() -> None:
    with pytest.raises(LeafRefused, match="32 bytes long"):
        write(replace(leaf_of(event()), personal=b"short"))
