"""When a record has served its time, to the second, and what becomes of a file that nothing names any more."""

from datetime import UTC, datetime, timedelta

import pytest

from wastetrack.attachments.storing import FileStore
from wastetrack.privacy.retention import free_on, kept_since


@pytest.mark.parametrize("years", [0, 1, 5, 10])
@pytest.mark.parametrize("day", [datetime(2026, 2, 28, tzinfo=UTC), datetime(2024, 2, 29, 20, tzinfo=UTC)])
def test_what_has_served_its_time_is_what_is_free(day: datetime, years: int) -> None:
    border = kept_since(day, years)
    assert free_on(border - timedelta(seconds=1), years) <= day.astimezone(UTC).date() + timedelta(days=1)
    assert free_on(border, years) > (day + timedelta(hours=8)).date()
    assert free_on(border - timedelta(seconds=1), years) <= (day + timedelta(hours=8)).date()


def test_a_file_that_no_row_names_is_taken_from_the_store(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = FileStore(tmp_path_factory.mktemp("files"))
    sha256 = store.put(b"scan")
    assert store.get(sha256) == b"scan"
    assert store.remove(sha256)
    assert not store.path(sha256).exists()
    assert not store.remove(sha256)
