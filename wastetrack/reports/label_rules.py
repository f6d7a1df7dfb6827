"""What the law says about the look of a hazardous waste label, each figure with its article and how sure we are of it.

The standard's own text was not at hand when this was written, so nothing here is CONFIRMED by it; whoever deploys the
product compares these figures with HJ 1276-2022 and, where they differ, passes another `LabelRules` to the renderer.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class Certainty(StrEnum):
    """Where a figure of law comes from."""

    CONFIRMED = "confirmed"
    """Read in the official text."""
    THIRD_PARTY = "third party"
    """Read on pages of authorities' hotlines, firms or public code that quote the text."""
    FROM_MEMORY = "from memory"
    """Not found in writing; to be compared before relying on it."""
    OUR_CHOICE = "our choice"
    """The law leaves it open."""


@dataclass(frozen=True, slots=True)
class Stated(Generic[T]):
    """A value of law with its source."""

    value: T
    article: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class LabelSize:
    """One of the standard's sizes: for containers up to `up_to_litres` (None: all larger ones)."""

    name: str
    side_mm: int
    text_height_mm: float
    up_to_litres: Decimal | None
    on_two_sides: bool = False


@dataclass(frozen=True, slots=True)
class LabelRules:
    """Sizes, colours and margins. `text_height_mm` is measured on a Chinese character such as 国."""

    sizes: Stated[tuple[LabelSize, ...]]
    background: Stated[tuple[int, int, int]]
    ink: Stated[tuple[int, int, int]]
    border_mm: Stated[float]
    margin_mm: Stated[float]
    margin_inside_size: Stated[bool]
    title: Stated[str]
    tag_text_height_mm: Stated[float]
    qr_least_mm: Stated[float]

    def size_for(self, volume_litres: Decimal | None) -> LabelSize:
        """The least size allowed for a container; the smallest where its volume is not known."""
        sizes = self.sizes.value
        if volume_litres is None:
            return sizes[0]
        return next(size for size in sizes if size.up_to_litres is None or volume_litres <= size.up_to_litres)


CHINA: Final = LabelRules(
    sizes=Stated(
        (
            LabelSize("small", 100, 3, Decimal(50)),
            LabelSize("medium", 150, 5, Decimal(450)),
            LabelSize("large", 200, 6, None, on_two_sides=True),
        ),
        "HJ 1276-2022, table of label sizes",
        Certainty.THIRD_PARTY,
    ),
    background=Stated((255, 150, 0), "HJ 1276-2022, label colours", Certainty.THIRD_PARTY),
    ink=Stated((0, 0, 0), "HJ 1276-2022, label colours", Certainty.THIRD_PARTY),
    border_mm=Stated(1.0, "HJ 1276-2022, label border", Certainty.THIRD_PARTY),
    margin_mm=Stated(3.0, "HJ 1276-2022, blank outside the border", Certainty.THIRD_PARTY),
    # Label stock is sold in the standard's sizes; with False the page grows by the margin on each side instead.
    margin_inside_size=Stated(True, "HJ 1276-2022, label sizes", Certainty.FROM_MEMORY),  # noqa: FBT003  a value
    title=Stated("危险废物", "HJ 1276-2022, label style", Certainty.FROM_MEMORY),
    # Smaller than any label of the standard: a tag for bags inside a container that bears the real label.
    tag_text_height_mm=Stated(2.2, "none: tags are outside HJ 1276-2022", Certainty.OUR_CHOICE),
    qr_least_mm=Stated(20.0, "none: what a phone reads at arm's length", Certainty.OUR_CHOICE),
)
