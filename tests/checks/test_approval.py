"""R17: across provinces only with consent."""

import pytest

from tests.support.records import at, found, records
from wastetrack.checks.rules.r17_approval import RULE

SITES = [{"site_id": "shipper", "region_code": "370100"}, {"site_id": "receiver", "region_code": "320500"}]
APPROVAL = {"approval_id": "consent", "quantity_g": 10_000_000, "valid_from": "2026-01-01", "valid_to": "2026-06-30"}


def load(name: str, day: int, **more: object) -> dict[str, object]:
    """A tonne over the border."""
    return {"manifest_id": name, "filed_at": f"2026-03-{day:02} 07:00", "departed_at": f"2026-03-{day:02} 08:00"} | more


def test_with_an_approval_a_load_may_cross() -> None:
    assert found(RULE, records(sites=SITES, approvals=[APPROVAL], manifests=[load("m", 2)])) == []


@pytest.mark.parametrize(
    ("approval", "more", "reason"),
    [
        ({"receiver_site_id": "elsewhere"}, {}, "no approval"),
        ({"waste_code": "900-041-49"}, {}, "no approval"),
        ({}, {"approval_id": "another"}, "no approval"),
        ({"valid_to": "2026-03-01"}, {}, "not in force on the day"),
        ({"valid_from": "2026-03-03"}, {}, "not in force on the day"),
    ],
    ids=["other site", "other code", "other approval", "ended", "not begun"],
)
def test_without_one_it_is_found_when_it_is_filed_or_leaves(
    approval: dict[str, object], more: dict[str, object], reason: str
) -> None:
    (finding,) = found(RULE, records(sites=SITES, approvals=[APPROVAL | approval], manifests=[load("m", 2, **more)]))

    assert (finding["reason"], finding["severity"], finding["party_id"]) == (reason, 3, "shipper")
    # One that begins later may begin before the load leaves.
    assert finding["found_at"] == at("2026-03-02 08:00" if "valid_from" in approval else "2026-03-02 07:00")
    assert finding["at_risk_g"] == 1_000_000


def test_within_a_province_none_is_needed() -> None:
    sites = [SITES[0], {"site_id": "receiver", "region_code": "370200"}]

    assert (
        found(RULE, records(sites=sites, approvals=[APPROVAL | {"approval_id": "other"}], manifests=[load("m", 2)]))
        == []
    )


def test_the_quantity_is_watched_and_then_exceeded() -> None:
    manifests = [load(f"m{day:02}", day, received_g=950_000) for day in range(1, 13)]

    findings = found(RULE, records(sites=SITES, approvals=[APPROVAL], manifests=manifests))

    # The tenth load makes 9.5 t, which is near; the eleventh is 0.45 t over, the twelfth wholly
    assert [(row["subject_id"], row["severity"], row["at_risk_g"]) for row in findings] == [
        ("m10", 1, 0),
        ("m11", 3, 450_000),
        ("m12", 3, 950_000),
    ]
    assert findings[1]["cumulative_g"] == 10_450_000
