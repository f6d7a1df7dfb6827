"""The figures and choices of one jurisdiction's rules, each with its article and how sure we are of it.

One file: data/cn.toml. A deployment that must differ names a file of its own (setting `jurisdiction_file`) with the
same tables, of which it needs only those that differ and in them only `value` (and `article`, to say why).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from wastetrack.errors import Malformed

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
class Choice:
    """One of several ways in which a rule may be applied, which the authority of the place chooses."""

    value: str
    one_of: tuple[str, ...]
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
    storage_spot_limit: Figure
    """Grams that may stand at a storage spot."""
    containment_per_mille: Figure
    """Per mille of the liquid waste of an area that its bund must hold at least."""
    storage_years: Figure
    """Years that a permit holder may store."""
    storage_years_of_generators: Choice
    """Whether generators are held to the same term."""
    medical_hours_at_source: Figure
    """Hours that medical waste may stand where it was made."""
    medical_cold_below: Figure
    """Degrees below which a treatment plant's store is cold."""
    medical_hours_warm: Figure
    """Hours in a treatment plant's store that is not cold."""
    medical_hours_cold: Figure
    """Hours in one that is."""
    medical_hours_remote: Figure
    """Hours in a cold and disinfected one in a remote place."""
    collected_working_days: Figure
    """Working days after which the holder of a collection permit has handed on what it gathered."""
    storage_notice_days: Figure
    """Days before the end of a long term from which it is told."""
    medical_fill_percent: Figure
    """Percent of its volume at which a bag or sharps box of medical waste is closed."""
    key_supervision_tonnes: Figure
    """Yearly tonnes from which a site is under key supervision."""
    simplified_tonnes: Figure
    """Yearly tonnes from which simplified management holds."""
    permit_renewal_days: Figure
    """Working days before the end of a permit by which its holder has asked for the next one."""
    permit_renewal_notice_days: Figure
    """Days before that day from which it is told."""
    plan_due_month: Figure
    """The management plan of a year is filed by the last day of this month."""
    plan_rule: Choice
    """What becomes of a manifest beyond the filed plan."""
    contract_rule: Choice
    """What becomes of a manifest without a contract in force."""
    approval_notice_days: Figure
    """Working days in which an application is accepted or sent back."""
    approval_review_days: Figure
    """Working days for the first review."""
    approval_reply_days: Figure
    """Working days in which the other province replies."""
    approval_decision_days: Figure
    """Working days from the reply to the decision."""
    approval_months: Figure
    """How long an approval across provinces may hold."""
    approval_warning_days: Figure
    """Days before its end on which its holder is told."""
    directed_use_decision_days: Figure
    """Working days for a decision on point-to-point use or sharing within a group."""
    directed_use_months: Figure
    """How long such an approval may hold."""
    point_to_point_authority: Choice
    """Who decides on point-to-point use."""
    group_internal_authority: Choice
    """Who decides on sharing within a group."""
    general_waste_manifest: Choice
    """Whether general industrial solid waste moves on manifests."""
    general_waste_leaving_to_be_used: Choice
    """What general waste needs that leaves the province to be used."""
    continuous_period: Choice
    """For how long a stretch of a pipe or belt one manifest is made."""
    meter_reading_days: Figure
    """Days in which both ends of a pipe enter what their meters counted on a day."""
    sum_up_days: Figure
    """Working days after a period in which its totals are signed."""
    back_entry_working_days: Figure
    """Working days after its end in which a transfer on paper is entered."""
    reserved_numbers: Figure
    """Numbers that one site may hold in reserve."""
    report_day_of_month: Figure
    """Day of the following month by which a monthly or quarterly report is due."""
    yearly_report_month: Figure
    """Month by whose day (below) the yearly report is due."""
    yearly_report_day: Figure
    """The day."""
    record_book_years: Figure
    """Years that a permit holder's record book is kept."""
    ward_reading_minutes: Figure
    """Minutes for which a scale's reading may become the mass of a bag."""
    medical_pick_up_hours: Figure
    """Hours between two pick-ups at a medical institution, unless its collection point has an interval of its own."""
    medical_quiet_days: Figure
    """Days without waste after which a small institution is flagged."""
    medical_sum_up_day: Figure
    """Day of the next month until which the monthly medical manifest is summed up."""
    medical_cleaning_hours: Figure
    """Hours in which the vehicle and boxes of a trip are cleaned."""
    transit_hours: Figure
    """Hours on the road without a report of arrival, after which the authority is told."""
    gate_hours: Figure
    """Hours at the gate without a receipt, after which the authority is told."""
    loading_check_rule: Choice
    """Whether a load is picked up before its shipper has signed that it looked at carrier, vehicle, crew and labels."""
    emergency_helpers_per_prefecture: Figure
    """Facilities for medical waste in an emergency that each prefecture names at least."""
    emergency_renewal_days: Figure
    """Days before the end of an agreement or supply for emergencies from which it is told."""
    open_reservations: Figure
    """Reservations that one generator may hold open at a time."""


def legal_day(at: datetime) -> date:
    """The day on which an instant falls where the law holds."""
    return at.astimezone(LEGAL_ZONE).date()


_differing: dict[str, dict[str, Any]] = {}


def differ(file: Path | None) -> None:
    """Let a deployment's own file take the place of packaged values; None: nothing differs. For the start of a process.

    Raises Malformed for a table that the rules do not know, or a value that cannot be.
    """
    _differing.clear()
    jurisdiction.cache_clear()
    if file is None:
        return
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    strange = sorted(set(told) - {each.name for each in fields(Jurisdiction)})
    if strange:
        message = "{file} names rules that are not known: {names}."
        raise Malformed("jurisdiction_rule_unknown", message, file=str(file), names=", ".join(strange))
    _differing.update(told)
    try:
        jurisdiction()
    except Malformed:
        _differing.clear()
        jurisdiction.cache_clear()
        raise


@cache
def jurisdiction(name: str = "cn") -> Jurisdiction:
    """The figures of a jurisdiction. Raises FileNotFoundError or TypeError when its file is absent or incomplete."""
    text = files("wastetrack.catalogues").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    packaged: dict[str, dict[str, Any]] = tomllib.loads(text)
    return Jurisdiction(**{key: _read(key, entry | _differing.get(key, {})) for key, entry in packaged.items()})


def _read(name: str, entry: Mapping[str, Any]) -> Any:  # noqa: ANN401  a figure or a choice, as its field says
    article, certainty = str(entry["article"]), Certainty(entry["certainty"])
    if "one_of" not in entry:
        return Figure(int(entry["value"]), article, certainty)
    if entry["value"] not in entry["one_of"]:
        message = "The rule {name} is one of {choices}, not “{value}”."
        choices = ", ".join(entry["one_of"])
        raise Malformed("jurisdiction_choice_unknown", message, name=name, choices=choices, value=entry["value"])
    return Choice(str(entry["value"]), tuple(entry["one_of"]), article, certainty)
