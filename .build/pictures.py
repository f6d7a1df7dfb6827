"""The pictures of the README: the main pages of the demonstration in Chromium, on a desk and on a phone.

python .build/pictures.py                  # writes .readme/*.png
python .build/pictures.py --out DIR --all  # each page in both languages, on both screens, light and dark
"""

import argparse
import io
import itertools
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from demonstrated import ROOT, a_manifest, a_matching, demonstration, session_of
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

DESK, PHONE = (1280, 900), (390, 844)


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it. `path` may name {manifest} and {matching}."""

    name: str
    login: str
    path: str
    locale: str = "zh"
    size: tuple[int, int] = DESK
    theme: str = "light"


PICTURES: Final = (
    Picture("home", "owner", "/"),
    Picture("home-phone", "owner", "/", size=PHONE),
    Picture("containers", "owner", "/containers", "en"),
    Picture("manifest", "owner", "/manifests/{manifest}"),
    Picture("manifest-phone", "owner", "/manifests/{manifest}", "en", PHONE),
    Picture("run-phone", "driver", "/run", size=PHONE),
    Picture("gate-phone", "gate", "/gate/live", size=PHONE, theme="dark"),
    Picture("stores", "gate", "/stores/map"),
    Picture("overview", "inspector", "/"),
    Picture("overview-phone", "inspector", "/", "en", PHONE),
    Picture("matching", "approver", "/capacity/{matching}"),
    Picture("chain", "inspector", "/audit/manifests/{manifest}"),
    Picture("chain-phone", "inspector", "/audit/manifests/{manifest}", size=PHONE, theme="dark"),
)
_COLOURS: Final = 192


def everything() -> Iterator[Picture]:
    """Each page in each look."""
    pages = {(each.login, each.path): each.name.removesuffix("-phone") for each in PICTURES}
    for ((login, path), name), locale, size, theme in itertools.product(
        pages.items(), ("zh", "en"), (DESK, PHONE), ("light", "dark")
    ):
        yield Picture(f"{name}-{locale}-{size[0]}-{theme}", login, path, locale, size, theme)


def take(browser: Browser, address: str, cookie: str, picture: Picture, things: dict[str, str]) -> bytes:
    """One picture, small enough to travel with the source."""
    width, height = picture.size
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=1)
    context.add_cookies([{"name": "wastetrack", "value": cookie, "url": address}])
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if picture.theme == "dark" else "light", reduced_motion="reduce")
    page.goto(f"{address}{picture.path.format(**things)}?lang={picture.locale}", wait_until="networkidle")
    shot = page.screenshot()
    context.close()
    drawn, small = Image.open(io.BytesIO(shot)).convert("RGB"), io.BytesIO()
    drawn.quantize(_COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def main() -> int:
    """Take them."""
    wanted = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    wanted.add_argument("--out", type=Path, default=ROOT / ".readme")
    wanted.add_argument("--all", action="store_true", help="each page in each look")
    wanted.add_argument("--manifests", type=int, default=200)
    chosen = wanted.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="wastetrack-pictures-") as passing, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        with demonstration(Path(passing), chosen.manifests) as address:
            things = {
                "manifest": a_manifest(session_of(address, "owner")[1]),
                "matching": a_matching(session_of(address, "approver")[1]),
            }
            cookies: dict[str, str] = {}
            for picture in everything() if chosen.all else PICTURES:
                if picture.login not in cookies:
                    cookies[picture.login] = session_of(address, picture.login)[0]
                taken = take(browser, address, cookies[picture.login], picture, things)
                (chosen.out / f"{picture.name}.png").write_bytes(taken)
                sys.stdout.write(f"{picture.name}.png {len(taken) // 1024} kB\n")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
