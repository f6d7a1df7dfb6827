"""A deployment's own figures take the place of the packaged ones, or are refused whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from wastetrack.catalogues.jurisdiction import differ, jurisdiction
from wastetrack.errors import Malformed


@pytest.fixture(autouse=True)
def _packaged_again() -> Iterator[None]:
    yield
    differ(None)


def _file(folder: Path, text: str) -> Path:
    file = folder / "ours.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_figure_that_differs_brings_its_value_and_the_rest_stays(tmp_path: Path) -> None:
    packaged = jurisdiction().weight_tolerance
    differ(_file(tmp_path, '[weight_tolerance]\nvalue = 30\narticle = "省厅通知"\n'))
    assert (jurisdiction().weight_tolerance.value, jurisdiction().weight_tolerance.article) == (30, "省厅通知")
    assert jurisdiction().weight_tolerance.certainty is packaged.certainty
    assert jurisdiction().confirm_working_days.value == 5
    differ(None)
    assert jurisdiction().weight_tolerance == packaged


def test_a_rule_that_is_not_known_is_refused_and_nothing_differs(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="weight_tolerence"):
        differ(_file(tmp_path, "[weight_tolerence]\nvalue = 30\n"))
    assert jurisdiction().weight_tolerance.value == 20
