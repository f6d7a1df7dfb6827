"""What stands in a log and what never does: one line per record, no secret, no person's number or name."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.served import PASSWORD, Served
from wastetrack.ids import new_id
from wastetrack.serving import logs
from wastetrack.serving.scrubbing import GONE, scrubbed, scrubbed_line
from wastetrack.serving.security_events import security_log

KINDS: list[tuple[str, st.SearchStrategy[str]]] = (
    [
        ("Authorization: Bearer {}", st.from_regex(r"[A-Za-z0-9_-]{20,60}", fullmatch=True)),
        ("got {} from it", st.from_regex(r"wt_[A-Za-z0-9_-]{30,43}", fullmatch=True)),
        ("session ({})", st.from_regex(r"ws_[A-Za-z0-9_-]{30,43}", fullmatch=True)),
        ("password={} next", st.from_regex(r"[A-Za-z0-9!?*+-]{6,30}", fullmatch=True)),
        ('{{"password": "{}", "a": 1}}', st.from_regex(r"[A-Za-z0-9 !?*+-]{6,30}", fullmatch=True)),
        ("{{'csrf_token': '{}'}}", st.from_regex(r"[A-Za-z0-9_-]{20,43}", fullmatch=True)),
        ("Cookie: wastetrack_lang=zh; __Host-wastetrack={}; x=1", st.from_regex(r"[a-z0-9]{20,40}", fullmatch=True)),
        ("client_secret={}&grant_type=x", st.from_regex(r"[A-Za-z0-9_-]{10,40}", fullmatch=True)),
        ("postgresql://wastetrack:{}@db/wastetrack", st.from_regex(r"[A-Za-z0-9_!-]{6,30}", fullmatch=True)),
        ("call {} now", st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)),
        ("POST /d/{} 303", st.from_regex(r"[A-Za-z0-9_-]{32}", fullmatch=True)),
        ("call +86 {}.", st.from_regex(r"1[3-9][0-9]-[0-9]{4}-[0-9]{4}", fullmatch=True)),
        ("电话{}。", st.from_regex(r"0535-[0-9]{7}", fullmatch=True)),
        ("身份证 {}", st.from_regex(r"370602(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-2][1-9][0-9]{3}[0-9X]", fullmatch=True)),
        ("it said eyJhbGciOiJFUzI1NiJ9.{}.c2ln", st.from_regex(r"[A-Za-z0-9_-]{20,60}", fullmatch=True)),
        ("DETAIL:  Key (login)=({}) already exists.", st.from_regex(r"[a-z]{4,12}\.[a-z]{4,12}", fullmatch=True)),
        ("[SQL: insert]\n[parameters: ('{}', 3)]\n(Background)", st.from_regex(r"[a-z]{5,12}", fullmatch=True)),
        ("-----BEGIN PRIVATE KEY-----\n{}\n-----END", st.from_regex(r"[A-Za-z0-9+/]{40}", fullmatch=True)),
    ]
)  # fmt: skip


def line_of(message: str, *, exception: BaseException | None = None, **extra: Any) -> str:  # noqa: ANN401
    """A record as the server writes it."""
    record = logging.makeLogRecord(
        {
            "msg": message,
            "levelname": "INFO",
            "name": "x",
            "exc_info": None if exception is None else (type(exception), exception, None),
            **extra,
        }
    )
    return logs.JsonLines().format(record)


@pytest.mark.parametrize(("sentence", "secrets"), KINDS, ids=[sentence for sentence, _ in KINDS])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_no_secret_and_no_number_of_a_person_gets_into_a_log(
    sentence: str, secrets: st.SearchStrategy[str], data: st.DataObject
) -> None:
    secret = data.draw(secrets)
    where = data.draw(st.sampled_from(["message", "extra", "nested", "exception"]))
    told = f"{data.draw(st.text(max_size=30))} {sentence.format(secret)}"
    line = {
        "message": lambda: line_of("%s", args=(told,)),
        "extra": lambda: line_of("x", note=told),
        "nested": lambda: line_of("x", note={"a": [told, {"b": told}]}),
        "exception": lambda: line_of("x", exception=ValueError(told)),
    }[where]()
    assert secret not in line
    assert GONE in line
    json.loads(line)


@given(st.text(), st.text(max_size=20))
def test_a_record_is_one_line_whatever_it_holds(message: str, extra: str) -> None:
    line = line_of("%s", args=(message + "\r\n{}\n\u2028\u0085\x1b[2J\u202e",), note=extra)
    assert len(line.splitlines()) == 1
    assert "\u202e" not in line
    assert "\x1b" not in line
    json.loads(line)


def test_members_named_like_secrets_are_not_told_at_all() -> None:
    line = json.loads(scrubbed_line({"password": "short", "Authorization": ["x"], "ms": 12.5, "person": None}))
    assert line == {"password": GONE, "Authorization": GONE, "ms": 12.5, "person": None}


@pytest.mark.parametrize(
    "text",
    [
        "GET /manifests/01a2134b-2c6d-76a5-94c2-eb813f4eb5da 200",
        "20263706020000000017",
        "91370600MA3C12345X",
        "9137060012345678991137060220261125000000017",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2026-11-25T15:04:00.123+00:00",
        "20263706000017",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrubbed(text) == text


def test_who_acts_is_not_named() -> None:
    token = logs.names.set(("王秀英",))
    try:
        assert "王秀英" not in line_of("王秀英 signed", note="by 王秀英")
    finally:
        logs.names.reset(token)


@pytest.fixture
def events() -> Iterator[list[Any]]:
    """What the watchman reads meanwhile."""
    seen: list[Any] = []

    class Reading(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record)

    handler = Reading()
    security_log.addHandler(handler)
    before = security_log.level
    security_log.setLevel(logging.INFO)
    yield seen
    security_log.setLevel(before)
    security_log.removeHandler(handler)


def told(events: list[Any]) -> list[str]:
    """The events in their order; the list begins anew."""
    names = [record.event for record in events]
    events.clear()
    return names


async def test_the_watchman_reads_what_concerns_him(served: Served, events: list[Any]) -> None:
    visitor = served.visitor_from("198.51.100.7")
    assert (await visitor.sign_in_at_api("owner", "wrong")).status_code == 401
    assert (events[0].event, events[0].address, events[0].code) == ("sign_in_failed", "198.51.100.7", "sign_in_refused")
    assert "wrong" not in logs.JsonLines().format(events[0])
    events.clear()
    await visitor.sign_in("owner", "wrong")
    assert told(events) == ["sign_in_failed"]
    await visitor.sign_in_at_api("viewer")
    assert told(events) == ["sign_in_ok"]
    await visitor.get("/api/v1/me")
    assert told(events) == []
    assert (await visitor.send_json("/api/v1/tokens", {"name": "x", "days": 1})).status_code == 403
    assert (events[0].person, events[0].code) != (None, None)
    assert told(events) == ["access_refused"]
    visitor.bearer = "wt_gone"
    await visitor.get("/api/v1/me")
    assert told(events) == ["not_signed_in"]
    owner = await served.api_visitor("owner")
    events.clear()
    assert (await owner.send_json("/api/v1/tokens", {"name": "x", "days": 1})).status_code == 201
    assert told(events) == ["rights_changed"]
    prober = served.visitor_from("198.51.100.8")
    prober.bearer = owner.bearer
    for _ in range(45):
        await prober.get(f"/api/v1/manifests/{new_id()}")
    assert told(events) == ["refused_in_bulk"]
    assert PASSWORD not in "".join(map(str, events))
