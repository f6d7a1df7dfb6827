"""R26: codes that change where nothing was treated."""

from tests.support.records import at, found, records, told
from wastetrack.checks.rules.r26_code_laundering import RULE
from wastetrack.checks.running import Answer

TONNE = 1_000_000
Row = dict[str, object]
SITES: list[Row] = [{"site_id": "yard", "kind": "intermediate"}, {"site_id": "far", "kind": "disposer"}]
OIL, SLUDGE, GENERAL = "900-249-08", "900-210-08", "900-001-S17"


def _in(day: str, tonnes: float, code: str = OIL) -> Row:
    return {
        "manifest_id": f"in {day} {code} {tonnes}",
        "waste_code": code,
        "receiver_site_id": "yard",
        "received_at": f"{day} 02:00",
        "received_g": int(tonnes * TONNE),
        "declared_g": int(tonnes * TONNE),
    }


def _out(day: str, tonnes: float, code: str = OIL) -> Row:
    return {
        "manifest_id": f"out {day} {code} {tonnes}",
        "waste_code": code,
        "shipper_site_id": "yard",
        "receiver_site_id": "far",
        "departed_at": f"{day} 08:00",
        "declared_g": int(tonnes * TONNE),
    }


def _stock(opening: float, closing: float) -> list[Row]:
    return [
        {"stock_take_id": day, "site_id": "yard", "waste_code": OIL, "taken_at": day, "measured_g": int(tonnes * TONNE)}
        for day, tonnes in (("2025-12-30", opening), ("2026-03-31", closing))
    ]


LOADS = [_in(f"2026-01-{day:02d}", 20) for day in range(5, 25)]
"""400 t of oil."""


def _tests(*rows: Row, **more: list[Row]) -> list[Row]:
    return found(RULE, records(sites=SITES, manifests=list(rows), **more))


def test_hazardous_mass_that_goes_on_as_general_waste_is_a_leak() -> None:
    rows = _tests(*LOADS, _out("2026-02-20", 330), _out("2026-02-25", 65, GENERAL))

    (leak,) = [row for row in rows if row["test"] == "leak"]
    assert (leak["severity"], leak["found_at"], leak["at_risk_g"]) == (4, at("2026-03-31 16:00"), 70 * TONNE)
    assert leak["general_g"] == 65e6
    (nothing,) = [row for row in rows if row["test"] == "from_nothing"]
    assert (nothing["output_code"], nothing["at_risk_g"]) == (GENERAL, 65 * TONNE)


def test_a_leak_that_no_store_and_no_treatment_explains_is_told() -> None:
    (leak,) = _tests(*LOADS, _out("2026-02-20", 330), stock_takes=_stock(10, 10))

    assert (leak["test"], leak["severity"], leak["at_risk_g"]) == ("leak", 3, 70 * TONNE)


def test_a_leak_is_told_by_the_end_of_any_three_months_and_once() -> None:
    """Counted each month from February on; each month 70 of 200 t leak from then until July."""
    came = [_in(f"2026-{month:02d}-{day:02d}", 20) for month in range(2, 8) for day in range(2, 12)]
    went = [_out(f"2026-{month:02d}-20", 130) for month in range(2, 8)]
    days = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31")
    counted: list[Row] = [
        {"stock_take_id": day, "site_id": "yard", "waste_code": OIL, "taken_at": day, "measured_g": 10 * TONNE}
        for day in days
    ]

    rows = _tests(*came, *went, stock_takes=counted)

    assert [(row["found_at"], row["since_at"], row["at_risk_g"]) for row in rows] == [
        (at("2026-04-30 16:00"), at("2026-01-31 16:00"), 210 * TONNE),
        (at("2026-07-31 16:00"), at("2026-04-30 16:00"), 210 * TONNE),
    ]


def test_a_store_that_grew_explains_it() -> None:
    assert _tests(*LOADS, _out("2026-02-20", 330), stock_takes=_stock(10, 79)) == []


def test_a_store_that_was_not_counted_is_not_accused_alone() -> None:
    assert _tests(*LOADS, _out("2026-02-20", 330)) == []


def test_licensed_treatment_explains_it() -> None:
    treatment: dict[str, list[Row]] = {
        "batches": [{"batch_id": "b", "site_id": "yard", "treated_at": "2026-02-10"}],
        "batch_inputs": [{"batch_id": "b", "waste_code": OIL, "input_g": 70 * TONNE}],
        "residues": [
            {"residue_id": "r", "batch_id": "b", "waste_code": GENERAL, "output_g": 65 * TONNE, "made_at": "2026-02-10"}
        ],
    }

    assert (
        _tests(
            *LOADS, _out("2026-02-20", 330), _out("2026-02-25", 65, GENERAL), stock_takes=_stock(10, 10), **treatment
        )
        == []
    )


def test_an_error_of_weighing_is_no_leak() -> None:
    assert _tests(*LOADS, _out("2026-02-20", 397.5), stock_takes=_stock(10, 10)) == []


def test_loads_that_go_out_as_they_came_under_another_code_are_pairs() -> None:
    masses = (17.31, 22.87, 20.05, 18.64)
    came = [_in(f"2026-01-{5 + 4 * place:02d}", mass) for place, mass in enumerate(masses)]
    went = [_out(f"2026-01-{6 + 4 * place:02d}", mass * 0.998, SLUDGE) for place, mass in enumerate(masses)]

    rows = _tests(*came, *went)

    (pairs,) = [row for row in rows if row["test"] == "pairs"]
    assert (pairs["severity"], pairs["pairs"], pairs["output_code"]) == (3, 3, SLUDGE)


def test_loads_of_like_mass_by_chance_are_no_pairs() -> None:
    came = [_in(f"2026-01-{day:02d}", 20 + day % 7 * 0.3) for day in range(5, 25)]
    went = [_out(f"2026-01-{day:02d}", 20.1 + day % 5 * 0.4, SLUDGE) for day in range(6, 26)]
    sludge = [_in("2026-01-02", 500, SLUDGE)]

    assert [row for row in _tests(*came, *went, *sludge) if row["test"] == "pairs"] == []


def test_an_output_that_no_process_makes_is_told() -> None:
    batch: dict[str, list[Row]] = {
        "batches": [{"batch_id": "b", "site_id": "yard", "treated_at": "2026-02-10"}],
        "batch_inputs": [{"batch_id": "b", "waste_code": OIL}],
        "residues": [{"residue_id": "r", "batch_id": "b", "waste_code": GENERAL, "made_at": "2026-02-10"}],
    }
    listed: list[Row] = [{"site_id": "yard", "input_code": "HW08", "output_code": SLUDGE}]

    (finding,) = _tests(*LOADS[:1], _out("2026-02-20", 1), processes=listed, **batch)

    assert (finding["test"], finding["output_code"]) == ("process", GENERAL)
    licensed: list[Row] = [*listed, {"site_id": "yard", "input_code": "HW08", "output_code": GENERAL}]
    assert _tests(*LOADS[:1], _out("2026-02-20", 1), processes=licensed, **batch) == []


def test_without_receipts_there_is_no_answer() -> None:
    assert told(RULE, records(sites=SITES, manifests=[_out("2026-02-20", 1)])).answer is Answer.NO_DATA
