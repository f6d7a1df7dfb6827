"""R16 asks for a permit where a permit is the ground on which waste is taken."""

import pytest

from tests.support.records import found, records
from wastetrack.checks.rules.r16_permit import RULE

PERMIT = {"permit_id": "permit", "site_id": "another", "valid_from": "2025-01-01", "valid_to": "2026-12-31"}
ITEM = {"permit_id": "permit", "pattern": "HW08", "method": "R9"}
LOAD = {
    "manifest_id": "m",
    "receiver_site_id": "plant",
    "method": "R9",
    "filed_at": "2026-03-02 07:00",
    "departed_at": "2026-03-02 08:00",
    "received_at": "2026-03-02 12:00",
    "received_g": 990_000,
}


@pytest.mark.parametrize("basis", ["exempt", "point_to_point", "group_internal"])
def test_what_goes_on_another_ground_needs_no_permit(basis: str) -> None:
    extract = records(permits=[PERMIT], permit_items=[ITEM], manifests=[LOAD | {"basis": basis}])

    assert found(RULE, extract) == []


@pytest.mark.parametrize("basis", ["permit", None])
def test_what_goes_by_permit_needs_one_and_so_does_what_tells_nothing(basis: str | None) -> None:
    extract = records(permits=[PERMIT], permit_items=[ITEM], manifests=[LOAD | {"basis": basis}])

    assert len(found(RULE, extract)) == 1
