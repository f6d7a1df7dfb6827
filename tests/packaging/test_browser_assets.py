"""The build hook: fetched once for a lock, and no way to npm is no obstacle."""

import hashlib
import importlib.util
import json
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

BUILD = Path(__file__).resolve().parents[2] / ".build"


@pytest.fixture
def browser_assets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("browser_assets", BUILD / "browser_assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lock_names_no_host_and_has_a_digest_of_each_library() -> None:
    text = (BUILD / "package-lock.json").read_text()
    assert "://" not in text
    libraries = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert libraries
    assert all(entry["integrity"].startswith("sha512-") for entry in libraries.values())


def test_every_file_wanted_is_of_a_locked_library(browser_assets: ModuleType) -> None:
    locked = json.loads((BUILD / "package-lock.json").read_text())["packages"]
    wanted = {f"node_modules/{path.split('/')[0]}" for path in browser_assets.FILES if not path.startswith("@")}
    assert wanted <= set(locked)


def test_what_is_there_for_this_lock_is_not_fetched_again(browser_assets: ModuleType, tmp_path: Path) -> None:
    for name in browser_assets.FILES.values():
        (tmp_path / name).write_text("// fetched earlier")
    lock = (BUILD / "package-lock.json").read_bytes()
    stamp = hashlib.sha256(lock + repr(browser_assets.FILES).encode()).hexdigest()
    (tmp_path / "lock.sha256").write_text(stamp)
    browser_assets.fetch(BUILD, tmp_path)
    assert (tmp_path / next(iter(browser_assets.FILES.values()))).read_text() == "// fetched earlier"


def test_without_a_way_to_npm_the_build_goes_on_and_says_so(browser_assets: ModuleType) -> None:
    refused = subprocess.CalledProcessError(1, ["npm"], stderr=b"\nnpm error code ECONNREFUSED\nnpm error more\n")
    assert browser_assets.explained(refused) == "npm error code ECONNREFUSED"
    said: list[str] = []

    class Application:
        """What hatch shows to whoever builds."""

        def display_warning(self, message: str) -> None:
            said.append(message)

    nowhere = BUILD / "no such folder"
    hook = browser_assets.BrowserAssets(str(nowhere), {}, None, None, str(nowhere), "wheel", Application())
    build_data: dict[str, list[str]] = {"artifacts": []}
    hook.initialize("standard", build_data)
    assert build_data["artifacts"] == ["/wastetrack/assets/vendor/*"]
    [warning] = said
    assert "without script" in warning
