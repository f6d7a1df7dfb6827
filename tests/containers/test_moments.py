"""When a thing happened: an instant, told with its zone."""

import pytest

from tests.support.world import AT
from wastetrack.containers.moments import moment_of
from wastetrack.errors import Malformed


def test_a_time_without_a_zone_says_nothing() -> None:
    with pytest.raises(Malformed) as refused:
        moment_of(AT.replace(tzinfo=None), AT)
    assert refused.value.code == "time_without_zone"
    assert moment_of(AT, AT).happened_at == AT
