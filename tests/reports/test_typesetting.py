"""No character vanishes silently, and lines of Chinese break where a printer would break them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.reports.typesetting import missing_glyphs, printable, shorten, width, wrap


@pytest.mark.parametrize("name", ["朱镕基", "喆", "堃", "陈䶮", "𬬻", "𫖯", "鎔", "㛃", "犇骉", "昇"])
def test_rare_characters_of_names_are_in_the_font(name: str) -> None:
    assert missing_glyphs(name) == ()
    assert printable(name) == name


def test_a_character_that_cannot_be_printed_is_shown_as_a_box_and_named() -> None:
    assert printable("刘𪚥") == "刘□"
    assert missing_glyphs("刘𪚥", "𪚥😀", "□") == ("𪚥", "😀")


def test_superscripts_and_subscripts_fall_back_to_plain_figures() -> None:
    assert printable("Cr⁶⁺ H₂SO₄") == "Cr6+ H2SO4"
    assert missing_glyphs("Cr⁶⁺ H₂SO₄") == ()


def test_line_breaks_become_spaces_and_invisible_marks_go() -> None:
    assert printable("甲\n乙\t丙\u200b丁\u202e") == "甲 乙 丙丁"


@given(st.text(), st.floats(1, 6), st.floats(20, 90))
def test_wrapping_loses_nothing_and_never_overflows(text: str, em: float, room: float) -> None:
    lines = wrap(text, em, room, room / 2)
    assert "".join(lines).replace(" ", "") == printable(text).replace(" ", "")
    assert all(width(line, em) <= room + 1e-6 for line in lines)


def test_punctuation_does_not_begin_a_line_and_numbers_are_not_torn() -> None:
    assert wrap("危险废物，密闭", 1, 4) == ("危险废", "物，密闭")
    assert wrap("危险（废物）", 1, 3) == ("危险", "（废", "物）")
    assert wrap("重量 182.4kg 时间 13:05", 1, 5) == ("重量", "182.4kg 时", "间 13:05")
    assert wrap("废物", 1, 8, 1) == ("废", "物")


def test_a_word_longer_than_the_line_is_torn_rather_than_lost() -> None:
    assert "".join(wrap("A" * 100, 1, 10)) == "A" * 100


def test_shortening_ends_in_an_ellipsis_within_the_room() -> None:
    cut = shorten("二氯甲烷、三氯乙烯、四氯乙烯", 1, 6)
    assert cut == "二氯甲烷…"
    assert width(cut, 1) <= 6
