"""F01 to F06: what the French regulator looks for."""

import pytest

from tests.support.records import at, found, records
from wastetrack.checks.rules import (
    f01_unit_slip,
    f02_zero_accept,
    f03_slow_treatment,
    f04_cancel_rate,
    f05_self_transfer,
    f06_peer_mix,
)

Row = dict[str, object]


def loads(*grams: int) -> list[Row]:
    """Loads of one generator."""
    return [{"manifest_id": f"m{number}", "declared_g": mass} for number, mass in enumerate(grams)]


def test_a_thousandfold_quantity_is_a_mistaken_unit() -> None:
    usual = [1_000_000, 1_100_000, 900_000, 1_000_000, 950_000]

    thousandfold, thousandth = found(f01_unit_slip.RULE, records(manifests=loads(*usual, 1_100_000_000, 900)))

    assert (thousandfold["subject_id"], thousandfold["unit_slip"], thousandfold["at_risk_g"]) == (
        "m5",
        True,
        1_099_000_000,
    )
    assert thousandfold["statistic"] == pytest.approx(3.04, abs=0.01)
    assert (thousandth["subject_id"], thousandth["at_risk_g"]) == ("m6", 999_100)


def test_a_large_load_is_no_unit_until_no_vehicle_carries_it() -> None:
    usual = [1_000_000] * 5

    assert found(f01_unit_slip.RULE, records(manifests=loads(*usual, 30_000_000, 60_000_000))) == []
    (heavy,) = found(f01_unit_slip.RULE, records(manifests=loads(60_000_001)))
    assert (heavy["unit_slip"], heavy["at_risk_g"]) == (False, 1)
    (known,) = found(f01_unit_slip.RULE, records(manifests=loads(*[30_000_000] * 5, 90_000_000)))
    assert (known["statistic"], known["threshold"]) == (1.5, 1.0), "vehicles, also where the median is known"


def test_a_load_taken_as_nothing_is_found_unless_it_went_back() -> None:
    taken: Row = {"received_at": "2026-03-02 12:00", "receiver_site_id": "plant"}
    manifests: list[Row] = [
        taken | {"manifest_id": "nothing", "received_g": 0, "rejected_g": 50_000},
        taken | {"manifest_id": "back", "received_g": 0, "rejected_g": 990_000},
        taken | {"manifest_id": "some", "received_g": 1},
        taken | {"manifest_id": "not weighed"},
    ]

    (finding,) = found(f02_zero_accept.RULE, records(manifests=manifests))

    assert (finding["subject_id"], finding["party_id"], finding["at_risk_g"]) == ("nothing", "plant", 950_000)


def test_pieces_that_wait_for_more_than_a_month_are_told_by_site_and_month() -> None:
    plant = {"site_id": "plant", "kind": "disposer"}
    came = {"manifest_id": "came", "receiver_site_id": "plant", "received_at": "2026-01-10 00:00"}
    pieces: list[Row] = [
        {"container_id": "soon", "ended_at": "2026-02-08"},
        {"container_id": "slow", "ended_at": "2026-02-19"},
        {"container_id": "stands", "held_site_id": "plant"},
        {"container_id": "gone on", "held_site_id": "elsewhere"},
    ]
    containers = [piece | {"made_at": "2026-01-01"} for piece in pieces]
    scans = [{"manifest_id": "came", "container_id": piece["container_id"], "outcome": "accepted"} for piece in pieces]
    extract = records(sites=[plant], manifests=[came], containers=containers, loads=scans)

    (finding,) = found(f03_slow_treatment.RULE, extract, "2026-03-01")

    # 40 and 50 days
    assert (finding["subject_id"], finding["pieces"], finding["statistic"]) == ("plant", 2, 45)
    assert (finding["found_at"], finding["at_risk_g"]) == (at("2026-02-09"), 2_000_000)


def filed(site: str, month: int, number: int, cancelled: int) -> list[Row]:
    """Manifests of a site in a month, of which so many were cancelled."""

    def one(n: int) -> Row:
        off = f"2026-{month:02}-11" if n < cancelled else None
        when = f"2026-{month:02}-10"
        return {"manifest_id": f"{site}-{month}-{n}", "shipper_site_id": site, "filed_at": when, "cancelled_at": off}

    return [one(n) for n in range(number)]


def test_who_cancels_far_more_than_others_is_found_at_the_end_of_that_month() -> None:
    others = [row for site in ("a", "b", "c", "d") for month in (1, 2) for row in filed(site, month, 50, 1)]
    often = [*filed("often", 1, 30, 1), *filed("often", 2, 30, 15)]

    (finding,) = found(f04_cancel_rate.RULE, records(manifests=[*others, *often]))

    assert (finding["subject_kind"], finding["subject_id"], finding["found_at"]) == (
        "site",
        "often",
        at("2026-02-28 16:00"),
    )
    # p = 8.5/401; 16 of 60 in √(60 · p · (1 − p) · (1 + 59/51))
    assert finding["statistic"] == pytest.approx(8.988, abs=0.001)
    assert (finding["cancelled"], finding["filed"]) == (16, 60)


def test_a_few_cancelled_manifests_say_nothing() -> None:
    others = [row for site in ("a", "b", "c", "d") for row in filed(site, 1, 60, 1)]

    assert (
        found(f04_cancel_rate.RULE, records(manifests=[*others, *filed("few", 1, 8, 4), *filed("some", 1, 100, 8)]))
        == []
    )


def test_a_manifest_from_a_site_to_itself_is_asked_about() -> None:
    manifests: list[Row] = [
        {"manifest_id": "own", "shipper_site_id": "x", "receiver_site_id": "x"},
        {"manifest_id": "home", "shipper_site_id": "x", "receiver_site_id": "x", "kind": "return"},
        {"manifest_id": "away"},
    ]

    (finding,) = found(f05_self_transfer.RULE, records(manifests=manifests))

    assert (finding["subject_id"], finding["party_id"]) == ("own", "x")


def trade(industry: str, site: str, **codes: int) -> tuple[Row, list[Row]]:
    """A generator of a trade with so many loads of each code."""
    manifests: list[Row] = [
        {"manifest_id": f"{site}-{code}-{n}", "shipper_site_id": site, "waste_code": code}
        for code, many in codes.items()
        for n in range(many)
    ]
    return {"site_id": site, "industry": industry}, manifests


def test_a_generator_whose_codes_are_not_those_of_its_trade_is_watched() -> None:
    garages = [trade("garage", f"g{n}", oil=20 + n, filters=5 + n % 3) for n in range(9)]
    platers = [trade("plating", f"p{n}", sludge=20 + n, acid=6) for n in range(9)]
    odd = trade("garage", "odd", oil=10, sludge=20)
    rows = [*garages, *platers, odd]

    (finding,) = found(
        f06_peer_mix.RULE, records(sites=[site for site, _ in rows], manifests=[row for _, own in rows for row in own])
    )

    assert (finding["subject_id"], finding["waste_code"], finding["severity"]) == ("odd", "sludge", 1)
    assert finding["share"] == pytest.approx(2 / 3)
    assert finding["at_risk_g"] == 20_000_000


def test_a_few_odd_loads_of_many_are_not() -> None:
    garages = [trade("garage", f"g{n}", oil=20 + n, filters=5 + n % 3) for n in range(9)]
    platers = [trade("plating", f"p{n}", sludge=20 + n, acid=6) for n in range(9)]
    rows = [*garages, *platers, trade("garage", "one sludge", oil=25, sludge=1), trade("garage", "small", sludge=9)]

    assert (
        found(
            f06_peer_mix.RULE,
            records(sites=[site for site, _ in rows], manifests=[row for _, own in rows for row in own]),
        )
        == []
    )
