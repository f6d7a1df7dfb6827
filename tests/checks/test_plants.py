"""What plants took, burnt and left over: R18 to R22."""

from itertools import count

import numpy as np
import pytest

from tests.support.records import at, found, records, told
from wastetrack.checks.rules import (
    r18_over_licence,
    r19_over_physics,
    r20_residues,
    r21_no_ash,
    r22_consumption,
)
from wastetrack.checks.running import Answer

TONNE = 1_000_000
PLANT = {"site_id": "plant", "kind": "disposer"}
Row = dict[str, object]


def _month(number: int) -> str:
    """The first day of the month so many after January 2024."""
    return f"{2024 + number // 12}-{number % 12 + 1:02d}-01"


def _receipt(day: str, tonnes: float, site: str = "plant", code: str = "900-249-08") -> Row:
    return {
        "manifest_id": f"{site} {day} {code}",
        "receiver_site_id": site,
        "waste_code": code,
        "received_g": int(tonnes * TONNE),
        "received_at": f"{day} 04:00",
    }


LICENCE: dict[str, list[Row]] = {
    "permits": [{"permit_id": "permit", "site_id": "plant"}],
    "permit_items": [
        {"permit_id": "permit", "pattern": "HW08", "method": "D10", "yearly_g": 100 * TONNE},
        {"permit_id": "permit", "pattern": "HW08", "method": "R9", "yearly_g": 100 * TONNE},
        {"permit_id": "permit", "pattern": "HW12", "method": "D10", "yearly_g": 60 * TONNE},
    ],
}


def test_the_load_that_passes_the_licence_is_told_and_the_grave_one() -> None:
    loads = [_receipt("2026-03-02", 90), _receipt("2026-04-02", 20), _receipt("2026-05-02", 20)]

    rows = found(r18_over_licence.RULE, records(manifests=loads, **LICENCE))

    over = [(row["pattern"], row["severity"], row["found_at"], row["at_risk_g"]) for row in rows if row["severity"] > 1]
    assert over == [
        ("HW08", 3, at("2026-04-02 04:00"), 10 * TONNE),
        ("HW08", 4, at("2026-05-02 04:00"), 30 * TONNE),
    ]


def test_categories_within_their_licence_pass_its_total() -> None:
    loads = [
        _receipt("2026-03-02", 99),
        _receipt("2026-03-03", 59, code="900-252-12"),
        _receipt("2026-03-04", 3, code="900-999-49"),
    ]

    rows = found(r18_over_licence.RULE, records(manifests=loads, **LICENCE))

    assert [(row["pattern"], row["taken_g"], row["yearly_g"]) for row in rows] == [("all", 161 * TONNE, 160 * TONNE)]


def test_a_code_within_its_category_adds_nothing_to_the_total() -> None:
    inside: Row = {"permit_id": "permit", "pattern": "900-249-08", "method": "D10", "yearly_g": 150 * TONNE}
    items = [*LICENCE["permit_items"], inside]
    loads = [_receipt("2026-03-02", 90), _receipt("2026-03-03", 71, code="900-252-12")]

    rows = found(r18_over_licence.RULE, records(manifests=loads, permits=LICENCE["permits"], permit_items=items))

    assert {(row["pattern"], row["yearly_g"]) for row in rows} == {("HW12", 60 * TONNE), ("all", 160 * TONNE)}


def test_what_several_permits_of_a_plant_allow_adds_up_and_a_renewed_one_does_not() -> None:
    def permit(name: str, pattern: str, method: str, tonnes: int, begins: str = "2025-01-01") -> dict[str, list[Row]]:
        item = {"permit_id": name, "pattern": pattern, "method": method, "yearly_g": tonnes * TONNE}
        return {
            "permits": [{"permit_id": name, "site_id": "plant", "valid_from": begins}],
            "permit_items": [item],
        }

    def over(tonnes: float, *held: dict[str, list[Row]]) -> list[object]:
        tables = {name: [row for one in held for row in one[name]] for name in ("permits", "permit_items")}
        loads = [_receipt("2026-03-02", tonnes), _receipt("2026-03-03", 50, code="900-252-12")]
        rows = found(r18_over_licence.RULE, records(manifests=loads, **tables))
        return [(row["pattern"], row["yearly_g"] // TONNE) for row in rows if row["severity"] > 1]

    oil, paint = permit("a", "HW08", "R9", 100), permit("b", "HW12", "D10", 60)
    furnace, renewed = permit("c", "HW08", "D10", 40), permit("d", "HW08", "R9", 100, begins="2026-02-01")
    assert over(99, oil, paint) == [], "149 t of 160"
    assert over(130, oil, paint, furnace) == [], "what is used and what is burnt"
    assert set(over(101, oil, paint, renewed)) == {("HW08", 100)}, "151 t of 160"
    assert set(over(141, oil, paint, furnace)) == {("HW08", 140)}


def test_a_new_year_begins_with_nothing_taken() -> None:
    # 16:30 UTC of New Year's Eve is the new year in China
    loads = [_receipt("2025-12-30", 90), _receipt("2026-01-02", 20)]

    assert found(r18_over_licence.RULE, records(manifests=loads, **LICENCE)) == []


def test_who_is_on_the_way_beyond_the_licence_is_told_when_a_month_is_over() -> None:
    loads = [
        _receipt(f"2026-{month:02d}-10", tonnes) for month, tonnes in zip(range(1, 5), (12, 13, 12, 13), strict=True)
    ]
    slow = [row | {"received_g": int(row["received_g"]) // 2} for row in loads]  # type: ignore[call-overload]

    (finding,) = [
        row for row in found(r18_over_licence.RULE, records(manifests=loads, **LICENCE)) if row["pattern"] == "HW08"
    ]

    assert (finding["severity"], finding["found_at"]) == (1, at("2026-03-31 16:00"))
    assert found(r18_over_licence.RULE, records(manifests=slow, **LICENCE)) == []


def test_a_permit_without_amounts_says_nothing() -> None:
    extract = records(manifests=[_receipt("2026-03-02", 90)], permits=[{}], permit_items=[{}])

    assert told(r18_over_licence.RULE, extract).answer is Answer.NO_DATA


def _kiln(tonnes: float, hours: float, **more: list[Row]) -> list[Row]:
    extract = records(
        manifests=[_receipt("2026-03-10", tonnes)],
        facilities=[
            {"facility_id": "kiln", "site_id": "plant", "kind": "treatment", "rated_t_per_h": 2.0},
            {"facility_id": "store", "site_id": "plant", "kind": "storage", "limit_g": 100 * TONNE},
        ],
        readings=[{"site_id": "plant", "month_on": "2026-03-01", "kind": "hours_on", "quantity": hours}],
        **more,
    )
    return found(r19_over_physics.RULE, extract)


def test_more_than_furnace_and_store_can_take_is_told() -> None:
    # 2 t/h × 1.15 × 100 h = 230 t, and 100 t of store
    (finding,) = _kiln(400, 100)

    assert (finding["found_at"], finding["at_risk_g"], finding["possible_g"]) == (
        at("2026-03-31 16:00"),
        70 * TONNE,
        pytest.approx(230e6),
    )
    assert _kiln(320, 100) == []


def test_what_was_counted_in_the_store_was_not_burnt() -> None:
    def stock(opening: int, closing: int) -> list[Row]:
        return [
            {"stock_take_id": day, "site_id": "plant", "taken_at": day, "measured_g": tonnes * TONNE}
            for day, tonnes in (("2026-02-28", opening), ("2026-03-31", closing))
        ]

    (finding,) = _kiln(300, 100, stock_takes=stock(20, 20))

    assert finding["at_risk_g"] == 70 * TONNE
    assert _kiln(300, 100, stock_takes=stock(10, 90)) == []


def test_batches_beyond_the_furnace_are_told_by_their_own_word() -> None:
    batch: list[Row] = [{"batch_id": "b", "site_id": "plant", "treated_at": "2026-03-20", "input_g": 300 * TONNE}]

    assert [row["at_risk_g"] for row in _kiln(250, 100, batches=batch)] == [70 * TONNE]


def _furnaces(parts: list[float]) -> dict[str, list[Row]]:
    """Furnaces of 2 t/h that run 500 hours in a month and treat this part of what they could by their rate."""
    return {
        "manifests": [_receipt("2026-03-10", 1)],
        "facilities": [
            {"facility_id": f"f{n}", "site_id": f"plant-{n}", "rated_t_per_h": 2.0} for n in range(len(parts))
        ],
        "readings": [
            {"site_id": f"plant-{n}", "month_on": "2026-03-01", "kind": "hours_on", "quantity": 500.0, "unit": "h"}
            for n in range(len(parts))
        ],
        "batches": [
            {"batch_id": f"b{n}", "site_id": f"plant-{n}", "treated_at": "2026-03-15", "input_g": int(part * 1e9)}
            for n, part in enumerate(parts)
        ],
    }  # fmt: skip


def test_where_most_furnaces_pass_their_nominal_rate_it_is_the_register_of_rates_that_is_wrong() -> None:
    right, wrong = [0.7, 0.8, 0.75, 0.85, 0.8, 0.9, 0.75, 0.8], [1.2, 1.3, 1.25, 1.35, 1.3, 1.4, 1.25, 1.3]

    assert [row["subject_id"] for row in found(r19_over_physics.RULE, records(**_furnaces([*right, 1.6])))] == [
        "plant-8"
    ]
    assert found(r19_over_physics.RULE, records(**_furnaces(wrong))) == []
    (finding,) = found(r19_over_physics.RULE, records(**_furnaces([*wrong, 2.6])))
    assert (finding["subject_id"], finding["reach"] > 1.5) == ("plant-8", True)


def test_without_hours_there_is_no_answer_about_physics() -> None:
    extract = records(manifests=[_receipt("2026-03-10", 1)], facilities=[{"rated_t_per_h": 2.0}])

    assert told(r19_over_physics.RULE, extract).answer is Answer.NO_DATA


def test_readings_of_power_alone_say_nothing_of_hours() -> None:
    power: Row = {"site_id": "plant", "month_on": "2026-03-01", "kind": "power", "quantity": 9000.0}
    furnace: Row = {"site_id": "plant", "kind": "treatment", "rated_t_per_h": 2.0}
    extract = records(manifests=[_receipt("2026-03-10", 4000)], facilities=[furnace], readings=[power])

    outcome = told(r19_over_physics.RULE, extract)

    assert (outcome.answer, outcome.lacking) == (Answer.NO_DATA, ("readings.kind=hours_on",))


def _plants(months: int, feigned: dict[str, tuple[int, float]], plants: int = 8) -> dict[str, list[Row]]:
    """Plants of which some treat less than they say from a month on; residue varies by 10 %, power by 8 %."""
    chance = np.random.default_rng(11)
    tables: dict[str, list[Row]] = {"batches": [], "residues": [], "readings": []}
    for plant in (f"plant-{number}" for number in range(plants)):
        begin, share = feigned.get(plant, (months, 0.0))
        for month in range(months):
            real = 1000e6 * (1 - share if month >= begin else 1)
            batch = f"{plant} {month}"
            treated_at = f"{_month(month)[:8]}15"
            tables["batches"].append(
                {
                    "batch_id": batch,
                    "site_id": plant,
                    "method": "D10",
                    "treated_at": treated_at,
                    "input_g": 1000 * TONNE,
                }
            )
            tables["residues"].append(
                {
                    "residue_id": batch,
                    "batch_id": batch,
                    "waste_code": "772-003-18",
                    "output_g": int(real * 0.2 * np.exp(chance.normal(0, 0.1))),
                    "made_at": treated_at,
                }
            )
            for kind, rate, unit in (("power", 300, "kWh"), ("lime", 0.02, "t")):
                quantity = real / 1e6 * rate * np.exp(chance.normal(0, 0.08))
                tables["readings"].append(
                    {
                        "site_id": plant,
                        "month_on": _month(month),
                        "kind": kind,
                        "quantity": float(quantity),
                        "unit": unit,
                    }
                )
    return tables


def test_feigned_treatment_leaves_too_little_and_takes_too_little() -> None:
    rows = found(r20_residues.RULE, records(**_plants(18, {"plant-3": (14, 0.35)})))

    mine = [row for row in rows if row["subject_id"] == "plant-3" and row["severity"] == 3]
    assert {row["test"] for row in mine} >= {"month"}
    (month,) = [row for row in mine if row["test"] == "month"]
    assert (month["found_at"], month["since_at"]) == (at("2025-03-31 16:00"), at("2025-02-28 16:00"))
    assert 0.55 < month["share"] < 0.75
    assert 250 * TONNE < month["at_risk_g"] < 500 * TONNE
    assert {row["subject_id"] for row in rows if row["severity"] == 3} == {"plant-3"}


def test_three_honest_months_are_enough_where_plants_of_the_method_show_how_months_vary() -> None:
    """Feigned from the fourth month on; all that a plant leaves and uses speaks."""
    rows = found(r20_residues.RULE, records(**_plants(7, {"plant-3": (3, 0.35)})))

    assert {row["subject_id"] for row in rows if row["severity"] == 3} == {"plant-3"}
    (early,) = [row for row in rows if row["test"] == "sum"]
    assert early["found_at"] <= at("2024-05-31 16:00")
    assert early["z_added"] < -2


def test_one_low_month_asks_for_an_explanation_and_only_a_clear_one_for_an_inspection() -> None:
    rows = found(r20_residues.RULE, records(**_plants(15, {"plant-3": (14, 0.18)})))

    assert [(row["subject_id"], row["test"], row["severity"]) for row in rows] == [("plant-3", "month", 2)]


def test_what_was_feigned_from_the_first_day_is_seen_against_peers() -> None:
    rows = found(r20_residues.RULE, records(**_plants(8, {"plant-2": (0, 0.45)})))

    assert {(row["subject_id"], row["test"]) for row in rows} == {("plant-2", "peers")}


def test_without_residues_there_is_no_answer() -> None:
    extract = records(batches=_plants(2, {})["batches"])

    assert told(r20_residues.RULE, extract).answer is Answer.NO_DATA


def test_lime_that_is_not_used_is_told_after_two_months() -> None:
    rows = found(r22_consumption.RULE, records(**_plants(18, {"plant-3": (14, 0.5)})))

    assert {(row["subject_id"], row["kind"]) for row in rows} == {("plant-3", "lime"), ("plant-3", "power")}
    assert {row["found_at"] for row in rows} == {at("2025-04-30 16:00")}
    assert found(r22_consumption.RULE, records(**_plants(18, {"plant-3": (17, 0.5)}))) == []


def test_more_of_all_for_a_tonne_is_waste_that_the_books_do_not_have() -> None:
    """A quarter more is treated from the fifth month on than the books say."""
    rows = found(r22_consumption.RULE, records(**_plants(9, {"plant-3": (4, -0.25)})))

    (mine,) = [row for row in rows if row["kind"] == "all"]
    assert (mine["subject_id"], mine["found_at"]) == ("plant-3", at("2024-06-30 16:00"))
    assert 1.15 < mine["share"] < 1.35
    assert 150 * TONNE < mine["at_risk_g"] < 350 * TONNE
    assert [
        row for row in found(r22_consumption.RULE, records(**_plants(4, {"plant-3": (3, -0.25)}))) if row["z"] > 0
    ] == []
    honest = found(r22_consumption.RULE, records(**_plants(18, {}, plants=60)))
    assert len([row for row in honest if row["kind"] == "all"]) <= 1


def _burning(days: int, ash_on: int | None, store: int = 30) -> list[Row]:
    number = count(1)
    batches: list[Row] = [
        {
            "batch_id": f"b{next(number)}",
            "site_id": "plant",
            "method": "D10",
            "treated_at": f"2026-03-{day:02d} 04:00",
            "input_g": 100 * TONNE,
        }
        for day in range(1, days + 1)
    ]
    ash: Row = {
        "manifest_id": "ash",
        "shipper_site_id": "plant",
        "waste_code": "772-003-18",
        "departed_at": f"2026-03-{ash_on or 1:02d} 05:00",
    }
    other = ash | {"manifest_id": "oil", "waste_code": "900-249-08", "departed_at": "2026-03-09 05:00"}
    extract = records(
        batches=batches,
        manifests=[other, ash] if ash_on else [other],
        facilities=[{"site_id": "plant", "kind": "storage", "limit_g": store * TONNE}],
    )
    return found(r21_no_ash.RULE, extract)


def test_ash_that_never_leaves_must_overflow() -> None:
    # 600 t burnt since, 48 t of ash, 30 t of store
    (finding,) = _burning(10, None)

    assert (finding["found_at"], finding["at_risk_g"]) == (at("2026-03-06 04:00"), 48 * TONNE)


def test_where_no_store_is_known_ash_may_stay_for_ninety_days() -> None:
    def burning(months: int) -> list[Row]:
        days = [f"2026-{month:02d}-{day:02d}" for month in range(1, months + 1) for day in (1, 15)]
        return found(
            r21_no_ash.RULE,
            records(
                batches=[
                    {"batch_id": day, "site_id": "plant", "method": "D10", "treated_at": day, "input_g": 900 * TONNE}
                    for day in days
                ],
                manifests=[{"manifest_id": "oil", "departed_at": "2026-01-09 05:00"}],
            ),
        )

    assert burning(3) == []
    (finding,) = burning(4)
    assert (finding["subject_id"], finding["days"], finding["store_g"]) == ("plant", 104, None)


def test_ash_that_left_or_has_room_is_no_finding() -> None:
    assert _burning(9, 5) == []
    assert _burning(10, None, store=100) == []


def _campaigns(*months: str) -> list[Row]:
    """24 t in each of these months of 2025 and 2026, of 100 t a year."""
    return [_receipt(f"{month}-10", 24) for month in months]


def test_a_plant_that_works_by_campaigns_is_not_watched_for_the_months_between() -> None:
    """Three campaigns a year are 72 t, and have been for a year: May's does not foretell one in each month to come."""
    year = _campaigns("2025-01", "2025-05", "2025-09", "2026-01", "2026-05")
    assert found(r18_over_licence.RULE, records(manifests=year, **LICENCE)) == []
    # Who goes on in every month from May is told when June is over.
    more = _campaigns("2026-04", "2026-06")
    rows = found(r18_over_licence.RULE, records(manifests=[*year, *more], **LICENCE))
    assert {(row["severity"], row["found_at"]) for row in rows if row["pattern"] == "HW08"} == {
        (1, at("2026-06-30 16:00"))
    }
