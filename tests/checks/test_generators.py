"""What generators tell beside what they work, plan, buy and pay: R28 to R34, R43, R46."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.support.records import at, found, records, told
from wastetrack.checks.model import Rule
from wastetrack.checks.models.under_declared import _limit
from wastetrack.checks.rules import (
    r28_drop,
    r29_silence,
    r30_peers,
    r31_medical,
    r32_plan,
    r33_bunching,
    r34_inputs,
    r43_price,
    r46_under_declared,
)
from wastetrack.checks.running import Answer

TONNE = 1_000_000
Row = dict[str, object]
Tables = dict[str, list[Row]]


def _month(number: int) -> str:
    """The first day of the month so many after January 2024."""
    return f"{2024 + number // 12}-{number % 12 + 1:02d}-01"


def _sector(sites: int, months: int, told_of: Callable[[int, int], float], *, unit: float = 10 * TONNE) -> Tables:
    """Sites of one sector that work about alike; `told_of(site, month)` is the part of its waste that one tells."""
    chance = np.random.default_rng(23)
    tables: Tables = {"sites": [], "activity": [], "generation": []}
    for site in range(sites):
        name, intensity = f"site-{site:03d}", np.exp(chance.normal(0, 0.25))
        tables["sites"].append({"site_id": name, "kind": "generator", "industry": "C2614"})
        for month in range(months):
            work = float(1000 * np.exp(chance.normal(0, 0.2)))
            waste = unit * intensity * work / 1000 * np.exp(chance.normal(0, 0.08)) * told_of(site, month)
            tables["activity"].append(
                {"site_id": name, "month_on": _month(month), "kind": "power", "quantity": work, "unit": "kWh"}
            )
            if waste >= 1:
                tables["generation"].append(
                    {"site_id": name, "month_on": _month(month), "generated_g": int(waste), "entries": 4}
                )
    return tables


def _hides(site: int, share: float, since: int) -> Callable[[int, int], float]:
    return lambda one, month: 1 - share if one == site and month >= since else 1.0


def test_less_waste_for_the_same_work_is_told() -> None:
    rows = found(r28_drop.RULE, records(**_sector(40, 16, _hides(7, 0.4, 12))))

    assert {row["subject_id"] for row in rows if row["test"] == "months"} == {"site-007"}
    (finding,) = [row for row in rows if row["test"] == "months"]
    assert finding["found_at"] == at("2025-02-28 16:00")
    assert 0.5 < finding["share"] < 0.8
    assert {row["subject_id"] for row in rows} <= {"site-007", "site-000"} | {
        row["subject_id"] for row in rows if row["cusum"] < 8
    }


def test_less_work_makes_less_waste_and_that_is_no_drop() -> None:
    tables = _sector(40, 16, _hides(7, 0.5, 12))
    for row in tables["activity"]:
        if row["site_id"] == "site-007" and str(row["month_on"]) >= "2025-01":
            row["quantity"] = float(str(row["quantity"])) * 0.5

    assert "site-007" not in {row["subject_id"] for row in found(r28_drop.RULE, records(**tables))}


@pytest.mark.parametrize("since", [0, 10])
def test_who_hides_half_is_told_by_all_evidence_together(since: int) -> None:
    """From a month on, and also from the first day: then only peers tell."""
    rows = found(r46_under_declared.RULE, records(**_sector(150, 16, _hides(7, 0.65, since))))

    (mine,) = [row for row in rows if row["subject_id"] == "site-007"]
    assert mine["statistic"] >= mine["threshold"]
    assert 0.2 < mine["share"] < 0.65
    assert mine["at_risk_g"] > 10 * TONNE
    assert (mine["z_shift"] or 0) > 2 if since else (mine["z_peers"] > 2)
    assert len(rows) <= 6


def test_one_honest_site_in_a_hundred_is_told_in_a_year() -> None:
    honest = found(r46_under_declared.RULE, records(**_sector(400, 16, lambda _, __: 1.0)))

    assert len(honest) <= 12


def test_purchases_speak_in_the_joined_statistic() -> None:
    tables = _sector(120, 12, _hides(7, 0.5, 0))
    truth = {(row["site_id"], row["month_on"]): int(str(row["generated_g"])) for row in tables["generation"]}
    for (site, month), grams in truth.items():
        real = grams * (2 if site == "site-007" else 1)
        tables["activity"].append(
            {
                "site_id": site,
                "month_on": month,
                "kind": "input",
                "quantity": real / 1e6 / 0.2,
                "unit": "t",
                "return_factor": 0.2,
            }
        )

    (mine,) = [row for row in found(r46_under_declared.RULE, records(**tables)) if row["subject_id"] == "site-007"]

    assert mine["z_inputs"] > 5
    assert mine["share"] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("rule", [r28_drop.RULE, r29_silence.RULE, r30_peers.RULE, r46_under_declared.RULE])
def test_without_activity_there_is_no_answer(rule: Rule) -> None:
    tables = _sector(3, 3, lambda _, __: 1.0)
    bought: Row = {"site_id": "site-000", "month_on": _month(0), "kind": "input", "quantity": 1.0, "unit": "t"}
    nothing, purchases = tables | {"activity": []}, tables | {"activity": [bought]}

    assert told(rule, records(**nothing)).answer is Answer.NO_DATA
    if rule is not r46_under_declared.RULE:  # it reads purchases too
        assert told(rule, records(**purchases)).answer is Answer.NO_DATA


def test_a_hospital_without_beds_and_visits_is_not_judged() -> None:
    power: Row = {"site_id": "ward", "month_on": _month(0), "kind": "power", "quantity": 9000.0, "unit": "kWh"}
    extract = records(sites=[{"site_id": "ward", "kind": "generator", "medical": True}], activity=[power])

    assert told(r31_medical.RULE, extract).answer is Answer.NO_DATA


def test_silence_of_a_site_that_works_is_told_when_it_cannot_be_chance() -> None:
    rows = found(r29_silence.RULE, records(**_sector(25, 16, _hides(7, 1.0, 12))))

    # four entries a month: seven are expected after two months
    (finding,) = rows
    assert (finding["subject_id"], finding["found_at"], finding["since_at"]) == (
        "site-007",
        at("2025-02-28 16:00"),
        at("2024-12-31 16:00"),
    )


def test_a_site_that_never_told_anything_is_compared_with_its_sector() -> None:
    assert [row["subject_id"] for row in found(r29_silence.RULE, records(**_sector(25, 6, _hides(7, 1.0, 0))))] == [
        "site-007"
    ]


def test_silence_of_a_site_that_stands_still_is_plain() -> None:
    tables = _sector(25, 16, _hides(7, 1.0, 12))
    for row in tables["activity"]:
        if row["site_id"] == "site-007" and str(row["month_on"]) >= "2025-01":
            row["quantity"] = 100.0

    assert found(r29_silence.RULE, records(**tables)) == []


def test_far_below_its_peers_is_watched_and_then_asked() -> None:
    rows = found(r30_peers.RULE, records(**_sector(40, 9, _hides(7, 0.75, 0))))

    assert [(row["subject_id"], row["severity"], row["found_at"]) for row in rows] == [
        ("site-007", 1, at("2024-03-31 16:00")),
        ("site-007", 2, at("2024-06-30 16:00")),
    ]


def test_few_peers_prove_nothing() -> None:
    assert found(r30_peers.RULE, records(**_sector(19, 9, _hides(7, 0.9, 0)))) == []


def _hospital(*kilograms: float) -> list[Row]:
    """A hospital of 3,000 bed-days and 2,500 visits a month: 1,600 kg are expected."""
    months = [_month(number) for number in range(len(kilograms))]
    activity: list[Row] = [
        {"site_id": "ward", "month_on": month, "kind": kind, "quantity": quantity, "unit": unit}
        for month in months
        for kind, quantity, unit in (("bed_days", 3000.0, "day"), ("visits", 2500.0, "visit"))
    ]
    generation: list[Row] = [
        {"site_id": "ward", "month_on": month, "waste_code": "841-001-01", "generated_g": int(mass * 1000)}
        for month, mass in zip(months, kilograms, strict=True)
    ]
    sites: list[Row] = [{"site_id": "ward", "kind": "generator", "medical": True}]
    return found(r31_medical.RULE, records(sites=sites, activity=activity, generation=generation))


def test_a_hospital_that_tells_half_twice_or_suddenly_less_is_asked() -> None:
    (low,) = _hospital(700)
    (high,) = _hospital(3300)
    (fell,) = _hospital(1900, 1100)

    assert (low["test"], low["expected_g"], low["at_risk_g"]) == ("low", 1_600_000.0, 900_000)
    assert (high["test"], high["found_at"]) == ("high", at("2024-01-31 16:00"))
    assert (fell["test"], fell["found_at"]) == ("fell", at("2024-02-29 16:00"))
    assert _hospital(1500, 1000, 1600) == []


def test_a_planning_figure_that_fits_no_medical_site_accuses_none() -> None:
    """Nine wards make two to three times the planning figure for a bed; the tenth makes twelve times."""
    masses = {f"ward-{number}": 3200 + 200 * number for number in range(9)}

    def told(wards: dict[str, int]) -> set[object]:
        activity: list[Row] = [
            {"site_id": ward, "month_on": _month(0), "kind": "bed_days", "quantity": 3200.0, "unit": "day"}
            for ward in wards
        ]
        generation: list[Row] = [
            {"site_id": ward, "month_on": _month(0), "waste_code": "841-001-01", "generated_g": mass * 1000}
            for ward, mass in wards.items()
        ]
        sites: list[Row] = [{"site_id": ward, "kind": "generator", "medical": True} for ward in wards]
        rows = found(r31_medical.RULE, records(sites=sites, activity=activity, generation=generation))
        return {(row["subject_id"], row["severity"]) for row in rows}

    assert told(masses) == set()
    assert told(masses | {"tenth": 19_200}) == {("tenth", 1)}
    assert len(told(dict(list(masses.items())[:7]))) == 6  # of too few, nothing is learned


def test_what_may_be_false_in_a_year_is_spent_evenly_over_its_months() -> None:
    chance = np.random.default_rng(3)
    mirrored, suspicious = chance.normal(size=(2, 20_000, 12))
    passed = np.zeros(20_000, dtype=bool)
    for month in range(12):
        passed |= suspicious[:, month] > _limit(mirrored[:, : month + 1], 0.01)

    assert passed.mean() == pytest.approx(0.01, abs=0.004)


def _year(sites: dict[str, float], year: int = 2025, **columns: object) -> Tables:
    """Sites that made so many tonnes in a year, a twelfth a month."""
    return {
        "sites": [{"site_id": site, "kind": "generator", "industry": "C2614", **columns} for site in sites],
        "generation": [
            {"site_id": site, "month_on": f"{year}-{month:02d}-01", "generated_g": int(tonnes * TONNE) // 12}
            for site, tonnes in sites.items()
            for month in range(1, 13)
        ],
    }


def test_a_year_far_from_its_plan_is_told_by_class() -> None:
    tables = _year({"key": 140, "small": 8, "near": 8, "under": 60})
    plans: list[Row] = [
        {"site_id": site, "year": 2025, "planned_g": tonnes * TONNE}
        for site, tonnes in (("key", 100), ("small", 4), ("near", 6), ("under", 100))
    ]

    rows = {row["subject_id"]: row for row in found(r32_plan.RULE, records(plans=plans, **tables))}

    assert {site: (row["test"], round(row["threshold"], 6)) for site, row in rows.items()} == {
        "key": ("above", 0.3),
        "small": ("above", 0.5),
        "under": ("below", 0.3),
    }
    # 140 t a year pass 130 t in December, 8 t a year 6 t in October
    assert (rows["key"]["found_at"], rows["small"]["found_at"]) == (at("2025-12-31 16:00"), at("2025-10-31 16:00"))


def test_a_code_outside_the_plan_is_told_at_once_but_not_of_a_site_without_plan() -> None:
    tables = _year({"planned": 12, "unplanned": 12})
    plans: list[Row] = [{"site_id": "planned", "year": 2025, "waste_code": "900-210-08", "planned_g": 1}]

    rows = [row for row in found(r32_plan.RULE, records(plans=plans, **tables)) if row["test"] == "outside"]

    assert [(row["subject_id"], row["severity"], row["found_at"]) for row in rows] == [
        ("planned", 2, at("2025-01-31 16:00"))
    ]


def test_half_a_year_says_nothing_about_a_plan_not_reached() -> None:
    tables = _year({"site": 10})
    tables["generation"] = [row for row in tables["generation"] if str(row["month_on"]) < "2025-07"]

    assert (
        found(r32_plan.RULE, records(plans=[{"site_id": "site", "year": 2025, "planned_g": 100 * TONNE}], **tables))
        == []
    )


def test_two_years_just_below_a_limit_are_watched() -> None:
    first, second = _year({"just": 9.5, "once": 9.5, "small": 5}, 2024), _year({"just": 9.8, "once": 11, "small": 5})
    extract = records(sites=first["sites"], generation=first["generation"] + second["generation"])

    assert [(row["subject_id"], row["test"], row["year"]) for row in found(r33_bunching.RULE, extract)] == [
        ("just", "two years", 2025)
    ]


def test_a_sector_that_crowds_below_a_limit_is_a_signal() -> None:
    crowd = {f"low-{number}": 9.6 + number / 100 for number in range(16)} | {"above": 10.2}
    even = {f"low-{number}": 9.6 + number / 100 for number in range(6)} | {
        f"high-{number}": 10.2 for number in range(6)
    }

    sector = [row for row in found(r33_bunching.RULE, records(**_year(crowd))) if row["test"] == "sector"]

    assert [(row["subject_kind"], row["subject_id"], row["below"], row["above"]) for row in sector] == [
        ("sector", "C2614", 16, 1)
    ]
    assert [row for row in found(r33_bunching.RULE, records(**_year(even))) if row["test"] == "sector"] == []


def test_one_site_told_as_two_is_asked() -> None:
    apart = _year({"one": 8, "two": 7}, organisation_id="elsewhere", address=None)
    same = _year({"one": 8, "two": 7}, address="中山路 1 号")

    (finding,) = found(r33_bunching.RULE, records(**same))

    assert (finding["test"], finding["severity"], finding["below"], finding["at_risk_g"]) == ("split", 2, 2, 4_999_988)
    assert found(r33_bunching.RULE, records(**apart)) == []


def _buys(tonnes_told: float) -> list[Row]:
    inputs: list[Row] = [
        {
            "site_id": "shop",
            "month_on": f"2025-{month:02d}-01",
            "kind": "input",
            "quantity": 5.0,
            "unit": "t",
            "waste_code": "900-249-08",
            "return_factor": 0.8,
        }
        for month in range(1, 5)
    ]
    made: list[Row] = [
        {"site_id": "shop", "month_on": f"2025-{month:02d}-01", "generated_g": int(tonnes_told * TONNE)}
        for month in range(1, 5)
    ]
    return found(r34_inputs.RULE, records(activity=inputs, generation=made))


def test_oil_that_was_bought_must_come_back_as_waste() -> None:
    # 4 t a month are expected
    (finding,) = _buys(2.5)

    assert (finding["found_at"], finding["at_risk_g"]) == (at("2025-03-31 16:00"), pytest.approx(4_500_000))
    assert finding["statistic"] == pytest.approx(0.375)
    assert _buys(3.0) == []


def _price(pair: int, price: float, **more: object) -> Row:
    return {
        "manifest_id": f"{pair} {price}",
        "shipper_site_id": f"shipper-{pair}",
        "receiver_site_id": f"receiver-{pair % 4}",
        "method": "D10",
        "declared_g": 10 * TONNE,
        "price_per_t": price,
    } | more


def test_disposal_for_less_than_half_is_told_by_pair() -> None:
    usual = [_price(pair, 3000.0 + 100 * pair) for pair in range(12)]
    cheap = _price(12, 1200.0)
    value = _price(13, 100.0, paid_by="receiver")

    (finding,) = found(r43_price.RULE, records(manifests=[*usual, cheap, value]))

    assert (finding["subject_kind"], finding["subject_id"], finding["party_id"]) == (
        "pair",
        "shipper-12/receiver-0",
        "receiver-0",
    )
    assert finding["statistic"] > 2
    assert found(r43_price.RULE, records(manifests=[*usual[:5], cheap])) == []


def test_without_prices_there_is_no_answer() -> None:
    assert told(r43_price.RULE, records(manifests=[{}])).answer is Answer.NO_DATA
