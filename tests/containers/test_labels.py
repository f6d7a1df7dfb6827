"""The text in the QR code: what a gate without network can and cannot be fooled with."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.containers.labels import DigitalCode, deployment_base, make_label_text, read_label_text
from wastetrack.errors import Malformed
from wastetrack.parties import credit_codes

HERE = "https://waste.example.cn"
ELSEWHERE = "https://other.example.cn"
KEY = b"sixteen bytes of secret"
DRUM = DigitalCode.make(
    credit_code="91130200699229617X", waste_code="900-249-08", generated_on=date(2026, 11, 1), serial=7
)

CODES = st.builds(
    lambda prefix, waste, day, serial: DigitalCode.make(
        credit_code=credit_codes.make(prefix), waste_code=waste, generated_on=day, serial=serial
    ),
    st.text(credit_codes.ALPHABET, min_size=9, max_size=9).map(lambda body: "91370602" + body),
    st.from_regex(r"[0-9]{6}(0[1-9]|[1-4][0-9]|50)", fullmatch=True),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 999),
)


def refusal(text: str, base: str = HERE, key: bytes = KEY) -> str:
    with pytest.raises(Malformed) as refused:
        read_label_text(text, base, key)
    assert str(refused.value), "the sentence can be filled from its facts"
    return refused.value.code


def test_a_digital_code_has_37_characters_in_four_groups() -> None:
    assert str(DRUM) == "91130200699229617X9002490820261101007"
    assert DRUM.groups == ("91130200699229617X", "90024908", "20261101", "007")
    assert DigitalCode.parse(" 91130200699229617x 900-249-08 20261101 007 ") == DRUM
    assert DRUM.waste_code == "900-249-08"


@given(CODES)
def test_what_is_printed_is_read_back(code: DigitalCode) -> None:
    text = make_label_text(HERE, code, KEY)
    assert read_label_text(text, HERE, KEY) == code
    assert not read_label_text(text.lower(), HERE + "/", KEY).typed
    assert len(text) == len(make_label_text(HERE, DRUM, KEY)), "one length per deployment"
    assert set(text) <= set(string.digits + string.ascii_uppercase + "$%*+-./: "), "alphanumeric mode"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("91130200699229617X900249082026110100", "digital_code_length"),
        ("91130200699229617Y9002490820261101007", "credit_code_check_character"),
        ("91130200699229617X9002490820261301007", "digital_code_day"),
        ("91130200699229617X9002490819991231007", "digital_code_day"),
        ("91130200699229617X9002490020261101007", "digital_code_waste_code"),
        ("91130200699229617X9002490820261101000", "digital_code_serial"),
        ("91130200699229617X90024S0820261101001", "digital_code_digits"),
    ],
)
def test_nonsense_is_refused_with_the_reason(text: str, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        DigitalCode.parse(text)
    assert refused.value.code == code
    assert str(refused.value)


def test_a_label_with_one_character_changed_is_seen_without_network() -> None:
    text = make_label_text(HERE, DRUM, KEY)
    assert refusal(text.replace("101007", "101008")) == "label_forged"
    last = "A" if text[-1] != "A" else "B"
    assert refusal(text[:-1] + last) == "label_forged"
    assert refusal(text.replace("7X9002", "7Y9002")) == "label_damaged"


@given(st.integers(0, 200), st.sampled_from(string.digits + string.ascii_uppercase))
def test_no_single_change_of_a_character_passes(place: int, character: str) -> None:
    text = make_label_text(HERE, DRUM, KEY)
    place %= len(text)
    changed = text[:place] + character + text[place + 1 :]
    if changed == text:
        assert read_label_text(changed, HERE, KEY) == DRUM
    else:
        assert refusal(changed).startswith("label_")


def test_a_label_signed_with_another_key_is_forged() -> None:
    assert refusal(make_label_text(HERE, DRUM, b"sixteen other bytes!")) == "label_forged"


def test_a_label_of_another_deployment_is_told_from_a_forged_one() -> None:
    assert refusal(make_label_text(ELSEWHERE, DRUM, KEY)) == "label_other_deployment"
    moved = make_label_text(ELSEWHERE, DRUM, KEY).replace("OTHER", "WASTE")
    assert refusal(moved) == "label_forged", "the address is under the check too"


def test_a_torn_label_is_damaged() -> None:
    text = make_label_text(HERE, DRUM, KEY)
    for end in (-1, -9, -14, -30, -45):
        assert refusal(text[:end]) == "label_damaged"
    assert refusal(text + "A") == "label_damaged"
    assert refusal(text[:-1] + "\ud800") == "label_damaged"


@pytest.mark.parametrize(
    "text",
    ["", "hello", "https://waste.example.cn", "https://example.org/x", "ftp://a/91/1/92/2", "\ud800", "一" * 5000],
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert refusal(text) == "label_unreadable"


def test_a_code_typed_by_hand_is_taken_and_marked() -> None:
    typed = read_label_text("91130200699229617x 90024908 20261101 007", HERE, KEY)
    assert typed == DRUM
    assert typed.typed
    assert refusal("91130200699229617X9002490820261399007") == "label_damaged"


def test_the_deployment_may_live_under_a_path_or_without_tls_in_a_closed_network() -> None:
    for base in ("http://127.0.0.1:8000", "https://gov.example.cn/Waste/"):
        text = make_label_text(base, DRUM, KEY)
        assert text.startswith(deployment_base(base))
        assert read_label_text(text, base, KEY) == DRUM
    with pytest.raises(Malformed):
        deployment_base("waste.example.cn")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(Malformed, match="label_key_short"):
        make_label_text(HERE, DRUM, b"short")


def test_the_check_is_fixed_for_ever_by_a_vector() -> None:
    assert make_label_text(HERE, DRUM, KEY) == (
        "HTTPS://WASTE.EXAMPLE.CN/91/91130200699229617X9002490820261101007/92/HOGEXHS5NQ"
    )


def test_a_label_that_replaces_another_says_which_it_is_and_the_check_covers_it() -> None:
    first, third = make_label_text(HERE, DRUM, KEY), make_label_text(HERE, DRUM, KEY, 3)
    assert read_label_text(first, HERE, KEY).revision == 1
    assert third.endswith("/93/03")
    read = read_label_text(third, HERE, KEY)
    assert (read, read.revision) == (DRUM, 3)
    assert refusal(third.replace("/93/03", "/93/02")) == "label_forged"
    assert refusal(third.removesuffix("/93/03")) == "label_forged"
    assert refusal(first + "/93/02") == "label_forged"
    for torn in ("/93/", "/93/0", "/93/01", "/93/3", "/93/ab"):
        assert refusal(first + torn) == "label_damaged"
    assert read_label_text(str(DRUM), HERE, KEY).revision is None, "whoever types a code has read no label"


def test_revisions_are_fixed_for_ever_by_a_vector() -> None:
    assert make_label_text(HERE, DRUM, KEY, 2) == (
        "HTTPS://WASTE.EXAMPLE.CN/91/91130200699229617X9002490820261101007/92/J73GJXMTMC/93/02"
    )


def test_what_is_said_of_the_length_holds_for_general_waste_too() -> None:
    for text in ("91130200699229617X900249082026110100", "91130200699229617X900001S172026110100"):
        with pytest.raises(Malformed) as refused:
            DigitalCode.parse(text)
        assert "37 characters, 38 for general waste" in refused.value.message
    assert len(str(DigitalCode.parse("91130200699229617X900001S1720261101001"))) == 38
