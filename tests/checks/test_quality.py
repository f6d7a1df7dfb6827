"""Q01 to Q04: rows that can be read and cannot be right, in every table."""

from tests.support.records import at, found, records
from wastetrack.checks.rules import q01_order, q02_references, q03_empty_months, q04_units

Row = dict[str, object]


def test_instants_that_go_backwards_are_told_with_their_row() -> None:
    extract = records(
        manifests=[
            {
                "manifest_id": "m",
                "departed_at": "2026-03-02 12:00",
                "arrived_at": "2026-03-02 09:00",
                "shipper_site_id": "shop",
            },
            {"manifest_id": "clocks", "departed_at": "2026-03-02 12:00", "arrived_at": "2026-03-02 11:55"},
        ],
        containers=[{"container_id": "drum", "made_at": "2026-03-02", "ended_at": "2026-03-01"}],
    )

    drum, manifest = found(q01_order.RULE, extract)

    assert (drum["subject_kind"], drum["subject_id"], drum["statistic"]) == ("containers", "drum", 24)
    assert (manifest["subject_id"], manifest["party_id"]) == ("m · 900-249-08", "shop")
    assert (manifest["column"], manifest["later_column"]) == ("manifests.departed_at", "manifests.arrived_at")
    assert (manifest["statistic"], manifest["found_at"]) == (3, at("2026-03-02 12:00"))


def test_rows_that_refer_to_nothing_are_counted_by_column() -> None:
    extract = records(
        organisations=[{"organisation_id": "firm"}],
        sites=[{"site_id": "shipper", "organisation_id": "firm"}],
        manifests=[
            {"manifest_id": f"m{n}", "receiver_site_id": f"nowhere {n % 2}", "carrier_id": "firm"} for n in range(4)
        ],
    )

    (finding,) = found(q02_references.RULE, extract)

    assert (finding["subject_id"], finding["refers"], finding["statistic"]) == (
        "manifests.receiver_site_id",
        "sites",
        4,
    )
    assert (finding["values"], finding["example"]) == (2, "nowhere 0")


def test_what_refers_to_a_table_that_is_absent_is_no_fault_of_its_rows() -> None:
    assert found(q02_references.RULE, records(manifests=[{"vehicle_id": "truck"}])) == []
    assert found(q02_references.RULE, records(organisations=[{}])) == []


def test_a_month_without_a_row_between_others_is_told() -> None:
    """The first of March in China begins on the last of February in UTC."""
    manifests: list[Row] = [
        {"manifest_id": name, "filed_at": name} for name in ("2026-01-20", "2026-02-28 16:30", "2026-06-10")
    ]
    readings: list[Row] = [{"month_on": month} for month in ("2026-01-01", "2026-02-01", "2026-04-01")]

    *in_manifests, in_readings = found(q03_empty_months.RULE, records(manifests=manifests, readings=readings))

    assert (in_readings["subject_id"], in_readings["last_before"], in_readings["first_after"]) == (
        "readings",
        "2026-02-01",
        "2026-04-01",
    )
    assert [(row["subject_id"], row["months"]) for row in in_manifests] == [("manifests", 1), ("manifests", 2)]
    assert in_manifests[1]["found_at"] == at("2026-05-31 16:00")


def test_a_month_of_which_a_few_hours_are_left_is_told() -> None:
    """Files are split by the months of UTC: of an emptied one the first hours in China stand in the file before."""
    left: list[Row] = [
        {"manifest_id": f"{month}-{n}", "filed_at": f"2026-{month:02}-{1 + n % 28:02} 08:00"}
        for month, rows in ((1, 60), (2, 90), (3, 2), (4, 80), (5, 60))
        for n in range(rows)
    ]

    (poor,) = found(q03_empty_months.RULE, records(manifests=left))
    assert (poor["subject_id"], poor["month"], poor["rows"], poor["usual"]) == ("manifests", "2026-03-01", 2, 70)
    assert poor["found_at"] == at("2026-04-30 16:00")
    # The last month is not over; and a table that grows was never fuller.
    assert found(q03_empty_months.RULE, records(manifests=left[:152])) == []
    assert found(q03_empty_months.RULE, records(manifests=[*left[:4], *left[60:64], *left[150:]])) == []


def of_month(month: int, grams: int, site: str = "shop") -> list[Row]:
    """Three loads of a site in a month."""
    return [
        {
            "manifest_id": f"{site}-{month}-{n}",
            "shipper_site_id": site,
            "filed_at": f"2026-{month:02}-10",
            "declared_g": grams + n,
        }
        for n in range(3)
    ]


def test_a_month_in_kilograms_is_told_by_site() -> None:
    months = [row for month in range(1, 6) for row in of_month(month, 8_000 if month == 4 else 8_000_000)]
    other = [row for month in range(1, 6) for row in of_month(month, 500_000 + 300_000 * month, site="other")]

    (finding,) = found(q04_units.RULE, records(manifests=[*months, *other]))

    assert (finding["subject_id"], finding["column"], finding["month"]) == (
        "shop",
        "manifests.declared_g",
        "2026-04-01",
    )
    assert (finding["median"], finding["usual"], finding["rows"]) == (8_001, 8_000_001, 3)


def test_a_month_in_kilograms_of_most_sites_is_one_finding_with_its_count() -> None:
    rows = [
        row
        for site in range(8)
        for month in range(1, 6)
        for row in of_month(
            month, 8_000 if (month == 4 and site < 6) or (month, site) == (2, 7) else 8_000_000, f"s{site}"
        )
    ]

    column, site = found(q04_units.RULE, records(manifests=rows))

    assert (column["subject_kind"], column["subject_id"], column["month"]) == (
        "column",
        "manifests.declared_g",
        "2026-04-01",
    )
    assert (column["rows"], column["sites"], column["party_id"]) == (18, 6, None)
    assert (site["subject_id"], site["month"], site["sites"]) == ("s7", "2026-02-01", None)


def test_generation_in_tonnes_is_told_too() -> None:
    generation = [
        {
            "site_id": "shop",
            "waste_code": f"c{n}",
            "month_on": f"2026-{month:02}-01",
            "generated_g": 4 if month == 2 else 4_000_000,
        }
        for month in range(1, 6)
        for n in range(3)
    ]

    (finding,) = found(q04_units.RULE, records(generation=generation))

    assert (finding["column"], finding["month"], finding["statistic"]) == ("generation.generated_g", "2026-02-01", 6)


def test_a_table_of_which_no_load_is_heavier_than_a_crate_is_in_kilograms() -> None:
    kilograms = [{"manifest_id": f"m{n}", "declared_g": 20_000 + n} for n in range(60)]

    (finding,) = found(q04_units.RULE, records(manifests=kilograms))

    assert (finding["subject_id"], finding["column"], finding["severity"]) == ("manifests", "manifests.declared_g", 2)
    assert found(q04_units.RULE, records(manifests=[*kilograms, {"declared_g": 60_000}])) == []
