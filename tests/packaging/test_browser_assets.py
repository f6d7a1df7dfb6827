"""The build hook: fetched once for a lock, and no way to npm is no obstacle."""

import importlib.util
import json
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BUILD = Path(__file__).resolve().parents[2] / ".build"
OUTLINES = BUILD.parent / "wastetrack" / "assets" / "vendor" / "outlines"


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


def test_what_is_there_for_this_lock_is_not_fetched_again_and_what_is_missing_is(
    browser_assets: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[Path] = []

    def npm(work: Path) -> None:
        fetched.append(work)
        for source in (*browser_assets.FILES, *browser_assets.DEV_FILES):
            file = work / "node_modules" / source
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("// fetched")
        maps = work / "node_modules" / browser_assets.MAPS
        (maps / "province").mkdir(parents=True)
        (maps / "china.json").write_text(json.dumps({"UTF8Encoding": True, "features": [SQUARE]}))
        (maps / "province" / "shandong.json").write_text(
            json.dumps({"UTF8Encoding": True, "features": [SQUARE | {"id": "370200"}]})
        )
        (maps / "province" / "elsewhere.json").write_text(
            json.dumps({"UTF8Encoding": True, "features": [SQUARE | {"id": "TW-1"}]})
        )

    monkeypatch.setattr(browser_assets, "run_npm", npm)
    lock, vendor = tmp_path / ".build", tmp_path / "vendor"
    lock.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(BUILD / name, lock / name)
    browser_assets.fetch(lock, vendor)
    browser_assets.fetch(lock, vendor)
    assert len(fetched) == 1
    assert sorted(file.name for file in (vendor / "outlines").iterdir()) == ["37.geojson", "china.geojson"]
    (lock / "dev" / "axe.min.js").unlink()
    browser_assets.fetch(lock, vendor)
    assert len(fetched) == 2


SQUARE = {
    "id": "370100",
    "properties": {"name": "济南市"},
    # From 117.0, 36.0: half a degree east, north, west; 512 of 1,024 steps are 1,024 in zigzag, 64 above nothing.
    "geometry": {
        "type": "Polygon",
        "coordinates": ["@@\u0440@@\u0440\u043f@"],
        "encodeOffsets": [[117 * 1024, 36 * 1024]],
    },
}


def test_an_outline_is_decoded_point_by_point_and_closed(browser_assets: ModuleType) -> None:
    plain = browser_assets.decoded(SQUARE)
    assert plain["properties"] == {"code": "370100", "name": "济南市"}
    assert plain["geometry"]["coordinates"] == [
        [[[117.0, 36.0], [117.5, 36.0], [117.5, 36.5], [117.0, 36.5], [117.0, 36.0]]]
    ]


def inside(lon: float, lat: float, shape: dict[str, Any]) -> bool:
    """Whether a ray to the east crosses the edges of the outer rings an odd number of times."""
    crossings = 0
    for area in shape["geometry"]["coordinates"]:
        for (x, y), (to_x, to_y) in pairwise(area[0]):
            if (y > lat) != (to_y > lat) and lon < (to_x - x) * (lat - y) / (to_y - y) + x:
                crossings += 1
    return crossings % 2 == 1


@pytest.mark.skipif(not (OUTLINES / "37.geojson").is_file(), reason="the browser libraries were not fetched")
@pytest.mark.parametrize(
    ("place", "lon", "lat", "code"),
    [("大明湖", 117.02, 36.675, "370100"), ("栈桥", 120.32, 36.07, "370200"), ("毓璜顶", 121.39, 37.53, "370600")],
)
def test_a_known_place_lies_in_its_city_and_in_no_other(place: str, lon: float, lat: float, code: str) -> None:
    cities = json.loads((OUTLINES / "37.geojson").read_text(encoding="utf-8"))["features"]
    assert [city["properties"]["code"] for city in cities if inside(lon, lat, city)] == [code], place


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
    assert build_data["artifacts"] == ["/wastetrack/assets/vendor/**"]
    [warning] = said
    assert "without script" in warning
