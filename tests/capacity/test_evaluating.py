"""The rules by which plants are judged, by hand."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from wastetrack.capacity.evaluating import (
    Operation,
    PlantLoad,
    PlantOperation,
    class_of,
    ordered,
    percent,
    summed,
)
from wastetrack.capacity.facts import ItemFacts, PermitFacts
from wastetrack.capacity.licensing import Days, Licence, LicensedLine
from wastetrack.capacity.outages import OutageCause, ReportOutage, days_lost
from wastetrack.capacity.permitted import year_of
from wastetrack.ids import new_id
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.permits import PermitKind

_YEAR = (date(2025, 1, 1), date(2025, 12, 31))
_T = 1_000_000


def _licence(
    yearly_t: float,
    first: date = date(2024, 1, 1),
    last: date = date(2028, 12, 31),
    *,
    pattern: str = "HW08",
    suspended: tuple[Days, ...] = (),
) -> Licence:
    lines = (LicensedLine(pattern, ("D10",), Mass(round(yearly_t * _T))),)
    return Licence(lines=lines, valid_from=first, valid_to=last, suspended=suspended)


def _plant(treated_t: int, *licences: Licence, **more: Any) -> PlantOperation:  # noqa: ANN401  any field of it
    told: dict[str, Any] = {
        "site_id": new_id(),
        "site": "焚烧车间",
        "firm_id": new_id(),
        "firm": "甲",
        "region_code": "370613",
        "since": _YEAR[0],
        "until": _YEAR[1],
        "licences": licences,
        "treated": Mass(treated_t * _T),
    }
    return PlantOperation(**told | more)


@pytest.mark.parametrize(
    ("treated_t", "load"),
    [
        (0, PlantLoad.IDLE),
        (19_999, PlantLoad.IDLE),
        (20_000, PlantLoad.LOW),
        (40_000, PlantLoad.NORMAL),
        (84_999, PlantLoad.NORMAL),
        (85_000, PlantLoad.TIGHT),
        (100_000, PlantLoad.TIGHT),
        (100_001, PlantLoad.OVER),
    ],
)
def test_the_load_has_a_class(treated_t: int, load: PlantLoad) -> None:
    assert _plant(treated_t, _licence(100_000)).load_class is load


def test_without_a_permit_there_is_no_load() -> None:
    assert _plant(5).load is None
    assert class_of(None) is PlantLoad.WITHOUT_PERMIT


def _licensed(*licences: Licence) -> Mass:
    return _plant(0, *licences).licensed


def test_a_permit_counts_for_the_days_on_which_it_holds() -> None:
    """36.5 t a year from 1 December on: 31 days, 3.1 t; a renewal takes over the day after, nothing counts twice."""
    late = _licence(36.5, date(2025, 12, 1), date(2026, 11, 30))
    assert _licensed(late) == Mass(3_100_000)
    halves = [_licence(365, last=date(2025, 6, 30)), _licence(365, first=date(2025, 7, 1))]
    assert _licensed(*halves) == Mass(365 * _T)
    assert _licensed(_licence(9, last=date(2024, 12, 31))) == ZERO


def test_what_a_renewed_permit_repeats_counts_once_by_the_larger() -> None:
    """365 t until the end of September, 730 t of the same from July on: 181 days of one tonne, 184 of two."""
    old, new = _licence(365, last=date(2025, 9, 30)), _licence(730, first=date(2025, 7, 1))
    assert _licensed(old, new) == Mass((181 + 2 * 184) * _T)
    assert _plant(0, old, new).yearly == Mass(730 * _T)
    both = _plant(0, replace(old, valid_to=date(2025, 12, 31)), new)
    assert both.yearly == Mass(730 * _T)
    assert _licensed(old, replace(new, lines=(replace(new.lines[0], pattern="HW09"),))) == Mass((273 + 2 * 184) * _T)


@pytest.mark.parametrize("seed", range(20))
def test_the_matching_and_the_evaluation_read_permits_alike(seed: int) -> None:
    """Random permits over 2025, renewed, overlapping and suspended: what is effective is what the matching allows."""
    dice = Random(seed)  # noqa: S311  a test's dice
    licences, facts = [], []
    for _ in range(dice.randint(1, 5)):
        first = date(2025, 1, 1) + timedelta(days=dice.randint(-200, 300))
        last = first + timedelta(days=dice.randint(20, 400))
        stop = first + timedelta(days=dice.randint(0, 300))
        suspended = ((stop, dice.choice([None, stop + timedelta(days=40)])),) if dice.random() < 0.5 else ()
        pattern, tonnes = dice.choice(["HW08", "HW09"]), dice.randint(1, 50)
        licences.append(_licence(tonnes, first, last, pattern=pattern, suspended=suspended))
        facts.append(
            PermitFacts(
                *(new_id(), new_id(), None, PermitKind.COMPREHENSIVE, first, last),
                (ItemFacts(new_id(), pattern, frozenset({"D10"}), tonnes * _T),),
                suspended,
            )
        )
    year = year_of(facts, (), 2025)
    assert abs(_plant(0, *licences).effective.grams - sum(year.permitted_g)) <= len(licences)


def test_the_suspension_of_one_of_several_permits_takes_its_part_alone() -> None:
    """300 t of oil and 100 t of sludge; the permit of the sludge is suspended for 73 days, a fifth of the year."""
    stop = ((date(2025, 4, 1), date(2025, 6, 12)),)
    plant = _plant(0, _licence(300), _licence(100, pattern="HW17", suspended=stop))
    assert plant.days_lost == Fraction(73, 4)
    assert plant.availability == Fraction(19, 20)
    assert (plant.licensed, plant.effective) == (Mass(400 * _T), Mass(380 * _T))
    # An outage of half the plant on the same days is more than the quarter that is suspended: it counts alone.
    still = replace(plant, lost=((date(2025, 4, 1), date(2025, 6, 12), 50),))
    assert still.days_lost == Fraction(73, 2)
    assert _plant(0, _licence(300, suspended=stop)).days_lost == 73
    # What a renewed permit allows goes on, whatever becomes of the old one.
    assert _plant(0, _licence(300, suspended=stop), _licence(300)).days_lost == 0
    assert _plant(0, lost=((date(2025, 4, 1), None, 20),)).days_lost == Fraction(275, 5)


def test_days_that_are_lost_count_once_and_by_their_share() -> None:
    """Ten days whole, of which five lie within twenty days of half: 10 + 15 × 0.5."""
    gaps = [(date(2025, 3, 1), date(2025, 3, 10), 100), (date(2025, 3, 6), date(2025, 3, 25), 50)]
    assert days_lost(gaps, *_YEAR) == Fraction(35, 2)
    assert days_lost([(date(2024, 1, 1), None, 100)], *_YEAR) == 365
    assert days_lost([(date(2024, 12, 1), date(2025, 1, 2), 100)], *_YEAR) == 2
    assert days_lost([(date(2026, 1, 1), None, 100)], *_YEAR) == 0


def test_what_stands_still_is_not_effective() -> None:
    """73 days of 365 are a fifth: of 1000 t, 800 t are effective; the load is still against the permit."""
    plant = _plant(400, _licence(1_000), lost=((date(2025, 1, 1), date(2025, 3, 14), 100),))
    assert plant.availability == Fraction(4, 5)
    assert plant.effective == Mass(800 * _T)
    assert plant.load == Fraction(2, 5)


def test_a_plant_tells_its_shares() -> None:
    plant = _plant(
        200,
        _licence(1_000),
        residue=Mass(50 * _T),
        taken=38,
        refused=2,
        standing=Mass(30 * _T),
        room=Mass(40 * _T),
        hard_to_treat=(("900-249-08", Mass(3)), ("772-002-18", Mass(2))),
    )
    assert plant.residue_ratio == Fraction(1, 4)
    assert plant.refusal == Fraction(1, 20)
    assert plant.fullness == Fraction(3, 4)
    assert plant.hard == Mass(5)
    assert (plant.days, plant.methods, plant.is_shared) == (365, ("D10",), False)
    empty = _plant(0)
    assert (empty.residue_ratio, empty.refusal, empty.fullness) == (None, None, None)


def test_plants_together_are_in_the_order_of_their_load() -> None:
    idle, over, none = _plant(1, _licence(100)), _plant(120, _licence(100)), _plant(5)
    found = Operation(since=_YEAR[0], until=_YEAR[1], plants=ordered([none, idle, over]))
    assert found.plants == (over, idle, none)
    assert found.load == Fraction(126, 200)
    assert found.by_class == ((PlantLoad.WITHOUT_PERMIT, 1), (PlantLoad.IDLE, 1), (PlantLoad.OVER, 1))
    assert summed([("D10", Mass(1)), ("R9", Mass(5)), ("D10", Mass(3))]) == (("R9", Mass(5)), ("D10", Mass(4)))
    assert (percent(found.load), percent(None)) == ("63.0 %", "—")


def test_every_reason_against_an_outage_is_told_at_once() -> None:
    wrong = ReportOutage(
        site_id=new_id(), cause=OutageCause.OTHER, from_on=date(2025, 5, 2), to_on=date(2025, 5, 1), percent=0
    )
    assert [one.code for one in wrong.broken()] == ["days_reversed", "outage_share_outside", "field_empty"]
    right = ReportOutage(site_id=new_id(), cause=OutageCause.MAINTENANCE, from_on=date(2025, 5, 2))
    assert right.broken() == ()
