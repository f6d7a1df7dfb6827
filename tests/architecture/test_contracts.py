"""The house stays as it was drawn: who may import whom, and how long a text may get."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from wastetrack import resources

ROOT = resources.PACKAGE.parent
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
FILES = sorted(resources.PACKAGE.rglob("*.py"))


def test_every_import_contract_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists() or not (ROOT / "pyproject.toml").exists():
        pytest.skip("contracts are read from a checkout with the test tools")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_file_is_longer_than_two_are_read() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_function_fits_one_screen() -> None:
    too_long = {
        f"{path.relative_to(ROOT).as_posix()}:{function.lineno} {function.name}": length
        for path in FILES
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (function.end_lineno or function.lineno) - function.lineno + 1) > LONGEST_FUNCTION
    }
    assert too_long == {}
