"""Sealed secrets open with their key and in their row, and nowhere else; who we are is read off the address."""

import pytest

from wastetrack.auth.relying import RelyingParty
from wastetrack.auth.sealing import seal, unseal
from wastetrack.errors import Unavailable

KEY = b"k" * 32


def test_a_sealed_secret_opens_in_its_row_with_its_key() -> None:
    sealed = seal(KEY, b"JBSWY3DPEHPK3PXP", row="a")
    assert unseal(KEY, sealed, row="a") == b"JBSWY3DPEHPK3PXP"
    assert seal(KEY, b"JBSWY3DPEHPK3PXP", row="a") != sealed


@pytest.mark.parametrize(("key", "row", "flip"), [(b"x" * 32, "a", 0), (KEY, "b", 0), (KEY, "a", 1)])
def test_it_opens_with_no_other_key_in_no_other_row_and_not_when_changed(key: bytes, row: str, flip: int) -> None:
    sealed = bytearray(seal(KEY, b"JBSWY3DPEHPK3PXP", row="a"))
    sealed[-1] ^= flip
    with pytest.raises(Unavailable) as refused:
        unseal(key, bytes(sealed), row=row)
    assert refused.value.code == "factor_key_differs"


@pytest.mark.parametrize(
    ("base_url", "rp_id", "origin"),
    [
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("https://Waste.Example.cn/", "waste.example.cn", "https://waste.example.cn"),
        ("https://waste.example.cn:443/a/b", "waste.example.cn", "https://waste.example.cn"),
        ("https://waste.example.cn:8443", "waste.example.cn", "https://waste.example.cn:8443"),
    ],
)
def test_the_origin_is_what_browsers_say(base_url: str, rp_id: str, origin: str) -> None:
    party = RelyingParty.at(base_url, KEY)
    assert (party.id, party.origin) == (rp_id, origin)
    assert "kkk" not in repr(party)
