"""Plates as they are issued, and as people mistype them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.errors import Malformed
from wastetrack.parties import plates
from wastetrack.parties.plates import PROVINCES, PlateKind

letters = st.sampled_from("ABCDEFGHJKLMNPQRSTUVWXYZ")
digits = st.sampled_from("0123456789")
heads = st.builds(lambda province, city: province + city, st.sampled_from(PROVINCES), letters)


@pytest.mark.parametrize(
    ("written", "stored", "kind"),
    [
        ("鲁F12345", "鲁F12345", PlateKind.ORDINARY),
        ("鲁f·1a2b3", "鲁F1A2B3", PlateKind.ORDINARY),
        ("京ＡＡ１２３Ｂ", "京AA123B", PlateKind.ORDINARY),
        ("川A•2304K", "川A2304K", PlateKind.ORDINARY),
        ("鲁YU9988", "鲁YU9988", PlateKind.ORDINARY),
        ("鲁FD12345", "鲁FD12345", PlateKind.NEW_ENERGY_SMALL),
        ("鲁FDA2345", "鲁FDA2345", PlateKind.NEW_ENERGY_SMALL),
        ("粤B F1 2345", "粤BF12345", PlateKind.NEW_ENERGY_SMALL),
        ("鲁F12345D", "鲁F12345D", PlateKind.NEW_ENERGY_LARGE),
        ("沪A-00001F", "沪A00001F", PlateKind.NEW_ENERGY_LARGE),
        ("川A2304挂", "川A2304挂", PlateKind.TRAILER),
        ("鲁F·Q123挂", "鲁FQ123挂", PlateKind.TRAILER),
    ],
)
def test_a_plate_is_read_in_any_writing(written: str, stored: str, kind: PlateKind) -> None:
    plate = plates.parse(written)

    assert (plate.text, plate.kind) == (stored, kind)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "plate_province"),
        ("F12345", "plate_province"),
        ("烟F12345", "plate_province"),
        ("鲁F1234", "plate_unreadable"),
        ("鲁F123456", "plate_unreadable"),
        ("鲁FABCDE", "plate_unreadable"),  # no figure at all
        ("鲁FL12345", "plate_unreadable"),  # L is no letter of a drive
        ("鲁F1234D5", "plate_unreadable"),
        ("鲁F12345挂", "plate_unreadable"),  # a trailer has four characters before 挂
        ("鲁112345", "plate_unreadable"),
        ("鲁FI2345", "plate_letter"),
        ("鲁FO2345", "plate_letter"),
        ("鲁F1234学", "plate_not_for_goods"),
        ("鲁F1234警", "plate_not_for_goods"),
    ],
)
def test_what_is_no_plate_is_refused_and_says_why(written: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        plates.parse(written)

    assert refusal.value.code == code


def test_the_dot_of_the_metal_is_printed() -> None:
    assert plates.parse("鲁F12345").printed == "鲁F·12345"


@given(heads, st.text(digits, min_size=5, max_size=5))
def test_what_was_read_reads_again_as_the_same(head: str, serial: str) -> None:
    plate = plates.parse(head + serial)

    assert plates.parse(plate.printed) == plate
    assert plates.parse(str(plate).lower()) == plate


@given(heads, st.sampled_from("ABCDEFGHJK"), st.text(digits, min_size=5, max_size=5))
def test_the_place_of_the_drive_letter_tells_small_from_large(head: str, drive: str, serial: str) -> None:
    assert plates.parse(head + drive + serial).kind is PlateKind.NEW_ENERGY_SMALL
    assert plates.parse(head + serial + drive).kind is PlateKind.NEW_ENERGY_LARGE
