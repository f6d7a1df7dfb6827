"""What rots silently: templates that do not compile, pages without a title, macros nobody can call."""

import re
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes

from wastetrack import resources
from wastetrack.web.shown_values import Shown

FOLDER = resources.templates_dir()
TEMPLATES = sorted(file.relative_to(FOLDER).as_posix() for file in FOLDER.rglob("*.html"))
PAGES = [name for name in TEMPLATES if "{% extends" in (FOLDER / name).read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment(loader=FileSystemLoader(resources.templates_dir()), undefined=StrictUndefined, autoescape=True)


def source_of(name: str) -> str:
    return (resources.templates_dir() / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(environment: Environment, name: str) -> None:
    Shown(ZoneInfo("Asia/Shanghai")).add_to(environment)
    environment.get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_stands_in_the_frame_and_has_a_title(environment: Environment, name: str) -> None:
    tree = environment.parse(source_of(name))
    assert next(tree.find_all(nodes.Extends)).template.as_const() == "base.html"
    titles = [block for block in tree.find_all(nodes.Block) if block.name == "title"]
    assert titles
    assert any(isinstance(part, nodes.Output) for part in titles[0].body)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_in_a_template_needs_an_exception_from_the_content_policy(name: str) -> None:
    source = source_of(name)
    # A block of data is not run.
    assert not re.search(r"<script(?![^>]*\bsrc=| type=\"application/json\">)", source)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|hx-on|javascript:", source)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", source)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_form_has_its_token_and_key(name: str) -> None:
    source = source_of(name)
    posting = len(re.findall(r"<form[^>]*method=\"post\"", source))
    assert source.count("{{ hidden() }}") + source.count("{{ forms.hidden() }}") >= posting


@pytest.mark.parametrize("name", PAGES)
def test_no_visible_word_of_a_page_escapes_translation(environment: Environment, name: str) -> None:
    tree = environment.parse(source_of(name))
    data = "".join(part.data for part in tree.find_all(nodes.TemplateData))
    text = re.sub(r"<[^>]*>", " ", re.sub(r"<(code|svg)\b.*?</\1>", " ", data, flags=re.DOTALL))
    # A tag that a template splits leaves its inside behind; attributes are lower case with `=` or quotes.
    assert re.findall(r"[A-Z][a-z]{2,}|[\u4e00-\u9fff]+", text) == []
