"""R16: code, method and day within the receiver's permit."""

import csv

import pytest

from tests.support.records import at, found, records, told
from wastetrack.catalogues.loading import DATA
from wastetrack.checks.rules.q06_not_entered import RULE as NOT_ENTERED
from wastetrack.checks.rules.r16_permit import RULE, TREATING
from wastetrack.checks.running import Answer
from wastetrack.extracts.reading import Records

PERMIT = {"permit_id": "permit", "site_id": "plant", "valid_from": "2025-01-01", "valid_to": "2026-12-31"}
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


def test_a_load_within_the_permit_is_fine() -> None:
    assert found(RULE, records(permits=[PERMIT], permit_items=[ITEM], manifests=[LOAD])) == []


def test_a_permit_to_collect_allows_what_is_collected() -> None:
    extract = records(
        permits=[PERMIT | {"kind": "collection"}], permit_items=[ITEM | {"method": "C5"}],
        manifests=[LOAD | {"method": "C5"}],
    )  # fmt: skip

    assert found(RULE, extract) == []


@pytest.mark.parametrize(
    ("permit", "item", "load", "reason"),
    [
        ({}, {}, {"waste_code": "900-041-49"}, "code or method not in the permit"),
        ({}, {}, {"method": "D10"}, "code or method not in the permit"),
        ({}, {"pattern": "900-214-08"}, {}, "code or method not in the permit"),
        ({"valid_to": "2026-03-01"}, {}, {}, "not in force on the day"),
        ({"valid_from": "2026-03-03"}, {}, {}, "not in force on the day"),
        ({"suspended_from": "2026-03-02", "suspended_to": "2026-03-09"}, {}, {}, "not in force on the day"),
        ({"suspended_from": "2026-02-02"}, {}, {}, "not in force on the day"),
        ({"kind": "collection"}, {"method": "*"}, {}, "code or method not in the permit"),
        ({"site_id": "another"}, {}, {}, "no permit"),
    ],
    ids=["code", "method", "other code", "ended", "not begun", "suspended", "suspended for good", "collects", "none"],
)
def test_a_load_outside_the_permit_is_found_when_it_is_filed_or_leaves(
    permit: dict[str, object], item: dict[str, object], load: dict[str, object], reason: str
) -> None:
    (finding,) = found(RULE, records(permits=[PERMIT | permit], permit_items=[ITEM | item], manifests=[LOAD | load]))

    assert (finding["subject_id"], finding["party_id"], finding["severity"]) == ("m", "plant", 3)
    assert (finding["reason"], finding["at_risk_g"]) == (reason, 990_000)
    # What no permit allows on that day or a later one is known when it is filed.
    later = reason == "not in force on the day" and permit.get("valid_to") != "2026-03-01"
    assert finding["found_at"] == at("2026-03-02 08:00" if later else "2026-03-02 07:00")


@pytest.mark.parametrize(
    ("permit", "item", "load"),
    [
        ({}, {"pattern": "900-249-08"}, {}),
        ({}, {"method": "*"}, {"method": "D10"}),
        ({}, {}, {"method": None}),
        ({"suspended_from": "2026-02-02", "suspended_to": "2026-03-01"}, {}, {}),
        ({"kind": "collection"}, {"method": "*"}, {"method": "S"}),
        ({"kind": "collection"}, {"method": "*"}, {"method": "C5"}),
        ({"kind": "collection"}, {"method": "C3"}, {"method": "C3"}),
        ({}, {}, {"waste_code": "900-001-S17"}),
        ({"site_id": "another"}, {}, {"kind": "return"}),
        ({"site_id": "another"}, {}, {"received_g": 0}),
    ],
    ids=[
        "one code",
        "any method",
        "no method",
        "suspension over",
        "collects and stores",
        "collects by a code that is on no list",
        "collects and washes",
        "general waste",
        "return",
        "refused",
    ],
)
def test_what_the_permit_allows_or_does_not_concern_is_fine(
    permit: dict[str, object], item: dict[str, object], load: dict[str, object]
) -> None:
    assert found(RULE, records(permits=[PERMIT | permit], permit_items=[ITEM | item], manifests=[LOAD | load])) == []


def test_a_permit_that_ends_on_the_road_is_found_at_the_receipt() -> None:
    """Midnight in China is 16:00 UTC."""
    load = LOAD | {"departed_at": "2026-03-02 15:00", "received_at": "2026-03-02 17:00"}
    permit = PERMIT | {"valid_to": "2026-03-02"}

    (finding,) = found(RULE, records(permits=[permit], permit_items=[ITEM], manifests=[load]))

    assert (finding["found_at"], finding["used_on"]) == (at("2026-03-02 17:00"), "2026-03-03")


def test_a_second_permit_covers_what_the_first_does_not() -> None:
    permits = [PERMIT | {"valid_to": "2026-03-01"}, PERMIT | {"permit_id": "renewed", "valid_from": "2026-03-02"}]

    assert (
        found(RULE, records(permits=permits, permit_items=[ITEM, ITEM | {"permit_id": "renewed"}], manifests=[LOAD]))
        == []
    )


def test_without_permits_in_the_records_there_is_no_answer() -> None:
    assert told(RULE, records(manifests=[LOAD])).answer is Answer.NO_DATA


def test_a_method_treats_when_it_is_on_the_national_list() -> None:
    with (DATA / "cn_disposal_codes.csv").open(encoding="utf-8", newline="") as file:
        assert sorted(TREATING) == sorted(row["code"] for row in csv.DictReader(file))


def test_a_permit_that_lacks_for_every_fifth_load_of_many_plants_was_not_entered() -> None:
    def year(outside: int, plants: int = 5) -> Records:
        loads = [
            LOAD
            | {"manifest_id": f"m-{number}", "receiver_site_id": f"plant-{number % plants}"}
            | ({"waste_code": "900-041-49"} if number < outside else {})
            for number in range(200)
        ]
        ended = LOAD | {"manifest_id": "ended", "departed_at": "2026-07-02", "received_at": "2026-07-02"}
        permits = [
            PERMIT | {"valid_to": "2026-06-30"},
            *(PERMIT | {"permit_id": f"p-{one}", "site_id": f"plant-{one}"} for one in range(plants)),
        ]
        items = [ITEM | {"permit_id": permit["permit_id"]} for permit in permits]
        return records(permits=permits, permit_items=items, manifests=[*loads, ended])

    assert [row["subject_id"] for row in found(RULE, year(40))] == ["ended"]
    (finding,) = found(NOT_ENTERED, year(40))
    assert (finding["subject_id"], finding["loads"], finding["judged"]) == ("permit_items", 40, 201)
    # One in ten is still asked of whoever took it, and so are four plants that take what they may not.
    for extract, wrong in ((year(20), 21), (year(40, plants=4), 41)):
        assert len(found(RULE, extract)) == wrong
        assert found(NOT_ENTERED, extract) == []


def test_whose_own_permit_covers_the_rest_of_its_trade_is_asked_whoever_else_lacks_one() -> None:
    def taken(plant: str, number: int, **more: object) -> dict[str, object]:
        return LOAD | {"manifest_id": f"{plant}-{number}", "receiver_site_id": plant} | more

    collectors = [taken(f"collector-{number % 5}", number) for number in range(40)]
    plants = [taken("plant", number) for number in range(100)]
    wrong = [taken("plant", number, waste_code="900-300-34") for number in (100, 101)]
    permits = [
        PERMIT,
        *(PERMIT | {"permit_id": f"c-{one}", "site_id": f"collector-{one}", "kind": "collection"} for one in range(5)),
    ]
    items = [ITEM, *(ITEM | {"permit_id": f"c-{one}", "method": "*"} for one in range(5))]
    extract = records(permits=permits, permit_items=items, manifests=[*collectors, *plants, *wrong])

    # Collectors' loads tell how they are treated in the end, which no permit to collect allows: every fourth load.
    assert {row["subject_id"] for row in found(RULE, extract)} == {"plant-100", "plant-101"}
    (finding,) = found(NOT_ENTERED, extract)
    assert (finding["subject_id"], finding["loads"]) == ("permit_items", 42)
    # More than one in fifty of its own, and it is as little believed as the others; so is one with few loads.
    assert found(RULE, extract, own_share=0.019) == []
    assert found(RULE, extract, least_wrong=21, own_share=0.02) != []
