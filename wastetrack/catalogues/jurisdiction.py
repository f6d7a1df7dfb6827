"""The figures of one jurisdiction's rules, each with its article and how sure we are of it (one file: data/cn.toml)."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

# Days of the law, and the years of numbers and permits, are counted by the calendar of its own country.
LEGAL_ZONE = ZoneInfo("Asia/Shanghai")


class Certainty(StrEnum):
    """How sure we are of a figure."""

    TEXT = "text"  # read in the official text
    PRACTICE = "practice"  # what systems in service do
    UNCONFIRMED = "unconfirmed"  # the deployer confirms it


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the law or of practice."""

    value: int
    article: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The figures that rules take as arguments."""

    weight_tolerance: Figure
    """Per mille of the declared mass within which two scales agree."""
    weight_tolerance_floor: Figure
    """Grams below which no difference is told."""
    correction_answer_days: Figure
    """Days in which the other signer answers a correction; then it lapses."""
    confirm_working_days: Figure
    """Working days in which the receiver confirms."""
    planning_days: Figure
    """Days ahead that a transfer may be planned."""


def legal_day(at: datetime) -> date:
    """The day on which an instant falls where the law holds."""
    return at.astimezone(LEGAL_ZONE).date()


@cache
def jurisdiction(name: str = "cn") -> Jurisdiction:
    """The figures of a jurisdiction. Raises FileNotFoundError or TypeError when its file is absent or incomplete."""
    text = files("wastetrack.catalogues").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    figures = {
        key: Figure(int(entry["value"]), str(entry["article"]), Certainty(entry["certainty"]))
        for key, entry in tomllib.loads(text).items()
    }
    return Jurisdiction(**figures)
