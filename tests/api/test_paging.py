"""Cursors: opaque, and only our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.api.paging import decode, encode
from wastetrack.errors import Malformed


@given(st.lists(st.text() | st.integers(), min_size=1, max_size=4))
def test_a_cursor_gives_its_key_back(parts: list[str | int]) -> None:
    assert decode(encode(tuple(parts))) == tuple(parts)


@pytest.mark.parametrize("cursor", ["", "!", "e30", "W10", "Wzo", "WzEuNV0", "W251bGxd", "é"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Malformed):
        decode(cursor)
