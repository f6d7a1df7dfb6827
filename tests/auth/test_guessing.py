"""Which passwords are tried first, and which are left in peace."""

import secrets
import time

import pytest

from wastetrack.auth import passwords
from wastetrack.auth.guessing import is_guessed_early, is_repetition, is_walk, names_the_place

GUESSED = [
    "password1234",
    "Password_2024!",
    "p4ssw0rd2023",
    "p@$$word12345",
    "qwertyuiop[]",
    "1qaz2wsx3edc",
    "1q2w3e4r5t6y",
    "zxcvbnm,./zx",
    "111222333444",
    "abcdefghijkl",
    "13800138000",
    "370602198503071234",
    "2024-01-01 2025",
    "woaini1314520",
    "zhangwei1990",
    "Beijing-2008-2022",
    "weixianfeiwu888",
    "Sunshine-Princess",
    "iloveyou iloveyou",
    "abc7abc7abc7a",
    "administrator",
    "qwertyqwerty",
    "ＰＡＳＳＷＯＲＤ1234",
]
LEFT_IN_PEACE = [
    "seven quiet harbours at noon",
    "nine loud rivers at dawn",
    "correct horse battery staple",
    "ten still mountains in fog",
    "春眠不觉晓处处闻啼鸟夜来",
    "x7#kP9!mQ2$ab",
    "8f3!92#71$a6",
    "monkeys never file manifests",
    "tianshang de baiyun piaoguo le",
    "Vh2mZ0qLr8TnXw1c",
]


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert is_guessed_early(password)


@pytest.mark.parametrize("password", LEFT_IN_PEACE)
def test_what_is_not_is_left_in_peace(password: str) -> None:
    assert not is_guessed_early(password)
    assert passwords.weaknesses(password, login="zhang.wei") == []


def test_random_passwords_of_programs_are_left_in_peace() -> None:
    assert [word for word in (secrets.token_urlsafe(12) for _ in range(2000)) if is_guessed_early(word)] == []


def test_the_longest_password_is_judged_at_once() -> None:
    begun = time.perf_counter()
    is_guessed_early("passwordsunshine" * 12 + "x" * 8)
    is_guessed_early("a1" * 100)
    assert time.perf_counter() - begun < 1


def test_repetitions_and_walks() -> None:
    assert is_repetition("abcabcab")
    assert not is_repetition("abcabcabd")
    assert is_walk("qwertasdfg12")
    assert not is_walk("seven quiet harbours")


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("ask Zhang.Wei at the gate", "zhang.wei"),
        ("wastetrack is what I use", "wastetrack"),
        ("烟台 振华化工 有限公司的密码", "烟台振华化工有限公司"),
    ],
)
def test_names_of_the_place_do_not_belong_into_a_password(password: str, name: str) -> None:
    assert names_the_place(password, [name])
    assert not names_the_place(password, ["somebody else", "li"])


def test_the_refusal_says_which_rule_and_asks_for_no_mixture() -> None:
    codes = {broken.code for broken in passwords.weaknesses("Wastetrack2024", login="x", context=("振华",))}
    assert codes == {"password_context"}
    assert {broken.code for broken in passwords.weaknesses("password1234", login="li.na")} == {"password_guessable"}
    assert {broken.code for broken in passwords.weaknesses("short", login="li.na")} >= {"password_length"}
    assert passwords.weaknesses("all small letters and blanks", login="li.na") == []
