"""Both languages: every sentence that people may read has its Chinese, with the same places in it."""

import importlib
import pkgutil
import re
from enum import StrEnum

import pytest

import wastetrack
from tests.support.sentences import in_python, in_templates
from wastetrack.auth.model import Role
from wastetrack.i18n import catalogue, english_label, label, translate, translate_in

_PLACE = re.compile(r"\{([a-z_0-9]*)[^}]*\}")

_MODELS = ("model", "permits", "plates", "hazards", "result")


def shown_enums() -> list[type[StrEnum]]:
    """Every enum of the rooms' models: pages name their members by `label`."""
    found = {
        value
        for module in pkgutil.walk_packages(wastetrack.__path__, "wastetrack.")
        if module.name.rpartition(".")[2] in _MODELS
        for value in vars(importlib.import_module(module.name)).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    }
    return sorted(found, key=lambda kind: kind.__name__)


def test_every_sentence_has_its_chinese() -> None:
    chinese = catalogue("zh")
    missing = {
        sentence: place for sentence, place in (*in_templates(), *in_python()) if (sentence, None) not in chinese
    }
    assert missing == {}


def test_translations_have_the_places_of_their_sentence() -> None:
    for (sentence, _context), translation in catalogue("zh").items():
        assert sorted(set(_PLACE.findall(sentence))) == sorted(set(_PLACE.findall(translation))), sentence


@pytest.mark.parametrize("kind", shown_enums(), ids=lambda kind: kind.__name__)
def test_every_member_of_a_shown_enum_has_its_chinese(kind: type[StrEnum]) -> None:
    chinese = catalogue("zh")
    assert [member for member in kind if (english_label(member), kind.__name__) not in chinese] == []


def test_chinese_is_written_with_chinese_marks() -> None:
    wrong = {
        translation
        for translation in catalogue("zh").values()
        if re.search(r"[\u4e00-\u9fff][,;?!]|[\u4e00-\u9fff]:(?!//)|[,;?!][\u4e00-\u9fff]", translation)
    }
    assert wrong == set()


def test_facts_find_their_places_and_enums_are_named() -> None:
    sentence = "Your role ({role}) may not do this. Ask the owner of your organisation for another role."
    assert "门岗操作员" in translate(sentence, "zh", role=Role.GATE_OPERATOR)
    assert "(Gate operator)" in translate(sentence, "en", role=Role.GATE_OPERATOR)


def test_what_is_not_translated_stays_english_and_a_missing_fact_stays_a_place() -> None:
    assert translate("Nobody wrote this down.", "zh") == "Nobody wrote this down."
    assert translate("{a} and {b}", "en", a=1) == "1 and {b}"
    assert translate_in("Role", "Driver", "zh") == "驾驶员"
    assert label(Role.DRIVER, "en") == "Driver"
