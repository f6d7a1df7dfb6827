"""Which characters may stand in a name: what looks alike is alike, and what people really write passes."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.characters import LINE_PATTERN, PROSE_PATTERN, escaped, unseen_character, without_unseen


@pytest.mark.parametrize(
    "text",
    ["王秀英", "𠮷野家", "Ärger & Söhne", "废矿物油 HW08 900-249-08", "“引号”……——", "é", "鲁F12345", "葛\U000e0100城"]
)  # fmt: skip
def test_what_people_write_passes(text: str) -> None:
    assert unseen_character(text) is None
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a\x00", (2, "U+0000")),
        ("\u202eabc", (1, "U+202E")),
        ("ab\u200bc", (3, "U+200B")),
        ("\ufeffa", (1, "U+FEFF")),
        ("a\u2066b", (2, "U+2066")),
        ("a\u00adb", (2, "U+00AD")),
        ("a\u3164", (2, "U+3164")),
        ("a\x85", (2, "U+0085")),
        ("a\ud800", (2, "U+D800")),
        ("a\U000e0041", (2, "U+E0041")),
        ("a\uffff", (2, "U+FFFF")),
        ("a\nb", (2, "U+000A")),
        ("\U0001f468\u200d\U0001f469", (2, "U+200D")),
    ],
)
def test_what_cannot_be_seen_or_turns_text_around_is_found(text: str, found: tuple[int, str]) -> None:
    assert unseen_character(text) == found
    assert escaped(text) != text


def test_prose_has_lines_and_joined_emoji() -> None:
    assert unseen_character("a\r\n\tb \U0001f468\u200d\U0001f469", free=True) is None
    assert unseen_character("a\u202e", free=True) == (2, "U+202E")


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_the_schema_says_the_same_as_the_rule(text: str) -> None:
    """Within the plane that all dialects of patterns can write; a pattern may let more pass, never less."""
    if unseen_character(text) is None:
        assert re.fullmatch(LINE_PATTERN[1:-1], text)
    if unseen_character(text, free=True) is None:
        assert re.fullmatch(PROSE_PATTERN[1:-1], text)
    assert unseen_character(without_unseen(text), free=True) is None
    assert not any(unicodedata.category(mark) in {"Cc", "Cs", "Cf"} for mark in escaped(text) if mark not in "\n\t\r")
