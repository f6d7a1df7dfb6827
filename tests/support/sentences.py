"""Every sentence that people may read, found in the sources: templates, refusals, marked messages."""

import ast
from collections.abc import Iterator

from jinja2.ext import babel_extract

from wastetrack import errors, resources

_FAMILIES = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.WastetrackError)
}
# Which positional argument of a call is a sentence.
_PLACES = {"message": 0, "Broken": 2, "refuse_one": 2, "Refusal": 2, **dict.fromkeys(_FAMILIES, 1)}
_NAMED = {"message", "next_step", "reason"}


def in_templates() -> Iterator[tuple[str, str]]:
    """Sentence and place, from `_("…")` in templates."""
    for file in sorted(resources.templates_dir().rglob("*.html")):
        with file.open("rb") as source:
            for line, _function, found, _comments in babel_extract(source, ("_",), (), {"silent": "false"}):
                # With facts beside it, the sentence is the first of several.
                sentence = found if isinstance(found, str) or found is None else found[0]
                if isinstance(sentence, str):
                    yield sentence, f"{file.name}:{line}"


def in_python() -> Iterator[tuple[str, str]]:
    """Sentence and place, from the calls that carry sentences."""
    for file in sorted(resources.PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for sentence in _sentences_of(node):
                    yield sentence, f"{file.relative_to(resources.PACKAGE)}:{node.lineno}"


def _sentences_of(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    place = _PLACES.get(name)
    found = [call.args[place]] if place is not None and len(call.args) > place else []
    if place is not None or name in {"Decision", "as_broken", "readable"}:
        found += [keyword.value for keyword in call.keywords if keyword.arg in _NAMED]
    for value in found:
        # `"…" if one else "other"` is two sentences.
        for branch in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            if isinstance(branch, ast.Constant) and isinstance(branch.value, str) and branch.value:
                yield branch.value
