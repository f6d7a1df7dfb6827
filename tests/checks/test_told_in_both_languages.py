"""What a rule is told by: its grounds, its numbers, where they come from, the records it needs, in both languages."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from wastetrack.checks.every import RULES
from wastetrack.checks.model import FINDING, Rule
from wastetrack.extracts.every import TABLES
from wastetrack.i18n import catalogue
from wastetrack.reports.articles import article_in
from wastetrack.reports.fact_words import FACTS
from wastetrack.reports.rule_words import TABLES as NAMED
from wastetrack.reports.rule_words import in_force, needed, source_in

_CHINESE = re.compile("[\u4e00-\u9fff]")
_ENGLISH = re.compile(r"\b(?!VigieD)[A-Za-zé]{4,}")
EACH_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@EACH_RULE
def test_what_a_number_of_a_rule_means_has_its_chinese(rule: Rule) -> None:
    chinese = catalogue("zh")
    said = [rule.title, rule.detectable, rule.false_alarms, rule.next_step, *rule.innocent]
    said += [one.meaning for one in rule.parameters]
    assert [sentence for sentence in said if not _CHINESE.search(chinese.get((sentence, None), ""))] == []


@EACH_RULE
def test_a_formula_names_the_same_numbers_in_either_language(rule: Rule) -> None:
    told = catalogue("zh").get((rule.formula, None), rule.formula)
    symbols = {one.name for one in rule.parameters if len(one.name) > 1}
    named = {word for word in re.findall(r"[a-z_]{2,}", rule.formula) if word in symbols and "_" in word}
    assert named <= set(re.findall(r"[a-z_]{2,}", told))
    assert _CHINESE.search(told) or not re.search(r"\b(?:the|and|of|or|a|outside|without)\b", rule.formula)


@EACH_RULE
def test_where_a_number_comes_from_is_told_in_the_language_of_the_page(rule: Rule) -> None:
    for one in rule.parameters:
        assert not _ENGLISH.search(source_in(one.source, "zh")), one.source
        assert not _CHINESE.search(source_in(one.source, "en")), one.source
        assert "anomaly note" not in source_in(one.source, "en")


@EACH_RULE
def test_the_ground_of_a_rule_is_told_in_the_language_of_the_page(rule: Rule) -> None:
    assert not _CHINESE.search(article_in(rule.article, "en"))
    assert not _ENGLISH.search(article_in(rule.article, "zh"))
    assert "art." not in article_in(rule.article, "zh")


@EACH_RULE
def test_each_table_that_a_rule_needs_has_a_name_for_people(rule: Rule) -> None:
    assert [need for need in rule.needs if not _CHINESE.search(needed(need, "zh")) or not needed(need, "en")] == []


def test_what_must_stand_in_a_table_is_told_beside_it() -> None:
    assert needed("readings.kind=hours_on", "en") == "meter readings of plants: Hours of running"
    assert needed("readings.kind=hours_on", "zh").endswith("：运行小时")
    assert needed("activity.kind=bed_days|visits", "en").endswith(": Bed days, Visits")


def test_each_table_of_the_copy_has_a_name_for_people() -> None:
    assert NAMED.keys() == TABLES.keys()


@pytest.mark.parametrize(
    ("value", "unit", "chinese", "english"),
    [
        (0.05, "1", "0.05", "0.05"),
        (3_000_000, "g", "3 t", "3 t"),
        (500_000, "g", "500 kg", "500 kg"),
        (24, "h", "24 h", "24 h"),
        (3.09, "s", "3.09 σ", "3.09 σ"),
        (2000, "load", "2,000 车次", "2,000 loads"),
        (1e-06, "1", "0.000001", "0.000001"),
    ],
)
def test_a_number_stands_with_its_unit(value: float, unit: str, chinese: str, english: str) -> None:
    assert (in_force(value, unit, "zh"), in_force(value, unit, "en")) == (chinese, english)


def test_each_fact_that_a_rule_tells_of_its_own_has_a_name_for_people() -> None:
    told = {name for rule in RULES for name in _told_by(rule)}
    assert len(told) > 150
    assert sorted(told - FACTS.keys()) == []


def _told_by(rule: Rule) -> set[str]:
    """What stands beside the columns of every finding, by the calls of `findings` in a rule's file and its parts."""
    file = Path(inspect.getfile(rule.find))
    calls = [
        node
        for source in (file, *file.parent.parent.glob("*.py"), *(file.parent.parent / "models").glob("*.py"))
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "findings"
    ]
    return {word.arg for call in calls for word in call.keywords if word.arg is not None} - set(FINDING)
