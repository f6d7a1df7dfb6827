"""R05 and Q05: what the gate scanned against what the manifest names, and what its scale says of the rest."""

from collections.abc import Mapping

import pytest

from tests.support.records import at, found, records
from wastetrack.checks.rules.q05_unread_labels import RULE as UNREAD
from wastetrack.checks.rules.r05_pieces import RULE

MANIFEST = {
    "manifest_id": "m",
    "carrier_id": "carrier",
    "receiver_site_id": "plant",
    "departed_at": "2026-03-02 08:00",
    "received_at": "2026-03-02 12:00",
}
DRUMS = [{"container_id": f"drum-{number}", "net_g": 200_000} for number in range(4)]
SCANNED = {"manifest_id": "m", "named": True, "outcome": "accepted", "scanned_at": "2026-03-02 11:50"}


def loads(*changes: Mapping[str, object]) -> list[dict[str, object]]:
    """One load for each drum, as the gate should see it, with changes."""
    return [{**SCANNED, "container_id": f"drum-{number}", **change} for number, change in enumerate(changes)]


def test_a_manifest_with_all_its_pieces_is_fine() -> None:
    assert (
        found(RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, {}, {}, {"outcome": "rejected"})))
        == []
    )


def test_a_piece_that_the_gate_calls_missing_is_the_carriers_to_explain() -> None:
    missing = {"outcome": "missing", "scanned_at": None}

    (finding,) = found(RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, missing, missing)))

    assert (finding["subject_id"], finding["party_id"], finding["severity"]) == ("m", "carrier", 3)
    assert (finding["missing"], finding["extra"], finding["at_risk_g"]) == (2, 0, 400_000)
    assert finding["found_at"] == at("2026-03-02 12:00")


def test_a_piece_that_no_scan_shows_is_missing_after_half_an_hour() -> None:
    unseen = {"outcome": None, "scanned_at": None}
    extract = records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, unseen))

    assert found(RULE, extract, "2026-03-02 12:29") == []
    (finding,) = found(RULE, extract, "2026-03-02 12:31")
    assert (finding["missing"], finding["container_id"]) == (1, "drum-1")


def test_a_gate_that_scans_nothing_misses_nothing() -> None:
    unseen = {"outcome": None, "scanned_at": None}

    assert found(RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads(unseen, unseen))) == []


def test_a_piece_that_nobody_named_is_extra() -> None:
    (finding,) = found(
        RULE, records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, {"named": False, "outcome": None}))
    )

    assert (finding["missing"], finding["extra"], finding["party_id"]) == (0, 1, "plant")
    assert finding["found_at"] == at("2026-03-02 11:50")


def test_three_tonnes_missing_are_referred() -> None:
    heavy = [{"container_id": "drum-0", "net_g": 3_000_000}]

    (finding,) = found(RULE, records(manifests=[MANIFEST], containers=heavy, loads=loads({"outcome": "missing"})))

    assert finding["severity"] == 4


WEIGHED = {"manifest_id": "m", "side": "receiver", "method": "truck_scale", "weighed_at": "2026-03-02 11:55"}
MISSING = {"outcome": "missing", "scanned_at": None}


def test_a_piece_whose_mass_came_was_not_scanned_and_is_the_gates_to_explain() -> None:
    manifest = MANIFEST | {"declared_g": 800_000, "received_g": 795_000}
    extract = records(
        manifests=[manifest],
        containers=DRUMS,
        loads=loads({}, {}, {}, MISSING),
        weighings=[WEIGHED | {"net_g": 795_000}],
    )

    assert found(RULE, extract) == []
    (finding,) = found(UNREAD, extract)
    assert (finding["subject_id"], finding["statistic"], finding["unscanned_g"]) == ("plant", 1, 200_000)


@pytest.mark.parametrize(
    ("received", "method"), [(600_000, "truck_scale"), (800_000, "count")], ids=["its mass lacks", "nobody weighed"]
)
def test_a_piece_whose_mass_did_not_come_or_that_nobody_weighed_is_missing(received: int, method: str) -> None:
    extract = records(
        manifests=[MANIFEST | {"declared_g": 800_000, "received_g": received}],
        containers=DRUMS,
        loads=loads({}, {}, {}, MISSING),
        weighings=[WEIGHED | {"net_g": received, "method": method}],
    )

    (finding,) = found(RULE, extract)

    assert (finding["missing"], finding["absent_g"]) == (1, 800_000 - received)
    assert found(UNREAD, extract) == []


def test_what_went_back_is_not_missing() -> None:
    manifest = MANIFEST | {"declared_g": 800_000, "received_g": 600_000, "rejected_g": 200_000}

    assert (
        found(
            RULE,
            records(manifests=[manifest], containers=DRUMS, loads=loads({}, {}, {}, MISSING), weighings=[WEIGHED]),
        )
        == []
    )


@pytest.mark.parametrize(
    ("place", "act", "missing"), [("plant", "stored", 0), ("elsewhere", "stored", 1), ("plant", "looked_at", 1)]
)
def test_a_piece_that_the_plant_reads_later_was_there(place: str, act: str, missing: int) -> None:
    scan = {"container_id": "drum-1", "site_id": place, "act": act, "scanned_at": "2026-03-02 16:00"}
    extract = records(manifests=[MANIFEST], containers=DRUMS, loads=loads({}, MISSING), scans=[scan])

    assert len(found(RULE, extract, "2026-03-02 15:00")) == 1
    assert len(found(RULE, extract)) == missing


def test_two_loads_that_exchanged_a_drum_on_the_way_lack_none() -> None:
    other = MANIFEST | {"manifest_id": "other"}
    here = [*loads({}, MISSING), SCANNED | {"container_id": "drum-2", "named": False, "outcome": "extra"}]
    there = [
        SCANNED | {"manifest_id": "other", "container_id": "drum-1", "named": False, "outcome": "extra"},
        SCANNED | {"manifest_id": "other", "container_id": "drum-2"} | MISSING,
        SCANNED | {"manifest_id": "other", "container_id": "drum-3"},
    ]

    assert found(RULE, records(manifests=[MANIFEST, other], containers=DRUMS, loads=[*here, *there])) == []


def test_a_label_that_two_gates_took_is_two_pieces() -> None:
    """That it was taken a month ago is no excuse for its absence now, and taken twice it is extra the second time."""
    earlier = MANIFEST | {
        "manifest_id": "earlier",
        "departed_at": "2026-02-02 08:00",
        "received_at": "2026-02-02 12:00",
    }
    taken = SCANNED | {"manifest_id": "earlier", "container_id": "drum-1", "scanned_at": "2026-02-02 11:50"}
    again = SCANNED | {"manifest_id": "twin", "container_id": "drum-2"}
    twin = MANIFEST | {"manifest_id": "twin"}
    extra = SCANNED | {"container_id": "drum-2", "named": False, "outcome": "extra"}

    extract = records(
        manifests=[MANIFEST, earlier, twin], containers=DRUMS, loads=[*loads({}, MISSING), extra, taken, again]
    )

    (finding,) = found(RULE, extract)
    assert (finding["subject_id"], finding["missing"], finding["extra"]) == ("m", 1, 1)
