"""What the product is made of, and whether that is what was tested, may be used, and has no known hole.

    python .build/audit_dependencies.py --sbom sbom.json               # everything; says so where it could not look
    python .build/audit_dependencies.py --offline                      # only what needs no network
    python .build/audit_dependencies.py --must-look                    # fails too where the service cannot be reached

Offline: every installed distribution stands in constraints.txt at its version, its licence is one that we may use, and
no lock file names a host. Over the network: pip-audit asks the service of known vulnerabilities. The bill of materials
is CycloneDX (ECMA-424).
"""

import argparse
import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution
from pathlib import Path
from typing import TYPE_CHECKING, cast

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

if TYPE_CHECKING:
    import email.message

ROOT = Path(__file__).resolve().parent.parent
OURS = "wastetrack"
# What an environment brings along by itself.
BROUGHT_ALONG = frozenset({"pip", "setuptools", "wheel", OURS})
ALLOWED = re.compile(
    r"(0BSD|Apache([- ]Software)?([- ]License)?(,? ?(Version )?[-]?2(\.0)?)?( license)?"
    r"|([23]-Clause )?BSD([- ][23])?([- ]Clause)?([- ]License)?"
    r"|CC0-1\.0|CNRI-Python|HPND|ISC([- ]License( \(ISCL\))?)?|LGPL-(2\.1|3\.0)(-only|-or-later)?"
    r"|GNU (Lesser|Library) General Public License v[23].*|MIT(-0|-CMU)?( License)?"
    r"|MPL-2\.0|Mozilla Public License 2\.0 \(MPL 2\.0\)|OFL-1\.1|PSF-2\.0|PSFL"
    r"|Python(-2\.0)?( Software Foundation License)?"
    r"|(The )?Unlicense( \(Unlicense\))?|Zlib|dependency licenses)",
    re.IGNORECASE,
)
"""Licences under which a product of ours may use a library unchanged; weak copyleft among them, strong is not."""
_PARTED = re.compile(r"\s+(?:AND|OR|WITH)\s+|[();,]|\s+and\s+")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)
_HOST = re.compile(r"(https?|git\+ssh|git)://|\b(index-url|find-links|trusted-host)\b")
_LOCKS = ("constraints.txt", ".build/package-lock.json")
_UNREACHABLE = re.compile(
    r"ConnectionError|ConnectTimeout|ServiceError|Max retries|Name or service|ProxyError|timed out"
)


def canonical(name: str) -> str:
    """A name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(constraints: str) -> dict[str, str]:
    """Name → version of a constraints file."""
    return {canonical(name): version for name, version in _PINNED.findall(constraints)}


def licence_of(distribution: Distribution) -> str:
    """The licence as its metadata tell it: expression, classifiers, or the first line of free text."""
    told = cast("email.message.Message", distribution.metadata)
    expression = told.get("License-Expression")
    if expression:
        return str(expression)
    classified = [
        each.rpartition(" :: ")[2]
        for each in told.get_all("Classifier", [])
        if each.startswith("License :: OSI Approved ::")
    ]
    return " OR ".join(classified) or str(told.get("License") or "").strip().partition("\n")[0]


def is_allowed(licence: str) -> bool:
    """Whether every part of a licence is one of ours; of alternatives, one is enough."""
    if " OR " in licence and "(" not in licence.partition(" OR ")[0].rpartition(")")[2]:
        return any(is_allowed(part) for part in licence.split(" OR "))
    parts = [part.strip() for part in _PARTED.split(licence) if part.strip()]
    return ALLOWED.fullmatch(licence.strip()) is not None or (
        bool(parts) and all(ALLOWED.fullmatch(part) is not None for part in parts)
    )


def findings(distributions: Iterable[Distribution], constraints: str, locks: dict[str, str]) -> Iterator[str]:
    """What is wrong, one line each."""
    tested = pinned(constraints)
    for distribution in distributions:
        name = canonical(distribution.metadata["Name"])
        if name in BROUGHT_ALONG:
            continue
        if name not in tested:
            yield f"{name} {distribution.version} is installed but does not stand in constraints.txt"
        elif tested[name] != distribution.version:
            yield f"{name} {distribution.version} is installed, {tested[name]} was tested"
        licence = licence_of(distribution)
        if not is_allowed(licence):
            yield f"{name} has the licence {licence or '(none told)'!r}, which is not among those allowed"
    for lock, text in locks.items():
        yield from (f"{lock} names a host: {line.strip()[:80]}" for line in text.splitlines() if _names_host(line))


def _names_host(line: str) -> bool:
    return _HOST.search(line) is not None and not line.lstrip().startswith("#") and '"funding"' not in line


def write_sbom(distributions: Iterable[Distribution], target: Path) -> int:
    """Write the bill of materials; gives the number of components."""
    bom = Bom()
    ours = Component(name=OURS, type=ComponentType.APPLICATION, version=_version())
    bom.metadata.component = ours
    for distribution in sorted(distributions, key=lambda each: canonical(each.metadata["Name"])):
        name = canonical(distribution.metadata["Name"])
        if name in BROUGHT_ALONG:
            continue
        bom.components.add(
            Component(
                name=name,
                version=distribution.version,
                type=ComponentType.LIBRARY,
                purl=PackageURL("pypi", None, name, distribution.version),
                licenses=[DisjunctiveLicense(name=licence_of(distribution) or "unknown")],
            )
        )
    bom.register_dependency(ours, bom.components)
    target.write_text(JsonV1Dot6(bom).output_as_string(indent=1), encoding="utf-8")
    return len(json.loads(target.read_text(encoding="utf-8"))["components"])


def _version() -> str:
    return str(
        re.findall(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)[0]
    )


def look_for_vulnerabilities(osv_url: str | None = None) -> bool | None:
    """Ask the service about everything in constraints.txt: whether all is well, or None if it could not be asked.

    A package that the service does not know was not looked at: it is told, and never counted as well.
    """
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(ROOT / "constraints.txt"), "--no-deps"]
    command += ["--disable-pip", "--progress-spinner", "off", "--timeout", "15", "--format", "json"]
    if osv_url:
        command += ["--vulnerability-service", "osv", "--osv-url", osv_url]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return judged(done.stdout, done.stderr)


def judged(answer: str, complaint: str) -> bool | None:
    """What pip-audit's answer means."""
    try:
        told = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        if not _UNREACHABLE.search(complaint):
            print(complaint, end="")
            return False
        return None
    skipped = [each for each in told if "skip_reason" in each]
    holes = [(each, hole) for each in told for hole in each.get("vulns", ())]
    for each, hole in holes:
        print(
            f"{each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'nothing'}"
        )
    if skipped and len(skipped) < len(told):
        print(f"NOT LOOKED at {len(skipped)} of {len(told)}: {', '.join(each['name'] for each in skipped)}")
    if holes:
        return False
    return None if len(skipped) == len(told) else True


def main() -> int:
    """Look, say, and fail where something is wrong."""
    asked = argparse.ArgumentParser(description="Audit the dependencies.")
    asked.add_argument("--sbom", type=Path, help="where to write the bill of materials")
    asked.add_argument("--offline", action="store_true", help="do not ask the service of vulnerabilities")
    asked.add_argument("--must-look", action="store_true", help="fail where that service cannot be reached")
    asked.add_argument("--osv-url", help="an own mirror of the OSV service, in place of the index")
    given = asked.parse_args()
    installed = list(importlib.metadata.distributions())
    locks = {name: (ROOT / name).read_text(encoding="utf-8") for name in _LOCKS}
    wrong = list(findings(installed, locks["constraints.txt"], locks))
    for line in wrong:
        print(line)
    if given.sbom:
        print(f"{write_sbom(installed, given.sbom)} components written to {given.sbom}")
    verdict = True if given.offline else look_for_vulnerabilities(given.osv_url)
    if verdict is None:
        print("NOT LOOKED for known vulnerabilities: their service cannot be asked from here.")
    return 1 if wrong or verdict is False or (verdict is None and given.must_look) else 0


if __name__ == "__main__":
    sys.exit(main())
