"""The hazard pictograms of a label, drawn by ourselves as plain shapes: T, C, I, R and In (国家危险废物名录 art. 5).

Each is a white diamond with a black edge and a black figure. Figures are written in a square of 100 by 100 units with
y downwards; `operators` scales them to the size wanted. They follow the symbols that readers of dangerous goods
labels know: skull, corrosion, flame, explosion, biohazard.
"""

import math
import re
from functools import cache
from typing import Final

from wastetrack.reports.figures import Words

HAZARDS: Final = {
    "T": Words("毒性", "Toxicity"),
    "C": Words("腐蚀性", "Corrosivity"),
    "I": Words("易燃性", "Ignitability"),
    "R": Words("反应性", "Reactivity"),
    "In": Words("感染性", "Infectivity"),
}

_DIAMOND: Final = "50 2.5 m 97.5 50 l 50 97.5 l 2.5 50 l"
_GROUND: Final = f"1 g {_DIAMOND} h f 0 g"
_WHITE: Final = re.compile(r"(?<![\d.])1 ([gG])(?![\w.])")
_EDGE: Final = f"q 0 G 3 w 0 j {_DIAMOND} s Q"
# How far a Bézier handle lies along the tangent to round a quarter of a circle.
_ROUND: Final = 0.5523


@cache
def operators(letter: str, paper: tuple[int, int, int] | None = None) -> str:
    """PDF operators that draw the pictogram in a square of 100 units; KeyError for an unknown hazard.

    `paper` stands where the pictogram is white, for signs on coloured ground.
    """
    figure, scale, down = _FIGURES[letter]
    size = 50 - 50 * scale
    drawn = f"{_GROUND} q {scale:g} 0 0 {scale:g} {size:g} {size + down:g} cm {figure} Q {_EDGE}"
    if paper is None:
        return drawn
    red, green, blue = (f"{part / 255:.4g}" for part in paper)
    return _WHITE.sub(lambda found: f"{red} {green} {blue} {'rg' if found[1] == 'g' else 'RG'}", drawn)


def _circle(x: float, y: float, r: float) -> str:
    return _ellipse(x, y, r, r)


def _ellipse(x: float, y: float, a: float, b: float) -> str:
    h, v = a * _ROUND, b * _ROUND
    return (
        f"{x + a:.2f} {y:.2f} m {x + a:.2f} {y + v:.2f} {x + h:.2f} {y + b:.2f} {x:.2f} {y + b:.2f} c "
        f"{x - h:.2f} {y + b:.2f} {x - a:.2f} {y + v:.2f} {x - a:.2f} {y:.2f} c "
        f"{x - a:.2f} {y - v:.2f} {x - h:.2f} {y - b:.2f} {x:.2f} {y - b:.2f} c "
        f"{x + h:.2f} {y - b:.2f} {x + a:.2f} {y - v:.2f} {x + a:.2f} {y:.2f} c h"
    )


def _polygon(*points: tuple[float, float]) -> str:
    (x, y), *rest = points
    return f"{x:.2f} {y:.2f} m " + " ".join(f"{a:.2f} {b:.2f} l" for a, b in rest) + " h"


def _skull() -> str:
    bones = "1 J 6.5 w 31 62 m 69 79 l S 69 62 m 31 79 l S "
    ends = " ".join(_circle(x, y, 4.4) for x, y in ((28.5, 63.5), (31.5, 58.5), (71.5, 63.5), (68.5, 58.5)))
    feet = " ".join(_circle(x, y, 4.4) for x, y in ((28.5, 77.5), (31.5, 82), (71.5, 77.5), (68.5, 82)))
    halo = f"q 1 g 1 G 3 w {_ellipse(50, 37, 18, 17)} B 40 44 20 17 re B Q "
    head = f"{_ellipse(50, 37, 18, 17)} f 41 46 18 13 re f "
    eyes = f"1 g {_ellipse(42.5, 39, 4.9, 5.4)} f {_ellipse(57.5, 39, 4.9, 5.4)} f "
    nose = f"{_polygon((50, 44), (47.2, 50), (52.8, 50))} f "
    teeth = "1 G 1.4 w 0 J 45.5 53 m 45.5 60 l S 50 53 m 50 60 l S 54.5 53 m 54.5 60 l S"
    return f"{bones}{ends} f {feet} f {halo}0 g {head}{eyes}{nose}{teeth}"


def _flame() -> str:
    outer = (
        "52 16 m 58 27 54 34 61 41 c 63 38 63 34 62 31 c 70 39 73 48 72 57 c 71 69 62 76 50 76 c 38 76 28 68 28 56 c "
        "28 47 33 42 36 35 c 38 39 40 41 42 42 c 41 32 45 24 52 16 c h f "
    )
    inner = (
        "1 g 51 46 m 52 54 59 56 59 64 c 59 69.5 55.5 72.5 50 72.5 c 44 72.5 40.5 69 40.5 63.5 c "
        "40.5 60 42 58 44 55 c 45 58 46 59 47.5 59.5 c 46.5 54 48 49 51 46 c h f "
    )
    return f"{outer}{inner}0 g 34 79.5 32 3.4 re f"


def _corrosion() -> str:
    def tube(x: float, y: float, turn: float) -> str:
        c, s = math.cos(turn), math.sin(turn)
        level = -7 if turn < 0 else 1
        glass = "1 g 0 G 1.8 w -5 -12 m -5 8 l -5 11.5 -2.5 13 0 13 c 2.5 13 5 11.5 5 8 c 5 -12 l b -7 -12 m 7 -12 l S "
        liquid = (
            f"0 g -3.4 {level} m -3.4 8 l -3.4 10.6 -1.8 11.6 0 11.6 c 1.8 11.6 3.4 10.6 3.4 8 c 3.4 {-6 - level} l h f"
        )
        return f"q {c:.4f} {s:.4f} {-s:.4f} {c:.4f} {x} {y} cm {glass}{liquid} Q "

    def drop(x: float, y: float) -> str:
        right = f"{x} {y} m {x + 2.6} {y + 4.4} {x + 2.4} {y + 7} {x} {y + 7} c "
        left = f"{x - 2.4} {y + 7} {x - 2.6} {y + 4.4} {x} {y} c h f "
        return right + left

    tubes = tube(33, 30, math.radians(115)) + tube(67, 30, math.radians(-115))
    drops = drop(42.5, 41) + drop(40.5, 51) + drop(57.5, 41) + drop(59.5, 51)
    plate = "24 64 m 34.5 64 l 36.5 69.5 38.5 66 40.5 70.5 c 42.5 66.5 44 68 45.5 64 c 48 64 l 48 72 l 24 72 l h f "
    hand = (
        "52 72 m 52 68.5 l 52 66.5 53.5 65.5 56 66 c 57.5 66.3 l 59 69.5 60.5 67 61.5 65.2 c 64 61.5 67 60.8 70 61.8 c "
        "77 64 l 77 72 l h f "
    )
    return f"{tubes}0 g {drops}{plate}{hand}"


def _explosion() -> str:
    def star(points: int, far: float, near: float, turn: float) -> str:
        corners = []
        for i in range(points * 2):
            reach = (far, near)[i % 2] * (1.0, 1.0, 0.86, 1.0)[i % 4]
            angle = turn + i * math.pi / points
            corners.append((50 + reach * math.cos(angle), 47 + reach * math.sin(angle)))
        return _polygon(*corners)

    burst = star(12, 29, 13.5, -math.pi / 2)
    core = star(10, 11, 5.5, 0.2)
    debris = " ".join(
        _polygon((x, y), (x + 4, y - 2.2), (x + 5, y + 1.6), (x + 1.2, y + 3.2))
        for x, y in ((22, 51), (73, 52), (34, 70), (61, 71), (47, 78))
    )
    return f"{burst} f 1 g {core} f 0 g {debris} f"


def _biohazard() -> str:
    """Three horns around a ring: circles cut out of circles, after the usual construction."""
    x, y = 50.0, 51.0
    spokes = [math.radians(angle) for angle in (-90, 30, 150)]

    def at(angle: float, reach: float) -> tuple[float, float]:
        return x + reach * math.cos(angle), y + reach * math.sin(angle)

    parts = ["0 g " + " ".join(_circle(*at(angle, 13.5), 15.6) for angle in spokes) + " f"]
    parts.append("1 g " + " ".join(_circle(*at(angle, 17.0), 11.8) for angle in spokes) + " f")
    for angle in spokes:
        (ax, ay), (bx, by) = at(angle, 22), at(angle, 30.5)
        parts.append(f"q 1 G 8 w 0 J {ax:.2f} {ay:.2f} m {bx:.2f} {by:.2f} l S Q")
    parts.append(f"1 g {_circle(x, y, 3.6)} f")
    for angle in spokes:
        (ax, ay), (bx, by) = at(angle, 2), at(angle, 7.2)
        parts.append(f"q 1 G 1.6 w {ax:.2f} {ay:.2f} m {bx:.2f} {by:.2f} l S Q")
    parts.append(f"q 1 G 5.6 w {_circle(x, y, 13.4)} S Q q 0 G 3.6 w {_circle(x, y, 13.4)} S Q")
    return " ".join(parts)


# Figure, scale that fits it into the diamond, and how far it is moved down.
_FIGURES: Final = {
    "T": (_skull(), 0.84, 0.0),
    "C": (_corrosion(), 0.88, 5.0),
    "I": (_flame(), 0.9, -1.0),
    "R": (_explosion(), 1.0, -0.5),
    "In": (_biohazard(), 1.0, 0.0),
}
