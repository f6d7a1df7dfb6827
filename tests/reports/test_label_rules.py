"""The look of labels is a file with certainty tags, and a deployment may differ from it."""

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest

from wastetrack.errors import Malformed
from wastetrack.reports.label_rules import CHINA, LabelCertainty, LabelRules, differ, label_rules


@pytest.fixture(autouse=True)
def _packaged_again() -> Iterator[None]:
    yield
    differ(None)


def _file(folder: Path, text: str) -> Path:
    file = folder / "ours.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("litres", "side", "text", "sides"),
    [("50", 100, 3, 1), ("50.1", 150, 5, 1), ("450", 150, 5, 1), ("451", 200, 6, 2)],
)
def test_the_size_of_a_label_goes_by_volume(litres: str, side: int, text: float, sides: int) -> None:
    size = CHINA.size_for(Decimal(litres))
    assert (size.side_mm, size.text_height_mm, 1 + size.on_two_sides) == (side, text, sides)


def test_each_value_names_its_article_and_how_sure_we_are() -> None:
    stated = {each.name: getattr(CHINA, each.name) for each in fields(LabelRules)}
    assert all(one.article and isinstance(one.certainty, LabelCertainty) for one in stated.values())
    assert stated["zone_sizes"].certainty is LabelCertainty.UNCONFIRMED


def test_a_value_that_differs_takes_the_place_of_the_packaged_one(tmp_path: Path) -> None:
    text = '[margin_mm]\nvalue = 5\narticle = "HJ 1276-2022, 5.2"\n\n[background]\nvalue = [1, 2, 3]\n'
    differ(_file(tmp_path, text))
    assert (label_rules().margin_mm.value, label_rules().margin_mm.article) == (5.0, "HJ 1276-2022, 5.2")
    assert label_rules().background.value == (1, 2, 3)
    assert label_rules().sizes == CHINA.sizes
    differ(None)
    assert label_rules() == CHINA


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[margin]\nvalue = 5\n", "label_rule_unknown"),
        ("[margin_mm]\nvalue = 0\n", "label_rule_unreadable"),
        ("[background]\nvalue = [1, 2, 300]\n", "label_rule_unreadable"),
        ('[title]\nvalue = ""\n', "label_rule_unreadable"),
        # The largest containers would find no size.
        (
            '[sizes]\nvalue = [{ name = "all", side_mm = 100, text_height_mm = 3, up_to_litres = 50 }]\n',
            "label_rule_unreadable",
        ),
        ('[zone_sizes]\nvalue = [{ name = "all", width_mm = 100 }]\n', "label_rule_unreadable"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_differs(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(Malformed, match=code):
        differ(_file(tmp_path, text))
    assert label_rules() == CHINA
