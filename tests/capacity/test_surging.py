"""An epidemic by the day: the curve, when usual capacity is exceeded, who is called when, and that no gram is lost."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wastetrack.capacity.model import Matching
from wastetrack.capacity.solving import solve
from wastetrack.capacity.surge_model import (
    CURVES,
    TONNE,
    Curve,
    HelperTier,
    SurgeAnswer,
    SurgePlace,
    SurgePlant,
    SurgePreset,
    SurgeQuestion,
    check_question,
    hours_until_exceeded,
    preset_question,
)
from wastetrack.capacity.surging import instance_of, shared, surge
from wastetrack.capacity.verifying import verify
from wastetrack.errors import Malformed, RuleBroken

BEGINS = date(2027, 1, 21)


def place(code: str, share: int, longitude: float = 114.3) -> SurgePlace:
    """A county."""
    return SurgePlace(id=code, name=code, region=code, longitude=longitude, latitude=30.6, share=share)


def plant(name: str, tonnes: int, tier: HelperTier = HelperTier.USUAL, **told: object) -> SurgePlant:
    """A plant, called if it is of a later tier."""
    fields = {"is_called": tier is not HelperTier.USUAL, "longitude": 114.5, "latitude": 30.5, **told}
    return SurgePlant(id=name, name=name, region="420100", tier=tier, daily_g=tonnes * TONNE, **fields)  # type: ignore[arg-type]


def question(*plants: SurgePlant, **told: object) -> SurgeQuestion:
    """Ten tonnes a day, forty at the height, in two counties."""
    curve = Curve(base_g=10 * TONNE, peak_g=40 * TONNE, rise_days=4, high_days=1, fall_days=2)
    fields = {"places": (place("420102", 3), place("420103", 1)), "hold_days": 0, "overload_percent": 0, **told}
    return SurgeQuestion(title="试", begins_on=BEGINS, curve=curve, plants=plants, **fields)  # type: ignore[arg-type]


def test_a_curve_rises_and_falls_by_equal_factors() -> None:
    curve = question(plant("常规", 12)).curve
    assert [grams / TONNE for grams in curve.grams()] == [10, 14.142136, 20, 28.284271, 40, 40, 20, 10]
    assert len(curve.grams()) == curve.days == 8
    wuhan = CURVES[SurgePreset.WUHAN].grams()
    assert (wuhan[0], wuhan[40], wuhan[-1]) == (45 * TONNE, 247 * TONNE, 45 * TONNE)
    assert max(CURVES[SurgePreset.HUBEI].grams()) == 658_400_000
    assert CURVES[SurgePreset.WUHAN].scaled(9 * TONNE).peak_g == 49_400_000


def test_it_is_known_after_how_many_hours_usual_capacity_is_exceeded() -> None:
    assert hours_until_exceeded([10, 14, 20], 12) == 12  # half of the first day
    assert hours_until_exceeded([10, 14, 20], 17) == 36
    assert hours_until_exceeded([10, 14, 20], 9) == 0
    assert hours_until_exceeded([10, 14, 20], 20) is None
    assert hours_until_exceeded(CURVES[SurgePreset.WUHAN].grams(), 50 * TONNE) == 59


def test_by_hand_helpers_come_in_their_order_and_after_their_lead() -> None:
    asked = question(
        plant("常规", 12),
        plant("危废", 8, HelperTier.HAZARDOUS_INCINERATOR, lead_hours=24),
        plant("水泥", 20, HelperTier.CEMENT_KILN, lead_hours=49),
    )
    assert asked.called_on == 1  # 14.1 of 12 tonnes
    found = surge(asked)
    by_name = {one.name: [grams / TONNE for grams in one.taken_g] for one in found.plants}
    assert by_name["常规"] == [10, 12, 12, 12, 12, 12, 12, 10]
    assert by_name["危废"] == [0, 0, 8, 8, 8, 8, 8, 0]  # called on day 1, ready on day 2
    assert by_name["水泥"] == [0, 0, 0, 0, 20, 20, 0, 0]  # 49 hours are three days
    assert [day.unmatched_g for day in found.days] == [0, 2_142_136, 0, 8_284_271, 0, 0, 0, 0]
    assert (found.exceeded_after_hours, found.called_on) == (11, BEGINS + timedelta(days=1))
    assert (found.unmatched_days, found.helpers_needed, found.worst.day) == (2, 2, BEGINS + timedelta(days=3))
    assert found.days[4].taken_g == {
        "usual": 12 * TONNE,
        "hazardous_incinerator": 8 * TONNE,
        "municipal_incinerator": 0,
        "cement_kiln": 20 * TONNE,
    }
    (ready,) = [one.ready_on for one in found.plants if one.name == "水泥"]
    assert ready == BEGINS + timedelta(days=4)


def test_an_earlier_call_closes_the_gap_and_overload_goes_before_helpers() -> None:
    plants = (plant("常规", 12), plant("危废", 40, HelperTier.HAZARDOUS_INCINERATOR, lead_hours=72))
    late, early = surge(question(*plants)), surge(question(*plants, called_after_days=0))
    assert late.unmatched_g == 2_142_136 + 8_000_000 + 16_284_271
    assert early.unmatched_g == 2_142_136 + 8_000_000
    pressed = surge(question(*plants, called_after_days=0, overload_percent=20))
    assert pressed.plants[0].peak_g == 14_400_000
    assert pressed.unmatched_g == 5_600_000  # 20 - 14.4 on the second day


def test_plants_go_beyond_their_capacity_only_once_helpers_are_called() -> None:
    helper = plant("危废", 1, HelperTier.HAZARDOUS_INCINERATOR)
    found = surge(question(plant("常规", 12), helper, called_after_days=3, overload_percent=50))
    assert [one / TONNE for one in found.plants[0].taken_g][:5] == [10, 12, 12, 18, 18]


def test_what_waits_for_two_days_is_taken_by_plants_that_get_ready() -> None:
    plants = (plant("常规", 12), plant("危废", 60, HelperTier.HAZARDOUS_INCINERATOR, lead_hours=24))
    assert surge(question(*plants)).unmatched_g == 2_142_136
    held = surge(question(*plants, hold_days=2))
    assert held.unmatched_g == 0
    assert held.days[1].waits_g >= 2_142_136


def test_without_usual_plants_or_helpers_the_answer_says_how_much_goes_nowhere() -> None:
    alone = surge(preset_question(SurgePreset.WUHAN))
    assert (alone.usual_g, alone.worst.arises_g) == (50 * TONNE, 247 * TONNE)
    assert alone.unmatched_g > 0
    assert alone.helpers_needed == 0
    only_helpers = question(plant("危废", 40, HelperTier.HAZARDOUS_INCINERATOR))
    assert (only_helpers.usual_g, only_helpers.called_on) == (0, 0)
    assert surge(only_helpers).unmatched_g == 0
    with pytest.raises(Malformed):
        preset_question(SurgePreset.OWN)


def test_an_agreement_counts_only_while_it_is_in_force() -> None:
    ends = BEGINS + timedelta(days=3)
    helper = plant("危废", 40, HelperTier.HAZARDOUS_INCINERATOR, to_on=ends)
    found = surge(question(plant("常规", 12), helper))
    assert [grams > 0 for grams in found.plants[1].taken_g] == [False, True, True, True, False, False, False, False]


def test_who_is_called_across_a_border_may_come() -> None:
    helper = replace(plant("邻省", 40, HelperTier.MUNICIPAL_INCINERATOR), region="410100")
    found = surge(question(plant("常规", 12), helper))
    assert found.unmatched_g == 0


def test_question_and_answer_are_the_same_after_json() -> None:
    asked = question(plant("常规", 12), plant("危废", 8, HelperTier.HAZARDOUS_INCINERATOR, to_on=date(2027, 6, 1)))
    assert SurgeQuestion.from_json(json.loads(json.dumps(asked.as_json()))) == asked
    found = surge(asked)
    assert SurgeAnswer.from_json(json.loads(json.dumps(found.as_json()))) == found
    unread: tuple[object, ...] = ({}, {"begins_on": 3}, [], {**asked.as_json(), "plants": [{"tier": "none"}]})
    for nonsense in unread:
        with pytest.raises(Malformed):
            SurgeQuestion.from_json(nonsense)


def test_all_that_is_wrong_with_a_question_is_told() -> None:
    wrong = replace(
        question(places=()),
        curve=Curve(base_g=0, peak_g=-1, rise_days=0, high_days=-1, fall_days=401),
        called_after_days=401,
        hold_days=3,
    )
    assert sorted(one.code for one in check_question(wrong)) == [
        "base_missing",
        "call_unreadable",
        "days_unreadable",
        "days_unreadable",
        "days_unreadable",
        "held_too_long",
        "peak_low",
        "places_missing",
        "plants_missing",
    ]
    long = Curve(base_g=1, peak_g=2, rise_days=300, high_days=0, fall_days=300)
    assert [one.code for one in check_question(replace(question(plant("常规", 1)), curve=long))] == ["surge_long"]
    many = question(plant("常规", 1), places=tuple(place(f"{code}", 1) for code in range(301)))
    assert [one.code for one in check_question(many)] == ["surge_large"]
    late = replace(question(plant("常规", 1)), begins_on=date.max)
    assert [one.code for one in check_question(late)] == ["year_far"]
    with pytest.raises(RuleBroken):
        instance_of(wrong)


def test_nothing_waits_where_a_plant_has_room_today() -> None:
    plants = (plant("常规", 12), plant("危废", 60, HelperTier.HAZARDOUS_INCINERATOR, lead_hours=24))
    asked = question(*plants, hold_days=2)
    found = surge(asked)
    # At the end something waits so that the usual plant is full on the last day, and a helper takes less before.
    assert [day.waits_g for day in found.days][:5] == [0, 2_142_136, 0, 0, 0]
    assert [one / TONNE for one in found.plants[0].taken_g] == [10, 12, 12, 12, 12, 12, 12, 12]


def _could_be_earlier(found: Matching) -> list[tuple[int, int, int]]:
    """Loads whose waste waited the day before while their plant had room, and what waited to go nowhere."""
    instance = found.instance
    kept: dict[tuple[int, int], int] = defaultdict(int)
    for place_, period, mass_g in zip(found.kept.place, found.kept.period, found.kept.mass_g, strict=True):
        kept[int(place_), int(period)] += int(mass_g)
    used: dict[tuple[int, int], int] = defaultdict(int)
    rows = list(zip(found.flows.place, found.flows.line, found.flows.period, found.flows.mass_g, strict=True))
    for _, line, period, mass_g in rows:
        used[int(line), int(period)] += int(mass_g)
    late = [
        (int(place_), int(line), int(period))
        for place_, line, period, mass_g in rows
        if mass_g > 0
        and period > instance.lines.first_period[line]
        and kept[int(place_), int(period) - 1] > 0
        and used[int(line), int(period) - 1] < instance.plants.capacity_g[line, period - 1]
    ]
    lost = zip(found.unmatched.place, found.unmatched.period, strict=True)
    return late + [(int(place_), -1, int(period)) for place_, period in lost if kept[int(place_), int(period) - 1] > 0]


PLANTS = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.sampled_from(HelperTier),
        st.booleans(),
        st.integers(0, 100),
        st.floats(113, 116),
    ),
    min_size=1,
    max_size=5,
)


@given(plants=PLANTS, shares=st.lists(st.integers(1, 9), min_size=1, max_size=4), hold=st.integers(0, 2))
@settings(max_examples=30, deadline=None)
def test_of_any_epidemic_every_gram_is_taken_waits_or_goes_nowhere(
    plants: list[tuple[int, HelperTier, bool, int, float]], shares: list[int], hold: int
) -> None:
    asked = question(
        *(
            plant(f"厂{number}", tonnes, tier, is_called=called, lead_hours=lead, longitude=longitude)
            for number, (tonnes, tier, called, lead, longitude) in enumerate(plants)
        ),
        places=tuple(place(f"4201{number + 10}", share, 113.5 + number) for number, share in enumerate(shares)),
        hold_days=hold,
    )
    solved = solve(instance_of(asked))
    assert verify(solved) == []
    assert _could_be_earlier(solved) == []
    found = surge(asked)
    loaded: dict[date, int] = defaultdict(int)
    for load in found.loads:
        loaded[load.day] += load.mass_g
    waits = 0
    for day in found.days:
        assert sum(day.taken_g.values()) == loaded[day.day]
        assert waits + day.arises_g == loaded[day.day] + day.waits_g + day.unmatched_g
        waits = day.waits_g
    if hold == 0:  # without storage each day is by itself: what no capacity of the day takes
        for number, day in enumerate(found.days):
            ready = [one for one in asked.plants if (first := asked.ready_on(one)) is not None and first <= number]
            assert day.unmatched_g == max(0, day.arises_g - sum(one.daily_g for one in ready))


def test_shares_add_up_to_the_gram() -> None:
    assert shared(10, [1, 1, 1]) == [4, 3, 3]
    assert shared(7, [0, 5]) == [0, 7]
