"""The audit of dependencies finds what it looks for, says where it could not look; and the tree holds no secret."""

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build" / "audit_dependencies.py"


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_dependencies", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def installed(folder: Path, name: str, version: str, *more: str) -> list[importlib.metadata.Distribution]:
    """A folder in which exactly this is installed."""
    metadata = folder / f"{name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *more, ""]))
    return list(importlib.metadata.distributions(path=[str(folder)]))


MIT = "License-Expression: MIT"


def test_what_was_tested_and_may_be_used_is_well(audit: ModuleType, tmp_path: Path) -> None:
    found = installed(tmp_path, "Some_Library", "1.2", MIT)
    assert list(audit.findings(found, "some-library==1.2 ; python_version < '4'\n", {})) == []


@pytest.mark.parametrize(
    ("constraints", "licence", "says"),
    [
        ("other==1.2", MIT, "does not stand in constraints.txt"),
        ("some-library==1.3", MIT, "1.3 was tested"),
        ("some-library==1.2", "License-Expression: AGPL-3.0-only", "AGPL-3.0-only"),
        ("some-library==1.2", "License-Expression: MIT AND GPL-2.0-only", "not among those allowed"),
        ("some-library==1.2", "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", "GPLv3"),
        ("some-library==1.2", "License: Commercial", "Commercial"),
        ("some-library==1.2", "Summary: nothing told", "none told"),
    ],
)
def test_what_is_not_is_told(audit: ModuleType, tmp_path: Path, constraints: str, licence: str, says: str) -> None:
    (line,) = audit.findings(installed(tmp_path, "Some_Library", "1.2", licence), constraints, {})
    assert says in line


@pytest.mark.parametrize("licence", ["MIT OR GPL-3.0-only", "Apache-2.0 AND BSD-3-Clause", "BSD", "LGPL-3.0-only"])
def test_of_alternatives_one_is_enough(audit: ModuleType, licence: str) -> None:
    assert audit.is_allowed(licence)


def test_a_lock_that_names_a_host_is_told(audit: ModuleType) -> None:
    locks = {"constraints.txt": "# see https://example.org\n--index-url https://mirror.example.org/simple\na==1\n"}
    (line,) = audit.findings([], "", locks)
    assert "names a host" in line


def test_a_service_that_cannot_be_asked_is_never_taken_for_a_clean_bill(audit: ModuleType) -> None:
    unknown = [{"name": "a", "version": "1", "skip_reason": "not found"}]
    assert audit.judged(json.dumps({"dependencies": unknown}), "") is None
    assert audit.judged("", "requests.exceptions.ConnectionError: …") is None
    assert audit.judged("", "Traceback: a mistake") is False
    fine = [{"name": "b", "version": "1", "vulns": []}]
    assert audit.judged(json.dumps({"dependencies": fine}), "") is True
    hole = [{"name": "b", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]
    assert audit.judged(json.dumps({"dependencies": [*unknown, *hole]}), "") is False


def test_a_part_that_was_not_looked_at_is_named(audit: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    told = [{"name": "a", "version": "1", "skip_reason": "?"}, {"name": "b", "version": "1", "vulns": []}]
    assert audit.judged(json.dumps({"dependencies": told}), "") is True
    assert "NOT LOOKED at 1 of 2: a" in capsys.readouterr().out


def test_the_bill_of_materials_lists_what_is_installed(audit: ModuleType, tmp_path: Path) -> None:
    target = tmp_path / "sbom.json"
    assert audit.write_sbom(installed(tmp_path, "Some_Library", "1.2", MIT), target) == 1
    bill = json.loads(target.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    (component,) = bill["components"]
    assert (component["purl"], component["version"]) == ("pkg:pypi/some-library@1.2", "1.2")


def test_the_command_says_that_it_could_not_look() -> None:
    # Nobody listens at this port: a closed network looks the same.
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "--osv-url", "http://127.0.0.1:9/v1/query", "--must-look"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert "NOT LOOKED" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bxox[abprs]-[0-9A-Za-z-]{10,}"
    r"|\bw[st]_[A-Za-z0-9_-]{40,}|\beyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}\.|://[a-z]+:[^\s:/@{}$\[\"']{3,}@[a-z0-9.-]+"
    r"|(?i:password|secret|passphrase|api_?key|token)[A-Za-z_]*[\"']?\s*[:=]\s*[\"'][^\"'{}$<>%\s]{8,}[\"']"
)
KNOWN = (
    'token_type: str = "Bearer"',  # the scheme's name
    'ISSUE_TOKENS = "issue_tokens"',  # a verb
    "  # noqa: S105  the name of a",  # of a kind, a method, an event
    '= "/api/v1/oauth/token"',  # an address
    "/account/factors",  # another
    "of databases that are thrown away",  # the benchmark's people
    "://user:password@host/name",  # what such an address looks like
)


def sources() -> list[Path]:
    """Everything that is shipped or built from."""
    folders = ("wastetrack", "alembic", "templates", "schemas", ".build")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if "node_modules" not in path.parts]
    files = [
        path for path in found if path.suffix in {".py", ".html", ".json", ".toml", ".po", ".css", ".js", ".yml", ".md"}
    ]
    return [*files, ROOT / "docker-compose.yml", ROOT / ".env.example", ROOT / "pyproject.toml", ROOT / "README.md"]


def test_no_secret_stands_in_the_tree() -> None:
    assert len(sources()) > 300
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:100]}"
        for path in sources()
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
        if SECRETS.search(line) and not any(known in line for known in KNOWN)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ['PASSWORD = "correcthorse"', "api_key: 'abcdefghijkl'", "url = 'postgresql://me:hunter22@db/x'",
     "-----BEGIN PRIVATE KEY-----", "AKIAIOSFODNN7EXAMPLE", "wt_" + "a" * 43],
)  # fmt: skip
def test_a_planted_secret_would_be_found(line: str) -> None:
    assert SECRETS.search(line)
