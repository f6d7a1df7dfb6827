"""Q01, Q02, Q04, Q07, Q08: what was written down wrongly and can be told only beside other rows."""

from datetime import datetime

from tests.support.records import at, found, records
from wastetrack.checks.rules import (
    q01_order,
    q02_references,
    q04_units,
    q07_strange_times,
    q08_empty_columns,
)
from wastetrack.checks.running import end_of

Row = dict[str, object]


def test_what_a_gate_weighed_before_the_load_left_is_told() -> None:
    extract = records(
        manifests=[{"manifest_id": "m", "departed_at": "2026-03-02 12:00"}],
        weighings=[
            {"weighing_id": side, "manifest_id": "m", "side": side, "weighed_at": "2026-03-01 12:00"}
            for side in ("shipper", "receiver")
        ],
    )
    (finding,) = found(q01_order.RULE, extract)
    assert (finding["subject_id"], finding["later_column"]) == ("receiver", "weighings.weighed_at")
    assert finding["statistic"] == 24


def test_a_weighing_of_a_code_that_its_manifest_has_not_is_told() -> None:
    extract = records(
        manifests=[{"manifest_id": "m", "waste_code": "900-249-08"}],
        weighings=[{"manifest_id": "m", "waste_code": code} for code in ("900-249-08", "900-999-99")],
    )
    (finding,) = [one for one in found(q02_references.RULE, extract) if one["subject_id"] == "weighings.waste_code"]
    assert (finding["statistic"], finding["example"]) == (1, "m · 900-999-99")


def test_a_generator_that_writes_tonnes_all_year_is_told_once_by_what_others_received() -> None:
    loads: list[Row] = [
        {
            "manifest_id": f"{shipper}{n}", "shipper_site_id": shipper, "declared_g": declared,
            "received_g": 5_000_000 + n, "received_at": "2026-03-02 12:00",
        }
        for shipper, declared in (("tonnes", 5), ("grams", 5_100_000))
        for n in range(6)
    ]  # fmt: skip
    (finding,) = [one for one in found(q04_units.RULE, records(manifests=loads)) if one["subject_kind"] == "site"]
    assert (finding["subject_id"], finding["party_id"], finding["rows"]) == ("tonnes", "tonnes", 6)


def test_a_month_of_megawatt_hours_among_kilowatt_hours_is_told() -> None:
    readings: list[Row] = [
        {"site_id": "plant", "month_on": f"2026-{month:02}-01", "kind": "power", "unit": "kWh", "quantity": quantity}
        for month, quantity in enumerate((80_000.0, 81_000.0, 79.0, 82_000.0), 1)
    ]
    (finding,) = found(q04_units.RULE, records(readings=readings))
    assert (finding["subject_id"], finding["column"], finding["month"]) == (
        "plant",
        "readings.quantity",
        "2026-03-01",
    )


def test_a_year_that_was_typed_wrongly_is_no_end_of_the_records_and_is_told() -> None:
    manifests: list[Row] = [
        {"manifest_id": f"m{n}", "filed_at": "2026-03-02", "departed_at": "2026-03-02", "closed_at": "2026-03-03"}
        for n in range(4)
    ]
    manifests[2]["closed_at"] = "2052-03-03"
    extract = records(manifests=manifests)

    end = end_of(extract)

    assert end == at("2026-03-03")
    (finding,) = found(q07_strange_times.RULE, extract, end)
    assert (finding["subject_id"], finding["rows"]) == ("manifests.closed_at", 1)
    assert datetime.fromisoformat(str(finding["last_at"])) == at("2052-03-03")


def test_a_column_that_one_month_lacks_is_told() -> None:
    manifests: list[Row] = [
        {
            "manifest_id": f"{month}-{n}",
            "filed_at": f"2026-{month:02}-10",
            "arrived_at": None if month == 3 else f"2026-{month:02}-11",
        }
        for month in range(1, 6)
        for n in range(25)
    ]
    (finding,) = found(q08_empty_columns.RULE, records(manifests=manifests))
    assert (finding["subject_id"], finding["column"], finding["month"]) == ("manifests", "arrived_at", "2026-03-01")
